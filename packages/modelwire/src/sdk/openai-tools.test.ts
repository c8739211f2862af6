import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type Official from 'openai';
import { ChatCompletionStreamingRunner as OfficialStreamingRunner } from 'openai/lib/ChatCompletionStreamingRunner';
import { zodFunction } from 'openai/helpers/zod';
import { z } from 'zod';
import type { RunnableToolFunctionWithParse } from 'openai/lib/RunnableFunction';
import { all } from '../../../../test/support/all.ts';
import { settled, twin } from '../../../../test/support/openai-twin.ts';
import { json, openaiWire, type Script, sse, startScriptedServer, stream, torn } from '../../../../test/support/scripted-server.ts';
import { APIConnectionError, APIUserAbortError, ChatCompletionStreamingRunner, OpenAI, ParsingToolFunction } from './openai.ts';
import { zodFunction as ownZodFunction } from './openai-zod.ts';

const { chunk, completion } = openaiWire;
type Call = { readonly id: string; readonly type: string };
const call = (name: string, args = '{"a":1}', id = 'c1'): Call => ({ id, type: 'function', ...{ function: { name, arguments: args } } });

function calling(...tool_calls: readonly Call[]): Script {
  return json({
    ...completion,
    choices: [{ index: 0, message: { role: 'assistant', content: null, refusal: null, tool_calls }, logprobs: null, finish_reason: 'tool_calls' }],
  });
}

const done = json(completion);
const streamedCall = stream(sse(chunk({ role: 'assistant', content: null, tool_calls: [{ index: 0, ...call('f') }] }), chunk({}, 'tool_calls'), '[DONE]'));
const streamedDone = stream(
  sse({ ...chunk({ role: 'assistant', content: 'do' }), id: 'chatcmpl-2' }, { ...chunk({ content: 'ne' }, 'stop'), id: 'chatcmpl-2' }, '[DONE]'),
);

type Tool = RunnableToolFunctionWithParse<Given>;
type Given = { readonly a: number };
const described = { description: 'Does f', parameters: { type: 'object' as const, properties: { a: { type: 'number' as const } } } };
const f = (run: (args: Given, runner: { abort(): void }) => unknown = (args) => ({ got: args })): Tool => ({
  type: 'function',
  function: { name: 'f', parse: JSON.parse, function: run, ...described },
});
const ask = { model: 'gpt-5', messages: [{ role: 'user' as const, content: 'Hi' }] };

const names = [
  'connect',
  'content',
  'message',
  'chatCompletion',
  'functionToolCall',
  'functionToolCallResult',
  'finalContent',
  'finalMessage',
  'finalChatCompletion',
  'finalFunctionToolCall',
  'finalFunctionToolCallResult',
  'totalUsage',
  'end',
] as const;

type Runner = ReturnType<Official['chat']['completions']['runTools']>;

async function everything(runner: Runner): Promise<unknown> {
  const told: unknown[] = [];
  for (const name of names) runner.on(name, (...args: unknown[]) => told.push([name, ...args]));
  const promised: unknown[] = [];
  for (const promise of [
    'finalContent',
    'finalFunctionToolCall',
    'finalFunctionToolCallResult',
    'totalUsage',
    'finalMessage',
    'finalChatCompletion',
  ] as const) {
    promised.push([promise, await settled(() => runner[promise]())]);
  }
  return { told, promised, messages: runner.messages, all: runner.allChatCompletions(), errored: runner.errored, aborted: runner.aborted };
}

