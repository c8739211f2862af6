import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createFakeWorld, handFed } from '../../../../test/support/fake-world.ts';
import type { Attempt, AttemptScope } from './attempt.ts';
import { createCanceller } from './cancel.ts';
import { defaultDeadlines } from './deadline.ts';
import { GatewayError } from './errors.ts';
import { type Chunk, type ChunkSource, type Machine, pump } from './pump.ts';

/** A toy format: `c` is content, `f` the finish reason, `t` the terminator, `e` an error, anything else preamble. */
function toyMachine(): Machine {
  let content = 0;
  let finishing = false;
  let done = false;
  let failure: GatewayError | undefined;
  const fail = (error: GatewayError): Chunk => {
    failure = error;
    done = true;
    return 'ERROR';
  };
  return {
    read(bytes) {
      const text = new TextDecoder().decode(bytes);
      if (text === 'e') return fail(new GatewayError('overloaded', 'busy'));
      if (text === 'throw') throw new GatewayError('upstream_invalid_response', 'nonsense');
      if (text === 'c') content++;
      if (text === 'f') finishing = true;
      if (text === 't') done = true;
      return text;
    },
    end() {
      if (done) return undefined;
      done = true;
      return finishing ? 't' : fail(new GatewayError('upstream_stream_cut', 'cut'));
    },
    broken: fail,
    committed: () => content > 0 || (done && failure === undefined),
    progress: () => content,
    finishing: () => finishing,
    done: () => done,
    failure: () => failure,
    ping: 'PING',
  };
}

function setUp(pingMs = 0) {
  const world = createFakeWorld(() => Promise.reject(new Error('unused')));
  const abort = createCanceller();
  const attempt: Attempt = {
    target: { provider: 'lab', model: 'm', speaks: {}, quirks: {} },
    startedAt: world.now(),
    mode: 'relay',
    back: undefined,
    notes: [],
  };
  const call = { deadlines: { ...defaultDeadlines, firstToken: 1000, idle: 500 }, signal: abort.signal, pingMs };
  const scope = { world, call, attempt, target: attempt.target } as unknown as AttemptScope;
  const input = handFed();
  return { world, abort, attempt, input, source: pump(scope, input, toyMachine()) };
}

function drain(source: ChunkSource): string[] {
  const out: string[] = [];
  source.start({ data: (chunk) => out.push(String(chunk)), end: () => out.push('END'), reset: (error) => out.push(`RESET ${error.code}`) });
  return out;
}

const rejects = (promise: Promise<unknown>, code: string) => assert.rejects(promise, (error: unknown) => error instanceof GatewayError && error.code === code);

