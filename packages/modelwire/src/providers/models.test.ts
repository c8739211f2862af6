import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findProvider } from './catalog.ts';
import { findModelInfo, listedModels, looseName } from './model-info.ts';
import { models, modelsAsOf } from './models.ts';

const all = Object.entries(models).flatMap(([provider, listed]) => Object.entries(listed).map(([model, info]) => ({ id: `${provider}/${model}`, info })));

test('at least 120 models, dated, each list of a provider of the catalogue', () => {
  assert.match(modelsAsOf, /^\d{4}-\d{2}$/);
  assert.ok(all.length >= 120);
  for (const provider of Object.keys(models)) assert.ok(findProvider(provider), provider);
});

test('lengths are positive integers, and no answer is longer than the context', () => {
  for (const { id, info } of all) {
    for (const length of [info.contextLength, info.maxOutput]) if (length !== undefined) assert.ok(Number.isSafeInteger(length) && length > 0, id);
    if (info.contextLength !== undefined && info.maxOutput !== undefined) assert.ok(info.maxOutput <= info.contextLength, id);
  }
});

test('prices are finite and not negative, a cache read is no dearer than input', () => {
  for (const { id, info } of all) {
    if (info.price === undefined) continue;
    const { input, output, cacheRead, cacheWrite, currency } = info.price;
    for (const price of [input, output, cacheRead ?? 0, cacheWrite ?? 0]) assert.ok(Number.isFinite(price) && price >= 0, id);
    assert.ok((cacheRead ?? 0) <= input, id);
    assert.ok(currency === undefined || currency === 'CNY', id);
  }
});

test('every input list starts with text, or is audio and text', () => {
  for (const { id, info } of all) if (info.input !== undefined) assert.equal(info.input[0], 'text', id);
});

test('every Claude model has a highest output: it is the max_tokens of callers that give none', () => {
  for (const [model, info] of Object.entries(listedModels('anthropic'))) assert.ok(info.maxOutput, model);
});

test('facts are found by name, without case, and for a dated name by the undated one', () => {
  const sonnet = findModelInfo('anthropic', 'claude-sonnet-4-5');
  assert.equal(sonnet?.maxOutput, 64_000);
  assert.equal(findModelInfo('anthropic', 'claude-sonnet-4-5-20250929'), sonnet);
  assert.equal(findModelInfo('anthropic', 'Claude-Sonnet-4-5'), sonnet);
  assert.equal(findModelInfo('minimax', 'minimax-m3'), listedModels('minimax')['MiniMax-M3']);
  assert.equal(findModelInfo('openai', 'gpt-4o-2024-08-06'), listedModels('openai')['gpt-4o-2024-08-06']);
  assert.equal(findModelInfo('openai', 'gpt-99'), undefined);
  for (const name of ['__proto__', 'constructor', 'toString', '']) {
    assert.equal(findModelInfo(name, 'gpt-4o'), undefined);
    assert.equal(findModelInfo('openai', name), undefined);
  }
});

test('another who serves a model has its facts without its price', () => {
  const { price: _price, ...facts } = findModelInfo('anthropic', 'claude-sonnet-4-5') ?? {};
  const arn = 'arn:aws:bedrock:us-east-1:1:inference-profile/eu.anthropic.claude-sonnet-4-5-20250929-v1:0';
  for (const name of ['anthropic.claude-sonnet-4-5-20250929-v1:0', 'us.anthropic.claude-sonnet-4-5', arn])
    assert.deepEqual(findModelInfo('bedrock', name), facts, name);
  for (const name of ['claude-sonnet-4-5', 'amazon.nova-pro-v1:0', 'notanthropic.claude-sonnet-4-5', 'anthropic.claude-99'])
    assert.equal(findModelInfo('bedrock', name), undefined, name);
});

test('a date is taken off the end only', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['gpt-4o-2024-08-06', 'gpt-4o'],
    ['claude-sonnet-4-5-20250929', 'claude-sonnet-4-5'],
    ['claude-opus-4-1@20250805', 'claude-opus-4-1'],
    ['doubao-seed-2-0-pro-260215', 'doubao-seed-2-0-pro'],
    ['kimi-k2-0905', 'kimi-k2'],
    ['mistral-large-2512', 'mistral-large'],
    ['GPT-4o', 'gpt-4o'],
    ['gpt-4-1106-preview', 'gpt-4-1106-preview'],
    ['claude-opus-4-8', 'claude-opus-4-8'],
    ['pro-128k', 'pro-128k'],
    ['qwen3-30b-a3b', 'qwen3-30b-a3b'],
  ];
  for (const [name, loose] of cases) assert.equal(looseName(name), loose);
});
