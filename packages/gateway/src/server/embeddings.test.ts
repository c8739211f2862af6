import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import type { CallRecord } from 'modelwire/internal/runtime/record';
import { json, type Received, type ScriptedServer, startScriptedServer } from '../../../../test/support/scripted-server.ts';
import { testConfig, testProvider } from '../../../../test/support/test-config.ts';
import { type Gateway, startGateway } from './gateway.ts';

/** Embeddings in OpenAI's and Google's formats, each on each, with the official clients against a real socket. */
const records: CallRecord[] = [];
let vendor: ScriptedServer;
let gateway: Gateway;
let openai: OpenAI;
let google: GoogleGenAI;

/** What the vendor says next, instead of vectors. */
let instead: ReturnType<typeof json> | undefined;
const numbers = (length: number): number[] => Array.from({ length }, (_, index) => Math.fround((index + 1) / 10));

function vectorsFor(request: Received): ReturnType<typeof json> {
  const body = JSON.parse(request.body);
  if (request.url.endsWith('/embeddings')) {
    const inputs: unknown[] = Array.isArray(body.input) ? body.input : [body.input];
    const vector = numbers(body.dimensions ?? 3);
    const embedding = body.encoding_format === 'base64' ? Buffer.from(new Float32Array(vector).buffer).toString('base64') : vector;
    const data = inputs.map((_, index) => ({ object: 'embedding', index, embedding }));
    return json({ object: 'list', data, model: 'embed-1', usage: { prompt_tokens: 5, total_tokens: 5 } });
  }
  if (request.url.endsWith(':embedContent')) return json({ embedding: { values: numbers(3) } });
  return json({ embeddings: body.requests.map((one: { outputDimensionality?: number }) => ({ values: numbers(one.outputDimensionality ?? 3) })) });
}

before(async () => {
  vendor = await startScriptedServer((response, request) => (instead ?? vectorsFor(request))(response, request));
  gateway = await startGateway({
    config: testConfig(
      [
        testProvider('o', `${vendor.url}/v1`, ['openai-chat']),
        testProvider('g', vendor.url, ['gemini']),
        testProvider('a', vendor.url, ['anthropic-messages']),
      ],
      {},
      [{ name: 'vectors', targets: ['o/embed-1'] }],
    ),
    version: 'test',
    env: {},
    log: (_line, record) => records.push(record),
  });
  openai = new OpenAI({ apiKey: 'k', baseURL: `${gateway.url}/v1`, maxRetries: 0 });
  google = new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: gateway.url } });
});

after(async () => {
  await gateway.close({ graceMs: 0 });
  await vendor.close();
});

