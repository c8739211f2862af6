import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type Official from 'openai';
import { zodResponsesFunction, zodTextFormat } from 'openai/helpers/zod';
import * as officialHelpers from 'openai/helpers/standard-schema';
import { z } from 'zod';
import { all } from '../../../../test/support/all.ts';
import { settled, twin } from '../../../../test/support/openai-twin.ts';
import { handWritten, json, named, openaiWire, type Script, silent, startScriptedServer, stream, torn } from '../../../../test/support/scripted-server.ts';
import { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError, OpenAI, OpenAIError, ResponseStream } from './openai.ts';
import { standardResponsesFunction, standardTextFormat } from './openai-schema.ts';
import { zodResponsesFunction as ownZodResponsesFunction, zodTextFormat as ownZodTextFormat } from './openai-zod.ts';

const textPart = (text: string): object => ({ type: 'output_text', text, annotations: [] });
const message = (text: string, more: object = {}): object => ({
  type: 'message',
  id: 'm1',
  role: 'assistant',
  status: 'completed',
  content: [textPart(text)],
  ...more,
});
const called = { type: 'function_call', id: 'f1', call_id: 'c1', name: 'f', arguments: '{"a":1}', status: 'completed' };
const response = (output: readonly object[], more: object = {}): object => ({
  id: 'resp_1',
  object: 'response',
  created_at: 1_700_000_000,
  model: 'gpt-5',
  status: 'completed',
  output,
  error: null,
  incomplete_details: null,
  instructions: null,
  metadata: {},
  parallel_tool_calls: true,
  temperature: 1,
  tool_choice: 'auto',
  tools: [],
  top_p: 1,
  usage: null,
  ...more,
});

/** The events of an answer with a text and a call, numbered. */
function events(...last: readonly { type: string }[]): { type: string }[] {
  const at = { output_index: 0, content_index: 0, item_id: 'm1' };
  const call = { output_index: 1, item_id: 'f1' };
  const body = [
    { type: 'response.created', response: response([], { status: 'in_progress' }) },
    { type: 'response.output_item.added', output_index: 0, item: message('', { status: 'in_progress', content: [] }) },
    { type: 'response.content_part.added', ...at, part: textPart('') },
    { type: 'response.output_text.delta', ...at, delta: '{"a"', logprobs: [] },
    { type: 'response.output_text.delta', ...at, delta: ':1}', logprobs: [] },
    { type: 'response.output_text.done', ...at, text: '{"a":1}', logprobs: [] },
    { type: 'response.content_part.done', ...at, part: textPart('{"a":1}') },
    { type: 'response.output_item.done', output_index: 0, item: message('{"a":1}') },
    { type: 'response.output_item.added', output_index: 1, item: { ...called, arguments: '', status: 'in_progress' } },
    { type: 'response.function_call_arguments.delta', ...call, delta: '{"a"' },
    { type: 'response.function_call_arguments.delta', ...call, delta: ':1}' },
    { type: 'response.function_call_arguments.done', ...call, arguments: '{"a":1}' },
    { type: 'response.output_item.done', output_index: 1, item: called },
  ];
  return [...body, ...last].map((event, sequence_number) => ({ ...event, sequence_number }));
}

const completed = { type: 'response.completed', response: response([message('{"a":1}'), called]) };
const failed = { type: 'response.failed', response: response([], { status: 'failed', error: { code: 'server_error', message: 'boom' } }) };
const incomplete = {
  type: 'response.incomplete',
  response: response([message('{"a"')], { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }),
};
const ask = { model: 'gpt-5', input: 'Hi' };
const shape = z.object({ a: z.number() });
const format = { text: { format: zodTextFormat(shape, 'shape') } };

