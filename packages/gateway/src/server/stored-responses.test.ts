import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { DialectName } from 'modelwire/internal/core/ir';
import { mockModels } from 'modelwire/internal/providers/mock-name';
import OpenAI, { APIError } from 'openai';
import { type MockServer, startMockServer } from '../../../../test/support/mock-server.ts';
import { responseObjectProblems, responsesStreamProblems } from '../../../../test/support/official-responses.ts';
import { testConfig, testProvider } from '../../../../test/support/test-config.ts';
import { hashKey } from '../keys/keys.ts';
import { type Gateway, startGateway } from './gateway.ts';

/** Responses that the gateway keeps: gone on from, asked for again, made in the background. The official client, on every back. */
const backs: { readonly [name: string]: DialectName } = { r: 'openai-responses', c: 'openai-chat', a: 'anthropic-messages', g: 'gemini' };
const key = 'sk-stored-caller-key';
const otherKey = 'sk-stored-other-key';
let mock: MockServer;
let gateway: Gateway;
let client: OpenAI;

before(async () => {
  mock = await startMockServer();
  const providers = Object.entries(backs).map(([name, dialect]) => testProvider(name, mock.url, [dialect], { models: mockModels }));
  const keys = [key, otherKey].map((one, index) => ({ name: `caller-${index}`, sha256: hashKey(one).replace('sha256:', '') }));
  gateway = await startGateway({ config: testConfig(providers, { keys }), version: 'test', env: {} });
  client = clientOf(key);
});

after(async () => {
  await gateway.close({ graceMs: 0 });
  await mock.close();
});

/** Without what the library adds to it. */
function problems({ output_text: _text, ...response }: OpenAI.Responses.Response): string[] {
  return responseObjectProblems(response);
}

const clientOf = (apiKey: string): OpenAI => new OpenAI({ apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
let base = 0;
const bodies = (): string[] => mock.seen.slice(base).map(({ body }) => body);

beforeEach(() => {
  base = mock.seen.length;
});

const tools: OpenAI.Responses.Tool[] = [
  { type: 'function', name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } }, strict: false },
];

