import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Cohere, CohereClientV2, CohereError } from 'cohere-ai';
import type { DialectName } from 'modelwire/internal/core/ir';
import { mockModels } from 'modelwire/internal/providers/mock-name';
import type { CallRecord } from 'modelwire/internal/runtime/record';
import { type MockServer, startMockServer } from '../../../../test/support/mock-server.ts';
import { testConfig, testProvider } from '../../../../test/support/test-config.ts';
import { hashKey } from '../keys/keys.ts';
import { type Gateway, startGateway } from './gateway.ts';

/** Cohere's official client against a real socket, on every back. `test/clients` has the rest of what it does. */
const key = 'cohere-caller-key';
const backs: { readonly [name: string]: DialectName } = { h: 'cohere', c: 'openai-chat', a: 'anthropic-messages', g: 'gemini' };
const lines: string[] = [];
const records: CallRecord[] = [];
let mock: MockServer;
let gateway: Gateway;
let client: CohereClientV2;

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
  client = new CohereClientV2({ token: key, environment: gateway.url, maxRetries: 0 });
});

after(async () => {
  await gateway.close({ graceMs: 0 });
  await mock.close();
});

const hello = 'Hello there';
const said = (content: string): Cohere.ChatMessageV2 => ({ role: 'user', content });
const textOf = ({ message }: Cohere.V2ChatResponse): string => (message.content ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('');

async function post(path: string, body: string, headers: Record<string, string> = { authorization: `Bearer ${key}` }): Promise<Response> {
  return await fetch(gateway.url + path, { method: 'POST', headers, body });
}

for (const back of Object.keys(backs)) {
  describe(`on ${backs[back]}`, () => {
    test('a whole answer and a stream', async () => {
      const whole = await client.chat({ model: `${back}/echo`, messages: [said(hello)] });
      assert.deepEqual([textOf(whole), whole.finishReason, whole.usage?.tokens?.outputTokens], [hello, 'COMPLETE', 2]);
      let text = '';
      for await (const event of await client.chatStream({ model: `${back}/echo`, messages: [said(hello)] }))
        if (event.type === 'content-delta') text += event.delta?.message?.content?.text ?? '';
      assert.equal(text, hello);
    });

    test('a tool, and its result', async () => {
      const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
      const asked = { model: `${back}/tool`, tools: [{ type: 'function' as const, function: { name: 'get_weather', parameters } }] };
      const { message, finishReason } = await client.chat({ ...asked, messages: [said('Weather?')] });
      const [call] = message.toolCalls ?? [];
      assert.deepEqual([finishReason, call?.function?.name, call?.function?.arguments], ['TOOL_CALL', 'get_weather', '{"city":"city"}']);
      const turns: Cohere.ChatMessageV2[] = [
        said('Weather?'),
        { ...message, role: 'assistant' },
        { role: 'tool', toolCallId: call?.id ?? '', content: 'rain' },
      ];
      assert.equal(textOf(await client.chat({ ...asked, messages: turns })), 'get_weather returned rain');
    });

    test('documents reach the model', async () => {
      const documents = [{ data: { title: 'Tall', snippet: 'Emperor penguins are the tallest.' } }];
      await client.chat({ model: `${back}/echo`, messages: [said('Which?')], documents });
      assert.match(mock.seen.at(-1)?.body ?? '', /Emperor penguins are the tallest\./);
    });

    test('a stream that breaks off ends in an error', async () => {
      const events: Cohere.V2ChatStreamResponse[] = [];
      for await (const event of await client.chatStream({ model: `${back}/text-30+cut-8`, messages: [said('x')] })) events.push(event);
      const end = events.at(-1);
      assert.deepEqual([end?.type, end?.type === 'message-end' && end.delta?.finishReason], ['message-end', 'ERROR']);
    });

    test('errors in Cohere’s shape', async () => {
      const failing = client.chat({ model: `${back}/status-429`, messages: [said('x')] });
      await assert.rejects(failing, (error) => error instanceof CohereError && error.statusCode === 429);
    });
  });
}

/** Bodies that nobody should send: each is the caller's mistake, and the answer names the field. */
const broken: readonly (readonly [what: string, body: string, param: string | undefined])[] = [
  ['no JSON', '{"model"', undefined],
  ['no object', '[]', undefined],
  ['version 1', '{"model":"c/echo","message":"hi"}', 'messages'],
  ['no model', '{"messages":[{"role":"user","content":"hi"}]}', 'model'],
  ['a number for the messages', '{"model":"c/echo","messages":7}', 'messages'],
  ['a message that is none', '{"model":"c/echo","messages":[null]}', 'messages[0]'],
  ['a role that is none', '{"model":"c/echo","messages":[{"role":"wizard","content":"hi"}]}', 'messages[0].role'],
  ['a tool that is none', '{"model":"c/echo","messages":[{"role":"user","content":"hi"}],"tools":[7]}', 'tools[0]'],
  ['a choice of one tool', '{"model":"c/echo","messages":[{"role":"user","content":"hi"}],"tool_choice":"get_weather"}', 'tool_choice'],
  ['a document that is none', '{"model":"c/echo","messages":[{"role":"user","content":"hi"}],"documents":[{"id":"x"}]}', 'documents[0].data'],
  ['what only Cohere obeys', '{"model":"c/echo","messages":[{"role":"user","content":"hi"}],"safety_mode":"STRICT"}', 'safety_mode'],
  ['a nesting without end', `{"model":"c/echo","messages":${'['.repeat(5000)}${']'.repeat(5000)}}`, undefined],
];

for (const [what, body, param] of broken) {
  test(`a body with ${what} is a 400`, async () => {
    const response = await post('/v2/chat', body);
    const told = (await response.json()) as { id?: string; message?: string; param?: string };
    assert.equal(response.status, 400);
    assert.ok(typeof told.message === 'string' && told.message !== '' && typeof told.id === 'string');
    assert.equal(told.param, param);
  });
}

test('the paths of its clients, under an older version too', async () => {
  const body = JSON.stringify({ model: 'c/echo', messages: [said(hello)] });
  for (const path of ['/v2/chat', '/v2/chat/', '/v1/v2/chat', '/v2/v2/chat']) assert.equal((await post(path, body)).status, 200, path);
});

test('a wrong key is refused in Cohere’s shape; the right one goes no further', async () => {
  const body = JSON.stringify({ model: 'h/echo', messages: [said(hello)] });
  const refused = await post('/v2/chat', body, { authorization: 'Bearer wrong' });
  assert.equal(refused.status, 401);
  assert.equal(typeof ((await refused.json()) as { message: unknown }).message, 'string');
  assert.equal((await post('/v2/chat', body)).status, 200);
  const seen = mock.seen.at(-1);
  assert.deepEqual([seen?.path, seen?.headers['authorization']], ['/v2/chat', 'Bearer sk-upstream-secret-key']);
  assert.ok(!JSON.stringify([seen, records]).includes(key) && !lines.join().includes(key));
});

test('models in Cohere’s shape for who says to be its client, in the usual one for others', async () => {
  const list = async (headers: Record<string, string>) =>
    (await (await fetch(`${gateway.url}/v1/models?page_size=3`, { headers: { authorization: `Bearer ${key}`, ...headers } })).json()) as {
      models?: { name: string }[];
      next_page_token?: string;
      data?: unknown[];
    };
  const own = await list({ 'x-client-name': 'my-app' });
  assert.equal(own.models?.length, 3);
  assert.equal(typeof own.next_page_token, 'string');
  assert.ok(Array.isArray((await list({})).data));
});
