import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { ConfigError, describeProblem } from './problem.ts';
import { loadConfig, type LoadOptions } from './load.ts';

type Given = { readonly files?: Readonly<Record<string, string>>; readonly env?: Readonly<Record<string, string>>; readonly options?: Partial<LoadOptions> };

const cwd = path.resolve('/somewhere');

function load({ files = {}, env = {}, options = {} }: Given) {
  const there = new Map(Object.entries(files).map(([name, text]) => [path.resolve(cwd, name), text]));
  return loadConfig({
    env,
    cwd,
    readFile: async (file) => there.get(file),
    machine: { platform: 'linux', home: '/home/someone' },
    localInstalled: true,
    ...options,
  });
}

const yaml = (text: string, env: Readonly<Record<string, string>> = {}) => load({ files: { 'modelwire.yaml': text }, env });

async function problemsOf(loading: Promise<unknown>): Promise<readonly string[]> {
  try {
    await loading;
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems.map(describeProblem);
  }
  return [];
}

test('without a file, keys or flags everything has its default', async () => {
  const config = await load({});
  assert.equal(config.file, undefined);
  assert.deepEqual(config.server, { host: '127.0.0.1', port: 4000, allowedHosts: [], bodyLimit: 33_554_432, keyless: false });
  assert.deepEqual([...config.directory.providers.keys()], ['local']);
  assert.deepEqual(config.origins, [{ provider: 'local', source: 'embedded' }]);
  assert.deepEqual(config.store, { file: '/home/someone/.local/share/modelwire/calls.sqlite' });
  assert.deepEqual(config.local, { enabled: true });
  assert.equal(config.deadlines.total, 600_000);
  assert.equal(config.retry.attempts, 3);
  assert.equal(config.fidelity, 'carry');
  assert.equal(config.log, 'auto');
  assert.equal(config.mock, false);
  assert.equal(config.sources.size, 0);
  assert.ok(Object.isFrozen(config));
});

test('the file of the design is read whole', async () => {
  const config = await yaml(
    `
server: { host: 127.0.0.1, port: 4001, bodyLimit: 1MiB, allowedHosts: [Gateway.example] }
providers:
  deepseek: {}
  lab: { speaks: [openai-chat], baseURL: "http://127.0.0.1:8000/v1", key: "\${LAB_KEY}", quirks: { developerRole: false, reasoningField: reasoning_content } }
  both: { speaks: { openai-chat: "http://127.0.0.1:8001/v1", anthropic-messages: "http://127.0.0.1:8001/anthropic" }, key: none, proxy: none }
routes:
  fast: { targets: [deepseek/deepseek-chat, { model: lab/qwen3, weight: 2 }] }
  "claude-*": { targets: [lab/qwen3] }
  smart: { order: [both/big, fast], deadline: { firstToken: 8s, idle: 20s }, retry: { attempts: 1 }, fidelity: lenient, failover: off }
retry: { attempts: 2 }
deadline: { firstToken: 8s, idle: 500ms, total: 2m, headers: 30000 }
fidelity: strict
keys:
  - { name: ci, hash: "sha256:${'AB'.repeat(32)}", models: [fast] }
store: memory
media: { fetch: [cdn.example, "*.img.example"], size: 1MiB }
local: false
mock: true
log: json
`,
    { DEEPSEEK_API_KEY: 'sk-deep', LAB_KEY: 'sk-lab' },
  );
  assert.equal(config.file, 'modelwire.yaml');
  assert.deepEqual(config.server, { host: '127.0.0.1', port: 4001, allowedHosts: ['gateway.example'], bodyLimit: 1_048_576, keyless: false });
  assert.deepEqual([...config.directory.providers.keys()], ['deepseek', 'lab', 'both', 'mock']);
  const lab = config.directory.providers.get('lab');
  assert.equal(lab?.key?.reveal(), 'sk-lab');
  assert.deepEqual(lab?.speaks, { 'openai-chat': { baseURL: 'http://127.0.0.1:8000/v1', auth: 'bearer' } });
  assert.deepEqual(lab?.quirks, { developerRole: false, reasoningField: 'reasoning_content' });
  assert.equal(config.directory.providers.get('deepseek')?.key?.reveal(), 'sk-deep');
  const both = config.directory.providers.get('both');
  assert.equal(both?.needsKey, false);
  assert.deepEqual(both?.speaks['anthropic-messages'], { baseURL: 'http://127.0.0.1:8001/anthropic', auth: 'none' });
  assert.deepEqual(config.origins, [
    { provider: 'deepseek', source: 'environment', variable: 'DEEPSEEK_API_KEY' },
    { provider: 'lab', source: 'environment', variable: 'LAB_KEY' },
    { provider: 'both', source: 'modelwire.yaml:6' },
    { provider: 'mock', source: 'scripted' },
  ]);
  assert.deepEqual(config.directory.routes, [
    { name: 'fast', targets: ['deepseek/deepseek-chat', 'lab/qwen3'] },
    { name: 'claude-*', targets: ['lab/qwen3'] },
    { name: 'smart', targets: ['both/big', 'fast'], policies: { deadlines: { firstToken: 8000, idle: 20_000 }, attempts: 1, fidelity: 'lenient' } },
  ]);
  assert.deepEqual(config.media, { fetch: ['cdn.example', '*.img.example'], size: 1_048_576 });
  assert.deepEqual(config.network.get('both'), { proxy: 'none' });
  assert.deepEqual(config.deadlines, { connect: 10_000, headers: 30_000, firstToken: 8000, idle: 500, total: 120_000 });
  assert.deepEqual(config.keys, [{ name: 'ci', sha256: 'ab'.repeat(32), models: ['fast'] }]);
  assert.equal(config.store, 'memory');
  assert.deepEqual(config.warnings, ['routes.fast: weights are not used yet, the first target that can answer does']);
  assert.equal(config.sources.get('server.port'), 'modelwire.yaml:2');
});

