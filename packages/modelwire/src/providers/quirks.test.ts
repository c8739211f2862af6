import assert from 'node:assert/strict';
import { test } from 'node:test';
import { globMatch, quirksFor } from './quirks.ts';

test('a star stands for any run of characters', () => {
  const fits: readonly (readonly [string, string])[] = [
    ['*', ''],
    ['*', 'anything/at:all'],
    ['gpt-4o', 'gpt-4o'],
    ['claude-*', 'claude-'],
    ['claude-*', 'claude-opus-5'],
    ['*-latest', 'gpt-4o-latest'],
    ['a*b*c', 'abc'],
    ['a*b*c', 'a-b-b-c'],
    ['a**c', 'abc'],
    ['', ''],
  ];
  for (const [pattern, name] of fits) assert.ok(globMatch(pattern, name), `${pattern} ${name}`);
  const misfits: readonly (readonly [string, string])[] = [
    ['gpt-4o', 'gpt-4o-mini'],
    ['gpt-4o', 'GPT-4o'],
    ['claude-*', 'claude'],
    ['ab*ba', 'aba'],
    ['a*b*c', 'acb'],
    ['*b*', 'aaa'],
    ['', 'a'],
    ['a.c', 'abc'],
    ['a?c', 'abc'],
  ];
  for (const [pattern, name] of misfits) assert.ok(!globMatch(pattern, name), `${pattern} ${name}`);
});

test('a hostile pattern takes no longer than its length', () => {
  const started = performance.now();
  for (let round = 0; round < 20; round++) assert.equal(globMatch('a*'.repeat(2_000) + 'b', 'a'.repeat(20_000)), false);
  assert.ok(performance.now() - started < 2_000);
});

test('a model has the quirks of its provider and, over them, those of its pattern', () => {
  assert.deepEqual(quirksFor('openai', 'gpt-4o'), { reasoningHistory: 'never', toolCallIds: 'max40', storesResponses: true });
  assert.equal(quirksFor('openai', 'o3-mini').maxTokensField, 'max_completion_tokens');
  assert.ok(quirksFor('openai', 'gpt-5-mini').refuses?.includes('temperature'));
  assert.equal(quirksFor('openai', 'gpt-5.4').refuses, undefined);
  assert.equal(quirksFor('deepseek', 'deepseek-flash').reasoningField, 'reasoning_content');
  assert.equal(quirksFor('deepseek', 'deepseek-flash').images, undefined);
  assert.equal(quirksFor('deepseek', 'deepseek-v4-pro').images, false);
  assert.equal(quirksFor('dashscope', 'qwen-plus').reasoningSwitch, 'enable_thinking');
  assert.equal(quirksFor('dashscope', 'qwen-plus').structuredOutput, 'json');
  assert.equal(quirksFor('dashscope', 'qwen3.8-max').structuredOutput, 'schema');
  assert.equal(quirksFor('moonshot', 'kimi-k2.6').reasoningSwitch, 'thinking_type');
  assert.equal(quirksFor('moonshot', 'kimi-k3').reasoningSwitch, 'reasoning_effort');
  assert.equal(quirksFor('minimax', 'MiniMax-M2.7').images, false);
  assert.equal(quirksFor('minimax-intl', 'MiniMax-M3').errorInside, 'base_resp');
  assert.equal(quirksFor('mistral', 'mistral-small-latest').toolCallIds, 'alnum9');
  assert.deepEqual(quirksFor('xai', 'grok-4.20-0309-non-reasoning').refuses, []);
});

test('Claude: sampling and prefill end with the generation, and only from its own models on', () => {
  for (const model of ['claude-sonnet-4-5', 'claude-haiku-4-5', 'claude-opus-4-5-20251101'])
    assert.deepEqual(quirksFor('anthropic', model), { threads: true, thinking: 'budget' });
  assert.equal(quirksFor('anthropic', 'claude-3-5-haiku-latest').thinking, 'none');
  assert.equal(quirksFor('anthropic', 'claude-3-7-sonnet-latest').thinking, 'budget');
  for (const model of ['claude-sonnet-4-6', 'claude-opus-5', 'claude-haiku-5-5']) assert.equal(quirksFor('anthropic', model).thinking, undefined, model);
  assert.equal(quirksFor('anthropic', 'claude-opus-4-6').prefill, false);
  assert.equal(quirksFor('anthropic', 'claude-opus-4-6').refuses, undefined);
  for (const model of ['claude-opus-4-7', 'claude-sonnet-5', 'claude-haiku-5-5'])
    assert.ok(quirksFor('anthropic', model).refuses?.includes('temperature'), model);
  assert.equal(quirksFor('anthropic', 'claude-sonnet-5').systemInMessages, undefined);
  for (const model of ['claude-opus-4-8', 'claude-sonnet-5-5', 'claude-fable-5-2']) assert.equal(quirksFor('anthropic', model).systemInMessages, true, model);
});

test('an unknown provider has no quirks', () => {
  for (const name of ['lab', '__proto__', 'constructor']) assert.deepEqual(quirksFor(name, 'x'), {});
});
