import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import Anthropic, { APIError } from '@anthropic-ai/sdk';
import type { DialectName } from 'modelwire/internal/core/ir';
import { mockModels } from 'modelwire/internal/providers/mock-name';
import { defaultKeeping } from 'modelwire/internal/runtime/conversation-store';
import { type MockServer, startMockServer } from '../../../../test/support/mock-server.ts';
import { testConfig, testProvider } from '../../../../test/support/test-config.ts';
import type { EffectiveConfig } from '../config/config.ts';
import { hashKey } from '../keys/keys.ts';
import { type Gateway, startGateway } from './gateway.ts';

/** Message threads: the caller leaves the turns so far to the gateway, and every target gets them in full. */
const backs: { readonly [name: string]: DialectName } = { a: 'anthropic-messages', c: 'openai-chat', g: 'gemini' };
const key = 'sk-threads-caller-key';
const otherKey = 'sk-threads-other-key';
let mock: MockServer;
let gateway: Gateway;

function start(change: Partial<EffectiveConfig> = {}): Promise<Gateway> {
  const providers = Object.entries(backs).map(([name, dialect]) => testProvider(name, mock.url, [dialect], { models: mockModels }));
  const keys = [key, otherKey].map((one, index) => ({ name: `caller-${index}`, sha256: hashKey(one).replace('sha256:', '') }));
  return startGateway({ config: testConfig(providers, { keys, ...change }), version: 'test', env: {} });
}

before(async () => {
  mock = await startMockServer();
  gateway = await start();
});

after(async () => {
  await gateway.close({ graceMs: 0 });
  await mock.close();
});

const clientOf = (apiKey = key, { url } = gateway): Anthropic => new Anthropic({ apiKey, baseURL: url, maxRetries: 0 });

/** `thread` is in the SDK's own helpers, not yet in the types of its parameters. */
function create(client: Anthropic, body: object): Promise<Anthropic.Message> {
  return client.post('/v1/messages', { body: { max_tokens: 100, ...body } });
}

const user = (content: unknown): object => ({ role: 'user', content });
let base = 0;
const sent = (): { messages?: unknown[]; contents?: unknown[]; tools?: unknown[]; system?: unknown; thread?: unknown }[] =>
  mock.seen.slice(base).map(({ body }) => JSON.parse(body));

beforeEach(() => {
  base = mock.seen.length;
});

for (const [name, back] of Object.entries(backs)) {
  describe(`on ${back}`, () => {
    test('the tool runner of the official library sends each turn alone, and the target gets all', async () => {
      const runner = clientOf().beta.messages.toolRunner({
        model: `${name}/tool`,
        max_tokens: 100,
        system: 'Be brief.',
        messages: [{ role: 'user', content: 'Weather?' }],
        tools: [
          {
            name: 'get_weather',
            input_schema: { type: 'object', properties: { city: { type: 'string' } } },
            run: () => 'rain',
            parse: (input: unknown) => input,
          },
        ],
      });
      const final = await runner;
      assert.deepEqual(
        final.content.map((block) => (block.type === 'text' ? block.text : block.type)),
        ['get_weather returned rain'],
      );
      // Had a turn been refused, the library would have sent it again without a thread.
      assert.equal(sent().length, 2);
      const [first, second] = sent();
      assert.equal(second?.thread, undefined);
      const turns = (one: typeof first): number => (one?.messages ?? one?.contents ?? []).length;
      assert.equal(turns(second), turns(first) + 2);
      assert.deepEqual(second?.tools, first?.tools);
      assert.deepEqual(second?.system, first?.system);
    });

    test('a stream is kept as well, thinking and calls included', async () => {
      const client = clientOf();
      const events = (await client.post('/v1/messages', {
        body: {
          model: `${name}/tool`,
          max_tokens: 100,
          stream: true,
          thread: { type: 'create' },
          messages: [user('Weather?')],
          tools: [{ name: 'f', input_schema: { type: 'object' } }],
        },
        stream: true,
      })) as AsyncIterable<Anthropic.RawMessageStreamEvent>;
      let id = '';
      let call = '';
      for await (const event of events) {
        if (event.type === 'message_start') ({ id } = event.message);
        if (event.type === 'content_block_start' && event.content_block.type === 'tool_use') call = event.content_block.id;
      }
      const next = await create(client, {
        model: `${name}/tool`,
        thread: { type: 'continue', previous_message_id: id },
        messages: [user([{ type: 'tool_result', tool_use_id: call, content: 'ok' }])],
      });
      assert.deepEqual(
        next.content.map((block) => (block.type === 'text' ? block.text : block.type)),
        ['f returned ok'],
      );
    });
  });
}