test('flags win over variables, those over the file', async () => {
  const files = { 'modelwire.yaml': 'server: { port: 1, host: localhost }\nlog: off\n' };
  const env = { MODELWIRE_PORT: '2', MODELWIRE_LOG: 'text', MODELWIRE_HTTP: 'node', MODELWIRE_DATA: 'data' };
  const fromEnv = await load({ files, env });
  assert.equal(fromEnv.server.port, 2);
  assert.equal(fromEnv.server.host, 'localhost');
  assert.equal(fromEnv.log, 'text');
  assert.equal(fromEnv.http, 'node');
  assert.deepEqual(fromEnv.store, { file: path.join(cwd, 'data', 'calls.sqlite') });
  assert.equal(fromEnv.sources.get('server.port'), 'MODELWIRE_PORT');
  const flagged = await load({ files, env, options: { flags: { port: '0', host: '[::1]' } } });
  assert.equal(flagged.server.port, 0);
  assert.equal(flagged.server.host, '::1');
  assert.equal(flagged.sources.get('server.port'), '--port');
});

test('.env and .env.local lie under the environment, and the source is told', async () => {
  const config = await load({
    files: {
      '.env': '\uFEFFOPENAI_API_KEY=from-env-file\nDEEPSEEK_API_KEY="deep"\nMODELWIRE_PORT=4010\n',
      '.env.local': 'OPENAI_API_KEY=local\nGROQ_API_KEY=groq\n',
    },
    env: { GROQ_API_KEY: 'real', OPENAI_BASE_URL: 'http://127.0.0.1:1/v1' },
  });
  const sources = Object.fromEntries(config.origins.map(({ provider, source, variable }) => [provider, `${source} ${variable}`]));
  assert.equal(sources['openai'], '.env.local OPENAI_API_KEY');
  assert.equal(sources['deepseek'], '.env DEEPSEEK_API_KEY');
  assert.equal(sources['groq'], 'environment GROQ_API_KEY');
  assert.equal(config.directory.providers.get('openai')?.key?.reveal(), 'local');
  assert.equal(config.directory.providers.get('groq')?.key?.reveal(), 'real');
  assert.equal(config.directory.providers.get('openai')?.speaks['openai-chat']?.baseURL, 'https://api.openai.com/v1', '*_BASE_URL is never read');
  assert.equal(config.server.port, 4010);
});

