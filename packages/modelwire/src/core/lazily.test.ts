import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lazily } from './lazily.ts';

test('what is asked for is a promise until it is there, and itself from then on, loaded once', async () => {
  let loads = 0;
  const get = lazily(async () => ({ loads: ++loads }));
  const [first, second] = [get(), get()];
  assert.ok(first instanceof Promise);
  assert.equal(second, first);
  assert.deepEqual(await first, { loads: 1 });
  assert.deepEqual(get(), { loads: 1 });
});

test('a load that has failed is tried again', async () => {
  let loads = 0;
  const get = lazily(async () => {
    if (++loads === 1) throw new Error('no network');
    return { loads };
  });
  await assert.rejects(async () => await get(), /no network/);
  assert.deepEqual(await get(), { loads: 2 });
});
