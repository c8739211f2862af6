import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCanceller } from '../core/cancel.ts';
import { GatewayError } from '../core/errors.ts';
import { isObject, type JsonObject } from '../core/json-text.ts';
import type { ByteSource, Transport } from '../core/transport.ts';
import { createMockTarget, createMockTransport } from './mock.ts';

type Got = { readonly status: number; readonly headers: Readonly<Record<string, string | undefined>>; readonly text: string; readonly failed: boolean };

const paths = { 'openai-chat': '/v1/chat/completions', 'openai-responses': '/v1/responses', 'anthropic-messages': '/v1/messages' } as const;

async function ask(transport: Transport, dialect: keyof typeof paths | 'count', body: JsonObject | string, signal = createCanceller().signal): Promise<Got> {
  const answer = await transport({
    method: 'POST',
    url: `http://mock.invalid${dialect === 'count' ? '/v1/messages/count_tokens' : paths[dialect]}`,
    headers: { 'content-type': 'application/json', ...(dialect.startsWith('openai') ? {} : { 'anthropic-version': '2023-06-01' }) },
    body: [typeof body === 'string' ? body : JSON.stringify(body)],
    connectMs: 1000,
    headersMs: 1000,
    signal,
  });
  return { status: answer.status, headers: answer.headers, ...(await read(answer.body)) };
}

function read(source: ByteSource): Promise<{ text: string; failed: boolean }> {
  return new Promise((resolve) => {
    const decoder = new TextDecoder();
    let text = '';
    source.start({
      data(chunk) {
        text += decoder.decode(chunk, { stream: true });
      },
      end: () => resolve({ text, failed: false }),
      fail: () => resolve({ text, failed: true }),
    });
  });
}

function json(got: Got): JsonObject {
  const value: unknown = JSON.parse(got.text);
  assert.ok(isObject(value));
  return value;
}

/** The value at a path such as `choices.0.message.content`. */
function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, key) => (Array.isArray(inner) ? inner[Number(key)] : isObject(inner) ? inner[key] : undefined), value);
}

const weather = { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 2 } }, required: ['city', 'days'] };
const openaiTool = { type: 'function', function: { name: 'get_weather', parameters: weather } };
const anthropicTool = { name: 'get_weather', input_schema: weather };

function openai(model: string, rest: JsonObject = {}): JsonObject {
  return { model, messages: [{ role: 'user', content: 'Hello there' }], ...rest };
}

function anthropic(model: string, rest: JsonObject = {}): JsonObject {
  return { model, max_tokens: 1000, messages: [{ role: 'user', content: 'Hello there' }], ...rest };
}

test('echo answers the last user text, with counted usage', async () => {
  const transport = createMockTransport();
  const chat = json(await ask(transport, 'openai-chat', openai('echo')));
  assert.equal(at(chat, 'choices.0.message.content'), 'Hello there');
  assert.deepEqual([at(chat, 'usage.prompt_tokens'), at(chat, 'usage.completion_tokens')], [5, 2]);
  const message = json(await ask(transport, 'anthropic-messages', anthropic('mock/echo')));
  assert.equal(at(message, 'content.0.text'), 'Hello there');
  assert.deepEqual([at(message, 'usage.input_tokens'), at(message, 'usage.output_tokens')], [5, 2]);
});

test('the same request gives the same bytes, another one other ids', async () => {
  const transport = createMockTransport();
  const body = anthropic('tools', { stream: true, tools: [anthropicTool] });
  const first = await ask(transport, 'anthropic-messages', body);
  assert.deepEqual(await ask(createMockTransport(), 'anthropic-messages', body), first);
  const other = await ask(
    transport,
    'anthropic-messages',
    anthropic('tools', { stream: true, tools: [anthropicTool], messages: [{ role: 'user', content: 'Other' }] }),
  );
  assert.notEqual(other.text.slice(0, 100), first.text.slice(0, 100));
});

test('tool calls the named tool with arguments its schema accepts, then quotes the result', async () => {
  const transport = createMockTransport();
  const other = { type: 'function', function: { name: 'other' } };
  const first = json(
    await ask(transport, 'openai-chat', openai('tool', { tools: [other, openaiTool], tool_choice: { type: 'function', function: { name: 'get_weather' } } })),
  );
  const call = at(first, 'choices.0.message.tool_calls.0');
  assert.equal(at(call, 'function.arguments'), '{"city":"city","days":2}');
  assert.equal(at(first, 'choices.0.finish_reason'), 'tool_calls');
  const messages = [
    { role: 'user', content: 'Hello there' },
    at(first, 'choices.0.message'),
    { role: 'tool', tool_call_id: at(call, 'id'), content: '21 degrees' },
  ];
  const second = json(await ask(transport, 'openai-chat', openai('tool', { tools: [openaiTool], messages })));
  assert.equal(at(second, 'choices.0.message.content'), 'get_weather returned 21 degrees');
});

