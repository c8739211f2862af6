import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createFetch } from 'modelwire/fetch';
import type { DialectName } from 'modelwire/internal/core/ir';
import { mockModels } from 'modelwire/internal/providers/mock-name';
import type { CallRecord } from 'modelwire/internal/runtime/record';
import { type ChatResponse, type Message, Ollama } from 'ollama/browser';
import { type MockServer, startMockServer } from '../../../../test/support/mock-server.ts';
import { testConfig, testProvider } from '../../../../test/support/test-config.ts';
import { hashKey } from '../keys/keys.ts';
import { type Gateway, startGateway } from './gateway.ts';

/** Ollama's official client against a real socket, on every back. `test/clients` has the rest of what it does. */
const key = 'sk-ollama-caller-key';
const backs: { readonly [name: string]: DialectName } = { o: 'ollama', c: 'openai-chat', a: 'anthropic-messages', g: 'gemini' };
const records: CallRecord[] = [];
let mock: MockServer;
let gateway: Gateway;
let ollama: Ollama;

before(async () => {
  mock = await startMockServer();
  const providers = Object.entries(backs).map(([name, dialect]) => testProvider(name, mock.url, [dialect], { models: mockModels }));
  gateway = await startGateway({
    config: testConfig(providers, { keys: [{ name: 'caller', sha256: hashKey(key).replace('sha256:', '') }] }),
    version: 'test',
    env: {},
    log: (_line, record) => records.push(record),
  });
  ollama = new Ollama({ host: gateway.url, headers: { authorization: `Bearer ${key}` } });
});

after(async () => {
  await gateway.close({ graceMs: 0 });
  await mock.close();
});

const hello: Message[] = [{ role: 'user', content: 'Hello there' }];
const weather = {
  type: 'function',
  function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } },
};

async function post(path: string, body: object): Promise<Response> {
  return await fetch(gateway.url + path, { method: 'POST', headers: { authorization: `Bearer ${key}` }, body: JSON.stringify(body) });
}

async function linesOf(messages: AsyncIterable<ChatResponse>): Promise<ChatResponse[]> {
  const lines: ChatResponse[] = [];
  for await (const line of messages) lines.push(line);
  return lines;
}

for (const back of Object.keys(backs)) {
  describe(`on ${backs[back]}`, () => {
    test('a whole answer and a stream', async () => {
      const whole = await ollama.chat({ model: `${back}/echo`, messages: hello });
      assert.deepEqual([whole.message.content, whole.prompt_eval_count, whole.eval_count], ['Hello there', 5, 2]);
      const lines = await linesOf(await ollama.chat({ model: `${back}/echo`, messages: hello, stream: true }));
      assert.equal(lines.map((line) => line.message.content).join(''), 'Hello there');
      assert.deepEqual([lines.at(-1)?.done, lines.at(-1)?.done_reason, lines.at(-1)?.eval_count], [true, 'stop', 2]);
    });

    test('a tool in two steps, streamed', async () => {
      const asked = { model: `${back}/tool`, tools: [weather], stream: true as const };
      const first = await linesOf(await ollama.chat({ ...asked, messages: hello }));
      const calls = first.flatMap((line) => line.message.tool_calls ?? []);
      assert.deepEqual(
        calls.map((call) => [call.function.name, call.function.arguments]),
        [['get_weather', { city: 'city' }]],
      );
      const said: Message[] = [
        { role: 'assistant', content: '', tool_calls: calls },
        { role: 'tool', content: 'rain', tool_name: 'get_weather' },
      ];
      const second = await linesOf(await ollama.chat({ ...asked, messages: [...hello, ...said] }));
      assert.equal(second.map((line) => line.message.content).join(''), 'get_weather returned rain');
    });

    test('a stream that breaks ends in an error line', async () => {
      const torn = await post('/api/chat', { model: `${back}/text-30+cut-6`, messages: hello });
      const last: unknown = JSON.parse((await torn.text()).trimEnd().split('\n').at(-1) ?? '');
      assert.ok(typeof last === 'object' && last !== null && 'error' in last && 'code' in last && last.code === 'upstream_stream_cut');
    });
  });
}

test('within the dialect the lines pass as they came, and the record knows what they cost', async () => {
  const body = { messages: hello, options: { num_ctx: 99 }, keep_alive: '1m', x_unknown: { a: 1.0 } };
  const direct = await (
    await fetch(`${mock.url}/api/chat`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'text-20', ...body }),
    })
  ).text();
  const relayed = await post('/api/chat', { model: 'o/text-20', ...body });
  assert.equal(relayed.headers.get('content-type'), 'application/x-ndjson');
  assert.equal(await relayed.text(), direct);
  assert.deepEqual(JSON.parse(mock.seen.at(-1)?.body ?? ''), { model: 'text-20', ...body });
  assert.equal(mock.seen.at(-1)?.headers['authorization'], 'Bearer sk-upstream-secret-key');
  await new Promise((resolve) => setTimeout(resolve, 50));
  const record = records.findLast((one) => one.asked === 'o/text-20');
  assert.deepEqual([record?.format, record?.attempts[0]?.mode, record?.usage?.output, record?.finish], ['ollama', 'relay', 20, 'stop']);
});