test('a thread goes on with another model, whoever keeps it', async () => {
  const client = clientOf();
  const first = await create(client, { model: 'a/echo', thread: { type: 'create' }, system: 'S', messages: [user('one')] });
  const second = await create(client, { model: 'c/echo', thread: { type: 'continue', previous_message_id: first.id }, messages: [user('two')] });
  await create(client, { model: 'a/echo', thread: { type: 'continue', previous_message_id: second.id }, messages: [user('three')] });
  const texts = sent().map(({ messages = [] }) => messages.map((message) => (message as { role: string }).role).join(' '));
  assert.deepEqual(texts, ['user', 'system user assistant user', 'user assistant user assistant user']);
});

async function refusal(call: Promise<unknown>): Promise<{ status: unknown; code: unknown }> {
  try {
    await call;
  } catch (error) {
    if (error instanceof APIError)
      return { status: error.status, code: (error.error as { error: { details: { error_code: string } } }).error.details.error_code };
    throw error;
  }
  throw new Error('it was answered');
}

test('what cannot be gone on from is told as the official library reads it', async () => {
  const client = clientOf();
  const { id } = await create(client, { model: 'c/echo', thread: { type: 'create' }, system: 'S', messages: [user('mine')] });
  const goOn = { model: 'c/echo', thread: { type: 'continue', previous_message_id: id }, messages: [user('x')] };
  base = mock.seen.length;
  assert.deepEqual(await refusal(create(client, { ...goOn, thread: { type: 'continue', previous_message_id: 'msg_none' } })), {
    status: 404,
    code: 'thread_not_found',
  });
  assert.deepEqual(await refusal(create(clientOf(otherKey), goOn)), { status: 404, code: 'thread_not_found' });
  assert.deepEqual(await refusal(create(client, { ...goOn, system: 'T' })), { status: 400, code: 'thread_fingerprint_mismatch' });
  for (const thread of [{}, 7, 'create', { type: 'continue' }, { type: 'continue', previous_message_id: '' }, { type: 'create', pad: 'x'.repeat(5000) }])
    assert.deepEqual(await refusal(create(client, { ...goOn, thread })), { status: 400, code: 'invalid_request' });
  assert.equal(sent().length, 0);
  await create(client, { ...goOn, system: 'S', thread: { previous_message_id: id, type: 'continue' } });
});

test('a torn answer is no turn', async () => {
  const response = await fetch(`${gateway.url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': key },
    body: JSON.stringify({ model: 'c/text-30+cut-4', max_tokens: 50, stream: true, thread: { type: 'create' }, messages: [user('hi')] }),
  });
  const id = /"id":"([^"]+)"/.exec(await response.text())?.[1] ?? '';
  assert.ok(id !== '');
  const goOn = create(clientOf(), { model: 'c/echo', thread: { type: 'continue', previous_message_id: id }, messages: [user('x')] });
  assert.deepEqual(await refusal(goOn), { status: 404, code: 'thread_not_found' });
});

test('without a store the library is told to send everything, and does', async () => {
  const off = await start({ conversations: 'off' });
  const refused = create(clientOf(key, off), { model: 'c/echo', thread: { type: 'create' }, messages: [user('hi')] });
  assert.deepEqual(await refusal(refused), { status: 400, code: 'thread_unsupported_request' });
  await off.close({ graceMs: 0 });
});

test('a conversation may not grow over the limit of a body', async () => {
  const small = await start({ server: { host: '127.0.0.1', port: 0, allowedHosts: [], keyless: false, bodyLimit: 3000 } });
  const client = clientOf(key, small);
  const { id } = await create(client, { model: 'c/echo', thread: { type: 'create' }, messages: [user('a'.repeat(1000))] });
  const goOn = create(client, { model: 'c/echo', thread: { type: 'continue', previous_message_id: id }, messages: [user('b'.repeat(1500))] });
  assert.deepEqual(await refusal(goOn), { status: 413, code: 'request_too_large' });
  await small.close({ graceMs: 0 });
});

test('in a file a thread outlives the gateway', async (context) => {
  const file = path.join(tmpdir(), `threads-${crypto.randomUUID()}`, 'turns.sqlite');
  context.after(() => rm(path.dirname(file), { recursive: true, force: true }));
  const conversations = { ...defaultKeeping, file };
  const before = await start({ conversations });
  const { id } = await create(clientOf(key, before), { model: 'c/echo', thread: { type: 'create' }, messages: [user('remember')] });
  await before.close({ graceMs: 0 });
  const later = await start({ conversations });
  base = mock.seen.length;
  await create(clientOf(key, later), { model: 'a/echo', thread: { type: 'continue', previous_message_id: id }, messages: [user('and?')] });
  assert.match(mock.seen.at(-1)?.body ?? '', /remember/);
  await later.close({ graceMs: 0 });
});
