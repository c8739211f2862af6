import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Context } from '../../core/dialect.ts';
import { isGatewayError } from '../../core/errors.ts';
import type { Block, ChatRequest, Message, Tool } from '../../core/ir.ts';
import { answer, contextFor, foreignRequest, notesOf, replied, sent } from './fixtures/world.ts';

const tool = (name: string, more: Partial<Tool> = {}): Tool => ({
  kind: 'function',
  name,
  schema: '{"type":"object","properties":{}}',
  at: 'tools[0]',
  ...more,
});
const user = (...blocks: Block[]): Message => ({ role: 'user', blocks, at: 'messages[0]' });
const assistant = (...blocks: Block[]): Message => ({ role: 'assistant', blocks, at: 'messages[1]' });
const text = (value: string): Block => ({ type: 'text', text: value });
const call = (id: string, name = 'f'): Block => ({ type: 'toolCall', kind: 'function', id, name, arguments: '{"a":1.0}' });
const result = (callId: string, ...content: Block[]): Block => ({ type: 'toolResult', callId, content });
const image: Block = { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AA==' } };
const png = { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } };

type Sent = {
  readonly messages: readonly { readonly role: string; readonly content?: unknown }[];
  readonly tools?: readonly { readonly function: { readonly name: string; readonly parameters: unknown } }[];
  readonly documents?: unknown;
  readonly [key: string]: unknown;
};

const send = (request: Partial<ChatRequest>, context: Context = contextFor()): Sent => sent(foreignRequest(request), context) as Sent;

function refusal(request: Partial<ChatRequest>, context: Context = contextFor()): string {
  try {
    send(request, context);
  } catch (error) {
    if (isGatewayError(error)) return error.message;
    throw error;
  }
  return 'taken';
}

function noted(request: Partial<ChatRequest>, options: Parameters<typeof contextFor>[0] = {}): string[] {
  const context = contextFor(options);
  send(request, context);
  return notesOf(context);
}

test('text before a call is its plan; results are messages of their own, with images after them', () => {
  const context = contextFor();
  const turns = [
    user(text('hi')),
    assistant(text('I look.'), call('c1'), call('c2', 'g')),
    user(result('c1', text('one'), image), result('c2', text('two')), text('so?')),
  ];
  const { messages } = send({ messages: turns }, context);
  const made = (id: string, name: string) => ({ id, type: 'function', function: { name, arguments: '{"a":1.0}' } });
  assert.deepEqual(messages.slice(1), [
    { role: 'assistant', tool_plan: 'I look.', tool_calls: [made('c1', 'f'), made('c2', 'g')] },
    { role: 'tool', tool_call_id: 'c1', content: 'one' },
    { role: 'tool', tool_call_id: 'c2', content: 'two' },
    { role: 'user', content: [{ type: 'text', text: '[tool result media for c1]' }, png, { type: 'text', text: 'so?' }] },
  ]);
  assert.ok(notesOf(context).some((note) => note.startsWith('emulated')));
});

test('a result that is an error says so in its text', () => {
  const failed: Block = { type: 'toolResult', callId: 'c1', isError: true, content: [text('no')] };
  const { messages } = send({ messages: [user(text('hi')), assistant(call('c1')), user(failed)] });
  assert.deepEqual(messages[2], { role: 'tool', tool_call_id: 'c1', content: '{"error":"no"}' });
});

test('what is to be cited is a document of the request; of a result, one of its own', () => {
  const found: Block = { type: 'searchResult', source: 'https://example.com', title: 'T', content: [{ type: 'text', text: 'body' }], cite: true };
  const file: Block = { type: 'document', source: { kind: 'text', text: 'words' }, filename: 'a.txt', cite: true };
  const { documents, messages } = send({ messages: [user(found, file, found, text('so?')), assistant(call('c1')), user(result('c1', found))] });
  const data = { title: 'T', source: 'https://example.com', text: 'body' };
  assert.deepEqual(documents, [{ data, id: 'https://example.com' }, { data: { title: 'a.txt', text: 'words' } }, { data, id: 'https://example.com#2' }]);
  assert.equal(messages[0]?.content, 'so?');
  assert.deepEqual(messages[2]?.content, [{ type: 'document', document: { data, id: 'https://example.com' } }]);
});

