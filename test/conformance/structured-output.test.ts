import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Answer, Attempt, Call } from '../../packages/modelwire/src/core/attempt.ts';
import { attemptCall } from '../../packages/modelwire/src/core/call.ts';
import { createCanceller } from '../../packages/modelwire/src/core/cancel.ts';
import { defaultDeadlines } from '../../packages/modelwire/src/core/deadline.ts';
import { GatewayError } from '../../packages/modelwire/src/core/errors.ts';
import type { DialectName } from '../../packages/modelwire/src/core/ir.ts';
import type { Fidelity } from '../../packages/modelwire/src/core/notes.ts';
import type { ModelInfo, Quirks, Target } from '../../packages/modelwire/src/core/target.ts';
import { scanTopLevel } from '../../packages/modelwire/src/core/top-level.ts';
import { dialects } from '../../packages/modelwire/src/dialects/index.ts';
import { quirksFor } from '../../packages/modelwire/src/providers/quirks.ts';
import { createFakeWorld, scriptedTransport, sentBody } from '../support/fake-world.ts';

/** Structured output from every front to every back, with what the target has and with what it lacks. */
const names: readonly DialectName[] = ['openai-chat', 'anthropic-messages', 'gemini'];
const schema = {
  type: 'object',
  properties: { city: { type: 'string' }, degrees: { type: 'integer' } },
  required: ['city', 'degrees'],
  additionalProperties: false,
};
const good = '{"city":"Oslo","degrees":-3}';

const fronts: { readonly [name in DialectName]?: (schema: object | undefined, more: object) => object } = {
  'openai-chat': (given, more) => ({
    model: 'm',
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Weather?' },
    ],
    response_format: given === undefined ? { type: 'json_object' } : { type: 'json_schema', json_schema: { name: 'weather', schema: given, strict: true } },
    ...more,
  }),
  'anthropic-messages': (given, more) => ({
    model: 'm',
    max_tokens: 100,
    system: 'Be brief.',
    messages: [{ role: 'user', content: 'Weather?' }],
    output_config: { format: { type: 'json_schema', schema: given } },
    ...more,
  }),
  gemini: (given, more) => ({
    systemInstruction: { parts: [{ text: 'Be brief.' }] },
    contents: [{ role: 'user', parts: [{ text: 'Weather?' }] }],
    generationConfig: { responseMimeType: 'application/json', ...(given === undefined ? {} : { responseJsonSchema: given }) },
    ...more,
  }),
};

/** What the provider says: text, or a call with these arguments after some text. */
type Said = { readonly text?: string; readonly call?: { readonly name: string; readonly arguments: string }; readonly finish?: 'length' };

const data = (...events: readonly unknown[]): string =>
  events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join('');
const named = (...events: readonly { readonly type: string }[]): string =>
  events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
/** In pieces of three characters. */
const pieces = (text: string): string[] => text.match(/[^]{1,3}/g) ?? [];

