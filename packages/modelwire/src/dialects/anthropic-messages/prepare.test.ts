import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collect } from '../../core/collect.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Block, ChatRequest, Effort, Message, Tool } from '../../core/ir.ts';
import { accept, contextFor, eventsOf, fixture, foreignRequest, framesOf, notesOf, plainRequest, sent } from './fixtures/world.ts';
import { translation } from './translation.ts';

function refused(run: () => unknown): GatewayError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof GatewayError && error.status === 400, String(error));
    return error;
  }
  throw new Error('nothing was refused');
}

/** What goes out for a request of another format, and the notes. */
function translated(fields: Partial<ChatRequest>, context = contextFor()): { body: ReturnType<typeof sent>; notes: string[] } {
  const body = sent(foreignRequest(fields), context);
  return { body, notes: notesOf(context) };
}

const user = (text: string, index: number): Message => ({
  role: 'user',
  at: `messages[${index}]`,
  blocks: [{ type: 'text', text, at: `messages[${index}].content` }],
});
const tool: Tool = { kind: 'function', name: 'f', schema: '{"type":"object"}', at: 'tools[0]' };

test('a plain request, and where it goes', () => {
  const context = contextFor();
  const prepared = translation.prepare(foreignRequest(), context);
  assert.equal(prepared.path, '/v1/messages');
  assert.deepEqual(prepared.headers, { 'anthropic-version': '2023-06-01' });
  assert.equal(prepared.body, '{"model":"model-1","max_tokens":4000,"messages":[{"role":"user","content":"hi"}]}');
  assert.deepEqual(context.ledger.notes, []);
});

test('the required limit is the model’s maximum, else our own default, and is told', () => {
  const { maxTokens: _none, ...open } = foreignRequest({ names: { maxTokens: 'max_completion_tokens' } });
  const known = contextFor({ info: { maxOutput: 64_000 } });
  assert.equal(sent(open, known)['max_tokens'], 64_000);
  const unknown = contextFor();
  assert.equal(sent(open, unknown)['max_tokens'], 8192);
  assert.deepEqual(notesOf(unknown), ['changed max_completion_tokens']);
});

test('sampling: zero is sent, hints without a place are dropped, what is too hot is refused', () => {
  const { body, notes } = translated({
    temperature: 0,
    topP: 0.5,
    topK: 3,
    stop: ['a', 'b'],
    seed: 7,
    frequencyPenalty: 0.5,
    presencePenalty: 0,
    stream: true,
  });
  assert.deepEqual([body['temperature'], body['top_p'], body['top_k'], body['stop_sequences'], body['stream']], [0, 0.5, 3, ['a', 'b'], true]);
  assert.deepEqual(notes, ['dropped seed', 'dropped frequency_penalty']);
  assert.equal(refused(() => translated({ temperature: 1.2 })).param, 'temperature');
  assert.equal(translated({ temperature: 1.2 }, contextFor({ quirks: { temperatureMax: 2 } })).body['temperature'], 1.2);
  const lenient = translated({ temperature: 1.2 }, contextFor({ fidelity: 'lenient' }));
  assert.equal('temperature' in lenient.body, false);
  assert.deepEqual(lenient.notes, ['dropped temperature']);
  refused(() => translated({ seed: 7 }, contextFor({ fidelity: 'strict' })));
});

test('more stop strings than the target takes are looked for here', () => {
  const context = contextFor({ quirks: { stopMax: 1 } });
  const prepared = translation.prepare(foreignRequest({ stop: ['x', 'END'] }), context);
  assert.deepEqual(JSON.parse(prepared.body).stop_sequences, ['x']);
  assert.deepEqual(notesOf(context), ['emulated stop_sequences']);
  const frames = framesOf(
    new TextEncoder().encode(
      fixture('anthropic-text.frames.txt').replaceAll(
        'Gott, ',
        'E"}}\n\nevent: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"ND, ',
      ),
    ),
  );
  const reply = collect(eventsOf(frames, context, foreignRequest({ stop: ['x', 'END'] })));
  assert.deepEqual(
    reply.blocks.map((block) => block.type === 'text' && block.text),
    ['Grüß '],
  );
  assert.deepEqual(reply.finish, { reason: 'stopString', stopString: 'END' });
  const whole = prepared.reply(fixture('anthropic-text.json').replace('Gott', 'END'));
  assert.equal(whole.finish.stopString, 'END');
});

