import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeError, isGatewayError } from '../core/errors.ts';
import { Secret } from '../core/target.ts';
import { findProvider, providers } from './catalog.ts';
import type { Directory, ProviderConfig, Route } from './resolve.ts';
import { createDirectory, listModels, providersFromEnv, resolveModel } from './resolve.ts';

type Custom = { readonly models?: readonly string[]; readonly key?: boolean; readonly needsKey?: boolean };

/** A provider that is on, as the gateway would make it. */
function provider(name: string, { models, key, needsKey }: Custom = {}): ProviderConfig {
  const entry = findProvider(name);
  const keyless = entry === undefined || entry.keys.length === 0;
  return {
    name,
    speaks: entry?.speaks ?? { 'openai-chat': { baseURL: 'http://127.0.0.1:8000/v1', auth: 'none' } },
    ...((key ?? !keyless) ? { key: new Secret(`${name}-key`) } : {}),
    ...(models === undefined ? {} : { models }),
    needsKey: needsKey ?? !keyless,
    keyNames: entry?.keys ?? [],
  };
}

function directory(on: readonly (string | ProviderConfig)[], routes: readonly Route[] = []): Directory {
  return createDirectory({ providers: on.map((entry) => (typeof entry === 'string' ? provider(entry) : entry)), routes });
}

function names(asked: string, from: Directory): string[] {
  return resolveModel(asked, from).targets.map((target) => `${target.provider}/${target.model}`);
}

/** The whole text of the 404 that a name ends in. */
function refusal(asked: string, from: Directory): string {
  let thrown: unknown;
  assert.throws(
    () => resolveModel(asked, from),
    (error) => {
      thrown = error;
      return true;
    },
  );
  assert.ok(isGatewayError(thrown));
  assert.equal(thrown.code, 'model_not_found');
  assert.equal(thrown.status, 404);
  assert.equal(thrown.param, 'model');
  return describeError(thrown);
}

const local = provider('local');
const lab = provider('lab', { models: ['qwen3', 'llama3:8b'] });

