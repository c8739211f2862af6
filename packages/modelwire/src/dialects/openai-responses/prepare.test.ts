import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isGatewayError } from '../../core/errors.ts';
import type { Block, ChatRequest, Message, Tool } from '../../core/ir.ts';
import { accept, contextFor, foreignRequest, hi, notesOf, plainRequest, sent } from './fixtures/world.ts';
import { translation } from './translation.ts';

type Options = Parameters<typeof contextFor>[0];

/** The body of a foreign caller's request, and the notes. */
function write(fields: Partial<ChatRequest>, options: Options = {}): { readonly body: { readonly [key: string]: unknown }; readonly notes: readonly string[] } {
  const context = contextFor(options);
  return { body: sent(foreignRequest(fields), context), notes: notesOf(context) };
}

const input = (messages: readonly Message[], options: Options = {}): unknown => write({ messages }, options).body['input'];
const refused = (fields: Partial<ChatRequest>, options: Options = {}): string | undefined => {
  try {
    write(fields, options);
  } catch (error) {
    if (isGatewayError(error) && error.status === 400) return error.param;
    throw error;
  }
  return undefined;
};

const text = (value: string, at = 'x'): Block => ({ type: 'text', text: value, at });
const user = (...blocks: readonly Block[]): Message => ({ role: 'user', blocks, at: 'messages[0]' });
const assistant = (...blocks: readonly Block[]): Message => ({ role: 'assistant', blocks, at: 'messages[1]' });
const call = (id: string, more: object = {}): Block => ({ type: 'toolCall', id, name: 'f', arguments: '{}', kind: 'function', ...more });
const result = (callId: string, content: readonly Block[], more: object = {}): Block => ({ type: 'toolResult', callId, content, at: 'result', ...more });
const tool = (name: string, more: Partial<Tool> = {}): Tool => ({ name, kind: 'function', at: 'tools[0]', ...more });

test('nothing is kept at the provider, and the state of its thinking comes along', () => {
  assert.deepEqual(write({}).body, {
    model: 'model-1',
    input: [{ type: 'message', role: 'user', content: 'hi' }],
    include: ['reasoning.encrypted_content'],
    store: false,
  });
  assert.equal(write({}, { info: { reasoning: false } }).body['include'], undefined, 'models that do not think refuse it');
  const { body, notes } = write({}, { quirks: { refuses: ['include', 'store'] } });
  assert.deepEqual([body['include'], body['store'], notes], [undefined, undefined, []], 'the caller did not ask for them');
});

test('every field of the IR', () => {
  const { body, notes } = write({
    maxTokens: 100,
    temperature: 0,
    topP: 0.5,
    topK: 3,
    stop: ['a', 'b'],
    seed: 1,
    frequencyPenalty: 0,
    presencePenalty: 1,
    tools: [tool('f', { description: 'd' }), tool('c', { kind: 'custom', grammar: { syntax: 'lark', definition: 'x' } })],
    toolChoice: { type: 'allowed', mode: 'auto', names: ['f', 'c'] },
    parallelToolCalls: false,
    responseFormat: { type: 'schema', schema: '{"a":1.0}', strict: true },
    reasoning: { effort: 'low', display: 'summarized' },
    endUser: 'u',
    serviceTier: 'flex',
    stream: true,
  });
  const { input: _i, include: _n, store: _s, model: _m, ...rest } = body;
  assert.deepEqual(rest, {
    tools: [
      { type: 'function', name: 'f', description: 'd', parameters: { type: 'object', properties: {} }, strict: false },
      { type: 'custom', name: 'c', format: { type: 'grammar', syntax: 'lark', definition: 'x' } },
    ],
    tool_choice: {
      type: 'allowed_tools',
      mode: 'auto',
      tools: [
        { type: 'function', name: 'f' },
        { type: 'custom', name: 'c' },
      ],
    },
    parallel_tool_calls: false,
    text: { format: { type: 'json_schema', name: 'response', schema: { a: 1 }, strict: true } },
    reasoning: { effort: 'low', summary: 'auto' },
    max_output_tokens: 100,
    temperature: 0,
    top_p: 0.5,
    user: 'u',
    service_tier: 'flex',
    stream: true,
  });
  assert.deepEqual(notes, ['emulated stop', 'dropped top_k', 'dropped seed', 'dropped presence_penalty']);
});

