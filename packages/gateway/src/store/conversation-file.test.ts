import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import type { KeptConversation, KeptTurn } from 'modelwire/internal/core/dialect';
import { type ConversationStore, createConversationMemory, type Keeping, type Owner } from 'modelwire/internal/runtime/conversation-store';
import { openConversationFile } from './conversation-file.ts';

/** What both stores hold to: the one in memory, and the one in a file. */
const mine: Owner = { caller: 'me', dialect: 'openai-responses' };
const turn = (id: string, length = 10): KeptTurn => ({ id, asked: { input: 'x'.repeat(length) }, answer: '{}' });
const conversation = (id: string, ...items: readonly string[]): KeptConversation => ({
  id,
  created: 1,
  metadata: '{"n":12345678901234567890}',
  items: items.map((item) => ({ id: item, raw: '{}' })),
});

type Stores = { readonly [name: string]: (context: TestContext, keeping: Keeping, now: () => number) => Promise<ConversationStore> };
const stores: Stores = {
  memory: async (_context, keeping, now) => createConversationMemory(keeping, now),
  async file(context, keeping, now) {
    const file = path.join(tmpdir(), `kept-${crypto.randomUUID()}`, 'kept.sqlite');
    const store = await openConversationFile(file, keeping, now);
    context.after(async () => {
      store.close();
      await rm(path.dirname(file), { recursive: true, force: true });
    });
    return store;
  },
};

for (const [name, open] of Object.entries(stores)) {
  test(`${name}: each shelf has ids of its own, for its owner alone`, async (context) => {
    const store = await open(context, { forMs: 1000, bytes: 10_000 }, () => 0);
    await store.put(mine, ['turn', turn('a')], ['conversation', conversation('a', 'i')], ['item', { id: 'a', turn: 't' }]);
    assert.deepEqual(await store.get(mine, 'turn', 'a'), turn('a'));
    assert.deepEqual(await store.get(mine, 'conversation', 'a'), conversation('a', 'i'));
    assert.deepEqual(await store.get(mine, 'item', 'a'), { id: 'a', turn: 't' });
    assert.equal(await store.get(mine, 'elsewhere', 'a'), undefined);
    assert.equal(await store.get({ ...mine, caller: 'you' }, 'turn', 'a'), undefined);
    assert.equal(await store.remove(mine, 'turn', 'a'), true);
    assert.equal(await store.remove(mine, 'turn', 'a'), false);
    assert.equal((await store.get(mine, 'conversation', 'a'))?.id, 'a');
  });

  test(`${name}: changes at the same time are all there`, async (context) => {
    const store = await open(context, { forMs: 1000, bytes: 10_000 }, () => 0);
    await store.put(mine, ['conversation', conversation('c')]);
    const add = (id: string) => store.change(mine, 'conversation', 'c', (kept) => ({ ...kept, items: [...kept.items, { id, raw: '{}' }] }));
    await Promise.all(['1', '2', '3'].map(add));
    assert.deepEqual(
      (await store.get(mine, 'conversation', 'c'))?.items.map(({ id }) => id),
      ['1', '2', '3'],
    );
    assert.equal(await store.change(mine, 'conversation', 'none', (kept) => kept), undefined);
    const failed = store.change(mine, 'conversation', 'c', () => {
      throw new Error('no');
    });
    await assert.rejects(failed, /no/);
    assert.equal((await store.get(mine, 'conversation', 'c'))?.items.length, 3);
  });

  test(`${name}: what was used least lately goes first, and all goes in its time`, async (context) => {
    let now = 0;
    const store = await open(context, { forMs: 1000, bytes: 1000 }, () => now);
    const ids = Array.from({ length: 40 }, (_, index) => `t${index}`);
    for (const id of ids) {
      now++;
      await store.put(mine, ['turn', turn(id, 90)]);
    }
    const left = [];
    for (const id of ids) if ((await store.get(mine, 'turn', id)) !== undefined) left.push(id);
    assert.ok(left.length > 0 && left.length <= 5, left.join());
    assert.deepEqual(left, ids.slice(-left.length));
    await store.put(mine, ['turn', turn('too long', 1000)]);
    assert.equal(await store.get(mine, 'turn', 'too long'), undefined);
    now += 1000;
    assert.equal(await store.get(mine, 'turn', left.at(-1) ?? ''), undefined);
    assert.equal(await store.change(mine, 'turn', left.at(-1) ?? '', (kept) => kept), undefined);
  });

  test(`${name}: what is said again is counted once`, async (context) => {
    const store = await open(context, { forMs: 1000, bytes: 1000 }, () => 0);
    await store.put(mine, ['turn', turn('kept', 90)]);
    for (let again = 0; again < 100; again++) await store.put(mine, ['turn', turn('again', 90)]);
    assert.equal((await store.get(mine, 'turn', 'kept'))?.id, 'kept');
  });
}
