import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Operation } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import type { ChatRequest, Extra } from '../../core/ir.ts';
import { scanTopLevel } from '../../core/top-level.ts';
import { accept, contextFor, fixture, notesOf, plainRequest, sent } from './fixtures/world.ts';
import { anthropicMessages } from './index.ts';
import { translation } from './translation.ts';

const official = { threads: true, systemInMessages: true } as const;

function check(body: unknown, operation: Operation = 'chat'): void {
  anthropicMessages.front.check(scanTopLevel(new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body))), {}, operation);
}

function paramOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof GatewayError && error.code === 'invalid_request' && error.status === 400, String(error));
    assert.ok(error.param === undefined || error.message.includes(error.param));
    return error.param;
  }
  return 'nothing was thrown';
}

test('the byte scan finds missing fields and values out of range', () => {
  check(plainRequest);
  check({ ...plainRequest, temperature: null, top_p: 1, top_k: 0, stream: null, unknown: {} });
  check({ ...plainRequest, temperature: 2, stream: false });
  const faults: [object, string][] = [
    [{ model: undefined }, 'model'],
    [{ model: '' }, 'model'],
    [{ model: 5 }, 'model'],
    [{ model: 'a\nb' }, 'model'],
    [{ model: 'm'.repeat(257) }, 'model'],
    [{ model: 'm'.repeat(9000) }, 'model'],
    [{ messages: undefined }, 'messages'],
    [{ messages: [] }, 'messages'],
    [{ messages: 'x' }, 'messages'],
    [{ messages: null }, 'messages'],
    [{ max_tokens: undefined }, 'max_tokens'],
    [{ max_tokens: 0 }, 'max_tokens'],
    [{ max_tokens: 1.5 }, 'max_tokens'],
    [{ max_tokens: '9' }, 'max_tokens'],
    [{ max_tokens: null }, 'max_tokens'],
    [{ temperature: 2.1 }, 'temperature'],
    [{ temperature: -1 }, 'temperature'],
    [{ temperature: '1' }, 'temperature'],
    [{ top_p: 1.1 }, 'top_p'],
    [{ top_k: -1 }, 'top_k'],
    [{ top_k: 1.5 }, 'top_k'],
    [{ stream: 'yes' }, 'stream'],
  ];
  for (const [change, param] of faults)
    assert.equal(
      paramOf(() => check({ ...plainRequest, ...change })),
      param,
      JSON.stringify(change).slice(0, 80),
    );
  assert.equal(
    paramOf(() => check('{"model":"m","max_tokens":1,"messages": [ ] }')),
    'messages',
  );
});

test('a token count needs no limit, and a thread may go on without a message', () => {
  check({ model: 'm', messages: [{ role: 'user', content: 'x' }] }, 'count_tokens');
  assert.equal(
    paramOf(() => check({ model: 'm', messages: [{ role: 'user', content: 'x' }] })),
    'max_tokens',
  );
  check({ ...plainRequest, messages: [], thread: { type: 'continue', previous_message_id: 'msg_1' } });
});

test('every field comes back as it came', () => {
  const body = fixture('every-field.request.json');
  const context = contextFor({ quirks: official });
  assert.deepEqual(sent(accept(body, context), context), JSON.parse(body));
  assert.deepEqual(context.ledger.notes, []);
});

test('what was spelled in one way comes back in it', () => {
  for (const change of [
    { system: 'text' },
    { system: '' },
    { system: [] },
    { system: null },
    { tools: [] },
    { metadata: {} },
    { output_config: {} },
    { stream: false },
    { stop_sequences: null },
    { temperature: null },
    { thinking: { type: 'disabled' } },
    { thinking: { type: 'between_tools' } },
    { thinking: { type: 'new_kind', x: 1 } },
    { output_config: { effort: null, format: null } },
    { output_config: { effort: 'colossal' } },
    { output_format: { type: 'json_schema', schema: { type: 'object' } } },
    { tool_choice: { type: 'auto', disable_parallel_tool_use: false } },
    { tool_choice: null },
    { messages: [{ role: 'user', content: '' }] },
    { messages: [{ role: 'user', content: [] }] },
  ]) {
    const body = { ...plainRequest, ...change };
    assert.deepEqual(sent(accept(body)), body);
  }
});

test('source text survives: big integers, duplicate keys, number spelling', () => {
  const input = '{"n":9007199254740993,"n":1.0,"x":1e2}';
  const schema = '{"type":"object","properties":{"b":{"default":1.00},"a":{}}}';
  const body = `{"model":"model-1","max_tokens":9,"x_new":1.50,"tools":[{"name":"f","input_schema":${schema}}],"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":${input}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t"}]}]}`;
  const context = contextFor();
  const text = translation.prepare(accept(body, context), context).body;
  for (const raw of [input, schema, '"x_new":1.50']) assert.ok(text.includes(raw), raw);
});