test('tools makes two calls unless parallel calls are off', async () => {
  const transport = createMockTransport();
  const two = json(await ask(transport, 'anthropic-messages', anthropic('tools', { tools: [anthropicTool] })));
  assert.deepEqual([at(two, 'content.0.name'), at(two, 'content.1.name')], ['get_weather', 'get_weather']);
  assert.notEqual(at(two, 'content.0.id'), at(two, 'content.1.id'));
  const one = json(
    await ask(transport, 'anthropic-messages', anthropic('tools', { tools: [anthropicTool], tool_choice: { type: 'auto', disable_parallel_tool_use: true } })),
  );
  assert.equal(at(one, 'content.1'), undefined);
});

test('reasoning signs its thinking and wants it back unchanged', async () => {
  const transport = createMockTransport();
  const thinking = { type: 'enabled', budget_tokens: 1024 };
  const body = anthropic('reasoning', { max_tokens: 2000, thinking, tools: [anthropicTool] });
  const first = json(await ask(transport, 'anthropic-messages', body));
  const content = at(first, 'content');
  assert.ok(Array.isArray(content));
  const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: at(first, 'content.1.id'), content: 'sunny' }] };
  const turn = (blocks: unknown): JsonObject => ({
    ...body,
    messages: [{ role: 'user', content: 'Hello there' }, { role: 'assistant', content: blocks }, result],
  });
  const second = json(await ask(transport, 'anthropic-messages', turn(content)));
  assert.equal(at(second, 'content.1.text'), 'get_weather returned sunny');
  const forged = await ask(
    transport,
    'anthropic-messages',
    turn([{ type: 'thinking', thinking: 'changed', signature: at(first, 'content.0.signature') }, content[1]]),
  );
  assert.equal(at(json(forged), 'error.message'), 'messages.1.content.0: Invalid `signature` in `thinking` block');
  const bare = await ask(transport, 'anthropic-messages', turn([content[1]]));
  assert.match(String(at(json(bare), 'error.message')), /Expected `thinking` or `redacted_thinking`, but found `tool_use`/);
});

test('json follows the schema, whichever field it comes in', async () => {
  const transport = createMockTransport();
  const schema = {
    type: 'object',
    properties: { name: { type: 'string' }, kind: { enum: ['a', 'b'] } },
    required: ['name', 'kind'],
    additionalProperties: false,
  };
  const chat = json(
    await ask(transport, 'openai-chat', openai('json', { response_format: { type: 'json_schema', json_schema: { name: 'thing', schema, strict: true } } })),
  );
  assert.equal(at(chat, 'choices.0.message.content'), '{"name":"name","kind":"a"}');
  const message = json(await ask(transport, 'anthropic-messages', anthropic('json', { output_config: { format: { type: 'json_schema', schema } } })));
  assert.equal(at(message, 'content.0.text'), '{"name":"name","kind":"a"}');
});

test('limits and stop strings end the text', async () => {
  const transport = createMockTransport();
  const cut = json(await ask(transport, 'openai-chat', openai('text-50', { max_completion_tokens: 3 })));
  assert.deepEqual([at(cut, 'choices.0.message.content'), at(cut, 'choices.0.finish_reason')], ['lorem ipsum dolor', 'length']);
  const stopped = json(await ask(transport, 'anthropic-messages', anthropic('text-50', { stop_sequences: ['sit', 'dolor'] })));
  assert.deepEqual([at(stopped, 'content.0.text'), at(stopped, 'stop_reason'), at(stopped, 'stop_sequence')], ['lorem ipsum ', 'stop_sequence', 'dolor']);
  assert.equal(at(json(await ask(transport, 'anthropic-messages', anthropic('length'))), 'stop_reason'), 'max_tokens');
});

test('vision names the media it got', async () => {
  const transport = createMockTransport();
  const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } };
  const file = { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,AAAAAA==' } };
  const chat = json(await ask(transport, 'openai-chat', openai('vision', { messages: [{ role: 'user', content: [image, file] }] })));
  assert.equal(at(chat, 'choices.0.message.content'), 'image image/png 3 bytes\ndocument application/pdf 4 bytes a.pdf');
  const blocks = [
    { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
    { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'abc' } },
  ];
  const message = json(await ask(transport, 'anthropic-messages', anthropic('vision', { messages: [{ role: 'user', content: blocks }] })));
  assert.equal(at(message, 'content.0.text'), 'image https://example.com/a.png\ndocument text/plain 3 bytes');
});