test('a choice among tools is the tools that are sent', () => {
  const tools = [tool('a'), tool('b')];
  const chosen = (toolChoice: ChatRequest['toolChoice']): unknown => {
    const body = send({ tools, ...(toolChoice === undefined ? {} : { toolChoice }) });
    return [body.tools?.map((item) => item.function.name), body['tool_choice']];
  };
  assert.deepEqual(chosen(undefined), [['a', 'b'], undefined]);
  assert.deepEqual(chosen({ type: 'required' }), [['a', 'b'], 'REQUIRED']);
  assert.deepEqual(chosen({ type: 'none' }), [['a', 'b'], 'NONE']);
  assert.deepEqual(chosen({ type: 'tool', name: 'b', kind: 'function' }), [['b'], 'REQUIRED']);
  assert.deepEqual(chosen({ type: 'allowed', mode: 'auto', names: ['a'] }), [['a'], undefined]);
  assert.ok(noted({ tools, toolChoice: { type: 'tool', name: 'b', kind: 'function' } }).includes('emulated tool_choice'));
  assert.match(refusal({ tools, toolChoice: { type: 'tool', name: 'x', kind: 'function' } }), /no tool "x"/);
  assert.match(refusal({ toolChoice: { type: 'required' } }), /tool/);
});

test('names that Cohere takes, parameters where there are none, one string for free text', () => {
  const names = send({ tools: [tool('get-weather'), tool('1st')] }).tools?.map((item) => item.function.name) ?? [];
  for (const name of names) assert.match(name, /^[A-Za-z_][A-Za-z0-9_]*$/);
  assert.equal(new Set(names).size, 2);
  const [bare, free] = send({ tools: [{ kind: 'function', name: 'a' }, tool('b', { kind: 'custom' })] }).tools ?? [];
  assert.deepEqual(bare?.function.parameters, { type: 'object', properties: {} });
  assert.match(JSON.stringify(free?.function.parameters), /"input"/);
});

test('all tools are strict, or none', () => {
  const strictOf = (...flags: (boolean | undefined)[]): unknown =>
    send({ tools: flags.map((strict, index) => tool(`t${index}`, strict === undefined ? {} : { strict })) })['strict_tools'];
  assert.equal(strictOf(true, true), true);
  assert.equal(strictOf(undefined), undefined);
  const mixed = noted({ tools: [tool('a', { strict: true }), tool('b')] });
  assert.ok(mixed.length > 0, 'what a mixture becomes is noted');
});

test('numbers within Cohere’s ranges', () => {
  const body = send({ topP: 1, topK: 900, frequencyPenalty: -0.5, presencePenalty: 1, temperature: 1 });
  assert.deepEqual([body['p'], body['k'], body['frequency_penalty'], body['presence_penalty'], body['temperature']], [0.99, 500, undefined, 1, 1]);
  assert.deepEqual(noted({ topP: 1, frequencyPenalty: -0.5 }).sort(), ['changed top_p', 'dropped frequency_penalty']);
  assert.match(refusal({ temperature: 1.5 }), /at most 1/);
  const stops = ['1', '2', '3', '4', '5', '6'];
  assert.deepEqual(send({ stop: stops })['stop_sequences'], stops.slice(0, 5));
  assert.deepEqual(noted({ stop: stops }), ['emulated stop']);
});

test('thinking by a budget, on, or off', () => {
  const thinkingOf = (reasoning: NonNullable<ChatRequest['reasoning']>, more: Partial<ChatRequest> = {}): unknown =>
    send({ reasoning, maxTokens: 10_000, ...more })['thinking'];
  assert.deepEqual(thinkingOf({ budget: 3000 }), { type: 'enabled', token_budget: 3000 });
  assert.deepEqual(thinkingOf({ effort: 'none' }), { type: 'disabled' });
  assert.deepEqual(thinkingOf({ mode: 'adaptive' }), { type: 'enabled' });
  assert.deepEqual(thinkingOf({ effort: 'low' }), { type: 'enabled', token_budget: 2000 });
  assert.equal(send({ reasoning: { effort: 'high' } }, contextFor({ quirks: { thinking: 'none' } }))['thinking'], undefined);
});

