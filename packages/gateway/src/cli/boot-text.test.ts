import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from '../config/load.ts';
import { type BootFacts, bootText } from './boot-text.ts';

async function facts(env: Readonly<Record<string, string>>, change: Partial<BootFacts> = {}, yaml?: string): Promise<BootFacts> {
  const config = await loadConfig({
    env,
    cwd: '/x',
    localInstalled: true,
    readFile: async (file) => (yaml !== undefined && file.endsWith('modelwire.yaml') ? yaml : undefined),
  });
  return {
    config,
    url: 'http://127.0.0.1:4000',
    port: 4000,
    version: '1.0.0',
    readyMs: 139.6,
    local: { state: 'loading' },
    program: 'modelwire',
    painted: false,
    ...change,
  };
}

test('without keys it names the embedded model', async () => {
  assert.equal(
    bootText(await facts({})),
    [
      'modelwire 1.0.0  ready in 140 ms',
      '  api      http://127.0.0.1:4000/v1   openai format',
      '           http://127.0.0.1:4000      anthropic format',
      '  models   local (embedded, starting)   1 name',
      '  keys     none needed on loopback    config  none, the defaults',
      '  try      modelwire ask --url http://127.0.0.1:4000 "hi"',
      '',
    ].join('\n'),
  );
});

test('it names providers with the source of their keys, keys, file, a warning and a port that moved', async () => {
  const yaml = `keys: [{ name: a, hash: "sha256:${'a'.repeat(64)}" }]\nproviders: { lab: { baseURL: "http://x", key: secret-canary }, mistral: {} }\n`;
  const text = bootText(await facts({ OPENAI_API_KEY: 'secret-canary' }, { port: 4001, local: undefined }, yaml));
  assert.match(text, /openai format {3}\(4000 is taken\)/);
  assert.match(text, /\n {2}models {3}lab \(modelwire\.yaml:2\) · openai \(OPENAI_API_KEY\) · .* {3}\d+ names\n/);
  assert.match(text, /\n {2}keys {5}1 configured +config {2}modelwire\.yaml\n {2}warning {2}providers\.mistral is off: set MISTRAL_API_KEY/);
  assert.match(text, /\n {2}try {6}MODELWIRE_KEY=… modelwire ask/);
  assert.ok(!text.includes('secret-canary'));
});

test('many providers and warnings stay within eight lines of 80 columns', async () => {
  const { providers } = await import('modelwire/internal/providers/catalog');
  const env = Object.fromEntries(providers.map(({ keys }) => [keys[0] ?? 'NONE', 'k']));
  const text = bootText(await facts(env, {}, 'providers: { "a-provider": { baseURL: "http://x", key: "${GONE:-}" }, b: { baseURL: "http://x", key: "" } }'));
  const lines = text.trimEnd().split('\n');
  assert.ok(lines.length <= 8);
  for (const line of lines) assert.ok(line.length <= 80, line);
  assert.match(text, /models {3}\w.* · \d+ more {3}\d+ names/);
});
