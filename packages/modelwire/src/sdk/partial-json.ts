/**
 * The value of a JSON text that has not all come yet: whatever is complete of it, undefined while that is nothing; with `cutStrings` also
 * the string that is being written. Throws for what can never become JSON.
 */
export function parsePartialJson(text: string, cutStrings = false): unknown {
  const whole = completed(text, cutStrings);
  return whole === undefined ? undefined : JSON.parse(whole);
}

const space = /\s/;
const scalar = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;
/** A number that may go on. */
const begunNumber = /^-?\d*(?:\.\d*)?(?:[eE][+-]?\d*)?$/;
const words = ['true', 'false', 'null'];
/** What a number, `true`, `false` or `null` cannot go on with. */
const delimiter = /[\s,:"[\]{}]/g;

/** The text up to its last complete value, with what is open closed. */
function completed(text: string, cutStrings: boolean): string | undefined {
  const closers: string[] = [];
  let end = 0;
  let inKey = false;
  let at = 0;
  while (at < text.length) {
    const char = text.charAt(at);
    if (char === '"') {
      const close = endOfString(text, at);
      if (close === -1 && cutStrings && !inKey) return `${text.slice(0, endOfPieces(text, at))}"${closers.toReversed().join('')}`;
      if (close === -1) break;
      at = close;
      if (!inKey) end = at;
    } else if (char === '{' || char === '[') {
      closers.push(char === '{' ? '}' : ']');
      inKey = char === '{';
      at += 1;
      end = at;
    } else if (char === '}' || char === ']') {
      if (closers.at(-1) !== char) throw unexpected(char, at);
      closers.pop();
      inKey = false;
      at += 1;
      end = at;
    } else if (char === ',' || char === ':') {
      inKey = char === ',' && closers.at(-1) === '}';
      at += 1;
    } else if (space.test(char)) {
      at += 1;
    } else {
      const close = endOfScalar(text, at);
      const word = text.slice(at, close);
      const isLast = close === text.length;
      if (inKey || !(scalar.test(word) || (isLast && isBegun(word)))) throw unexpected(word, at);
      // A number at the end may go on.
      if (isLast && !words.includes(word)) break;
      at = close;
      end = at;
    }
    if (closers.length === 0 && end > 0) break;
  }
  if (closers.length === 0 && end > 0 && text.slice(end).trim() !== '') throw unexpected(text.slice(end).trim(), end);
  // Brackets only come and go where a value ends, so what is open now was open there.
  return end === 0 ? undefined : text.slice(0, end) + closers.toReversed().join('');
}

function isBegun(word: string): boolean {
  return begunNumber.test(word) || words.some((whole) => whole.startsWith(word));
}

function unexpected(what: string, at: number): SyntaxError {
  return new SyntaxError(`Unexpected ${JSON.stringify(what.slice(0, 20))} in JSON at position ${at}`);
}

/** Behind the closing quote; -1 when it has not come. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 34) return at + 1;
    if (code === 92) at += 1;
  }
  return -1;
}

/** Behind the last whole character of a string that goes on: an escape may be cut. */
function endOfPieces(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length) {
    const length = text[at] !== '\\' ? 1 : text[at + 1] === 'u' ? 6 : 2;
    if (at + length > text.length) return at;
    at += length;
  }
  return at;
}

function endOfScalar(text: string, start: number): number {
  delimiter.lastIndex = start;
  return delimiter.exec(text)?.index ?? text.length;
}