test('keys of Object.prototype are fields like any other', () => {
  const body =
    '{"model":"model-1","max_tokens":9,"__proto__":{"polluted":1},"constructor":2,"messages":[{"role":"user","content":[{"type":"text","text":"x","__proto__":{"polluted":2}}]}]}';
  const context = contextFor();
  const request = accept(body, context);
  assert.ok(request.ext.some((extra) => extra.key === 'constructor' && extra.loss === 'hint'));
  assert.match(translation.prepare(request, context).body, /"__proto__":\{"polluted":2\}/);
  assert.equal(({} as { polluted?: number }).polluted, undefined);
});

function byKey(extras: readonly Extra[] | undefined): ReadonlyMap<string, Extra> {
  return new Map(extras?.map((extra) => [extra.key, extra]));
}

test('fields without a name in the IR have a verdict', () => {
  const request = accept(fixture('every-field.request.json'), contextFor({ quirks: official }));
  const ext = byKey(request.ext);
  for (const key of ['container', 'mcp_servers', 'inference_geo', 'compaction', 'thread']) assert.equal(ext.get(key)?.loss, 'demand', key);
  for (const key of [
    'context_management',
    'diagnostics',
    'speed',
    'user_profile_id',
    'workspace_id',
    'x_unknown',
    'x_meta',
    'task_budget',
    'x_choice',
    'block_binding',
  ])
    assert.equal(ext.get(key)?.loss, 'hint', key);
  assert.equal(ext.get('x_null')?.loss, 'nothing');
  assert.equal(ext.get('block_binding')?.path, 'thinking.block_binding');
});

test('the neutral form of a request', () => {
  const request = accept(fixture('every-field.request.json'), contextFor({ quirks: official }));
  assert.deepEqual(
    {
      maxTokens: request.maxTokens,
      temperature: request.temperature,
      topP: request.topP,
      topK: request.topK,
      stop: request.stop,
      endUser: request.endUser,
      serviceTier: request.serviceTier,
      cache: request.cache,
      stream: request.stream,
      streamUsage: request.streamUsage,
    },
    {
      maxTokens: 4096,
      temperature: 0,
      topP: 0.9,
      topK: 40,
      stop: ['END', '\n\nHuman:'],
      endUser: '{"device":"d"}',
      serviceTier: 'standard_only',
      cache: {},
      stream: true,
      streamUsage: true,
    },
  );
  assert.deepEqual(request.reasoning, { mode: 'enabled', budget: 2048, display: 'omitted', effort: 'xhigh' });
  assert.deepEqual(request.toolChoice, { type: 'tool', name: 'f', kind: 'function' });
  assert.equal(request.parallelToolCalls, false);
  assert.equal(request.responseFormat?.type, 'schema');
  assert.deepEqual(
    request.messages.map(({ role, blocks }) => [role, ...blocks.map((block) => block.type)]),
    [
      ['system', 'text', 'text'],
      ['user', 'text'],
      ['user', 'text', 'image', 'image', 'image', 'document', 'document', 'document', 'document', 'document', 'document', 'searchResult', 'opaque'],
      ['assistant', 'reasoning', 'reasoning', 'text', 'text', 'opaque', 'opaque', 'toolCall', 'toolCall', 'toolCall', 'toolCall', 'toolCall'],
      ['user', 'toolResult', 'toolResult', 'toolResult', 'toolResult', 'toolResult', 'text'],
      ['system', 'text'],
      ['system', 'opaque', 'text'],
      ['assistant', 'text'],
    ],
  );
  assert.deepEqual(
    request.tools?.map((tool) => [tool.kind, tool.name]),
    [
      ['function', 'f'],
      ['function', 'deferred'],
      ['function', 'DeferredToolPlaceholder'],
      ['function', 'ToolSearch'],
      ['server', 'web_search'],
      ['server', 'computer'],
      ['server', 'mcp_toolset'],
    ],
  );
});

test('blocks that only Anthropic knows are demands, but for what merely shows tools', () => {
  const request = accept(fixture('every-field.request.json'), contextFor({ quirks: official }));
  const losses = request.messages.flatMap(({ blocks }) => blocks.flatMap((block) => (block.type === 'opaque' ? [`${block.kind} ${block.loss}`] : [])));
  assert.deepEqual(losses, ['container_upload demand', 'server_tool_use demand', 'web_search_tool_result demand', 'tool_addition hint']);
});

