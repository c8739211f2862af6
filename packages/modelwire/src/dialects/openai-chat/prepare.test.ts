import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collect } from '../../core/collect.ts';
import type { SseEvent } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import type { ChatEvent } from '../../core/event.ts';
import type { ChatRequest, Tool } from '../../core/ir.ts';
import type { Quirks } from '../../core/target.ts';
import { accept, answer, chunk, contextFor, done, eventsOf, foreignRequest, notesOf, plainRequest, replied, sent, sentText } from './fixtures/world.ts';
import { translation } from './translation.ts';

const user = foreignRequest().messages;
const tool = (name: string, more: Partial<Tool> = {}): Tool => ({ name, kind: 'function', at: 'tools[0]', schema: '{"type":"object"}', ...more });

/** The body without its messages, and the notes. */
function body(fields: Partial<ChatRequest>, options: Parameters<typeof contextFor>[0] = {}): { fields: Record<string, unknown>; notes: string[] } {
  const context = contextFor(options);
  const { messages: _messages, model: _model, ...rest } = sent(foreignRequest(fields), context);
  return { fields: rest, notes: notesOf(context) };
}

const refused = (fields: Partial<ChatRequest>, quirks: Quirks = {}): string | undefined => {
  try {
    sentText(foreignRequest(fields), contextFor({ quirks }));
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'unsupported_parameter') return error.param;
    throw error;
  }
  return undefined;
};

test('a plain request of another dialect', () => {
  const context = contextFor();
  assert.equal(sentText(foreignRequest(), context), '{"model":"model-1","messages":[{"role":"user","content":"hi"}]}');
  assert.deepEqual(context.ledger.notes, []);
  const prepared = translation.prepare(foreignRequest(), context);
  assert.deepEqual([prepared.path, prepared.headers], ['/chat/completions', {}]);
});

test('every field of the IR', () => {
  const { fields, notes: said } = body({
    maxTokens: 10,
    temperature: 0,
    topP: 0.5,
    stop: ['a'],
    seed: 1,
    frequencyPenalty: 0,
    presencePenalty: -1,
    tools: [tool('f', { description: 'd', strict: false })],
    toolChoice: { type: 'tool', name: 'f', kind: 'function' },
    parallelToolCalls: false,
    responseFormat: { type: 'schema', schema: '{"a":1.0}' },
    endUser: 'u',
    serviceTier: 'auto',
    reasoning: { effort: 'low' },
  });
  assert.deepEqual(fields, {
    tools: [{ type: 'function', function: { name: 'f', description: 'd', parameters: { type: 'object' }, strict: false } }],
    tool_choice: { type: 'function', function: { name: 'f' } },
    parallel_tool_calls: false,
    response_format: { type: 'json_schema', json_schema: { name: 'response', schema: { a: 1 } } },
    max_completion_tokens: 10,
    temperature: 0,
    top_p: 0.5,
    stop: ['a'],
    seed: 1,
    frequency_penalty: 0,
    presence_penalty: -1,
    reasoning_effort: 'low',
    user: 'u',
    service_tier: 'auto',
  });
  assert.deepEqual(said, []);
});

test('a stream always asks for usage, where the provider lets it', () => {
  assert.deepEqual(body({ stream: true }).fields, { stream: true, stream_options: { include_usage: true } });
  assert.deepEqual(body({ stream: true }, { quirks: { streamUsage: false } }).fields, { stream: true });
  assert.deepEqual(body({ stream: true }, { quirks: { refuses: ['stream_options'] } }).fields, { stream: true });
  const context = contextFor();
  assert.deepEqual(
    sent(accept({ ...plainRequest, stream: true, stream_options: { include_usage: false, include_obfuscation: false } }), context)['stream_options'],
    { include_usage: true, include_obfuscation: false },
  );
  assert.deepEqual(sent(accept({ ...plainRequest, stream_options: { include_obfuscation: false } }), context)['stream_options'], undefined);
  assert.deepEqual(notesOf(context), ['dropped stream_options.include_obfuscation']);
});

