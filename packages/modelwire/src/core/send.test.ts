import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinUrl } from './send.ts';

const join = (baseURL: string, path: string, exact?: true): string => joinUrl({ baseURL, auth: 'bearer', ...(exact === undefined ? {} : { exact }) }, path);

test('a base URL in either spelling: with the version or without', () => {
  for (const base of ['https://a.test', 'https://a.test/', 'https://a.test/v1'])
    assert.equal(join(base, '/chat/completions'), 'https://a.test/v1/chat/completions');
  assert.equal(join('https://a.test/api', '/chat/completions'), 'https://a.test/api/chat/completions');
  assert.equal(join('https://a.test', '/chat/completions', true), 'https://a.test/chat/completions');
});

test('a path with a version gives way to that of the base URL', () => {
  assert.equal(join('https://a.test', '/v1/messages'), 'https://a.test/v1/messages');
  assert.equal(join('https://a.test/v1', '/v1/messages'), 'https://a.test/v1/messages');
  assert.equal(join('https://a.test/v1', '/v1beta/models/m:generateContent'), 'https://a.test/v1/models/m:generateContent');
});

test('the second version of an API stands after the address without any', () => {
  for (const base of ['https://a.test', 'https://a.test/', 'https://a.test/v1', 'https://a.test/v2', 'https://a.test/v2/'])
    assert.equal(join(base, '/v2/chat'), 'https://a.test/v2/chat');
  assert.equal(join('https://a.test/proxy/cohere', '/v2/chat'), 'https://a.test/proxy/cohere/v2/chat');
});

test('Ollama’s paths have no version, whichever of its base URLs is given', () => {
  for (const base of ['http://h:11434', 'http://h:11434/', 'http://h:11434/v1', 'http://h:11434/api'])
    assert.equal(join(base, '/api/chat'), 'http://h:11434/api/chat', base);
  assert.equal(join('http://h/ollama', '/api/chat'), 'http://h/ollama/api/chat');
  assert.equal(join('http://h/api', '/api/chat', true), 'http://h/api/api/chat');
});