const backs: { readonly [name in DialectName]?: { whole(said: Said): string; stream(said: Said): string } } = {
  'openai-chat': {
    whole({ text, call, finish }) {
      const calls = call === undefined ? {} : { tool_calls: [{ id: 'call_1', type: 'function', function: call }] };
      const message = { role: 'assistant', content: text ?? null, ...calls };
      const reason = finish ?? (call === undefined ? 'stop' : 'tool_calls');
      return JSON.stringify({
        id: 'c',
        created: 1,
        model: 'm',
        choices: [{ index: 0, message, finish_reason: reason }],
        usage: { prompt_tokens: 5, completion_tokens: 7 },
      });
    },
    stream({ text = '', call, finish }) {
      const chunk = (delta: object, reason: string | null = null) => ({
        id: 'c',
        created: 1,
        model: 'm',
        choices: [{ index: 0, delta, finish_reason: reason }],
      });
      const called =
        call === undefined
          ? []
          : [
              { id: 'call_1', type: 'function', function: { name: call.name, arguments: '' } },
              ...pieces(call.arguments).map((part) => ({ function: { arguments: part } })),
            ];
      return data(
        ...pieces(text).map((part) => chunk({ content: part })),
        ...called.map((part) => chunk({ tool_calls: [{ index: 0, ...part }] })),
        chunk({}, finish ?? (call === undefined ? 'stop' : 'tool_calls')),
        { id: 'c', created: 1, model: 'm', choices: [], usage: { prompt_tokens: 5, completion_tokens: 7 } },
        '[DONE]',
      );
    },
  },
  'anthropic-messages': {
    whole({ text, call, finish }) {
      const content = [
        ...(text === undefined ? [] : [{ type: 'text', text }]),
        ...(call === undefined ? [] : [{ type: 'tool_use', id: 'toolu_1', name: call.name, input: JSON.parse(call.arguments) }]),
      ];
      const reason = finish === 'length' ? 'max_tokens' : call === undefined ? 'end_turn' : 'tool_use';
      return JSON.stringify({
        id: 'm',
        type: 'message',
        role: 'assistant',
        model: 'm',
        content,
        stop_reason: reason,
        stop_sequence: null,
        usage: { input_tokens: 5, output_tokens: 7 },
      });
    },
    stream({ text, call, finish }) {
      const block = (index: number, start: object, deltas: readonly object[]) => [
        { type: 'content_block_start', index, content_block: start },
        ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
        { type: 'content_block_stop', index },
      ];
      const texts =
        text === undefined
          ? []
          : block(
              0,
              { type: 'text', text: '' },
              pieces(text).map((part) => ({ type: 'text_delta', text: part })),
            );
      const use = { type: 'tool_use', id: 'toolu_1', name: call?.name, input: {} };
      const calls =
        call === undefined
          ? []
          : block(
              text === undefined ? 0 : 1,
              use,
              pieces(call.arguments).map((part) => ({ type: 'input_json_delta', partial_json: part })),
            );
      const message = {
        id: 'm',
        type: 'message',
        role: 'assistant',
        model: 'm',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 5, output_tokens: 0 },
      };
      const reason = finish === 'length' ? 'max_tokens' : call === undefined ? 'end_turn' : 'tool_use';
      return named(
        { type: 'message_start', message } as { type: string },
        ...texts,
        ...calls,
        { type: 'message_delta', delta: { stop_reason: reason, stop_sequence: null }, usage: { output_tokens: 7 } } as { type: string },
        { type: 'message_stop' },
      );
    },
  },
  gemini: {
    whole: (said) => JSON.stringify(geminiAnswer(said)),
    stream: (said) => data(geminiAnswer(said)),
  },
};

function geminiAnswer({ text, call, finish }: Said): object {
  const parts = [
    ...(text === undefined ? [] : [{ text }]),
    ...(call === undefined ? [] : [{ functionCall: { name: call.name, args: JSON.parse(call.arguments) } }]),
  ];
  const usageMetadata = { promptTokenCount: 5, candidatesTokenCount: 7, totalTokenCount: 12 };
  return { candidates: [{ content: { role: 'model', parts }, finishReason: finish === 'length' ? 'MAX_TOKENS' : 'STOP', index: 0 }], usageMetadata };
}

type Setting = {
  readonly front: DialectName;
  readonly back: DialectName;
  readonly quirks?: Quirks;
  readonly info?: ModelInfo;
  /** Undefined: any JSON object. */
  readonly schema?: object | undefined;
  readonly said: Said;
  readonly stream?: boolean;
  readonly more?: object;
  readonly fidelity?: Fidelity;
};

/** A stream that comes in two reads: the last event is the second. */
function inReads(text: string): string[] {
  const at = text.lastIndexOf('\n\n', text.length - 3) + 2;
  return at < 2 ? [text] : [text.slice(0, at), text.slice(at)];
}