const sent = () => JSON.parse(vendor.received.at(-1)?.body ?? '');
async function post(path: string, body: unknown) {
  const response = await fetch(gateway.url + path, { method: 'POST', body: JSON.stringify(body) });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

describe("OpenAI's format", () => {
  test('on OpenAI passes as it came, but for the name', async () => {
    const { data, usage, model } = await openai.embeddings.create({ model: 'vectors', input: ['a', 'b'] });
    assert.deepEqual([data.length, [...(data[1]?.embedding ?? [])], usage.prompt_tokens, model], [2, numbers(3), 5, 'embed-1']);
    assert.deepEqual(sent(), { model: 'embed-1', input: ['a', 'b'], encoding_format: 'base64' });
    const record = records.at(-1);
    assert.deepEqual(
      [record?.operation, record?.asked, record?.served, record?.attempts[0]?.mode, record?.usage?.input, record?.outcome],
      ['embeddings', 'vectors', 'o/embed-1', 'relay', 5, 'ok'],
    );
    await post('/v1/embeddings', { model: 'o/embed-1', input: [[1, 2], [3]], dimensions: 2, user: 'u', of_the_vendor: { a: 1 } });
    assert.deepEqual(sent(), { model: 'embed-1', input: [[1, 2], [3]], dimensions: 2, user: 'u', of_the_vendor: { a: 1 } });
  });

  test('a provider that ignores the encoding does not break the client that asked for it', async () => {
    instead = json({
      object: 'list',
      data: [{ object: 'embedding', index: 0, embedding: numbers(3) }],
      model: 'embed-1',
      usage: { prompt_tokens: 2, total_tokens: 2 },
    });
    const { data } = await openai.embeddings.create({ model: 'o/embed-1', input: 'a' });
    assert.deepEqual([...(data[0]?.embedding ?? [])], numbers(3));
    assert.match(records.at(-1)?.notes[0]?.reason ?? '', /written anew/);
    instead = undefined;
  });

  test('on Google', async () => {
    for (const encoding of [undefined, 'float', 'base64'] as const) {
      const { data, usage, model } = await openai.embeddings.create({
        model: 'g/gemini-embedding-001',
        input: ['first', 'second'],
        dimensions: 4,
        ...(encoding === undefined ? {} : { encoding_format: encoding }),
      });
      const [first] = data;
      const vector =
        encoding === 'base64' ? [...new Float32Array(new Uint8Array(Buffer.from(String(first?.embedding), 'base64')).buffer)] : [...(first?.embedding ?? [])];
      assert.deepEqual([data.length, vector, model], [2, numbers(4), 'gemini-embedding-001']);
      assert.ok(usage.total_tokens > 0);
    }
    const request = { model: 'models/gemini-embedding-001', outputDimensionality: 4 };
    const content = (text: string) => ({ parts: [{ text }] });
    assert.deepEqual(sent(), { requests: ['first', 'second'].map((text) => ({ ...request, content: content(text) })) });
    assert.equal(vendor.received.at(-1)?.url, '/v1beta/models/gemini-embedding-001:batchEmbedContents');
    assert.deepEqual(
      records.at(-1)?.notes.map((note) => [note.path, note.verdict]),
      [
        ['dimensions', 'changed'],
        ['usage', 'emulated'],
      ],
    );
  });

  test('what cannot be sent on is refused by name, before anything is sent', async () => {
    const before = vendor.received.length;
    for (const [body, param] of [
      [{ model: 'g/e', input: [1, 2, 3] }, 'input'],
      [{ model: 'g/e', input: ['a', [1, 2]] }, 'input[1]'],
      [{ model: 'g/e', input: [] }, 'input'],
      [{ model: 'g/e', input: { a: 1 } }, 'input'],
      [{ model: 'g/e' }, 'input'],
      [{ model: 'g/e', input: 'a', dimensions: -1 }, 'dimensions'],
      [{ model: 'g/e', input: 'a', encoding_format: 'int8' }, 'encoding_format'],
      [{ input: 'a' }, 'model'],
    ] as const) {
      const { status, body: answer } = await post('/v1/embeddings', body);
      assert.deepEqual([status, answer.error.param], [400, param], JSON.stringify(body));
    }
    const { status, body } = await post('/v1/embeddings', { model: 'a/claude', input: 'a' });
    assert.deepEqual([status, body.error.code], [404, 'not_found']);
    assert.equal(vendor.received.length, before);
  });

  test('a field that another format lacks is noted', async () => {
    const { headers } = await post('/v1/embeddings', { model: 'g/e', input: 'a', user: 'u', of_the_vendor: true });
    assert.equal(headers.get('modelwire-notes'), '3; worst=dropped');
    assert.deepEqual(
      records.at(-1)?.notes.map((note) => note.path),
      ['of_the_vendor', 'user', 'usage'],
    );
  });

  test('an answer that is not what was asked is an error', async () => {
    const one = { object: 'embedding', index: 0, embedding: numbers(3) };
    for (const [body, answer] of [
      [{ model: 'g/e', input: ['a', 'b'] }, { embeddings: [{ values: numbers(3) }] }],
      [{ model: 'g/e', input: 'a', dimensions: 2 }, { embeddings: [{ values: numbers(3) }] }],
      [{ model: 'g/e', input: 'a' }, { embeddings: [{ values: ['x'] }] }],
      [{ model: 'g/e', input: 'a' }, { candidates: [] }],
      [{ model: 'o/e', input: 'a', encoding_format: 'base64' }, { data: [{ ...one, embedding: [null] }] }],
    ] as const) {
      instead = json(answer);
      const { status, body: error } = await post('/v1/embeddings', body);
      assert.deepEqual([status, error.error.code], [502, 'upstream_invalid_response'], JSON.stringify(answer));
    }
    instead = json({ error: { message: 'no such model here', code: 'model_not_found' } }, { status: 404 });
    assert.equal((await post('/v1/embeddings', { model: 'o/e', input: 'a' })).body.error.code, 'model_not_found');
    instead = json({ error: { message: 'quota', type: 'rate_limit_error' } }, { status: 429, headers: { 'retry-after': '7' } });
    const limited = await post('/v1/embeddings', { model: 'g/e', input: 'a' });
    assert.deepEqual([limited.status, limited.headers.get('retry-after')], [429, '7']);
    instead = json({ error: { message: 'inside', code: 400 } });
    assert.equal((await post('/v1/embeddings', { model: 'o/e', input: 'a' })).body.error.code !== undefined, true);
    instead = undefined;
  });
});

describe("Google's format", () => {
  test('on OpenAI, one text and several', async () => {
    const config = { outputDimensionality: 2, taskType: 'RETRIEVAL_QUERY' };
    const { embeddings } = await google.models.embedContent({ model: 'o/embed-1', contents: ['a', 'b'], config });
    assert.deepEqual(
      embeddings?.map((one) => one.values),
      [numbers(2), numbers(2)],
    );
    assert.deepEqual(sent(), { model: 'embed-1', input: ['a', 'b'], dimensions: 2 });
    assert.deepEqual(
      records.at(-1)?.notes.map((note) => [note.path, note.verdict]),
      [['requests[0].taskType', 'dropped']],
    );
    const single = await post('/v1beta/models/o/embed-1:embedContent', { content: { parts: [{ text: 'a' }, { text: 'b' }] }, output_dimensionality: '2' });
    assert.deepEqual(single.body, { embedding: { values: numbers(2) }, usageMetadata: { promptTokenCount: 5, totalTokenCount: 5 } });
    assert.deepEqual(sent(), { model: 'embed-1', input: ['ab'], dimensions: 2 });
  });

  test('on Google passes; where the model is known by another name its requests are written anew', async () => {
    const { embeddings } = await google.models.embedContent({ model: 'g/embed-2', contents: ['a', 'b'], config: { taskType: 'CLUSTERING', title: 't' } });
    assert.equal(embeddings?.length, 2);
    assert.equal(records.at(-1)?.attempts[0]?.mode, 'translate');
    assert.deepEqual(sent().requests[1], { model: 'models/embed-2', content: { parts: [{ text: 'b' }] }, taskType: 'CLUSTERING', title: 't' });
    const body = { requests: [{ model: 'models/embed-2', content: { parts: [{ text: 'a' }] }, of_google: 1 }] };
    await post('/v1beta/models/g/embed-2:batchEmbedContents', body);
    assert.deepEqual([sent(), records.at(-1)?.attempts[0]?.mode], [body, 'relay']);
    await post('/v1beta/models/g/embed-2:embedContent', { model: 'models/g/embed-2', content: { parts: [{ text: 'a' }] } });
    assert.deepEqual(sent(), { model: 'models/embed-2', content: { parts: [{ text: 'a' }] } });
  });

  test('what cannot be sent on is refused by name', async () => {
    const image = { inlineData: { mimeType: 'image/png', data: 'AA==' } };
    const two = [
      { model: 'm', content: { parts: [{ text: 'a' }] }, taskType: 'CLUSTERING' },
      { model: 'm', content: { parts: [{ text: 'a' }] } },
    ];
    for (const [method, body, param] of [
      ['embedContent', { content: { parts: [image] } }, 'content.parts[0]'],
      ['embedContent', {}, 'content'],
      ['batchEmbedContents', { requests: [] }, 'requests'],
      ['batchEmbedContents', { requests: two }, 'requests[1]'],
    ] as const) {
      const { status, body: answer } = await post(`/v1beta/models/o/embed-1:${method}`, body);
      assert.deepEqual([status, answer.error.status, answer.error.details[0].metadata.param], [400, 'INVALID_ARGUMENT', param], JSON.stringify(answer));
    }
  });
});
