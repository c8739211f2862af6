import assert from 'node:assert/strict';
import { test } from 'node:test';
import { responsesStreamProblems } from '../../../../../test/support/official-responses.ts';
import type { SseEvent } from '../../core/dialect.ts';
import { GatewayError, isGatewayError } from '../../core/errors.ts';
import type { ChatEvent } from '../../core/event.ts';
import type { Block } from '../../core/ir.ts';
import { parseJsonText } from '../../core/json-text.ts';
import { contextFor, notesOf, plainRequest, streamed } from './fixtures/world.ts';
import { translation } from './translation.ts';

const event = (type: string, fields: object = {}): SseEvent => ({ event: `response.${type}`, data: JSON.stringify({ type: `response.${type}`, ...fields }) });
const created = event('created', { response: { id: 'resp_1', model: 'm', status: 'in_progress', output: [] } });
const completed = (output: readonly object[] = [], more: object = {}) =>
  event('completed', { response: { id: 'resp_1', model: 'm', status: 'completed', output, usage: { input_tokens: 3, output_tokens: 2 }, ...more } });
const message = (text: string, more: object = {}) => ({
  type: 'message',
  id: 'msg_1',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text, annotations: [] }],
  ...more,
});
const call = (args: string, more: object = {}) => ({ type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'f', arguments: args, ...more });

function told(blocks: readonly Block[]): unknown[] {
  return blocks.map((block) => {
    if (block.type === 'toolCall') return [block.id, block.name, block.arguments];
    return 'text' in block ? [block.type, block.text] : block.type;
  });
}

/** What the stream ends with: the blocks, or the code of the error. */
function read(...frames: readonly SseEvent[]): unknown {
  try {
    return told(streamed(frames).blocks);
  } catch (error) {
    return isGatewayError(error) ? error.code : error;
  }
}

test('some servers tell items only when they are done, some only in the last event, some without a beginning', () => {
  const whole = [['text', 'Hello']];
  assert.deepEqual(read(created, event('output_item.done', { output_index: 0, item: message('Hello') }), completed()), whole);
  assert.deepEqual(read(created, completed([message('Hello')])), whole);
  assert.deepEqual(read(completed([message('Hello')])), whole);
  assert.deepEqual(read(event('output_text.delta', { delta: 'Hel' }), event('output_text.delta', { delta: 'lo' }), completed()), whole);
  assert.deepEqual(read(event('output_text.delta', { delta: 'Hel' }), event('output_text.done', { text: 'Hello' }), completed()), whole);
  assert.deepEqual(read(event('output_text.delta', { output_index: 0, delta: 'Hel' }), completed([message('Hello')])), whole);
  const unnamed = { event: '', data: completed([message('Hello')]).data };
  assert.deepEqual(read(unnamed, { event: '', data: '[DONE]' }), whole);
});

test('pieces that differ in their text and number alone are read without being parsed, and mean the same', () => {
  const pieces = ['a', 'b', ' "c"', '\\n', '"sequence_number":5', '', 'é😀', '{"type":"error"}', 'z'];
  const delta = (piece: string, number: number, output_index = 0) =>
    event('output_text.delta', { sequence_number: number, output_index, content_index: 0, delta: piece, logprobs: [], obfuscation: 'x'.repeat(number % 5) });
  const frames = [...pieces, ...pieces].map((piece, number) => delta(piece, number + 8));
  assert.deepEqual(read(created, ...frames, completed()), [['text', pieces.join('') + pieces.join('')]]);
  // Another item's piece is no more of the first.
  const [one, two] = [delta('a', 1), delta('b', 2)];
  assert.deepEqual(read(created, one, two, delta('c', 3, 1), delta('d', 4, 1), delta('e', 5), completed()), [
    ['text', 'abe'],
    ['text', 'cd'],
  ]);
});

