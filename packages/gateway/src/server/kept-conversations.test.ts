import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, test, type TestContext } from 'node:test';
import type { DialectName } from 'modelwire/internal/core/ir';
import { mockModels } from 'modelwire/internal/providers/mock-name';
import { defaultKeeping } from 'modelwire/internal/runtime/conversation-store';
import OpenAI, { APIError } from 'openai';
import { type MockServer, startMockServer } from '../../../../test/support/mock-server.ts';
import { responseObjectProblems } from '../../../../test/support/official-responses.ts';
import { testConfig, testProvider } from '../../../../test/support/test-config.ts';
import type { EffectiveConfig } from '../config/config.ts';
import { hashKey } from '../keys/keys.ts';
import { type Gateway, startGateway } from './gateway.ts';

/** Conversations that the gateway keeps: the official client, on every back. */
const backs: { readonly [name: string]: DialectName } = { r: 'openai-responses', c: 'openai-chat', a: 'anthropic-messages', g: 'gemini' };
const keys = ['sk-kept-conversations-caller', 'sk-kept-conversations-another'] as const;
let mock: MockServer;
let gateway: Gateway;
let client: OpenAI;
let other: OpenAI;
let base = 0;

async function start(change: Partial<EffectiveConfig> = {}): Promise<Gateway> {
  const providers = Object.entries(backs).map(([name, dialect]) => testProvider(name, mock.url, [dialect], { models: mockModels }));
  const known = keys.map((key, index) => ({ name: `caller-${index}`, sha256: hashKey(key).replace('sha256:', '') }));
  return await startGateway({ config: testConfig(providers, { keys: known, ...change }), version: 'test', env: {} });
}

const clientOf = (apiKey: string, { url }: Gateway): OpenAI => new OpenAI({ apiKey, baseURL: `${url}/v1`, maxRetries: 0 });

before(async () => {
  mock = await startMockServer();
  gateway = await start();
  [client, other] = [clientOf(keys[0], gateway), clientOf(keys[1], gateway)];
});

after(async () => {
  await gateway.close({ graceMs: 0 });
  await mock.close();
});

beforeEach(() => {
  base = mock.seen.length;
});

const lastBody = (): string => mock.seen.slice(base).at(-1)?.body ?? '';
const tools: OpenAI.Responses.Tool[] = [
  { type: 'function', name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } }, strict: false },
];

async function refusal(call: PromiseLike<unknown>): Promise<APIError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof APIError) return error;
    throw error;
  }
  throw new Error('it was answered');
}

async function said(conversation: string, from = client): Promise<readonly string[]> {
  const items = [];
  for await (const item of from.conversations.items.list(conversation, { order: 'asc', limit: 2 })) items.push(item);
  assert.equal(new Set(items.map(({ id }) => id)).size, items.length);
  return items.map((item) => {
    if (item.type === 'message') return `${item.role}: ${item.content.map((part) => ('text' in part ? part.text : part.type)).join('')}`;
    return item.type;
  });
}

async function untilThere<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 500; tries++) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('it never came');
}

for (const [name, back] of Object.entries(backs)) {
  describe(`on ${back}`, () => {
    test('a tool loop in a conversation, by its id alone', async () => {
      const conversation = await client.conversations.create({ items: [{ role: 'developer', content: 'Be brief.' }] });
      const first = await client.responses.create({ model: `${name}/tool`, conversation: conversation.id, input: 'Weather?', tools });
      assert.deepEqual(first.conversation, { id: conversation.id });
      const { output_text: _text, ...whole } = first;
      assert.deepEqual(responseObjectProblems(whole), []);
      const call = first.output.find((item) => item.type === 'function_call');
      assert.ok(call !== undefined);
      const second = await client.responses.create({
        model: `${name}/tool`,
        conversation: { id: conversation.id },
        input: [{ type: 'function_call_output', call_id: call.call_id, output: 'rain' }],
        tools,
      });
      assert.equal(second.output_text, 'get_weather returned rain');
      for (const text of ['Be brief.', 'Weather?', 'rain']) assert.ok(lastBody().includes(text), text);
      assert.deepEqual(await said(conversation.id), [
        'developer: Be brief.',
        'user: Weather?',
        'function_call',
        'function_call_output',
        'assistant: get_weather returned rain',
      ]);
    });

    test('a stream, and an answer in the background, are added when they are whole', async () => {
      const { id } = await client.conversations.create();
      for await (const event of await client.responses.create({ model: `${name}/echo`, conversation: id, input: 'one', stream: true }))
        if (event.type === 'response.completed') assert.deepEqual(event.response.conversation, { id });
      assert.deepEqual(await said(id), ['user: one', 'assistant: one']);
      const queued = await client.responses.create({ model: `${name}/echo`, conversation: id, input: 'two', background: true });
      assert.deepEqual(queued.conversation, { id });
      await untilThere(async () => ((await client.responses.retrieve(queued.id)).status === 'completed' ? true : undefined));
      assert.deepEqual(await said(id), ['user: one', 'assistant: one', 'user: two', 'assistant: two']);
    });
  });
}

