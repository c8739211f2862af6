import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextFor } from './fixtures/world.ts';
import { coverState, uncoverState } from './signature.ts';

const context = contextFor();
const { target } = context;

test('what another provider must have back is covered with its kind, and an empty signature stands for none', () => {
  for (const state of [{ signature: 's' }, { redacted: 'secret' }, { signature: '' }] as const) {
    const covered = coverState({ type: 'reasoning', text: '', ...state }, context);
    const sealed = Object.fromEntries(Object.entries(state).map(([key, value]) => [key, `mw1.${target.provider}.${value}`]));
    assert.deepEqual(uncoverState(covered ?? ''), sealed);
  }
  assert.deepEqual(uncoverState(coverState({ type: 'reasoning', text: 'I think' }, context) ?? ''), { signature: `mw1.${target.provider}.` });
});

test('where nothing was thought there is nothing to have back', () => {
  assert.equal(coverState({ type: 'reasoning', text: '' }, context), undefined);
});