describe('runTools() does what the official one does', () => {
  const runs: Readonly<
    Record<string, { readonly scripts?: readonly Script[]; readonly params?: object; readonly options?: object; readonly tools: readonly unknown[] }>
  > = {
    'a call': { tools: [f()] },
    'a call of a function that takes the text': {
      tools: [{ type: 'function', function: { name: 'f', function: (text: string) => `got ${text}`, ...described } }],
    },
    'a call of a named function': {
      tools: [
        {
          type: 'function',
          function: {
            function: function f(text: string) {
              return text;
            },
            ...described,
          },
        },
      ],
    },
    'a call of no such function': { scripts: [calling(call('g')), done], tools: [f()] },
    'arguments that are not JSON': { scripts: [calling(call('f', '{oops')), done], tools: [f()] },
    'a function that throws': { tools: [f(() => Promise.reject(new Error('broken')))] },
    'a function that gives nothing': { tools: [f(() => undefined)] },
    'a function that waits': { tools: [f(async () => await Promise.resolve(['x']))] },
    'two calls': { scripts: [calling(call('f'), call('f', '{"a":2}', 'c2')), done], tools: [f()] },
    'one completion at most': { options: { maxChatCompletions: 1 }, tools: [f()] },
    'two completions at most': { scripts: [calling(call('f'))], options: { maxChatCompletions: 2 }, tools: [f()] },
    'a model that never stops': { scripts: [calling(call('f'))], tools: [f()] },
    'a choice of one function': { params: { tool_choice: { type: 'function', function: { name: 'f' } } }, tools: [f()] },
    'a choice of any': { params: { tool_choice: 'required' }, tools: [f()] },
    'a custom call': { scripts: [calling({ id: 'c1', type: 'custom', ...{ custom: { name: 'k', input: 'i' } } }), done], tools: [f()] },
    'more than one choice': { params: { n: 2 }, tools: [f()] },
    'a zod tool': { tools: [zodFunction({ name: 'f', parameters: z.object({ a: z.number() }), function: ({ a }) => a + 1 })] },
    'a zod tool of ours': { tools: [ownZodFunction({ name: 'f', parameters: z.object({ a: z.number() }), function: ({ a }) => a + 1 })] },
    'a zod tool that is called wrongly': {
      scripts: [calling(call('f', '{"a":"x"}')), done],
      tools: [zodFunction({ name: 'f', parameters: z.object({ a: z.number() }), function: ({ a }) => a + 1 })],
    },
    'a zod tool without a function': { tools: [zodFunction({ name: 'f', parameters: z.object({ a: z.number() }) })] },
    'a conversation that has begun': {
      scripts: [done],
      params: {
        messages: [
          { role: 'user', content: 'Hi', name: 'Al' },
          { role: 'assistant', content: null, tool_calls: [call('f')] },
          { role: 'tool', tool_call_id: 'c1', content: 'before' },
        ],
      },
      tools: [f()],
    },
    'a context': {
      params: { toolContext: { user: 1 } },
      tools: [{ type: 'function', function: { name: 'f', function: (_: string, __: object, context: object) => context, ...described } }],
    },
    'a function that aborts': {
      tools: [
        f((_, runner) => {
          runner.abort();
          return 1;
        }),
      ],
    },
    'a completion cut at the limit': {
      scripts: [
        json({ ...completion, choices: [{ index: 0, message: { role: 'assistant', content: 'x', refusal: null }, logprobs: null, finish_reason: 'length' }] }),
      ],
      tools: [f()],
    },
    'a refusal of the API': { scripts: [json(openaiWire.error('no'), { status: 400 })], tools: [f()] },
    'a stream': { scripts: [streamedCall, streamedDone], params: { stream: true }, tools: [f()] },
    'a stream of two at most': { scripts: [streamedCall], params: { stream: true }, options: { maxChatCompletions: 2 }, tools: [f()] },
    'a stream and a zod tool': {
      scripts: [streamedCall, streamedDone],
      params: { stream: true },
      tools: [zodFunction({ name: 'f', parameters: z.object({ a: z.number() }), function: ({ a }) => a + 1 })],
    },
    'a stream and a function that throws': {
      scripts: [streamedCall],
      params: { stream: true },
      tools: [f(() => Promise.reject(new Error('broken')))],
    },
  };
  for (const [name, { scripts = [calling(call('f')), done], params, options, tools }] of Object.entries(runs)) {
    test(name, async () => {
      // The cases hold what types would not let through, too.
      const body = { ...ask, tools, ...params } as unknown as Parameters<Official['chat']['completions']['runTools']>[0];
      await twin(
        () => scripts,
        (client) => everything(client.chat.completions.runTools(body, options) as Runner),
      );
    });
  }

  test('with a word after each completion', async () => {
    await twin(
      () => [calling(call('f')), done],
      async (client) => {
        const seen: unknown[] = [];
        const runner = client.chat.completions.runTools(
          { ...ask, tools: [f()] },
          {
            afterCompletion: async (made, { messages }) => {
              seen.push([made.choices[0]?.finish_reason, messages.length]);
              await Promise.resolve();
              if (messages.length === 3) messages.push({ role: 'user', content: 'And now?' });
            },
          },
        );
        return { content: await runner.finalContent(), seen, messages: runner.messages };
      },
    );
  });

  test('as bytes that either can read', async () => {
    const { outcome } = await twin(
      () => [streamedCall, streamedDone],
      async (client) => await new Response(client.chat.completions.runTools({ ...ask, stream: true, tools: [f()] }).toReadableStream()).text(),
    );
    const { result } = outcome as { result: string };
    const readable = (): ReadableStream => new Response(result).body as ReadableStream;
    const theirs = await everything(OfficialStreamingRunner.fromReadableStream(readable()) as unknown as Runner);
    assert.deepEqual(await everything(ChatCompletionStreamingRunner.fromReadableStream(readable()) as unknown as Runner), theirs);
  });
});