test('from provider to provider, and on from one of its responses', async () => {
  const { id } = await client.conversations.create();
  let last = '';
  for (const name of Object.keys(backs)) last = (await client.responses.create({ model: `${name}/echo`, conversation: id, input: `to ${name}` })).id;
  assert.match(lastBody(), /to r.*to r.*to c.*to c.*to a.*to a.*to g/s);
  await client.conversations.delete(id);
  await client.responses.create({ model: 'c/echo', previous_response_id: last, input: 'without it' });
  assert.match(lastBody(), /to r.*to g.*to g.*without it/s);
});

test('what is not stored is said in the conversation all the same; what broke off is not', async () => {
  const { id } = await client.conversations.create();
  const unstored = await client.responses.create({ model: 'c/echo', conversation: id, input: 'kept here alone', store: false });
  assert.equal((await refusal(client.responses.retrieve(unstored.id))).status, 404);
  assert.deepEqual(await said(id), ['user: kept here alone', 'assistant: kept here alone']);
  const cut = await client.responses.create({ model: 'c/text-20+cut-4', conversation: id, input: 'torn', background: true });
  await untilThere(async () => ((await client.responses.retrieve(cut.id)).status === 'failed' ? true : undefined));
  await refusal(client.responses.create({ model: 'c/status-429', conversation: id, input: 'refused' }));
  assert.equal((await said(id)).length, 2);
});

test('its life: metadata, items one by one, and the end', async () => {
  const made = await client.conversations.create({ metadata: { topic: 'tests' }, items: [{ type: 'message', role: 'user', content: 'first' }] });
  assert.match(made.id, /^conv_/);
  assert.ok(Math.abs(made.created_at - Date.now() / 1000) < 60);
  assert.deepEqual(await client.conversations.retrieve(made.id), made);
  const changed = await client.conversations.update(made.id, { metadata: { topic: 'more' } });
  assert.deepEqual([changed.id, changed.metadata], [made.id, { topic: 'more' }]);
  const added = await client.conversations.items.create(made.id, {
    items: [
      { role: 'user', content: 'second' },
      { role: 'assistant', content: 'third' },
    ],
  });
  assert.deepEqual([added.object, added.data.length, added.has_more], ['list', 2, false]);
  assert.deepEqual(await said(made.id), ['user: first', 'user: second', 'assistant: third']);
  const [second] = added.data;
  const item = await client.conversations.items.retrieve(second?.id ?? '', { conversation_id: made.id });
  assert.deepEqual(item, { role: 'user', content: [{ type: 'input_text', text: 'second' }], type: 'message', id: second?.id, status: 'completed' });
  await client.responses.create({ model: 'c/echo', input: [{ type: 'item_reference', id: second?.id ?? '' }] });
  assert.match(lastBody(), /second/);
  const left = await client.conversations.items.delete(second?.id ?? '', { conversation_id: made.id });
  assert.equal(left.id, made.id);
  assert.deepEqual(await said(made.id), ['user: first', 'assistant: third']);
  const newest = await client.conversations.items.list(made.id, { limit: 1 });
  assert.deepEqual([newest.data.length, newest.has_more], [1, true]);
  assert.deepEqual(await client.conversations.delete(made.id), { id: made.id, object: 'conversation.deleted', deleted: true });
  const error = await refusal(client.conversations.retrieve(made.id));
  assert.deepEqual([error.status, error.type], [404, 'invalid_request_error']);
  assert.match(error.message, new RegExp(`Conversation with id '${made.id}' not found`));
});

test('nobody finds another key’s', async () => {
  const { id } = await client.conversations.create({ items: [{ role: 'user', content: 'mine' }] });
  const [item] = (await client.conversations.items.list(id)).data;
  const calls = [
    () => other.conversations.retrieve(id),
    () => other.conversations.update(id, { metadata: {} }),
    () => other.conversations.delete(id),
    () => other.conversations.items.list(id),
    () => other.conversations.items.create(id, { items: [{ role: 'user', content: 'yours' }] }),
    () => other.conversations.items.retrieve(item?.id ?? '', { conversation_id: id }),
    () => other.conversations.items.delete(item?.id ?? '', { conversation_id: id }),
    () => other.responses.create({ model: 'c/echo', input: 'x', conversation: id }),
    () => other.responses.create({ model: 'c/echo', input: [{ type: 'item_reference', id: item?.id ?? '' }] }),
  ];
  for (const call of calls) assert.equal((await refusal(call())).status, 404);
  assert.deepEqual(await said(id), ['user: mine']);
});