test('inspect shows the body as it came', async () => {
  const body = '{ "model":"inspect", "messages":[{"role":"user","content":"x"}], "seed": 9007199254740993, "odd": 1 }';
  assert.equal(at(json(await ask(createMockTransport(), 'openai-chat', body)), 'choices.0.message.content'), body);
});

test('a token count is the usage of the same request', async () => {
  const transport = createMockTransport();
  const { max_tokens: _, ...counted } = anthropic('echo', { system: 'Be brief.', tools: [anthropicTool] });
  const count = at(json(await ask(transport, 'count', counted)), 'input_tokens');
  const message = json(await ask(transport, 'anthropic-messages', { ...counted, max_tokens: 10 }));
  assert.equal(at(message, 'usage.input_tokens'), count);
});

test('an unknown model is 404 in the shape of the dialect, with the nearest name', async () => {
  const transport = createMockTransport();
  const chat = await ask(transport, 'openai-chat', openai('reasonin'));
  assert.equal(chat.status, 404);
  assert.deepEqual(json(chat), {
    error: { message: 'The model `reasonin` does not exist; did you mean `reasoning`?', type: 'invalid_request_error', param: null, code: 'model_not_found' },
  });
  const message = await ask(transport, 'anthropic-messages', anthropic('status-99'));
  assert.deepEqual([message.status, at(json(message), 'error.type')], [404, 'not_found_error']);
});

test('faults: statuses, html, nothing, errors inside', async () => {
  const transport = createMockTransport();
  const limited = await ask(transport, 'anthropic-messages', anthropic('status-429'));
  assert.deepEqual([limited.status, limited.headers['retry-after'], at(json(limited), 'error.type')], [429, '1', 'rate_limit_error']);
  assert.equal((await ask(transport, 'openai-chat', openai('status-302'))).headers['location'], 'http://elsewhere.invalid/');
  assert.match((await ask(transport, 'openai-chat', openai('html-403'))).text, /^<!DOCTYPE html>.*Cloudflare/s);
  assert.deepEqual((await ask(transport, 'openai-chat', openai('empty'))).text, '');
  const inside = await ask(transport, 'openai-chat', openai('error-inside'));
  assert.deepEqual([inside.status, at(json(inside), 'error.type')], [200, 'server_error']);
});

