import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anthropicShapes } from '../../../../../test/support/official-anthropic.ts';
import { problemsOf } from '../../../../../test/support/shape.ts';
import { type ErrorCode, errorTable, GatewayError } from '../../core/errors.ts';
import { contextFor } from './fixtures/world.ts';
import { anthropicMessages } from './index.ts';

const { front, back } = anthropicMessages;
const { target } = contextFor();

test('every code has a body of the official shape, and its status', () => {
  const shown: Partial<Record<ErrorCode, [number, string]>> = {
    invalid_request: [400, 'invalid_request_error'],
    invalid_api_key: [401, 'authentication_error'],
    insufficient_quota: [402, 'billing_error'],
    permission_denied: [403, 'permission_error'],
    model_not_found: [404, 'not_found_error'],
    conflict: [409, 'conflict_error'],
    request_too_large: [413, 'request_too_large'],
    rate_limit_exceeded: [429, 'rate_limit_error'],
    internal_error: [500, 'api_error'],
    upstream_error: [502, 'api_error'],
    overloaded: [529, 'overloaded_error'],
    model_unavailable: [529, 'overloaded_error'],
    deadline_idle: [504, 'timeout_error'],
  };
  for (const code of Object.keys(errorTable) as ErrorCode[]) {
    const { status, body } = front.error(new GatewayError(code, 'what happened', { hint: 'Do this' }), 'req_1');
    const value = JSON.parse(body);
    assert.deepEqual(problemsOf(anthropicShapes.error, value), [], code);
    assert.equal(value.error.message, 'what happened. Do this');
    assert.equal(value.request_id, 'req_1');
    assert.equal(value.error.details.error_code, code);
    const expected = shown[code];
    if (expected !== undefined) assert.deepEqual([status, value.error.type], expected, code);
  }
});

test('details and the field at fault reach the caller', () => {
  const error = new GatewayError('thread_unsupported_request', 'x', {
    param: 'thread',
    details: { error_code: 'thread_unsupported_request', unsupported: [] },
  });
  assert.deepEqual(JSON.parse(front.error(error, '').body), {
    type: 'error',
    error: { type: 'invalid_request_error', message: 'x', details: { error_code: 'thread_unsupported_request', param: 'thread', unsupported: [] } },
    request_id: null,
  });
});

test('the error event is the same body under its name', () => {
  const error = new GatewayError('overloaded', 'busy');
  assert.equal(front.errorEvent(error, 'req_1'), `event: error\ndata: ${front.error(error, 'req_1').body}\n\n`);
  assert.equal(front.ping, 'event: ping\ndata: {"type": "ping"}\n\n');
});

function failure(status: number, body: unknown, headers = {}): GatewayError {
  return back.failure({ status, headers, text: typeof body === 'string' ? body : JSON.stringify(body) }, target);
}

const said = (type: string, more = {}): object => ({ type: 'error', error: { type, message: 'why', ...more }, request_id: 'req_x' });

test('the provider’s errors are classed by status and type', () => {
  assert.deepEqual([failure(529, said('overloaded_error')).code, failure(529, said('overloaded_error')).status], ['overloaded', 529]);
  assert.equal(failure(429, said('rate_limit_error'), { 'retry-after': '7' }).retryAfter, 7);
  assert.equal(failure(401, said('authentication_error')).code, 'upstream_auth');
  assert.equal(failure(402, said('billing_error')).code, 'insufficient_quota');
  assert.equal(failure(400, said('invalid_request_error', { message: 'prompt is too long: 300000 tokens > 200000 maximum' })).code, 'context_length_exceeded');
  assert.equal(failure(400, said('invalid_request_error')).message, 'upstream: why');
  assert.equal(failure(502, '<html>bad gateway</html>').code, 'upstream_error');
});

test('an error inside a 200 has the status of its type', () => {
  for (const [type, code] of [
    ['overloaded_error', 'overloaded'],
    ['rate_limit_error', 'rate_limit_exceeded'],
    ['api_error', 'upstream_error'],
    ['timeout_error', 'upstream_error'],
    ['not_found_error', 'model_not_found'],
    ['permission_error', 'upstream_auth'],
    ['what_error', 'upstream_error'],
  ] as const) {
    assert.equal(failure(200, said(type)).code, code, type);
  }
});

test('details that the SDK acts upon pass, but not those of a refused key', () => {
  const details = { error_code: 'thread_not_found' };
  assert.deepEqual(failure(404, said('not_found_error', { details })).details, details);
  assert.equal(failure(401, said('authentication_error', { details })).details, undefined);
});

test('a loop that another modelwire found is a loop', () => {
  const { status, body } = front.error(new GatewayError('loop_detected', 'round and round'), 'req_1');
  const error = back.failure({ status, headers: {}, text: body }, target);
  assert.deepEqual([status, error.code, error.status], [508, 'loop_detected', 508]);
});