test('system text at the start goes on top, a block each; one plain text is a string', () => {
  const system = (role: 'system' | 'developer', text: string, index: number): Message => ({ ...user(text, index), role });
  assert.equal(translated({ messages: [system('system', 'one', 0), user('hi', 1)] }).body['system'], 'one');
  const two = translated({ messages: [system('system', 'one', 0), system('developer', 'two', 1), user('hi', 2)] });
  assert.deepEqual(two.body['system'], [
    { type: 'text', text: 'one' },
    { type: 'text', text: 'two' },
  ]);
  assert.deepEqual(two.notes, ['changed messages[1]']);
});

test('later system text keeps its place: as such where it is taken, else as marked user text', () => {
  const messages: Message[] = [user('a', 0), { ...user('be brief', 1), role: 'system' }, user('b', 2)];
  const marked = translated({ messages });
  assert.deepEqual(marked.body['messages'], [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'a' },
        { type: 'text', text: '<system>\nbe brief\n</system>' },
        { type: 'text', text: 'b' },
      ],
    },
  ]);
  assert.deepEqual(marked.notes, ['emulated messages[1]']);
  const kept = translated({ messages }, contextFor({ quirks: { systemInMessages: true } }));
  assert.deepEqual(kept.body['messages'], [
    { role: 'user', content: 'a' },
    { role: 'system', content: 'be brief' },
    { role: 'user', content: 'b' },
  ]);
});

test('system text alone asks as marked user text', () => {
  const system = (text: string, index: number): Message => ({ ...user(text, index), role: 'system' });
  for (const quirks of [{}, { systemInMessages: true } as const]) {
    const { body, notes } = translated({ messages: [system('one', 0), system('two', 1)] }, contextFor({ quirks }));
    assert.deepEqual([body['system'], body['messages'], notes], ['one', [{ role: 'user', content: '<system>\ntwo\n</system>' }], ['emulated messages[1]']]);
  }
});

test('our own callers’ later system messages are moved only where the target has no place for them', () => {
  const body = {
    ...plainRequest,
    messages: [
      { role: 'user', content: 'a' },
      { role: 'system', content: 'brief' },
    ],
  };
  assert.deepEqual(sent(accept(body), contextFor())['messages'], [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'a' },
        { type: 'text', text: '<system>\nbrief\n</system>' },
      ],
    },
  ]);
});

test('turns are merged, tool results come first, empty text goes, an empty message is refused', () => {
  const call: Message = {
    role: 'assistant',
    at: 'messages[0]',
    blocks: [
      { type: 'text', text: '' },
      { type: 'toolCall', kind: 'function', id: 'c1', name: 'f', arguments: '{}' },
      { type: 'toolCall', kind: 'function', id: 'c2', name: 'f', arguments: '' },
    ],
  };
  const result = (callId: string): Message['blocks'][number] => ({ type: 'toolResult', callId, content: [{ type: 'text', text: 'ok' }] });
  const { body, notes } = translated({
    messages: [
      call,
      { role: 'user', at: 'messages[1]', blocks: [result('c1')] },
      { role: 'user', at: 'messages[2]', blocks: [{ type: 'text', text: 'and' }, result('c2')] },
    ],
  });
  assert.deepEqual(body['messages'], [
    {
      role: 'assistant',
      content: [
        { type: 'tool_use', id: 'c1', name: 'f', input: {} },
        { type: 'tool_use', id: 'c2', name: 'f', input: {} },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'c1', content: 'ok' },
        { type: 'tool_result', tool_use_id: 'c2', content: 'ok' },
        { type: 'text', text: 'and' },
      ],
    },
  ]);
  assert.deepEqual(notes, ['dropped messages', 'changed messages[1]']);
  assert.equal(refused(() => translated({ messages: [user('  ', 0)] })).param, 'messages[0]');
});

