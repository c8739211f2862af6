import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextTo } from '../../../../test/support/context.ts';
import type { ChatRequest, ReasoningRequest } from './ir.ts';
import type { ModelInfo } from './target.ts';
import { effortToAsk } from './thinking.ts';

function ask(reasoning: ReasoningRequest, more: { info?: ModelInfo; maxTokens?: number } = {}): [string | undefined, string | undefined] {
  const { info, maxTokens } = more;
  const request: ChatRequest = {
    model: 'm',
    messages: [],
    stream: false,
    streamUsage: false,
    names: {},
    ext: [],
    reasoning,
    ...(maxTokens === undefined ? {} : { maxTokens }),
  };
  const context = contextTo('openai-chat', info === undefined ? {} : { info });
  const effort = effortToAsk(request, context, 'thinking');
  return [effort, context.ledger.notes[0]?.verdict];
}

test('an effort goes as it is', () => {
  assert.deepEqual(ask({ effort: 'high' }), ['high', undefined]);
  assert.deepEqual(ask({ effort: 'none' }), ['none', undefined]);
});

test('a budget goes as the effort whose share is nearest, when the limit is known', () => {
  assert.deepEqual(ask({ budget: 8000 }, { maxTokens: 10_000 }), ['high', 'changed']);
  assert.deepEqual(ask({ budget: 2000 }, { info: { maxOutput: 10_000 } }), ['low', 'changed']);
  assert.deepEqual(ask({ budget: 2000 }), [undefined, 'dropped']);
});

test('switched off is the effort none for models that think, and nothing for those that do not', () => {
  assert.deepEqual(ask({ mode: 'disabled' }, { info: { reasoning: true } }), ['none', undefined]);
  assert.deepEqual(ask({ mode: 'disabled', effort: 'high' }, { info: { reasoning: true } }), ['none', 'changed']);
  assert.deepEqual(ask({ mode: 'disabled' }, { info: { reasoning: false } }), [undefined, undefined]);
  assert.deepEqual(ask({ mode: 'disabled' }), [undefined, 'dropped']);
});

test('a model that does not think is not asked', () => {
  assert.deepEqual(ask({ effort: 'high' }, { info: { reasoning: false } }), [undefined, 'dropped']);
  assert.deepEqual(ask({ effort: 'none' }, { info: { reasoning: false } }), [undefined, undefined]);
});

test('switched on without a measure is left to the model', () => {
  assert.deepEqual(ask({ mode: 'adaptive' }), [undefined, 'changed']);
  assert.deepEqual(ask({ display: 'omitted' }), [undefined, undefined]);
});
