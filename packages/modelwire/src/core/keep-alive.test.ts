import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeWorld } from '../../../../test/support/fake-world.ts';
import type { Answer } from './attempt.ts';
import { GatewayError } from './errors.ts';
import { withKeepAlive } from './keep-alive.ts';

function setUp() {
  const world = createFakeWorld(() => Promise.reject(new Error('unused')));
  const failures: GatewayError[] = [];
  let resolve: (answer: Answer) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const later = new Promise<Answer>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  const answer = withKeepAlive(
    later,
    { everyMs: 100, ping: 'PING', errorEvent: (error) => `ERROR ${error.code}`, failed: (error) => failures.push(error) },
    world,
  );
  return { world, failures, resolve, reject, answer };
}

const whole = (text: string): Answer => ({
  status: 200,
  contentType: 'text/event-stream; charset=utf-8',
  headers: {},
  body: { kind: 'whole', chunks: [text] },
});

async function read(answer: Answer): Promise<string[]> {
  const out: string[] = [];
  if (answer.body.kind === 'stream')
    answer.body.source.start({ data: (chunk) => out.push(String(chunk)), end: () => out.push('END'), reset: () => out.push('RESET') });
  await Promise.resolve();
  return out;
}

const settle = (): Promise<void> => new Promise((done) => setImmediate(done));

test('an answer in time passes as it is, a refusal stays a refusal', async () => {
  const quick = setUp();
  quick.resolve(whole('text'));
  assert.equal((await quick.answer).body.kind, 'whole');
  assert.equal(quick.world.timers(), 0);
  const refused = setUp();
  refused.reject(new GatewayError('overloaded', 'busy'));
  await assert.rejects(refused.answer, /busy/);
});

test('silence is begun with keep-alives; the answer follows when it comes', async () => {
  const { world, resolve, answer } = setUp();
  world.pass(100);
  const out = await read(await answer);
  world.pass(250);
  resolve(whole('text'));
  await settle();
  assert.deepEqual(out, ['PING', 'PING', 'PING', 'text', 'END']);
  assert.equal(world.timers(), 0);
});

test('a failure after that is an event, and is told', async () => {
  const { world, reject, answer, failures } = setUp();
  world.pass(100);
  const out = await read(await answer);
  reject(new GatewayError('model_unavailable', 'no model'));
  await settle();
  assert.deepEqual(out, ['PING', 'ERROR model_unavailable', 'END']);
  assert.equal(failures[0]?.code, 'model_unavailable');
});
