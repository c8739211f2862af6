import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dialectOfCaller, matchEndpoint } from './endpoints.ts';

test('each call stands under its path in every spelling', () => {
  for (const path of ['/chat/completions', '/responses', '/messages', '/messages/count_tokens', '/embeddings']) {
    for (const prefix of ['', '/v1', '/v1/v1']) {
      for (const slash of ['', '/']) {
        const match = matchEndpoint('POST', prefix + path + slash);
        assert.ok(match.found && match.endpoint.kind === 'call', prefix + path + slash);
      }
    }
    assert.deepEqual(matchEndpoint('GET', `/v1${path}`), { found: false, allow: 'POST' });
  }
});

test('Cohere’s chat stands under the version that its clients add, after whatever base URL they were given', () => {
  for (const path of ['/v2/chat', '/v2/chat/', '/v1/v2/chat', '/v1/v1/v2/chat', '/v2/v2/chat', '/v1/chat', '/chat'])
    assert.deepEqual(matchEndpoint('POST', path), { found: true, endpoint: { kind: 'call', front: 'cohere', operation: 'chat' } }, path);
  assert.deepEqual(matchEndpoint('GET', '/v2/chat'), { found: false, allow: 'POST' });
  for (const path of ['/v2/chats', '/v2', '/v2/models', '/v3/chat']) assert.equal(matchEndpoint('POST', path).found, false, path);
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
  for (const method of ['embedContent', 'batchEmbedContents']) {
    assert.deepEqual(endpointOf(`/v1beta/models/google/gemini-3.8-flash:${method}`), { kind: 'call', front: 'gemini', operation: 'embeddings', asked });
  }
  const streamed = { kind: 'call', front: 'gemini', operation: 'chat', asked: { model: 'qwen3:8b', stream: true } };
  assert.deepEqual(endpointOf('/v1beta/models/models/qwen3:8b:streamGenerateContent', 'key=x&alt=sse'), streamed);
  assert.deepEqual(endpointOf('/v1beta/models/qwen3:8b:streamGenerateContent', '%24alt=sse'), streamed);
  assert.deepEqual(endpointOf('/v1beta/models/qwen3:8b:streamGenerateContent'), { ...streamed, framing: 'json-array' });
  assert.deepEqual(matchEndpoint('GET', '/v1beta/models/m:generateContent'), { found: false, allow: 'POST' });
  for (const path of [
    '/v1beta/models/m:dreamContent',
    '/v1beta/models/:generateContent',
    '/v1beta/models/%zz:generateContent',
    '/v1beta/models/a%00:generateContent',
  ])
    assert.equal(endpointOf(path), undefined, path);
});

