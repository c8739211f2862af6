import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { EventStreamCodec } from '@smithy/core/event-streams';
import OpenAI from 'openai';
import { findProvider, type Provider } from 'modelwire/internal/providers/catalog';
import type { ProviderConfig } from 'modelwire/internal/providers/resolve';
import { Secret } from 'modelwire/internal/core/target';
import { type MockServer, startMockServer } from '../../../../test/support/mock-server.ts';
import { testConfig } from '../../../../test/support/test-config.ts';
import { type Gateway, startGateway } from './gateway.ts';

/** The formats of others behind the addresses of clouds: what arrives there, and what the official clients make of what comes back. */
type Arrived = { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: Record<string, unknown> };

const arrived: Arrived[] = [];
const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === 'string' ? bytes : new TextDecoder().decode(bytes)),
  (text) => new TextEncoder().encode(text),
);
let mock: MockServer;
let cloud: Server;
let gateway: Gateway;

/** Each of a cloud's paths as the one of the format that it stands for. */
function plainPath(path: string): { readonly to: string; readonly model?: string; readonly stream?: true } | undefined {
  const [, invoked, how] = /^\/model\/(.+)\/(invoke|invoke-with-response-stream)$/.exec(path) ?? [];
  const scripted = (model: string): string => decodeURIComponent(model).replace(/^.*anthropic\.claude-|^claude-/, '');
  if (invoked !== undefined) return { to: '/v1/messages', model: scripted(invoked), ...(how === 'invoke' ? {} : { stream: true as const }) };
  const [, claude] = /^\/vertex\/publishers\/anthropic\/models\/(.+):(?:rawPredict|streamRawPredict)$/.exec(path) ?? [];
  if (claude !== undefined) return { to: '/v1/messages', model: scripted(claude) };
  const [, google] = /^\/vertex\/publishers\/google(\/models\/.+)$/.exec(path) ?? [];
  if (google !== undefined) return { to: `/v1beta${google}` };
  return /^\/azure\/openai\/deployments\/[^/]+\/chat\/completions\?api-version=2024-10-21$/.test(path) ? { to: '/v1/chat/completions' } : undefined;
}

/** Events of Anthropic's stream as InvokeModel frames them. */
function framed(text: string): Uint8Array {
  const events = text.split('\n\n').flatMap((event) => /^data: (.*)$/m.exec(event)?.[1] ?? []);
  return Buffer.concat(
    events.map((data) => {
      const { type, error } = JSON.parse(data) as { type: string; error?: { message: string } };
      const kind = type === 'error' ? 'exception' : 'event';
      const payload = type === 'error' ? { message: error?.message } : { bytes: Buffer.from(data).toString('base64'), p: 'abc' };
      return codec.encode({
        headers: {
          [`:${kind}-type`]: { type: 'string', value: type === 'error' ? 'modelStreamErrorException' : 'chunk' },
          ':content-type': { type: 'string', value: 'application/json' },
          ':message-type': { type: 'string', value: kind },
        },
        body: new TextEncoder().encode(JSON.stringify(payload)),
      });
    }),
  );
}

