import { type ChunkedDecoder, createChunkedDecoder } from './chunked.ts';
import { createGatherer, type Gatherer } from './gatherer.ts';
import {
  type BodyFraming,
  headEnd,
  HttpSyntaxError,
  keepsAlive,
  longestHead,
  parseResponseHead,
  refuseBareLines,
  type ResponseHead,
  responseFraming,
} from './head.ts';

export type AnswerEvents = {
  head(head: ResponseHead): void;
  /** Content of one read of the socket, a copy of its own. */
  data(bytes: Buffer): void;
  /** The answer is complete; `reusable` says whether the connection can carry another. */
  end(reusable: boolean): void;
};

/** Reads one answer from the bytes of its connection. Throws `HttpSyntaxError` for what is not plainly legal. */
export type AnswerReader = {
  /** The bytes are the caller's to use again afterwards. */
  push(bytes: Buffer): void;
  /** The other side has said its last: true when that ends the answer well. */
  close(): boolean;
  /** Anything has come. */
  begun(): boolean;
};

/** Hints (1xx) before an answer. */
const mostHints = 16;

export function createAnswerReader(on: AnswerEvents): AnswerReader {
  let held: Buffer | undefined;
  let gatherer: Gatherer | undefined;
  let framing: BodyFraming | undefined;
  let chunked: ChunkedDecoder | undefined;
  let left = 0;
  let keep = false;
  let hints = 0;
  let begun = false;
  let ended = false;

  const end = (clean: boolean): void => {
    ended = true;
    on.end(clean && keep);
  };

  /** Reads a head at `from`; returns where its body begins, or -1 when more must come. Before `searched` there is no end of one. */
  const readHead = (bytes: Buffer, from: number, searched: number): number => {
    const stop = headEnd(bytes, Math.max(from, searched - 3));
    if ((stop === -1 ? bytes.length : stop) - from > longestHead) throw new HttpSyntaxError('the head is too large');
    if (stop === -1) {
      refuseOther(bytes, from);
      refuseBareLines(bytes, Math.max(from, searched - 1));
      return -1;
    }
    const head = parseResponseHead(bytes.toString('latin1', from, stop - 2));
    if (head.status < 200) {
      checkHint(head, ++hints);
      return stop;
    }
    framing = responseFraming(head);
    keep = keepsAlive(head) && framing.kind !== 'close' && !(framing.kind === 'none' && announces(head));
    if (framing.kind === 'length') left = framing.length;
    if (framing.kind === 'chunked') chunked = createChunkedDecoder();
    on.head(head);
    return stop;
  };

  const readBody = (bytes: Buffer, from: number): void => {
    if (chunked !== undefined) {
      if (from === bytes.length) return;
      const stop = readChunks(chunked, bytes, from, on.data);
      if (chunked.done()) end(stop === bytes.length);
      return;
    }
    const most = framing?.kind === 'close' ? Infinity : left;
    const stop = Math.min(bytes.length, from + most);
    if (stop > from) {
      left -= stop - from;
      on.data(Buffer.from(bytes.subarray(from, stop)));
    }
    if (framing?.kind !== 'close' && left === 0) end(stop === bytes.length);
  };

  return {
    push(bytes) {
      if (ended) throw new HttpSyntaxError('bytes came that nobody asked for');
      begun = true;
      if (framing !== undefined) {
        readBody(bytes, 0);
        return;
      }
      const all = held === undefined ? bytes : (gatherer ??= createGatherer()).add(held, bytes);
      const searched = held?.length ?? 0;
      held = undefined;
      let at = 0;
      while (framing === undefined) {
        const stop = readHead(all, at, searched);
        if (stop === -1) {
          held = all === bytes ? Buffer.from(bytes.subarray(at)) : all.subarray(at);
          return;
        }
        at = stop;
      }
      readBody(all, at);
    },
    close() {
      if (ended || framing?.kind !== 'close') return ended;
      end(false);
      return true;
    },
    begun: () => begun,
  };
}

/** What may come before an answer: a note, and that the connection goes on. */
function checkHint(head: ResponseHead, count: number): void {
  if (head.status === 101) throw new HttpSyntaxError('the protocol was switched unasked');
  if (head.version === '1.0' || !keepsAlive(head)) throw new HttpSyntaxError('a hint came where no answer can follow');
  if (count > mostHints) throw new HttpSyntaxError('there are too many hints before the answer');
}

/** A body, where there is none by its status: it may come all the same. */
function announces({ headers }: ResponseHead): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Hands on the content of these bytes in one piece; returns where it stopped. What stands between the pieces goes, so they fit into as many bytes. */
function readChunks(decoder: ChunkedDecoder, bytes: Buffer, from: number, data: AnswerEvents['data']): number {
  const content = Buffer.allocUnsafe(bytes.length - from);
  let length = 0;
  const stopped = decoder.push(bytes, from, (start, stop) => {
    length += bytes.copy(content, length, start, stop);
  });
  if (length > 0) data(content.subarray(0, length));
  return stopped;
}

const protocol = 'HTTP/1.';

/** Nobody waits for the rest of a head that does not begin like one. */
function refuseOther(bytes: Buffer, from: number): void {
  const start = bytes.toString('latin1', from, Math.min(bytes.length, from + protocol.length));
  if (!protocol.startsWith(start)) throw new HttpSyntaxError('this is no answer of HTTP');
}
