import { stringEnd } from './json-text.ts';

/**
 * Most events of a stream differ from the one before in a single JSON string: the piece of text. Once two of them have been parsed, the
 * place of that string is known, and the next is read by what stands around it, for a twentieth of the cost of parsing it.
 *
 * Why this is exact: the two texts differ, and so does one string of the two events, a value, and nothing else; so that string is the
 * text. An event of the same shape therefore means the same as the last one parsed, but for its text.
 */
export type TextSlot = {
  /** The text of an event that is like the last one learnt from in all but its text; undefined when it is not. Never empty. */
  read(data: string): string | undefined;
  /** An event that was parsed and brought this text and nothing else that is new. */
  learn(data: string, text: string): void;
  /** An event of another kind passed: the next one is parsed, whatever it looks like. */
  forget(): void;
};

/** `numberedHead` stands before a number that each event has of its own and nobody reads, `head` after it. */
type Shape = { readonly numberedHead: string | undefined; readonly head: string; readonly tail: string; readonly padded: boolean };

/** What a JSON string cannot hold as it is, and what begins an escape. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const unplain = /[\u0000-\u001f\\]/;

/** OpenAI pads its events to hide the length of the text: the last field of the event, which nobody reads. */
const padding = '"obfuscation":"';
const padded = /"obfuscation":"[ !#-[\]-~]*"\}$/;
const paddingEnd = /^[ !#-[\]-~]*"\}$/;

/** `numbers`: a key with its colon, under which events are numbered. With its quotes it stands in no JSON string. */
export function createTextSlot(numbers?: string): TextSlot {
  let last = { data: '', text: '' };
  let shape: Shape | undefined;
  return {
    read: (data) => (shape === undefined ? undefined : textIn(data, shape)),
    learn(data, text) {
      const bare = numbers === undefined ? data : withoutNumber(data, numbers);
      const common = last.text === text ? undefined : commonShape(last.data, bare);
      shape = common === undefined || numbers === undefined ? common : numberedShape(common, numbers);
      last = { data: bare, text };
    },
    forget() {
      shape = undefined;
    },
  };
}

function withoutNumber(data: string, key: string): string {
  const start = data.indexOf(key) + key.length;
  return start < key.length ? data : data.slice(0, start) + data.slice(digitsEnd(data, start));
}

function digitsEnd(data: string, start: number): number {
  let end = start;
  while (data.charCodeAt(end) >= 48 && data.charCodeAt(end) <= 57) end++;
  return end;
}

/** Where the number stands; undefined when it stands behind the text. */
function numberedShape(shape: Shape, key: string): Shape | undefined {
  const start = shape.head.indexOf(key) + key.length;
  if (start < key.length) return shape.tail.includes(key) ? undefined : shape;
  return { ...shape, numberedHead: shape.head.slice(0, start), head: shape.head.slice(start) };
}

function textIn(data: string, { numberedHead, head, tail, padded: isPadded }: Shape): string | undefined {
  let from = 0;
  if (numberedHead !== undefined) {
    if (data.slice(0, numberedHead.length) !== numberedHead) return undefined;
    from = digitsEnd(data, numberedHead.length);
  }
  const start = from + head.length;
  // A slice compared is a comparison of memory; `startsWith` goes character by character.
  if (data.slice(from, start) !== head) return undefined;
  let close = data.indexOf('"', start);
  if (close === -1) return undefined;
  let text: string | undefined = data.slice(start, close);
  if (unplain.test(text)) {
    close = stringEnd(data, start - 1) - 1;
    text = parseString(data.slice(start - 1, close + 1));
  }
  if (text === undefined || text === '') return undefined;
  if (!isPadded) return data.slice(close) === tail ? text : undefined;
  const rest = close + tail.length;
  return data.slice(close, rest) === tail && paddingEnd.test(data.slice(rest)) ? text : undefined;
}

function parseString(literal: string): string | undefined {
  try {
    const value: unknown = JSON.parse(literal);
    return typeof value === 'string' ? value : undefined;
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

/** What stands around the one string in which two events differ; undefined when they differ elsewhere. */
function commonShape(one: string, other: string): Shape | undefined {
  const open = openingQuote(one, other);
  if (open === -1 || !isValue(other, open)) return undefined;
  const head = other.slice(0, open + 1);
  const tail = other.slice(stringEnd(other, open) - 1);
  const otherTail = one.slice(stringEnd(one, open) - 1);
  if (tail === otherTail) return { numberedHead: undefined, head, tail, padded: false };
  const middle = tail.replace(padded, padding);
  return middle !== tail && middle === otherTail.replace(padded, padding) ? { numberedHead: undefined, head, tail: middle, padded: true } : undefined;
}

/** Whether the string that opens there is the value of a field. */
function isValue(data: string, open: number): boolean {
  let before = open - 1;
  while (data.charCodeAt(before) <= 32) before--;
  return data.charCodeAt(before) === 58;
}

/** Where the string opens in which two events first differ; -1 when they first differ outside of one. */
function openingQuote(one: string, other: string): number {
  const most = Math.min(one.length, other.length);
  let same = 0;
  while (same < most && one.charCodeAt(same) === other.charCodeAt(same)) same++;
  for (let open = other.indexOf('"'); open !== -1 && open < same;) {
    const end = stringEnd(other, open);
    if (end > same) return open;
    open = other.indexOf('"', end);
  }
  return -1;
}