async function ask(setting: Setting) {
  const { front, back, quirks = {}, info, said, stream = false, more = {}, fidelity = 'carry' } = setting;
  const script = backs[back];
  const bodyOf = fronts[front];
  assert.ok(script !== undefined && bodyOf !== undefined);
  const type = stream ? 'text/event-stream' : 'application/json';
  const { transport, requests } = scriptedTransport(200, { 'content-type': type }, ...(stream ? inReads(script.stream(said)) : [script.whole(said)]));
  const target: Target = {
    provider: 'lab',
    model: 'm',
    speaks: { [back]: { baseURL: 'http://lab', auth: 'none' } },
    quirks,
    info: { maxOutput: 1000, ...info },
  };
  const body = bodyOf('schema' in setting ? setting.schema : schema, { ...(stream && front !== 'gemini' ? { stream: true } : {}), ...more });
  const call: Call = {
    id: 'req_1',
    front: dialects[front],
    operation: 'chat',
    top: scanTopLevel(new TextEncoder().encode(JSON.stringify(body))),
    headers: {},
    stream,
    fidelity,
    deadlines: defaultDeadlines,
    signal: createCanceller().signal,
    wantUsage: true,
    pingMs: 0,
  };
  const attempts: Attempt[] = [];
  const world = createFakeWorld(transport);
  const answer = await attemptCall(call, target, world, attempts).catch((error: unknown) => error as GatewayError);
  const made = attempts[0];
  assert.ok(made !== undefined);
  const request = JSON.parse(requests[0] === undefined ? '{}' : sentBody(requests[0]));
  const text = answer instanceof GatewayError ? '' : textOf(answer);
  return { answer, attempt: made, request, text, notes: made.notes.map((note) => `${note.verdict} ${note.path}`) };
}

function textOf(answer: Answer): string {
  let text = '';
  const add = (chunk: Uint8Array | string): void => {
    text += typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk);
  };
  if (answer.body.kind === 'whole') for (const chunk of answer.body.chunks) add(chunk);
  else answer.body.source.start({ data: add, end: () => undefined, reset: () => add('<reset>') });
  return text;
}

/** The answer's text and finish, whatever the format and whether it is a stream. */
function read(
  front: DialectName,
  text: string,
  stream: boolean,
): { readonly content: string; readonly finish: unknown; readonly error: unknown; readonly calls: number } {
  const events = stream
    ? text
        .split('\n\n')
        .flatMap((event) => event.split('\n').filter((line) => line.startsWith('data: ')))
        .map((line) => line.slice(6))
        .filter((line) => line !== '[DONE]')
        .map((line) => JSON.parse(line))
    : [JSON.parse(text)];
  const error = events.find((event) => event.error !== undefined)?.error;
  if (front === 'openai-chat') {
    const choices = events.flatMap((event) => event.choices ?? []);
    const messages = choices.map((choice) => choice.message ?? choice.delta ?? {});
    return {
      content: messages.map((message) => message.content ?? '').join(''),
      finish: choices.map((choice) => choice.finish_reason).findLast((reason) => reason !== null && reason !== undefined),
      error,
      calls: messages.filter((message) => message.tool_calls !== undefined).length,
    };
  }
  if (front === 'gemini') {
    const parts = events.flatMap((event) => event.candidates?.[0]?.content?.parts ?? []);
    return {
      content: parts.map((part) => part.text ?? '').join(''),
      finish: events.map((event) => event.candidates?.[0]?.finishReason).findLast((reason) => reason !== undefined),
      error,
      calls: parts.filter((part) => part.functionCall !== undefined).length,
    };
  }
  const blocks = events.flatMap((event) => event.content ?? (event.type === 'content_block_start' ? [event.content_block] : []));
  return {
    content: events.map((event) => (event.content ?? []).map((block: { text?: string }) => block.text ?? '').join('') + (event.delta?.text ?? '')).join(''),
    finish: events.map((event) => event.stop_reason ?? event.delta?.stop_reason).findLast((reason) => reason !== null && reason !== undefined),
    error,
    calls: blocks.filter((block) => block.type === 'tool_use').length,
  };
}

