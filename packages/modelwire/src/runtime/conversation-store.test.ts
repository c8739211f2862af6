import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KeptTurn } from '../core/dialect.ts';
import { createConversationMemory, type Owner } from './conversation-store.ts';

const mine: Owner = { caller: 'me', dialect: 'anthropic-messages' };
const turn = (id: string, length = 10): KeptTurn => ({ id, asked: { messages: 'x'.repeat(length) }, answer: '' });

test('a turn is found by its owner alone', async () => {
  const store = createConversationMemory({ forMs: 1000, bytes: 1000 }, () => 0);
  await store.put(mine, ['turn', turn('a')]);
  assert.equal((await store.get(mine, 'turn', 'a'))?.id, 'a');
  assert.equal(await store.get({ ...mine, caller: 'you' }, 'turn', 'a'), undefined);
  assert.equal(await store.get({ ...mine, dialect: 'openai-chat' }, 'turn', 'a'), undefined);
  assert.equal(await store.remove({ ...mine, caller: 'you' }, 'turn', 'a'), false);
  assert.equal(await store.remove(mine, 'turn', 'a'), true);
  assert.equal(await store.get(mine, 'turn', 'a'), undefined);
});

test('the time runs from the last use', async () => {
  let now = 0;
  const store = createConversationMemory({ forMs: 1000, bytes: 1000 }, () => now);
  await store.put(mine, ['turn', turn('a')]);
  await store.put(mine, ['turn', turn('b')]);
  now = 900;
  await store.get(mine, 'turn', 'a');
  now = 1100;
  assert.equal(await store.get(mine, 'turn', 'b'), undefined);
  assert.equal((await store.get(mine, 'turn', 'a'))?.id, 'a');
  now = 2100;
  assert.equal(await store.remove(mine, 'turn', 'a'), false);
});

test('what was used least lately makes room', async () => {
  const store = createConversationMemory({ forMs: 1000, bytes: 250 }, () => 0);
  await store.put(mine, ['turn', turn('a', 50)]);
  await store.put(mine, ['turn', turn('b', 50)]);
  await store.get(mine, 'turn', 'a');
  await store.put(mine, ['turn', turn('c', 50)]);
  assert.deepEqual(await Promise.all(['a', 'b', 'c'].map(async (id) => (await store.get(mine, 'turn', id))?.id)), ['a', undefined, 'c']);
  await store.put(mine, ['turn', turn('a', 100)]);
  await store.put(mine, ['turn', turn('huge', 1000)]);
  assert.deepEqual(await Promise.all(['a', 'c', 'huge'].map(async (id) => (await store.get(mine, 'turn', id))?.id)), ['a', undefined, undefined]);
});
