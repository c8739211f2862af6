/** Takes a code fence (three backticks, with a word or not) off a text that comes in pieces. A text that begins otherwise passes as it is. */
export type FenceFilter = {
  /** What may pass on of what has come so far. */
  push(text: string): string;
  /** The rest, once no more comes. */
  end(): string;
  fenced(): boolean;
};

const fence = '```';
/** A first line longer than this is no fence. */
const longestOpening = 40;
/** A text that begins with more white space than this is passed on. */
const longestIndent = 4096;

export function createFenceFilter(): FenceFilter {
  let state: 'start' | 'plain' | 'inside' | 'behind' = 'start';
  let held = '';

  const inside = (): string => {
    // A raw line break cannot stand in a string of JSON, so what follows one is no part of any.
    const close = /\r?\n[ \t]*```/.exec(held);
    if (close !== null) {
      const ready = held.slice(0, close.index);
      held = '';
      state = 'behind';
      return ready;
    }
    return take(tailStart(held));
  };
  const take = (length: number): string => {
    const ready = held.slice(0, length);
    held = held.slice(length);
    return ready;
  };
  return {
    push(text) {
      if (state === 'plain') return text;
      if (state === 'behind') return '';
      held += text;
      if (state === 'inside') return inside();
      const begun = held.trimStart();
      if (begun.length < fence.length && fence.startsWith(begun) && held.length < longestIndent) return '';
      const opening = /^```[\w-]{0,20}[ \t]*\r?\n/.exec(begun);
      if (opening !== null) {
        state = 'inside';
        held = begun.slice(opening[0].length);
        return inside();
      }
      if (begun.startsWith(fence) && begun.length < longestOpening && !/[\n{[]/.test(begun)) return '';
      state = 'plain';
      return take(held.length);
    },
    end() {
      if (state !== 'inside') return take(held.length);
      const rest = take(held.length).trimEnd();
      return rest.endsWith(fence) ? rest.slice(0, -fence.length) : rest;
    },
    fenced: () => state === 'inside' || state === 'behind',
  };
}

/** Where the part begins that may be the closing fence: backticks, with white space around them. From the end, so that it takes no longer than it is. */
function tailStart(text: string): number {
  let at = text.length;
  while (at > 0 && isSpace(text.charCodeAt(at - 1))) at--;
  for (let ticks = 0; ticks < fence.length && text.charCodeAt(at - 1) === backtick; ticks++) at--;
  while (at > 0 && isSpace(text.charCodeAt(at - 1))) at--;
  return at;
}

const backtick = 96;
const isSpace = (code: number): boolean => code === 32 || code === 9 || code === 10 || code === 13;

/** A whole text without its fence. */
export function withoutFence(text: string): string {
  const filter = createFenceFilter();
  const start = filter.push(text);
  return start + filter.end();
}
