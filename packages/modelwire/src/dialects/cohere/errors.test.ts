import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from '../../core/errors.ts';
import { contextFor } from './fixtures/world.ts';
import { cohere } from './index.ts';

const { target } = contextFor();
const { front, back } = cohere;

test('our errors in Cohere’s shape', () => {
  const limited = front.error(new GatewayError('rate_limit_exceeded', 'slow down', { retryAfter: 2, hint: 'Wait' }), 'req_1');
  assert.equal(limited.status, 429);
  assert.deepEqual(JSON.parse(limited.body), { id: 'req_1', message: 'slow down. Wait', code: 'rate_limit_exceeded' });
  const statusOf = (error: GatewayError): number => front.error(error, '').status;
  assert.deepEqual(JSON.parse(front.error(new GatewayError('invalid_request', 'x', { param: 'p' }), '').body), {
    message: 'x',
    code: 'invalid_request',
    param: 'p',
  });
  assert.deepEqual(
    [
      new GatewayError('invalid_request', 'x'),
      new GatewayError('invalid_api_key', 'x'),
      new GatewayError('insufficient_quota', 'x'),
      new GatewayError('model_not_found', 'x'),
      new GatewayError('overloaded', 'x', { status: 529 }),
    ].map(statusOf),
    [400, 401, 402, 404, 503],
  );
  assert.equal(
    front.errorEvent(new GatewayError('overloaded', 'x'), ''),
    'event: message-end\ndata: {"type":"message-end","delta":{"error":"x","finish_reason":"ERROR"}}\n\n',
  );
});

test('Cohere’s errors as ours', () => {
  const read = (status: number, message: string, headers = {}): GatewayError =>
    back.failure({ status, headers, text: JSON.stringify({ id: 'u-1', message }) }, target);
  assert.equal(read(400, 'invalid request: temperature must be between 0 and 1.0 inclusive.').code, 'invalid_request');
  assert.equal(read(401, 'invalid api token').code, 'upstream_auth');
  assert.equal(read(404, "model 'x' not found, make sure the correct model ID was used").code, 'model_not_found');
  assert.equal(
    read(400, 'too many tokens: total number of tokens in the prompt cannot exceed 128000 - received 300000. Try using a shorter prompt.').code,
    'context_length_exceeded',
  );
  assert.equal(read(422, "unknown field: parameter 'x' is not a valid field").code, 'invalid_request');
  const limited = read(429, 'You are using a Trial key, which is limited to 20 API calls / minute.', { 'retry-after': '3' });
  assert.deepEqual([limited.code, limited.retryAfter], ['rate_limit_exceeded', 3]);
  for (const status of [499, 500, 501, 504]) assert.ok(read(status, 'x').code.startsWith('upstream_'), String(status));
  assert.equal(back.failure({ status: 502, headers: {}, text: '<html>' }, target).code, 'upstream_error');
  assert.match(read(400, 'no such thing').message, /no such thing/);
});

test('the end of a message that failed is an error', () => {
  const failed = { type: 'message-end', delta: { finish_reason: 'ERROR', error: 'the model broke' } };
  const error = back.failure({ status: 200, headers: {}, text: JSON.stringify(failed) }, target);
  assert.deepEqual([error.code, error.message], ['upstream_error', 'upstream: the model broke']);
});
