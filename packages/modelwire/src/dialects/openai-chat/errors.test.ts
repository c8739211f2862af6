import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openaiShapes } from '../../../../../test/support/official-openai.ts';
import { problemsOf } from '../../../../../test/support/shape.ts';
import { type ErrorCode, errorTable, GatewayError } from '../../core/errors.ts';
import { contextFor } from './fixtures/world.ts';
import { openaiChat } from './index.ts';

const { front, back } = openaiChat;

const asked = { model: 'm', stream: false };

test('every error has the official shape and a status that clients know', () => {
  for (const code of Object.keys(errorTable) as ErrorCode[]) {
    const { status, body } = front.error(new GatewayError(code, 'what happened', { hint: 'do this' }), 'req_1');
    assert.deepEqual(problemsOf(openaiShapes.error, JSON.parse(body)), []);
    assert.ok(status >= 400 && status <= 508 && status !== 499, `${code} ${status}`);
    const { error } = JSON.parse(body);
    assert.deepEqual([error.code, error.message, error.param], [code, 'what happened. do this', null]);
  }
});

test('types by class', () => {
  const row = (code: ErrorCode, status?: number): unknown[] => {
    const out = front.error(new GatewayError(code, 'm', { param: 'p', ...(status === undefined ? {} : { status }) }), '');
    const { error } = JSON.parse(out.body);
    return [out.status, error.type, error.code, error.param];
  };
  assert.deepEqual(row('invalid_request'), [400, 'invalid_request_error', 'invalid_request', 'p']);
  assert.deepEqual(row('context_length_exceeded'), [400, 'invalid_request_error', 'context_length_exceeded', 'p']);
  assert.deepEqual(row('invalid_api_key'), [401, 'authentication_error', 'invalid_api_key', 'p']);
  assert.deepEqual(row('insufficient_quota'), [429, 'insufficient_quota', 'insufficient_quota', 'p']);
  assert.deepEqual(row('insufficient_quota', 402), [429, 'insufficient_quota', 'insufficient_quota', 'p']);
  assert.deepEqual(row('permission_denied'), [403, 'permission_error', 'permission_denied', 'p']);
  assert.deepEqual(row('model_not_found'), [404, 'invalid_request_error', 'model_not_found', 'p']);
  assert.deepEqual(row('request_too_large'), [413, 'invalid_request_error', 'request_too_large', 'p']);
  assert.deepEqual(row('rate_limit_exceeded'), [429, 'rate_limit_error', 'rate_limit_exceeded', 'p']);
  assert.deepEqual(row('upstream_error'), [502, 'api_error', 'upstream_error', 'p']);
  assert.deepEqual(row('overloaded'), [503, 'api_error', 'overloaded', 'p']);
  assert.deepEqual(row('overloaded', 529), [503, 'api_error', 'overloaded', 'p']);
  assert.deepEqual(row('deadline_idle'), [504, 'api_error', 'deadline_idle', 'p']);
});

test('in a stream the error is one event, without [DONE]', () => {
  assert.equal(
    front.errorEvent(new GatewayError('deadline_idle', 'too slow'), 'req_1'),
    'data: {"error":{"message":"too slow","type":"api_error","param":null,"code":"deadline_idle"}}\n\n',
  );
});

test('a keep-alive is a comment', () => {
  assert.equal(front.ping, ': ping\n\n');
});

test('a provider’s error is read by status and body', () => {
  const { target } = contextFor({ provider: 'lab' });
  const error = back.failure(
    { status: 429, headers: { 'retry-after': '2' }, text: '{"error":{"message":"slow down","type":"requests","code":"rate_limit_exceeded","param":null}}' },
    target,
  );
  assert.deepEqual([error.code, error.status, error.message, error.retryAfter], ['rate_limit_exceeded', 429, 'lab: slow down', 2]);
  assert.equal(back.failure({ status: 200, headers: {}, text: '{"error":{"message":"busy","code":503}}' }, target).code, 'overloaded');
  assert.equal(back.failure({ status: 502, headers: {}, text: '<html>' }, target).code, 'upstream_error');
});

test('relay goes to the chat path with no header of the caller', () => {
  assert.equal(back.relayPath('chat', asked), '/chat/completions');
  assert.equal(back.relayPath('count_tokens', asked), undefined);
  assert.deepEqual(back.relayHeaders({ authorization: 'Bearer x', 'openai-organization': 'org' }), {});
});
