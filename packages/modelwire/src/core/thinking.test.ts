import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextTo } from '../../../../test/support/context.ts';
import type { Block, ChatRequest, Message, ReasoningRequest } from './ir.ts';
import type { ModelInfo } from './target.ts';
import { effortToAsk, goesOnUnthinking, mayGoOnUnthinking } from './thinking.ts';
import { scanTopLevel } from './top-level.ts';

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

test('a turn that calls tools and does not begin with thinking goes on without', () => {
  const user: Message = { role: 'user', blocks: [{ type: 'toolResult', callId: 'c', content: [] }] };
  const thought: Block = { type: 'reasoning', text: 't', signature: 's' };
  const call: Block = { type: 'toolCall', kind: 'function', id: 'c', name: 'f', arguments: '{}' };
  const text: Block = { type: 'text', text: 'a' };
  const goesOn = (...blocks: readonly Block[]): boolean => goesOnUnthinking([user, { role: 'assistant', blocks }, user], (block) => block !== thought);
  assert.deepEqual([goesOn(text, call), goesOn(text), goesOn({ ...thought }, text, call), goesOn(thought, call)], [true, false, false, true]);
  assert.equal(
    goesOnUnthinking([user], () => true),
    false,
  );
});

test('the same is seen of a body by two words of its last answer', () => {
  const mayGoOn = (...messages: readonly object[]): boolean =>
    mayGoOnUnthinking(scanTopLevel(new TextEncoder().encode(JSON.stringify({ messages }))), { call: '"call"', thought: '"thought"' });
  const user = { role: 'user', content: [{ call: 1 }] };
  const answer = (...content: readonly object[]) => ({ role: 'assistant', content });
  assert.equal(mayGoOn(user), false);
  assert.equal(mayGoOn(user, answer({ call: 1 }), user), true);
  assert.equal(mayGoOn(user, answer({ thought: 1 }, { call: 1 }), user), false);
  assert.equal(mayGoOn(user, answer({ call: 1 }), user, answer({ text: 1 }), user), false);
  assert.equal(mayGoOn(user, answer({ thought: 1 }, { call: 1 }), user, answer({ call: 1 }), user), true);
});
