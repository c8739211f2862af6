import { joinChunks } from './body.ts';
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

/** Node's Buffer turns bytes into a one-byte string without decoding; elsewhere a decoder for the same. */
export function latin1(bytes: Uint8Array): string {
  const buffer = bytes as Uint8Array & { latin1Slice?: (start: number, end: number) => string };
  return buffer.latin1Slice === undefined ? latin1Decoder.decode(bytes) : buffer.latin1Slice(0, bytes.length);
}

// The encoding standard's "latin1" is windows-1252; the two differ only above ASCII, where no needle looks.
const latin1Decoder = new TextDecoder('latin1');
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

const blankLine = /\r\n\r\n|\n\n|\r\r|\n\r\n/g;

/** Index after the last blank line; 0 when there is none. */
export function lastEventEnd(bytes: Uint8Array): number {
  for (let i = bytes.length - 1; i > 0; i--) {
    const c = bytes[i];
    if (c !== 10 && c !== 13) continue;
    const before = bytes[i - 1];
    if (c === before) return i + 1;
    if (c === 10 && before === 13 && bytes[i - 2] === 10) return i + 1;
  }
  return 0;
}

/** Whether an event's data can be JSON by its first and last character; comments and events without data pass. */
export function isPlausible(event: string): boolean {
  const at = event.startsWith('data:') ? 0 : event.indexOf('\ndata:') + 1;
  if (at === 0 && !event.startsWith('data:')) return true;
  let start = at + 5;
  while (event.charCodeAt(start) === 32) start++;
  let end = event.length - 1;
  while (end > start && event.charCodeAt(end) <= 32) end--;
  const first = event.charCodeAt(start);
  const last = event.charCodeAt(end);
  if (first <= 32) return true;
  return (first === 123 && last === 125) || (first === 91 && last === 93);
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