before(async () => {
  mock = await startMockServer();
  cloud = createServer((request, response) => {
    void json(request).then(async (value) => {
      const path = request.url ?? '';
      const body = value as Record<string, unknown>;
      arrived.push({ path, headers: request.headers, body });
      const plain = plainPath(path);
      if (plain === undefined) return response.writeHead(404).end('{"message":"no such path"}');
      const { anthropic_version: version, anthropic_beta: _beta, ...rest } = body;
      const { to, ...more } = plain;
      const answer = await fetch(mock.url + to, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(version === undefined ? {} : { 'anthropic-version': '2023-06-01' }) },
        body: JSON.stringify({ ...rest, ...more }),
      });
      const type = answer.headers.get('content-type') ?? '';
      const isFramed = plain.stream === true && type.startsWith('text/event-stream');
      const text = await answer.text();
      response.writeHead(answer.status, { 'content-type': isFramed ? 'application/vnd.amazon.eventstream' : type });
      return response.end(isFramed ? framed(text) : text);
    });
  });
  await new Promise<void>((resolve) => cloud.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(cloud.address() as AddressInfo).port}`;
  gateway = await startGateway({
    config: testConfig([
      moved('bedrock', url, 'AKIAIOSFODNN7EXAMPLE:secret-of-the-pair'),
      moved('vertex', `${url}/vertex`, 'ya29.token'),
      {
        ...moved('azure', url, 'azure-key'),
        speaks: { 'openai-chat': { baseURL: `${url}/azure/openai/deployments/{model}?api-version=2024-10-21`, auth: 'api-key' } },
      },
    ]),
    version: 'test',
    env: {},
  });
});

after(async () => {
  await gateway.close({ graceMs: 0 });
  await mock.close();
  cloud.closeAllConnections();
  cloud.close();
});

/** A provider of the catalogue whose addresses are ours. */
function moved(name: string, baseURL: string, key: string): ProviderConfig {
  const provider = findProvider(name);
  assert.ok(provider);
  const here = (speaks: Provider['speaks']): Provider['speaks'] =>
    Object.fromEntries(Object.entries(speaks).map(([dialect, endpoint]) => [dialect, { ...endpoint, baseURL }]));
  return {
    name,
    speaks: here(provider.speaks),
    speaksByModel: provider.speaksByModel?.map(({ match, speaks }) => ({ match, speaks: here(speaks) })) ?? [],
    key: new Secret(key),
    needsKey: true,
    keyNames: [],
  };
}

const messages = [{ role: 'user' as const, content: 'Hello there' }];
const last = (): Arrived => arrived.at(-1) ?? { path: '', headers: {}, body: {} };

for (const [name, model, version, authorization] of [
  ['Bedrock', 'bedrock/us.anthropic.claude-echo', 'bedrock-2023-05-31', /^AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE\//],
  ['Vertex', 'vertex/claude-echo', 'vertex-2023-10-16', /^Bearer ya29\.token$/],
] as const) {
  describe(`Claude on ${name}`, () => {
    const client = (): Anthropic => new Anthropic({ apiKey: 'any', baseURL: gateway.url, maxRetries: 0 });

    test('a whole answer', async () => {
      const answer = await client().messages.create({ model, max_tokens: 100, messages }, { headers: { 'anthropic-beta': 'one-1,two-2' } });
      assert.deepEqual([answer.content[0]?.type === 'text' ? answer.content[0].text : '', answer.stop_reason], ['Hello there', 'end_turn']);
      const { path, headers, body } = last();
      const id = model.slice(model.indexOf('/') + 1);
      assert.equal(path, name === 'Bedrock' ? `/model/${id}/invoke` : `/vertex/publishers/anthropic/models/${id}:rawPredict`);
      assert.equal(body['anthropic_version'], version);
      assert.deepEqual(
        ['model', 'stream'].map((key) => body[key]),
        [undefined, undefined],
      );
      assert.deepEqual([body['anthropic_beta'], headers['anthropic-beta']], name === 'Bedrock' ? [['one-1', 'two-2'], undefined] : [undefined, 'one-1,two-2']);
      assert.match(headers.authorization ?? '', authorization);
      assert.equal(headers['x-api-key'], undefined);
    });

    test('a stream', async () => {
      const stream = client().messages.stream({ model: model.replace('echo', 'text-30'), max_tokens: 100, messages });
      let pieces = 0;
      stream.on('text', () => pieces++);
      const answer = await stream.finalMessage();
      assert.ok(pieces > 20);
      assert.equal(answer.content[0]?.type === 'text' ? answer.content[0].text.split(' ').length : 0, 30);
      assert.equal(answer.usage.output_tokens, 30);
    });

    test('an error, before the stream and within it', async () => {
      const failing = client().messages.create({ model: model.replace('echo', 'status-429'), max_tokens: 100, messages });
      await assert.rejects(failing, Anthropic.RateLimitError);
      const torn = client().messages.stream({ model: model.replace('echo', 'text-30+error-midstream'), max_tokens: 100, messages });
      await assert.rejects(torn.finalMessage(), /Failing|failed/i);
    });

    test('tokens are counted here', async () => {
      const { input_tokens: tokens } = await client().messages.countTokens({ model, messages });
      assert.ok(tokens > 1);
    });
  });
}

test('Claude on Vertex for a caller of another format', async () => {
  const openai = new OpenAI({ apiKey: 'any', baseURL: `${gateway.url}/v1`, maxRetries: 0 });
  const answer = await openai.chat.completions.create({ model: 'vertex/claude-echo', messages, max_tokens: 100 });
  assert.equal(answer.choices[0]?.message.content, 'Hello there');
  assert.deepEqual([last().body['anthropic_version'], last().body['model']], ['vertex-2023-10-16', undefined]);
});

test('Gemini on Vertex, by Google’s own client', async () => {
  const ai = new GoogleGenAI({ apiKey: 'any', httpOptions: { baseUrl: gateway.url } });
  const whole = await ai.models.generateContent({ model: 'vertex/echo', contents: 'Hello there' });
  assert.equal(whole.text, 'Hello there');
  assert.equal(last().path, '/vertex/publishers/google/models/echo:generateContent');
  assert.deepEqual([last().headers.authorization, last().headers['x-goog-api-key']], ['Bearer ya29.token', undefined]);
  let text = '';
  for await (const chunk of await ai.models.generateContentStream({ model: 'vertex/echo', contents: 'Hello there' })) text += chunk.text ?? '';
  assert.equal(text, 'Hello there');
  assert.equal(last().path, '/vertex/publishers/google/models/echo:streamGenerateContent?alt=sse');
  assert.ok(Number((await ai.models.countTokens({ model: 'vertex/echo', contents: 'Hello there' })).totalTokens) > 1);
});

test('a deployment at Azure, with the version of the API in the address', async () => {
  const openai = new OpenAI({ apiKey: 'any', baseURL: `${gateway.url}/v1`, maxRetries: 0 });
  const answer = await openai.chat.completions.create({ model: 'azure/echo', messages });
  assert.equal(answer.choices[0]?.message.content, 'Hello there');
  assert.equal(last().path, '/azure/openai/deployments/echo/chat/completions?api-version=2024-10-21');
  assert.deepEqual([last().headers['api-key'], last().headers.authorization], ['azure-key', undefined]);
});
