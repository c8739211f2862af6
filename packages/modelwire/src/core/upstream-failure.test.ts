import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ErrorCode } from './errors.ts';
import { Secret, type Target } from './target.ts';
import { describeForeign, readComplaint, retryAfter, upstreamFailure } from './upstream-failure.ts';

const target: Target = { provider: 'lab', model: 'm', speaks: {}, quirks: {}, key: new Secret('sk-verysecretkey12345') };

function failure(status: number, body = '', headers: Record<string, string> = {}) {
  return upstreamFailure({ status, headers, ...readComplaint(body) }, target);
}

test('the class is told by status, code and words', () => {
  const rows: readonly (readonly [number, string, ErrorCode, number])[] = [
    [400, '{"error":{"message":"bad"}}', 'invalid_request', 400],
    [422, '{"error":{"message":"bad"}}', 'invalid_request', 422],
    [400, '{"error":{"message":"x","code":"context_length_exceeded"}}', 'context_length_exceeded', 400],
    [400, '{"error":{"message":"prompt is too long: 9 tokens"}}', 'context_length_exceeded', 400],
    [400, '{"error":{"message":"x","code":"content_filter"}}', 'content_filter', 400],
    [401, '{"error":{"message":"x"}}', 'upstream_auth', 502],
    [403, '{"error":{"message":"x"}}', 'upstream_auth', 502],
    [402, '{"error":{"message":"x"}}', 'insufficient_quota', 429],
    [429, '{"error":{"message":"x","code":"insufficient_quota"}}', 'insufficient_quota', 429],
    [429, '{"error":{"message":"slow"}}', 'rate_limit_exceeded', 429],
    [404, '{"error":{"message":"no such model"}}', 'model_not_found', 404],
    [409, '{}', 'conflict', 409],
    [413, '', 'request_too_large', 413],
    [500, '<html>', 'upstream_error', 500],
    [501, '', 'upstream_error', 502],
    [504, '', 'upstream_error', 504],
    [503, '', 'overloaded', 503],
    [529, '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}', 'overloaded', 529],
    [302, '', 'upstream_error', 502],
    [200, '{"error":{"message":"x","type":"invalid_request_error"}}', 'invalid_request', 400],
    [200, '{"error":{"message":"x","type":"rate_limit_error"}}', 'rate_limit_exceeded', 429],
    [200, '{"error":{"message":"x"}}', 'upstream_error', 502],
  ];
  for (const [status, body, code, ours] of rows) {
    const error = failure(status, body);
    assert.deepEqual([error.code, error.status], [code, ours], `${status} ${body}`);
    assert.equal(error.upstreamStatus, status);
    assert.equal(error.provider, 'lab/m');
  }
});

test('no spelling of the key, no internal address and no control character leaves in a message', () => {
  const key = 'sk-very+secret/key=12345';
  const said = (message: string): string => upstreamFailure({ status: 400, headers: {}, message }, { ...target, key: new Secret(key) }).message;
  for (const spelling of [key, btoa(key), btoa(key).replace(/=+$/, ''), encodeURIComponent(key)])
    assert.equal(said(`got ${spelling} here`), 'lab: got [redacted] here');
  for (const address of [
    'http://10.0.0.5:8080/x',
    'https://172.20.1.1',
    'http://192.168.0.1/a?b',
    'http://localhost:11434/v1',
    'http://127.0.0.1',
    'http://[::1]/',
  ])
    assert.equal(said(`at ${address} there`), 'lab: at [address] there');
  for (const address of ['https://api.lab.com/x', 'http://172.32.0.1', 'https://100.0.0.1/']) assert.equal(said(`at ${address}`), `lab: at ${address}`);
  assert.equal(said('a\u0000\u001b[31mb\r\nc\u0085d'), 'lab: a [31mb c d');
});

test('no key leaves in a message, and the message is bounded', () => {
  const error = failure(400, JSON.stringify({ error: { message: `key sk-verysecretkey12345 and sk-proj-abcdefghijklmnop ${'x'.repeat(5000)}` } }));
  assert.ok(!error.message.includes('verysecret') && !error.message.includes('abcdefghij'));
  assert.ok(error.message.length < 2100);
});