test('the output limit is spelled as the provider wants, else as the caller did', () => {
  const limit = (fields: object, quirks: Quirks = {}): string | undefined =>
    Object.keys(sent(accept({ ...plainRequest, ...fields }), contextFor({ quirks }))).find((key) => key.startsWith('max_'));
  assert.equal(limit({ max_tokens: 5 }), 'max_tokens');
  assert.equal(limit({ max_completion_tokens: 5 }), 'max_completion_tokens');
  assert.equal(limit({ max_completion_tokens: 5 }, { maxTokensField: 'max_tokens' }), 'max_tokens');
  assert.equal(limit({ max_tokens: 5 }, { maxTokensField: 'max_completion_tokens' }), 'max_completion_tokens');
  assert.deepEqual(
    body({ maxTokens: 5, names: { maxTokens: 'max_tokens' } }).fields,
    { max_completion_tokens: 5 },
    'max_tokens is also another dialect’s name',
  );
});

test('fields that the provider refuses are left out: hints with a note, contracts with a refusal', () => {
  const quirks: Quirks = { refuses: ['temperature', 'seed', 'user', 'parallel_tool_calls', 'response_format', 'tools', 'top_k'] };
  assert.deepEqual(body({ temperature: 1, seed: 2, endUser: 'u', parallelToolCalls: true, names: { endUser: 'metadata.user_id' } }, { quirks }), {
    fields: {},
    notes: ['dropped parallel_tool_calls', 'dropped temperature', 'dropped seed', 'dropped metadata.user_id'],
  });
  assert.equal(refused({ responseFormat: { type: 'json' } }, quirks), 'response_format');
  assert.equal(refused({ tools: [tool('f')] }, quirks), 'tools');
  assert.throws(() => sentText(accept({ ...plainRequest, logit_bias: { 1: 2 } }), contextFor({ quirks: { refuses: ['logit_bias'] } })), /logit_bias/);
  assert.equal(sent(accept({ ...plainRequest, logit_bias: {} }), contextFor({ quirks: { refuses: ['logit_bias'] } }))['logit_bias'], undefined);
});

test('temperature, top_k, tiers and cache marks', () => {
  assert.equal(refused({ temperature: 1.5, names: { temperature: 'temperature' } }, { temperatureMax: 1 }), 'temperature');
  assert.deepEqual(body({ temperature: 1 }, { quirks: { temperatureMax: 1 } }).fields, { temperature: 1 });
  assert.deepEqual(body({ topK: 5, serviceTier: 'standard_only', cache: {} }), {
    fields: {},
    notes: ['dropped service_tier', 'dropped top_k', 'dropped cache_control'],
  });
  assert.equal(sent(accept({ ...plainRequest, top_k: 5 }))['top_k'], 5, 'callers of this dialect mean their provider’s own field');
});

test('custom tools of another dialect’s caller are functions with one string; our own callers’ go as they came', () => {
  const grammar = { syntax: 'lark', definition: 'start: "x"' };
  const tools = [tool('c', { kind: 'custom', description: 'd', grammar })];
  const { fields, notes: said } = body({ tools });
  const wrapped = {
    name: 'c',
    description: 'd\n\nThe string `input` must be of this lark grammar:\nstart: "x"',
    parameters: { type: 'object', properties: { input: { type: 'string' } }, required: ['input'], additionalProperties: false },
  };
  assert.deepEqual(fields['tools'], [{ type: 'function', function: wrapped }]);
  assert.deepEqual(said, ['emulated tools[0]']);
  const own = { type: 'custom', custom: { name: 'c', description: 'd', format: { type: 'grammar', grammar } } };
  assert.deepEqual(sent(accept({ ...plainRequest, tools: [own] }))['tools'], [own]);
});