describe('responses are what the official package makes of them', () => {
  const refused = json(openaiWire.error('no such model', 'invalid_request_error', 'model_not_found'), { status: 404 });

  test('created', async () => {
    for (const script of [json(response([message('Hi'), called, message(' there')]), { headers: { 'x-request-id': 'req_1' } }), json(response([])), refused]) {
      await twin(
        () => [script],
        async (client) => {
          const { data, request_id } = await client.responses.create({ ...ask, include: ['reasoning.encrypted_content'], store: false }).withResponse();
          return { data, request_id, text: data.output_text };
        },
      );
    }
  });

  test('by a prompt that OpenAI keeps', async () => {
    const prompt = { id: 'pmpt_1', variables: { city: 'Paris' } };
    await twin(
      () => [json(response([message('Hi')])), stream(named(...events(completed)))],
      async (client) => [await client.responses.create({ prompt }), await all(await client.responses.create({ prompt, stream: true }))],
    );
  });

  test('kept: retrieved, cancelled, deleted', async () => {
    for (const script of [json(response([message('Hi')])), refused]) {
      await twin(
        () => [script],
        async (client) => [
          await settled(() => client.responses.retrieve('resp_1', { include: ['reasoning.encrypted_content'] })),
          await settled(() => client.responses.retrieve('a/b?c:d')),
          await settled(() => client.responses.cancel('resp_1')),
          await settled(async () => {
            await client.responses.delete('resp_1');
          }),
        ],
      );
    }
  });

  const asked: Readonly<Record<string, object>> = {
    'a zod format': format,
    'a zod format of ours': { text: { format: ownZodTextFormat(shape, 'shape') } },
    'a plain JSON Schema': { text: { format: { type: 'json_schema', name: 'shape', schema: { type: 'object' } } } },
    'no format': {},
    tools: {
      tools: [zodResponsesFunction({ name: 'f', parameters: shape }), { type: 'function', name: 'g', parameters: {}, strict: true }],
    },
    'tools of ours': { tools: [ownZodResponsesFunction({ name: 'f', parameters: shape })] },
    'a tool that is not strict': { tools: [{ type: 'function', name: 'f', parameters: {}, strict: false }] },
  };
  const answers: Readonly<Record<string, Script>> = {
    fitting: json(response([message('{"a":1}'), called, { ...called, name: 'g' }])),
    'not fitting': json(response([message('{"a":"x"}')])),
    'not JSON': json(response([message('Hi')])),
    refused: json(response([message('', { content: [{ type: 'refusal', refusal: 'No.' }] })])),
    'cut at the limit': json(response([message('{"a"')], { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } })),
  };
  for (const [name, params] of Object.entries(asked)) {
    for (const [how, script] of Object.entries(answers)) {
      test(`parsed: ${name}, ${how}`, async () => {
        await twin(
          () => [script],
          async (client) => await client.responses.parse({ ...ask, ...params }),
        );
      });
    }
  }

  test('as raw events', async () => {
    for (const last of [completed, incomplete]) {
      await twin(
        () => [stream(named(...events(last)))],
        async (client) => {
          const seen: unknown[] = [];
          const outcome = await settled(async () => {
            for await (const event of await client.responses.create({ ...ask, stream: true })) seen.push(event);
          });
          return { seen, outcome };
        },
      );
    }
  });

  type Streamed = ReturnType<Official['responses']['stream']>;
  const names = [
    'connect',
    'event',
    'response.created',
    'response.output_text.delta',
    'response.function_call_arguments.delta',
    'response.completed',
    'end',
  ] as const;
  async function everything(streamed: Streamed): Promise<unknown> {
    const told: unknown[] = [];
    for (const name of names) streamed.on(name, (...args: unknown[]) => told.push([name, ...args]));
    return { told, final: await settled(() => streamed.finalResponse()), errored: streamed.errored };
  }

  for (const [name, params] of Object.entries({ 'no format': {}, 'a format and tools': { ...format, ...asked['tools'] } })) {
    test(`streamed with ${name}`, async () => {
      for (const last of [completed, incomplete]) {
        await twin(
          () => [stream(named(...events(last)))],
          (client) => everything(client.responses.stream({ ...ask, ...params })),
        );
      }
      await twin(
        () => [refused],
        (client) => everything(client.responses.stream({ ...ask, ...params })),
      );
    });
  }

  test('streamed by the id of one that is being made', async () => {
    for (const last of [completed, failed])
      await twin(
        () => [stream(named(...events(last)))],
        (client) => everything(client.responses.stream({ response_id: 'resp_1', starting_after: 3 })),
      );
  });

  test('asked for with helpers of the same shape', () => {
    const tool = { name: 'f', parameters: shape, description: 'Does f', defer_loading: true };
    const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
    assert.deepEqual(plain(standardTextFormat(shape, 'n', { description: 'd' })), plain(officialHelpers.standardTextFormat(shape, 'n', { description: 'd' })));
    assert.deepEqual(plain(standardResponsesFunction(tool)), plain(officialHelpers.standardResponsesFunction(tool)));
  });
});