test('orphans are refused with their id', () => {
  const call: Message = { role: 'assistant', blocks: [{ type: 'toolCall', kind: 'function', id: 'c1', name: 'f', arguments: '{}' }] };
  assert.match(refused(() => translated({ messages: [user('a', 0), call, user('b', 2)] })).message, /"c1"/);
  assert.match(
    refused(() => translated({ messages: [user('a', 0), { role: 'user', blocks: [{ type: 'toolResult', callId: 'c9', content: [] }] }] })).message,
    /"c9"/,
  );
  refused(() => sent(accept({ ...plainRequest, messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c9' }] }] })));
  const threaded = contextFor({ quirks: { threads: true } });
  sent(
    accept(
      {
        ...plainRequest,
        thread: { type: 'continue', previous_message_id: 'm' },
        messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c9' }] }],
      },
      threaded,
    ),
    threaded,
  );
});

test('tool results: strings, media, errors, nothing', () => {
  const results: Message['blocks'] = [
    { type: 'toolResult', callId: 'c1', content: [{ type: 'text', text: '' }] },
    {
      type: 'toolResult',
      callId: 'c2',
      content: [
        { type: 'text', text: 'x' },
        { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'aGk=' } },
      ],
      isError: true,
    },
  ];
  const calls: Message['blocks'] = ['c1', 'c2'].map((id) => ({ type: 'toolCall', kind: 'function', id, name: 'f', arguments: '{}' }));
  const { body } = translated({
    messages: [
      { role: 'assistant', blocks: calls },
      { role: 'user', blocks: results },
    ],
  });
  const [, turn] = body['messages'] as readonly [unknown, { readonly content: unknown }];
  assert.deepEqual(turn.content, [
    { type: 'tool_result', tool_use_id: 'c1' },
    {
      type: 'tool_result',
      tool_use_id: 'c2',
      content: [
        { type: 'text', text: 'x' },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aGk=' } },
      ],
      is_error: true,
    },
  ]);
});

function block(item: Message['blocks'][number], context = contextFor()): { content: unknown; notes: string[] } {
  const { body, notes } = translated({ messages: [{ role: 'user', at: 'messages[0]', blocks: [{ type: 'text', text: 'see' }, item] }] }, context);
  const [message] = body['messages'] as readonly [{ readonly content: readonly unknown[] }];
  return { content: message.content[1], notes };
}

test('media: what is taken, what is changed, what is refused', () => {
  const at = 'messages[0].content[1]';
  assert.deepEqual(block({ type: 'image', at, source: { kind: 'url', url: 'https://x/a.png' }, detail: 'high' }), {
    content: { type: 'image', source: { type: 'url', url: 'https://x/a.png' } },
    notes: [`dropped ${at}.detail`],
  });
  assert.deepEqual(block({ type: 'document', at, source: { kind: 'base64', mediaType: 'application/pdf', data: 'JVBERg==' }, filename: 'a.pdf' }), {
    content: { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERg==' }, title: 'a.pdf' },
    notes: [`changed ${at}.filename`],
  });
  assert.deepEqual(block({ type: 'document', at, source: { kind: 'base64', mediaType: 'text/csv', data: 'YSxi' } }), {
    content: { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'a,b' } },
    notes: [`changed ${at}`],
  });
  assert.deepEqual(block({ type: 'refusal', at, text: 'no' }).content, { type: 'text', text: 'no' });
  const refusals: Message['blocks'] = [
    { type: 'image', at, source: { kind: 'base64', mediaType: 'image/tiff', data: '' } },
    { type: 'image', at, source: { kind: 'file', id: 'file-1', dialect: 'openai-chat' } },
    { type: 'document', at, source: { kind: 'base64', mediaType: 'application/zip', data: '' } },
    { type: 'document', at, source: { kind: 'base64', mediaType: 'text/plain', data: '/w==' } },
    { type: 'audio', at, format: 'wav', data: '' },
    { type: 'opaque', at, dialect: 'openai-chat', kind: 'video', raw: '{}', loss: 'demand' },
  ];
  for (const item of refusals) assert.equal(refused(() => block(item)).param, at);
  assert.equal(refused(() => block({ type: 'image', at, source: { kind: 'url', url: 'x' } }, contextFor({ quirks: { images: false } }))).param, at);
  assert.equal(refused(() => block({ type: 'document', at, source: { kind: 'text', text: 'x' } }, contextFor({ quirks: { documents: false } }))).param, at);
});

test('call history: broken arguments are the caller’s to mend, ids and names are fitted, free text travels in an object', () => {
  const turn = (call: Partial<Extract<Message['blocks'][number], { type: 'toolCall' }>>): ReturnType<typeof translated> =>
    translated({
      messages: [
        user('a', 0),
        { role: 'assistant', blocks: [{ type: 'toolCall', kind: 'function', id: 'c', name: 'f', arguments: '{}', at: 'messages[1].tool_calls[0]', ...call }] },
      ],
    });
  for (const text of ['{"a":', '[1]', '"x"', 'null', '{a:1}', '{} {}'])
    assert.equal(refused(() => turn({ arguments: text })).param, 'messages[1].tool_calls[0]', text);
  const content = (made: ReturnType<typeof translated>): unknown =>
    (made.body['messages'] as readonly { readonly content: readonly unknown[] }[])[1]?.content[0];
  assert.deepEqual(content(turn({ arguments: ' {"a":1} ' })), { type: 'tool_use', id: 'c', name: 'f', input: { a: 1 } });
  assert.deepEqual(content(turn({ kind: 'custom', arguments: 'text "x"' })), { type: 'tool_use', id: 'c', name: 'f', input: { input: 'text "x"' } });
  const fitted = turn({ id: 'functions.f:0', name: 'näme' });
  assert.match(JSON.stringify(content(fitted)), /"id":"toolu_[0-9a-f]{16}","name":"n_me_[0-9a-f]{8}"/);
  assert.deepEqual(fitted.notes, ['changed tools', 'changed messages[1].tool_calls[0]']);
});

test('renamed tools come back under the caller’s name', () => {
  const name = 'mcp.server/tool';
  const prepared = translation.prepare(
    foreignRequest({ tools: [{ kind: 'function', name }], toolChoice: { type: 'tool', name, kind: 'function' } }),
    contextFor(),
  );
  const body = JSON.parse(prepared.body);
  assert.equal(body.tool_choice.name, body.tools[0].name);
  const reply = prepared.reply(
    JSON.stringify({
      id: 'm',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [{ type: 'tool_use', id: 't', name: body.tools[0].name, input: {} }],
      stop_reason: 'tool_use',
      usage: {},
    }),
  );
  assert.ok(reply.blocks[0]?.type === 'toolCall' && reply.blocks[0].name === name);
});

test('tool definitions: schemas are given what they lack, custom tools become functions, others’ own tools are refused', () => {
  const { body, notes } = translated({
    tools: [
      tool,
      { kind: 'function', name: 'g', at: 'tools[1]', strict: true, description: 'd' },
      { kind: 'function', name: 'h', at: 'tools[2]', schema: '{ "properties": {"x": 1.0} }' },
      { kind: 'function', name: 'i', at: 'tools[3]', schema: '{}' },
      { kind: 'custom', name: 'patch', at: 'tools[4]' },
    ],
  });
  assert.deepEqual(body['tools'], [
    { name: 'f', input_schema: { type: 'object' } },
    { name: 'g', description: 'd', input_schema: { type: 'object', properties: {}, additionalProperties: false }, strict: true },
    { name: 'h', input_schema: { type: 'object', properties: { x: 1 } } },
    { name: 'i', input_schema: { type: 'object' } },
    { name: 'patch', input_schema: { type: 'object', properties: { input: { type: 'string' } }, required: ['input'], additionalProperties: false } },
  ]);
  assert.deepEqual(notes, ['changed tools[1]', 'changed tools[2]', 'changed tools[3]', 'emulated tools[4]']);
  const map = translated({
    tools: [{ kind: 'function', name: 'm', at: 'tools[0]', strict: true, schema: '{"type":"object","additionalProperties":{"type":"number"}}' }],
  });
  assert.deepEqual(map.body['tools'], [{ name: 'm', input_schema: { type: 'object', additionalProperties: { type: 'number' } } }]);
  assert.deepEqual(map.notes, ['dropped tools[0].strict']);
  assert.equal(
    refused(() => translated({ tools: [{ kind: 'server', dialect: 'openai-chat', name: 'web_search', raw: '{}', at: 'tools[0]' }] })).param,
    'tools[0]',
  );
});

test('every choice of tools', () => {
  const choice = (toolChoice: ChatRequest['toolChoice'], more: Partial<ChatRequest> = {}): unknown =>
    translated({ tools: [tool, { ...tool, name: 'g' }], ...(toolChoice === undefined ? {} : { toolChoice }), ...more }).body['tool_choice'];
  assert.equal(choice(undefined), undefined);
  assert.deepEqual(choice({ type: 'auto' }), { type: 'auto' });
  assert.deepEqual(choice({ type: 'none' }, { parallelToolCalls: false }), { type: 'none' });
  assert.deepEqual(choice({ type: 'required' }), { type: 'any' });
  assert.deepEqual(choice({ type: 'tool', name: 'g', kind: 'function' }, { parallelToolCalls: false }), {
    type: 'tool',
    name: 'g',
    disable_parallel_tool_use: true,
  });
  assert.deepEqual(choice(undefined, { parallelToolCalls: false }), { type: 'auto', disable_parallel_tool_use: true });
  assert.equal(choice(undefined, { parallelToolCalls: true }), undefined);
  const allowed = translated({ tools: [tool, { ...tool, name: 'g' }], toolChoice: { type: 'allowed', mode: 'required', names: ['g'] } });
  assert.deepEqual([allowed.body['tools'], allowed.body['tool_choice']], [[{ name: 'g', input_schema: { type: 'object' } }], { type: 'any' }]);
  assert.deepEqual(allowed.notes, ['emulated tool_choice', 'carried tools[0]']);
  assert.equal(refused(() => translated({ toolChoice: { type: 'required' } })).param, 'tool_choice');
  const unforced = contextFor({ quirks: { forcedToolChoice: false } });
  refused(() => translated({ tools: [tool, { ...tool, name: 'g' }], toolChoice: { type: 'required' } }, unforced));
});

test('an effort is asked for as the model takes it', () => {
  const ask = (effort: Effort, quirks = {}, maxTokens = 10_000): ReturnType<typeof translated> =>
    translated({ reasoning: { effort }, maxTokens, names: { reasoning: 'reasoning_effort' } }, contextFor({ quirks }));
  const high = ask('high').body;
  assert.deepEqual([high['thinking'], high['output_config']], [{ type: 'adaptive' }, { effort: 'high' }]);
  assert.deepEqual(ask('minimal').body['output_config'], { effort: 'low' });
  assert.deepEqual(ask('minimal').notes, ['changed reasoning_effort']);
  assert.deepEqual(ask('none').body['thinking'], { type: 'disabled' });
  const budget = ask('medium', { thinking: 'budget' });
  assert.deepEqual(
    [budget.body['thinking'], budget.body['output_config'], budget.notes],
    [{ type: 'enabled', budget_tokens: 5000 }, undefined, ['changed reasoning_effort']],
  );
  assert.deepEqual(ask('none', { thinking: 'budget' }).body['thinking'], { type: 'disabled' });
  assert.deepEqual(
    [ask('high', { thinking: 'none' }).body['thinking'], ask('high', { thinking: 'none' }).notes, ask('none', { thinking: 'none' }).notes],
    [undefined, ['dropped reasoning_effort'], []],
  );
  assert.equal(refused(() => ask('high', { thinking: 'budget' }, 1000)).param, 'reasoning_effort');
  assert.equal(refused(() => translated({ reasoning: { budget: 9000 } }, contextFor({ quirks: { thinking: 'budget' } }))).param, 'reasoning');
  const fromBudget = translated({ reasoning: { budget: 3200 } });
  const both = translated({ reasoning: { budget: 3200, effort: 'low' } });
  assert.deepEqual([both.body['output_config'], both.notes], [{ effort: 'low' }, ['changed reasoning']]);
  assert.deepEqual([fromBudget.body['output_config'], fromBudget.notes], [{ effort: 'high' }, ['changed reasoning']]);
});

test('with thinking on, a temperature and a forced call are refused, not taken away', () => {
  assert.equal(refused(() => translated({ reasoning: { effort: 'low' }, temperature: 0.5 })).param, 'temperature');
  assert.equal(refused(() => translated({ reasoning: { effort: 'low' }, tools: [tool], toolChoice: { type: 'required' } })).param, 'tool_choice');
  assert.equal(translated({ reasoning: { effort: 'low' }, temperature: 1 }).body['temperature'], 1);
  assert.equal(translated({ reasoning: { effort: 'none' }, temperature: 0.5 }).body['temperature'], 0.5);
});

test('our own callers’ thinking is changed only where the model takes it otherwise', () => {
  const body = { ...plainRequest, max_tokens: 10_000, thinking: { type: 'adaptive', display: 'omitted' }, output_config: { effort: 'medium' } };
  const out = (change: object, quirks = {}): ReturnType<typeof sent> => sent(accept({ ...body, ...change }), contextFor({ quirks }));
  assert.deepEqual(out({}), body);
  assert.deepEqual(out({}, { thinking: 'budget' })['thinking'], { type: 'enabled', budget_tokens: 5000, display: 'omitted' });
  assert.equal(out({}, { thinking: 'budget' })['output_config'], undefined);
  assert.equal(out({}, { thinking: 'none' })['thinking'], undefined);
  const enabled = { type: 'enabled', budget_tokens: 2000 };
  assert.deepEqual(out({ thinking: enabled }, { thinking: 'budget' })['thinking'], enabled);
});

test('structured output', () => {
  const schema = '{"type":"object","properties":{"n":{"const":1.0}},"additionalProperties":false}';
  const format = { type: 'schema', name: 'answer', schema, strict: true } as const;
  const native = translated({ responseFormat: format });
  assert.deepEqual(
    [native.body['output_config'], native.notes],
    [{ format: { type: 'json_schema', schema: JSON.parse(schema) } }, ['carried response_format']],
  );
  assert.equal(translated({ responseFormat: { type: 'text' } }).body['output_config'], undefined);
});

test('end user and service tier', () => {
  assert.deepEqual(translated({ endUser: 'u-1' }).body['metadata'], { user_id: 'u-1' });
  assert.equal(translated({ serviceTier: 'auto' }).body['service_tier'], 'auto');
  assert.deepEqual(translated({ serviceTier: 'flex' }).notes, ['dropped service_tier']);
});

test('cache marks keep what they can of their time, and only the last four are sent', () => {
  const marked = (ttl?: string): Message => ({
    role: 'user',
    at: 'messages[0]',
    blocks: [{ type: 'text', text: 'x', at: 'messages[0].content[0]', cache: ttl === undefined ? {} : { ttl } }],
  });
  const control = (message: Message): unknown =>
    (translated({ messages: [message] }).body['messages'] as readonly { readonly content: readonly { readonly cache_control?: unknown }[] }[])[0]?.content[0]
      ?.cache_control;
  assert.deepEqual(control(marked()), { type: 'ephemeral' });
  assert.deepEqual(control(marked('5m')), { type: 'ephemeral', ttl: '5m' });
  assert.deepEqual(control(marked('30m')), { type: 'ephemeral', ttl: '1h' });
  const many = translated({ tools: [{ ...tool, cache: {} }], messages: [marked(), marked(), marked(), marked()] });
  assert.deepEqual(many.body['tools'], [{ name: 'f', input_schema: { type: 'object' } }]);
  assert.deepEqual(many.notes, ['dropped tools[0].cache_control']);
});

test('reasoning goes back to its origin byte for byte, and to nobody else', () => {
  const think = (more: object, context = contextFor()): { content: unknown; notes: string[] } => {
    const { body, notes } = translated(
      {
        messages: [
          user('a', 0),
          {
            role: 'assistant',
            at: 'messages[1]',
            blocks: [
              { type: 'reasoning', text: 'hm', at: 'messages[1].r', ...more },
              { type: 'text', text: 'b' },
            ],
          },
          user('c', 2),
        ],
      },
      context,
    );
    return { content: (body['messages'] as readonly { readonly content: unknown }[])[1]?.content, notes };
  };
  const kept = (block: object): unknown => [block, { type: 'text', text: 'b' }];
  assert.deepEqual(think({ signature: 'mw1.upstream.EqQ.1' }).content, kept({ type: 'thinking', thinking: 'hm', signature: 'EqQ.1' }));
  assert.deepEqual(think({ text: '', redacted: 'mw1.upstream.data' }).content, kept({ type: 'redacted_thinking', data: 'data' }));
  for (const withheld of [
    {},
    { signature: '' },
    { signature: 'mw1.upstream.' },
    { signature: 'mw1.other.x' },
    { redacted: 'mw1.other.x' },
    { signature: 'EqQ+/==' },
  ]) {
    assert.deepEqual(think(withheld).notes, ['dropped messages[1].r']);
  }
  const onlyThought = translated({
    messages: [user('a', 0), { role: 'assistant', at: 'messages[1]', blocks: [{ type: 'reasoning', text: 'hm' }] }, user('c', 2)],
  });
  assert.deepEqual(onlyThought.body['messages'], [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'c' },
      ],
    },
  ]);
});

