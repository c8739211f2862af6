import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { mockModels } from 'modelwire/internal/providers/mock-name';
import OpenAI, { APIError } from 'openai';
import { startKeepingServer } from '../../../../test/support/keeping-server.ts';
import { type MockServer, startMockServer } from '../../../../test/support/mock-server.ts';
import type { ScriptedServer } from '../../../../test/support/scripted-server.ts';
import { testConfig, testProvider } from '../../../../test/support/test-config.ts';
import { hashKey } from '../keys/keys.ts';
import { type Gateway, startGateway } from './gateway.ts';

/** Responses that their provider keeps itself, asked for by their id through the gateway. */
const keys = ['sk-kept-elsewhere-caller', 'sk-kept-elsewhere-another'] as const;
let provider: ScriptedServer;
let mock: MockServer;
let gateway: Gateway;
let client: OpenAI;
let other: OpenAI;

before(async () => {
  [provider, mock] = await Promise.all([startKeepingServer(), startMockServer()]);
  const keeper = testProvider('keeper', provider.url, ['openai-responses'], { models: ['m'], quirks: { storesResponses: true } });
  const own = testProvider('own', provider.url, ['openai-responses'], { models: ['m'], quirks: { storesResponses: true, ownState: true } });
  const providers = [keeper, own, testProvider('c', mock.url, ['openai-chat'], { models: mockModels })];
  const known = keys.map((key, index) => ({ name: `caller-${index}`, sha256: hashKey(key).replace('sha256:', '') }));
  gateway = await startGateway({ config: testConfig(providers, { keys: known }), version: 'test', env: {} });
  [client, other] = keys.map((apiKey) => new OpenAI({ apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 })) as [OpenAI, OpenAI];
});

after(async () => {
  await gateway.close({ graceMs: 0 });
  await Promise.all([provider.close(), mock.close()]);
});

async function refusal(call: PromiseLike<unknown>): Promise<APIError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof APIError) return error;
    throw error;
  }
  throw new Error('it was answered');
}

const last = (): ScriptedServer['received'][number] | undefined => provider.received.at(-1);

test('a response is found, listed, cancelled and deleted where it was made', async () => {
  const { id } = await client.responses.create({ model: 'keeper/m', input: 'hi' });
  assert.doesNotMatch(last()?.body ?? '', /include/, 'the request passed as it came');
  const found = await client.responses.retrieve(id, { include: ['reasoning.encrypted_content'] });
  assert.equal(found.output_text, 'kept there');
  assert.deepEqual([last()?.method, last()?.url], ['GET', `/v1/responses/${id}?include%5B%5D=reasoning.encrypted_content`]);
  assert.equal(last()?.headers.authorization, 'Bearer sk-upstream-secret-key');
  assert.deepEqual((await client.responses.inputItems.list(id)).data, []);
  assert.equal(last()?.url, `/v1/responses/${id}/input_items`);
  assert.equal((await client.responses.cancel(id)).status, 'cancelled');
  await client.responses.delete(id);
  assert.equal(last()?.method, 'DELETE');
  const before = provider.received.length;
  assert.deepEqual([(await refusal(client.responses.retrieve(id))).status, provider.received.length], [404, before], 'it is forgotten here too');
});

test('of a stream it is known from its first event on, and it can be streamed again', async () => {
  for await (const event of await client.responses.create({ model: 'keeper/m', input: 'streamed', stream: true, background: true })) {
    if (event.type !== 'response.created') continue;
    assert.equal((await client.responses.retrieve(event.response.id)).output_text, 'kept there');
    const numbers = [];
    for await (const again of await client.responses.retrieve(event.response.id, { stream: true, starting_after: 0 })) numbers.push(again.sequence_number);
    assert.deepEqual(numbers, [1, 2]);
  }
});

test('thinking that is the provider’s own is sealed whenever it is asked for, whole and streamed', async () => {
  const include = ['reasoning.encrypted_content' as const];
  const stateIn = ({ output }: { output: OpenAI.Responses.ResponseOutputItem[] }) =>
    output.flatMap((item) => (item.type === 'reasoning' ? [item.encrypted_content] : []));
  for (const [name, state] of [
    ['keeper', 'made there'],
    ['own', 'mw1.own.e.made there'],
  ] as const) {
    const made = await client.responses.create({ model: `${name}/m`, input: 'think', include });
    assert.deepEqual(stateIn(made), [state]);
    assert.deepEqual(stateIn(await client.responses.retrieve(made.id)), [state]);
    assert.deepEqual(stateIn(await client.responses.cancel(made.id)), [state]);
    const events: OpenAI.Responses.ResponseStreamEvent[] = [];
    for await (const event of await client.responses.retrieve(made.id, { stream: true })) events.push(event);
    assert.deepEqual(
      events.map(({ type }) => type),
      ['response.created', 'response.output_text.delta', 'response.completed'],
    );
    assert.deepEqual(
      events.flatMap((event) => (event.type === 'response.completed' ? stateIn(event.response) : [])),
      [state],
    );
    await client.responses.delete(made.id);
  }
});