async function against(script: Script, play: (client: OpenAI) => Promise<void>, options: object = {}): Promise<void> {
  const server = await startScriptedServer(script);
  try {
    await play(new OpenAI({ apiKey: 'k', baseURL: `${server.url}/v1`, maxRetries: 0, ...options }));
  } finally {
    await server.close();
  }
}

describe('a stream of a response that fails', () => {
  const begun = named(...events().slice(0, 5));
  const faults: readonly [string, Script, new (...args: never[]) => Error, object?][] = [
    ['is torn', torn(begun), APIConnectionError],
    ['ends too soon', stream(begun), APIConnectionError],
    ['falls silent', silent(begun), APIConnectionTimeoutError, { timeout: 60 }],
    ['is not JSON', stream(`${begun}event: response.completed\ndata: {oops\n\n`), APIError],
  ];
  for (const [how, script, kind, options] of faults) {
    test(`because it ${how} rejects whoever waits`, async () => {
      await against(
        script,
        async (client) => {
          await assert.rejects(client.responses.stream(ask).finalResponse(), kind);
          await assert.rejects(all(client.responses.stream(ask)), kind);
          await assert.rejects(new Response(client.responses.stream(ask).toReadableStream()).text(), kind);
          await assert.rejects(
            client.responses.create({ ...ask, stream: true }).then((raw) => all(raw)),
            kind,
          );
        },
        options,
      );
    });
  }

  for (const last of [failed, { type: 'error', code: 'server_error', message: 'boom', param: null }]) {
    test(`by ${last.type} rejects, early or late`, async () => {
      for (const atOnce of [true, false]) {
        const hand = handWritten(atOnce ? named(...events(last)) : begun);
        await against(hand.script, async (client) => {
          const streamed = client.responses.stream(ask);
          streamed.on('response.output_text.delta', () => {
            if (!atOnce) hand.write(named({ ...last }));
          });
          await assert.rejects(streamed.finalResponse(), (thrown) => thrown instanceof APIError && thrown.message.includes('boom'));
        });
      }
    });
  }

  test('because it was aborted says so', async () => {
    await against(silent(begun), async (client) => {
      const streamed = client.responses.stream(ask);
      await streamed.emitted('response.output_text.delta');
      streamed.abort();
      await assert.rejects(streamed.finalResponse(), APIUserAbortError);
    });
  });

  test('elsewhere is read there', async () => {
    await against(stream(named(...events(completed))), async (client) => {
      const text = await new Response(client.responses.stream(ask).toReadableStream()).text();
      const read = (what: string): ResponseStream => ResponseStream.fromReadableStream(new Response(what).body ?? new ReadableStream());
      assert.equal((await read(text).finalResponse()).output_text, '{"a":1}');
      await assert.rejects(read(text.slice(0, 900)).finalResponse(), OpenAIError);
      await assert.rejects(read('').finalResponse(), OpenAIError);
    });
  });
});
