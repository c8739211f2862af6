import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inForm, type Unsent } from './endpoint-form.ts';
import { joinUrl } from './send.ts';
import type { Endpoint } from './target.ts';

const plain = { baseURL: 'https://a.example', auth: 'bearer' } as const;
const asked = { operation: 'chat', stream: false, model: 'anthropic.claude-3:0' } as const;
const request: Unsent = {
  path: '/v1/messages',
  headers: { 'anthropic-version': '2023-06-01', 'anthropic-beta': 'a-1, b-2,' },
  body: ['{"model":"m",', new TextEncoder().encode('"messages":[{"n":9007199254740993}],"stream":true'), '}'],
};
const invoke: Endpoint = {
  ...plain,
  paths: { chat: '/model/{model}/invoke', stream: '/model/{model}/stream' },
  body: { without: ['model', 'stream'], set: { anthropic_version: '"bedrock"' }, listed: { header: 'anthropic-beta', field: 'anthropic_beta' } },
};
const textOf = ({ body }: Unsent): string => body.map((part) => (typeof part === 'string' ? part : new TextDecoder().decode(part))).join('');

test('an endpoint without a form of its own is sent what the dialect says', () => assert.deepEqual(inForm(request, plain, asked), request));

test('paths name the model; fields of the top level go, come, and are listed; what is in them stays as it was', () => {
  const formed = inForm(request, invoke, asked);
  assert.equal(formed.path, '/model/anthropic.claude-3%3A0/invoke');
  assert.equal(textOf(formed), '{"messages":[{"n":9007199254740993}],"anthropic_version":"bedrock","anthropic_beta":["a-1","b-2"]}');
  assert.deepEqual(formed.headers, { 'anthropic-version': '2023-06-01' });
  assert.equal(inForm(request, invoke, { ...asked, stream: true }).path, '/model/anthropic.claude-3%3A0/stream');
  const { 'anthropic-beta': _beta, ...headers } = request.headers;
  assert.equal(textOf(inForm({ ...request, headers }, invoke, asked)), '{"messages":[{"n":9007199254740993}],"anthropic_version":"bedrock"}');
});

test('a field that the caller set itself is the endpoint’s', () => {
  const formed = inForm({ ...request, body: ['{"anthropic_version":"other","model":"m"}'] }, invoke, asked);
  assert.equal(textOf(formed), '{"anthropic_version":"bedrock","anthropic_beta":["a-1","b-2"]}');
});

for (const [baseURL, path, url] of [
  ['https://a.example/openai/v1', '/chat/completions', 'https://a.example/openai/v1/chat/completions'],
  [
    'https://a.example/openai/deployments/{model}?api-version=1',
    '/chat/completions',
    'https://a.example/openai/deployments/{model}/chat/completions?api-version=1',
  ],
  ['https://a.example/v1beta?a=1', '/v1beta/models/m:stream?alt=sse', 'https://a.example/v1beta/models/m:stream?alt=sse&a=1'],
  ['https://a.example?a=1', '/chat/completions', 'https://a.example/chat/completions?a=1'],
] as const) {
  test(`${path} at ${baseURL}`, () => assert.equal(joinUrl({ ...plain, baseURL }, path), url));
}