test('a limit that is too low is the least there is', () => {
  const { body, notes } = write({ maxTokens: 5 });
  assert.deepEqual([body['max_output_tokens'], notes], [16, ['changed max_output_tokens']]);
  assert.equal(sent(accept({ ...plainRequest, max_output_tokens: 5 }))['max_output_tokens'], 5, 'our own callers are answered by their provider');
});

test('a front’s field for system text is `instructions`; a system message of a list stays an item', () => {
  const system = (at: string, blocks: readonly Block[] = [text('S', at)]): Message => ({ role: 'system', blocks, at });
  const { body } = write({ messages: [system('system'), user(text('hi'))] });
  assert.deepEqual([body['instructions'], body['input']], ['S', [{ type: 'message', role: 'user', content: 'hi' }]]);
  const item = { type: 'message', role: 'system', content: 'S' };
  assert.deepEqual(input([system('messages[0]'), user(text('hi'))]), [item, { type: 'message', role: 'user', content: 'hi' }]);
  assert.deepEqual(input([system('system')]), [item], 'a conversation cannot be empty');
  assert.deepEqual(input([user(text('hi')), system('messages[1]')]), [{ type: 'message', role: 'user', content: 'hi' }, item]);
  const late = write({ messages: [user(text('hi')), system('messages[1]')] }, { quirks: { systemAnywhere: false } });
  assert.deepEqual(late.notes, ['emulated messages[1]']);
  assert.match(JSON.stringify(late.body['input']), /<system>\\nS\\n<\/system>/);
  assert.deepEqual(
    write({ messages: [{ role: 'developer', blocks: [text('D')], at: 'messages[0]' }, user(text('hi'))] }, { quirks: { developerRole: false } }).notes,
    ['changed messages[0]'],
  );
});

test('a turn of the assistant is its items in their order', () => {
  assert.deepEqual(input([user(text('u')), assistant(text('a'), text('b'), call('1'), text('c')), user(result('1', [text('r')]), text('go on'))]), [
    { type: 'message', role: 'user', content: 'u' },
    {
      type: 'message',
      role: 'assistant',
      content: [
        { type: 'output_text', text: 'a', annotations: [] },
        { type: 'output_text', text: 'b', annotations: [] },
      ],
    },
    { type: 'function_call', call_id: '1', name: 'f', arguments: '{}' },
    { type: 'message', role: 'assistant', content: 'c' },
    { type: 'function_call_output', call_id: '1', output: 'r' },
    { type: 'message', role: 'user', content: 'go on' },
  ]);
});

