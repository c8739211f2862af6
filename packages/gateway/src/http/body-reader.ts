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

/** Most bodies come in one piece and are not copied; the others are put together. */
function lengthReader(length: number, limit: number): BodyReader {
  const over = length > limit;
  let got = 0;
  let whole: Uint8Array = empty;
  let joiner: Joiner | undefined;
  return {
    push(bytes, from) {
      const end = Math.min(bytes.length, from + length - got);
      if (!over && end > from) {
        if (end - from === length) whole = from === 0 && end === bytes.length ? bytes : bytes.subarray(from, end);
        else (joiner ??= createJoiner(length, announcedGrowth)).add(bytes, from, end);
      }
      got += end - from;
      return end;
    },
    done: () => got === length,
    over: () => over,
    bytes: () => joiner?.bytes() ?? whole,
  };
}

function chunkedReader(decoder: ChunkedDecoder, limit: number): BodyReader {
  const joiner = createJoiner(limit, 2);
  let length = 0;
  return {
    push(bytes, from) {
      return decoder.push(bytes, from, (start, end) => {
        length += end - start;
        if (length <= limit) joiner.add(bytes, start, end);
        else joiner.drop();
      });
    },
    done: decoder.done,
    over: () => length > limit,
    bytes: joiner.bytes,
  };
}

type Joiner = { add(bytes: Buffer, start: number, end: number): void; drop(): void; bytes(): Uint8Array };

/** A body that says its length gets room for so many times what has come: one of 2 MB is copied once, and announcing much costs little. */
const announcedGrowth = 16;
const leastRoom = 4096;

/**
 * Pieces in one piece of memory, `most` bytes at the most. It grows with what has really come: what a caller only announces costs
 * nothing, and a million pieces of one byte are no million objects.
 */
export function createJoiner(most: number, growth: number): Joiner {
  let first: Buffer | undefined;
  let room: Buffer | undefined;
  let length = 0;
  return {
    add(bytes, start, end) {
      if (length === 0) first = start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end);
      else {
        const wanted = length + end - start;
        if (room === undefined || room.length < wanted) {
          const grown = Buffer.allocUnsafeSlow(Math.min(most, Math.max(wanted * growth, leastRoom)));
          countYoung(grown.length);
          (room ?? first)?.copy(grown, 0, 0, length);
          room = grown;
          first = undefined;
        }
        bytes.copy(room, length, start, end);
      }
      length += end - start;
    },
    drop() {
      first = undefined;
      room = undefined;
      length = 0;
    },
    bytes: () => room?.subarray(0, length) ?? first ?? empty,
  };
}