test('one in the background is the provider’s', async () => {
  const queued = await client.responses.create({ model: 'keeper/m', input: 'later', background: true });
  assert.equal(queued.status, 'queued');
  assert.match(last()?.body ?? '', /"background":true/);
  assert.equal((await client.responses.retrieve(queued.id)).id, queued.id);
});

test('nobody finds another key’s, and what nobody knows is not found', async () => {
  const { id } = await client.responses.create({ model: 'keeper/m', input: 'mine' });
  const before = provider.received.length;
  for (const call of [other.responses.retrieve(id), other.responses.delete(id), other.responses.cancel(id), client.responses.retrieve('resp_never')]) {
    const error = await refusal(call);
    assert.deepEqual([error.status, error.type], [404, 'invalid_request_error']);
  }
  assert.equal(provider.received.length, before);
});

test('what the provider keeps no longer is not found, in OpenAI’s shape', async () => {
  const { id } = await client.responses.create({ model: 'keeper/m', input: 'soon gone' });
  await fetch(`${provider.url}/v1/responses/${id}`, { method: 'DELETE' });
  const error = await refusal(client.responses.retrieve(id));
  assert.deepEqual([error.status, error.type], [404, 'invalid_request_error']);
});

test('what is not stored there is not asked for there', async () => {
  const { id } = await client.responses.create({ model: 'keeper/m', input: 'x', store: false });
  const before = provider.received.length;
  assert.equal((await refusal(client.responses.retrieve(id))).status, 404);
  assert.equal(provider.received.length, before);
});

test('its own ids go to it as they are; what was said elsewhere goes to it in full', async () => {
  const there = await client.responses.create({ model: 'keeper/m', input: 'one' });
  const next = await client.responses.create({ model: 'keeper/m', input: 'two', previous_response_id: there.id });
  assert.equal(next.previous_response_id, there.id);
  const here = await client.responses.create({ model: 'c/echo', input: 'said elsewhere' });
  const named = here.output.map(({ id }) => ({ type: 'item_reference' as const, id: id ?? '' }));
  const its = { type: 'item_reference' as const, id: there.output[0]?.id ?? '' };
  await client.responses.create({ model: 'keeper/m', input: [its, ...named, { role: 'user', content: 'three' }] });
  const { input } = JSON.parse(last()?.body ?? '{}');
  assert.deepEqual([input[0], input[1].content[0].text, input[2].content], [its, 'said elsewhere', 'three']);
  await client.responses.create({ model: 'keeper/m', input: 'four', previous_response_id: here.id });
  assert.match(last()?.body ?? '', /said elsewhere.*four/);
  assert.doesNotMatch(last()?.body ?? '', /previous_response_id/);
});

test('a conversation that it keeps is asked for by the header, and gone on with by its id', async () => {
  const headers = { 'modelwire-provider': 'keeper' };
  const conversation = await client.conversations.create({ metadata: { a: 'b' } }, { headers });
  assert.deepEqual(conversation.metadata, { kept: 'there' });
  assert.equal((await client.conversations.retrieve(conversation.id, { headers })).id, conversation.id);
  assert.equal((await refusal(client.conversations.retrieve(conversation.id))).status, 404, 'it is not one that is kept here');
  await client.responses.create({ model: 'keeper/m', input: 'x', conversation: conversation.id });
  assert.match(last()?.body ?? '', new RegExp(`"conversation":"${conversation.id}"`));
  const error = await refusal(client.responses.create({ model: 'c/echo', input: 'x', conversation: conversation.id }));
  assert.deepEqual([error.status, error.param], [404, 'conversation']);
});

test('a conversation is compacted by a provider that can', async () => {
  const compacted = await client.responses.compact({ model: 'keeper/m', input: 'a long story' });
  assert.deepEqual(compacted.output.at(-1), { id: 'cmp_1', type: 'compaction', encrypted_content: 'made there' });
  assert.deepEqual([last()?.url, JSON.parse(last()?.body ?? '{}')], ['/v1/responses/compact', { model: 'm', input: 'a long story' }]);
  const error = await refusal(client.responses.compact({ model: 'c/echo', input: 'a long story' }));
  assert.equal(error.status, 404);
  assert.match(error.message, /c does not speak openai-responses.*openai/s);
});