test('the file is found by flag, variable or name; JSON is YAML', async () => {
  const files = { 'modelwire.yml': 'server: { port: 1 }', 'other.json': '{"server":{"port":2}}', 'named.yaml': 'server: { port: 3 }' };
  assert.equal((await load({ files })).server.port, 1);
  assert.equal((await load({ files, env: { MODELWIRE_CONFIG: 'other.json' } })).server.port, 2);
  assert.equal((await load({ files, env: { MODELWIRE_CONFIG: 'other.json' }, options: { file: 'named.yaml' } })).server.port, 3);
  assert.deepEqual(await problemsOf(load({ options: { file: 'gone.yaml' } })), ['gone.yaml does not exist']);
  assert.deepEqual(await problemsOf(load({ env: { MODELWIRE_CONFIG: 'gone.yaml' } })), ['gone.yaml does not exist (MODELWIRE_CONFIG names it)']);
});

test('an empty file, one of comments, and empty sections are settings left alone', async () => {
  for (const text of ['', '# nothing\n', 'server:\nproviders:\nroutes:\nkeys:\n', '{}']) assert.equal((await yaml(text)).server.port, 4000, text);
});

const wrong: readonly (readonly [what: string, text: string, ...problems: string[]])[] = [
  [
    'unknown key',
    'providers:\n  deepseek:\n    baseUrl: "https://x.example"\n',
    'modelwire.yaml:3:5 providers.deepseek.baseUrl: unknown key, did you mean "baseURL"?',
  ],
  ['unknown section', 'provider: {}\n', 'modelwire.yaml:1:1 provider: unknown key, did you mean "providers"?'],
  [
    'several at once, in order',
    'sever: 1\nserver: { port: 99999, prot: 1 }\nfidelity: loose\n',
    'modelwire.yaml:1:1 sever: unknown key, did you mean "server"?',
    'modelwire.yaml:2:17 server.port: must be a whole number from 0 to 65535',
    'modelwire.yaml:2:24 server.prot: unknown key, did you mean "port"?',
    'modelwire.yaml:3:11 fidelity: must be one of strict, carry, lenient',
  ],
  [
    'not there yet, in a target',
    'routes: { a: { targets: [{ model: openai/x, deadline: 2 }] } }',
    'modelwire.yaml:1:45 routes.a.targets[0].deadline: not supported yet',
  ],
  [
    'not there yet, in a route',
    'routes: { a: { targets: [openai/x], failover: true, hedge: 1 } }',
    'modelwire.yaml:1:47 routes.a.failover: is not supported yet: leave it out, or say off',
    'modelwire.yaml:1:60 routes.a.hedge: is not supported yet: leave it out, or say off',
  ],
  ['not there yet, at the top', 'breaker: { failures: 5 }', 'modelwire.yaml:1:10 breaker: is not supported yet: leave it out, or say off'],
  [
    'a dialect not there yet',
    'providers: { a: { speaks: [smoke], baseURL: "http://x" , key: none } }',
    'modelwire.yaml:1:28 providers.a.speaks[0]: must be one of openai-chat, openai-responses, anthropic-messages, gemini, cohere, ollama, bedrock-converse',
  ],
  [
    'a variable that is not set',
    'providers:\n  lab: { baseURL: "${LAB_URL}", key: "${LAB_KEY}" }\n',
    'modelwire.yaml:2:19 providers.lab.baseURL: LAB_URL is not set in the environment (${LAB_URL:-…} gives a default)',
    'modelwire.yaml:2:38 providers.lab.key: LAB_KEY is not set in the environment (${LAB_KEY:-…} gives a default)',
  ],
  [
    'a broken variable',
    'log: "${not a name}"',
    'modelwire.yaml:1:6 log: "${" does not begin a variable: write ${NAME} or ${NAME:-default}, or $${ for the characters themselves',
  ],
  ['a duplicate', 'server: { port: 1 }\nserver: { port: 2 }\n', 'modelwire.yaml:2:1 "server" is given twice, leave one out'],
  ['tabs', 'server:\n\tport: 1\n', 'modelwire.yaml:2:1 tabs cannot indent in YAML, use spaces'],
  ['two documents', 'log: off\n---\nlog: text\n', 'modelwire.yaml:2:1 more than one document in the file, leave out what follows "---"'],
  ['a number as schema', '$schema: 1', 'modelwire.yaml:1:10 $schema: must be text (put quotes around it)'],
  [
    'a list of no formats',
    'providers: { a: { speaks: [], baseURL: "http://x", key: none } }',
    'modelwire.yaml:1:27 providers.a.speaks: must name at least one format',
  ],
  [
    'names that every object has',
    'server: { constructor: 1, toString: 2 }\nroutes: { constructor: {}, prototype: 3 }\n',
    'modelwire.yaml:1:11 server.constructor: unknown key, expected one of host, port, allowedHosts, bodyLimit, keyless',
    'modelwire.yaml:1:27 server.toString: unknown key, expected one of host, port, allowedHosts, bodyLimit, keyless',
    'modelwire.yaml:2:39 routes.prototype: must be a mapping (indented "name: value" lines)',
  ],
  ['a list at the top', '- a\n', 'modelwire.yaml:1:1 must be a mapping (indented "name: value" lines)'],
  ['a number as key', 'providers: { openai: { key: 12345 } }', 'modelwire.yaml:1:29 providers.openai.key: must be text (put quotes around it)'],
  [
    'a URL that is none',
    'providers: { lab: { baseURL: localhost:8000, key: none } }',
    'modelwire.yaml:1:30 providers.lab.baseURL: must be an http:// or https:// URL, without user, password, fragment or query (but for api-version)',
  ],
  [
    'a misspelt provider',
    'providers: { deepsek: {} }',
    'modelwire.yaml:1:14 providers.deepsek: is not a known provider, did you mean "deepseek"? (any other needs baseURL)',
  ],
  [
    "a provider of one's own without a key",
    'providers: { my-lab: { baseURL: "http://x" } }',
    'modelwire.yaml:1:14 providers.my-lab: needs key: "${MY_LAB_API_KEY}" (or key: none, if it asks for none)',
  ],
  [
    'a provider name with a slash',
    'providers: { "a/b": { baseURL: "http://x", key: none } }',
    'modelwire.yaml:1:14 providers["a/b"]: a provider name is lower-case letters, digits, ".", "_" and "-"',
  ],
  ['a built-in name', 'providers: { local: {} }', 'modelwire.yaml:1:14 providers.local: is the embedded model: its settings are under "local"'],
  [
    'a quirk',
    'providers: { openai: { quirks: { developerRole: true } } }',
    'modelwire.yaml:1:49 providers.openai.quirks.developerRole: must be false (leave it out otherwise)',
  ],
  [
    'a header that breaks framing',
    'providers: { openai: { headers: { Host: x } } }',
    'modelwire.yaml:1:35 providers.openai.headers.Host: is set by modelwire itself',
  ],
  [
    'a line break in a header',
    'providers: { openai: { headers: { a: "x\\ny" } } }',
    'modelwire.yaml:1:38 providers.openai.headers.a: holds a character that no header may hold',
  ],
  [
    'a route to nowhere',
    'routes: { a: { targets: [depseek/x] } }',
    'modelwire.yaml:1:26 routes.a.targets[0]: there is no provider "depseek", did you mean "deepseek"?',
  ],
  ['a route without targets', 'routes: { a: {} }', 'modelwire.yaml:1:11 routes.a: needs targets: [provider/model]'],
  ['a route with an empty list', 'routes: { a: { targets: [] } }', 'modelwire.yaml:1:25 routes.a.targets: must name at least one target'],
  [
    'a hash that is none',
    'keys: [{ name: a, hash: sk-secret }]',
    'modelwire.yaml:1:25 keys[0].hash: must be "sha256:" and 64 hexadecimal digits; `modelwire key new NAME` makes one',
  ],
  ['a key without a name', `keys: [{ hash: "sha256:${'a'.repeat(64)}" }]`, 'modelwire.yaml:1:8 keys[0].name: is missing'],
  [
    'a duration',
    'deadline: { idle: 5 minutes }',
    'modelwire.yaml:1:19 deadline.idle: must be a duration: 8s, 500ms, 2m, or a number of milliseconds from 1 to 2147483647',
  ],
  [
    'a duration too long for a timer',
    'deadline: { idle: 1000h }',
    'modelwire.yaml:1:19 deadline.idle: must be a duration: 8s, 500ms, 2m, or a number of milliseconds from 1 to 2147483647',
  ],
  [
    'open to all',
    'server: { host: 0.0.0.0 }',
    'modelwire.yaml:1:17 server.host: whoever reaches 0.0.0.0 could use your providers without a key. Add one under "keys" (modelwire key new NAME prints it), listen on 127.0.0.1, or set server: { keyless: true }',
  ],
  ['a name that no object may have', 'providers: { __proto__: { key: none } }', 'modelwire.yaml:1:14 providers.__proto__: cannot be used as a name'],
  ['an alias inside of its own anchor', 'server: &a [*a]', 'modelwire.yaml:1:13 *a stands inside of &a: it would hold itself'],
  ['one deeper', 'server: &a\n  host: { x: [*a] }', 'modelwire.yaml:2:15 *a stands inside of &a: it would hold itself'],
  ['an unknown alias', 'server: *gone', 'modelwire.yaml:1:9 nothing before this has the anchor &gone'],
];

