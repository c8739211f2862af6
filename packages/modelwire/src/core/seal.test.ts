import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeBase64 } from './base64.ts';
import type { ReasoningBlock } from './ir.ts';
import { holdsSealedBytes, mustReturn, openBlock, printBundle, readBundle, seal, sealedState, sealNeedle, uncover, unseal } from './seal.ts';
import type { Target } from './target.ts';
import { scanTopLevel } from './top-level.ts';

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

const from = (provider: string, quirks: Target['quirks'] = {}) => ({ target: { ...target(provider), quirks }, back: 'openai-chat' }) as const;
const thought = (more: Partial<ReasoningBlock> = {}): ReasoningBlock => ({ type: 'reasoning', text: 'hm', ...more });
const field = (key: string, raw: string, dialect: 'openai-chat' | 'gemini' = 'openai-chat') =>
  ({ dialect, path: `details.${key}`, key, raw, loss: 'nothing' }) as const;

test('a block comes back with its state, and with the fields that its own dialect wants back', () => {
  for (const state of ['EqQ', '', '{"state":"x"}', '{']) {
    for (const ext of [undefined, [field('id', '"rs_\\"1"')]]) {
      const block = thought({ signature: state, ...(ext === undefined ? {} : { ext }) });
      const sealed = thought({ signature: sealedState(block, 'signature', from('a')) });
      const opened = openBlock(sealed, from('a'));
      assert.deepEqual(opened, { kind: 'own', block: thought({ ...(state === '' ? {} : { signature: state }), ...(ext === undefined ? {} : { ext }) }) });
      assert.equal(openBlock(sealed, from('b')).kind, 'foreign');
    }
  }
  const secret = thought({ text: '', redacted: 'R', ext: [field('n', '1'), field('x', '"y"', 'gemini'), { ...field('h', '"i"'), loss: 'hint' }] });
  assert.equal(sealedState(secret, 'redacted', from('a')), 'mw1.a.R', 'numbers, others’ fields and hints are not state');
  assert.deepEqual(openBlock(thought({ signature: 'EqQ' }), from('a')), { kind: 'unsealed', block: thought({ signature: 'EqQ' }) });
  assert.equal(openBlock(thought({ signature: seal(target('a'), 'x'), redacted: seal(target('b'), 'x') }), from('a')).kind, 'foreign');
});

test('what a client has made of our state can put nothing but strings into a request', () => {
  const forged = (kept: unknown): unknown => {
    const opened = openBlock(thought({ signature: seal(target('a'), JSON.stringify({ state: 's', kept })) }), from('a'));
    return opened.kind === 'own' ? [opened.block.signature, opened.block.ext] : opened.kind;
  };
  for (const kept of ['x', {}, [1], [['p', 'k']], [['p', 'k', { a: 1 }]], [['p', 1, 'v']]]) assert.deepEqual(forged(kept), ['s', undefined]);
  assert.deepEqual(forged([['p', '__proto__', '"},"model":"else']]), [
    's',
    [{ dialect: 'openai-chat', path: 'p', key: '__proto__', raw: '"\\"},\\"model\\":\\"else"', loss: 'nothing' }],
  ]);
});

test('a bundle brings back every block under a seal of its own; another text nothing', () => {
  const blocks = [thought({ signature: 'S', ext: [field('id', '"1"')] }), thought({ text: '', redacted: 'R' }), thought({ text: 'plain' })];
  const sealed = seal(target('a'), printBundle(blocks, 'openai-chat'));
  assert.deepEqual(
    readBundle(sealed, 'at').map((block) => openBlock(block, from('a'))),
    blocks.map((block) => ({ kind: 'own', block: { ...block, at: 'at' } })),
  );
  assert.ok(
    readBundle(sealed, 'at').every((block) => openBlock(block, from('b')).kind === 'foreign'),
    'plain thinking has an origin too',
  );
  for (const text of ['mw1.a.', 'mw1.a.{}', 'mw1.a.[1', 'mw1.a.[1,"x"]']) assert.deepEqual(readBundle(text, 'at'), []);
});

test('what must come back', () => {
  assert.equal(mustReturn(thought(), from('a')), false);
  assert.equal(mustReturn(thought(), from('a', { reasoningHistory: 'never' })), false);
  assert.equal(mustReturn(thought(), from('a', { reasoningHistory: 'always' })), true);
  assert.equal(mustReturn(thought({ text: '' }), from('a', { reasoningHistory: 'always' })), false);
  assert.equal(mustReturn(thought({ text: '', redacted: 'R' }), from('a')), true);
});

test('what stands in base64 is uncovered, seal and all', () => {
  const sealed = seal(target('lab'), 'payload.with.dots');
  assert.equal(uncover(encodeBase64(sealed)), sealed);
  for (const other of [sealed, '', 'bXcx', 'bXcxLg==', encodeBase64('mw1.lab'), encodeBase64('mw2.lab.x')]) assert.equal(uncover(other), undefined, other);
});

test('a covered string is found wherever it is one, and nowhere else', () => {
  const holds = (value: unknown): boolean => holdsSealedBytes(scanTopLevel(new TextEncoder().encode(JSON.stringify(value))));
  const covered = encodeBase64(seal(target('lab'), 'x'));
  assert.equal(holds({ a: [{ id: covered }] }), true);
  assert.equal(holds({ a: `see ${covered}` }), false);
  assert.equal(holds({ a: JSON.stringify({ id: covered }) }), false, 'a string within a string is text');
  assert.equal(holds({ a: JSON.stringify({ id: covered }), b: covered }), true);
});
