import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../../../../test/support/run-command.ts';

const body = '{"model":"m","messages":[{"role":"user","content":"hi"}],"max_completion_tokens":10,"seed":90071992547409910,"top_k":3}';
const files = { 'a.json': body };
const between = ['translate', '--from', 'openai-chat', '--to', 'anthropic-messages'];

test('translate prints the body on stdout and its notes on stderr', async (context) => {
  const { code, out, err } = await run(context, [...between, 'a.json'], { files });
  assert.equal(code, 0, err);
  assert.deepEqual(JSON.parse(out), { model: 'm', max_tokens: 10, messages: [{ role: 'user', content: 'hi' }], top_k: 3 });
  assert.equal(err, 'dropped  seed  the number is too big to be kept exactly\n');
  const piped = await run(context, [...between, '-'], { stdin: body });
  assert.deepEqual([piped.out, piped.err], [out, err]);
});

test('translate --json prints both, the body with its own numbers', async (context) => {
  const { out, err } = await run(context, ['translate', '--from', 'openai-chat', '--to', 'openai-chat', '--json', 'a.json'], { files });
  assert.equal(err, '');
  const { target, notes } = JSON.parse(out);
  assert.equal(target, 'openai-chat/m');
  assert.deepEqual(notes, []);
  assert.match(out, /"seed":90071992547409910/);
});

test('translate --strict names every loss and exits with 2', async (context) => {
  const { code, out, err } = await run(context, [...between, '--strict', '-'], { stdin: body.replace('"top_k":3', '"n":2') });
  assert.deepEqual([code, out], [2, '']);
  assert.match(err, /^error\[unsupported_parameter\]: anthropic-messages\/m would lose 2 fields\n {2}n: one answer is given to a call\n {2}seed: /);
  assert.equal((await run(context, [...between, '--strict', '-'], { stdin: body.replace(/,"seed.*/, '}') })).code, 0);
});

test('a field that must not be lost is refused without --strict too', async (context) => {
  const { code, err } = await run(context, [...between, '-'], { stdin: body.replace('"top_k":3', '"n":2') });
  assert.equal(code, 2);
  assert.match(err, /^error\[unsupported_parameter\]: n cannot be sent to anthropic-messages\/m: one answer is given to a call/);
});

test('a model of the catalogue has its quirks', async (context) => {
  const argv = ['translate', '--from', 'anthropic-messages', '--to', 'openai-chat', '--model', 'deepseek/deepseek-chat', '-'];
  const { out, code } = await run(context, argv, { stdin: '{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"hi"}]}' });
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(out), { model: 'deepseek-chat', messages: [{ role: 'user', content: 'hi' }], max_tokens: 5 });
});

test('translate knows items: what an agent sends to openai-responses, for another format', async (context) => {
  const tools =
    '[{"type":"namespace","name":"files","description":"","tools":[{"type":"function","name":"read","parameters":null,"strict":false}]},{"type":"web_search"}]';
  const stdin = `{"model":"m","input":[{"role":"user","content":"hi"}],"max_output_tokens":90,"tools":${tools}}`;
  const { code, out, err } = await run(context, ['translate', '--from', 'openai-responses', '--to', 'anthropic-messages', '-'], { stdin });
  assert.equal(code, 0, err);
  const read = { name: 'files__read', input_schema: { type: 'object', properties: {} }, strict: false };
  assert.deepEqual(JSON.parse(out), { model: 'm', max_tokens: 90, messages: [{ role: 'user', content: 'hi' }], tools: [read] });
  assert.match(err, /^dropped {3}tools\[1\] .*"web_search" is run by providers of openai-responses/m);
  const back = await run(context, ['translate', '--from', 'anthropic-messages', '--to', 'openai-responses', '-'], { stdin: out });
  assert.partialDeepStrictEqual(JSON.parse(back.out), {
    model: 'm',
    input: [{ role: 'user', content: 'hi' }],
    tools: [{ type: 'function', name: 'files__read' }],
  });
  assert.equal(back.err, '');
});

const bad: readonly (readonly [argv: readonly string[], stdin: string, code: number, says: RegExp])[] = [
  [[...between, 'gone.json'], '', 1, /^error\[failed\]: gone\.json does not exist/],
  [[...between, '-'], '{"model":', 1, /^error\[invalid_request\]: the body is not valid JSON/],
  [[...between, '-'], '', 1, /the body is not valid JSON: it ends too early/],
  [[...between, '-'], '[]', 1, /^error\[invalid_request\]/],
  [[...between, '-'], '{"model":"m","messages":[]}', 1, /messages must be a non-empty array/],
  [[...between, '-'], '{"model":"m","messages":[{"role":"wizard","content":"x"}]}', 1, /messages\[0\]\.role "wizard" is not known/],
  [['translate', '--to', 'openai-chat', '-'], '{}', 2, /needs --from\n {2}do {10}--from openai-chat/],
  [['translate', '--from', 'openai-chat', '-'], '{}', 2, /needs --to/],
  [['translate', '--from', 'openai-caht', '--to', 'openai-chat', '-'], '{}', 2, /there is no format "openai-caht", did you mean "openai-chat"\?/],
];

for (const [argv, stdin, code, says] of bad) {
  test(`refused: modelwire ${argv.join(' ')} < ${stdin}`, async (context) => {
    const ran = await run(context, argv, { stdin });
    assert.equal(ran.code, code, ran.err);
    assert.match(ran.err, says);
    assert.equal(ran.out, '');
  });
}