test('Ollama’s paths, in every spelling', () => {
  for (const prefix of ['', '/v1', '/v1/v1']) {
    for (const slash of ['', '/']) {
      const call = { kind: 'call', front: 'ollama', framing: 'ndjson' };
      assert.deepEqual(matchEndpoint('POST', `${prefix}/api/chat${slash}`), { found: true, endpoint: { ...call, operation: 'chat' } });
      assert.deepEqual(matchEndpoint('POST', `${prefix}/api/generate${slash}`), { found: true, endpoint: { ...call, operation: 'generate' } });
      assert.deepEqual(matchEndpoint('POST', `${prefix}/api/show${slash}`), { found: true, endpoint: { kind: 'show' } });
      for (const [path, kind] of [
        ['tags', 'models'],
        ['ps', 'loaded'],
        ['version', 'version'],
      ] as const)
        assert.deepEqual(matchEndpoint('GET', `${prefix}/api/${path}${slash}`), { found: true, endpoint: { kind } });
    }
  }
  assert.deepEqual(matchEndpoint('GET', '/api/chat'), { found: false, allow: 'POST' });
  assert.deepEqual(matchEndpoint('POST', '/api/tags'), { found: false, allow: 'GET, HEAD' });
  for (const path of ['/api', '/api/pull', '/api/chat/x', '/v2/api/chat']) assert.deepEqual(matchEndpoint('POST', path), { found: false });
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

test('Cohere’s callers are known by their path and by what their libraries say of themselves', () => {
  for (const path of ['/v2/chat', '/v1/chat', '/v2/nope']) assert.equal(dialectOfCaller({}, path), 'cohere', path);
  assert.equal(dialectOfCaller({ 'x-client-name': 'my-app' }, '/v1/models'), 'cohere');
  assert.equal(dialectOfCaller({ 'x-fern-sdk-name': 'cohere-ai' }, '/v1/models'), 'cohere');
  assert.equal(dialectOfCaller({ 'x-fern-sdk-name': 'elevenlabs' }, '/v1/models'), 'openai-chat');
  assert.equal(dialectOfCaller({ 'x-client-name': 'my-app' }, '/v1/chat/completions'), 'openai-chat');
  assert.equal(dialectOfCaller({ 'x-client-name': 'my-app' }, '/v1/messages'), 'anthropic-messages');
});

test('the error shape follows the path, then the version header', () => {
  assert.equal(dialectOfCaller({}, '/v1/messages/nope'), 'anthropic-messages');
  assert.equal(dialectOfCaller({ 'anthropic-version': '2023-06-01' }, '/v1/nope'), 'anthropic-messages');
  assert.equal(dialectOfCaller({}, '/v1/responses/resp_1'), 'openai-responses');
  assert.equal(dialectOfCaller({}, '/v1/nope'), 'openai-chat');
  for (const path of ['/api/pull', '/v1/api/chat', '/api', '/v1/v1/api/tags/']) assert.equal(dialectOfCaller({}, path), 'ollama', path);
  assert.equal(dialectOfCaller({}, '/apis/x'), 'openai-chat');
  assert.equal(dialectOfCaller({}, '/v1beta/models'), 'gemini');
  assert.equal(dialectOfCaller({}, '/v1/models/m:embedContent'), 'gemini');
  assert.equal(dialectOfCaller({ 'x-goog-api-key': 'k' }, '/v1/models'), 'gemini');
  assert.equal(dialectOfCaller({ 'x-goog-api-key': 'k', 'anthropic-version': '2023-06-01' }, '/v1/models'), 'anthropic-messages');
  assert.equal(dialectOfCaller({ 'x-goog-api-key': 'k' }, '/v1/chat/completions'), 'openai-chat');
});

test('conversations are kept here, unless the caller names a provider', () => {
  const endpointOf = (method: string, path: string) => {
    const match = matchEndpoint(method, path);
    return match.found ? match.endpoint : match.allow;
  };
  const same = { kind: 'conversation', front: 'openai-responses' };
  for (const prefix of ['', '/v1', '/v1/v1']) {
    assert.deepEqual(endpointOf('POST', `${prefix}/conversations`), { ...same, action: 'create' });
    assert.deepEqual(endpointOf('GET', `${prefix}/conversations/conv_1`), { ...same, action: 'get', id: 'conv_1' });
    assert.deepEqual(endpointOf('POST', `${prefix}/conversations/conv_1/`), { ...same, action: 'update', id: 'conv_1' });
    assert.deepEqual(endpointOf('DELETE', `${prefix}/conversations/conv_1`), { ...same, action: 'delete', id: 'conv_1' });
    assert.deepEqual(endpointOf('GET', `${prefix}/conversations/conv_1/items`), { ...same, action: 'list', id: 'conv_1' });
    assert.deepEqual(endpointOf('POST', `${prefix}/conversations/conv_1/items`), { ...same, action: 'add', id: 'conv_1' });
    assert.deepEqual(endpointOf('GET', `${prefix}/conversations/a%2Fb/items/msg_1`), { ...same, action: 'item', id: 'a/b', item: 'msg_1' });
    assert.deepEqual(endpointOf('DELETE', `${prefix}/conversations/conv_1/items/items`), { ...same, action: 'removeItem', id: 'conv_1', item: 'items' });
  }
  assert.equal(endpointOf('GET', '/v1/conversations'), 'POST');
  assert.equal(endpointOf('DELETE', '/v1/conversations/conv_1/items'), 'GET, HEAD, POST');
  assert.equal(endpointOf('POST', '/v1/conversations/conv_1/items/msg_1'), 'GET, HEAD, DELETE');
  for (const path of ['/v1/conversations/%zz', '/v1/conversations/conv_1/items/%zz'])
    for (const method of ['GET', 'POST', 'DELETE']) assert.equal(endpointOf(method, path), undefined, path);
  const named = matchEndpoint('GET', '/v1/conversations/conv_1', '', { 'modelwire-provider': 'openai' });
  assert.ok(named.found && named.endpoint.kind === 'service' && named.endpoint.service === 'conversations');
  assert.equal(named.endpoint.path('x'), '/conversations/conv_1');
});

test('what compacts a conversation is no response', () => {
  const match = matchEndpoint('POST', '/v1/responses/compact');
  assert.ok(match.found && match.endpoint.kind === 'service' && match.endpoint.service === 'compaction');
  const stored = matchEndpoint('GET', '/v1/responses/resp_1');
  assert.ok(stored.found && stored.endpoint.kind === 'stored');
});
