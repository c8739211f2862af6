import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { DialectName } from 'modelwire/internal/core/ir';
import { mockModels } from 'modelwire/internal/providers/mock-name';
import OpenAI, { APIError } from 'openai';
import { type MockServer, startMockServer } from '../../../../test/support/mock-server.ts';
import { testConfig, testProvider } from '../../../../test/support/test-config.ts';
import { hashKey } from '../keys/keys.ts';
import { type Gateway, startGateway } from './gateway.ts';

/** Items that a request names by their ids, as the AI SDK's OpenAI provider does by default of all that the model has said. */
const backs: { readonly [name: string]: DialectName } = {
  r: 'openai-responses',
  c: 'openai-chat',
  a: 'anthropic-messages',
  g: 'gemini',
  h: 'cohere',
  o: 'ollama',
  b: 'bedrock-converse',
};
const keys = ['sk-named-items-caller', 'sk-named-items-another'] as const;
let mock: MockServer;
let gateway: Gateway;
let client: OpenAI;
let other: OpenAI;
let base = 0;

before(async () => {
  mock = await startMockServer();
  const providers = Object.entries(backs).map(([name, dialect]) => testProvider(name, mock.url, [dialect], { models: mockModels }));
  const known = keys.map((key, index) => ({ name: `caller-${index}`, sha256: hashKey(key).replace('sha256:', '') }));
  gateway = await startGateway({ config: testConfig(providers, { keys: known }), version: 'test', env: {} });
  [client, other] = keys.map((apiKey) => new OpenAI({ apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 })) as [OpenAI, OpenAI];
});

after(async () => {
  await gateway.close({ graceMs: 0 });
  await mock.close();
});

beforeEach(() => {
  base = mock.seen.length;
});

const lastBody = (): string => mock.seen.slice(base).at(-1)?.body ?? '';
const reference = (id: string | undefined): OpenAI.Responses.ResponseInputItem => ({ type: 'item_reference', id: id ?? '' });
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

for (const [name, back] of Object.entries(backs)) {
  describe(`on ${back}`, () => {
    test('a tool loop: the call is named, its result is said', async () => {
      const user = { role: 'user' as const, content: [{ type: 'input_text' as const, text: 'Weather?' }] };
      const first = await client.responses.create({ model: `${name}/tool`, input: [user], tools });
      const call = first.output.find((item) => item.type === 'function_call');
      assert.ok(call !== undefined);
      const result = { type: 'function_call_output' as const, call_id: call.call_id, output: 'rain' };
      const second = await client.responses.create({ model: `${name}/tool`, input: [user, ...first.output.map(({ id }) => reference(id)), result], tools });
      assert.equal(second.output_text, 'get_weather returned rain');
      assert.doesNotMatch(lastBody(), /item_reference/);
      const third = await client.responses.create({
        model: `${name}/echo`,
        input: [
          user,
          ...first.output.map(({ id }) => reference(id)),
          result,
          ...second.output.map(({ id }) => reference(id)),
          { role: 'user', content: 'and?' },
        ],
        stream: true,
      });
      for await (const event of third) if (event.type === 'response.completed') assert.equal(event.response.status, 'completed');
      assert.match(lastBody(), /get_weather returned rain/);
    });

    test('thinking that is named goes back with its state', async () => {
      const first = await client.responses.create({ model: `${name}/reasoning`, input: 'Think.', reasoning: { effort: 'high', summary: 'auto' } });
      const second = await client.responses.create({
        model: `${name}/reasoning`,
        input: [{ role: 'user', content: 'Think.' }, ...first.output.map(({ id }) => reference(id)), { role: 'user', content: 'More.' }],
      });
      assert.equal(second.status, 'completed');
      if (back === 'anthropic-messages') assert.match(lastBody(), /"signature":"[^"]/);
      if (back === 'openai-responses') assert.match(lastBody(), /"encrypted_content":"[^"]/);
    });
  });
}

test('what another provider has said can be named too, without a type, by its own key alone', async () => {
  const first = await client.responses.create({ model: 'a/echo', input: 'from Claude' });
  const [message] = first.output;
  const named = [{ id: message?.id } as OpenAI.Responses.ResponseInputItem.ItemReference, { role: 'user' as const, content: 'go on' }];
  assert.equal((await client.responses.create({ model: 'c/echo', input: named })).output_text, 'go on');
  assert.match(lastBody(), /from Claude/);
  const error = await refusal(other.responses.create({ model: 'c/echo', input: named }));
  assert.deepEqual([error.status, error.param, error.type], [404, 'input', 'invalid_request_error']);
  assert.match(error.message, new RegExp(`Item with id '${message?.id}' not found`));
});

test('what the caller said itself can be named by the id that it is listed under', async () => {
  const first = await client.responses.create({ model: 'c/echo', input: 'the beginning' });
  const [item] = (await client.responses.inputItems.list(first.id)).data;
  await client.responses.create({
    model: 'c/echo',
    input: [reference(item?.id), ...first.output.map(({ id }) => reference(id)), { role: 'user', content: 'x' }],
  });
  assert.match(lastBody(), /the beginning.*the beginning.*x/);
});

test('a turn that named items can be gone on from, and lists what they say', async () => {
  const first = await client.responses.create({ model: 'c/echo', input: 'one' });
  const second = await client.responses.create({ model: 'c/echo', input: [...first.output.map(({ id }) => reference(id)), { role: 'user', content: 'two' }] });
  await client.responses.delete(first.id);
  await client.responses.create({ model: 'g/echo', previous_response_id: second.id, input: 'three' });
  assert.match(lastBody(), /one.*two.*two.*three/);
  const types = (await client.responses.inputItems.list(second.id, { order: 'asc' })).data.map(({ type }) => type);
  assert.deepEqual(types, ['message', 'message']);
});

test('what is not kept is not found, before anything is sent', async () => {
  const unstored = await client.responses.create({ model: 'c/echo', input: 'x', store: false });
  const gone = await client.responses.create({ model: 'c/echo', input: 'x' });
  await client.responses.delete(gone.id);
  base = mock.seen.length;
  for (const id of [unstored.output[0]?.id, gone.output[0]?.id, 'msg_never']) {
    for (const store of [true, false]) {
      const error = await refusal(client.responses.create({ model: 'c/echo', input: [reference(id), { role: 'user', content: 'x' }], store }));
      assert.deepEqual([error.status, error.param], [404, 'input']);
    }
  }
  assert.equal(mock.seen.length, base);
});

test('more of them than any conversation has are refused', async () => {
  const input = Array.from({ length: 10_001 }, (_, index) => reference(`msg_${index}`));
  const error = await refusal(client.responses.create({ model: 'c/echo', input }));
  assert.deepEqual([error.status, error.param], [400, 'input']);
});

test('without a store they are refused by name', async () => {
  const off = await startGateway({
    config: testConfig([testProvider('c', mock.url, ['openai-chat'], { models: mockModels })], { conversations: 'off' }),
    version: 'test',
    env: {},
  });
  const error = await refusal(
    new OpenAI({ apiKey: 'any', baseURL: `${off.url}/v1`, maxRetries: 0 }).responses.create({ model: 'c/echo', input: [reference('msg_1')] }),
  );
  assert.deepEqual([error.status, error.code], [400, 'unsupported_parameter']);
  await off.close({ graceMs: 0 });
});
