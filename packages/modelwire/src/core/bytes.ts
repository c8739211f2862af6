/** Bytes with a search of their own. */
export type Searchable = {
  readonly bytes: Uint8Array;
  /** Index of the ASCII needle at or after `from`; -1 when there is none. */
  indexOf(needle: string, from?: number): number;
};

type NodeBuffer = {
  from(buffer: ArrayBufferLike, offset: number, length: number): { indexOf(text: string, from: number, encoding: string): number };
  concat(chunks: readonly Uint8Array[], length: number): Uint8Array;
};

/** Node's and Bun's native search and copy, looked up without importing either. */
export const nativeBuffer = (globalThis as { Buffer?: NodeBuffer }).Buffer;

/** Index of the ASCII needle in the bytes at or after `from`; -1 when there is none. */
export function indexOfBytes(bytes: Uint8Array, needle: string, from = 0): number {
  if (nativeBuffer !== undefined) return nativeBuffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(needle, from, 'latin1');
  return searchBytes(bytes, needle, from);
}

/** The same where there is no native search: hops from one first byte to the next. */
export function searchBytes(bytes: Uint8Array, needle: string, from = 0): number {
  const first = needle.charCodeAt(0);
  if (needle === '') return Math.min(from, bytes.length);
  for (let at = bytes.indexOf(first, from); at !== -1; at = bytes.indexOf(first, at + 1)) {
    let i = 1;
    while (i < needle.length && bytes[at + i] === needle.charCodeAt(i)) i++;
    if (i === needle.length) return at;
  }
  return -1;
}

/**
 * Whether the JSON in the bytes has the key somewhere: the quoted needle followed by a colon. A quote inside a JSON string is escaped,
 * so a needle with its two quotes cannot match within one.
 */
export function hasJsonKey(bytes: Uint8Array, key: string): boolean {
  const needle = `"${key}"`;
  for (let at = indexOfBytes(bytes, needle); at !== -1; at = indexOfBytes(bytes, needle, at + 1)) {
    if (bytes[at - 1] !== 92 && bytes[skipSpace(bytes, at + needle.length)] === 58) return true;
  }
  return false;
}

/** Whether the JSON in the bytes has the key with a value that begins with the byte, somewhere. */
export function hasJsonField(bytes: Uint8Array, key: string, firstOfValue: string): boolean {
  const needle = `"${key}"`;
  const wanted = firstOfValue.charCodeAt(0);
  for (let at = indexOfBytes(bytes, needle); at !== -1; at = indexOfBytes(bytes, needle, at + 1)) {
    const colon = skipSpace(bytes, at + needle.length);
    if (bytes[at - 1] !== 92 && bytes[colon] === 58 && bytes[skipSpace(bytes, colon + 1)] === wanted) return true;
  }
  return false;
}

/** Whether the JSON in the bytes has the string as a value somewhere, not only as a key. `quoted` is the string with its quotes. */
export function hasJsonValue({ bytes, indexOf }: Searchable, quoted: string): boolean {
  for (let at = indexOf(quoted); at !== -1; at = indexOf(quoted, at + 1)) {
    let before = at - 1;
    while (bytes[before] === 32 || bytes[before] === 10 || bytes[before] === 13 || bytes[before] === 9) before--;
    if (bytes[before] === 58) return true;
  }
  return false;
}

const decoder = new TextDecoder();

/** A piece of UTF-8 as text. Node's Buffer decodes a short one several times faster than a TextDecoder. */
export function utf8Slice(bytes: Uint8Array, start: number, end: number): string {
  const buffer = bytes as Uint8Array & { utf8Slice?: (start: number, end: number) => string };
  return buffer.utf8Slice === undefined ? decoder.decode(bytes.subarray(start, end)) : buffer.utf8Slice(start, end);
}

/** A whole text: a mark of the byte order before it is none of it. */
export function utf8(bytes: Uint8Array): string {
  return bytes[0] === 0xef ? decoder.decode(bytes) : utf8Slice(bytes, 0, bytes.length);
}

/** Whether a mark of the byte order stands before the text. */
export function hasMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

export function withoutMark(bytes: Uint8Array): Uint8Array {
  return hasMark(bytes) ? bytes.subarray(3) : bytes;
}

/** Node's Buffer turns bytes into a one-byte string without decoding; elsewhere a decoder for the same. */
export function latin1(bytes: Uint8Array): string {
  const buffer = bytes as Uint8Array & { latin1Slice?: (start: number, end: number) => string };
  return buffer.latin1Slice === undefined ? latin1Decoder.decode(bytes) : buffer.latin1Slice(0, bytes.length);
}

// The encoding standard's "latin1" is windows-1252; the two differ only above ASCII, where no needle looks.
const latin1Decoder = new TextDecoder('latin1');

/** Index of the first byte at or after `at` that is no white space of JSON. */
export function skipSpace(bytes: Uint8Array, at: number): number {
  let i = at;
  for (;;) {
    const c = bytes[i];
    if (c !== 32 && c !== 10 && c !== 13 && c !== 9) return i;
    i++;
  }
}
