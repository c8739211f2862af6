import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadOnce } from './load-once.ts';

test('what is asked for is a promise until it is there, and itself from then on, loaded once', async () => {
  let loads = 0;
  const named = loadOnce({
    a: async () => ({ loads: ++loads }),
  });
  const [first, second] = [named('a'), named('a')];
  assert.ok(first instanceof Promise);
  assert.equal(second, first);
  assert.deepEqual(await first, { loads: 1 });
  assert.deepEqual(named('a'), { loads: 1 });
});

test('a load that has failed is tried again', async () => {
  let loads = 0;
  const named = loadOnce({
    a: async () => {
      if (++loads === 1) throw new Error('no network');
      return { loads };
    },
  });
  await assert.rejects(async () => await named('a'), /no network/);
  assert.deepEqual(await named('a'), { loads: 2 });
});