const ends: { readonly [name in DialectName]?: string } = { 'openai-chat': 'stop', 'anthropic-messages': 'end_turn', gemini: 'STOP' };
const lengths: { readonly [name in DialectName]?: string } = { 'openai-chat': 'length', 'anthropic-messages': 'max_tokens', gemini: 'MAX_TOKENS' };

/** Each pair, whole and streaming. */
function everyPair(run: (pair: { readonly front: DialectName; readonly back: DialectName; readonly stream: boolean }, name: string) => void): void {
  for (const front of names)
    for (const back of names) for (const stream of [false, true]) run({ front, back, stream }, `${front} → ${back}, ${stream ? 'streaming' : 'whole'}`);
}

describe('where the target has schemas, they are its own business', () => {
  everyPair(({ front, back, stream }, name) => {
    test(name, async () => {
      const { request, text, notes } = await ask({ front, back, stream, said: { text: good } });
      const { content, finish } = read(front, text, stream);
      assert.deepEqual([content, finish], [good, ends[front]]);
      const sent = {
        'openai-chat': request['response_format']?.json_schema?.schema,
        'anthropic-messages': request['output_config']?.format?.schema,
        gemini: request['generationConfig']?.responseJsonSchema,
      };
      assert.deepEqual(sent[back as keyof typeof sent], schema);
      assert.ok(!notes.some((note) => note.startsWith('emulated')), notes.join());
    });
  });
});

describe('a forced call, whose arguments are the answer', () => {
  everyPair(({ front, back, stream }, name) => {
    const called = (call = good): Said => ({ text: 'I will call it.', call: { name: 'weather', arguments: call } });
    const lacking = { front, back, stream, quirks: { structuredOutput: 'none' } } as const;
    // Only OpenAI's format names its schemas.
    const toolName = front === 'openai-chat' ? 'weather' : 'answer';
    const said = (call = good): Said => ({ ...called(call), call: { name: toolName, arguments: call } });

    test(name, async () => {
      const { request, text, notes, attempt } = await ask({ ...lacking, said: said() });
      const { content, finish, calls } = read(front, text, stream);
      assert.deepEqual([JSON.parse(content), finish, calls], [JSON.parse(good), ends[front], 0]);
      assert.ok(notes.some((note) => note.startsWith('emulated')) && notes.some((note) => note.startsWith('dropped content')), notes.join());
      assert.equal(attempt.usage?.output, 7);
      const shape = JSON.stringify(request);
      assert.ok(shape.includes(`"${toolName}"`) && shape.includes('"degrees"') && !/response_format|responseMimeType|"output_config"/.test(shape), shape);
      const choice = request['tool_choice'] ?? request['toolConfig'];
      assert.ok(JSON.stringify(choice).includes(toolName), JSON.stringify(choice));
    });

    test(`${name}: arguments that are not valid`, async () => {
      const { answer, text, attempt } = await ask({ ...lacking, said: said('{"city":"Oslo","degrees":"cold"}') });
      assert.equal(attempt.usage?.output, 7);
      if (!stream) {
        assert.ok(answer instanceof GatewayError && answer.code === 'upstream_invalid_response' && !answer.retryable);
        assert.match(answer.message, /\$\.degrees must be an integer/);
        return;
      }
      const { finish, error } = read(front, text, stream);
      assert.deepEqual([finish, error !== undefined], [undefined, true], text);
    });

    test(`${name}: it answers in words`, async () => {
      const inWords = await ask({ ...lacking, said: { text: good } });
      const { content, finish } = read(front, inWords.text, stream);
      assert.deepEqual([content, finish], [good, ends[front]]);
    });
  });
});