test('callers of other formats reach an Ollama server', async () => {
  const chat = await post('/v1/chat/completions', { model: 'o/echo', messages: hello });
  const { choices } = (await chat.json()) as { choices: { message: { content: string } }[] };
  assert.equal(choices[0]?.message.content, 'Hello there');
  const streamed = await (await post('/v1/messages', { model: 'o/reasoning', max_tokens: 100, messages: hello, stream: true })).text();
  assert.match(streamed, /"thinking_delta"[\s\S]*"text_delta"[\s\S]*event: message_stop/);
  const forced = { model: 'o/json', messages: hello, tools: [weather], tool_choice: 'required' };
  const called = (await (await post('/v1/chat/completions', forced)).json()) as {
    choices: { finish_reason: string; message: { tool_calls: { function: object }[] } }[];
  };
  const { finish_reason: finish, message } = called.choices[0] ?? assert.fail();
  assert.deepEqual([finish, message.tool_calls.map((call) => call.function)], ['tool_calls', [{ name: 'get_weather', arguments: '{"city":"city"}' }]]);
  const other = { type: 'function', function: { name: 'get_time', parameters: { type: 'object', properties: {} } } };
  const refused = await post('/v1/chat/completions', { ...forced, tools: [weather, other] });
  const { error } = (await refused.json()) as { error: { param: string; message: string } };
  assert.deepEqual([refused.status, error.param], [400, 'tool_choice']);
  assert.match(error.message, /Ollama cannot be made to call a tool/);
});

test('a server is found as Ollama’s clients look for one', async () => {
  const found = await fetch(gateway.url, { headers: { 'user-agent': 'ollama/0.13.0 (amd64 linux) Go/go1.25' } });
  assert.deepEqual([found.status, await found.text()], [200, 'Ollama is running']);
  assert.equal((await fetch(gateway.url, { method: 'HEAD', headers: { 'user-agent': 'ollama-js/0.6' } })).status, 200);
  assert.match(((await (await fetch(gateway.url)).json()) as { name: string }).name, /modelwire/);
  assert.match((await ollama.version()).version, /^\d+\.\d+\.\d+$/);
  assert.equal((await ollama.list()).models.length, Object.keys(backs).length * mockModels.length);
  assert.ok((await ollama.show({ model: 'c/echo' })).capabilities.includes('completion'));
  assert.equal((await post('/api/show', { name: 'c/echo' })).status, 200);
});

test('a model that runs elsewhere is always loaded', async () => {
  const seen = mock.seen.length;
  const doneReason = async (path: string, body: object): Promise<unknown> => {
    const answer = (await (await post(path, { model: 'c/echo', ...body })).json()) as { done: boolean; done_reason?: string; code?: string };
    return answer.done ? answer.done_reason : answer.code;
  };
  assert.equal(await doneReason('/api/chat', {}), 'load');
  assert.equal(await doneReason('/api/chat', { messages: [], keep_alive: 0 }), 'unload');
  assert.equal(await doneReason('/api/generate', { prompt: '', keep_alive: '5m' }), 'load');
  assert.equal(await doneReason('/api/generate', { keep_alive: '0s' }), 'unload');
  assert.equal(mock.seen.length, seen);
  assert.equal(await doneReason('/api/generate', { model: 'c/nobody' }), 'load');
});

test('what only Ollama itself can do is refused in its shape', async () => {
  for (const path of ['/api/pull', '/api/create', '/api/blobs/x']) {
    const response = await post(path, { model: 'x' });
    const body = (await response.json()) as { error: string; code: string };
    assert.deepEqual([response.status, body.code], [404, 'not_found']);
    assert.match(body.error, /at the Ollama server itself\. Served in this format: POST \/api\/chat, [^;]*\. GET \/ tells of all$/);
    assert.doesNotMatch(body.error, /chat\/completions/);
  }
  const wrong = new Ollama({ host: gateway.url, headers: { authorization: 'Bearer wrong' } });
  await assert.rejects(wrong.chat({ model: 'c/echo', messages: hello }), /key/);
});

test('the library is the same server, in this process', async () => {
  const config = { providers: { lab: { baseURL: mock.url, key: 'none', speaks: ['openai-chat'] as const } } };
  const inside = new Ollama({ fetch: createFetch({ env: {}, config }) });
  const lines = await linesOf(await inside.chat({ model: 'lab/echo', messages: hello, stream: true }));
  assert.equal(lines.map((line) => line.message.content).join(''), 'Hello there');
});
