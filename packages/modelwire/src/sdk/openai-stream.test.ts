import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type Official from 'openai';
import { ChatCompletionStream as OfficialStream } from 'openai/lib/ChatCompletionStream';
import { zodFunction, zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { all } from '../../../../test/support/all.ts';
import { settled, twin } from '../../../../test/support/openai-twin.ts';
import {
  handWritten,
  json,
  mute,
  openaiWire,
  type Script,
  type ScriptedServer,
  silent,
  sse,
  startScriptedServer,
  stream,
  torn,
} from '../../../../test/support/scripted-server.ts';
import { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError, ChatCompletionStream, OpenAI, OpenAIError } from './openai.ts';

const { chunk } = openaiWire;
const ask = { model: 'gpt-5', messages: [{ role: 'user' as const, content: 'Hi' }] };
const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
const withChoices = (...choices: readonly object[]): object => ({ ...chunk({}), choices });
const called = (index: number, id: string, name: string, args: string): object => ({ index, id, type: 'function', function: { name, arguments: args } });
const more = (index: number, args: string): object => ({ index, function: { arguments: args } });
const token = (text: string): object => ({ token: text, bytes: null, logprob: -1, top_logprobs: [] });
const hello = sse(chunk({ role: 'assistant', content: '' }), chunk({ content: 'Hel' }), chunk({ content: 'lo' }), chunk({}, 'stop'), '[DONE]');

const names = [
  'connect',
  'chunk',
  'content',
  'content.delta',
  'content.done',
  'refusal.delta',
  'refusal.done',
  'tool_calls.function.arguments.delta',
  'tool_calls.function.arguments.done',
  'logprobs.content.delta',
  'logprobs.content.done',
  'logprobs.refusal.delta',
  'logprobs.refusal.done',
  'message',
  'chatCompletion',
  'functionToolCall',
  'finalContent',
  'finalMessage',
  'finalChatCompletion',
  'finalFunctionToolCall',
  'totalUsage',
  'end',
] as const;

type AnyStream = ReturnType<Official['chat']['completions']['stream']>;

/** Everything that a stream tells, in order, as it was when it was told; and everything that it promises. */
async function everything(streaming: AnyStream): Promise<unknown> {
  const told: string[] = [];
  for (const name of names) streaming.on(name, (...args: unknown[]) => told.push(JSON.stringify(sorted([name, ...args]))));
  const promised: unknown[] = [];
  for (const promise of ['finalChatCompletion', 'finalContent', 'finalMessage', 'totalUsage', 'finalFunctionToolCall', 'done'] as const) {
    promised.push([promise, await settled(() => streaming[promise]())]);
  }
  const { ended, errored, aborted, messages, currentChatCompletionSnapshot: snapshot } = streaming;
  return { told, promised, all: streaming.allChatCompletions(), ended, errored, aborted, messages, snapshot };
}

/** The same with keys in one order: texts are compared. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  );
}

describe('stream() tells what the official one tells', () => {
  const answers: Readonly<Record<string, string>> = {
    'a text': hello,
    'a text with usage': sse(chunk({ role: 'assistant', content: 'Hi' }), chunk({}, 'stop'), { ...chunk({}), choices: [], usage }, '[DONE]'),
    'a text and its end in one chunk': sse(chunk({ role: 'assistant', content: 'Hi' }, 'stop'), '[DONE]'),
    'a text cut at the limit': sse(chunk({ role: 'assistant', content: 'Hi' }), chunk({}, 'length'), '[DONE]'),
    'nothing at all': sse(chunk({ role: 'assistant', content: '' }), chunk({}, 'stop'), '[DONE]'),
    'a refusal': sse(chunk({ role: 'assistant', content: null, refusal: 'No' }), chunk({ refusal: 'pe' }), chunk({}, 'stop'), '[DONE]'),
    'two choices': sse(
      withChoices(
        { index: 1, delta: { role: 'assistant', content: 'b' }, finish_reason: null },
        { index: 0, delta: { role: 'assistant', content: 'a' }, finish_reason: null },
      ),
      withChoices({ index: 1, delta: { content: 'd' }, finish_reason: 'stop' }, { index: 0, delta: { content: 'c' }, finish_reason: 'stop' }),
      '[DONE]',
    ),
    probabilities: sse(
      withChoices({ index: 0, delta: { role: 'assistant', content: 'a' }, finish_reason: null, logprobs: { content: [token('a')], refusal: null } }),
      withChoices({ index: 0, delta: { content: 'b' }, finish_reason: null, logprobs: { content: [token('b')], refusal: null } }),
      chunk({}, 'stop'),
      '[DONE]',
    ),
    'probabilities of a refusal': sse(
      withChoices({ index: 0, delta: { role: 'assistant', refusal: 'a' }, finish_reason: null, logprobs: { content: null, refusal: [token('a')] } }),
      withChoices({ index: 0, delta: { refusal: 'b' }, finish_reason: 'stop', logprobs: { content: null, refusal: [token('b')] } }),
      '[DONE]',
    ),
    'a call after a text': sse(
      chunk({ role: 'assistant', content: 'Let me' }),
      chunk({ tool_calls: [called(0, 'c1', 'f', '{}')] }),
      chunk({}, 'tool_calls'),
      '[DONE]',
    ),
    'two calls, one after the other': sse(
      chunk({ role: 'assistant', content: null, tool_calls: [called(0, 'c1', 'f', '')] }),
      chunk({ tool_calls: [more(0, '{"a":')] }),
      chunk({ tool_calls: [more(0, '1}')] }),
      chunk({ tool_calls: [called(1, 'c2', 'g', '{}')] }),
      chunk({}, 'tool_calls'),
      '[DONE]',
    ),
    'a custom call': sse(
      chunk({ role: 'assistant', tool_calls: [{ index: 0, id: 'c1', type: 'custom', custom: { name: 'f', input: 'ab' } }] }),
      chunk({ tool_calls: [{ index: 0, custom: { input: 'cd' } }] }),
      chunk({}, 'tool_calls'),
      '[DONE]',
    ),
    'a function call of old': sse(
      chunk({ role: 'assistant', content: null, function_call: { name: 'f', arguments: '{' } }),
      chunk({ function_call: { arguments: '}' } }),
      chunk({}, 'function_call'),
      '[DONE]',
    ),
    audio: sse(
      chunk({ role: 'assistant', audio: { id: 'a1', transcript: 'Hi' } }),
      chunk({ audio: { data: 'AAA=', transcript: ' you' } }),
      chunk({ audio: { data: 'BBB=', expires_at: 5 } }),
      chunk({}, 'stop'),
      '[DONE]',
    ),
    'fields of its own': sse(
      { ...chunk({ role: 'assistant', content: 'a', own: [1] }), service_tier: 'default', system_fingerprint: 'fp' },
      { ...chunk({ own: [2] }, 'stop'), more: { deep: true } },
      '[DONE]',
    ),
  };
  for (const [name, text] of Object.entries(answers)) {
    test(name, async () => {
      await twin(
        () => [stream(text)],
        (client) => everything(client.chat.completions.stream(ask)),
      );
    });
  }

  test('a refusal of the API', async () => {
    await twin(
      () => [json(openaiWire.error('no such model', 'invalid_request_error', 'model_not_found'), { status: 404 })],
      (client) => everything(client.chat.completions.stream(ask)),
    );
  });

  const person = z.object({ name: z.string(), tags: z.array(z.number()) });
  const pieces = ['{"name":"Al', 'ice","t', 'ags":[1,2', ',3]}'];
  const written = (finish: string): string => sse(...pieces.map((content) => chunk({ role: 'assistant', content })), chunk({}, finish), '[DONE]');

  test('a structured answer as far as it can be read', async () => {
    await twin(
      () => [stream(written('stop'))],
      (client) => everything(client.chat.completions.stream({ ...ask, response_format: zodResponseFormat(person, 'person') })),
    );
  });

  test('a structured answer that does not fit, or was cut', async () => {
    const format = { ...ask, response_format: zodResponseFormat(z.object({ name: z.number() }), 'person') };
    for (const text of [written('stop'), written('length'), written('content_filter')]) {
      await twin(
        () => [stream(text)],
        async (client) => await client.chat.completions.stream(format).finalChatCompletion(),
      );
    }
  });

  test('a strict tool’s arguments as far as they can be read', async () => {
    const tools = [zodFunction({ name: 'f', parameters: z.object({ a: z.number(), b: z.string() }) })];
    const text = sse(
      chunk({ role: 'assistant', content: null, tool_calls: [called(0, 'c1', 'f', '')] }),
      chunk({ tool_calls: [more(0, '{"a":1,"b":"x')] }),
      chunk({ tool_calls: [more(0, 'y"}')] }),
      chunk({}, 'tool_calls'),
      '[DONE]',
    );
    await twin(
      () => [stream(text)],
      (client) => everything(client.chat.completions.stream({ ...ask, tools })),
    );
  });

  test('by events() and emitted()', async () => {
    await twin(
      () => [stream(hello)],
      async (client) => {
        const streaming = client.chat.completions.stream(ask);
        const [contents, first, connected] = await Promise.all([all(streaming.events('content')), streaming.emitted('content'), streaming.emitted('connect')]);
        return { contents, first, connected: connected === undefined };
      },
    );
  });

  test('by its chunks', async () => {
    await twin(
      () => [stream(hello)],
      async (client) => await all(client.chat.completions.stream(ask)),
    );
  });

  test('once to once(), no more to what is taken off()', async () => {
    await twin(
      () => [stream(hello)],
      async (client) => {
        const told: string[] = [];
        const off = (text: string): unknown => told.push(`off ${text}`);
        const streaming = client.chat.completions
          .stream(ask)
          .once('content', (text) => told.push(`once ${text}`))
          .on('content', off);
        streaming.off('content', off);
        await streaming.done();
        return told;
      },
    );
  });
});

describe('a stream written and read elsewhere', () => {
  test('is the same here and there, whoever wrote it', async () => {
    const { outcome } = await twin(
      () => [stream(hello)],
      async (client) => await new Response(client.chat.completions.stream(ask).toReadableStream()).text(),
    );
    const { result } = outcome as { result: string };
    const readable = (): ReadableStream => new Response(result).body as ReadableStream;
    const theirs = await everything(OfficialStream.fromReadableStream(readable()) as unknown as AnyStream);
    assert.deepEqual(await everything(ChatCompletionStream.fromReadableStream(readable()) as unknown as AnyStream), theirs);
  });

  test('in any pieces, its characters cut', async () => {
    const line = new TextEncoder().encode(`${JSON.stringify(chunk({ role: 'assistant', content: 'héllo – 🎉' }))}\n${JSON.stringify(chunk({}, 'stop'))}`);
    const bytes = new ReadableStream({
      start(controller) {
        for (const byte of line) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    assert.equal(await ChatCompletionStream.fromReadableStream(bytes).finalContent(), 'héllo – 🎉');
  });

  test('that is not one fails', async () => {
    for (const text of ['{"half":', '[]', '', JSON.stringify(chunk({ role: 'assistant', content: 'x' }))]) {
      const read = ChatCompletionStream.fromReadableStream(new Response(text).body ?? new ReadableStream());
      await assert.rejects(read.finalChatCompletion(), OpenAIError);
    }
  });
});

const servers: ScriptedServer[] = [];
test.after(() => Promise.all(servers.map((server) => server.close())));

async function serve(...scripts: readonly Script[]): Promise<ScriptedServer> {
  const server = await startScriptedServer(...scripts);
  servers.push(server);
  return server;
}

function clientOf({ url }: ScriptedServer, options: object = {}): OpenAI {
  return new OpenAI({ apiKey: 'k', baseURL: `${url}/v1`, maxRetries: 0, ...options });
}

describe('a stream that fails', () => {
  const begun = sse(chunk({ role: 'assistant', content: 'Hel' }));
  /** Everyone who waits for it. */
  const waits: Readonly<Record<string, (streaming: ChatCompletionStream) => Promise<unknown>>> = {
    'the chunks': (streaming) => all(streaming),
    'the events': (streaming) => all(streaming.events('content')),
    'an event that never comes': (streaming) => streaming.emitted('finalContent'),
    'the end': (streaming) => streaming.done(),
    'the completion': (streaming) => streaming.finalChatCompletion(),
    'the text': (streaming) => streaming.finalContent(),
    'the bytes': (streaming) => new Response(streaming.toReadableStream()).text(),
  };
  for (const [what, wait] of Object.entries(waits)) {
    test(`rejects whoever waits for ${what}`, async () => {
      const stop = new AbortController();
      const broken = handWritten(begun);
      const faults: readonly [Script, new (...args: never[]) => Error, object][] = [
        [torn(begun), APIConnectionError, {}],
        [stream(begun), APIConnectionError, {}],
        [stream(begun + sse('[DONE]')), APIConnectionError, {}],
        [stream(sse('[DONE]')), APIConnectionError, {}],
        [silent(begun), APIConnectionTimeoutError, { timeout: 60 }],
        [mute, APIConnectionTimeoutError, { timeout: 60 }],
        [stream(`${begun}data: {oops\n\n`), APIError, {}],
        [stream(begun + sse(openaiWire.error('boom', 'server_error'))), APIError, {}],
        [json(openaiWire.error('busy'), { status: 429 }), APIError, {}],
        [broken.script, APIUserAbortError, { signal: stop.signal }],
      ];
      setTimeout(() => stop.abort(), 100);
      for (const [script, kind, options] of faults) {
        const { signal, ...rest } = options as { signal?: AbortSignal; timeout?: number };
        const streaming = clientOf(await serve(script), rest).chat.completions.stream(ask, signal === undefined ? {} : { signal });
        await assert.rejects(wait(streaming), kind);
        assert.ok(streaming.ended && streaming.errored);
      }
    });
  }

  test('tells error once, then end', async () => {
    const streaming = clientOf(await serve(torn(begun))).chat.completions.stream(ask);
    const told: string[] = [];
    streaming.on('error', (error) => told.push(error.constructor.name));
    streaming.on('abort', () => told.push('abort'));
    streaming.on('end', () => told.push('end'));
    await streaming.done().catch(() => undefined);
    assert.deepEqual(told, ['APIConnectionError', 'end']);
    assert.ok(streaming.errored && !streaming.aborted);
  });

  test('closes the connection when it is aborted, or its loop is left', async () => {
    const server = await serve(silent(begun));
    const aborted = clientOf(server).chat.completions.stream(ask);
    await aborted.emitted('content');
    aborted.abort();
    await assert.rejects(aborted.done(), APIUserAbortError);
    assert.ok(aborted.aborted && aborted.controller.signal.aborted);
    await server.received[0]?.left;
    for await (const one of clientOf(server).chat.completions.stream(ask)) {
      assert.ok(one);
      break;
    }
    await server.received[1]?.left;
  });

  test('with the caller’s signal aborted before it began asks for nothing', async () => {
    const server = await serve(stream(hello));
    const streaming = clientOf(server).chat.completions.stream(ask, { signal: AbortSignal.abort() });
    await assert.rejects(streaming.done(), APIUserAbortError);
    assert.equal(server.received.length, 0);
  });

  test('is left by events() without being aborted', async () => {
    const hand = handWritten(begun);
    const streaming = clientOf(await serve(hand.script)).chat.completions.stream(ask);
    for await (const [text] of streaming.events('content')) {
      assert.equal(text, 'Hel');
      break;
    }
    hand.write(sse(chunk({ content: 'lo' }), chunk({}, 'stop'), '[DONE]'));
    hand.end();
    assert.equal(await streaming.finalContent(), 'Hello');
  });
});