describe('an instruction, and the answer checked', () => {
  everyPair(({ front, back, stream }, name) => {
    const lacking = { front, back, stream, quirks: { structuredOutput: 'none', forcedToolChoice: false } } as const;

    test(name, async () => {
      for (const text of [good, `\n ${good}\n`, `\`\`\`json\n${good}\n\`\`\``, `\`\`\`\n${good}\`\`\``, ` \`\`\`JSON\r\n${good}\n  \`\`\`\nThat is all.`]) {
        const { request, text: answer, notes } = await ask({ ...lacking, said: { text } });
        const { content, finish } = read(front, answer, stream);
        assert.deepEqual([content.trim(), finish], [good, ends[front]], JSON.stringify(text));
        assert.equal(
          notes.some((note) => note.startsWith('changed') && !note.includes('max')),
          text.includes('`'),
          notes.join(),
        );
        const sent = JSON.stringify(request);
        assert.ok(
          sent.includes('Be brief.') &&
            sent.includes('JSON Schema') &&
            sent.includes('\\"degrees\\"') &&
            !/response_format|responseMimeType|"output_config"/.test(sent),
          sent,
        );
        assert.ok(sent.indexOf('Be brief.') < sent.indexOf('JSON Schema'));
      }
    });

    test(`${name}: not valid, or no JSON`, async () => {
      for (const [text, why] of [
        ['{"city":"Oslo"}', /must have the property "degrees"/],
        ['{"city":"Oslo","degrees":1,"x":2}', /\$\.x may not be there/],
        ['Sure! Here it is: {}', /not valid JSON/],
        ['{"city":"Os', /not valid JSON/],
        ['', /not valid JSON/],
      ] as const) {
        const { answer, text: out, attempt } = await ask({ ...lacking, said: { text } });
        if (!stream || text === '')
          assert.ok(
            stream || (answer instanceof GatewayError && why.test(answer.message)),
            `${text}: ${answer instanceof GatewayError ? answer.message : out}`,
          );
        else assert.deepEqual([read(front, out, true).finish, read(front, out, true).error !== undefined], [undefined, true], out);
        assert.match(attempt.error?.message ?? '', why);
      }
    });

    test(`${name}: an answer that was cut says so`, async () => {
      const { text } = await ask({ ...lacking, said: { text: '{"city":"Os', finish: 'length' } });
      assert.deepEqual([read(front, text, stream).content, read(front, text, stream).finish], ['{"city":"Os', lengths[front]]);
    });
  });
});

describe('any JSON object', () => {
  everyPair(({ front, back, stream }, name) => {
    if (front === 'anthropic-messages') return;
    test(name, async () => {
      const emulated = back === 'anthropic-messages';
      const asked = await ask({ front, back, stream, schema: undefined, said: { text: '{"a":1}' } });
      assert.equal(read(front, asked.text, stream).content, '{"a":1}');
      assert.equal(
        asked.notes.some((note) => note.startsWith('emulated')),
        emulated,
        asked.notes.join(),
      );
      const list = await ask({ front, back, stream, schema: undefined, quirks: { structuredOutput: 'none' }, said: { text: '[1]' } });
      assert.match(list.attempt.error?.message ?? '', /\$ must be an object/);
    });
  });
});

