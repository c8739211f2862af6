import { Client } from 'undici';
import { createAnswerReader } from '../../packages/gateway/src/http/answer-reader.ts';
import { createMemorySocket, settled } from './memory-socket.ts';

/** What a client made of the bytes on its connection. `kept`: the connection may be used again. */
export type AnswerVerdict = {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
  readonly end: 'kept' | 'closed' | 'failed' | 'waiting';
};

/** Our reader's verdict; `end`: the connection ended behind the last piece. */
export function ourVerdict(pieces: readonly Uint8Array[], end: boolean): AnswerVerdict {
  let verdict: AnswerVerdict = { status: undefined, headers: {}, body: '', end: 'waiting' };
  const reader = createAnswerReader({
    head: ({ status, headers }) => (verdict = { ...verdict, status, headers }),
    data: (bytes) => (verdict = { ...verdict, body: verdict.body + bytes.toString('latin1') }),
    end: (reusable) => (verdict = { ...verdict, end: reusable ? 'kept' : 'closed' }),
  });
  // The client reads into one piece of memory again and again.
  const memory = Buffer.alloc(Math.max(0, ...pieces.map(({ length }) => length)));
  const failed = (): boolean => verdict.end === 'waiting' || verdict.end === 'failed';
  try {
    for (const piece of pieces) {
      memory.set(piece);
      reader.push(memory.subarray(0, piece.length));
      memory.fill(88);
    }
    if (end && !reader.close()) verdict = { ...verdict, end: 'failed' };
  } catch {
    verdict = { ...verdict, end: failed() ? 'failed' : 'closed' };
  }
  return verdict.end === 'kept' && end ? { ...verdict, end: 'closed' } : verdict;
}

let moves = 0;
const move = (): void => void moves++;

/** That of undici. */
export async function undiciVerdicts(inputs: readonly Uint8Array[], end: boolean): Promise<readonly AnswerVerdict[]> {
  const calls = inputs.map(() => {
    const wire = createMemorySocket(move);
    const client = new Client('http://a', { pipelining: 1, connect: (_options, done) => setImmediate(done, null, wire.socket) });
    let verdict: AnswerVerdict = { status: undefined, headers: {}, body: '', end: 'waiting' };
    client.dispatch(
      { path: '/', method: 'POST', body: '{}', headersTimeout: 0, bodyTimeout: 0 },
      {
        onRequestStart: move,
        onRequestUpgrade: () => (verdict = { ...verdict, end: 'failed' }),
        onResponseStart(_controller, status, headers) {
          move();
          if (status < 200) return;
          const text = Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]);
          verdict = { ...verdict, status, headers: Object.fromEntries(text) };
        },
        onResponseData(_controller, chunk) {
          move();
          verdict = { ...verdict, body: verdict.body + chunk.toString('latin1') };
        },
        onResponseEnd() {
          move();
          verdict = { ...verdict, end: 'kept' };
        },
        onResponseError() {
          move();
          verdict = { ...verdict, end: 'failed' };
        },
      },
    );
    return { wire, client, verdict: () => (verdict.end === 'kept' && wire.destroyed() ? { ...verdict, end: 'closed' as const } : verdict) };
  });
  // It loads its parser at first use.
  while (calls.some(({ wire }) => wire.written() === '')) await new Promise((resolve) => setImmediate(resolve));
  calls.forEach(({ wire }, index) => wire.feed(inputs[index] ?? new Uint8Array(0)));
  await settled(() => moves);
  if (end) for (const { wire } of calls) wire.feedEnd();
  await settled(() => moves);
  const all = calls.map(({ verdict }) => verdict());
  await Promise.all(calls.map(({ client }) => client.destroy()));
  return all;
}