test('without their places, items are told apart by their ids', () => {
  const second = call('{}', { id: 'fc_2', call_id: 'call_2' });
  const events = [
    event('output_item.added', { item: call('') }),
    event('function_call_arguments.delta', { item_id: 'fc_1', delta: '{"a":' }),
    event('output_item.added', { item: { ...second, arguments: '' } }),
    event('function_call_arguments.delta', { item_id: 'fc_2', delta: '{}' }),
    event('function_call_arguments.delta', { item_id: 'fc_1', delta: '1}' }),
    event('output_item.done', { item: second }),
    event('output_item.done', { item: call('{"a":1}') }),
  ];
  const calls = [
    ['call_1', 'f', '{"a":1}'],
    ['call_2', 'f', '{}'],
  ];
  assert.deepEqual(read(created, ...events, completed()), calls);
});

test('an id that changes on the way is the one that it began with', () => {
  const { blocks } = streamed([
    created,
    event('output_item.added', { output_index: 0, item: message('', { id: 'msg_first', content: [] }) }),
    event('output_text.delta', { output_index: 0, content_index: 0, delta: 'a' }),
    event('output_item.done', { output_index: 0, item: message('a', { id: 'msg_last' }) }),
    completed([message('a', { id: 'msg_else' })]),
  ]);
  assert.deepEqual(told(blocks), [['text', 'a']]);
  assert.deepEqual(
    blocks[0]?.ext?.filter(({ key }) => key === 'id').map(({ raw }) => raw),
    ['"msg_first"'],
  );
});

test('parts of a summary are paragraphs; of the thinking and its summary, what comes first is told', () => {
  const summary = (summary_index: number, delta: string) => event('reasoning_summary_text.delta', { output_index: 0, summary_index, delta });
  const item = { type: 'reasoning', id: 'rs_1', summary: ['a', 'b'].map((text) => ({ type: 'summary_text', text })), encrypted_content: 'gAAA' };
  const done = event('output_item.done', { output_index: 0, item });
  assert.deepEqual(read(summary(0, 'a'), summary(1, 'b'), done, completed()), [['reasoning', 'a\n\nb']]);
  const [block] = streamed([summary(0, 'a'), event('reasoning_text.delta', { output_index: 0, delta: 'raw' }), summary(1, 'b'), done, completed()]).blocks;
  assert.deepEqual(block?.type === 'reasoning' ? [block.text, block.signature] : block, ['a\n\nb', 'gAAA']);
  assert.deepEqual(read(event('reasoning_text.delta', { delta: 'raw' }), completed()), [['reasoning', 'raw']]);
});

test('only the last event ends an answer', () => {
  const text = event('output_text.delta', { delta: 'a' });
  assert.equal(read(), 'upstream_stream_cut');
  assert.equal(read(created, text), 'upstream_stream_cut');
  assert.equal(read(created, text, event('output_item.done', { output_index: 0, item: message('a') })), 'upstream_stream_cut');
  assert.equal(read(created, text, { event: '', data: '[DONE]' }), 'upstream_stream_cut');
});

test('an error, wherever it stands, is the provider’s own', () => {
  const text = event('output_text.delta', { delta: 'a' });
  const quota = { type: 'insufficient_quota', code: 'insufficient_quota', message: 'You exceeded your quota' };
  assert.equal(read(created, text, { event: 'error', data: JSON.stringify({ type: 'error', error: quota }) }), 'insufficient_quota');
  assert.equal(read({ event: 'error', data: JSON.stringify({ type: 'error', code: 'rate_limit_exceeded', message: 'slow' }) }), 'rate_limit_exceeded');
  assert.equal(read(created, event('failed', { response: { status: 'failed', error: { code: 'server_error', message: 'x' } } })), 'upstream_error');
  assert.equal(read(created, event('failed', { response: { status: 'failed', error: { code: 'invalid_prompt', message: 'x' } } })), 'invalid_request');
  assert.equal(read({ event: '', data: '{"error":{"message":"The model is overloaded"}}' }), 'overloaded');
  assert.equal(read({ event: '', data: '{"torn' }), 'upstream_invalid_response');
  assert.equal(read(created, event('output_item.done', { output_index: 0, item: { type: 'function_call' } })), 'upstream_invalid_response');
});