test('what a model or provider refuses is left out, or refused', () => {
  const context = contextFor({ quirks: { refuses: ['top_k', 'x_new', 'cache_control'] } });
  const body = sent(accept({ ...plainRequest, top_k: 3, x_new: 1 }), context);
  assert.deepEqual(body, plainRequest);
  assert.deepEqual(notesOf(context), ['dropped top_k', 'dropped x_new']);
  const prefill: Message[] = [user('a', 0), { role: 'assistant', at: 'messages[1]', blocks: [{ type: 'text', text: 'The answer is ' }] }];
  assert.equal(refused(() => translated({ messages: prefill }, contextFor({ quirks: { prefill: false } }))).param, 'messages[1]');
  assert.deepEqual((translated({ messages: prefill }).body['messages'] as readonly unknown[])[1], { role: 'assistant', content: 'The answer is ' });
});

test('everyone else’s extras are accounted for, wherever they stand', () => {
  const hint = (
    path: string,
  ): { readonly dialect: 'openai-chat'; readonly path: string; readonly key: string; readonly raw: string; readonly loss: 'hint' } => ({
    dialect: 'openai-chat',
    path,
    key: 'x',
    raw: '1',
    loss: 'hint',
  });
  const { notes } = translated({
    ext: [hint('x'), { ...hint('y'), loss: 'nothing' }],
    tools: [{ ...tool, ext: [hint('tools[0].x')] }],
    messages: [
      {
        role: 'user',
        at: 'messages[0]',
        name: 'bob',
        ext: [hint('messages[0].x')],
        blocks: [{ type: 'text', text: 'x', ext: [hint('messages[0].content[0].x')] }],
      },
    ],
  });
  assert.deepEqual(notes, ['dropped x', 'dropped tools[0].x', 'dropped messages[0].x', 'dropped messages[0].name', 'dropped messages[0].content[0].x']);
  assert.equal(refused(() => translated({ ext: [{ ...hint('n'), loss: 'demand' }] })).param, 'n');
});