test('the free text of a custom tool comes back out of its wrapping, whole and in pieces', () => {
  const request = foreignRequest({ tools: [tool('c', { kind: 'custom' }), tool('f')], stream: true });
  const prepared = translation.prepare(request, contextFor());
  const made = (name: string, text: string): object => ({ id: `call_${name}`, type: 'function', function: { name, arguments: text } });
  const whole = prepared.reply(JSON.stringify(answer({ content: null, tool_calls: [made('c', '{"input":"a\\nb"}'), made('f', '{"n":1}')] })));
  const calls = [
    { type: 'toolCall', id: 'call_c', name: 'c', kind: 'custom', arguments: 'a\nb' },
    { type: 'toolCall', id: 'call_f', name: 'f', kind: 'function', arguments: '{"n":1}' },
  ];
  assert.deepEqual(whole.blocks, calls);
  const piece = (index: number, text: string, name?: string): SseEvent =>
    chunk({ tool_calls: [name === undefined ? { index, function: { arguments: text } } : { index, ...made(name, text) }] });
  for (const order of [
    [piece(0, '', 'c'), piece(0, '{"inp'), piece(0, 'ut":"a\\nb"'), piece(0, '}'), piece(1, '{"n":1}', 'f')],
    [piece(0, '{"input":"a', 'c'), piece(1, '{"n"', 'f'), piece(0, '\\nb"}'), piece(1, ':1}')],
  ]) {
    const events: ChatEvent[] = [];
    const decoder = prepared.stream();
    for (const frame of [...order, chunk({}, 'tool_calls'), done]) decoder.push(frame, (event) => events.push(event));
    decoder.end((event) => events.push(event));
    assert.deepEqual(collect(events).blocks, calls);
  }
});

test('tool choices, and providers that cannot be forced', () => {
  const tools = [tool('f'), tool('c', { kind: 'custom' }), tool('g')];
  const choice = (toolChoice: NonNullable<ChatRequest['toolChoice']>): unknown => body({ tools, toolChoice }).fields['tool_choice'];
  assert.equal(choice({ type: 'required' }), 'required');
  assert.equal(choice({ type: 'none' }), 'none');
  assert.deepEqual(choice({ type: 'tool', name: 'c', kind: 'custom' }), { type: 'function', function: { name: 'c' } }, 'a custom tool is sent as a function');
  assert.deepEqual(choice({ type: 'allowed', mode: 'auto', names: ['f', 'c'] }), {
    type: 'allowed_tools',
    allowed_tools: {
      mode: 'auto',
      tools: [
        { type: 'function', function: { name: 'f' } },
        { type: 'function', function: { name: 'c' } },
      ],
    },
  });
  for (const toolChoice of [
    { type: 'required' },
    { type: 'tool', name: 'c', kind: 'custom' },
    { type: 'allowed', mode: 'required', names: ['f', 'g'] },
  ] as const)
    assert.equal(refused({ tools, toolChoice }, { forcedToolChoice: false }), 'tool_choice');
  assert.equal(refused({ tools, toolChoice: { type: 'auto' } }, { forcedToolChoice: false }), undefined);
});

test('tools: absent and untyped schemas, foreign tools, cache marks', () => {
  const { fields, notes: said } = body({
    tools: [tool('a', { schema: undefined } as unknown as Partial<Tool>), tool('b', { schema: '{"properties":{}}', cache: {} })],
  });
  assert.deepEqual(fields['tools'], [
    { type: 'function', function: { name: 'a' } },
    { type: 'function', function: { name: 'b', parameters: { type: 'object', properties: {} } } },
  ]);
  assert.deepEqual(said, ['dropped tools[0].cache_control', 'changed tools[0]']);
  assert.equal(refused({ tools: [{ kind: 'server', dialect: 'anthropic-messages', name: 'web_search_20250305', raw: '{}', at: 'tools[3]' }] }), 'tools[3]');
  assert.equal(
    refused({ tools: [tool('f', { ext: [{ dialect: 'anthropic-messages', path: 'tools[0].x', key: 'x', raw: '1', loss: 'demand' }] })] }),
    'tools[0].x',
  );
});

test('names that do not fit are renamed and given back', () => {
  const name = 'mcp.server/get weather';
  const request = foreignRequest({ tools: [tool(name)], toolChoice: { type: 'tool', name, kind: 'function' } });
  const context = contextFor();
  const out = sent(request, context) as unknown as { tools: { function: { name: string } }[]; tool_choice: { function: { name: string } } };
  const fitted = out.tools[0]?.function.name ?? '';
  assert.match(fitted, /^[A-Za-z0-9_-]{1,64}$/);
  assert.equal(out.tool_choice.function.name, fitted);
  assert.deepEqual(notesOf(context), ['changed tools[0].name']);
  const call = { tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: fitted, arguments: '{}' } }] };
  for (const reply of [
    replied(answer(call, 'tool_calls'), contextFor(), request),
    collect(eventsOf([chunk(call), chunk({}, 'tool_calls'), done], contextFor(), request)),
  ]) {
    assert.ok(reply.blocks[0]?.type === 'toolCall' && reply.blocks[0].name === name);
  }
});

