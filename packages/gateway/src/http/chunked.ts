import { HttpSyntaxError, isTokenByte, longestHead } from './head.ts';

/**
 * The chunked transfer coding (RFC 9112 §7.1), read strictly: sizes are hex digits, lines end with CR LF, extensions and trailers are
 * checked for control characters, bounded, and thrown away.
 */
export type ChunkedDecoder = {
  /** Reads `bytes` from `from` on, calls `take` for each stretch of content, and returns where it stopped: at the end, or behind the body. */
  push(bytes: Uint8Array, from: number, take: (start: number, end: number) => void): number;
  /** The last chunk and the trailers have passed. */
  done(): boolean;
};

const cr = 13;
const lf = 10;
/** Chunks up to 2^44 bytes: far beyond any body that is taken, and exact as a number. */
const mostDigits = 11;
/** Bytes of extensions and trailers in the whole body. */
const mostSide = longestHead / 4;

type State = 'size' | 'extension' | 'size-lf' | 'data' | 'data-cr' | 'data-lf' | 'trailer-start' | 'trailer' | 'trailer-lf' | 'last-lf' | 'done';

export function createChunkedDecoder(): ChunkedDecoder {
  let state: State = 'size';
  let left = 0;
  let digits = 0;
  let side = 0;
  let colon = false;

  const aside = (byte: number): void => {
    if (++side > mostSide) throw new HttpSyntaxError('the chunk extensions and trailers are too long');
    if ((byte < 32 && byte !== 9) || byte === 127) throw new HttpSyntaxError('a control character stands between the chunks');
  };

  /** One byte between two stretches of content. */
  const step = (byte: number): State => {
    switch (state) {
      case 'size': {
        const value = hexValue(byte);
        if (value === -1) {
          if (digits === 0) throw new HttpSyntaxError('a chunk has no size');
          if (byte === cr) return 'size-lf';
          if (byte !== 59) throw new HttpSyntaxError('the size of a chunk is not hexadecimal');
          return 'extension';
        }
        if (++digits > mostDigits) throw new HttpSyntaxError('a chunk is too large');
        left = left * 16 + value;
        return 'size';
      }
      case 'extension':
        if (byte === cr) return 'size-lf';
        aside(byte);
        return 'extension';
      case 'size-lf':
        expect(byte, lf);
        digits = 0;
        return left === 0 ? 'trailer-start' : 'data';
      case 'data-cr':
        expect(byte, cr);
        return 'data-lf';
      case 'data-lf':
        expect(byte, lf);
        return 'size';
      case 'trailer-start':
        if (byte === cr) return 'last-lf';
        colon = false;
        if (!isTokenByte(byte)) throw new HttpSyntaxError('a trailer has no name');
        aside(byte);
        return 'trailer';
      case 'trailer':
        if (byte === cr) {
          if (!colon) throw new HttpSyntaxError('a trailer has no colon');
          return 'trailer-lf';
        }
        if (byte === 58) colon = true;
        else if (!colon && !isTokenByte(byte)) throw new HttpSyntaxError('the name of a trailer is not legal');
        aside(byte);
        return 'trailer';
      case 'trailer-lf':
        expect(byte, lf);
        return 'trailer-start';
      default:
        expect(byte, lf);
        return 'done';
    }
  };

  return {
    push(bytes, from, take) {
      let i = from;
      while (i < bytes.length && state !== 'done') {
        if (state === 'data') {
          const end = Math.min(bytes.length, i + left);
          take(i, end);
          left -= end - i;
          i = end;
          if (left === 0) state = 'data-cr';
        } else state = step(bytes[i++] ?? 0);
      }
      return i;
    },
    done: () => state === 'done',
  };
}

function expect(byte: number, wanted: number): void {
  if (byte !== wanted) throw new HttpSyntaxError('a line between the chunks does not end with CR LF');
}

function hexValue(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}
