import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../../../../test/support/run-command.ts';

const files = {
  'modelwire.yaml': 'mock: true\nlocal: false\nstore: { file: calls.sqlite }\nroutes: { fast: { targets: [mock/echo] }, "e*": { targets: [mock/echo] } }\n',
};

test('ask streams the answer to stdout and says what it cost on stderr', async (context) => {
  const { code, out, err } = await run(context, ['ask', '-m', 'mock/echo', '--usage', 'Hello', 'there'], { files });
  assert.deepEqual([code, out], [0, 'Hello there\n']);
  assert.match(err, /^mock\/echo · \d+ tokens in, \d+ out · first word after [\d.]+ m?s, [\d.]+ m?s in all\n$/);
});

test('ask adds what is piped in to the text', async (context) => {
  const { out } = await run(context, ['ask', '-m', 'fast', 'Look at this:'], { files, stdin: 'line one\nline two\n' });
  assert.equal(out, 'Look at this:\n\nline one\nline two\n');
});

test('ask --json prints the whole answer as one object', async (context) => {
  const { code, out } = await run(context, ['ask', '-m', 'mock/echo', '--json', 'hi'], { files });
  assert.equal(code, 0);
  const answer = JSON.parse(out);
  assert.deepEqual([answer.model, answer.text, answer.finish], ['mock/echo', 'hi', 'stop']);
  assert.match(answer.request, /^req_/);
  assert.ok(answer.usage.input > 0);
});

for (const [model, code, error, partly] of [
  ['mock/status-429', 5, 'rate_limit_exceeded'],
  ['mock/status-401', 4, 'upstream_auth'],
  ['mock/status-500', 3, 'upstream_error'],
  ['mock/html', 3, 'upstream_invalid_response'],
  ['mock/cut-2', 3, 'upstream_stream_cut', true],
  ['nonsense', 2, 'model_not_found'],
] as const) {
  test(`ask ends with ${code} for ${error} (${model})`, async (context) => {
    const ran = await run(context, ['ask', '-m', model, 'one two three four'], {
      files: { 'modelwire.yaml': `${files['modelwire.yaml']}retry: { attempts: 1 }\n` },
    });
    assert.equal(ran.code, code, ran.err);
    assert.match(ran.err, new RegExp(`^error\\[${error}\\]: .+\\n.*more {8}modelwire help errors#${error} {5}request req_`, 's'));
    if (partly === undefined) assert.equal(ran.out, '');
  });
}

test('ask says when nothing answers at the URL, and what is no URL', async (context) => {
  const gone = await run(context, ['ask', '--url', '127.0.0.1:9', 'hi']);
  assert.equal(gone.code, 1);
  assert.match(gone.err, /^error\[not_reachable\]: no answer from 127\.0\.0\.1:9: .+\n {2}do {10}modelwire serve/);
  assert.equal((await run(context, ['ask', '--url', 'http://[', 'hi'])).code, 2);
});

test('ask that is interrupted ends with 130', async (context) => {
  const { code, err } = await run(context, ['ask', '-m', 'mock/text-50+drip-200', 'hi'], { files, interruptAfter: /\w/ });
  assert.deepEqual([code, err], [130, '']);
});

test('why tells the story of the call that ask made', async (context) => {
  const first = await run(context, ['ask', '-m', 'echo', 'hi'], { files });
  assert.equal(first.code, 0, first.err);
  const again = { cwd: first.cwd };
  const { code, out } = await run(context, ['why'], again);
  assert.equal(code, 0);
  assert.match(out, /^req_\w+ {2}\d{4}-.* openai-chat chat streaming {2}key cli {2}modelwire-cli\/\d/);
  assert.match(out, /\n {2}asked {4}echo, resolved by pattern\n {2}targets {2}mock\/echo\n {2}try 1 {4}mock\/echo relayed: 200 in \d+ ms/);
  assert.match(out, /\n {2}outcome {2}ok 200 from mock\/echo, ended by stop\n {2}time {5}first content after/);
  const id = out.slice(0, out.indexOf(' '));
  assert.equal((await run(context, ['why', id], again)).out, out);
  assert.equal((await run(context, ['why', id.slice(0, 20)], again)).out, out);
  assert.equal(JSON.parse((await run(context, ['why', 'last', '--json'], again)).out).id, id);
  assert.match((await run(context, ['why', 'last~1'], again)).err, /there are fewer than 2 calls/);
  assert.match((await run(context, ['why', 'req_nope'], again)).err, /no call has the id req_nope/);
});
