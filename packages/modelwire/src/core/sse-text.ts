import { joinChunks } from './body.ts';
import { GatewayError } from './errors.ts';
import type { Chunk } from './pump.ts';

/** SSE events as bytes and one-byte text, for looking at a stream without decoding it. */

/** What is kept of a read, in one piece; undefined when nothing is. */
export function joined(kept: Uint8Array[] | undefined, last: Uint8Array, text = ''): Chunk | undefined {
  const parts = kept ?? [];
  if (last.length > 0) parts.push(last);
  if (text !== '') parts.push(new TextEncoder().encode(text));
  const only = parts[0];
  if (only === undefined) return undefined;
  return parts.length === 1
    ? only
    : joinChunks(
        parts,
        parts.reduce((sum, part) => sum + part.length, 0),
      );
}

const utf8 = new TextDecoder();

/** Index after the blank line that ends the event starting at `from`; the text's length when none does. */
export function plainEventEnd(text: string, from: number): number {
  const end = text.indexOf('\n\n', from);
  return end === -1 ? text.length : end + 2;
}

/** The same where lines may end in CR. */
export function eventEnd(text: string, from: number): number {
  blankLine.lastIndex = from;
  return blankLine.exec(text) === null ? text.length : blankLine.lastIndex;
}

const blankLine = /(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r(?!\n))/g;

/** Index after the last blank line; 0 when there is none. A line ends in LF, CR, or both. */
function lastEventEnd(bytes: Uint8Array): number {
  const hasCr = bytes.includes(13);
  for (let i = bytes.length - 1; i > 0; i--) {
    if (!hasCr) i = bytes.lastIndexOf(10, i);
    if (i <= 0) return 0;
    const c = bytes[i];
    if (c !== 10 && (c !== 13 || bytes[i + 1] === 10)) continue;
    const before = bytes[c === 10 && bytes[i - 1] === 13 ? i - 2 : i - 1];
    // After LF a CR at the end of a read is most likely half of a CRLF: its other half is waited for.
    if (before === 13 || (before === 10 && (c === 10 || i + 1 < bytes.length))) return i + 1;
  }
  return 0;
}

/** An event longer than this ends the stream: memory stays bounded under an endless line. */
const longestEvent = 16 * 1024 * 1024;

/** Gathers reads until they hold whole events. A long event is looked through once, not once a read. */
export function createEventBuffer(provider: string): { push(bytes: Uint8Array): Uint8Array | undefined } {
  let pieces: Uint8Array[] = [];
  let length = 0;
  /** The last bytes of the pieces: a blank line may stand on the border of two reads. */
  let edge = new Uint8Array(0);
  const keep = (bytes: Uint8Array): void => {
    pieces.push(bytes);
    length += bytes.length;
    edge = lastBytes(edge, bytes);
    if (length > longestEvent) throw new GatewayError('upstream_invalid_response', `${provider}: an event of the stream is longer than ${longestEvent} bytes`);
  };
  const take = (bytes: Uint8Array, end: number): Uint8Array => {
    const whole = pieces.length === 0 ? bytes.subarray(0, end) : joinChunks([...pieces, bytes.subarray(0, end)], length + end);
    pieces = [];
    length = 0;
    edge = new Uint8Array(0);
    if (end < bytes.length) keep(bytes.subarray(end));
    return whole;
  };
  return {
    push(bytes) {
      const end = lastEventEnd(bytes);
      if (end > 0) return take(bytes, end);
      if (edge.length > 0) {
        const border = lastEventEnd(joinChunks([edge, bytes.subarray(0, 3)], edge.length + Math.min(bytes.length, 3)));
        if (border > edge.length) return take(bytes, border - edge.length);
      }
      keep(bytes);
      return undefined;
    },
  };
}

function lastBytes(before: Uint8Array, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes.length >= 3 ? bytes.subarray(-3) : joinChunks([before, bytes], before.length + bytes.length).subarray(-3));
}

/** The data of an event as JSON. Not legal: it is none, or the event holds what is no field or comment of the format (a web page). */
export type EventData = { readonly isLegal: boolean; /** Undefined where there is none. */ readonly value: unknown };

const noData: EventData = { isLegal: true, value: undefined };
const illegal: EventData = { isLegal: false, value: undefined };

export function readEvent(event: string): EventData {
  const data = plainData(event) ?? joinedData(event);
  if (data === undefined) return illegal;
  try {
    return data.trim() === '' ? noData : { isLegal: true, value: JSON.parse(data) };
  } catch {
    return illegal;
  }
}

/** The data of an event as nearly all are: one line of it, with or without a name before, ended by LF. */
function plainData(event: string): string | undefined {
  const at = event.startsWith('event:') ? event.indexOf('\n') + 1 : 0;
  if (!event.startsWith('data:', at) || event.includes('\r')) return undefined;
  const end = event.indexOf('\n', at);
  return end === event.length - 2 && event.endsWith('\n') ? event.slice(at + 5, end) : undefined;
}

const knownLine = /^(?::|data|event|id|retry|$)/;

/** The same of any event; undefined when a line is none of the format. */
function joinedData(event: string): string | undefined {
  const lines = event.split(/\r\n|\n|\r/);
  if (!lines.every((line) => knownLine.test(line))) return undefined;
  return lines
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5))
    .join('\n');
}

/** The data of one event as text. */
export function dataOf(bytes: Uint8Array): string {
  return utf8
    .decode(bytes)
    .split(/\r\n|\n|\r/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5).trimStart())
    .join('\n');
}

const dataLine = /(^|\r\n|\n|\r)(data:[ ]?)([^\r\n]*)/g;

/** The event with other data, its other lines as they are; `change` gives undefined to leave it as it is. */
export function withData(event: string, change: (data: string) => string | undefined): string | undefined {
  const data = change([...event.matchAll(dataLine)].map(([, , , line]) => line).join('\n'));
  if (data === undefined) return undefined;
  let isFirst = true;
  return event.replace(dataLine, (_line, eol: string, name: string) => {
    const line = isFirst ? `${eol}${name}${data.replaceAll('\n', ' ')}` : '';
    isFirst = false;
    return line;
  });
}
