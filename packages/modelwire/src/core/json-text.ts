import { GatewayError } from './errors.ts';

export type Path = readonly (string | number)[];

/** JSON parsed once, with its source text kept: `raw` gives the text of a value exactly as it was written. */
export type JsonText = {
  readonly value: unknown;
  readonly text: string;
  /** The source text at the path; undefined when nothing is there. Of duplicate keys the last counts, as in `JSON.parse`. */
  raw(path: Path): string | undefined;
  /** Where that source text stands, without the white space around it. */
  span(path: Path): Span | undefined;
};

/** A stretch of a text, its end not included. */
export type Span = { readonly start: number; readonly end: number };

/** Deeper nesting than this is refused before it is parsed: printing it again would overflow the stack. */
export const maxJsonDepth = 256;

/** Where the children of a container stand: start and end of each in turn, and for an object the place of each key in that list. */
type Children = { readonly spans: readonly number[]; readonly keys: ReadonlyMap<string, number> | undefined };

const quote = 34;
const backslash = 92;
/** How many characters after an escaped quote are looked at one by one. */
const stretch = 64;

/** Parses text into a `JsonText`; throws `invalid_request` for what is not JSON or nests deeper than `maxJsonDepth`. */
export function parseJsonText(text: string): JsonText {
  if (exceedsDepth(text, maxJsonDepth)) {
    throw new GatewayError('invalid_request', `the body nests deeper than ${maxJsonDepth} levels`, { hint: 'Send a flatter body' });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new GatewayError('invalid_request', `the body is not valid JSON: ${syntaxMessage(cause)}`, { cause });
  }
  const known = new Map<number, Children>();
  const childrenOf = (start: number): Children => {
    const kept = known.get(start);
    if (kept !== undefined) return kept;
    const children = scanChildren(text, start);
    known.set(start, children);
    return children;
  };
  const span = (path: Path): Span | undefined => {
    let start = skipSpace(text, 0);
    let end = path.length === 0 ? text.trimEnd().length : text.length;
    for (const step of path) {
      const { spans, keys } = childrenOf(start);
      const place = typeof step === 'string' ? keys?.get(step) : keys === undefined ? step : undefined;
      const from = place === undefined ? undefined : spans[2 * place];
      const to = place === undefined ? undefined : spans[2 * place + 1];
      if (from === undefined || to === undefined) return undefined;
      start = from;
      end = to;
    }
    return { start, end };
  };
  return {
    value,
    text,
    span,
    raw(path) {
      const found = span(path);
      return found === undefined ? undefined : text.slice(found.start, found.end);
    },
  };
}

/** V8 repeats the input in its message; the caller's text must not reach a log through an error. */
function syntaxMessage(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : '';
  const position = /at position \d+( \(line \d+ column \d+\))?/.exec(message);
  if (position !== null) return `unexpected character ${position[0]}`;
  return message.startsWith('Unexpected end') ? 'it ends too early' : 'unexpected character';
}

/** Whether brackets nest deeper than `limit`, outside of strings. Linear, no recursion. */
export function exceedsDepth(text: string, limit: number): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === quote) i = stringEnd(text, i) - 1;
    else if (c === 123 || c === 91) {
      depth++;
      if (depth > limit) return true;
    } else if (c === 125 || c === 93) depth--;
  }
  return false;
}

/** Index after the closing quote of the string that opens at `start`; the text's length when it does not close. */
export function stringEnd(text: string, start: number): number {
  let from = start + 1;
  for (;;) {
    const end = text.indexOf('"', from);
    if (end === -1) return text.length;
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === backslash) slashes++;
    // A backslash run that reaches back to the opening quote is cut there: `start` itself is a quote.
    if (slashes % 2 === 0) return end + 1;
    from = end + 1;
    // Escaped quotes often stand close together: there a step per character is cheaper than a search per quote.
    for (const near = Math.min(from + stretch, text.length); from < near;) {
      const c = text.charCodeAt(from);
      if (c === quote) return from + 1;
      from += c === backslash ? 2 : 1;
    }
  }
}

function skipSpace(text: string, at: number): number {
  let i = at;
  while (i < text.length && text.charCodeAt(i) <= 32) i++;
  return i;
}

/** Index after the value that starts at `start`; somewhere at or before the text's end when the text is not valid JSON. */
export function valueEnd(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === quote) return stringEnd(text, start);
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === quote) i = stringEnd(text, i) - 1;
    else if (c === 123 || c === 91) depth++;
    else if (c === 125 || c === 93) {
      if (depth === 0) return i;
      depth--;
      if (depth === 0) return i + 1;
    } else if (depth === 0 && (c === 44 || c <= 32)) return i;
  }
  return text.length;
}

function scanChildren(text: string, start: number): Children {
  const spans: number[] = [];
  const open = text.charCodeAt(start);
  const keys = open === 123 ? new Map<string, number>() : undefined;
  if (open !== 123 && open !== 91) return { spans, keys };
  let i = skipSpace(text, start + 1);
  while (i < text.length && text.charCodeAt(i) !== 125 && text.charCodeAt(i) !== 93) {
    if (keys !== undefined) {
      const end = stringEnd(text, i);
      keys.set(keyText(text, i, end), spans.length / 2);
      i = skipSpace(text, skipSpace(text, end) + 1);
    }
    const end = valueEnd(text, i);
    spans.push(i, end);
    i = skipSpace(text, end);
    if (text.charCodeAt(i) === 44) i = skipSpace(text, i + 1);
  }
  return { spans, keys };
}

function keyText(text: string, start: number, end: number): string {
  const key = text.slice(start + 1, end - 1);
  return key.includes('\\') ? String(JSON.parse(`"${key}"`)) : key;
}

export type JsonObject = { readonly [key: string]: unknown };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether the text is one complete JSON object, followed by nothing but white space. */
export function isCompleteObject(text: string): boolean {
  const start = skipSpace(text, 0);
  if (text.charCodeAt(start) !== 123) return false;
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === quote) {
      const end = stringEnd(text, i);
      if (end === text.length && text.charCodeAt(end - 1) !== quote) return false;
      i = end - 1;
    } else if (c === 123 || c === 91) depth++;
    else if (c === 125 || c === 93) {
      depth--;
      if (depth === 0) return skipSpace(text, i + 1) === text.length;
    }
  }
  return false;
}
