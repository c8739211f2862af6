import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPairing, madeId } from './call-pairing.ts';

test('a result answers the call of its id, else the next of its name, else the next of all', () => {
  const pairing = createPairing();
  const first = pairing.called('f', undefined);
  const second = pairing.called('g', 'g1');
  const third = pairing.called('f', undefined);
  assert.equal(new Set([first, second, third]).size, 3);
  assert.equal(pairing.answered('f', third), third);
  assert.equal(pairing.answered('f', undefined), first);
  assert.equal(pairing.answered(undefined, undefined), second);
});

test('a result that answers nothing has an id that no call has', () => {
  const pairing = createPairing();
  const made = pairing.called('f', undefined);
  assert.equal(pairing.answered('f', undefined), made);
  assert.notEqual(pairing.answered('f', undefined), made);
  assert.equal(createPairing().answered('g', undefined), madeId(0, 'g'));
});

test('many calls and results of one turn are paired in one go', () => {
  const pairing = createPairing();
  const ids = Array.from({ length: 50_000 }, () => pairing.called('f', undefined));
  const start = performance.now();
  assert.deepEqual(
    ids.map(() => pairing.answered('f', undefined)),
    ids,
  );
  assert.ok(performance.now() - start < 2000);
});