describe('which way is taken', () => {
  const tool = { tools: [{ type: 'function', function: { name: 'look', parameters: { type: 'object' } } }] };
  const lacking: Setting = { front: 'openai-chat', back: 'openai-chat', quirks: { structuredOutput: 'json' }, said: { text: good } };
  const wayOf = async (change: Partial<Setting>): Promise<string> => {
    const { request } = await ask({ ...lacking, ...change });
    const asked = request['messages'].some((message: { content: unknown }) => String(message.content).includes('JSON Schema'));
    return `${asked ? 'words' : 'call'}${request['response_format'] === undefined ? '' : ' and json_object'}`;
  };

  test('other tools, tool calls before, thinking, and schemas that no call can have, are in the way of a call', async () => {
    assert.equal(await wayOf({}), 'call');
    assert.equal(await wayOf({ more: tool }), 'words and json_object');
    assert.equal(await wayOf({ more: { reasoning_effort: 'high' } }), 'words and json_object');
    assert.equal(await wayOf({ more: { reasoning_effort: 'none' } }), 'call');
    assert.equal(await wayOf({ info: { reasoning: true } }), 'words and json_object');
    assert.equal(await wayOf({ info: { tools: false } }), 'words and json_object');
    assert.equal(await wayOf({ schema: { type: 'array' }, said: { text: '[]' } }), 'words');
    const history = [
      { role: 'user', content: 'x' },
      { role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }] },
      { role: 'tool', tool_call_id: 'c1', content: 'y' },
    ];
    assert.equal(await wayOf({ more: { messages: history } }), 'words and json_object');
  });

  test('the providers of the catalogue that have no schemas', async () => {
    for (const [provider, model] of [
      ['deepseek', 'deepseek-chat'],
      ['zhipu', 'glm-5'],
      ['moonshot', 'kimi-k2'],
      ['minimax', 'MiniMax-M3'],
      ['dashscope', 'qwen-plus'],
      ['groq', 'llama-3.3-70b-versatile'],
      ['baichuan', 'Baichuan4'],
    ] as const) {
      const quirks = quirksFor(provider, model);
      for (const back of ['openai-chat', 'anthropic-messages'] as const) {
        for (const stream of [false, true]) {
          const { attempt, text, notes } = await ask({ front: 'openai-chat', back, quirks, stream, said: { text: good } });
          assert.equal(attempt.error, undefined, `${provider} ${attempt.error?.message}`);
          assert.equal(read('openai-chat', text, stream).content, good);
          assert.ok(notes.includes('emulated response_format'), `${provider}: ${notes.join()}`);
        }
      }
    }
  });

  test('a schema that the target cannot hold to, though it holds to others', async () => {
    const tree = { type: 'object', properties: { v: { type: 'integer' }, next: { $ref: '#' } }, required: ['v'], additionalProperties: false };
    const called = (text: string): Said => ({ call: { name: 'weather', arguments: text } });
    const held: Setting = { front: 'openai-chat', back: 'anthropic-messages', schema: tree, said: called('{"v":1,"next":{"v":2}}') };
    const { request, text, notes } = await ask(held);
    assert.deepEqual([read('openai-chat', text, false).content, read('openai-chat', text, false).finish], ['{"v":1,"next":{"v":2}}', 'stop']);
    assert.deepEqual([request['tools'][0].input_schema, request['output_config']], [tree, undefined]);
    assert.ok(notes.includes('emulated response_format'));
    const wrong = await ask({ ...held, said: called('{"v":1,"next":{}}') });
    assert.match(wrong.attempt.error?.message ?? '', /\$\.next must have the property "v"/);
    // Google's own caller of the same schema is not touched.
    assert.deepEqual((await ask({ front: 'gemini', back: 'gemini', schema: tree, said: { text: '{"v":1}' } })).notes, []);
  });

  test('a call of another tool is the answer, as it is', async () => {
    const said: Said = { call: { name: 'look', arguments: '{}' } };
    for (const stream of [false, true]) {
      const { text, attempt } = await ask({ ...lacking, more: tool, said, stream });
      assert.deepEqual([attempt.error, read('openai-chat', text, stream).finish], [undefined, 'tool_calls']);
    }
  });

  test('what cannot be checked is noted, and refused where the call is strict', async () => {
    const odd = { type: 'object', properties: { city: { type: 'string', pattern: '^[A-Z]' } } };
    const carried = await ask({ ...lacking, schema: odd });
    assert.ok(carried.attempt.notes.some((note) => note.verdict === 'dropped' && note.reason.includes('pattern')));
    const strict = await ask({ ...lacking, schema: odd, fidelity: 'strict' });
    assert.ok(strict.answer instanceof GatewayError && strict.answer.code === 'unsupported_parameter' && strict.answer.param === 'response_format');
    assert.equal((await ask({ ...lacking, fidelity: 'strict' })).attempt.error, undefined);
  });

  test('empty arguments are an empty object', async () => {
    for (const stream of [false, true]) {
      const { text } = await ask({ ...lacking, schema: { type: 'object' }, stream, said: { call: { name: 'weather', arguments: '' } } });
      assert.equal(read('openai-chat', text, stream).content, '{}');
    }
  });
});
