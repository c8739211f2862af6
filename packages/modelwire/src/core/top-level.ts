import { hasMark, indexOfBytes, latin1, type Searchable, skipSpace, utf8Slice } from './bytes.ts';
import { GatewayError } from './errors.ts';
import type { TopLevelEdit } from './dialect.ts';
import { maxJsonDepth } from './json-text.ts';
import { sealNeedle } from './seal.ts';

/** One field of the request's top level: where its key and its value stand in the bytes. */
export type Field = {
  readonly key: string;
  readonly keyStart: number;
  readonly start: number;
  readonly end: number;
};

/**
 * The top level of a JSON object in bytes, found without parsing what is below: strings are hopped over, nesting is counted. A body of
 * megabytes costs microseconds, and its bytes can be passed on untouched.
 */
export type TopLevel = Searchable & {
  readonly fields: readonly Field[];
  /** Position of the object's closing brace. */
  readonly close: number;
  /** Whether a string in it, however deep, is under our seal. */
  readonly sealed: boolean;
  /**
   * Whether every string under a key `name` (a tool's, a call's) and every one that says which call a result answers fits the rule.
   * More is looked at than tools and calls: a name in a schema's default, say. `within`: only in the value of this field.
   */
  fits(rule: NamingRule, within?: string): boolean;
  field(key: string): Field | undefined;
  has(key: string): boolean;
  /** The value's source text; undefined when absent. */
  raw(key: string): string | undefined;
  /** The parsed value; undefined when absent or when it is longer than 4 KiB (no check needs such a value). */
  value(key: string): unknown;
};

/** The names of tools and the ids of calls that a format takes. */
export type NamingRule = { readonly names?: RegExp; readonly ids?: RegExp };

/** The bytes, and the same as one-byte text where they are few: searching and cutting text needs no call into native code. */
type Source = {
  readonly bytes: Uint8Array;
  readonly text: string | undefined;
  /** A string under our seal has been met. */
  sealed: boolean;
  /** Where the keys stand that have a name or the id of a call. */
  readonly named: number[];
};

const quote = 34;
const backslash = 92;
/** How many bytes after an escaped quote are looked at one by one. */
const stretch = 64;
const smallValue = 4096;
const mostFields = 1000;
const smallBody = 16 * 1024;

/** The text of bytes that are ASCII. */
function cut({ bytes, text }: Source, start: number, end: number): string {
  return text === undefined ? utf8Slice(bytes, start, end) : text.slice(start, end);
}

function bad(reason: string): GatewayError {
  return new GatewayError('invalid_request', `the body is not valid JSON: ${reason}`, { hint: 'Send one JSON object' });
}

/** Scans the top level; throws `invalid_request` when the bytes are not one JSON object as far as the scan can see. */
export function scanTopLevel(bytes: Uint8Array): TopLevel {
  const source: Source = { bytes, text: bytes.length > smallBody ? undefined : latin1(bytes), sealed: false, named: [] };
  const fields = new Map<string, Field>();
  let i = skipSpace(bytes, hasMark(bytes) ? 3 : 0);
  if (i >= bytes.length) throw bad('it is empty');
  if (bytes[i] !== 123) throw bad('the top level is not an object');
  i = skipSpace(bytes, i + 1);
  while (bytes[i] !== 125) {
    if (bytes[i] !== quote) throw bad(i >= bytes.length ? 'it ends too early' : `unexpected character at byte ${i}`);
    const keyStart = i;
    const keyEnd = stringEnd(source, i);
    i = skipSpace(bytes, keyEnd);
    if (bytes[i] !== 58) throw bad(i >= bytes.length ? 'it ends too early' : `':' expected at byte ${i}`);
    const start = skipSpace(bytes, i + 1);
    const end = valueEnd(source, start);
    const key = keyText(source, keyStart, keyEnd);
    // Another reader may take the first of two: what is authorised and what is sent must be the same value.
    if (fields.has(key)) throw new GatewayError('invalid_request', `"${key}" stands twice in the body`, { param: key });
    if (fields.size === mostFields)
      throw new GatewayError('invalid_request', `the body has more than ${mostFields} fields at its top level`, {
        hint: 'Send only the fields that are needed',
      });
    fields.set(key, { key, keyStart, start, end });
    i = skipSpace(bytes, end);
    if (bytes[i] === 44) {
      i = skipSpace(bytes, i + 1);
      if (bytes[i] === 125) throw bad(`unexpected character at byte ${i}`);
    } else if (bytes[i] !== 125) throw bad(i >= bytes.length ? 'it ends too early' : `unexpected character at byte ${i}`);
  }
  if (skipSpace(bytes, i + 1) !== bytes.length) throw bad(`more text after the object, at byte ${i + 1}`);
  return topLevelOf(source, fields, i);
}

