import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contract, isContract } from './contract.ts';
import { request } from './verdicts.ts';

test('the fields that cannot be left out are those of the verdicts', () => {
  const declared = [...request.fields].filter(([, field]) => field.contract === true || (field.becomes === 'extra' && field.loss === 'demand'));
  assert.deepEqual(Object.keys(contract).toSorted(), declared.map(([key]) => key).toSorted());
});

test('a value that asks for nothing can be left out', () => {
  for (const [key, value] of Object.entries({ n: 1, logprobs: false, top_logprobs: 0, modalities: ['text'], logit_bias: {}, tool_choice: 'auto' })) {
    assert.equal(isContract(key, value), false, key);
  }
  for (const [key, value] of Object.entries({ n: 2, logprobs: true, modalities: ['audio'], logit_bias: { a: 1 }, tool_choice: 'required', tools: [] })) {
    assert.equal(isContract(key, value), true, key);
  }
  assert.equal(isContract('temperature', 1), false);
  assert.equal(isContract('toString', 1), false);
});
