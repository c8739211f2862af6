import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dialectOfCaller, matchEndpoint } from './endpoints.ts';

test('each call stands under its path in every spelling', () => {
  for (const path of ['/chat/completions', '/responses', '/messages', '/messages/count_tokens']) {
    for (const prefix of ['', '/v1', '/v1/v1']) {
      for (const slash of ['', '/']) {
        const match = matchEndpoint('POST', prefix + path + slash);
        assert.ok(match.found && match.endpoint.kind === 'call', prefix + path + slash);
      }
    }
    assert.deepEqual(matchEndpoint('GET', `/v1${path}`), { found: false, allow: 'POST' });
  }
});

test('a method of a model says model, operation and stream; alt=sse asks for events', () => {
  const endpointOf = (path: string, query?: string) => {
    const match = matchEndpoint('POST', path, query);
    return match.found ? match.endpoint : undefined;
  };
  const asked = { model: 'google/gemini-3.8-flash', stream: false };
  for (const prefix of ['', '/v1', '/v1beta', '/v1alpha', '/v1/v1beta', '/v1beta/v1beta']) {
    assert.deepEqual(endpointOf(`${prefix}/models/google/gemini-3.8-flash:generateContent`), { kind: 'call', front: 'gemini', operation: 'chat', asked });
    assert.deepEqual(endpointOf(`${prefix}/models/google%2Fgemini-3.8-flash:countTokens`), { kind: 'call', front: 'gemini', operation: 'count_tokens', asked });
  }
  const streamed = { kind: 'call', front: 'gemini', operation: 'chat', asked: { model: 'qwen3:8b', stream: true } };
  assert.deepEqual(endpointOf('/v1beta/models/models/qwen3:8b:streamGenerateContent', 'key=x&alt=sse'), streamed);
  assert.deepEqual(endpointOf('/v1beta/models/qwen3:8b:streamGenerateContent', '%24alt=sse'), streamed);
  assert.deepEqual(endpointOf('/v1beta/models/qwen3:8b:streamGenerateContent'), { ...streamed, framing: 'json-array' });
  assert.deepEqual(matchEndpoint('GET', '/v1beta/models/m:generateContent'), { found: false, allow: 'POST' });
  for (const path of [
    '/v1beta/models/m:embedContent',
    '/v1beta/models/:generateContent',
    '/v1beta/models/%zz:generateContent',
    '/v1beta/models/a%00:generateContent',
  ])
    assert.equal(endpointOf(path), undefined, path);
});

test('models, one model with slashes in its name, and the root', () => {
  assert.deepEqual(matchEndpoint('GET', '/v1/models/'), { found: true, endpoint: { kind: 'models' } });
  assert.deepEqual(matchEndpoint('GET', '/models/deepseek/deepseek-chat'), { found: true, endpoint: { kind: 'models', id: 'deepseek/deepseek-chat' } });
  assert.deepEqual(matchEndpoint('GET', '/v1/models/a%2Fb'), { found: true, endpoint: { kind: 'models', id: 'a/b' } });
  for (const path of ['/', '/v1', '/v1/']) assert.deepEqual(matchEndpoint('HEAD', path), { found: true, endpoint: { kind: 'root' } });
});

test('what is not plainly a path of ours is not found', () => {
  for (const path of [
    '//v1/messages',
    '/v1//messages',
    '/v1/../messages',
    '/v1/messages/..',
    '/v1/v1/v1/messages',
    '/v2/messages',
    '/v1x/messages',
    'http://evil/v1/messages',
    '/v1/models/%zz',
    '/v1/__proto__',
    '/constructor',
    '/v1\\messages',
    '',
  ]) {
    assert.deepEqual(matchEndpoint('POST', path).found, false, path);
    assert.deepEqual(matchEndpoint('GET', path).found, false, path);
  }
});

test('the error shape follows the path, then the version header', () => {
  assert.equal(dialectOfCaller({}, '/v1/messages/nope'), 'anthropic-messages');
  assert.equal(dialectOfCaller({ 'anthropic-version': '2023-06-01' }, '/v1/nope'), 'anthropic-messages');
  assert.equal(dialectOfCaller({}, '/v1/responses/resp_1'), 'openai-responses');
  assert.equal(dialectOfCaller({}, '/v1/nope'), 'openai-chat');
  assert.equal(dialectOfCaller({}, '/v1beta/models'), 'gemini');
  assert.equal(dialectOfCaller({}, '/v1/models/m:embedContent'), 'gemini');
  assert.equal(dialectOfCaller({ 'x-goog-api-key': 'k' }, '/v1/models'), 'gemini');
  assert.equal(dialectOfCaller({ 'x-goog-api-key': 'k', 'anthropic-version': '2023-06-01' }, '/v1/models'), 'anthropic-messages');
  assert.equal(dialectOfCaller({ 'x-goog-api-key': 'k' }, '/v1/chat/completions'), 'openai-chat');
});
