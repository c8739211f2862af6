/**
 * Most events of a stream differ from the one before in a single JSON string: the piece of text. Once two of them have been looked at
 * closely, the rest is recognised by what stands before and after that string, for a hundredth of the cost.
 */
export type Template = {
  /** The events from `from` on that are like those learnt from; undefined when the first is not. */
  run(text: string, from: number): Run | undefined;
  /** An event known to hold content and nothing else, its blank line included. */
  learn(event: string): void;
};

/** So many events, up to the index `end`. */
export type Run = { readonly count: number; readonly end: number };

/** What events that are alike have in common: `prefix`, the text, `middle`, the padding, `ending`. Without a padding `middle` is undefined. */
type Shape = { readonly prefix: string; readonly middle: string | undefined; readonly ending: string };

/** OpenAI pads its events to hide the length of the text: a field that nobody reads, of another length each time. */
const padding = '"obfuscation":"';

export function createTemplate(): Template {
  let before = '';
  let shape: Shape | undefined;
  return {
    run: (text, from) => (shape === undefined ? undefined : runOf(text, from, shape)),
    learn(event) {
      shape = commonShape(before, event) ?? shape;
      before = event;
    },
  };
}

function runOf(text: string, from: number, { prefix, middle, ending }: Shape): Run | undefined {
  // A slice compared is a comparison of memory; `startsWith` goes character by character.
  if (text.slice(from, from + prefix.length) !== prefix) return undefined;
  // What stands between the strings of two events.
  const between = ending + prefix;
  let count = 0;
  let start = from + prefix.length;
  for (;;) {
    let close = closingQuote(text, start);
    // An empty string is no content.
    if (close <= start) break;
    if (middle !== undefined) {
      if (text.slice(close, close + middle.length) !== middle) break;
      close = closingQuote(text, close + middle.length);
      if (close === -1) break;
    }
    if (text.slice(close, close + between.length) === between) {
      count++;
      start = close + between.length;
      continue;
    }
    if (text.slice(close, close + ending.length) !== ending) break;
    return { count: count + 1, end: close + ending.length };
  }
  return count === 0 ? undefined : { count, end: start - prefix.length };
}

/** Undefined when the two differ in more than one string and its padding. */
function commonShape(one: string, other: string): Shape | undefined {
  const open = openingQuote(one, other);
  const close = open === -1 ? -1 : closingQuote(other, open + 1);
  const closeOne = open === -1 ? -1 : closingQuote(one, open + 1);
  if (close === -1 || closeOne === -1) return undefined;
  const prefix = other.slice(0, open + 1);
  const rest = other.slice(close);
  const restOne = one.slice(closeOne);
  if (rest === restOne) return { prefix, middle: undefined, ending: rest };
  const padded = splitPadding(rest);
  const paddedOne = splitPadding(restOne);
  if (padded === undefined || paddedOne === undefined || padded.middle !== paddedOne.middle || padded.ending !== paddedOne.ending) return undefined;
  return { prefix, ...padded };
}

/** What stands before and after the padding that ends an event; undefined when there is none. */
function splitPadding(rest: string): Pick<Shape, 'middle' | 'ending'> | undefined {
  const end = rest.lastIndexOf(padding) + padding.length;
  const close = end < padding.length ? -1 : closingQuote(rest, end);
  if (close === -1 || !/^"\}[\r\n]+$/.test(rest.slice(close))) return undefined;
  return { middle: rest.slice(0, end), ending: rest.slice(close) };
}

/** Where the string ends that `start` is in; -1 when a quote beside a backslash or what no JSON string may hold comes first: that is looked at closely. */
function closingQuote(text: string, start: number): number {
  for (let i = start; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 34) return text.charCodeAt(i - 1) === 92 ? -1 : i;
    if (c < 32) return -1;
    if (c === 92 && text.charCodeAt(++i) === 34) return -1;
  }
  return -1;
}

/** Where the string opens in which two events first differ; -1 when they differ elsewhere. */
function openingQuote(one: string, other: string): number {
  let same = 0;
  const most = Math.min(one.length, other.length);
  while (same < most && one.charCodeAt(same) === other.charCodeAt(same)) same++;
  let open = -1;
  for (let i = 0; i < same; i++) {
    const c = other.charCodeAt(i);
    if (open !== -1 && c === 92) i++;
    else if (c === 34) open = open === -1 ? i : -1;
  }
  return open;
}
