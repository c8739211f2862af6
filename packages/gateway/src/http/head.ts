import type { HeaderMap } from 'modelwire/internal/core/dialect';

/**
 * The head of an HTTP/1.1 message (RFC 9112), read strictly: what two readers could understand in two ways is refused, not guessed.
 * Lines end with CR LF and nothing else, names are tokens, values hold no control characters, no line is folded, and what frames the body
 * (`content-length`, `transfer-encoding`) stands at most once and never together.
 */

/** Bytes that are no legal HTTP/1.1. `status` is what a server answers it with. */
export class HttpSyntaxError extends Error {
  override readonly name = 'HttpSyntaxError';
  readonly status: number;
  constructor(message: string, status = 400) {
    super(message);
    this.status = status;
  }
}

/** Longest head that is read, request and response alike, and most fields in it. */
export const longestHead = 64 * 1024;
const mostFields = 100;

/** How a body's end is found. */
export type BodyFraming =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' }
  /** A response that lasts until its connection ends. */
  | { readonly kind: 'close' };

export type Version = '1.0' | '1.1';

export type RequestHead = { readonly method: string; readonly target: string; readonly version: Version; readonly headers: HeaderMap };

export type ResponseHead = { readonly status: number; readonly version: Version; readonly headers: HeaderMap };

/** Index just behind the empty line that ends a head; -1 when it has not come. */
export function headEnd(bytes: Buffer, from: number): number {
  const end = bytes.indexOf('\r\n\r\n', from, 'latin1');
  return end === -1 ? -1 : end + 4;
}

/** A line that ends with LF or CR alone makes no head, and the end of one would never come. */
export function refuseBareLines(bytes: Buffer, from: number): void {
  for (let at = bytes.indexOf(10, from); at !== -1; at = bytes.indexOf(10, at + 1)) {
    if (bytes[at - 1] !== 13) throw new HttpSyntaxError('a line of the head does not end with CR LF');
  }
  for (let at = bytes.indexOf(13, from); at !== -1 && at + 1 < bytes.length; at = bytes.indexOf(13, at + 1)) {
    if (bytes[at + 1] !== 10) throw new HttpSyntaxError('a line of the head does not end with CR LF');
  }
}

/** Whether bytes that are not a whole head yet can become that of a request: nobody need wait for the rest of what is no HTTP. */
export function beginsRequest(bytes: Uint8Array): boolean {
  let i = 0;
  while (bytes[i] === 13 || bytes[i] === 10) i++;
  for (const start = i; i < bytes.length; i++) {
    const c = bytes[i] ?? 0;
    if (c === 32) return i > start;
    if (((c < 65 || c > 90) && c !== 45) || i - start >= longestMethod) return false;
  }
  return true;
}

const longestMethod = 20;
const illegal = /[^\t\r\n\x20-\x7e\x80-\xff]|\r(?!\n)/;

/** `text` is the head in latin1, from its first line to the last line's end, without the empty line. */
export function parseRequestHead(text: string): RequestHead {
  if (illegal.test(text)) throw new HttpSyntaxError('a control character stands in the head');
  const end = text.indexOf('\r\n');
  const line = text.slice(0, end);
  const first = line.indexOf(' ');
  const last = line.lastIndexOf(' ');
  const method = line.slice(0, first);
  const target = line.slice(first + 1, last);
  if (!isMethod(method)) throw new HttpSyntaxError('the request line has no method');
  if (!isTarget(target)) throw new HttpSyntaxError('the request line has no legal target');
  return { method, target, version: versionOf(line.slice(last + 1)), headers: parseFields(text, end + 2) };
}

export function parseResponseHead(text: string): ResponseHead {
  if (illegal.test(text)) throw new HttpSyntaxError('a control character stands in the head');
  const end = text.indexOf('\r\n');
  const line = text.slice(0, end);
  const digits = line.slice(9, 12);
  if (line.charCodeAt(8) !== 32 || !/^[1-5]\d\d$/.test(digits) || (line.length > 12 && line.charCodeAt(12) !== 32) || line.includes('\n'))
    throw new HttpSyntaxError('the status line is not legal');
  return { status: Number(digits), version: versionOf(line.slice(0, 8)), headers: parseFields(text, end + 2) };
}

function isMethod(text: string): boolean {
  if (text === 'POST' || text === 'GET') return true;
  // What follows a CONNECT may be no HTTP, and this is no proxy.
  return text !== 'CONNECT' && /^[A-Z][A-Z-]{0,19}$/.test(text);
}

const absolute = /^https?:\/\/[\w.~:[\]-]+(?:[/?]|$)/i;

/** A path, `*`, or an absolute URL, in visible ASCII. */
function isTarget(text: string): boolean {
  if (text.charCodeAt(0) !== 47 && text !== '*' && !absolute.test(text)) return false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c <= 32 || c >= 127) return false;
  }
  return true;
}

function versionOf(text: string): Version {
  if (text === 'HTTP/1.1') return '1.1';
  if (text === 'HTTP/1.0') return '1.0';
  if (/^HTTP\/\d\.\d$/.test(text)) throw new HttpSyntaxError('the HTTP version is not 1.0 or 1.1', 505);
  throw new HttpSyntaxError('the first line is not that of HTTP');
}