const found: readonly {
  readonly asked: string;
  readonly on: readonly (string | ProviderConfig)[];
  readonly routes?: readonly Route[];
  readonly to: readonly string[];
  readonly how: string;
}[] = [
  // provider/model
  { asked: 'openai/gpt-5.5', on: ['openai'], to: ['openai/gpt-5.5'], how: 'provider' },
  { asked: 'openai:gpt-5.5', on: ['openai'], to: ['openai/gpt-5.5'], how: 'provider' },
  { asked: 'OpenAI/gpt-5.5', on: ['openai'], to: ['openai/gpt-5.5'], how: 'provider' },
  { asked: 'openai/gpt-99-not-yet-known', on: ['openai'], to: ['openai/gpt-99-not-yet-known'], how: 'provider' },
  { asked: 'openai/GPT-5.5', on: ['openai'], to: ['openai/gpt-5.5'], how: 'provider' },
  { asked: 'openrouter/meta-llama/llama-4:free', on: ['openrouter'], to: ['openrouter/meta-llama/llama-4:free'], how: 'provider' },
  { asked: 'lab/llama3:8b', on: [lab], to: ['lab/llama3:8b'], how: 'provider' },
  { asked: 'lab:anything', on: [lab], to: ['lab/anything'], how: 'provider' },
  { asked: 'openai/__proto__', on: ['openai'], to: ['openai/__proto__'], how: 'provider' },
  { asked: 'mock/tools', on: [provider('mock')], to: ['mock/tools'], how: 'provider' },
  // bare names
  { asked: 'deepseek-chat', on: ['deepseek', 'openai'], to: ['deepseek/deepseek-chat'], how: 'catalogue' },
  { asked: 'qwen3', on: [lab, 'openai'], to: ['lab/qwen3'], how: 'catalogue' },
  { asked: 'llama3:8b', on: [lab], to: ['lab/llama3:8b'], how: 'catalogue' },
  { asked: 'minimax-m3', on: ['minimax'], to: ['minimax/MiniMax-M3'], how: 'catalogue' },
  { asked: 'claude-sonnet-4-5-20250929', on: ['anthropic'], to: ['anthropic/claude-sonnet-4-5-20250929'], how: 'catalogue' },
  { asked: 'gpt-4o-2024-05-13', on: ['openai'], to: ['openai/gpt-4o-2024-05-13'], how: 'catalogue' },
  { asked: 'doubao-seed-2-0-pro', on: ['volcengine'], to: ['volcengine/doubao-seed-2-0-pro-260215'], how: 'catalogue' },
  { asked: 'deepseek-ai/DeepSeek-V3.2', on: ['siliconflow'], to: ['siliconflow/deepseek-ai/DeepSeek-V3.2'], how: 'catalogue' },
  { asked: 'glm-5.2', on: ['sensenova', 'zhipu'], to: ['zhipu/glm-5.2'], how: 'catalogue' },
  { asked: 'gpt-oss-120b', on: ['cerebras', 'openai'], to: ['cerebras/gpt-oss-120b'], how: 'catalogue' },
  { asked: 'gpt-4o', on: [provider('lab', { models: ['gpt-4o'] }), 'openai'], to: ['openai/gpt-4o'], how: 'catalogue' },
  // the embedded model
  { asked: 'local', on: [local, 'openai'], to: ['local/smollm2-135m-instruct'], how: 'provider' },
  { asked: 'smollm2-135m-instruct', on: [local], to: ['local/smollm2-135m-instruct'], how: 'catalogue' },
  { asked: 'local/smollm2-135m-instruct', on: [local], to: ['local/smollm2-135m-instruct'], how: 'provider' },
  // auto
  { asked: 'auto', on: ['deepseek', 'openai', local], to: ['deepseek/deepseek-flash'], how: 'auto' },
  { asked: 'auto', on: [local, 'openai'], to: ['openai/gpt-6.1-terra'], how: 'auto' },
  { asked: 'auto', on: [provider('deepseek', { models: ['deepseek-v4-pro'] })], to: ['deepseek/deepseek-v4-pro'], how: 'auto' },
  { asked: 'auto', on: [local], to: ['local/smollm2-135m-instruct'], how: 'auto' },
  { asked: 'auto', on: [lab, local], to: ['lab/qwen3'], how: 'auto' },
  { asked: 'auto', on: [lab, 'openai', local], to: ['openai/gpt-6.1-terra'], how: 'auto' },
  { asked: 'auto', on: [provider('mock'), provider('ollama'), local], to: ['local/smollm2-135m-instruct'], how: 'auto' },
  { asked: 'auto', on: [provider('openai', { key: false }), local], to: ['local/smollm2-135m-instruct'], how: 'auto' },
  { asked: 'auto', on: ['openai'], routes: [{ name: 'auto', targets: ['openai/gpt-4o'] }], to: ['openai/gpt-4o'], how: 'route' },
  { asked: 'auto', on: ['openai'], routes: [{ name: '*', targets: ['openai/gpt-4o'] }], to: ['openai/gpt-6.1-terra'], how: 'auto' },
  // routes
  {
    asked: 'fast',
    on: ['deepseek', lab],
    routes: [{ name: 'fast', targets: ['deepseek-flash', 'lab/qwen3'] }],
    to: ['deepseek/deepseek-flash', 'lab/qwen3'],
    how: 'route',
  },
  { asked: 'gpt-4o', on: ['openai', lab], routes: [{ name: 'gpt-4o', targets: ['lab/qwen3'] }], to: ['lab/qwen3'], how: 'route' },
  { asked: 'openai/gpt-4o', on: ['openai', lab], routes: [{ name: 'openai/gpt-4o', targets: ['lab/qwen3'] }], to: ['lab/qwen3'], how: 'route' },
  { asked: 'claude-opus-9', on: [lab], routes: [{ name: 'claude-*', targets: ['lab/qwen3'] }], to: ['lab/qwen3'], how: 'pattern' },
  {
    asked: 'claude-opus-5',
    on: [lab, 'openai'],
    routes: [
      { name: 'claude-*', targets: ['lab/qwen3'] },
      { name: 'claude-opus-*', targets: ['openai/gpt-5.5'] },
    ],
    to: ['openai/gpt-5.5'],
    how: 'pattern',
  },
  {
    asked: 'claude-opus-5',
    on: [lab, 'openai'],
    routes: [
      { name: 'claude-*', targets: ['openai/gpt-5.5'] },
      { name: 'claude-opus-5', targets: ['lab/qwen3'] },
    ],
    to: ['lab/qwen3'],
    how: 'route',
  },
  {
    asked: 'anthropic/claude-opus-5.5',
    on: ['openrouter'],
    routes: [{ name: 'anthropic/*', targets: ['openrouter/*'] }],
    to: ['openrouter/anthropic/claude-opus-5.5'],
    how: 'pattern',
  },
  {
    asked: 'both',
    on: ['openrouter'],
    routes: [
      { name: 'both', targets: ['x-one', 'x-two'] },
      { name: 'x-*', targets: ['openrouter/*'] },
    ],
    to: ['openrouter/x-one', 'openrouter/x-two'],
    how: 'route',
  },
  // a route may bear the name of the model that it goes to, and lead to other routes, each target once
  { asked: 'gpt-4o', on: ['openai'], routes: [{ name: 'gpt-4o', targets: ['gpt-4o'] }], to: ['openai/gpt-4o'], how: 'route' },
  { asked: 'claude-x', on: ['anthropic'], routes: [{ name: 'claude-*', targets: ['claude-sonnet-5'] }], to: ['anthropic/claude-sonnet-5'], how: 'pattern' },
  {
    asked: 'smart',
    on: ['openai', 'deepseek', lab],
    routes: [
      { name: 'smart', targets: ['openai/gpt-5.5', 'fast', 'cheap'] },
      { name: 'fast', targets: ['deepseek-flash', 'cheap'] },
      { name: 'cheap', targets: ['lab/qwen3', 'openai/gpt-5.5'] },
    ],
    to: ['openai/gpt-5.5', 'deepseek/deepseek-flash', 'lab/qwen3'],
    how: 'route',
  },
  {
    asked: 'a',
    on: ['openai'],
    routes: [
      { name: 'a', targets: ['b'] },
      { name: 'b', targets: ['a', 'openai/gpt-4o'] },
    ],
    to: ['openai/gpt-4o'],
    how: 'route',
  },
  { asked: 'best', on: [local], routes: [{ name: 'best', targets: ['openai/gpt-5.5', 'auto'] }], to: ['local/smollm2-135m-instruct'], how: 'route' },
];

