import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from '../../core/errors.ts';
import { contextFor } from './fixtures/world.ts';
import { ollama } from './index.ts';

const { target } = contextFor();
const { front, back } = ollama;

test('our errors as Ollama says them', () => {
  const limited = front.error(new GatewayError('rate_limit_exceeded', 'slow down', { hint: 'Wait' }), 'req_1');
  assert.deepEqual([limited.status, JSON.parse(limited.body)], [429, { error: 'slow down. Wait', code: 'rate_limit_exceeded' }]);
  assert.equal(front.error(new GatewayError('overloaded', 'x', { status: 529 }), '').status, 503);
  assert.equal(front.error(new GatewayError('client_gone', 'x'), '').status, 500);
  assert.equal(front.errorEvent(new GatewayError('overloaded', 'x'), ''), 'data: {"error":"x","code":"overloaded"}\n\n');
});

test('Ollama’s errors as ours', () => {
  const read = (status: number, error: string, more: object = {}): GatewayError =>
    back.failure({ status, headers: {}, text: JSON.stringify({ error, ...more }) }, target);
  const codes: readonly (readonly [status: number, error: string, code: string])[] = [
    [404, "model 'llama9' not found", 'model_not_found'],
    [200, 'model "llama9" not found, try pulling it first', 'model_not_found'],
    [400, 'registry.ollama.ai/library/gemma:2b does not support tools', 'invalid_request'],
    [400, 'the input length exceeds the context length', 'context_length_exceeded'],
    [503, 'server busy, please try again.  maximum pending requests exceeded', 'overloaded'],
    [401, 'unauthorized', 'upstream_auth'],
    [429, 'you have reached your hourly usage limit', 'rate_limit_exceeded'],
    [500, 'llama runner process has terminated', 'upstream_error'],
  ];
  for (const [status, error, code] of codes) assert.equal(read(status, error).code, code, error);
  assert.equal(read(200, 'too many', { status_code: 429 }).code, 'rate_limit_exceeded');
  assert.equal(read(508, 'a loop', { code: 'loop_detected' }).code, 'loop_detected');
  assert.match(read(400, 'invalid options: x').message, /^upstream: invalid options: x/);
  assert.equal(back.failure({ status: 502, headers: { 'retry-after': '3' }, text: '<html>' }, target).retryAfter, 3);
});
