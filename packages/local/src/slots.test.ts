import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createSlots } from './slots.ts';

const live = new AbortController().signal;
const any = () => 0;

suite('createSlots', () => {
  test('gives the free slot that fits best', async () => {
    const slots = createSlots(['a', 'b', 'c'], 0);
    const fit = (slot: string) => ({ a: 1, b: 7, c: 3 })[slot] ?? 0;
    assert.equal(await slots.take(fit, live), 'b');
    assert.equal(await slots.take(fit, live), 'c');
    slots.giveBack('b');
    assert.equal(await slots.take(fit, live), 'b');
  });

  test('callers wait in order, and one too many is told when to come back', async () => {
    const slots = createSlots(['a'], 2);
    await slots.take(any, live);
    const order: string[] = [];
    const second = slots.take(any, live).then(() => order.push('second'));
    const third = slots.take(any, live).then(() => order.push('third'));
    await assert.rejects(slots.take(any, live), { status: 503, code: 'queue_full', retryAfter: 9, message: /1 running, 2 waiting/ });
    slots.giveBack('a');
    await second;
    slots.giveBack('a');
    await third;
    assert.deepEqual(order, ['second', 'third']);
  });

  test('who gives up leaves the queue', async () => {
    const slots = createSlots(['a'], 1);
    await slots.take(any, live);
    const caller = new AbortController();
    const waiting = slots.take(any, caller.signal);
    caller.abort(new Error('gone'));
    await assert.rejects(waiting, { message: 'gone' });
    await assert.rejects(slots.take(any, caller.signal), { message: 'gone' });
    const next = slots.take(any, live);
    slots.giveBack('a');
    assert.equal(await next, 'a');
  });
});