test('a length stop is never a finished tool call', () => {
  const args = event('function_call_arguments.delta', { output_index: 0, delta: '{"a' });
  const cut = event('incomplete', { response: { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' }, output: [] } });
  const reply = streamed([event('output_item.added', { output_index: 0, item: call('') }), args, cut]);
  assert.deepEqual([told(reply.blocks), reply.finish.reason], [[['call_1', 'f', '{"a']], 'length']);
});

test('what nobody knows is said once, and the provider’s own progress not at all', () => {
  const context = contextFor({ back: 'openai-chat' });
  const odd = event('new_thing', { x: 1 });
  const part = event('image_generation_call.partial_image', { output_index: 0, partial_image_b64: 'AAAA' });
  streamed([created, odd, odd, event('web_search_call.searching', { output_index: 0 }), part, completed([message('a')])], context);
  assert.deepEqual(notesOf(context), ['dropped stream.response.new_thing', 'dropped stream.response.image_generation_call.partial_image']);
});

const head = { id: 'x', model: 'm', created: 1_700_000_000 };
const asked = { ...plainRequest, stream: true, tools: [{ type: 'function', name: 'f' }], metadata: { a: 'b' } };

/** The caller's stream as frames, held against the official types. */
function written(events: readonly ChatEvent[], { failed = false, context = contextFor({ back: 'openai-chat' }) } = {}): Record<string, unknown>[] {
  const encoder = translation.accept(parseJsonText(JSON.stringify(asked)), context).stream();
  let text = '';
  const write = (piece: string): void => void (text += piece);
  for (const one of events) encoder.push(one, write);
  encoder.end(write);
  const frames = text
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block): SseEvent => {
      const [, name = '', data = ''] = /^event: (.*)\ndata: (.*)$/.exec(block) ?? [];
      return { event: name, data };
    });
  assert.deepEqual(responsesStreamProblems(frames, { failed }), []);
  return frames.map((frame) => JSON.parse(frame.data));
}

const lastResponse = (events: readonly Record<string, unknown>[]): unknown => events.at(-1)?.['response'];
const types = (events: readonly Record<string, unknown>[]): string[] => events.map(({ type }) => String(type).replace('response.', ''));
const start: ChatEvent = { type: 'start', head };
const block = (whole: Block, ...pieces: readonly string[]): ChatEvent[] => [
  { type: 'open', block: whole.type === 'toolCall' ? { ...whole, arguments: '' } : 'text' in whole ? { ...whole, text: '' } : whole },
  ...pieces.map((text): ChatEvent => ({ type: 'delta', text })),
  { type: 'close', block: whole },
];
const finish = (reason: 'end' | 'length' | 'toolCalls' | 'filter', explanation?: string): ChatEvent => ({
  type: 'finish',
  finish: { reason, ...(explanation === undefined ? {} : { explanation }) },
});
const toolCall: Block = { type: 'toolCall', kind: 'function', id: 'call_1', name: 'f', arguments: '' };

test('the caller’s stream: numbered, items one after the other, text and refusal as parts of one message', () => {
  const events = written([
    start,
    ...block({ type: 'reasoning', text: 'hm', signature: 's' }, 'h', 'm'),
    ...block({ type: 'text', text: 'ab' }, 'a', 'b'),
    ...block({ type: 'refusal', text: 'no' }, 'no'),
    ...block({ ...toolCall, arguments: '{"x":1}' }, '{"x"', ':1}'),
    ...block({ ...toolCall, id: 'call_2', kind: 'custom', name: 'g', arguments: 'free' }, 'free'),
    { type: 'usage', usage: { input: 1, output: 2 } },
    finish('toolCalls'),
  ]);
  const last = lastResponse(events) as { output: { type: string; content?: unknown[] }[]; metadata: unknown; usage: object };
  assert.deepEqual(
    last.output.map((item) => [item.type, item.content?.length]),
    [
      ['reasoning', undefined],
      ['message', 2],
      ['function_call', undefined],
      ['custom_tool_call', undefined],
    ],
  );
  assert.deepEqual([last.metadata, Object.keys(last.usage).length], [{ a: 'b' }, 5]);
});

test('a function without arguments is called with {}, unless they are what the answer broke off before', () => {
  const done = (reason: 'toolCalls' | 'length') => {
    const { output } = lastResponse(written([start, ...block(toolCall), finish(reason)])) as { output: { status: string; arguments: string }[] };
    return [output[0]?.status, output[0]?.arguments];
  };
  assert.deepEqual(done('toolCalls'), ['completed', '{}']);
  assert.deepEqual(done('length'), ['incomplete', '']);
});

test('what breaks off ends in an error and a response that failed, never in one that is complete', () => {
  const begun = [start, ...block({ type: 'text', text: 'ab' }, 'ab'), { type: 'open' as const, block: toolCall }];
  for (const more of [[], [{ type: 'fail' as const, error: new GatewayError('rate_limit_exceeded', 'slow down') }]]) {
    const events = written([...begun, ...more], { failed: true });
    assert.deepEqual(types(events).slice(-2), ['error', 'failed']);
    const { error, output } = lastResponse(events) as { error: { code: string }; output: unknown[] };
    assert.deepEqual([error.code, output.length], [more.length === 0 ? 'server_error' : 'rate_limit_exceeded', 1]);
  }
  const early = written([{ type: 'fail', error: new GatewayError('overloaded', 'busy') }], { failed: true });
  assert.deepEqual(types(early), ['created', 'in_progress', 'error', 'failed']);
});

test('whatever events come, the sequence is legal', () => {
  const text: Block = { type: 'text', text: 'ab' };
  written([finish('end')]);
  written([start, { type: 'close', block: text }, finish('end')]);
  written([start, { type: 'delta', text: 'lost' }, finish('end')]);
  written([start, { type: 'open', block: { type: 'text', text: '' } }, { type: 'open', block: toolCall }, { type: 'delta', text: '{}' }, finish('end')]);
  written([start, ...block(text, 'ab'), finish('end'), ...block(text, 'ab'), finish('end')]);
  written([start, start, ...block(text), ...block({ type: 'text', text: '' }), finish('length')]);
  written([start, ...block({ type: 'audio', format: 'wav', data: 'AAAA' }), ...block(text, 'ab'), finish('end')]);
});

test('why a provider refused is a refusal where the answer holds none', () => {
  const events = written([start, ...block({ type: 'text', text: 'Half' }, 'Half'), finish('filter', 'Not this.')]);
  assert.deepEqual(types(events).slice(-6), ['content_part.added', 'refusal.delta', 'refusal.done', 'content_part.done', 'output_item.done', 'incomplete']);
});

test('thinking of OpenAI’s own is told in its own parts, and its state to those who ask', () => {
  const item = {
    type: 'reasoning',
    id: 'rs_1',
    summary: ['a', 'b'].map((text) => ({ type: 'summary_text', text })),
    content: [{ type: 'reasoning_text', text: 'raw' }],
    encrypted_content: 'gAAA',
  };
  const context = contextFor();
  const { blocks } = streamed([created, event('output_item.done', { output_index: 0, item }), completed()], context);
  const events = written([start, ...blocks.flatMap((one) => block(one, 'text' in one ? one.text : '')), finish('end')], { context });
  const { output } = lastResponse(events) as { output: object[] };
  assert.deepEqual(output[0], { id: 'rs_1', type: 'reasoning', summary: item.summary, content: item.content });
  assert.equal(types(events).filter((type) => type === 'reasoning_summary_text.delta').length, 2);
  assert.equal(types(events).filter((type) => type === 'reasoning_text.delta').length, 1);
});
