import { type ChunkedDecoder, createChunkedDecoder } from './chunked.ts';
import type { BodyFraming } from './head.ts';
import { countYoung } from './young-memory.ts';

/** Takes the body of one request out of the bytes of its connection. */
export type BodyReader = {
  /** Reads from `from` on; returns where it stopped: at the end of the bytes, or behind the body. */
  push(bytes: Buffer, from: number): number;
  done(): boolean;
  /** More than the limit has come, or was declared. */
  over(): boolean;
  /** The whole body, once done. */
  bytes(): Uint8Array;
};

/** A reader that keeps at most `limit` bytes, and with `limit` 0 keeps nothing. */
export function createBodyReader(framing: BodyFraming, limit: number): BodyReader {
  if (framing.kind === 'chunked') return chunkedReader(createChunkedDecoder(), limit);
  return lengthReader(framing.kind === 'length' ? framing.length : 0, limit);
}

const empty = new Uint8Array(0);

/** The memory is asked for when the second piece comes, once and whole, so that no byte is copied twice; most bodies come in one piece and are not copied. */
function lengthReader(length: number, limit: number): BodyReader {
  const over = length > limit;
  let got = 0;
  let whole: Uint8Array = empty;
  let gathered: Buffer | undefined;
  return {
    push(bytes, from) {
      const end = Math.min(bytes.length, from + length - got);
      if (!over) {
        if (got === 0 && end - from === length) whole = from === 0 && end === bytes.length ? bytes : bytes.subarray(from, end);
        else {
          gathered ??= memoryFor(length);
          bytes.copy(gathered, got, from, end);
          whole = gathered;
        }
      }
      got += end - from;
      return end;
    },
    done: () => got === length,
    over: () => over,
    bytes: () => whole,
  };
}

function memoryFor(length: number): Buffer {
  countYoung(length);
  return Buffer.allocUnsafeSlow(length);
}

function chunkedReader(decoder: ChunkedDecoder, limit: number): BodyReader {
  const pieces: Buffer[] = [];
  let length = 0;
  return {
    push(bytes, from) {
      return decoder.push(bytes, from, (start, end) => {
        length += end - start;
        if (length <= limit) pieces.push(bytes.subarray(start, end));
        else pieces.length = 0;
      });
    },
    done: decoder.done,
    over: () => length > limit,
    bytes: () => (pieces.length === 1 ? (pieces[0] ?? empty) : Buffer.concat(pieces, length)),
  };
}