for (const [what, text, ...problems] of wrong) {
  test(`wrong: ${what}`, async () => assert.deepEqual(await problemsOf(yaml(text)), problems));
}

test('a bomb of aliases and endless nesting are refused, quickly', async () => {
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x,x]',
    ...'bcdefghi'.split('').map((name, index) => `${name}: &${name} [${Array(10).fill(`*${'abcdefgh'[index]}`).join(',')}]`),
  ].join('\n');
  assert.deepEqual(await problemsOf(yaml(bomb)), ['modelwire.yaml its aliases unfold to more than 100 copies']);
  assert.deepEqual(await problemsOf(yaml('['.repeat(3000))), ['modelwire.yaml nested too deep']);
  assert.deepEqual(await problemsOf(yaml(`# ${'x'.repeat(2_000_000)}`)), ['modelwire.yaml longer than 1048576 characters']);
});

test('aliases and merge keys may be used', async () => {
  const config = await yaml('providers:\n  one: &lab { baseURL: "http://127.0.0.1:1", key: none }\n  two: *lab\n  three: { <<: *lab, models: [m] }\n');
  assert.deepEqual([...config.directory.providers.keys()], ['one', 'two', 'three', 'local']);
  assert.deepEqual(config.directory.providers.get('three')?.models, ['m']);
});

