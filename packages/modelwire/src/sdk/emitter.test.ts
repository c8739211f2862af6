import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { EventStream } from './emitter.ts';
import { AnthropicError, APIUserAbortError } from './errors-anthropic.ts';
import { anthropicErrors } from './family-anthropic.ts';

type Events = {
  connect: () => void;
  piece: (piece: string) => void;
  pair: (left: number, right: number) => void;
  error: (error: AnthropicError) => void;
  abort: (error: APIUserAbortError) => void;
  end: () => void;
};

class Pieces extends EventStream<Events> {
  constructor(work: (tell: (piece: string) => void, signal: AbortSignal) => Promise<void>) {
    super(anthropicErrors);
    this.run(() => work((piece) => this.emit('piece', piece), this.controller.signal));
  }

  [Symbol.asyncIterator](): AsyncIterator<string> {
    return this.iterate<string>('piece');
  }
}

const abc = (): Pieces =>
  new Pieces(async (tell) => {
    for (const piece of ['a', 'b', 'c']) {
      tell(piece);
      await Promise.resolve();
    }
  });
const failing = (): Pieces =>
  new Pieces(async (tell) => {
    tell('a');
    tell('b');
    await Promise.resolve();
    throw new AnthropicError('No');
  });
const waiting = (): Pieces =>
  new Pieces(async (tell, signal) => {
    tell('a');
    if (!signal.aborted) await once(signal, 'abort');
    throw new Error('aborted');
  });

async function all(pieces: AsyncIterable<string>): Promise<string[]> {
  const seen: string[] = [];
  for await (const piece of pieces) seen.push(piece);
  return seen;
}

describe('listeners', () => {
  test('hear every event, or one; the end comes last', async () => {
    const stream = abc();
    const told: string[] = [];
    const gone = (): unknown => told.push('gone');
    stream
      .on('piece', (piece) => told.push(piece))
      .once('piece', (piece) => told.push(`once ${piece}`))
      .on('piece', gone)
      .on('piece', gone)
      .off('piece', gone)
      .off('piece', gone)
      .on('end', () => told.push('end'));
    await stream.done();
    assert.deepEqual(told, ['a', 'once a', 'b', 'c', 'end']);
    assert.deepEqual([stream.ended, stream.errored, stream.aborted], [true, false, false]);
  });

  test('hear the failure, and then the end', async () => {
    const stream = failing();
    const told: string[] = [];
    stream.on('error', (error) => told.push(error.message)).on('end', () => told.push('end'));
    await assert.rejects(stream.done(), { message: 'No' });
    assert.deepEqual(told, ['No', 'end']);
    assert.deepEqual([stream.ended, stream.errored, stream.aborted], [true, true, false]);
  });

  test('that throw fail the stream with their error as the cause', async () => {
    const mine = new TypeError('mine');
    const stream = abc().on('piece', () => {
      throw mine;
    });
    await assert.rejects(stream.done(), (thrown) => thrown instanceof AnthropicError && thrown.message === 'mine' && thrown.cause === mine);
  });

  test('must be functions', () => {
    assert.throws(() => abc().on('piece', 'no' as never), AnthropicError);
  });
});

describe('emitted', () => {
  test('resolves with the next event: nothing, its argument, or all of them', async () => {
    const stream = abc();
    assert.deepEqual(await Promise.all([stream.emitted('piece'), stream.emitted('end')]), ['a', undefined]);
  });

  test('rejects when the stream fails or ends before', async () => {
    await assert.rejects(failing().emitted('connect'), { message: 'No' });
    await assert.rejects(abc().emitted('pair'), /ended without an event "pair"/);
    assert.equal((await failing().emitted('error')).message, 'No');
  });
});

describe('iterating', () => {
  test('gives every event, also to a late reader of a slow loop', async () => {
    const seen: string[] = [];
    for await (const piece of abc()) {
      await new Promise(setImmediate);
      seen.push(piece);
    }
    assert.deepEqual(seen, ['a', 'b', 'c']);
  });

  test('gives what came before the failure, then rejects, and is then over', async () => {
    const stream = failing();
    const iterator = stream[Symbol.asyncIterator]();
    await new Promise(setImmediate);
    assert.deepEqual(await iterator.next(), { value: 'a', done: false });
    assert.deepEqual(await iterator.next(), { value: 'b', done: false });
    await assert.rejects(iterator.next(), { message: 'No' });
    assert.deepEqual(await iterator.next(), { value: undefined, done: true });
    // One that begins after the end hears of it too.
    await assert.rejects(all(stream), { message: 'No' });
  });

  test('may ask for several at once', async () => {
    const iterator = abc()[Symbol.asyncIterator]();
    const asked = await Promise.all([iterator.next(), iterator.next(), iterator.next(), iterator.next()]);
    assert.deepEqual(
      asked.map(({ value }) => value as unknown),
      ['a', 'b', 'c', undefined],
    );
  });

  test('break aborts, and that is no failure of the loop', async () => {
    const stream = waiting();
    for await (const _ of stream) break;
    await assert.rejects(stream.done(), APIUserAbortError);
    assert.equal(stream.aborted, true);
  });
});

describe('abort', () => {
  test('rejects with the abort', async () => {
    const stream = waiting();
    const told: string[] = [];
    stream.on('piece', () => stream.abort());
    stream.on('abort', (error) => told.push(error.name)).on('error', () => told.push('error'));
    await assert.rejects(all(stream), APIUserAbortError);
    assert.deepEqual(told, ['APIUserAbortError']);
  });
});

describe('a failure that nobody hears', () => {
  /** The failure as the process sees it. */
  async function unheard(make: () => unknown): Promise<unknown> {
    const others = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    const seen = new Promise<unknown>((resolve) => {
      process.once('unhandledRejection', resolve);
      setTimeout(resolve, 20, 'none');
    });
    try {
      make();
      return await seen;
    } finally {
      process.removeAllListeners('unhandledRejection');
      for (const listener of others) process.on('unhandledRejection', listener);
    }
  }

  test('is an unhandled rejection', async () => {
    assert.ok((await unheard(() => failing().on('piece', () => undefined))) instanceof AnthropicError);
  });

  test('but not when someone listens, waits or iterates', async () => {
    assert.equal(await unheard(() => failing().on('error', () => undefined)), 'none');
    assert.equal(
      await unheard(() =>
        failing()
          .done()
          .catch(() => undefined),
      ),
      'none',
    );
    assert.equal(await unheard(() => failing()[Symbol.asyncIterator]()), 'none');
  });
});
