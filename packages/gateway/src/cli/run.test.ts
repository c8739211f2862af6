import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashKey } from '../keys/keys.ts';
import { commandList } from './commands.ts';
import { run } from '../../../../test/support/run-command.ts';

const refusals: readonly (readonly [argv: string, code: number, ...says: RegExp[]])[] = [
  ['asc', 2, /^error\[usage\]: there is no command "asc", did you mean "ask"\?\n {2}do {10}modelwire ask\n/, /more {8}modelwire help errors#usage/],
  ['zzzzzz', 2, /there is no command "zzzzzz"\n {2}do {10}modelwire ask "zzzzzz"/],
  ['serve --prot 4001', 2, /modelwire serve has no flag --prot, did you mean --port\?/],
  ['--prot 4001', 2, /modelwire serve has no flag --prot, did you mean --port\?/],
  ['serve --port', 2, /--port needs a value\n {2}do {10}--port N/],
  ['serve --port=', 2, /--port needs a value/],
  ['serve extra', 2, /modelwire serve does not take "extra"/],
  ['serve --port http', 2, /^error\[invalid_config\]: --port must be a whole number from 0 to 65535\n/],
  ['serve --host 0.0.0.0', 2, /--host whoever reaches 0\.0\.0\.0 could use your providers without a key/, /modelwire key new NAME/],
  ['serve --config gone.yaml', 2, /gone\.yaml does not exist/],
  ['models --json=yes', 2, /--json takes no value/],
  ['ask', 2, /there is nothing to ask/],
  ['ask -m', 2, /-m needs a value/],
  [
    'ask -m anthropic/claude-sonnet-5 hi',
    4,
    /^error\[no_key\]: no key for provider "anthropic" \(asked: anthropic\/claude-sonnet-5\)\n {2}looked in {3}ANTHROPIC_API_KEY.* \(unset\) · \.env, \.env\.local · no modelwire\.yaml\n {2}do {10}export ANTHROPIC_API_KEY=…/,
  ],
  ['ask -m gpt-4o hi', 4, /no key for provider "openai"/],
  ['help nonsense', 2, /there is no help on "nonsense"/],
  ['help errors#gone', 2, /there is no error code "gone"/],
  ['key', 2, /modelwire key needs an argument/],
  ['key new', 2, /the key needs a name/],
  ['key hash sk-secret', 2, /stays in the shell history/],
  ['key drop a', 2, /there is no "key drop"/],
  ['why', 1, /^error\[nothing_recorded\]: no call has been recorded yet\n {2}looked in {3}\.\/calls\.sqlite/],
  ['check gone.yaml', 2],
];

for (const [argv, code, ...says] of refusals) {
  test(`refused: modelwire ${argv}`, async (context) => {
    const ran = await run(context, argv.split(' '));
    assert.equal(ran.code, code, ran.err);
    for (const pattern of says) assert.match(ran.err, pattern);
    if (says.length > 0) assert.equal(ran.out, '', 'stdout is for data');
  });
}

test('with --json an error is one line of JSON on stderr', async (context) => {
  const { code, out, err } = await run(context, ['ask', '--json', '-m', 'deepseek/deepseek-chat', 'hi']);
  assert.equal(code, 4);
  assert.equal(out, '');
  assert.equal(err.trim().split('\n').length, 1);
  const { error } = JSON.parse(err);
  assert.equal(error.code, 'no_key');
  assert.equal(error.exit, 4);
  assert.match(error.do[0], /DEEPSEEK_API_KEY/);
});

for (const { name } of commandList) {
  test(`help: ${name} has one line, usage, three examples first, flags and a next step within 80 columns`, async (context) => {
    const byFlag = await run(context, [name, '--help']);
    const byTopic = await run(context, ['help', name]);
    assert.equal(byFlag.code, 0);
    assert.equal(byFlag.out, byTopic.out);
    assert.match(byFlag.out, new RegExp(`^modelwire ${name}: .+\n\nusage: modelwire ${name}.*\n\nexamples:\n(  .+\n){3}\nflags:\n`));
    assert.match(byFlag.out, /\nnext: .+\n$/);
    for (const line of byFlag.out.split('\n')) assert.ok(line.length <= 80, line);
  });
}

test('help, -h and --version', async (context) => {
  const help = await run(context, ['help']);
  assert.equal((await run(context, ['-h'])).out, help.out);
  for (const { name } of commandList) assert.ok(help.out.includes(`\n  ${name} `), name);
  assert.match((await run(context, ['--version'])).out, /^modelwire \d+\.\d+\.\d+\n$/);
  assert.match((await run(context, ['serve', '-V'])).out, /^modelwire \d+/);
});

test('help topics fit 80 columns', async (context) => {
  for (const topic of ['env', 'config', 'exit-codes', 'errors#no_key']) {
    const { code, out } = await run(context, ['help', topic]);
    assert.equal(code, 0, topic);
    if (topic !== 'errors#no_key') for (const line of out.split('\n')) assert.ok(line.length <= 80, line);
  }
  assert.match((await run(context, ['help', 'errors'])).out, /model_not_found\n {2}/);
});

test('the configuration in the help is one that check accepts', async (context) => {
  const { out } = await run(context, ['help', 'config']);
  const text = out
    .split('\n')
    .filter((line) => line.startsWith('  '))
    .map((line) => line.slice(2))
    .join('\n')
    .replace('sha256:…', `sha256:${'a'.repeat(64)}`);
  const checked = await run(context, ['check'], { files: { 'modelwire.yaml': text }, env: { LAB_KEY: 'k', DEEPSEEK_API_KEY: 'k' } });
  assert.equal(checked.code, 0, checked.out);
  assert.match(checked.out, /^ok: modelwire\.yaml \(3 providers, 2 routes, 1 key\)\n$/);
});

test('check lists every problem, as text and as JSON', async (context) => {
  const files = { 'modelwire.yaml': 'provider: {}\nfidelity: loose\n' };
  const text = await run(context, ['check'], { files });
  assert.equal(text.code, 2);
  assert.equal(
    text.out,
    'modelwire.yaml:1:1 provider: unknown key, did you mean "providers"?\nmodelwire.yaml:2:11 fidelity: must be one of strict, carry, lenient\n2 problems\n',
  );
  const json = await run(context, ['check', '--json'], { files });
  assert.equal(json.code, 2);
  const result = JSON.parse(json.out);
  assert.equal(result.ok, false);
  assert.deepEqual(result.problems[0], { source: 'modelwire.yaml', line: 1, column: 1, path: 'provider', message: 'unknown key, did you mean "providers"?' });
  const fine = await run(context, ['check', '--json'], { files: { 'modelwire.yaml': 'providers: { groq: {} }' } });
  assert.deepEqual([fine.code, JSON.parse(fine.out).ok, JSON.parse(fine.out).warnings.length], [0, true, 1]);
});

test('key new prints a key once and lines that check accepts; key hash gives the same hash', async (context) => {
  const { code, out } = await run(context, ['key', 'new', 'ci', '--models', 'fast, claude-*']);
  assert.equal(code, 0);
  const key = /^key {3}(sk-mw-\w{32})\n/.exec(out)?.[1] ?? '';
  assert.ok(out.includes(hashKey(key)));
  const pasted = out.slice(out.indexOf('\nkeys:'));
  assert.equal((await run(context, ['check'], { files: { 'modelwire.yaml': pasted } })).code, 0, pasted);
  const hashed = await run(context, ['key', 'hash'], { stdin: `${key}\n` });
  assert.equal(hashed.out, `${hashKey(key)}\n`);
  assert.equal((await run(context, ['key', 'hash'], { stdin: 'two words' })).code, 2);
  const json = JSON.parse((await run(context, ['key', 'new', 'ci', '--json'])).out);
  assert.equal(json.hash, hashKey(json.key));
});

test('models lists what can answer, with filter, and as JSON', async (context) => {
  const given = { env: { DEEPSEEK_API_KEY: 'k' }, files: { 'modelwire.yaml': 'local: false\nroutes: { fast: { targets: [deepseek/deepseek-chat] } }' } };
  const { code, out } = await run(context, ['models'], { ...given, columns: 80 });
  assert.equal(code, 0);
  assert.match(out, /^routes {2}1 by configuration\n {2}fast .*→ deepseek\/deepseek-chat\ndeepseek {2}DEEPSEEK_API_KEY from environment\n/);
  for (const line of out.split('\n')) assert.ok(line.length <= 80, line);
  assert.match((await run(context, ['models', 'fas'], given)).out, /^routes/);
  assert.match((await run(context, ['models', 'deepseek/*'], given)).out, /^deepseek/);
  const none = await run(context, ['models', 'deepsek-chat'], given);
  assert.deepEqual([none.code, none.out], [1, '']);
  assert.match(none.err, /did you mean "deepseek-chat"\?/);
  const [first] = JSON.parse((await run(context, ['models', 'deepseek-chat', '--json'], given)).out).models;
  assert.deepEqual([first.id, first.provider, first.key], ['deepseek/deepseek-chat', 'deepseek', { source: 'environment', variable: 'DEEPSEEK_API_KEY' }]);
});

test('doctor tells variables and their source, never a value', async (context) => {
  const canary = 'sk-canary-42';
  const given = {
    env: { OPENAI_API_KEY: canary, OPENAI_BASE_URL: 'http://127.0.0.1:1', HTTPS_PROXY: `http://me:${canary}@proxy:8080`, MODELWIRE_PORT: '0' },
    files: { '.env': `GROQ_API_KEY=${canary}\n`, 'modelwire.yaml': 'local: false\nproviders: { mistral: {}, openai: { enabled: false } }\n' },
  };
  const { code, out } = await run(context, ['doctor'], given);
  assert.equal(code, 0, out);
  for (const says of [
    /^ok +node/,
    /config {6}modelwire\.yaml; server\.port from MODELWIRE_PORT/,
    /^warn +config +providers\.mistral is off: set MISTRAL_API_KEY/,
    /^- +key +OPENAI_API_KEY from environment for openai, switched off by the configuration/,
    /^ok +key +GROQ_API_KEY from \.env for groq/,
    /OPENAI_BASE_URL is set; the gateway never reads it/,
    /HTTPS_PROXY=http:\/\/…@proxy:8080 from environment/,
    /^nothing is in the way/,
  ])
    assert.match(out, new RegExp(says.source, 'm'));
  const json = await run(context, ['doctor', '--json'], given);
  assert.equal(JSON.parse(json.out).ok, true);
  assert.ok(!(out + json.out).includes(canary));
});

test('doctor finds a broken configuration and a store that cannot be written', async (context) => {
  const broken = await run(context, ['doctor'], { files: { 'modelwire.yaml': 'sever: 1\n' } });
  assert.equal(broken.code, 1);
  assert.match(broken.out, /FAIL {2}config {6}modelwire\.yaml:1:1 sever: unknown key, did you mean "server"\?/);
  const unwritable = await run(context, ['doctor'], {
    env: { MODELWIRE_PORT: '0' },
    files: { 'modelwire.yaml': 'local: false\nstore: { file: "afile/calls.sqlite" }\n', afile: '' },
  });
  assert.equal(unwritable.code, 1);
  assert.match(unwritable.out, /FAIL {2}store {7}.*cannot be written/);
});