test('thinking: by effort, by type, by switch, or not at all', () => {
  const thinking = (reasoning: NonNullable<ChatRequest['reasoning']>, quirks: Quirks = {}, maxTokens?: number) =>
    body({ reasoning, names: { reasoning: 'thinking' }, ...(maxTokens === undefined ? {} : { maxTokens }) }, { quirks, info: { reasoning: true } });
  assert.deepEqual(thinking({ budget: 5000 }, {}, 10_000), {
    fields: { max_completion_tokens: 10_000, reasoning_effort: 'medium' },
    notes: ['changed thinking'],
  });
  assert.deepEqual(thinking({ mode: 'disabled' }), { fields: { reasoning_effort: 'none' }, notes: [] });
  assert.deepEqual(thinking({ mode: 'adaptive', display: 'omitted' }), { fields: {}, notes: ['dropped thinking.display', 'changed thinking'] });
  assert.deepEqual(thinking({ mode: 'enabled' }, { reasoningSwitch: 'thinking_type' }), { fields: { thinking: { type: 'enabled' } }, notes: [] });
  assert.deepEqual(thinking({ effort: 'none' }, { reasoningSwitch: 'thinking_type' }).fields, { thinking: { type: 'disabled' } });
  assert.deepEqual(thinking({ effort: 'high' }, { reasoningSwitch: 'thinking_type' }), {
    fields: { thinking: { type: 'enabled' } },
    notes: ['changed thinking'],
  });
  assert.deepEqual(thinking({ effort: 'high' }, { reasoningSwitch: 'enable_thinking' }, 10_000).fields, {
    max_completion_tokens: 10_000,
    enable_thinking: true,
    thinking_budget: 8000,
  });
  assert.deepEqual(thinking({ mode: 'enabled', budget: 700 }, { reasoningSwitch: 'enable_thinking' }), {
    fields: { enable_thinking: true, thinking_budget: 700 },
    notes: [],
  });
  assert.deepEqual(thinking({ mode: 'disabled', budget: 700 }, { reasoningSwitch: 'enable_thinking' }).fields, { enable_thinking: false });
  assert.deepEqual(thinking({ effort: 'high' }, { reasoningSwitch: 'none' }), { fields: {}, notes: ['dropped thinking'] });
});

test('a vendor’s own thinking field goes to its kind of target as it came, to others translated', () => {
  const own = (fields: object, quirks: Quirks): Record<string, unknown> => {
    const { model: _m, messages: _n, ...rest } = sent(accept({ ...plainRequest, ...fields }), contextFor({ quirks }));
    return rest;
  };
  const zai = { thinking: { type: 'enabled', clear_thinking: false } };
  assert.deepEqual(own(zai, {}), zai);
  assert.deepEqual(own(zai, { reasoningSwitch: 'thinking_type' }), zai);
  assert.deepEqual(own(zai, { reasoningSwitch: 'enable_thinking' }), { enable_thinking: true });
  assert.deepEqual(own({ enable_thinking: false }, { reasoningSwitch: 'thinking_type' }), { thinking: { type: 'disabled' } });
  assert.deepEqual(own({ reasoning: { effort: 'low', exclude: true } }, {}), { reasoning: { effort: 'low', exclude: true } });
  assert.deepEqual(own({ reasoning: { effort: 'low' } }, { reasoningSwitch: 'reasoning_effort' }), { reasoning_effort: 'low' });
  assert.deepEqual(own({ reasoning_effort: 'low', thinking: { type: 'enabled' } }, {}), { reasoning_effort: 'low', thinking: { type: 'enabled' } });
});

test('structured output', () => {
  const run = (responseFormat: NonNullable<ChatRequest['responseFormat']>, quirks: Quirks = {}): unknown =>
    body({ responseFormat }, { quirks }).fields['response_format'];
  assert.deepEqual(run({ type: 'text' }), { type: 'text' });
  assert.equal(run({ type: 'text' }, { structuredOutput: 'none' }), undefined);
  assert.deepEqual(run({ type: 'json' }, { structuredOutput: 'json' }), { type: 'json_object' });
  const schema = { type: 'schema', name: 'n', description: 'D', schema: '{"x":1}' } as const;
  assert.deepEqual(run(schema), { type: 'json_schema', json_schema: { name: 'n', description: 'D', schema: { x: 1 } } });
});