test('a fault below the top level is 400 with its path', () => {
  const faults: [unknown, string][] = [
    [[7], 'messages[0]'],
    [[{ role: 'robot', content: 'x' }], 'messages[0].role'],
    [[{ role: 'user' }], 'messages[0].content'],
    [[{ role: 'user', content: 5 }], 'messages[0].content'],
    [[{ role: 'user', content: [{ text: 'x' }] }], 'messages[0].content[0].type'],
    [[{ role: 'user', content: [{ type: 'text', text: null }] }], 'messages[0].content[0].text'],
    [[{ role: 'user', content: [{ type: 'image' }] }], 'messages[0].content[0].source'],
    [[{ role: 'user', content: [{ type: 'text', text: 'x', cache_control: { type: 'forever' } }] }], 'messages[0].content[0].cache_control.type'],
    [[{ role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'f', input: '{}' }] }], 'messages[0].content[0].input'],
    [[{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 5 }] }], 'messages[0].content[0].tool_use_id'],
  ];
  for (const [messages, param] of faults)
    assert.equal(
      paramOf(() => accept({ ...plainRequest, messages })),
      param,
    );
  assert.equal(
    paramOf(() => accept({ ...plainRequest, tool_choice: { type: 'sometimes' } })),
    'tool_choice.type',
  );
  assert.equal(
    paramOf(() => accept({ ...plainRequest, tools: [{ input_schema: {} }] })),
    'tools[0].name',
  );
  assert.equal(
    paramOf(() => accept({ ...plainRequest, stop_sequences: 'x' })),
    'stop_sequences',
  );
  assert.equal(
    paramOf(() => accept('[]')),
    undefined,
  );
});

test('a thread is refused in the words that make the SDKs send everything again, unless the target keeps threads', () => {
  const body = { ...plainRequest, thread: { type: 'continue', previous_message_id: 'msg_1' } };
  assert.throws(
    () => accept(body),
    (error) =>
      error instanceof GatewayError &&
      error.code === 'thread_unsupported_request' &&
      error.status === 400 &&
      error.details?.['error_code'] === 'thread_unsupported_request',
  );
  accept({ ...body, thread: null });
  accept(body, contextFor({ quirks: { threads: true } }));
});

test('Claude Code for another format: late tools, references and placeholders are told apart', () => {
  const context = contextFor({ back: 'openai-chat' });
  const request: ChatRequest = accept(fixture('claude-code.request.json'), context);
  assert.deepEqual(
    request.tools?.map((tool) => tool.name),
    ['ToolSearch', 'Write'],
  );
  const result = request.messages.flatMap(({ blocks }) => blocks).find((block) => block.type === 'toolResult');
  assert.ok(result?.type === 'toolResult');
  assert.deepEqual(
    result.content.map((block) => block.type === 'text' && block.text),
    ['The tool Write is available now.'],
  );
  assert.deepEqual(
    notesOf(context).toSorted(),
    ['dropped system[0]', 'emulated tools[2]', 'emulated tools[3]', 'emulated messages[2].content[0].content[0]'].toSorted(),
  );
  assert.deepEqual(
    context.ledger.notes.filter(({ path }) => path.startsWith('tools')).map(({ reason }) => reason),
    ['a deferred tool is sent once a tool_reference names it', 'a placeholder for tools that are loaded late is no tool'],
  );
  assert.equal(request.messages[0]?.blocks.length, 2);
  assert.equal(request.messages.at(-1)?.role, 'system');
});

test("Claude Code's line about billing is for Anthropic alone", () => {
  const billing = { type: 'text', text: 'x-anthropic-billing-header: cc_version=2; cch=1;' };
  const system = [billing, { type: 'text', text: 'Be brief.' }];
  const context = contextFor({ back: 'openai-chat' });
  const texts = (request: ChatRequest): readonly unknown[] =>
    request.messages.filter(({ role }) => role === 'system').map(({ blocks }) => blocks.map((block) => block.type === 'text' && block.text));
  assert.deepEqual(texts(accept({ ...plainRequest, system }, context)), [['Be brief.']]);
  assert.deepEqual(notesOf(context), ['dropped system[0]']);
  assert.deepEqual(texts(accept({ ...plainRequest, system: [billing] }, contextFor({ back: 'gemini' }))), []);
  assert.deepEqual(texts(accept({ ...plainRequest, system })), [[billing.text, 'Be brief.']]);
});

test('where Anthropic itself would search, every tool stays', () => {
  const tools = [
    { type: 'tool_search_tool_bm25_20251119', name: 'tool_search' },
    { name: 'late', input_schema: { type: 'object' }, defer_loading: true },
  ];
  assert.equal(accept({ ...plainRequest, tools }, contextFor({ back: 'openai-chat' })).tools?.length, 2);
});

test('calls in consecutive assistant messages are one turn for other formats', () => {
  const use = (id: string): object => ({ role: 'assistant', content: [{ type: 'tool_use', id, name: 'f', input: {} }] });
  const body = {
    ...plainRequest,
    messages: [use('a'), use('b'), { role: 'user', content: ['a', 'b'].map((id) => ({ type: 'tool_result', tool_use_id: id })) }],
  };
  assert.deepEqual(
    accept(body, contextFor({ back: 'openai-chat' })).messages.map(({ blocks }) => blocks.length),
    [2, 2],
  );
  assert.deepEqual(
    accept(body).messages.map(({ blocks }) => blocks.length),
    [1, 1, 2],
  );
});