test('results: of custom tools, with media, with errors, of calls whose ids are too long', () => {
  const image: Block = { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AA==' }, at: 'i' };
  const long = 'c'.repeat(65);
  const messages = [
    user(text('u')),
    assistant(call('1', { kind: 'custom', arguments: 'raw' }), call('2'), call(long)),
    user(result('1', [text('r')]), result('2', [text('no'), image], { isError: true }), result(long, [])),
  ];
  const items = input(messages) as readonly { readonly [key: string]: unknown }[];
  assert.deepEqual(items[1], { type: 'custom_tool_call', call_id: '1', name: 'f', input: 'raw' });
  assert.deepEqual(items[4], { type: 'custom_tool_call_output', call_id: '1', output: 'r' });
  assert.deepEqual(items[5]?.['output'], [
    { type: 'input_text', text: '{"error":"no"}' },
    { type: 'input_image', image_url: 'data:image/png;base64,AA==', detail: 'auto' },
  ]);
  assert.deepEqual([items[3]?.['call_id'], items[6]?.['output']], [items[6]?.['call_id'], '']);
  assert.match(String(items[3]?.['call_id']), /^call_[0-9a-f]{16}$/);
});

test('thinking goes back to its own origin alone', () => {
  const think = (block: object, options: Options = {}) => {
    const { body, notes } = write(
      { messages: [user(text('u')), assistant({ type: 'reasoning', text: 't', at: 'r', ...block }, text('a')), user(text('v'))] },
      options,
    );
    return [(body['input'] as object[])[1], notes];
  };
  const item = { type: 'reasoning', summary: [{ type: 'summary_text', text: 't' }], encrypted_content: 'sig' };
  const answer = { type: 'message', role: 'assistant', content: 'a' };
  assert.deepEqual(think({ signature: 'mw1.upstream.sig' }), [item, []]);
  for (const other of [{ signature: 'mw1.other.sig' }, { signature: 'sig' }, { redacted: 'mw1.upstream.x' }, {}])
    assert.deepEqual(think(other), [answer, ['dropped r']], JSON.stringify(other));
  const own = {
    type: 'reasoning',
    id: 'rs_1',
    summary: [],
    content: [{ type: 'reasoning_text', text: 'deep' }],
    encrypted_content: 'gAAA',
    status: 'completed',
  };
  assert.deepEqual((sent(accept({ model: 'm', input: [hi, own, hi] }))['input'] as object[])[1], own);
  const foreign = contextFor();
  const sealed = { type: 'reasoning', summary: [], encrypted_content: 'mw1.upstream.s.x' };
  assert.equal((sent(accept({ model: 'm', input: [hi, sealed, hi] }, foreign), foreign)['input'] as object[]).length, 2);
  assert.deepEqual(notesOf(foreign), ['dropped input[1]'], 'made by another format’s provider');
});

test('what the format cannot take is refused by name', () => {
  const audio: Block = { type: 'audio', format: 'wav', data: 'AA==', at: 'a' };
  const file = (type: 'image' | 'document'): Block => ({ type, source: { kind: 'file', id: 'f', dialect: 'anthropic-messages' }, at: type });
  assert.equal(refused({ messages: [user(audio)] }), 'a');
  assert.equal(refused({ messages: [user(file('image'))] }), 'image');
  assert.equal(refused({ messages: [user(file('document'))] }), 'document');
  assert.equal(refused({ messages: [user(result('9', []))] }), 'result');
  assert.equal(
    refused({ messages: [user(text('u'))], tools: [{ kind: 'server', dialect: 'gemini', name: 'googleSearch', raw: '{}', at: 'tools[0]' }] }),
    'tools[0]',
  );
  assert.equal(refused({ toolChoice: { type: 'required' } }, { quirks: { forcedToolChoice: false } }), 'tool_choice');
  assert.equal(refused({ temperature: 1.5 }, { quirks: { temperatureMax: 1 } }), 'temperature');
  assert.equal(refused({ tools: [tool('f')] }, { quirks: { refuses: ['tools'] } }), 'tools');
  assert.equal(refused({ temperature: 1 }, { quirks: { refuses: ['temperature'] } }), undefined);
});

test('tool names that the provider refuses are fitted, and given back in the answer', () => {
  const context = contextFor();
  const request = foreignRequest({ tools: [tool('a.b')] });
  const prepared = translation.prepare(request, context);
  const [sentTool] = JSON.parse(prepared.body).tools as { name: string }[];
  assert.match(sentTool?.name ?? '', /^a_b_[0-9a-f]{8}$/);
  const output = [{ type: 'function_call', id: 'fc_1', call_id: 'call_1', name: sentTool?.name, arguments: '{}', status: 'completed' }];
  const reply = prepared.reply(JSON.stringify({ id: 'resp_1', object: 'response', created_at: 1, model: 'm', status: 'completed', output }));
  assert.ok(reply.blocks[0]?.type === 'toolCall' && reply.blocks[0].name === 'a.b');
});