test('variables: default, empty, escape, no YAML from values, text to number and switch', async () => {
  const config = await yaml(
    'server: { port: "${PORT:-4005}", keyless: "${OPEN:-true}" }\nproviders:\n  lab: { baseURL: "http://${LAB_HOST:-127.0.0.1}:8000/v1", key: "a$${b}", models: ["${EVIL}"] }\n',
    {
      LAB_HOST: '',
      EVIL: '", models: [x]\n#',
    },
  );
  assert.equal(config.server.port, 4005);
  assert.equal(config.server.keyless, true);
  const lab = config.directory.providers.get('lab');
  assert.equal(lab?.speaks['openai-chat']?.baseURL, 'http://127.0.0.1:8000/v1');
  assert.equal(lab?.key?.reveal(), 'a${b}');
  assert.deepEqual(lab?.models, ['", models: [x]\n#']);
});

test('a provider that is switched off may name what is not set, and stays off whatever the environment holds', async () => {
  const config = await yaml('providers:\n  openai: { enabled: false, key: "${GONE}" }\n', { OPENAI_API_KEY: 'sk' });
  assert.equal(config.directory.providers.has('openai'), false);
});

test('a known provider without its key, and a route that leads to it, are warnings', async () => {
  const config = await yaml('providers: { deepseek: {}, groq: { key: "${GROQ:-}" } }\nroutes: { a: { targets: [deepseek/deepseek-chat] } }\n');
  assert.match(config.warnings[0] ?? '', /^providers\.deepseek is off: set DEEPSEEK_API_KEY/);
  assert.equal(config.warnings[1], 'providers.groq is off: its key is empty (GROQ)');
  assert.match(config.warnings[2] ?? '', /^routes\.a: deepseek\/deepseek-chat cannot be answered: DeepSeek is off, set DEEPSEEK_API_KEY/);
  assert.deepEqual(config.origins, [{ provider: 'local', source: 'embedded' }]);
});

