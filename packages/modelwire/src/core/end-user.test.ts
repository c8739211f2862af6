import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printEndUser } from './end-user.ts';
import { createLedger } from './notes.ts';

test("an end user's name that another format made too long is left out with a note, never cut off", () => {
  const ledger = createLedger('lab/m', 'carry');
  const names = { endUser: 'metadata.user_id' };
  assert.equal(printEndUser({ endUser: 'u'.repeat(64), names }, ledger), `"${'u'.repeat(64)}"`);
  assert.equal(ledger.notes.length, 0);
  assert.equal(printEndUser({ endUser: 'u'.repeat(65), names }, ledger), undefined);
  assert.deepEqual(
    ledger.notes.map(({ verdict, path }) => [verdict, path]),
    [['dropped', 'metadata.user_id']],
  );
});

test('a caller of the same formats may find out for itself', () => {
  const ledger = createLedger('lab/m', 'carry');
  assert.equal(printEndUser({ endUser: 'u'.repeat(65), names: { endUser: 'user' } }, ledger), `"${'u'.repeat(65)}"`);
  assert.equal(printEndUser({ names: {} }, ledger), undefined);
  assert.equal(ledger.notes.length, 0);
});