for (const { asked, on, routes, to, how } of found) {
  test(`${asked} → ${to.join(', ')} (${how}, ${on.map((entry) => (typeof entry === 'string' ? entry : entry.name)).join('+')})`, () => {
    const from = directory(on, routes);
    assert.deepEqual(names(asked, from), to);
    assert.equal(resolveModel(asked, from).how, how);
  });
}

const refused: readonly {
  readonly asked: string;
  readonly on: readonly (string | ProviderConfig)[];
  readonly routes?: readonly Route[];
  readonly says: readonly RegExp[];
}[] = [
  { asked: 'gpt-4', on: [], says: [/^gpt-4 is OpenAI's: set OPENAI_API_KEY/, /Nothing can answer now/] },
  { asked: 'gpt-4', on: ['deepseek', local], says: [/OPENAI_API_KEY/, /These can answer now: deepseek\/deepseek-flash, local$/] },
  { asked: 'claude-opus-9', on: ['openai'], says: [/is Anthropic's: set ANTHROPIC_API_KEY/] },
  { asked: 'kimi-k3', on: ['openai'], says: [/MOONSHOT_API_KEY or MOONSHOT_INTL_API_KEY/] },
  { asked: 'gpt-oss-120b', on: ['openai'], says: [/is served by Cerebras: set CEREBRAS_API_KEY/] },
  { asked: 'gpt-oss-120b', on: [], says: [/is served by Cerebras/] },
  { asked: 'gpt-99', on: ['openai'], says: [/is not a known model/, /ask for openai\/gpt-99/] },
  { asked: 'zai-org/GLM-5.2', on: ['openai'], says: [/is served by/, /_API_KEY/] },
  { asked: 'gpt-4oo', on: ['openai'], says: [/is not a known model/, /Did you mean gpt-4o\?/, /ask for openai\/gpt-4oo/] },
  { asked: 'qwen-3', on: [lab], says: [/DASHSCOPE_API_KEY or DASHSCOPE_INTL_API_KEY/] },
  {
    asked: 'gtp-4o-minni',
    on: [local],
    says: [/is not a known model/, /Did you mean gpt-4o-mini\? It is OpenAI's: set OPENAI_API_KEY\. These can answer now: local/],
  },
  { asked: 'gtp-4o-minni', on: ['openai'], says: [/Did you mean gpt-4o-mini\? To|Did you mean gpt-4o-mini\? These/] },
  { asked: 'claud-sonet-5', on: ['openai'], says: [/Did you mean claude-sonnet-5\? It is Anthropic's: set ANTHROPIC_API_KEY\./] },
  { asked: 'opnai/gpt-4o-mini', on: [local], says: [/Did you mean openai\/gpt-4o-mini\? It is OpenAI's: set OPENAI_API_KEY\./] },
  { asked: 'togehter/openai/gpt-oss-120b', on: [local], says: [/Did you mean together\/openai\/gpt-oss-120b\? Together AI serves it: set TOGETHER_API_KEY\./] },
  { asked: 'fsat', on: ['openai'], routes: [{ name: 'fast', targets: ['openai/gpt-4o'] }], says: [/Did you mean fast\?/] },
  { asked: 'whatever', on: ['openai'], says: [/whatever is not a known model/, /These can answer now: openai\/gpt-6.1-terra/] },
  { asked: 'openai/gpt-4o', on: ['deepseek'], says: [/OpenAI is off, set OPENAI_API_KEY/, /deepseek\/deepseek-flash/] },
  { asked: 'openai:gpt-4o', on: [], says: [/OPENAI_API_KEY/] },
  { asked: 'openai/gpt-4o', on: [provider('openai', { key: false })], says: [/OPENAI_API_KEY/] },
  { asked: 'ollama/llama3', on: ['openai'], says: [/add "ollama: \{\}" under providers/] },
  { asked: 'anthropic/claude-sonnet-5.5', on: ['openrouter'], says: [/ANTHROPIC_API_KEY/, /openrouter\/anthropic\/claude-sonnet-5.5 serves it too/] },
  { asked: 'openai/', on: ['openai'], says: [/a model of openai must be named/] },
  { asked: 'deepseek', on: ['deepseek'], says: [/is a provider: name one of its models too, such as deepseek\/deepseek-flash/] },
  { asked: 'glm-5.3', on: ['zhipu', 'zai'], says: [/ambiguous/, /zhipu\/glm-5.3/, /zai\/glm-5.3/] },
  { asked: 'shared', on: [provider('a', { models: ['shared'] }), provider('b', { models: ['shared'] })], says: [/a\/shared, b\/shared/] },
  { asked: 'one', on: [provider('a', { models: ['one-2024-01-02', 'one-2025-01-02'] })], says: [/ambiguous/, /one-2024-01-02/] },
  // the embedded model answers to its own names only
  { asked: 'gpt-4', on: [local], says: [/OPENAI_API_KEY/] },
  { asked: 'anything', on: [local], says: [/is not a known model/, /local/] },
  { asked: 'local/gpt-4', on: [local], says: [/is not a known model/] },
  { asked: 'local', on: ['openai'], says: [/the embedded model is off/] },
  { asked: 'local/smollm2-135m-instruct', on: ['openai'], says: [/the embedded model is off/] },
  { asked: 'auto', on: [], says: [/no provider has a key/] },
  { asked: 'mock/tools', on: ['openai'], says: [/is not a known model/] },
  // routes that lead nowhere
  {
    asked: 'dead',
    on: ['openai'],
    routes: [{ name: 'dead', targets: ['anthropic/claude-sonnet-5', 'nothing'] }],
    says: [/anthropic is off/, /nothing: no such model/],
  },
  { asked: 'none', on: ['openai'], routes: [{ name: 'none', targets: [] }], says: [/it has none/] },
  {
    asked: 'x',
    on: ['openai'],
    routes: [
      { name: 'x', targets: ['y'] },
      { name: 'y', targets: ['x'] },
    ],
    says: [/^x cannot be answered: no target of this route can answer \(y: no target/],
  },
  // names that are none
  { asked: '', on: ['openai'], says: [/The model name is empty/] },
  { asked: 'gpt\u0000-4o', on: ['openai'], says: [/^gpt\?-4o is no model: the name has control characters/] },
  { asked: 'gpt-4o\r\nx-evil: 1', on: ['openai'], says: [/control characters/] },
  { asked: 'a'.repeat(10_240), on: ['openai'], says: [/has 10240 characters/] },
  { asked: '__proto__', on: ['openai', lab], says: [/__proto__ is not a known model/] },
  { asked: 'constructor', on: ['openai', lab], says: [/is not a known model/] },
  { asked: 'hasOwnProperty/x', on: ['openai'], says: [/is not a known model/] },
  { asked: '/', on: ['openai'], says: [/is not a known model/] },
  { asked: ':', on: ['openai'], says: [/is not a known model/] },
  { asked: '/gpt-4o', on: ['openai'], says: [/is not a known model/] },
  { asked: ' gpt-4o', on: ['openai'], says: [/Did you mean gpt-4o\?/] },
  { asked: '*', on: ['openai'], says: [/is not a known model/] },
  { asked: 'x\u202eevil', on: ['openai'], says: [/x\?evil/] },
];

for (const { asked, on, routes, says } of refused) {
  test(`404: ${JSON.stringify(asked.slice(0, 30))} (${on.map((entry) => (typeof entry === 'string' ? entry : entry.name)).join('+') || 'nothing on'})`, () => {
    const text = refusal(asked, directory(on, routes));
    for (const pattern of says) assert.match(text, pattern);
    assert.ok(text.length < 1_000, text);
    assert.ok(!/\p{Cc}/u.test(text));
  });
}

test('a route says which of its targets were left out, and why', () => {
  const from = directory(['deepseek'], [{ name: 'smart', targets: ['anthropic/claude-opus-5', 'deepseek-flash'] }]);
  const { leftOut } = resolveModel('smart', from);
  assert.deepEqual(leftOut, [{ name: 'anthropic/claude-opus-5', reason: 'anthropic is off' }]);
});

test('routes that fan out are followed once each, and chains end', () => {
  const wide = Array.from({ length: 60 }, (_, index) => ({ name: `r${index}`, targets: [`r${index + 1}`, `r${index + 1}`, 'openai/gpt-4o'] }));
  assert.deepEqual(names('r0', directory(['openai'], wide)), ['openai/gpt-4o']);
  const long = Array.from({ length: 5_000 }, (_, index) => ({ name: `r${index}`, targets: [`r${index + 1}`] }));
  assert.match(refusal('r0', directory(['openai'], long)), /no target of this route/);
});

test('a target carries what the attempt needs: address, key, headers, quirks and facts', () => {
  const config: ProviderConfig = { ...provider('deepseek'), quirks: { stopMax: 2 }, headers: { 'x-team': 'a' } };
  const [target] = resolveModel('deepseek/deepseek-v4-pro', createDirectory({ providers: [config] })).targets;
  assert.equal(target?.speaks['openai-chat']?.baseURL, 'https://api.deepseek.com');
  assert.equal(target?.key?.reveal(), 'deepseek-key');
  assert.equal(target?.headers?.['x-team'], 'a');
  assert.equal(target?.quirks.stopMax, 2);
  assert.equal(target?.quirks.images, false);
  assert.equal(target?.info?.contextLength, 1_000_000);
  assert.ok(!JSON.stringify(target).includes('deepseek-key'));
});

test('of two providers or routes of one name the first stands', () => {
  const first = provider('lab', { models: ['a'] });
  const from = createDirectory({
    providers: [first, provider('lab', { models: ['b'] })],
    routes: [
      { name: 'r', targets: ['lab/a'] },
      { name: 'r', targets: ['lab/b'] },
    ],
  });
  assert.equal(from.providers.get('lab'), first);
  assert.deepEqual(names('r', from), ['lab/a']);
});

test('listModels: routes with the facts of their target, then each provider that is on', () => {
  const off = provider('openai', { key: false });
  const routes = [
    { name: 'fast', targets: ['deepseek-flash'] },
    { name: 'dead', targets: ['nothing'] },
    { name: 'claude-*', targets: ['deepseek-flash'] },
  ];
  const listed = listModels(createDirectory({ providers: [provider('deepseek'), off, local], routes }));
  assert.equal(listed[0]?.id, 'fast');
  assert.equal(listed[0]?.provider, 'deepseek');
  assert.ok(listed[0]?.info?.contextLength);
  assert.ok(listed.some((model) => model.id === 'deepseek/deepseek-v4-pro'));
  assert.ok(listed.some((model) => model.id === 'local/smollm2-135m-instruct'));
  assert.ok(!listed.some((model) => model.id === 'dead' || model.provider === 'openai' || model.id.includes('*')));
  assert.equal(new Set(listed.map((model) => model.id)).size, listed.length);
  for (const { id } of listed) assert.ok(names(id, createDirectory({ providers: [provider('deepseek'), local], routes })).length > 0, id);
});

test('every default and listed model of the catalogue resolves to itself', () => {
  const all = providers.filter((entry) => entry.keys.length > 0).map((entry) => provider(entry.name));
  const from = directory(all);
  for (const { id, provider: name, model } of listModels(from)) assert.deepEqual(names(id, from), [`${name}/${model}`]);
});

test('providersFromEnv: the first variable that is not empty, in the order of the catalogue', () => {
  const { on } = providersFromEnv({
    DEEPSEEK_API_KEY: ' k1 ',
    OPENAI_API_KEY: '  ',
    ZHIPU_API_KEY: '',
    ZHIPUAI_API_KEY: 'k2',
    GITHUB_TOKEN: 'x',
    OLLAMA_HOST: 'y',
  });
  assert.deepEqual(
    on.map((entry) => [entry.name, entry.key?.reveal()]),
    [
      ['deepseek', 'k1'],
      ['zhipu', 'k2'],
    ],
  );
  assert.ok(on.every((entry) => entry.needsKey && entry.keyNames.length > 0));
  assert.deepEqual(providersFromEnv({}).on, []);
  assert.deepEqual(names('auto', createDirectory({ providers: on })), ['deepseek/deepseek-flash']);
});