describe('beyond the official one', () => {
  test('calls whose pieces are mixed are told done once, whole', async () => {
    const text = sse(
      chunk({ role: 'assistant', tool_calls: [called(0, 'x', 'f', '{"a":'), called(1, 'y', 'g', '{"b":')] }),
      chunk({ tool_calls: [more(0, '1}'), more(1, '2}')] }),
      chunk({}, 'tool_calls'),
      '[DONE]',
    );
    const done: string[] = [];
    const streaming = clientOf(await serve(stream(text))).chat.completions.stream(ask);
    streaming.on('tool_calls.function.arguments.done', (event) => done.push(`${event.name} ${event.arguments}`));
    await streaming.done();
    assert.deepEqual(done, ['f {"a":1}', 'g {"b":2}']);
  });

  test('what servers leave out is filled in, and thinking is put together', async () => {
    const text = sse(
      chunk({ reasoning_content: 'thi', reasoning_details: [{ n: 1 }] }),
      chunk({ reasoning_content: 'nk', reasoning_details: [{ n: 2 }] }),
      chunk({ tool_calls: [{ index: 0, function: { name: 'f', arguments: '{}' } }] }),
      chunk({}, 'tool_calls'),
      '[DONE]',
    );
    const { tool_calls, ...said } = await clientOf(await serve(stream(text)))
      .chat.completions.stream(ask)
      .finalMessage();
    assert.deepEqual(said, {
      role: 'assistant',
      reasoning_content: 'think',
      reasoning_details: [{ n: 1 }, { n: 2 }],
      content: null,
      refusal: null,
      parsed: null,
    });
    assert.match(tool_calls?.[0]?.id ?? '', /^call_/);
  });

  test('keys named __proto__ and numbers out of all reason do no harm', async () => {
    const text = `data: ${JSON.stringify(chunk({ role: 'assistant', content: 'a' })).replace('"content"', '"__proto__":{"polluted":true},"content"')}\n\n`;
    const far = sse(
      withChoices({ index: 4_000_000_000, delta: { role: 'assistant', tool_calls: [called(4_000_000_000, 'x', 'f', '{}')] }, finish_reason: 'stop' }),
    );
    const streaming = clientOf(await serve(stream(text + far + sse(chunk({}, 'stop'), '[DONE]')))).chat.completions.stream(ask);
    const completion = await streaming.finalChatCompletion();
    assert.equal(Reflect.get(completion.choices[0]?.message ?? {}, 'polluted'), undefined);
    assert.equal(completion.choices.length, 2);
    assert.equal(completion.choices[1]?.message.tool_calls?.length, 1);
  });
});