test('a response format, and words for it where Cohere holds none', () => {
  const schema = '{"type":"object"}';
  assert.deepEqual(send({ responseFormat: { type: 'json' } })['response_format'], { type: 'json_object' });
  assert.deepEqual(send({ responseFormat: { type: 'schema', schema, name: 'n' } })['response_format'], {
    type: 'json_object',
    json_schema: { type: 'object' },
  });
  assert.equal(send({ responseFormat: { type: 'text' } })['response_format'], undefined);
  const cited: Block = { type: 'document', source: { kind: 'text', text: 'x' }, cite: true };
  for (const excluded of [{ tools: [tool('a')] }, { messages: [user(text('hi'), cited)] }]) {
    const body = send({ responseFormat: { type: 'schema', schema }, ...excluded });
    assert.equal(body['response_format'], undefined);
    assert.equal(body.messages[0]?.role, 'system');
    assert.match(String(body.messages[0]?.content), /"type":"object"/);
    assert.ok(noted({ responseFormat: { type: 'schema', schema }, ...excluded }).includes('emulated response_format'));
  }
  const request = foreignRequest({ responseFormat: { type: 'schema', schema }, tools: [tool('a')] });
  assert.throws(() => replied(answer({ content: [{ type: 'text', text: 'no JSON' }] }), contextFor(), request), /not the JSON that was asked for/);
});

test('system messages stand where they were, or at the start where the provider asks for that', () => {
  const system = (value: string): Message => ({ role: 'system', blocks: [text(value)], at: 'messages[0]' });
  const messages = [system('A'), system('B'), user(text('hi')), system('C')];
  const shape = (quirks = {}): unknown => send({ messages }, contextFor({ quirks })).messages.map(({ role, content }) => [role, content]);
  assert.deepEqual(shape(), [
    ['system', 'A'],
    ['system', 'B'],
    ['user', 'hi'],
    ['system', 'C'],
  ]);
  const moved = send({ messages }, contextFor({ quirks: { systemAnywhere: false } })).messages;
  assert.deepEqual(
    moved.map(({ role }) => role),
    ['system', 'user', 'user'],
  );
  assert.match(JSON.stringify(moved[2]), /C/);
});

test('what has no place is dropped with a note, and what must be there is refused', () => {
  assert.deepEqual(noted({ endUser: 'u', parallelToolCalls: false, serviceTier: 'flex', cache: {} }).sort(), [
    'dropped cache_control',
    'dropped parallel_tool_calls',
    'dropped service_tier',
    'dropped user',
  ]);
  const pdf: Block = { type: 'document', source: { kind: 'base64', mediaType: 'application/pdf', data: 'AA==' } };
  assert.match(refusal({ messages: [user(pdf)] }), /text only/);
  assert.match(refusal({ messages: [user({ type: 'audio', format: 'wav', data: 'AA==' })] }), /no audio/);
  assert.match(refusal({ messages: [user({ type: 'image', source: { kind: 'file', id: 'x', dialect: 'openai-chat' } })] }), /uploaded file/);
  assert.match(
    refusal({ messages: [user({ type: 'opaque', dialect: 'openai-chat', kind: 'video_url', raw: '{}', loss: 'demand' })] }),
    /only openai-chat understands/,
  );
  assert.match(refusal({ messages: [user()] }), /no text/);
  assert.match(
    refusal({ tools: [{ kind: 'server', name: 'web_search', dialect: 'anthropic-messages', raw: '{}', at: 'tools[0]' }] }),
    /run by providers of anthropic-messages/,
  );
});

test('fields that the provider refuses are left out, and refused where an answer hangs on them', () => {
  const quirks = { refuses: ['temperature', 'tools'] };
  assert.deepEqual(noted({ temperature: 0.5 }, { quirks }), ['dropped temperature']);
  assert.match(refusal({ tools: [tool('a')] }, contextFor({ quirks })), /refuses this field/);
});