test('more stop strings than the provider takes are looked for here', () => {
  const request = foreignRequest({ stop: ['A', 'B', 'C', 'D', 'STOP', 'HALT'], names: { stop: 'stop_sequences' } });
  const context = contextFor();
  assert.deepEqual(sent(request, context)['stop'], ['A', 'B', 'C', 'D']);
  assert.deepEqual(notesOf(context), ['emulated stop_sequences']);
  const whole = replied(answer({ content: 'one STOP two' }), contextFor(), request);
  assert.deepEqual([whole.blocks, whole.finish], [[{ type: 'text', text: 'one ' }], { reason: 'stopString', stopString: 'STOP' }]);
  const streamed = collect(eventsOf([chunk({ content: 'one ST' }), chunk({ content: 'OP two' }), chunk({}, 'stop'), done], contextFor(), request));
  assert.deepEqual([streamed.blocks, streamed.finish], [whole.blocks, whole.finish]);
  assert.equal(sent(request, contextFor({ quirks: { refuses: ['stop'] } }))['stop'], undefined);
  assert.deepEqual(sent(request, contextFor({ quirks: { stopMax: 1 } }))['stop'], ['A']);
});

test('the stop string that ended an answer is told where the server says it', () => {
  const request = foreignRequest({ stop: ['END'] });
  const events: ChatEvent[] = eventsOf(
    [chunk({ content: 'x' }), { event: '', data: '{"choices":[{"index":0,"delta":{},"finish_reason":"stop","stop_reason":"END"}]}' }, done],
    contextFor(),
    request,
  );
  assert.deepEqual(collect(events).finish, { reason: 'stopString', stopString: 'END', native: 'stop' });
  assert.equal(replied({ choices: [{ message: { content: 'x' }, finish_reason: 'stop', stop_reason: 128009 }] }, contextFor(), request).finish.reason, 'end');
});

test('what a translated answer cannot keep is refused, even for its own dialect', () => {
  const own = (fields: object): string | undefined => {
    try {
      sentText(accept({ ...plainRequest, ...fields }), contextFor());
    } catch (error) {
      return error instanceof GatewayError ? error.param : undefined;
    }
    return undefined;
  };
  assert.equal(own({ n: 2 }), 'n');
  assert.equal(own({ n: 1 }), undefined);
  assert.equal(own({ logprobs: true }), undefined);
  assert.equal(own({ logprobs: true, stream: true }), 'logprobs');
  assert.equal(own({ logprobs: false, stream: true }), undefined);
  assert.equal(own({ modalities: ['text', 'audio'], stream: true }), 'modalities');
  assert.equal(own({ modalities: ['text'], stream: true }), undefined);
});

test('foreign extras are accounted for by their loss', () => {
  const extra = (loss: 'nothing' | 'hint' | 'demand') => ({ dialect: 'anthropic-messages' as const, path: 'container', key: 'container', raw: '1', loss });
  assert.deepEqual(body({ ext: [extra('nothing')] }), { fields: {}, notes: [] });
  assert.deepEqual(body({ ext: [extra('hint')] }), { fields: {}, notes: ['dropped container'] });
  assert.equal(refused({ ext: [extra('demand')] }), 'container');
  assert.throws(() => sentText(foreignRequest({ ext: [extra('hint')] }), contextFor({ fidelity: 'strict' })), GatewayError);
  assert.deepEqual(body({ ext: [extra('demand')] }, { fidelity: 'lenient' }), { fields: {}, notes: ['dropped container'] });
});

test('orphans are refused by their id before anything is sent', () => {
  const orphan: ChatRequest['messages'] = [
    ...user,
    { role: 'user', at: 'messages[1]', blocks: [{ type: 'toolResult', callId: 'lost_1', content: [], at: 'messages[1].content[0]' }] },
  ];
  assert.equal(refused({ messages: orphan }), 'messages[1].content[0]');
  assert.throws(() => sentText(foreignRequest({ messages: orphan })), /lost_1/);
});
