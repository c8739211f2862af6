import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ApiError, type Content, GoogleGenAI } from '@google/genai';
import type { DialectName } from 'modelwire/internal/core/ir';
import { mockModels } from 'modelwire/internal/providers/mock-name';
import type { CallRecord } from 'modelwire/internal/runtime/record';
import { type MockServer, startMockServer } from '../../../../test/support/mock-server.ts';
import { testConfig, testProvider } from '../../../../test/support/test-config.ts';
import { hashKey } from '../keys/keys.ts';
import { type Gateway, startGateway } from './gateway.ts';

/** Google's official client against a real socket, on every back. `test/clients` has the rest of what it does. */
const key = 'sk-google-caller-key';
const backs: { readonly [name: string]: DialectName } = { g: 'gemini', c: 'openai-chat', a: 'anthropic-messages' };
const lines: string[] = [];
const records: CallRecord[] = [];
let mock: MockServer;
let gateway: Gateway;
let ai: GoogleGenAI;

before(async () => {
  mock = await startMockServer();
  const providers = Object.entries(backs).map(([name, dialect]) => testProvider(name, mock.url, [dialect], { models: mockModels }));
  gateway = await startGateway({
    config: testConfig(providers, { keys: [{ name: 'caller', sha256: hashKey(key).replace('sha256:', '') }] }),
    version: 'test',
    env: {},
    log(line, record) {
      lines.push(line);
      records.push(record);
    },
  });
  ai = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: gateway.url } });
});

after(async () => {
  await gateway.close({ graceMs: 0 });
  await mock.close();
});

async function post(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return await fetch(gateway.url + path, { method: 'POST', headers, body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'Hello there' }] }] }) });
}

for (const back of Object.keys(backs)) {
  describe(`on ${backs[back]}`, () => {
    test('a whole answer and a stream', async () => {
      const whole = await ai.models.generateContent({ model: `${back}/echo`, contents: 'Hello there' });
      assert.deepEqual([whole.text, whole.usageMetadata?.totalTokenCount], ['Hello there', 7]);
      let text = '';
      for await (const chunk of await ai.models.generateContentStream({ model: `${back}/echo`, contents: 'Hello there' })) text += chunk.text ?? '';
      assert.equal(text, 'Hello there');
    });

    test('a chat with a tool, whose turns the client keeps', async () => {
      const declared = { name: 'get_weather', parametersJsonSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } };
      const chat = ai.chats.create({ model: `${back}/tool`, config: { tools: [{ functionDeclarations: [declared] }] } });
      const [call] = (await chat.sendMessage({ message: 'Weather?' })).functionCalls ?? [];
      assert.deepEqual([call?.name, call?.args], ['get_weather', { city: 'city' }]);
      const answer = await chat.sendMessage({ message: { functionResponse: { id: call?.id ?? '', name: 'get_weather', response: { output: 'rain' } } } });
      assert.equal(answer.text, 'get_weather returned rain');
      const history: Content[] = chat.getHistory();
      assert.deepEqual(
        history.map(({ role }) => role),
        ['user', 'model', 'user', 'model'],
      );
    });

    test('a token count', async () => {
      const { totalTokens } = await ai.models.countTokens({ model: `${back}/echo`, contents: 'Hello there' });
      assert.ok(Number(totalTokens) > 1);
    });

    test('without alt=sse a stream is one JSON array', async () => {
      const response = await post(`/v1beta/models/${back}/echo:streamGenerateContent`, { 'x-goog-api-key': key });
      assert.equal(response.headers.get('content-type'), 'application/json');
      const chunks = (await response.json()) as { candidates: { content: { parts: { text: string }[] }; finishReason?: string }[] }[];
      assert.equal(chunks.map(({ candidates }) => candidates[0]?.content.parts[0]?.text).join(''), 'Hello there');
      assert.equal(chunks.at(-1)?.candidates[0]?.finishReason, 'STOP');
      const torn = await post(`/v1beta/models/${back}/text-30+cut-4:streamGenerateContent`, { 'x-goog-api-key': key });
      const last = ((await torn.json()) as { error?: { status: string } }[]).at(-1);
      assert.equal(last?.error?.status, 'UNAVAILABLE');
    });
  });
}

test('models, page by page, one of them, and under /v1', async () => {
  const names: (string | undefined)[] = [];
  for await (const model of await ai.models.list({ config: { pageSize: 7 } })) names.push(model.name);
  assert.equal(names.length, 3 * mockModels.length);
  assert.equal((await ai.models.get({ model: 'c/echo' })).name, 'models/c/echo');
  const listed = (await (await fetch(`${gateway.url}/v1/models`, { headers: { 'x-goog-api-key': key } })).json()) as { models: unknown[] };
  assert.equal(listed.models.length, names.length);
});

test('a key in the query is taken, and goes no further', async () => {
  const response = await post(`/v1/models/g/inspect:generateContent?key=${key}`);
  assert.equal(response.status, 200);
  const seen = mock.seen.at(-1);
  assert.ok(seen !== undefined && seen.path === '/v1beta/models/inspect:generateContent');
  assert.equal(seen.headers['x-goog-api-key'], 'sk-upstream-secret-key');
  assert.ok(!JSON.stringify([seen, records]).includes(key) && !lines.join().includes(key));
  assert.equal((await post('/v1beta/models/g/echo:generateContent?key=wrong')).status, 401);
});

test('errors in Google’s shape, also where the path is none', async () => {
  const failing = ai.models.generateContent({ model: 'nobody-has-this', contents: 'x' });
  await assert.rejects(failing, (error) => error instanceof ApiError && error.status === 404 && JSON.parse(error.message).error.status === 'NOT_FOUND');
  const unknown = (await (await post('/v1beta/models/g/echo:dreamContent', { 'x-goog-api-key': key })).json()) as { error: { status: string } };
  assert.equal(unknown.error.status, 'NOT_FOUND');
});
