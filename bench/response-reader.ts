/** One answer, as far as the load generator cares. */
export type Finished = {
  readonly status: number;
  /** SSE events, counted by their empty lines; 0 for a whole answer. */
  readonly events: number;
  readonly bytes: number;
  /** The first bytes of the body, for the error report. */
  readonly sample: string;
};

export type ResponseReader = {
  /** Takes what the socket gave. */
  push(bytes: Buffer): void;
};

const newline = 10;
const sampleBytes = 300;

/**
 * Reads HTTP/1.1 answers from one keep-alive connection, one after the other: their framing and the count of their SSE events, and
 * nothing else, so that the load generator costs little beside what it loads.
 */
export function createResponseReader(on: { firstByte(): void; finished(answer: Finished): void; broken(reason: string): void }): ResponseReader {
  let phase: 'head' | 'length' | 'size' | 'chunk' | 'gap' | 'last' = 'head';
  /** The unread start of a head or of a chunk's size line. */
  let pending: Buffer | undefined;
  let left = 0;
  let status = 0;
  let events = 0;
  let size = 0;
  let sample = '';
  let isStream = false;
  let afterNewline = false;

  const finish = (): void => {
    phase = 'head';
    on.finished({ status, events, bytes: size, sample });
  };

  const startBody = (head: string): void => {
    status = Number(head.slice(9, 12));
    events = 0;
    size = 0;
    sample = '';
    afterNewline = false;
    isStream = /\r\ncontent-type: *text\/event-stream/i.test(head);
    on.firstByte();
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length === undefined && !/\r\ntransfer-encoding: *chunked/i.test(head)) on.broken(`an answer without a length: ${head.slice(0, sampleBytes)}`);
    phase = length === undefined ? 'size' : 'length';
    left = Number(length ?? 0);
    if (length !== undefined && left === 0) finish();
  };

  const countEvents = (bytes: Buffer, start: number, end: number): void => {
    let at = start;
    if (afterNewline && bytes[at] === newline) {
      events++;
      at++;
    }
    for (;;) {
      const hit = bytes.indexOf(newline, at);
      if (hit === -1 || hit >= end - 1) break;
      if (bytes[hit + 1] === newline) {
        events++;
        at = hit + 2;
      } else at = hit + 1;
    }
    afterNewline = at < end && bytes[end - 1] === newline;
  };

  /** Takes body bytes from `start`; returns where the rest begins. */
  const body = (bytes: Buffer, start: number): number => {
    const end = Math.min(start + left, bytes.length);
    if (isStream) countEvents(bytes, start, end);
    if (status !== 200 && sample.length < sampleBytes) sample += bytes.toString('latin1', start, Math.min(end, start + sampleBytes));
    size += end - start;
    left -= end - start;
    if (left === 0 && phase === 'length') finish();
    else if (left === 0) phase = 'gap';
    return end;
  };

  /** A line of the framing, without its end; undefined when it is not all here yet. */
  const line = (bytes: Buffer, start: number, ending: string): { readonly text: string; readonly next: number } | undefined => {
    const end = bytes.indexOf(ending, start, 'latin1');
    if (end === -1) {
      pending = start === 0 ? bytes : bytes.subarray(start);
      return undefined;
    }
    return { text: bytes.toString('latin1', start, end), next: end + ending.length };
  };

  const step = (bytes: Buffer, at: number): number => {
    if (phase === 'length' || phase === 'chunk') return body(bytes, at);
    if (phase === 'head') {
      const head = line(bytes, at, '\r\n\r\n');
      if (head === undefined) return bytes.length;
      startBody(head.text);
      return head.next;
    }
    const framing = line(bytes, at, '\r\n');
    if (framing === undefined) return bytes.length;
    if (phase === 'size') {
      left = Number.parseInt(framing.text, 16);
      phase = left === 0 ? 'last' : 'chunk';
    } else if (phase === 'gap') phase = 'size';
    else if (framing.text === '') finish();
    return framing.next;
  };

  return {
    push(bytes) {
      const all = pending === undefined ? bytes : Buffer.concat([pending, bytes]);
      pending = undefined;
      let at = 0;
      while (at < all.length) at = step(all, at);
    },
  };
}
