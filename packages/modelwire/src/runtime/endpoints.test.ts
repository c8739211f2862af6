import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dialectOfCaller, matchEndpoint } from './endpoints.ts';

test('each call stands under its path in every spelling', () => {
  for (const path of ['/chat/completions', '/messages', '/messages/count_tokens']) {
    for (const prefix of ['', '/v1', '/v1/v1']) {
      for (const slash of ['', '/']) {
        const match = matchEndpoint('POST', prefix + path + slash);
        assert.ok(match.found && match.endpoint.kind === 'call', prefix + path + slash);
      }
    }
    assert.deepEqual(matchEndpoint('GET', `/v1${path}`), { found: false, allow: 'POST' });
  }
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
  assert.equal(dialectOfCaller({}, '/v1/nope'), 'openai-chat');
});