describe('pump', () => {
  test('holds the preamble until the first content, then lets all pass', async () => {
    const { input, source, attempt, world } = setUp();
    input.feed('p');
    input.feed('c');
    const out = drain(await source);
    assert.deepEqual(out, ['p', 'c']);
    input.feed('c');
    input.feed('t');
    assert.deepEqual(out, ['p', 'c', 'c', 't', 'END']);
    assert.equal(attempt.endedAt, world.now());
    input.finish();
    assert.equal(world.timers(), 0);
    assert.equal(input.state.aborted, false);
  });

  test('an error before the first content is a rejection, not a stream', async () => {
    const { input, source, world } = setUp();
    input.feed('p');
    input.feed('e');
    await rejects(source, 'overloaded');
    assert.equal(input.state.aborted, true);
    assert.equal(world.timers(), 0);
  });

  test('a torn stream is an error event after content, a rejection before it', async () => {
    const first = setUp();
    first.input.feed('c');
    const out = drain(await first.source);
    first.input.finish();
    assert.deepEqual(out, ['c', 'ERROR', 'END']);
    assert.equal(first.attempt.error?.code, 'upstream_stream_cut');
    const second = setUp();
    second.input.feed('p');
    second.input.break(new Error('ECONNRESET'));
    await rejects(second.source, 'upstream_stream_cut');
  });

  test('finished without a terminator: the clean end, a reset and an open socket all complete it', async () => {
    for (const ending of ['finish', 'break', 'wait'] as const) {
      const { input, source, world } = setUp();
      input.feed('c');
      input.feed('f');
      const out = drain(await source);
      if (ending === 'finish') input.finish();
      else if (ending === 'break') input.break(new Error('reset'));
      else world.pass(1000);
      assert.deepEqual(out, ['c', 'f', 't', 'END'], ending);
      world.pass(5000);
      assert.equal(world.timers(), 0);
      assert.equal(input.state.aborted, ending === 'wait');
    }
  });

  test('after the terminator the socket gets a moment, then goes; more bytes end it at once', async () => {
    const quiet = setUp();
    quiet.input.feed('c');
    quiet.input.feed('t');
    await quiet.source;
    quiet.world.pass(999);
    assert.equal(quiet.input.state.aborted, false);
    quiet.world.pass(1);
    assert.equal(quiet.input.state.aborted, true);
    const chatty = setUp();
    chatty.input.feed('c');
    chatty.input.feed('t');
    const out = drain(await chatty.source);
    chatty.input.feed('c');
    assert.deepEqual(out, ['c', 't', 'END']);
    assert.equal(chatty.input.state.aborted, true);
  });

  test('first-token and idle deadlines fire; preamble and pings do not keep them alive', async () => {
    const silent = setUp();
    silent.world.pass(900);
    silent.input.feed('p');
    silent.world.pass(100);
    await rejects(silent.source, 'deadline_first_token');
    const stalls = setUp();
    stalls.input.feed('c');
    const out = drain(await stalls.source);
    stalls.world.pass(400);
    stalls.input.feed('c');
    stalls.world.pass(400);
    stalls.input.feed('p');
    stalls.world.pass(100);
    assert.deepEqual(out, ['c', 'c', 'p', 'ERROR', 'END']);
    assert.equal(stalls.attempt.error?.code, 'deadline_idle');
    assert.equal(stalls.input.state.aborted, true);
  });

  test('a ping commits a silent stream; from then on a failure is an event', async () => {
    const { input, source, world } = setUp(300);
    world.pass(300);
    const out = drain(await source);
    assert.deepEqual(out, ['PING']);
    input.break(new Error('gone'));
    assert.deepEqual(out, ['PING', 'ERROR', 'END']);
  });

  test('a paused caller costs no timer after timer', async () => {
    const { world, input, source } = setUp();
    input.feed('c');
    drain(await source);
    (await source).pause();
    let set = 0;
    const { after } = world;
    world.after = (ms, run) => {
      set++;
      return after(ms, run);
    };
    world.pass(5000);
    assert.ok(set <= 11, `${set} timers in ten idle deadlines`);
  });

  test('a paused caller is not an idle provider', async () => {
    const { input, source, world } = setUp();
    input.feed('c');
    const chunks = await source;
    const out = drain(chunks);
    chunks.pause();
    assert.equal(input.state.paused, true);
    world.pass(5000);
    assert.deepEqual(out, ['c']);
    chunks.resume();
    assert.equal(input.state.paused, false);
    input.feed('t');
    assert.deepEqual(out, ['c', 't', 'END']);
  });

  test('the caller leaving aborts the provider at once, before and after commit', async () => {
    const early = setUp();
    early.abort.abort(new GatewayError('client_gone', 'gone'));
    await rejects(early.source, 'client_gone');
    assert.equal(early.input.state.aborted, true);
    const late = setUp();
    late.input.feed('c');
    drain(await late.source);
    late.abort.abort(new GatewayError('client_gone', 'gone'));
    assert.equal(late.input.state.aborted, true);
    assert.equal(late.attempt.error?.code, 'client_gone');
    assert.equal(late.world.timers(), 0);
  });

  test('what the machine throws ends the stream with that error', async () => {
    const { input, source } = setUp();
    input.feed('c');
    const out = drain(await source);
    input.feed('throw');
    assert.deepEqual(out, ['c', 'ERROR', 'END']);
  });
});
