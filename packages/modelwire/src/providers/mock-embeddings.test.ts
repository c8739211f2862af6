import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFetch } from '../sdk/fetch.ts';
import { createCanceller } from '../core/cancel.ts';
import { createMockTransport } from './mock.ts';

async function post(path: string, body: object): Promise<{ readonly status: number; readonly body: ReturnType<typeof JSON.parse> }> {
  const transport = createMockTransport();
  const answer = await transport({
    method: 'POST',
    url: `http://mock.invalid${path}`,
    headers: { 'content-type': 'application/json' },
    body: [JSON.stringify(body)],
    connectMs: 1000,
    headersMs: 1000,
    signal: createCanceller().signal,
  });
  let text = '';
  await new Promise<void>((resolve, reject) => answer.body.start({ data: (chunk) => (text += new TextDecoder().decode(chunk)), end: resolve, fail: reject }));
  return { status: answer.status, body: JSON.parse(text) };
}

const product = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);

test('vectors of unit length, the same for the same text, alike for texts with words in common', async () => {
  const input = ['a cat sleeps here', 'A cat sleeps, here!', 'a cat sleeps there', 'interest rates rose'];
  const { body } = await post('/v1/embeddings', { model: 'echo', input });
  const [a, same, near, far] = body.data.map((item: { embedding: number[] }) => item.embedding);
  assert.equal(a.length, 64);
  assert.ok(Math.abs(product(a, a) - 1) < 1e-6);
  assert.deepEqual(a, same);
  assert.ok(product(a, near) > product(a, far));
  assert.deepEqual(body.usage, { prompt_tokens: 15, total_tokens: 15 });
});

test('kinds, lengths and token ids', async () => {
  const floats = (await post('/v1/embeddings', { model: 'echo', input: [[1, 2], [3]], dimensions: 5 })).body.data;
  const packed = (await post('/v1/embeddings', { model: 'echo', input: [[1, 2], [3]], dimensions: 5, encoding_format: 'base64' })).body.data;
  assert.deepEqual([floats.length, floats[1].index, floats[0].embedding.length], [2, 1, 5]);
  assert.deepEqual([...new Float32Array(new Uint8Array(Buffer.from(packed[0].embedding, 'base64')).buffer)], floats[0].embedding);
  const content = { parts: [{ text: 'a cat' }] };
  const one = (await post('/v1beta/models/echo:embedContent', { content, outputDimensionality: 4 })).body;
  const many = (await post('/v1beta/models/echo:batchEmbedContents', { requests: [{ model: 'models/echo', content, outputDimensionality: 4 }] })).body;
  assert.deepEqual(one.embedding, many.embeddings[0]);
});

test('what the vendors refuse is refused', async () => {
  const content = { parts: [{ text: 'a' }] };
  for (const [path, body, status] of [
    ['/v1/embeddings', { model: 'echo', input: [] }, 400],
    ['/v1/embeddings', { model: 'echo', input: '' }, 400],
    ['/v1/embeddings', { model: 'echo', input: 'a', dimensions: 0 }, 400],
    ['/v1/embeddings', { model: 'echo', input: 'a', taskType: 'x' }, 400],
    ['/v1/embeddings', { model: 'ecko', input: 'a' }, 404],
    ['/v1beta/models/echo:embedContent', { content: { parts: [] } }, 400],
    ['/v1beta/models/echo:embedContent', { content, user: 'u' }, 400],
    ['/v1beta/models/echo:batchEmbedContents', { requests: [] }, 400],
    ['/v1beta/models/echo:batchEmbedContents', { requests: [{ content }] }, 400],
  ] as const)
    assert.equal((await post(path, body)).status, status, `${path} ${JSON.stringify(body)}`);
});

test('through the library, from one format to the other', async () => {
  const speaks = { gemini: 'http://mock.invalid' };
  const fetch = createFetch({
    config: { providers: { lab: { speaks, key: 'none' } } },
    env: {},
    async fetch(url, init) {
      const { body } = await post(new URL(url).pathname, JSON.parse(String(init.body)));
      return Response.json(body);
    },
  });
  const response = await fetch('/v1/embeddings', { method: 'POST', body: JSON.stringify({ model: 'lab/echo', input: ['a cat', 'b'], dimensions: 8 }) });
  const { data } = (await response.json()) as { data: { embedding: number[] }[] };
  assert.deepEqual([response.status, data.length, data[0]?.embedding.length], [200, 2, 8]);
});