test('complaints are read in every shape that comes', () => {
  assert.deepEqual(readComplaint('{"error":{"message":"m","type":"t","code":"c","param":"p"}}'), { message: 'm', type: 't', code: 'c', param: 'p' });
  assert.deepEqual(readComplaint('{"error":"m"}'), { message: 'm' });
  assert.deepEqual(readComplaint('{"detail":"m"}'), { message: 'm' });
  assert.deepEqual(readComplaint('{"message":"m","code":7}'), { message: 'm', code: '7' });
  assert.deepEqual(readComplaint('[{"error":{"message":"m","code":400}}]'), { message: 'm', code: '400' });
  assert.deepEqual(readComplaint('"m"'), { message: 'm' });
  assert.deepEqual(readComplaint('{"status_code":1004,"status_msg":"m"}'), { message: 'm', code: '1004' });
  for (const text of ['{}', 'null', '[]', '7', '{"error":{}}', '{"error":{"message":""}}']) assert.deepEqual(readComplaint(text), {}, text);
  for (const text of ['', ' ', '<html>secret</html>', 'no JSON', '{"a":'])
    assert.ok(readComplaint(text).message !== undefined && !String(readComplaint(text).message).includes('secret'), text);
});

test('what came instead of JSON is named', () => {
  assert.match(describeForeign(''), /empty/);
  assert.match(describeForeign('<!doctype html><title>Just a moment... Cloudflare'), /HTML.*Cloudflare/);
  assert.match(describeForeign('upstream connect error'), /not JSON/);
});

test('retry-after is taken in both spellings and only when it can be waited for', () => {
  const now = (): number => 1_000_000;
  const rows: readonly (readonly [Record<string, string>, number | undefined])[] = [
    [{ 'retry-after': '7' }, 7],
    [{ 'retry-after': '1.5' }, 1.5],
    [{ 'retry-after-ms': '250', 'retry-after': '9' }, 0.25],
    [{ 'retry-after': new Date(1_005_000).toUTCString() }, 5],
    [{ 'retry-after': new Date(999_000).toUTCString() }, undefined],
    [{ 'retry-after': '0' }, undefined],
    [{ 'retry-after': '-5' }, undefined],
    [{ 'retry-after': '61' }, undefined],
    [{ 'retry-after': '1e400' }, undefined],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': ' ' }, undefined],
    [{}, undefined],
  ];
  for (const value of ['0x10', '1e1', '+5', '-5', '5s', '.5', 'Infinity'])
    assert.deepEqual([retryAfter({ 'retry-after': value }, now), retryAfter({ 'retry-after-ms': value }, now)], [undefined, undefined], value);
  for (const [headers, seconds] of rows) assert.equal(retryAfter(headers, now), seconds, JSON.stringify(headers));
});

test('the provider’s word on retrying, its request id and its parameter are kept', () => {
  const error = failure(400, '{"error":{"message":"m","param":"messages[0]"}}', { 'x-should-retry': 'false', 'x-request-id': 'req_1', 'retry-after': '3' });
  assert.deepEqual([error.retryable, error.upstreamRequestId, error.param, error.retryAfter], [false, 'req_1', 'messages[0]', 3]);
});

test('a provider’s own codes go before everything else, but names of the language are none', () => {
  const own: Target = { ...target, quirks: { errorCodes: { '1113': 'insufficient_quota' } } };
  const codeOf = (body: string): ErrorCode => upstreamFailure({ status: 429, headers: {}, ...readComplaint(body) }, own).code;
  assert.equal(codeOf('{"error":{"code":"1113","message":"x"}}'), 'insufficient_quota');
  assert.equal(codeOf('{"error":{"code":1113,"message":"x"}}'), 'insufficient_quota');
  assert.equal(codeOf('{"error":{"code":"1302","message":"x"}}'), 'rate_limit_exceeded');
  assert.equal(codeOf('{"error":{"code":"constructor","message":"x"}}'), 'rate_limit_exceeded');
});

test('a validator’s list of faults is told by its first, with its place', () => {
  const fault = { type: 'extra_forbidden', loc: ['body', 'n'], msg: 'Extra inputs are not permitted' };
  for (const body of [{ object: 'error', message: { detail: [fault] } }, { detail: [fault] }])
    assert.equal(readComplaint(JSON.stringify(body)).message, 'body.n: Extra inputs are not permitted');
  assert.deepEqual(readComplaint('{"base_resp":{"status_code":1004,"status_msg":"m"}}', 'base_resp'), { message: 'm', code: '1004' });
  assert.deepEqual(readComplaint('{"errors":{"message":"m"}}'), { message: 'm' });
  assert.deepEqual(readComplaint('{"code":"Client specified an invalid argument","error":"m"}'), {
    message: 'm',
    code: 'Client specified an invalid argument',
  });
});