async function settled(id: string): Promise<OpenAI.Responses.Response> {
  for (let tries = 0; tries < 500; tries++) {
    const response = await client.responses.retrieve(id);
    if (response.status !== 'queued' && response.status !== 'in_progress') return response;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('it is still not over');
}

for (const [name, back] of Object.entries(backs)) {
  describe(`on ${back}`, () => {
    test('a tool loop by ids alone: the target gets the whole conversation', async () => {
      const first = await client.responses.create({ model: `${name}/tool`, instructions: 'Be brief.', input: 'Weather?', tools });
      const call = first.output.find((item) => item.type === 'function_call');
      assert.ok(call !== undefined);
      const second = await client.responses.create({
        model: `${name}/tool`,
        previous_response_id: first.id,
        input: [{ type: 'function_call_output', call_id: call.call_id, output: 'rain' }],
        tools,
      });
      assert.equal(second.output_text, 'get_weather returned rain');
      assert.equal(second.previous_response_id, first.id);
      assert.deepEqual(problems(second), []);
      assert.match(bodies()[1] ?? '', /Weather\?/);
      assert.doesNotMatch(bodies()[1] ?? '', /Be brief|previous_response_id/);
      const third = await client.responses.create({ model: `${name}/echo`, previous_response_id: second.id, input: 'and?' });
      assert.equal(third.output_text, 'and?');
    });

    test('thinking goes back to the model that it came from', async () => {
      const first = await client.responses.create({ model: `${name}/reasoning`, input: 'Think.', reasoning: { effort: 'high', summary: 'auto' } });
      await client.responses.create({ model: `${name}/reasoning`, previous_response_id: first.id, input: 'More.' });
      assert.equal(bodies().length, 2);
      if (back === 'anthropic-messages') assert.match(bodies()[1] ?? '', /"signature":"[^"]/);
      if (back === 'openai-responses') assert.match(bodies()[1] ?? '', /"encrypted_content":"[^"]/);
    });

    test('a stream is kept, and says from what it goes on', async () => {
      const first = await client.responses.create({ model: `${name}/echo`, input: 'one' });
      const events = await client.responses.create({ model: `${name}/echo`, input: 'two', previous_response_id: first.id, stream: true });
      const frames = [];
      let last: OpenAI.Responses.Response | undefined;
      for await (const event of events) {
        frames.push({ event: event.type, data: JSON.stringify(event) });
        if ('response' in event) assert.equal(event.response.previous_response_id, first.id);
        if (event.type === 'response.completed') last = event.response;
      }
      assert.deepEqual(responsesStreamProblems(frames), []);
      assert.ok(last !== undefined);
      assert.deepEqual(await client.responses.retrieve(last.id), JSON.parse(JSON.stringify({ ...last, output_text: 'two' })));
      const items = [];
      for await (const item of client.responses.inputItems.list(last.id, { order: 'asc', limit: 1 })) items.push(item);
      assert.deepEqual(
        items.map((item) => (item.type === 'message' ? [item.role, item.content.map((part) => ('text' in part ? part.text : part.type)).join()] : item.type)),
        [
          ['user', 'one'],
          ['assistant', 'one'],
          ['user', 'two'],
        ],
      );
      assert.ok(items.every((item) => typeof item.id === 'string'));
    });

    test('in the background: asked for, and followed from any event on', async () => {
      const promised = await client.responses.create({ model: `${name}/text-30+drip-5`, input: 'hi', background: true });
      assert.equal(promised.status, 'queued');
      assert.deepEqual(problems(promised), []);
      const whole = await settled(promised.id);
      assert.equal(whole.status, 'completed');
      assert.deepEqual(problems(whole), []);
      const all = [];
      for await (const event of await client.responses.retrieve(promised.id, { stream: true })) all.push(event);
      assert.deepEqual(
        all.map((event) => event.sequence_number),
        all.map((_, index) => index),
      );
      assert.ok(all.every((event) => !('response' in event) || event.response.id === promised.id));
      const rest = [];
      for await (const event of await client.responses.retrieve(promised.id, { stream: true, starting_after: 5 })) rest.push(event);
      assert.deepEqual(rest, all.slice(6));
      const next = await client.responses.create({ model: `${name}/echo`, previous_response_id: promised.id, input: 'go on' });
      assert.equal(next.output_text, 'go on');
    });

    test('a caller that leaves a background stream finds it again', async () => {
      const events = await client.responses.create({ model: `${name}/text-40+drip-5`, input: 'hi', background: true, stream: true });
      let id = '';
      let last = -1;
      for await (const event of events) {
        if ('response' in event) ({ id } = event.response);
        last = event.sequence_number;
        if (last >= 5) break;
      }
      const numbers = [];
      let text = '';
      for await (const event of await client.responses.retrieve(id, { stream: true, starting_after: last })) {
        numbers.push(event.sequence_number);
        if (event.type === 'response.completed')
          text = event.response.output
            .map((item) => (item.type === 'message' ? item.content.map((part) => ('text' in part ? part.text : '')).join('') : ''))
            .join('');
      }
      assert.equal(numbers[0], last + 1);
      assert.equal(text.split(' ').length, 40);
    });
  });
}

test('tokens are counted', async () => {
  for (const name of ['c', 'a', 'g']) {
    const count = await client.responses.inputTokens.count({ model: `${name}/echo`, input: 'Hello there' });
    assert.equal(count.object, 'response.input_tokens');
    assert.ok(count.input_tokens > 1);
  }
  const { id } = await client.responses.create({ model: 'c/echo', input: 'a b c d e f g h i j k l m n o p q r s t u v w x y z' });
  const conversation = await client.conversations.create({ items: [{ role: 'user', content: 'one two three four five six seven eight nine ten eleven' }] });
  const alone = await client.responses.inputTokens.count({ model: 'c/echo', input: 'Hello' });
  for (const more of [{ previous_response_id: id }, { conversation: conversation.id }])
    assert.ok((await client.responses.inputTokens.count({ model: 'c/echo', input: 'Hello', ...more })).input_tokens > alone.input_tokens + 10);
});

