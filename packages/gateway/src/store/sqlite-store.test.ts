import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import type { CallRecord } from 'modelwire/internal/runtime/record';
import { openStore } from './open-store.ts';
import { openSqliteStore } from './sqlite-store.ts';
import { createMemoryStore } from './store.ts';

const folder = mkdtempSync(join(tmpdir(), 'modelwire-store-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function record(id: string): CallRecord {
  return {
    id,
    at: 1,
    key: 'ci',
    format: 'openai-chat',
    operation: 'chat',
    client: undefined,
    stream: false,
    asked: 'm',
    served: 'lab/m',
    how: 'provider',
    candidates: [],
    attempts: [],
    notes: [],
    status: 200,
    outcome: 'ok',
    totalMs: 5,
    usage: { input: 3, output: 2 },
  };
}

const none = (error: unknown): void => assert.fail(String(error));

test('records come back, newest first, by id and by prefix; the file outlives the process', async () => {
  const file = join(folder, 'deep/er/calls.db');
  const store = await openSqliteStore(file, none);
  for (const id of ['req_a1', 'req_a2', 'req_b%']) store.put(record(id));
  assert.deepEqual(store.get('req_a1'), JSON.parse(JSON.stringify(record('req_a1'))));
  assert.equal(store.get('req_'), undefined);
  assert.deepEqual(
    store.last(2).map((kept) => kept.id),
    ['req_b%', 'req_a2'],
  );
  assert.deepEqual(
    store.find('req_a', 9).map((kept) => kept.id),
    ['req_a2', 'req_a1'],
  );
  assert.deepEqual(store.find('req_b%', 9).length, 1);
  assert.deepEqual(store.find('%', 9), []);
  store.close();
  const again = await openSqliteStore(file, none);
  assert.equal(again.last(9).length, 3);
  again.close();
});

test('records are found in any batch, and an id that comes twice is the newer call', async () => {
  const file = join(folder, 'batches.db');
  const store = await openSqliteStore(file, none);
  for (const batch of [['req_a1', 'own', 'req_a2'], ['req_b1'], ['own', 'req_a3']]) {
    for (const id of batch) store.put({ ...record(id), totalMs: batch.length });
    // A read writes what waits.
    assert.equal(store.last(1)[0]?.id, batch.at(-1));
  }
  const ids = (records: readonly CallRecord[]): string[] => records.map((kept) => kept.id);
  assert.deepEqual(ids(store.last(4)), ['req_a3', 'own', 'req_b1', 'req_a2']);
  assert.deepEqual(ids(store.last(99)), ['req_a3', 'own', 'req_b1', 'req_a2', 'req_a1']);
  assert.equal(store.get('own')?.totalMs, 2);
  assert.equal(store.get('req_a1')?.totalMs, 3);
  for (const none of ['req_a', 'wn', 'OWN', '%', '']) assert.equal(store.get(none), undefined);
  assert.deepEqual(ids(store.find('REQ_A', 2)), ['req_a3', 'req_a2']);
  assert.deepEqual(ids(store.find('q_a', 2)), []);
  store.close();
});

test('a locked file loses nothing and blocks nobody: it is written when the lock is gone', async () => {
  const file = join(folder, 'locked.db');
  const problems: unknown[] = [];
  const store = await openSqliteStore(file, (error) => problems.push(error));
  const other = new DatabaseSync(file);
  other.exec('BEGIN EXCLUSIVE');
  const before = performance.now();
  store.put(record('req_1'));
  assert.ok(performance.now() - before < 50);
  assert.deepEqual(store.last(1), []);
  assert.equal(problems.length, 1);
  other.exec('COMMIT');
  other.close();
  assert.equal(store.last(1).length, 1);
  store.close();
});

test('what cannot be opened is told, and memory takes over', async () => {
  const file = join(folder, 'not-a-database.db');
  writeFileSync(file, 'this is not a database, and it is long enough to be sure of that '.repeat(20));
  const problems: unknown[] = [];
  const store = await openStore({ file }, (error) => problems.push(error));
  store.put(record('req_1'));
  assert.equal(store.last(1).length, 1);
  assert.equal(problems.length, 1);
});

test('a folder that cannot be made is told at once, and memory takes over', async () => {
  const plain = join(folder, 'plain');
  writeFileSync(plain, '');
  for (const file of ['/proc/nope/x.db', join(plain, 'x.db'), join(plain, 'deep/er/x.db')]) {
    const problems: unknown[] = [];
    const store = await openStore({ file }, (error) => problems.push(error));
    store.put(record('req_1'));
    assert.equal(store.last(1).length, 1);
    assert.equal(problems.length, 1, file);
  }
});

test('memory keeps the newest', () => {
  const store = createMemoryStore(2);
  for (const id of ['a', 'b', 'c']) store.put(record(id));
  assert.deepEqual(
    store.last(9).map((kept) => kept.id),
    ['c', 'b'],
  );
  assert.equal(store.get('a'), undefined);
});
