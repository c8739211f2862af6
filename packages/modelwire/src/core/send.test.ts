import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinUrl } from './send.ts';

const join = (baseURL: string, path: string, exact?: true): string => joinUrl({ baseURL, auth: 'none', ...(exact === undefined ? {} : { exact }) }, path);

test('a base URL is taken with and without its version', () => {
  for (const base of ['http://h', 'http://h/', 'http://h/v1', 'http://h/v1/']) {
    assert.equal(join(base, '/chat/completions'), 'http://h/v1/chat/completions', base);
    assert.equal(join(base, '/v1/messages'), 'http://h/v1/messages', base);
  }
  assert.equal(join('http://h/v1beta', '/v1beta/models/m:generateContent'), 'http://h/v1beta/models/m:generateContent');
  assert.equal(join('http://h/vendor/v4', '/chat/completions'), 'http://h/vendor/v4/chat/completions');
  assert.equal(join('http://h', '/chat/completions', true), 'http://h/chat/completions');
});

test('Ollama’s paths have no version, whichever of its base URLs is given', () => {
  for (const base of ['http://h:11434', 'http://h:11434/', 'http://h:11434/v1', 'http://h:11434/api'])
    assert.equal(join(base, '/api/chat'), 'http://h:11434/api/chat', base);
  assert.equal(join('http://h/ollama', '/api/chat'), 'http://h/ollama/api/chat');
  assert.equal(join('http://h/api', '/api/chat', true), 'http://h/api/api/chat');
});