/** Where only one value can be meant, the first stands (what is said twice may not frame the message or name its host). */
const single = new Set([
  'authorization',
  'content-type',
  'user-agent',
  'retry-after',
  'date',
  'location',
  'server',
  'etag',
  'expires',
  'last-modified',
  'referer',
]);
const framing = new Set(['content-length', 'transfer-encoding', 'host']);

/** The fields from `from` to the end of the text. Repeated ones are joined with a comma; `set-cookie` is nobody's business here. */
function parseFields(text: string, from: number): HeaderMap {
  const headers: Record<string, string> = {};
  let count = 0;
  for (let start = from; start < text.length;) {
    const end = text.indexOf('\n', start) - 1;
    if (text.charCodeAt(end) !== 13) throw new HttpSyntaxError('a line of the head does not end with CR LF');
    const colon = text.indexOf(':', start);
    if (colon === -1 || colon > end) throw new HttpSyntaxError('a line of the head has no colon');
    if (++count > mostFields) throw new HttpSyntaxError(`the head has more than ${mostFields} fields`, 431);
    const name = fieldName(text.slice(start, colon));
    const value = trimmed(text, colon + 1, end);
    // Some readers take the tab for a part of the coding, and so see no body.
    if (name === 'transfer-encoding' && text.charCodeAt(end - 1) === 9) throw new HttpSyntaxError('the transfer-encoding is not plain chunked');
    // A plain object has a `constructor` before any field says so.
    const before: unknown = headers[name];
    if (typeof before !== 'string') {
      if (name !== 'set-cookie') headers[name] = value;
    } else if (framing.has(name)) throw new HttpSyntaxError(`${name} stands twice in the head`);
    else if (!single.has(name)) headers[name] = before + (name === 'cookie' ? '; ' : ', ') + value;
    start = end + 2;
  }
  return headers;
}

/** Names as they were written, checked once: the few that a client sends come again with every request. */
const knownNames = new Map<string, string>();
const mostKnown = 1000;

const tokenBytes = new Uint8Array(256);
for (const char of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") tokenBytes[char.charCodeAt(0)] = 1;

/** Whether a byte may stand in a name. */
export function isTokenByte(byte: number): boolean {
  return tokenBytes[byte] === 1;
}

function fieldName(written: string): string {
  const known = knownNames.get(written);
  if (known !== undefined) return known;
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(written)) throw new HttpSyntaxError('a name in the head is not legal');
  // A copy: what is cut out of a head keeps the whole of it in memory.
  const kept = Buffer.from(written, 'latin1').toString('latin1');
  const name = kept.toLowerCase();
  // Setting it on a plain object would not do what it says.
  if (name === '__proto__') throw new HttpSyntaxError('a name in the head is not legal');
  if (knownNames.size < mostKnown && kept.length <= 64) knownNames.set(kept, name);
  return name;
}

function trimmed(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

const noBody: BodyFraming = { kind: 'none' };
const chunkedBody: BodyFraming = { kind: 'chunked' };

/** The framing that the fields declare; undefined when they declare none. */
function declaredFraming(headers: HeaderMap, version: Version): BodyFraming | undefined {
  const coding = headers['transfer-encoding'];
  const length = headers['content-length'];
  if (coding !== undefined) {
    if (length !== undefined) throw new HttpSyntaxError('content-length and transfer-encoding stand together');
    if (version !== '1.1' || coding.toLowerCase() !== 'chunked') throw new HttpSyntaxError('the transfer-encoding is not plain chunked');
    return chunkedBody;
  }
  if (length === undefined) return undefined;
  if (!/^\d{1,15}$/.test(length)) throw new HttpSyntaxError('the content-length is not a number');
  const bytes = Number(length);
  return bytes === 0 ? noBody : { kind: 'length', length: bytes };
}

export function requestFraming({ headers, version }: RequestHead): BodyFraming {
  return declaredFraming(headers, version) ?? noBody;
}

/** Of a response to GET or POST. */
export function responseFraming({ headers, version, status }: ResponseHead): BodyFraming {
  const declared = declaredFraming(headers, version);
  return status < 200 || status === 204 || status === 304 ? noBody : (declared ?? { kind: 'close' });
}

/** Whether the connection may carry another message after this one. */
export function keepsAlive({ headers, version }: { readonly headers: HeaderMap; readonly version: Version }): boolean {
  const connection = headers['connection'];
  if (connection === undefined) return version === '1.1';
  if (connection === 'keep-alive') return true;
  const options = connection
    .toLowerCase()
    .split(',')
    .map((option) => option.trim());
  return version === '1.1' ? !options.includes('close') : options.includes('keep-alive') && !options.includes('close');
}

const unsendable = /[^\t\x20-\x7e\x80-\xff]/;

/** What the engine says itself: a second one would contradict it. */
const ownNames = new Set(['host', 'connection', 'content-length', 'transfer-encoding']);

/** Names that may be written, each checked once: there are few, and none is a caller's. */
const sendable = new Set<string>();

/** A field as a line. What would end its line, and so could add another, is refused. */
export function fieldLine(name: string, value: string): string {
  if (!sendable.has(name)) {
    if (ownNames.has(fieldName(name))) throw new HttpSyntaxError(`${name} is not for the sender of a message to set`);
    if (sendable.size < mostKnown) sendable.add(name);
  }
  if (unsendable.test(value)) throw new HttpSyntaxError(`the value of ${name} cannot stand in a head`);
  return `${name}: ${value}\r\n`;
}
