import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openaiShapes } from '../../../../../test/support/official-openai.ts';
import { responsesShapes } from '../../../../../test/support/official-responses.ts';
import { problemsOf } from '../../../../../test/support/shape.ts';
import { type ErrorCode, errorTable, GatewayError } from '../../core/errors.ts';
import { contextFor } from './fixtures/world.ts';
import { openaiResponses } from './index.ts';

const { front, back } = openaiResponses;

test('every error has the official shape, whole and as an event', () => {
  for (const code of Object.keys(errorTable) as ErrorCode[]) {
    const error = new GatewayError(code, 'what happened', { hint: 'do this', param: 'input' });
    const { status, body } = front.error(error, 'req_1');
    assert.deepEqual(problemsOf(openaiShapes.error, JSON.parse(body)), []);
    assert.ok(status >= 400 && status <= 508 && status !== 499 && status !== 529, `${code} ${status}`);
    const [, name, data = ''] = /^event: (.*)\ndata: (.*)\n\n$/.exec(front.errorEvent(error, 'req_1')) ?? [];
    assert.equal(name, 'error');
    assert.deepEqual(problemsOf(responsesShapes.errorEvent, JSON.parse(data)), []);
    const { code: told, message, param, error: inner } = JSON.parse(data);
    assert.deepEqual([told, message, param, inner.code], [code, 'what happened. do this', 'input', code]);
  }
});

test('a provider’s error, as a status, inside a 200 and inside an event', () => {
  const { target } = contextFor({ provider: 'lab' });
  const read = (status: number, body: unknown): unknown => {
    const { code, message, status: ours } = back.failure({ status, headers: { 'retry-after': '2' }, text: JSON.stringify(body) }, target);
    return [code, ours, message];
  };
  const slow = { message: 'slow down', type: 'requests', code: 'rate_limit_exceeded', param: null };
  assert.deepEqual(read(429, { error: slow }), ['rate_limit_exceeded', 429, 'lab: slow down']);
  assert.deepEqual(read(200, { type: 'error', error: slow }), ['rate_limit_exceeded', 429, 'lab: slow down']);
  assert.deepEqual(read(200, { type: 'error', code: 'server_error', message: 'x' }), ['upstream_error', 500, 'lab: x']);
  const failed = { status: 'failed', error: { code: 'image_too_large', message: 'big' } };
  assert.deepEqual(read(200, { type: 'response.failed', response: failed }), ['invalid_request', 400, 'lab: big']);
  assert.deepEqual(read(200, { error: { code: 'context_length_exceeded', message: 'long' } }), ['context_length_exceeded', 400, 'lab: long']);
  assert.deepEqual(read(401, 'no'), ['upstream_auth', 502, 'lab: no']);
});