test('answers that come at the same time are all added', async () => {
  const { id } = await client.conversations.create();
  await Promise.all(Array.from({ length: 8 }, (_, index) => client.responses.create({ model: 'c/echo', conversation: id, input: `${index}` })));
  const items = await said(id);
  assert.equal(items.length, 16);
  for (let index = 0; index < 8; index++) assert.ok(items.includes(`user: ${index}`) && items.includes(`assistant: ${index}`));
});

test('what cannot be read is refused by name', async () => {
  const { id } = await client.conversations.create();
  const long = Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`k${index}`, 'v']));
  const refused: readonly (readonly [() => PromiseLike<unknown>, string])[] = [
    [() => client.conversations.create({ metadata: { a: 1 } as never }), 'metadata'],
    [() => client.conversations.create({ metadata: long }), 'metadata'],
    [() => client.conversations.create({ items: ['x'] as never }), 'items'],
    [() => client.conversations.items.create(id, {} as never), 'items'],
    [() => client.conversations.items.create(id, { items: [{ type: 'item_reference', id: 'msg_1' }] }), 'items'],
    [() => client.conversations.update(id, {} as never), 'metadata'],
    [() => client.conversations.items.list(id, { limit: 0 }), 'limit'],
    [() => client.conversations.items.list(id, { after: 'nobody' }), 'after'],
    [() => client.responses.create({ model: 'c/echo', input: 'x', conversation: { id: 7 } as never }), 'conversation'],
    [() => client.responses.create({ model: 'c/echo', input: 'x', conversation: id, previous_response_id: 'resp_1' }), 'previous_response_id'],
  ];
  for (const [call, param] of refused) {
    const error = await refusal(call());
    assert.deepEqual([error.status, error.param], [400, param]);
  }
  const put = await fetch(`${gateway.url}/v1/conversations/${id}`, { method: 'PUT', headers: { authorization: `Bearer ${keys[0]}` } });
  assert.deepEqual([put.status, put.headers.get('allow')], [405, 'GET, HEAD, POST, DELETE']);
  assert.deepEqual((await refusal(client.responses.create({ model: 'c/echo', input: 'x', conversation: 'conv_never' }))).status, 404);
});

test('numbers and unknown fields of an item stay as they were written', async () => {
  const item = '{"role":"user","content":[{"type":"input_text","text":"hi"}],"x_big":12345678901234567890,"x_float":1.0}';
  const headers = { authorization: `Bearer ${keys[0]}`, 'content-type': 'application/json' };
  const made = await fetch(`${gateway.url}/v1/conversations`, { method: 'POST', headers, body: `{"items":[${item}]}` });
  const { id } = JSON.parse(await made.text());
  const listed = await (await fetch(`${gateway.url}/v1/conversations/${id}/items`, { headers })).text();
  assert.match(listed, /"x_big":12345678901234567890,"x_float":1\.0/);
});

test('in a file they outlive the gateway', async (context) => {
  const conversations = inFile(context);
  const earlier = await start({ conversations });
  const { id } = await clientOf(keys[0], earlier).conversations.create({ metadata: { a: 'b' } });
  const first = await clientOf(keys[0], earlier).responses.create({ model: 'c/echo', conversation: id, input: 'remember' });
  await earlier.close({ graceMs: 0 });
  const later = await start({ conversations });
  context.after(() => later.close({ graceMs: 0 }));
  const again = clientOf(keys[0], later);
  assert.deepEqual((await again.conversations.retrieve(id)).metadata, { a: 'b' });
  assert.deepEqual(await said(id, again), ['user: remember', 'assistant: remember']);
  await again.responses.create({
    model: 'a/echo',
    input: [
      { role: 'user', content: 'well' },
      { type: 'item_reference', id: first.output[0]?.id ?? '' },
      { role: 'user', content: 'and?' },
    ],
  });
  assert.match(lastBody(), /remember.*and\?/s);
  assert.equal((await refusal(clientOf(keys[1], later).conversations.retrieve(id))).status, 404);
});

function inFile(context: TestContext): EffectiveConfig['conversations'] {
  const file = path.join(tmpdir(), `conversations-${crypto.randomUUID()}`, 'kept.sqlite');
  context.after(() => rm(path.dirname(file), { recursive: true, force: true }));
  return { ...defaultKeeping, file };
}

test('without a store there are none here', async () => {
  const off = await start({ conversations: 'off' });
  const error = await refusal(clientOf(keys[0], off).conversations.create());
  assert.equal(error.status, 404);
  assert.match(error.message, /modelwire-provider/);
  const refused = await refusal(clientOf(keys[0], off).responses.create({ model: 'c/echo', input: 'x', conversation: 'conv_1' }));
  assert.deepEqual([refused.status, refused.param], [400, 'conversation']);
  await off.close({ graceMs: 0 });
});
