import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from './errors.ts';
import type { Extra } from './ir.ts';
import { accountForExtras, createLedger, summarizeNotes } from './notes.ts';

const rejects = (act: () => void, path: string): void => {
  assert.throws(
    act,
    (error) =>
      error instanceof GatewayError &&
      error.code === 'unsupported_parameter' &&
      error.status === 400 &&
      error.param === path &&
      error.message.includes('lab/m') &&
      error.hint !== undefined,
  );
};

test('carry drops hints with a note and refuses demands', () => {
  const ledger = createLedger('lab/m', 'carry');
  ledger.note('changed', 'a', 'why');
  ledger.drop('b', 'hint');
  rejects(() => ledger.refuse('c', 'contract', 'do this'), 'c');
  ledger.lost('d', 'too late');
  assert.deepEqual(
    ledger.notes.map(({ path, verdict }) => [path, verdict]),
    [
      ['a', 'changed'],
      ['b', 'dropped'],
      ['d', 'dropped'],
    ],
  );
});

test('strict refuses every drop, but not what the answer loses', () => {
  const ledger = createLedger('lab/m', 'strict');
  rejects(() => ledger.drop('b', 'hint'), 'b');
  rejects(() => ledger.refuse('c', 'contract'), 'c');
  ledger.lost('d', 'too late');
  ledger.note('emulated', 'e', 'fine');
  assert.equal(ledger.notes.length, 2);
});

test('lenient refuses nothing', () => {
  const ledger = createLedger('lab/m', 'lenient');
  ledger.drop('b', 'hint');
  ledger.refuse('c', 'contract');
  assert.deepEqual(
    ledger.notes.map(({ verdict }) => verdict),
    ['dropped', 'dropped'],
  );
});

test('the summary tells how many and the worst', () => {
  const ledger = createLedger('lab/m', 'carry');
  assert.equal(summarizeNotes(ledger.notes), undefined);
  ledger.note('changed', 'a', '');
  assert.equal(summarizeNotes(ledger.notes), '1; worst=changed');
  ledger.note('emulated', 'a', '');
  ledger.note('carried', 'a', '');
  assert.equal(summarizeNotes(ledger.notes), '3; worst=emulated');
  ledger.lost('a', '');
  assert.equal(summarizeNotes(ledger.notes), '4; worst=dropped');
});

test('only foreign extras that say something are accounted for', () => {
  const ledger = createLedger('lab/m', 'carry');
  const extra = (dialect: Extra['dialect'], loss: Extra['loss'], key: string): Extra => ({ dialect, path: `x.${key}`, key, raw: '1', loss });
  accountForExtras(undefined, 'openai-chat', ledger);
  accountForExtras(
    [extra('openai-chat', 'demand', 'a'), extra('anthropic-messages', 'nothing', 'b'), { ...extra('anthropic-messages', 'hint', 'c'), reason: 'because' }],
    'openai-chat',
    ledger,
  );
  assert.deepEqual(ledger.notes, [{ path: 'x.c', verdict: 'dropped', target: 'lab/m', reason: 'because' }]);
  rejects(() => accountForExtras([extra('anthropic-messages', 'demand', 'd')], 'openai-chat', ledger), 'x.d');
});
