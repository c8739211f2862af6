import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { CohereClientV2 } from 'cohere-ai';
import OpenAI, { toFile } from 'openai';
import type { CallRecord } from 'modelwire/internal/runtime/record';
import { json, type Script, type ScriptedServer, sse, startScriptedServer, stream } from '../../../../test/support/scripted-server.ts';
import { testConfig, testProvider } from '../../../../test/support/test-config.ts';
import { hashKey } from '../keys/keys.ts';
import { type Gateway, startGateway } from './gateway.ts';

/** What is neither translated nor read, with the official clients against a real socket. */
const records: CallRecord[] = [];
const free = 'sk-free-caller-key';
const bound = 'sk-bound-caller-key';
let vendor: ScriptedServer;
let gateway: Gateway;
let openai: OpenAI;
let answer: Script;

before(async () => {
  vendor = await startScriptedServer((response, request) => answer(response, request));
  const entry = (name: string, key: string, models?: readonly string[]) => ({
    name,
    sha256: hashKey(key).replace('sha256:', ''),
    ...(models === undefined ? {} : { models }),
  });
  gateway = await startGateway({
    config: testConfig(
      [
        testProvider('openai', `${vendor.url}/v1`, ['openai-chat']),
        testProvider('anthropic', vendor.url, ['anthropic-messages']),
        testProvider('google', vendor.url, ['gemini']),
        testProvider('ranker', vendor.url, ['cohere']),
      ],
      { keys: [entry('free', free), entry('bound', bound, ['painter'])] },
      [{ name: 'painter', targets: ['openai/gpt-image-2'] }],
    ),
    version: 'test',
    env: {},
    log: (_line, record) => records.push(record),
  });
  openai = new OpenAI({ apiKey: free, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
});

after(async () => {
  await gateway.close({ graceMs: 0 });
  await vendor.close();
});

const last = () => {
  const received = vendor.received.at(-1);
  assert.ok(received !== undefined);
  return received;
};
const atOpenai = { headers: { 'modelwire-provider': 'openai' } };
async function call(method: string, path: string, options: { readonly body?: string; readonly headers?: Record<string, string>; readonly key?: string } = {}) {
  const { body, headers, key = free } = options;
  const response = await fetch(gateway.url + path, {
    method,
    headers: { authorization: `Bearer ${key}`, ...headers },
    ...(body === undefined ? {} : { body }),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

describe('by the model', () => {
  test('images: the body as it came, but for the name, and our key instead of the caller’s', async () => {
    answer = json({ created: 1, data: [{ b64_json: 'AA==' }], of_the_vendor: 1 });
    const image = await openai.images.generate({ model: 'painter', prompt: 'a "model": {x}', n: 1 });
    assert.equal(image.data?.[0]?.b64_json, 'AA==');
    assert.deepEqual([last().method, last().url, last().headers.authorization], ['POST', '/v1/images/generations', 'Bearer sk-upstream-secret-key']);
    assert.equal(last().body, '{"model":"gpt-image-2","prompt":"a \\"model\\": {x}","n":1}');
    const record = records.at(-1);
    assert.deepEqual(
      [record?.operation, record?.asked, record?.served, record?.outcome, record?.attempts[0]?.mode],
      ['images', 'painter', 'openai/gpt-image-2', 'ok', 'relay'],
    );
  });

  test('rerank in Cohere’s second version, with its client', async () => {
    answer = json({ id: 'r', results: [{ index: 1, relevance_score: 0.5 }], meta: {} });
    const cohere = new CohereClientV2({ token: free, environment: gateway.url, maxRetries: 0 });
    const ranked = await cohere.rerank({ model: 'ranker/rerank-v4', query: 'q', documents: ['a', 'b'] });
    assert.deepEqual(ranked.results, [{ index: 1, relevanceScore: 0.5 }]);
    assert.deepEqual([last().method, last().url], ['POST', '/v2/rerank']);
    assert.equal((JSON.parse(last().body) as { model: string }).model, 'rerank-v4');
  });

  test('a form: the file is not touched, wherever the model stands', async () => {
    answer = json({ text: 'hello' });
    const sound = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 251));
    const received: Buffer[] = [];
    answer = (response, request) => {
      received.push(Buffer.from(request.body));
      json({ text: 'hello' })(response, request);
    };
    const { text } = await openai.audio.transcriptions.create({ file: await toFile(sound, 'name="model".wav'), model: 'openai/whisper-2', language: 'en' });
    assert.equal(text, 'hello');
    assert.equal(last().url, '/v1/audio/transcriptions');
    assert.match(last().headers['content-type'] ?? '', /^multipart\/form-data; boundary=/);
    assert.match(last().body, /name="model"\r\n\r\nwhisper-2\r\n/);
    assert.match(last().body, /name="language"\r\n\r\nen\r\n/);
    assert.ok(last().body.includes(sound.toString()));
    assert.equal(Number(last().headers['content-length']) > 70_000, true);
  });

  test('speech: bytes that are no JSON, as they come', async () => {
    const sound = Buffer.from([0xff, 0xfb, 0x90, 0x00, 0x0a, 0x0d]);
    answer = (response) => {
      response.writeHead(200, { 'content-type': 'audio/mpeg', 'set-cookie': 'a=b', 'x-ratelimit-limit-requests': '9' });
      response.write(sound);
      setImmediate(() => response.end(sound));
    };
    const speech = await openai.audio.speech.create({ model: 'openai/tts-2', voice: 'alloy', input: 'x' });
    assert.deepEqual([...new Uint8Array(await speech.arrayBuffer())], [...sound, ...sound]);
    assert.deepEqual(
      ['content-type', 'set-cookie', 'x-ratelimit-limit-requests', 'modelwire-model'].map((name) => speech.headers.get(name)),
      ['audio/mpeg', null, '9', 'openai/tts-2'],
    );
  });

  test('old completions, streamed', async () => {
    const chunk = (text: string) => ({
      id: 'c',
      object: 'text_completion',
      created: 1,
      model: 'm',
      choices: [{ index: 0, text, logprobs: null, finish_reason: null }],
    });
    answer = stream(sse(chunk('Hel')), sse(chunk('lo'), '[DONE]'));
    let text = '';
    for await (const part of await openai.completions.create({ model: 'openai/davinci', prompt: 'x', stream: true })) text += part.choices[0]?.text;
    assert.equal(text, 'Hello');
  });

  test('Google’s methods of a model', async () => {
    answer = json({ predictions: [] });
    const body = JSON.stringify({ instances: [{ prompt: 'x' }] });
    assert.equal((await call('POST', `/v1beta/models/google/imagen-5:predict?key=${free}&alt=json`, { body })).status, 200);
    assert.deepEqual([last().url, last().body, last().headers['x-goog-api-key']], ['/v1beta/models/imagen-5:predict?alt=json', body, 'sk-upstream-secret-key']);
  });
});

describe('by the header', () => {
  test('files: up, listed, down and away', async () => {
    answer = json({ id: 'file-1', object: 'file' }, { status: 201 });
    assert.equal((await openai.files.create({ file: await toFile(Buffer.from('{}\n'), 'a.jsonl'), purpose: 'batch' }, atOpenai)).id, 'file-1');
    answer = json({ object: 'list', data: [{ id: 'file-1' }], has_more: false });
    assert.equal((await openai.files.list({ limit: 2 }, atOpenai)).data[0]?.id, 'file-1');
    assert.deepEqual([last().method, last().url, last().body], ['GET', '/v1/files?limit=2', '']);
    answer = (response) => {
      response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-disposition': 'attachment; filename="a.jsonl"' });
      response.end('{}\n');
    };
    assert.equal(await (await openai.files.content('file-1', atOpenai)).text(), '{}\n');
    answer = json({ id: 'file-1', deleted: true });
    assert.ok((await openai.files.delete('file-1', atOpenai)).deleted);
    assert.deepEqual([last().method, last().url], ['DELETE', '/v1/files/file-1']);
    assert.deepEqual([records.at(-1)?.operation, records.at(-1)?.served], ['files', 'openai/files']);
  });

  test('an answer without a body', async () => {
    answer = (response) => {
      response.writeHead(204);
      response.end();
    };
    const response = await fetch(`${gateway.url}/v1/vector_stores/v/files/f`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${free}`, ...atOpenai.headers },
    });
    assert.deepEqual([response.status, await response.text()], [204, '']);
  });

  test('the same path in another format', async () => {
    const anthropic = new Anthropic({ apiKey: free, baseURL: gateway.url, maxRetries: 0, defaultHeaders: { 'modelwire-provider': 'anthropic' } });
    answer = json({ id: 'msgbatch_1', type: 'message_batch', processing_status: 'in_progress' });
    assert.equal((await anthropic.messages.batches.retrieve('msgbatch_1')).id, 'msgbatch_1');
    assert.equal(last().url, '/v1/messages/batches/msgbatch_1');
    assert.deepEqual([last().headers['x-api-key'], last().headers.authorization], ['sk-upstream-secret-key', undefined]);
    assert.ok(last().headers['anthropic-version'] !== undefined);
    answer = json({ data: [], has_more: false });
    await anthropic.beta.files.list({ betas: ['files-api-2025-04-14'] });
    assert.match(last().url, /^\/v1\/files/);
    assert.match(String(last().headers['anthropic-beta']), /files-api/);
  });
});

test('the same over node:http and undici', async () => {
  const other = await startGateway({
    config: testConfig([testProvider('openai', `${vendor.url}/v1`, ['openai-chat'])], { http: 'node' }),
    version: 'test',
    env: {},
  });
  const client = new OpenAI({ apiKey: 'k', baseURL: `${other.url}/v1`, maxRetries: 0 });
  try {
    answer = json({ id: 'file-1', object: 'file' });
    assert.equal((await client.files.create({ file: await toFile(Buffer.alloc(300_000, 'x'), 'a.txt'), purpose: 'batch' }, atOpenai)).id, 'file-1');
    assert.ok(last().body.includes('x'.repeat(300_000)));
    await client.files.delete('file-1', atOpenai);
    assert.deepEqual([last().method, last().url, last().body], ['DELETE', '/v1/files/file-1', '']);
  } finally {
    await other.close({ graceMs: 0 });
  }
});

test('a body over the limit is refused, and an answer of any length flows through', async () => {
  const small = await startGateway({
    config: testConfig([testProvider('openai', `${vendor.url}/v1`, ['openai-chat'])], {
      server: { host: '127.0.0.1', port: 0, allowedHosts: [], keyless: false, bodyLimit: 100_000 },
    }),
    version: 'test',
    env: {},
  });
  try {
    const upload = await fetch(`${small.url}/v1/files`, { method: 'POST', headers: atOpenai.headers, body: 'x'.repeat(200_000) });
    assert.equal(upload.status, 413);
    const piece = Buffer.alloc(1024 * 1024, 'y');
    answer = (response) => {
      response.writeHead(200, { 'content-type': 'application/jsonl' });
      for (let i = 0; i < 8; i++) response.write(piece);
      response.end();
    };
    const content = await fetch(`${small.url}/v1/files/f/content`, { headers: atOpenai.headers });
    assert.equal((await content.arrayBuffer()).byteLength, 8 * piece.length);
    answer = (response) => {
      response.writeHead(200, { 'content-type': 'application/jsonl', 'content-length': '100' });
      response.write('half');
      setImmediate(() => response.socket?.destroySoon());
    };
    const torn = await fetch(`${small.url}/v1/files/f/content`, { headers: atOpenai.headers });
    await assert.rejects(torn.text());
  } finally {
    await small.close({ graceMs: 0 });
  }
});

describe('a refusal', () => {
  test('of the provider comes in the caller’s shape', async () => {
    answer = json({ error: { message: 'bad size for sk-upstream-secret-key', type: 'invalid_request_error', param: 'size' } }, { status: 400 });
    await assert.rejects(openai.images.generate({ model: 'painter', prompt: 'x' }), (thrown) => {
      assert.ok(thrown instanceof OpenAI.BadRequestError);
      assert.ok(!thrown.message.includes('sk-upstream'));
      return thrown.message.includes('bad size');
    });
    answer = json({ error: { message: 'slow down' } }, { status: 429, headers: { 'retry-after': '3' } });
    const limited = await call('POST', '/v1/moderations', { body: '{"model":"openai/omni","input":"x"}' });
    assert.deepEqual([limited.status, limited.headers.get('retry-after'), records.at(-1)?.outcome], [429, '3', 'error']);
  });

  test('of a provider that has no such thing names who has', async () => {
    answer = json({ error: { message: 'no route' } }, { status: 404 });
    const { status, body } = await call('POST', '/v1/rerank', { body: '{"model":"openai/x","query":"q","documents":[]}' });
    assert.equal(status, 404);
    assert.match(body.error.message, /These have it, with their key set: siliconflow \(SILICONFLOW_API_KEY\)/);
    const before = vendor.received.length;
    const foreign = await call('POST', '/v1/images/generations', { body: '{"model":"anthropic/claude","prompt":"x"}' });
    assert.deepEqual([foreign.status, foreign.body.error.code], [404, 'not_found']);
    assert.match(foreign.body.error.message, /does not speak openai-chat.*These have it: openai, google/);
    assert.equal(vendor.received.length, before);
    const vectors = await call('POST', '/v1/embeddings', { body: '{"model":"anthropic/claude","input":"x"}' });
    assert.match(vectors.body.error.message, /no format that has embeddings.*These have it: openai, google/);
  });

  test('when nothing says whose it is', async () => {
    const { status, body } = await call('GET', '/v1/files');
    assert.deepEqual([status, body.error.code], [404, 'not_found']);
    assert.match(body.error.message, /modelwire-provider.*These have it: openai, anthropic, google/);
    const shaped = await call('GET', '/v1beta/cachedContents');
    assert.equal(shaped.body.error.status, 'NOT_FOUND');
    const bad = await call('GET', '/v1/files', { headers: { 'modelwire-provider': 'groq' } });
    assert.equal(bad.body.error.code, 'model_not_found');
    assert.equal((await call('PUT', '/v1/files')).status, 405);
  });

  test('of a key that is bound to other models', async () => {
    answer = json({ data: [] });
    assert.equal((await call('POST', '/v1/images/generations', { key: bound, body: '{"model":"painter","prompt":"x"}' })).status, 200);
    const before = vendor.received.length;
    for (const [method, path, body, headers] of [
      ['POST', '/v1/images/generations', '{"model":"openai/gpt-image-2"}', {}],
      ['POST', '/v1/images/generations', '{"model":"painter"}', atOpenai.headers],
      ['GET', '/v1/files', undefined, atOpenai.headers],
    ] as const)
      assert.equal((await call(method, path, { key: bound, headers, ...(body === undefined ? {} : { body }) })).status, 403, `${method} ${path}`);
    assert.equal(vendor.received.length, before);
  });

  test('of paths that climb, and of bodies that are no JSON or name two models', async () => {
    const before = vendor.received.length;
    for (const path of ['/v1/files/%2e%2e/admin', '/v1/files/a%2fb', '/v1/files/a%5cb', '/v1/files/%252e%252e/x', '/v1/files/a%00'])
      assert.equal((await call('GET', path, atOpenai)).status, 404, path);
    for (const body of ['{"model":', '{"model":"painter","model":"openai/x"}', '{"model":1}', '{"model":""}'])
      assert.equal((await call('POST', '/v1/images/generations', { body })).status, 400, body);
    assert.equal(vendor.received.length, before);
  });
});
