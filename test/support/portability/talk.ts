import assert from 'node:assert/strict';
import type { Attempt } from '../../../packages/modelwire/src/core/attempt.ts';
import { defaultDeadlines } from '../../../packages/modelwire/src/core/deadline.ts';
import type { DialectName } from '../../../packages/modelwire/src/core/ir.ts';
import type { Chunk } from '../../../packages/modelwire/src/core/pump.ts';
import { scanTopLevel } from '../../../packages/modelwire/src/core/top-level.ts';
import { dialects } from '../dialects.ts';
import { performCall } from '../../../packages/modelwire/src/layers/perform.ts';
import { bodyOf, createFakeWorld, sentBody } from '../fake-world.ts';
import { Refused, type StrictProvider, type Turn } from './strict-provider.ts';

/** What one call did: the request as the provider got it, and the answer as the caller did. */
export type Told = { readonly sent: string; readonly answer: string; readonly attempt: Attempt };

export type Asking = { readonly front: DialectName; readonly body: string; readonly stream: boolean; readonly provider: StrictProvider; readonly turn: Turn };

/** Ids of our own are made of the call's. */
let calls = 0;

/**
 * One call through the whole path. A refusal of the provider's rejects, in its words. Streams reach the caller as server-sent events, in
 * every format: other framings are put around them where answers are served.
 */
export async function talk({ front, body, stream, provider, turn }: Asking): Promise<Told> {
  let sent = '';
  const id = `req_${++calls}`;
  const world = createFakeWorld((request) => {
    sent = sentBody(request);
    try {
      const type = stream ? (provider.streamType ?? 'text/event-stream') : 'application/json';
      return Promise.resolve({ status: 200, headers: { 'content-type': type }, body: bodyOf([provider.answer(sent, stream, turn)]) });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const told = JSON.stringify({ error: { message: error.message, type: 'invalid_request_error' } });
      return Promise.resolve({ status: 400, headers: { 'content-type': 'application/json' }, body: bodyOf([told]) });
    }
  });
  const running = performCall(
    {
      id,
      front: dialects[front],
      operation: 'chat',
      top: scanTopLevel(new TextEncoder().encode(body)),
      headers: {},
      targets: [provider.target],
      fidelity: 'carry',
      deadlines: defaultDeadlines,
      retry: { attempts: 1, longestWait: 0 },
      stream,
      wantUsage: true,
      pingMs: 0,
    },
    world,
  );
  const answer = await running.answer.finally(() => running.settle());
  const chunks: Chunk[] = [];
  if (answer.body.kind === 'whole') chunks.push(...answer.body.chunks);
  else answer.body.source.start({ data: (chunk) => chunks.push(chunk), end: () => undefined, reset: (error) => assert.fail(error.message) });
  const [attempt] = running.attempts;
  assert.ok(attempt !== undefined);
  const text = chunks.map((chunk) => (typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk))).join('');
  assert.equal(attempt.error, undefined, text);
  return { sent, answer: text, attempt };
}
