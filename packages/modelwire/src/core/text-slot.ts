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

/**
 * What every event says anew and nobody reads until the last: the number of the event, counts so far, the time. Its value is not
 * compared. A quote in a string is escaped, so the key with its quotes and colon is none of the text.
 */
export type Unread = {
  /** With its quotes and the colon: `"created_at":`. */
  readonly key: string;
  /** Where the value that begins at `start` ends. */
  end(data: string, start: number): number;
};

/** What stands before and after the text, in two pieces where what is not compared comes between them. */
type Shape = { readonly head: Around; readonly tail: Around; readonly padded: boolean };
type Around = { readonly first: string; readonly rest: string | undefined };

/** What a JSON string cannot hold as it is, and what begins an escape. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const unplain = /[\u0000-\u001f\\]/;

/** OpenAI pads its events to hide the length of the text: the last field of the event, which nobody reads. */
const padding = '"obfuscation":"';
const padded = /"obfuscation":"[ !#-[\]-~]*"\}$/;
const paddingEnd = /^[ !#-[\]-~]*"\}$/;

export function createTextSlot(unread?: Unread): TextSlot {
  let last: Compared = { data: '', cut: -1 };
  let lastText = '';
  let shape: Shape | undefined;
  return {
    read: (data) => (shape === undefined ? undefined : textIn(data, shape, unread)),
    learn(data, text) {
      const compared = without(data, unread);
      shape = lastText === text ? undefined : commonShape(last, compared);
      last = compared;
      lastText = text;
    },
    forget() {
      shape = undefined;
    },
  };
}

/** An event without what is not compared, and where that stood; -1 when it did not. */
type Compared = { readonly data: string; readonly cut: number };

function without(data: string, unread: Unread | undefined): Compared {
  const at = unread === undefined ? -1 : data.lastIndexOf(unread.key);
  if (unread === undefined || at === -1) return { data, cut: -1 };
  const start = at + unread.key.length;
  return { data: data.slice(0, start) + data.slice(unread.end(data, start)), cut: start };
}

function textIn(data: string, { head, tail, padded: isPadded }: Shape, unread: Unread | undefined): string | undefined {
  const start = after(data, 0, head, unread);
  if (start === -1) return undefined;
  let close = data.indexOf('"', start);
  if (close === -1) return undefined;
  let text: string | undefined = data.slice(start, close);
  if (unplain.test(text)) {
    close = stringEnd(data, start - 1) - 1;
    text = parseString(data.slice(start - 1, close + 1));
  }
  if (text === undefined || text === '') return undefined;
  const end = after(data, close, tail, unread);
  if (end === -1) return undefined;
  return (isPadded ? paddingEnd.test(data.slice(end)) : end === data.length) ? text : undefined;
}

/** Where what stands around the text ends, when it begins at `start`; -1 when it does not. */
function after(data: string, start: number, { first, rest }: Around, unread: Unread | undefined): number {
  const end = start + first.length;
  // A slice compared is a comparison of memory; `startsWith` goes character by character.
  if (data.slice(start, end) !== first) return -1;
  if (rest === undefined || unread === undefined) return end;
  const from = unread.end(data, end);
  return data.slice(from, from + rest.length) === rest ? from + rest.length : -1;
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
function commonShape({ data: one, cut: oneCut }: Compared, { data: other, cut }: Compared): Shape | undefined {
  const open = openingQuote(one, other);
  if (open === -1 || !isValue(other, open)) return undefined;
  const head = around(other.slice(0, open + 1), cut);
  const start = stringEnd(other, open) - 1;
  const oneStart = stringEnd(one, open) - 1;
  // What is not compared must have stood at the same place in both.
  if (cut <= open ? oneCut !== cut : oneCut - oneStart !== cut - start) return undefined;
  const tail = other.slice(start);
  const oneTail = one.slice(oneStart);
  if (tail === oneTail) return { head, tail: around(tail, cut - start), padded: false };
  const middle = tail.replace(padded, padding);
  const isPadded = middle !== tail && middle === oneTail.replace(padded, padding);
  return isPadded ? { head, tail: around(middle, cut - start), padded: true } : undefined;
}

function around(text: string, cut: number): Around {
  return cut < 0 || cut > text.length ? { first: text, rest: undefined } : { first: text.slice(0, cut), rest: text.slice(cut) };
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
