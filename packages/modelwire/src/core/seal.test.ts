import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seal, sealNeedle, unseal } from './seal.ts';
import type { Target } from './target.ts';

const target = (provider: string): Target => ({ provider, model: 'm', speaks: {}, quirks: {} });

test('what was sealed opens byte-exact at its origin and stays shut elsewhere', () => {
  for (const payload of ['', 'abc', 'a.b.c==', 'mw1.other.x', 'ünï😀\n']) {
    const sealed = seal(target('anthropic'), payload);
    assert.deepEqual(unseal(sealed, target('anthropic')), { kind: 'own', payload });
    assert.equal(unseal(sealed, target('bedrock')).kind, 'foreign');
  }
});

test('a provider with a dot in its name opens its own seal', () => {
  const sealed = seal(target('z.ai'), 'x.y');
  assert.deepEqual(unseal(sealed, target('z.ai')), { kind: 'own', payload: 'x.y' });
  assert.equal(unseal(sealed, target('z')).kind, 'foreign');
});

test('what was never sealed is told apart', () => {
  for (const text of ['', 'EqQBCg', 'mw1', 'mw1.nodot']) assert.deepEqual(unseal(text, target('anthropic')), { kind: 'unsealed', payload: text });
});

test('the needle finds a seal in JSON', () => {
  assert.ok(JSON.stringify({ signature: seal(target('a'), 'x') }).includes(sealNeedle));
});