test('one that is cancelled ends at once, at the provider too', async () => {
  const { id } = await client.responses.create({ model: 'c/text-500+drip-20', input: 'hi', background: true });
  await new Promise((resolve) => setTimeout(resolve, 100));
  const cancelled = await client.responses.cancel(id);
  assert.equal(cancelled.status, 'cancelled');
  assert.equal((await client.responses.retrieve(id)).status, 'cancelled');
  assert.equal(mock.seen.at(-1)?.state, 'gone');
  await assert.rejects(
    client.responses.create({ model: 'c/echo', previous_response_id: id, input: 'x' }),
    (error) => error instanceof APIError && error.status === 400,
  );
});

test('one that fails says why', async () => {
  for (const model of ['c/status-429', 'c/text-20+cut-4', 'r/text-20+cut-4']) {
    const { id } = await client.responses.create({ model, input: 'hi', background: true });
    const failed = await settled(id);
    assert.equal(failed.status, 'failed', model);
    assert.ok((failed.error?.message ?? '') !== '', model);
    assert.deepEqual(problems(failed), []);
  }
});

async function refusal(call: PromiseLike<unknown>): Promise<readonly [number | undefined, string | null | undefined, string | null | undefined]> {
  try {
    await call;
  } catch (error) {
    if (error instanceof APIError) return [error.status, error.code, error.param];
    throw error;
  }
  throw new Error('it was answered');
}

test('deleted is gone, and nobody finds another key’s', async () => {
  const { id } = await client.responses.create({ model: 'c/echo', input: 'mine' });
  const other = clientOf(otherKey);
  assert.deepEqual(await refusal(other.responses.retrieve(id)), [404, 'not_found', null]);
  assert.deepEqual(await refusal(other.responses.delete(id)), [404, 'not_found', null]);
  assert.deepEqual(await refusal(other.responses.inputItems.list(id)), [404, 'not_found', null]);
  assert.deepEqual(await refusal(other.responses.create({ model: 'c/echo', input: 'x', previous_response_id: id })), [
    400,
    'previous_response_not_found',
    'previous_response_id',
  ]);
  assert.equal((await client.responses.retrieve(id)).output_text, 'mine');
  await client.responses.delete(id);
  assert.deepEqual(await refusal(client.responses.retrieve(id)), [404, 'not_found', null]);
  assert.deepEqual(await refusal(client.responses.delete(id)), [404, 'not_found', null]);
});

test('what is not stored is not there, and what cannot be is refused', async () => {
  const { id } = await client.responses.create({ model: 'c/echo', input: 'x', store: false });
  assert.deepEqual(await refusal(client.responses.retrieve(id)), [404, 'not_found', null]);
  assert.deepEqual(await refusal(client.responses.create({ model: 'c/echo', input: 'x', store: false, background: true })), [
    400,
    'invalid_request',
    'background',
  ]);
  assert.deepEqual(await refusal(client.responses.create({ model: 'c/echo', input: 'x', previous_response_id: '' })), [
    400,
    'invalid_request',
    'previous_response_id',
  ]);
  const kept = await client.responses.create({ model: 'c/echo', input: 'x' });
  assert.deepEqual(await refusal(client.responses.cancel(kept.id)), [400, 'invalid_request', null]);
  assert.deepEqual(await refusal(client.responses.retrieve(kept.id, { stream: true })), [400, 'invalid_request', 'stream']);
  assert.deepEqual(await refusal(client.responses.inputItems.list(kept.id, { limit: 1000 })), [400, 'invalid_request', 'limit']);
  assert.deepEqual(await refusal(client.responses.inputItems.list(kept.id, { after: 'nobody' })), [400, 'invalid_request', 'after']);
  const put = await fetch(`${gateway.url}/v1/responses/${kept.id}`, { method: 'PUT', headers: { authorization: `Bearer ${key}` } });
  assert.deepEqual([put.status, put.headers.get('allow')], [405, 'GET, HEAD, DELETE']);
});