async function run(scripts: readonly Script[], play: (client: OpenAI, bodies: () => readonly unknown[]) => Promise<void>): Promise<void> {
  const server = await startScriptedServer(...scripts);
  try {
    await play(new OpenAI({ apiKey: 'k', baseURL: `${server.url}/v1`, maxRetries: 0 }), () => server.received.map(({ body }) => JSON.parse(body) as unknown));
  } finally {
    await server.close();
  }
}

describe('a run of ours', () => {
  const typed = new ParsingToolFunction({ name: 'f', parse: (input): Given => JSON.parse(input) as Given, function: ({ a }) => a + 1, ...described });

  test('rejects when a stream of it is torn, and calls nothing of what has come', async () => {
    const cut = torn(sse(chunk({ role: 'assistant', content: null, tool_calls: [{ index: 0, ...call('f') }] })));
    await run([cut], async (client) => {
      let calls = 0;
      const runner = client.chat.completions.runTools({
        ...ask,
        stream: true,
        tools: [{ type: 'function', function: { name: 'f', function: () => (calls += 1), ...described } }],
      });
      await assert.rejects(runner.finalContent(), APIConnectionError);
      await assert.rejects(all(client.chat.completions.runTools({ ...ask, stream: true, tools: [typed] })), APIConnectionError);
      assert.equal(calls, 0);
    });
  });

  test('rejects when an answer is none', async () => {
    await run([json({ ...completion, choices: [] })], async (client) => {
      await assert.rejects(client.chat.completions.runTools({ ...ask, tools: [typed] }).done(), /the answer has no choices/);
    });
  });

  test('gives thinking and signatures back to the provider that it came from', async () => {
    const signed = { ...call('f'), extra_content: { google: { thought_signature: 'sig' } } };
    const message = { role: 'assistant', content: null, refusal: null, annotations: [], reasoning_content: 'hm', tool_calls: [signed] };
    await run([json({ ...completion, choices: [{ index: 0, message, logprobs: null, finish_reason: 'tool_calls' }] }), done], async (client, bodies) => {
      await client.chat.completions.runTools({ ...ask, tools: [typed] }).done();
      const { messages } = bodies()[1] as { messages: unknown[] };
      assert.deepEqual(messages[1], { role: 'assistant', content: null, reasoning_content: 'hm', tool_calls: [signed] });
    });
  });

  test('is aborted by its own signal between two requests', async () => {
    const stop = new AbortController();
    await run([calling(call('f')), done], async (client, bodies) => {
      const runner = client.chat.completions.runTools({ ...ask, tools: [typed] }, { signal: stop.signal, afterCompletion: () => stop.abort() });
      await assert.rejects(runner.done(), APIUserAbortError);
      assert.equal(bodies().length, 1);
    });
  });
});