test('faults in a stream: torn, ended early, unterminated, garbled, failed', async () => {
  const transport = createMockTransport();
  const stream = (model: string): Promise<Got> => ask(transport, 'openai-chat', openai(model, { stream: true }));
  const count = (got: Got): number => got.text.split('\n\n').length - 1;
  const torn = await stream('cut-2');
  assert.deepEqual([count(torn), torn.failed], [2, true]);
  const early = await stream('end-2');
  assert.deepEqual([count(early), early.failed], [2, false]);
  const whole = (await stream('echo')).text;
  assert.equal((await stream('echo+no-done')).text.replaceAll('echo+no-done', 'echo').length, whole.length - 'data: [DONE]\n\n'.length);
  assert.match((await stream('garbage')).text, /data: \{"torn": "in the midd\n\n/);
  assert.match((await stream('error-midstream')).text, /data: \{"error":\{"message":".*?"type":"server_error".*\}\}\n\n$/);
  const half = await ask(transport, 'anthropic-messages', anthropic('cut-1'));
  assert.ok(half.failed && half.text.length > 100);
});

test('flaky-N fails N times a request, then answers, and begins anew', async () => {
  const transport = createMockTransport();
  const statuses: number[] = [];
  for (let i = 0; i < 4; i++) statuses.push((await ask(transport, 'openai-chat', openai('flaky-2'))).status);
  assert.deepEqual(statuses, [503, 503, 200, 503]);
});

/** Timers that run when told. */
function fakeTimers(): { after(ms: number, run: () => void): () => void; readonly waits: number[]; fire(): void } {
  const waits: number[] = [];
  let due: (() => void) | undefined;
  return {
    after(ms, run) {
      waits.push(ms);
      due = run;
      return () => (due = undefined);
    },
    waits,
    fire() {
      const run = due;
      due = undefined;
      run?.();
    },
  };
}

test('slow and drip wait by the clock they are given, and stop with the caller', async () => {
  const timers = fakeTimers();
  const transport = createMockTransport({ after: timers.after });
  const caller = createCanceller();
  const asked = ask(transport, 'openai-chat', openai('slow-70+drip-5', { stream: true }), caller.signal);
  timers.fire();
  await Promise.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  timers.fire();
  assert.deepEqual(timers.waits, [70, 5, 5]);
  caller.abort(new GatewayError('client_gone', 'gone'));
  const got = await asked;
  assert.deepEqual([got.failed, got.text.split('\n\n').length - 1], [true, 2]);
  await assert.rejects(ask(transport, 'openai-chat', openai('slow-70'), caller.signal), /gone/);
});

test('slower than the deadline of the head is the deadline', async () => {
  const timers = fakeTimers();
  const asked = ask(createMockTransport({ after: timers.after }), 'openai-chat', openai('slow-5000'));
  timers.fire();
  await assert.rejects(asked, { code: 'deadline_headers' });
});

test('a paused reader gets nothing, a resumed one the rest, an aborted one nothing more', async () => {
  const transport = createMockTransport();
  const answer = await transport({
    method: 'POST',
    url: 'http://mock.invalid/v1/chat/completions',
    headers: { 'content-type': 'application/json' },
    body: [JSON.stringify(openai('text-20', { stream: true }))],
    connectMs: 1,
    headersMs: 1,
    signal: createCanceller().signal,
  });
  let chunks = 0;
  let ended = 0;
  answer.body.start({
    data() {
      chunks++;
      if (chunks === 3) answer.body.pause();
      if (chunks === 6) answer.body.abort();
    },
    end: () => ended++,
    fail: () => ended++,
  });
  assert.equal(chunks, 3);
  answer.body.resume();
  assert.deepEqual([chunks, ended], [6, 0]);
});

test('hang sends a head and then nothing until the caller leaves', async () => {
  const caller = createCanceller();
  const asked = ask(createMockTransport(), 'anthropic-messages', anthropic('hang', { stream: true }), caller.signal);
  await new Promise((resolve) => setImmediate(resolve));
  caller.abort(new GatewayError('client_gone', 'gone'));
  assert.deepEqual(await asked.then((got) => [got.status, got.text, got.failed]), [200, '', true]);
});

test('a target speaks every dialect, or the one that was asked for', () => {
  assert.deepEqual(Object.keys(createMockTarget('echo').speaks), ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini']);
  assert.deepEqual(Object.keys(createMockTarget('echo', 'anthropic-messages').speaks), ['anthropic-messages']);
});

test('the Responses format: summaries and secrets for those who ask, arguments of parallel calls one after the other', async () => {
  const transport = createMockTransport();
  const tools = [
    { type: 'function', name: 'get_weather', parameters: weather },
    { type: 'custom', name: 'note' },
  ];
  const plain = json(await ask(transport, 'openai-responses', { model: 'reasoning', input: 'Hello there' }));
  assert.deepEqual([at(plain, 'output.0.summary'), at(plain, 'output.0.encrypted_content')], [[], undefined]);
  const body = { model: 'reasoning', input: 'Hello there', reasoning: { summary: 'auto' }, include: ['reasoning.encrypted_content'], tools };
  const asked = json(await ask(transport, 'openai-responses', body));
  assert.equal(at(asked, 'output.0.summary.1.text'), 'I will answer plainly.');
  assert.match(String(at(asked, 'output.0.encrypted_content')), /^gAAAA/);
  assert.deepEqual([at(asked, 'output.1.type'), at(asked, 'output.1.arguments')], ['function_call', '{"city":"city","days":2}']);
  const both = (await ask(transport, 'openai-responses', { model: 'tools', input: 'Both?', tools, stream: true })).text;
  const types = [...both.matchAll(/^event: response\.(.*)$/gm)].map(([, type]) => type);
  assert.deepEqual(types.slice(0, 3), ['created', 'in_progress', 'output_item.added']);
  assert.deepEqual(types.slice(-5), ['output_item.added', 'custom_tool_call_input.delta', 'custom_tool_call_input.done', 'output_item.done', 'completed']);
  const cut = json(await ask(transport, 'openai-responses', { model: 'text-50', input: 'x', max_output_tokens: 16 }));
  assert.deepEqual([cut['status'], at(cut, 'incomplete_details.reason'), at(cut, 'output.0.status')], ['incomplete', 'max_output_tokens', 'incomplete']);
  const failed = (await ask(transport, 'openai-responses', { model: 'text-30+error-midstream', input: 'x', stream: true })).text;
  assert.match(failed, /event: error\ndata: \{"type":"error","sequence_number":0,"error":\{"message"/);
});
