import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from '../../core/errors.ts';
import { contextFor } from './fixtures/world.ts';
import { gemini } from './index.ts';

const { target } = contextFor();
const { front, back } = gemini;

test('our errors in Google’s shape', () => {
  const limited = front.error(new GatewayError('rate_limit_exceeded', 'slow down', { retryAfter: 2, hint: 'Wait' }), 'req_1');
  assert.equal(limited.status, 429);
  assert.deepEqual(JSON.parse(limited.body), {
    error: {
      code: 429,
      message: 'slow down. Wait',
      status: 'RESOURCE_EXHAUSTED',
      details: [
        { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'RATE_LIMIT_EXCEEDED', domain: 'modelwire', metadata: { code: 'rate_limit_exceeded' } },
        { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '2s' },
      ],
    },
  });
  const statusOf = (error: GatewayError): unknown[] => {
    const { status, body } = front.error(error, '');
    return [status, JSON.parse(body).error.status];
  };
  assert.deepEqual(statusOf(new GatewayError('invalid_request', 'x', { param: 'contents' })), [400, 'INVALID_ARGUMENT']);
  assert.deepEqual(statusOf(new GatewayError('invalid_api_key', 'x')), [401, 'UNAUTHENTICATED']);
  assert.deepEqual(statusOf(new GatewayError('model_not_found', 'x')), [404, 'NOT_FOUND']);
  assert.deepEqual(statusOf(new GatewayError('overloaded', 'x', { status: 529 })), [503, 'UNAVAILABLE']);
  assert.deepEqual(statusOf(new GatewayError('loop_detected', 'x')), [508, 'INTERNAL']);
  assert.match(front.errorEvent(new GatewayError('overloaded', 'x'), ''), /^data: \{"error":.*\}\n\n$/);
});

test('Google’s errors as ours', () => {
  const read = (status: number, error: object | string, headers = {}): GatewayError =>
    back.failure({ status, headers, text: typeof error === 'string' ? error : JSON.stringify({ error }) }, target);
  assert.equal(read(400, { code: 400, message: 'API key not valid. Please pass a valid API key.', status: 'INVALID_ARGUMENT' }).code, 'upstream_auth');
  assert.equal(
    read(400, { code: 400, message: 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).', status: 'INVALID_ARGUMENT' })
      .code,
    'context_length_exceeded',
  );
  assert.equal(read(404, { code: 404, message: 'models/x is not found for API version v1beta', status: 'NOT_FOUND' }).code, 'model_not_found');
  assert.equal(read(503, { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' }).code, 'overloaded');
  const quota = {
    code: 429,
    message: 'You exceeded your current quota.',
    status: 'RESOURCE_EXHAUSTED',
    details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.07s' }],
  };
  assert.deepEqual([read(429, quota).code, read(429, quota).retryAfter], ['rate_limit_exceeded', 34.07]);
  assert.equal(read(429, quota, { 'retry-after': '3' }).retryAfter, 3);
  // Without alt=sse a stream is a list, and so is its error.
  assert.equal(read(400, JSON.stringify([{ error: { code: 400, message: 'bad', status: 'INVALID_ARGUMENT' } }])).message, 'upstream: bad');
  assert.equal(read(502, '<html>').code, 'upstream_error');
  assert.equal(read(508, { code: 508, message: 'x', details: [{ '@type': 'a.ErrorInfo', metadata: { code: 'loop_detected' } }] }).code, 'loop_detected');
});