function topLevelOf(source: Source, byKey: ReadonlyMap<string, Field>, close: number): TopLevel {
  const { bytes, text } = source;
  let parsed: Map<string, unknown> | undefined;
  return {
    bytes,
    fields: [...byKey.values()],
    close,
    sealed: source.sealed,
    fits(rule, within) {
      const field = within === undefined ? undefined : byKey.get(within);
      if (within !== undefined && field === undefined) return true;
      const isOutside = (at: number): boolean => field !== undefined && (at < field.start || at >= field.end);
      return source.named.every((at) => isOutside(at) || isFitting(source, at, rule));
    },
    indexOf: (needle, from) => (text === undefined ? indexOfBytes(bytes, needle, from) : text.indexOf(needle, from)),
    field: (key) => byKey.get(key),
    has: (key) => byKey.has(key),
    raw(key) {
      const field = byKey.get(key);
      return field === undefined ? undefined : utf8Slice(bytes, field.start, field.end);
    },
    value(key) {
      const field = byKey.get(key);
      if (field === undefined || field.end - field.start > smallValue) return undefined;
      const first = bytes[field.start];
      if (first !== 123 && first !== 91) return first === quote ? stringValue(source, field) : literalValue(cut(source, field.start, field.end));
      if (parsed?.has(key) === true) return parsed.get(key);
      parsed ??= new Map();
      const value = parseValue(utf8Slice(bytes, field.start, field.end), key);
      parsed.set(key, value);
      return value;
    },
  };
}

function stringValue(source: Source, { key, start, end }: Field): unknown {
  if (isPlain(source.bytes, start + 1, end - 1)) return cut(source, start + 1, end - 1);
  return parseValue(utf8Slice(source.bytes, start, end), key);
}

/** The scan has seen that it is one. */
function literalValue(text: string): unknown {
  if (text === 'null') return null;
  return text === 'true' || (text === 'false' ? false : Number(text));
}

function parseValue(text: string, key: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new GatewayError('invalid_request', `the value of "${key}" is not valid JSON`, { param: key, cause });
  }
}

function keyText(source: Source, start: number, end: number): string {
  if (isPlain(source.bytes, start + 1, end - 1)) return cut(source, start + 1, end - 1);
  const raw = utf8Slice(source.bytes, start, end);
  return raw.includes('\\') ? String(parseValue(raw, 'key')) : raw.slice(1, -1);
}

/** Whether the bytes are ASCII that stands for itself in a JSON string. */
function isPlain(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const c = bytes[i];
    if (c === undefined || c < 32 || c > 126 || c === backslash) return false;
  }
  return true;
}

function stringEnd(source: Source, start: number): number {
  const { bytes, text } = source;
  let from = start + 1;
  if (bytes[from] === sealStart && isSealed(bytes, start)) source.sealed = true;
  for (;;) {
    const end = text === undefined ? bytes.indexOf(quote, from) : text.indexOf('"', from);
    if (end === -1) throw bad('a string does not end');
    let slashes = 0;
    while (bytes[end - 1 - slashes] === backslash) slashes++;
    if (slashes % 2 === 0) return end + 1;
    from = end + 1;
    // Escaped quotes often stand close together: there a step per byte is cheaper than a search per quote.
    for (const near = Math.min(from + stretch, bytes.length); from < near;) {
      const c = bytes[from];
      if (c === quote) return from + 1;
      from += c === backslash ? 2 : 1;
    }
  }
}

const sealStart = sealNeedle.charCodeAt(1);

function isSealed(bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < sealNeedle.length; i++) if (bytes[start + i] !== sealNeedle.charCodeAt(i)) return false;
  return true;
}

function valueEnd(source: Source, start: number): number {
  const { bytes } = source;
  const first = bytes[start];
  if (first === undefined) throw bad('it ends too early');
  if (first === quote) return stringEnd(source, start);
  if (first === 123 || first === 91) return containerEnd(source, start);
  let i = start;
  for (;;) {
    const c = bytes[i];
    if (c === undefined) throw bad('it ends too early');
    if (c === 44 || c === 125 || c === 32 || c === 10 || c === 13 || c === 9) break;
    i++;
  }
  if (i === start) throw bad(`unexpected character at byte ${start}`);
  const literal = cut(source, start, i);
  if (literal !== 'true' && literal !== 'false' && literal !== 'null' && !number.test(literal)) throw bad(`unexpected character at byte ${start}`);
  return i;
}

const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