test('a turn of tools that was begun without thinking goes on without, with a note', () => {
  const call: Block = { type: 'toolCall', kind: 'function', id: 'a', name: 'f', arguments: '{}' };
  const result: Message = { role: 'user', blocks: [{ type: 'toolResult', callId: 'a', content: [] }] };
  const turn = (...blocks: readonly Block[]): readonly Message[] => [user('hi', 0), { role: 'assistant', blocks }, result];
  const ask = (messages: readonly Message[]): ReturnType<typeof translated> =>
    translated({ messages, reasoning: { effort: 'high' }, maxTokens: 10_000, names: {} }, contextFor({ quirks: { thinking: 'budget' } }));
  const own: Block = { type: 'reasoning', text: 'hm', signature: 'mw1.upstream.S' };
  const begun = ask(turn(own, call));
  assert.deepEqual(begun.body['thinking'], { type: 'enabled', budget_tokens: 8000 });
  for (const blocks of [[call], [{ ...own, signature: 'mw1.other.S' }, call]] as const) {
    const { body, notes } = ask(turn(...blocks));
    assert.deepEqual([body['thinking'], notes.includes('dropped reasoning')], [{ type: 'disabled' }, true]);
  }
  // The turn is over.
  assert.deepEqual(
    ask([...turn(call), { role: 'assistant', blocks: [{ type: 'text', text: 'ok' }] }, user('so?', 4)]).body['thinking'],
    begun.body['thinking'],
  );
  const body = {
    ...plainRequest,
    max_tokens: 10_000,
    thinking: { type: 'enabled', budget_tokens: 2000 },
    messages: [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'f', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a' }] },
    ],
  };
  assert.deepEqual(sent(accept(body), contextFor({ quirks: { thinking: 'budget' } }))['thinking'], { type: 'disabled' });
});
