import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findProvider, providers, type Speaks } from './catalog.ts';
import { addressesFor } from './from-env.ts';
import { listedModels } from './model-info.ts';
import { keyNames } from './key-names.ts';
import { quirksFor } from './quirks.ts';

test('there are at least 45 providers, each name once and well-formed', () => {
  assert.ok(providers.length >= 45);
  assert.equal(new Set(providers.map((provider) => provider.name)).size, providers.length);
  for (const provider of providers) assert.match(provider.name, /^[a-z0-9]+(-[a-z0-9]+)*$/);
});

test('the Chinese providers are all there, both regions where there are two', () => {
  const expected = [
    'deepseek',
    'dashscope',
    'dashscope-intl',
    'moonshot',
    'moonshot-intl',
    'kimi-coding',
    'zhipu',
    'zai',
    'volcengine',
    'volcengine-coding',
    'byteplus',
    'minimax',
    'minimax-intl',
    'siliconflow',
    'siliconflow-intl',
    'hunyuan',
    'tencent-tokenhub',
    'qianfan',
    'stepfun',
    'stepfun-intl',
    'baichuan',
    'lingyi',
    'sensenova',
    'spark',
    'modelscope',
    'infini',
    'ppio',
    'novita',
    'xiaomi-mimo',
    'longcat',
    'ant-ling',
  ];
  for (const name of expected) assert.ok(findProvider(name), name);
});

test('these speak both formats', () => {
  const both = ['deepseek', 'dashscope', 'moonshot', 'zhipu', 'zai', 'volcengine', 'minimax', 'siliconflow', 'stepfun', 'xiaomi-mimo', 'longcat', 'openrouter'];
  for (const name of both) {
    const speaks = findProvider(name)?.speaks ?? {};
    assert.ok(speaks['openai-chat'] !== undefined && speaks['anthropic-messages'] !== undefined, name);
  }
});

test('what thinking comes back with is the own of everyone but the makers of a format and who serves their models', () => {
  const makers = ['anthropic', 'openai', 'bedrock', 'vertex'];
  const asMakers = providers
    .filter(({ speaks, speaksByModel = [] }) => [speaks, ...speaksByModel.map((one) => one.speaks)].some((all) => speaksSealable(all)))
    .filter(({ quirks }) => quirks.ownState !== true);
  assert.deepEqual(
    asMakers.map(({ name }) => name),
    makers,
  );
  for (const name of makers) assert.equal(findProvider(name)?.quirks.ownState, undefined, name);
  for (const name of ['openrouter', 'vercel-ai-gateway']) {
    assert.equal(quirksFor(name, 'anthropic/claude-opus-4.5').ownState, false, name);
    assert.equal(quirksFor(name, 'openai/gpt-5').ownState, true, name);
  }
});

function speaksSealable(speaks: Speaks): boolean {
  return speaks['anthropic-messages'] !== undefined || speaks['openai-responses'] !== undefined;
}

test('every address is one: https but for local servers, no trailing slash, no path that the SDK adds itself', () => {
  for (const provider of providers) {
    const { speaks, speaksByModel } = addressesFor(provider, { GOOGLE_CLOUD_PROJECT: 'p', AZURE_OPENAI_RESOURCE: 'r' });
    const endpoints = [speaks, ...speaksByModel.map((own) => own.speaks)].flatMap((each) => Object.entries(each));
    assert.ok(endpoints.length > 0, provider.name);
    for (const [dialect, { baseURL, auth }] of endpoints) {
      const url = new URL(baseURL);
      assert.equal(url.protocol, provider.local === true ? 'http:' : 'https:', provider.name);
      assert.equal(url.hostname === '127.0.0.1', provider.local === true, provider.name);
      assert.ok(!baseURL.endsWith('/'), baseURL);
      assert.ok(!/\/(chat\/completions|messages)$/.test(url.pathname), baseURL);
      if (dialect === 'anthropic-messages') assert.ok(!url.pathname.endsWith('/v1'), baseURL);
      assert.equal(auth === 'none', provider.local === true, provider.name);
    }
    assert.equal(new URL(provider.docs).protocol, 'https:', provider.name);
  }
});

test('key variables are well-formed and each belongs to one provider; local servers have none', () => {
  const owners = new Map<string, string>();
  for (const provider of providers) {
    assert.equal(provider.keys.length === 0, provider.local === true, provider.name);
    for (const key of provider.keys) {
      assert.match(key, /^[A-Z][A-Z0-9_]*_(API_KEY|TOKEN|PASSWORD)$|^AWS_BEARER_TOKEN_BEDROCK$/);
      assert.equal(owners.get(key), undefined, `${key}: ${owners.get(key)} and ${provider.name}`);
      owners.set(key, provider.name);
    }
  }
});

test('default models are known where the provider has a list', () => {
  for (const { name, defaultModel } of providers) {
    const listed = Object.keys(listedModels(name));
    if (defaultModel !== undefined && listed.length > 0) assert.ok(listed.includes(defaultModel), `${name}/${defaultModel}`);
  }
});

test('every list of models belongs to a provider with a default', () => {
  for (const provider of providers) if (Object.keys(listedModels(provider.name)).length > 0) assert.ok(provider.defaultModel, provider.name);
});

test('quirk patterns fit something: a listed model, or a family that the provider makes', () => {
  for (const { name, quirksByModel } of providers) {
    for (const { match, quirks } of quirksByModel ?? []) {
      assert.notEqual(match, '', name);
      assert.ok(Object.keys(quirks).length > 0, `${name} ${match}`);
    }
  }
});

test('an unknown name has no entry, nor has one of Object.prototype', () => {
  for (const name of ['nobody', '', '__proto__', 'constructor', 'toString']) assert.equal(findProvider(name), undefined);
});

test('the names of the keys’ variables are those of the catalogue', () => {
  assert.deepEqual(
    keyNames,
    providers.flatMap(({ keys, keyPair = [] }) => [...keys, ...keyPair.slice(0, 1)]),
  );
});