function containerEnd(source: Source, start: number): number {
  const { bytes } = source;
  // The kinds of the open brackets as a stack of bits would be exact; depth alone is enough to find the end of well-formed JSON, and
  // what is not well-formed below the top level is the provider's to refuse.
  let depth = 0;
  let i = start;
  while (i < bytes.length) {
    const c = bytes[i];
    if (c === quote) {
      const end = stringEnd(source, i);
      if (mayName(bytes, i, end)) source.named.push(i);
      i = end;
      continue;
    }
    if (c === 123 || c === 91) {
      depth++;
      if (depth > maxJsonDepth) throw new GatewayError('invalid_request', `the body nests deeper than ${maxJsonDepth} levels`, { hint: 'Send a flatter body' });
    } else if (c === 125 || c === 93) {
      depth--;
      if (depth === 0) return i + 1;
    }
    i++;
  }
  throw bad('it ends too early');
}

const nameKeys: readonly string[] = ['"name"'];
const idKeys: readonly string[] = ['"tool_call_id"', '"tool_use_id"', '"toolUseId"', '"call_id"'];
const lengths = [...nameKeys, ...idKeys].map((key) => key.length);
const starts = [...nameKeys, ...idKeys].map((key) => startOf(key.charCodeAt(1), key.charCodeAt(2)));

function startOf(first = 0, second = 0): number {
  return first * 256 + second;
}

/** A cheap look at what may be one of the keys: most strings are of another length, or are no key. */
function mayName(bytes: Uint8Array, start: number, end: number): boolean {
  if (!lengths.includes(end - start)) return false;
  return starts.includes(startOf(bytes[start + 1], bytes[start + 2])) && bytes[skipSpace(bytes, end)] === 58;
}

function isFitting(source: Source, at: number, { names, ids }: NamingRule): boolean {
  const { bytes } = source;
  const end = stringEnd(source, at);
  const key = cut(source, at, end);
  const rule = nameKeys.includes(key) ? names : idKeys.includes(key) ? ids : undefined;
  const start = skipSpace(bytes, skipSpace(bytes, end) + 1);
  if (rule === undefined || bytes[start] !== quote) return true;
  return rule.test(utf8Slice(bytes, start + 1, stringEnd(source, start) - 1));
}

/** The body with the edits spliced in: untouched stretches are views of the same bytes, in order. */
export function spliceTopLevel(top: TopLevel, edits: readonly TopLevelEdit[]): (Uint8Array | string)[] {
  if (edits.length === 0) return [top.bytes];
  const cuts: { start: number; end: number; text: string }[] = [];
  const added: string[] = [];
  const isRemoved = (key: string): boolean => edits.some((edit) => edit.kind === 'remove' && edit.key === key);
  for (const edit of edits) {
    const field = top.field(edit.key);
    if (field === undefined) {
      if (edit.kind === 'set') added.push(`${JSON.stringify(edit.key)}:${edit.raw}`);
    } else if (edit.kind === 'set') cuts.push({ start: field.start, end: field.end, text: edit.raw });
    else if (edit.kind === 'rename') cuts.push({ start: field.keyStart, end: bytesAfterKey(top.bytes, field), text: JSON.stringify(edit.to) });
    else cuts.push(removal(top, field, isRemoved));
  }
  if (added.length > 0) {
    const left = top.fields.length - cuts.filter((cut) => cut.text === '').length;
    cuts.push({ start: top.close, end: top.close, text: (left > 0 ? ',' : '') + added.join(',') });
  }
  return splice(top.bytes, cuts);
}

function bytesAfterKey(bytes: Uint8Array, field: Field): number {
  return stringEnd({ bytes, text: undefined, sealed: false, named: [] }, field.keyStart);
}

/** A field goes with the comma after it; when none that stays comes after it, with the one after the last that stays before it. */
function removal(top: TopLevel, field: Field, isRemoved: (key: string) => boolean): { start: number; end: number; text: string } {
  const stays = ({ key }: Field): boolean => !isRemoved(key);
  const index = top.fields.indexOf(field);
  const next = top.fields[index + 1];
  if (next !== undefined && top.fields.slice(index + 1).some(stays)) return { start: field.keyStart, end: next.keyStart, text: '' };
  const before = top.fields.slice(0, index).findLast(stays);
  return { start: before?.end ?? top.fields[0]?.keyStart ?? field.keyStart, end: field.end, text: '' };
}

function splice(bytes: Uint8Array, cuts: { start: number; end: number; text: string }[]): (Uint8Array | string)[] {
  cuts.sort((a, b) => a.start - b.start);
  const parts: (Uint8Array | string)[] = [];
  let at = 0;
  for (const cut of cuts) {
    // Removals at the end of the object all begin after the last field that stays.
    if (cut.start > at) parts.push(bytes.subarray(at, cut.start));
    if (cut.text !== '') parts.push(cut.text);
    at = Math.max(at, cut.end);
  }
  if (at < bytes.length) parts.push(bytes.subarray(at));
  return parts;
}