test('another base URL for a known provider keeps its first format, quirks and key', async () => {
  const config = await yaml('providers: { deepseek: { baseURL: "https://proxy.example/v1" }, ollama: {} }', { DEEPSEEK_API_KEY: 'k' });
  assert.deepEqual(Object.keys(config.directory.providers.get('deepseek')?.speaks ?? {}), ['openai-chat']);
  assert.equal(config.directory.providers.get('ollama')?.needsKey, false);
});

test("an address that others can reach wants keys, or the owner's word", async () => {
  const key = `keys: [{ name: a, hash: "sha256:${'a'.repeat(64)}" }]`;
  for (const [text, options] of [
    [`server: { host: 0.0.0.0 }\n${key}`, {}],
    ['server: { host: "::", keyless: true }', {}],
    ['server: { host: 127.0.0.2 }', {}],
    ['server: { host: localhost }', {}],
    ['server: { host: "::1" }', {}],
    [key, { flags: { host: '0.0.0.0' } }],
  ] as const) {
    assert.deepEqual(await problemsOf(load({ files: { 'modelwire.yaml': text }, options })), [], text);
  }
  assert.match((await problemsOf(load({ options: { flags: { host: '0.0.0.0' } } })))[0] ?? '', /^--host whoever reaches 0\.0\.0\.0 could/);
  assert.match((await problemsOf(load({ env: { MODELWIRE_HOST: '192.168.1.5' } })))[0] ?? '', /^MODELWIRE_HOST whoever/);
});

test('flags and variables that cannot be used are named', async () => {
  assert.deepEqual(
    await problemsOf(load({ options: { flags: { port: 'http' } }, env: { MODELWIRE_HOST: 'http://x', MODELWIRE_HTTP: 'h2', MODELWIRE_LOG: 'loud' } })),
    [
      'MODELWIRE_HOST must be a host name or an address, without scheme and port',
      '--port must be a whole number from 0 to 65535',
      'MODELWIRE_HTTP must be one of lean, node',
      'MODELWIRE_LOG must be one of auto, json, text, off',
    ],
  );
});

test('a CA file must be there and hold a certificate; its path is meant from the file', async () => {
  const text = 'providers: { lab: { baseURL: "https://x", key: none, caFile: ca.pem } }';
  const files = { 'etc/my.yaml': text, 'etc/ca.pem': '-----BEGIN CERTIFICATE-----' };
  const config = await load({ files, options: { file: 'etc/my.yaml' } });
  assert.equal(config.network.get('lab')?.caFile, path.join(cwd, 'etc', 'ca.pem'));
  assert.deepEqual(await problemsOf(load({ files: { 'my.yaml': text }, options: { file: 'my.yaml' } })), [
    `my.yaml:1:62 providers.lab.caFile: ${path.join(cwd, 'ca.pem')} does not exist`,
  ]);
});

test('no problem and no print of the configuration shows a key', async () => {
  const canary = 'sk-canary-0123456789';
  const problems = await problemsOf(
    yaml(`providers: { openai: { key: ${canary}, auth: ${canary}, keey: ${canary} } }\nkeys: [{ name: a, hash: ${canary} }]\nfidelity: "\${S}"\n`, {
      S: canary,
    }),
  );
  assert.ok(problems.length >= 3);
  assert.ok(!problems.join('\n').includes(canary), problems.join('\n'));
  const { inspect } = await import('node:util');
  const config = await yaml(`providers: { openai: { key: ${canary} } }`);
  assert.ok(!inspect(config, { depth: 10 }).includes(canary));
});
