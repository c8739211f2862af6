import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bodyOf, createFakeWorld, type FakeWorld } from '../../../../test/support/fake-world.ts';
import type { CancelSignal } from '../core/cancel.ts';
import { defaultDeadlines } from '../core/deadline.ts';
import { GatewayError } from '../core/errors.ts';
import type { Target } from '../core/target.ts';
import { scanTopLevel } from '../core/top-level.ts';
import type { Transport, WireAnswer } from '../core/transport.ts';
import { dialects } from '../../../../test/support/dialects.ts';
import { type CallRequest, performCall, type Running } from './perform.ts';

const target: Target = { provider: 'lab', model: 'm', speaks: { 'openai-chat': { baseURL: 'http://lab/v1', auth: 'none' } }, quirks: {} };
const good = JSON.stringify({
  id: 'x',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hi', refusal: null }, logprobs: null, finish_reason: 'stop' }],
});

function start(
  answers: readonly ((signal: CancelSignal) => Promise<WireAnswer>)[],
  change: Partial<CallRequest> = {},
): { world: FakeWorld; running: Running; calls(): number } {
  let calls = 0;
  const transport: Transport = (request) => {
    const answer = answers[Math.min(calls++, answers.length - 1)];
    assert.ok(answer !== undefined);
    return answer(request.signal);
  };
  const world = createFakeWorld(transport);
  const top = scanTopLevel(new TextEncoder().encode('{"model":"m","messages":[{"role":"user","content":"x"}]}'));
  const running = performCall(
    {
      id: 'req_1',
      front: dialects['openai-chat'],
      operation: 'chat',
      top,
      headers: {},
      targets: [target],
      fidelity: 'carry',
      deadlines: { ...defaultDeadlines, total: 60_000 },
      retry: { attempts: 3, longestWait: 5000 },
      wantUsage: true,
      pingMs: 0,
      ...change,
    },
    world,
  );
  running.answer.catch(() => undefined);
  return { world, running, calls: () => calls };
}

const answer =
  (status: number, body: string, headers: Record<string, string> = {}) =>
  (): Promise<WireAnswer> =>
    Promise.resolve({ status, headers: { 'content-type': 'application/json', ...headers }, body: bodyOf([body]) });
const refused = (): Promise<WireAnswer> => Promise.reject(new GatewayError('upstream_unreachable', 'refused'));
const busy = (headers: Record<string, string> = {}) => answer(503, '{"error":{"message":"busy"}}', headers);
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const failsWith = (running: Running, code: string) => assert.rejects(running.answer, (error: unknown) => error instanceof GatewayError && error.code === code);

describe('retry', () => {
  test('waits half a second, then one, and answers', async () => {
    const { world, running, calls } = start([refused, busy(), answer(200, good)]);
    await settle();
    assert.equal(calls(), 1);
    world.pass(499);
    await settle();
    assert.equal(calls(), 1);
    world.pass(1);
    await settle();
    assert.equal(calls(), 2);
    world.pass(1000);
    assert.equal((await running.answer).status, 200);
    assert.deepEqual(
      running.attempts.map((attempt) => attempt.error?.code),
      ['upstream_unreachable', 'overloaded', undefined],
    );
    running.settle();
    assert.equal(world.timers(), 0);
  });

  test('honours retry-after, and gives up at once when it is longer than the patience', async () => {
    const first = start([busy({ 'retry-after-ms': '2000' }), answer(200, good)]);
    await settle();
    first.world.pass(1999);
    await settle();
    assert.equal(first.calls(), 1);
    first.world.pass(1);
    await first.running.answer;
    const second = start([busy({ 'retry-after': '30' })]);
    await failsWith(second.running, 'overloaded');
    assert.equal(second.calls(), 1);
  });

  test('never retries what cannot change, and stops at the limit', async () => {
    for (const [status, body] of [
      [400, '{"error":{"message":"no"}}'],
      [401, '{}'],
      [404, '{}'],
      [301, ''],
    ] as const) {
      const { running, calls } = start([answer(status, body)]);
      await assert.rejects(running.answer);
      assert.equal(calls(), 1, String(status));
    }
    const { world, running, calls } = start([refused]);
    for (let i = 0; i < 5; i++) {
      await settle();
      world.pass(10_000);
    }
    await failsWith(running, 'upstream_unreachable');
    assert.equal(calls(), 3);
  });

  test('the caller leaving between two tries ends it', async () => {
    const { running, calls, world } = start([refused]);
    await settle();
    running.cancel(new GatewayError('client_gone', 'gone'));
    await failsWith(running, 'client_gone');
    assert.equal(calls(), 1);
    assert.equal(world.timers(), 0);
  });
});

describe('the total deadline', () => {
  test('covers all tries and aborts the one under way', async () => {
    let aborted = false;
    const hangs = (signal: CancelSignal): Promise<WireAnswer> =>
      new Promise((_resolve, reject) => {
        signal.onAbort(() => {
          aborted = true;
          reject(signal.reason);
        });
      });
    const { world, running } = start([refused, hangs]);
    await settle();
    world.pass(500);
    await settle();
    world.pass(59_500);
    await failsWith(running, 'deadline_total');
    assert.ok(aborted);
    assert.equal(world.timers(), 0);
  });

  test('no target is an error, not a hang', async () => {
    await failsWith(start([refused], { targets: [] }).running, 'no_target');
  });
});
