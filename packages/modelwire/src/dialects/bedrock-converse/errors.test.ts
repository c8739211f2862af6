import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from '../../core/errors.ts';
import { Secret } from '../../core/target.ts';
import { contextFor } from './fixtures/world.ts';
import { bedrockConverse } from './index.ts';

const { target } = contextFor();
const { front, back } = bedrockConverse;

test('our errors in Bedrock’s shape', () => {
  const limited = front.error(new GatewayError('rate_limit_exceeded', 'slow down', { hint: 'Wait' }), 'req_1');
  assert.deepEqual([limited.status, limited.headers], [429, { 'x-amzn-errortype': 'ThrottlingException' }]);
  assert.deepEqual(JSON.parse(limited.body), { message: 'slow down. Wait', code: 'rate_limit_exceeded' });
  for (const [code, status, name] of [
    ['invalid_request', 400, 'ValidationException'],
    ['context_length_exceeded', 400, 'ValidationException'],
    ['request_too_large', 413, 'ValidationException'],
    ['invalid_api_key', 403, 'UnrecognizedClientException'],
    ['permission_denied', 403, 'AccessDeniedException'],
    ['model_not_found', 404, 'ResourceNotFoundException'],
    ['insufficient_quota', 429, 'ServiceQuotaExceededException'],
    ['overloaded', 503, 'ServiceUnavailableException'],
    ['model_unavailable', 503, 'ModelNotReadyException'],
    ['deadline_idle', 504, 'ModelTimeoutException'],
    ['upstream_auth', 502, 'InternalServerException'],
    ['internal_error', 500, 'InternalServerException'],
  ] as const) {
    const shown = front.error(new GatewayError(code, 'x'), '');
    assert.deepEqual([shown.status, shown.headers?.['x-amzn-errortype']], [status, name], code);
  }
  const event = (error: GatewayError) => front.errorEvent(error, '');
  assert.equal(event(new GatewayError('overloaded', 'x')), 'event: error\ndata: {"serviceUnavailableException":{"message":"x"}}\n\n');
  assert.match(event(new GatewayError('upstream_stream_cut', 'x')), /modelStreamErrorException/);
  assert.match(event(new GatewayError('invalid_api_key', 'x')), /internalServerException/);
});

test('Bedrock’s errors as ours', () => {
  const read = (status: number, type: string, body: object | string, to = target): GatewayError =>
    back.failure(
      {
        status,
        headers: { 'x-amzn-errortype': `${type}:http://internal.amazon.com/coral/`, 'x-amzn-requestid': 'r-1' },
        text: typeof body === 'string' ? body : JSON.stringify(body),
      },
      to,
    );
  const failed = read(400, 'ValidationException', { message: 'Input is too long for requested model.' });
  assert.deepEqual([failed.code, failed.upstreamRequestId], ['context_length_exceeded', 'r-1']);
  for (const [status, type, code] of [
    [400, 'ValidationException', 'invalid_request'],
    [400, 'ServiceQuotaExceededException', 'insufficient_quota'],
    [403, 'AccessDeniedException', 'upstream_auth'],
    [403, 'ExpiredTokenException', 'upstream_auth'],
    [404, 'ResourceNotFoundException', 'model_not_found'],
    [408, 'ModelTimeoutException', 'upstream_error'],
    [424, 'ModelErrorException', 'upstream_error'],
    [429, 'ThrottlingException', 'rate_limit_exceeded'],
    [429, 'ModelNotReadyException', 'rate_limit_exceeded'],
    [500, 'InternalServerException', 'upstream_error'],
    [503, 'ServiceUnavailableException', 'overloaded'],
  ] as const)
    assert.equal(read(status, type, { message: 'x' }).code, code, type);
  assert.equal(read(424, 'ModelErrorException', { message: 'x' }).retryable, true);
  assert.equal(read(403, '', { Message: 'Missing Authentication Token' }).message, 'upstream: Missing Authentication Token');
  assert.equal(read(502, '', '<html>').code, 'upstream_error');
});

test('no part of a key pair leaves in a message', () => {
  const key = new Secret('AKIAIOSFODNN7EXAMPLE:wJalrXUtnFEMI/K7MDENG:tokentoken==');
  const text = JSON.stringify({ message: 'The security token tokentoken== of AKIAIOSFODNN7EXAMPLE with wJalrXUtnFEMI/K7MDENG is invalid' });
  const { message } = back.failure({ status: 403, headers: {}, text }, { ...target, key });
  assert.equal(message, 'upstream: The security token [redacted] of [redacted] with [redacted] is invalid');
});
