import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SseEvent } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import type { ChatEvent } from '../../core/event.ts';
import type { Block } from '../../core/ir.ts';
import { contextFor, ended, event, eventsOf, foreignRequest, framesOf, notesOf, shown, shownText } from './fixtures/world.ts';

const last = (events: readonly ChatEvent[]): string => {
  const end = events.at(-1);
  return end?.type === 'fail' ? end.error.code : (end?.type ?? 'nothing');
};

function blocksOf(events: readonly ChatEvent[]): unknown[] {
  return events
    .flatMap((item) => (item.type === 'close' ? [item.block] : []))
    .map((block) => (block.type === 'toolCall' ? [block.id, block.name, block.arguments] : 'text' in block ? [block.type, block.text] : block.type));
}

const said = (text: string, index = 0): SseEvent => event('content-delta', { content: { text } }, { index });
const thought = (thinking: string, index = 0): SseEvent => event('content-delta', { content: { thinking } }, { index });
const began = (index?: number, name = 'f', id = `c${index ?? ''}`): SseEvent =>
  event('tool-call-start', { tool_calls: { id, type: 'function', function: { name, arguments: '' } } }, index === undefined ? {} : { index });
const more = (written: string, index?: number): SseEvent =>
  event('tool-call-delta', { tool_calls: { function: { arguments: written } } }, index === undefined ? {} : { index });

test('thinking, text, plan and calls, piece by piece', () => {
  const events = eventsOf([
    event('message-start', { role: 'assistant' }, { id: 'r' }),
    thought('be'),
    thought('cause'),
    said('a', 1),
    said('b', 1),
    event('tool-plan-delta', { tool_plan: 'I ' }),
    event('tool-plan-delta', { tool_plan: 'look.' }),
    began(0),
    more('{"x"', 0),
    more(':1}', 0),
    event('tool-call-end', undefined, { index: 0 }),
    began(1, 'g'),
    event('tool-call-end', undefined, { index: 1 }),
    ended('TOOL_CALL'),
  ]);
  assert.deepEqual(blocksOf(events), [
    ['reasoning', 'because'],
    ['text', 'ab'],
    ['text', 'I look.'],
    ['c0', 'f', '{"x":1}'],
    ['c1', 'g', ''],
  ]);
  assert.equal(last(events), 'finish');
});

test('calls without an index follow one another; alternating pieces find theirs', () => {
  assert.deepEqual(blocksOf(eventsOf([began(undefined, 'f', 'a'), more('{"x"'), more(':1}'), ended('TOOL_CALL')])), [['a', 'f', '{"x":1}']]);
  assert.deepEqual(blocksOf(eventsOf([began(0), began(1), more('{"x"', 0), more('{"y"', 1), more(':1}', 0), more(':2}', 1), ended('TOOL_CALL')])), [
    ['c0', 'f', '{"x":1}'],
    ['c1', 'f', '{"y":2}'],
  ]);
});

test('null stands for no arguments, and only where none came', () => {
  assert.deepEqual(blocksOf(eventsOf([began(0), more('null', 0), ended('TOOL_CALL')])), [['c0', 'f', '']]);
  assert.deepEqual(blocksOf(eventsOf([began(0), more('{"x":', 0), more('null', 0), more('}', 0), ended('TOOL_CALL')])), [['c0', 'f', '{"x":null}']]);
});

test('a tool that takes free text gets it whole', () => {
  const request = foreignRequest({ tools: [{ kind: 'custom', name: 'f', at: 'tools[0]' }] });
  const events = eventsOf(
    [began(0), more('{"input":"a', 0), more(' b"}', 0), event('tool-call-end', undefined, { index: 0 }), ended('TOOL_CALL')],
    contextFor(),
    request,
  );
  assert.deepEqual(blocksOf(events), [['c0', 'f', 'a b']]);
});

test('without the end of the message nothing has ended', () => {
  assert.equal(last(eventsOf([])), 'upstream_stream_cut');
  assert.equal(last(eventsOf([said('a')])), 'upstream_stream_cut');
  assert.equal(last(eventsOf([said('a'), { event: '', data: '[DONE]' }])), 'upstream_stream_cut');
  assert.equal(last(eventsOf([said('a'), event('content-end', undefined, { index: 0 })])), 'upstream_stream_cut');
  assert.equal(last(eventsOf([said('a'), event('message-end')])), 'upstream_invalid_response');
});

test('the ways in which a stream fails are failures', () => {
  assert.equal(last(eventsOf([said('a'), ended('ERROR', { error: 'the model broke' })])), 'upstream_error');
  assert.equal(last(eventsOf([said('a'), ended('TIMEOUT')])), 'upstream_error');
  assert.equal(last(eventsOf([said('a'), { event: '', data: '{"message":"too many requests"}' }])), 'upstream_error');
  assert.equal(last(eventsOf([said('a'), { event: 'error', data: '{"message":"broken"}' }, ended()])), 'upstream_error');
  for (const data of ['{"torn', '[]', '"x"', 'null']) assert.equal(last(eventsOf([said('a'), { event: '', data }])), 'upstream_invalid_response', data);
  assert.equal(last(eventsOf([more('{}', 0), ended('TOOL_CALL')])), 'upstream_invalid_response');
});

test('events that are not known are noted once, and pass by', () => {
  const context = contextFor();
  const events = eventsOf([said('a'), event('novelty'), event('novelty'), event('debug', undefined, { prompt: 'p' }), ended()], context);
  assert.equal(last(events), 'finish');
  assert.deepEqual(notesOf(context), ['dropped stream.novelty', 'dropped prompt']);
});

const head = { id: 'r', model: 'model-1', created: 1 };
const opened = (block: Block): ChatEvent[] => [
  { type: 'start', head },
  { type: 'open', block },
];
const foreign = () => contextFor({ back: 'openai-chat' });
const call: Block = { type: 'toolCall', kind: 'function', id: 'c', name: 'f', arguments: '' };
const text: Block = { type: 'text', text: '' };

test('the caller’s stream, event by event', () => {
  const events: readonly ChatEvent[] = [
    ...opened({ type: 'reasoning', text: '' }),
    { type: 'delta', text: 'hm' },
    { type: 'close', block: { type: 'reasoning', text: 'hm' } },
    { type: 'open', block: text },
    { type: 'delta', text: 'a' },
    { type: 'close', block: { type: 'text', text: 'a' } },
    { type: 'open', block: call },
    { type: 'delta', text: '{"x"' },
    { type: 'delta', text: ':1}' },
    { type: 'close', block: { ...call, arguments: '{"x":1}' } },
    { type: 'open', block: call },
    { type: 'close', block: call },
    { type: 'usage', usage: { input: 1, output: 2 } },
    { type: 'finish', finish: { reason: 'toolCalls' } },
  ];
  const written = (piece: string, index: number) => ({
    type: 'tool-call-delta',
    index,
    delta: { message: { tool_calls: { function: { arguments: piece } } } },
  });
  const counts = { input_tokens: 1, output_tokens: 2 };
  const start = (index: number) => ({
    type: 'tool-call-start',
    index,
    delta: { message: { tool_calls: { id: 'c', type: 'function', function: { name: 'f', arguments: '' } } } },
  });
  assert.deepEqual(shown(events, foreign()), [
    { type: 'message-start', id: 'r', delta: { message: { role: 'assistant' } } },
    { type: 'content-start', index: 0, delta: { message: { content: { type: 'thinking', thinking: '' } } } },
    { type: 'content-delta', index: 0, delta: { message: { content: { thinking: 'hm' } } } },
    { type: 'content-end', index: 0 },
    { type: 'content-start', index: 1, delta: { message: { content: { type: 'text', text: '' } } } },
    { type: 'content-delta', index: 1, delta: { message: { content: { text: 'a' } } } },
    { type: 'content-end', index: 1 },
    start(0),
    written('{"x"', 0),
    written(':1}', 0),
    { type: 'tool-call-end', index: 0 },
    start(1),
    written('{}', 1),
    { type: 'tool-call-end', index: 1 },
    { type: 'message-end', id: 'r', delta: { finish_reason: 'TOOL_CALL', usage: { billed_units: counts, tokens: counts } } },
  ]);
  assert.ok(shownText(events, foreign()).endsWith('data: [DONE]\n\n'));
});

test('what breaks off ends in an error, without the terminator', () => {
  const events = [...opened(text), { type: 'delta' as const, text: 'a' }];
  for (const failure of [[], [{ type: 'fail' as const, error: new GatewayError('overloaded', 'busy') }]]) {
    const end = shown([...events, ...failure], foreign()).at(-1) as { type: string; delta: { finish_reason: string; error: string } };
    assert.deepEqual([end.type, end.delta.finish_reason], ['message-end', 'ERROR']);
    assert.ok(end.delta.error.length > 3);
    assert.ok(!shownText([...events, ...failure], foreign()).includes('[DONE]'));
  }
});

test('a call that was cut off is not completed', () => {
  const events: readonly ChatEvent[] = [...opened(call), { type: 'close', block: call }, { type: 'finish', finish: { reason: 'length' } }];
  assert.ok(!shownText(events, foreign()).includes('"arguments":"{}"'));
});

test('the words that end a stream for Cohere’s clients do not stand in an answer', () => {
  const events: readonly ChatEvent[] = [
    ...opened(text),
    { type: 'delta', text: 'say [DONE] now' },
    { type: 'close', block: { type: 'text', text: 'say [DONE] now' } },
    { type: 'finish', finish: { reason: 'end' } },
  ];
  const out = shownText(events, foreign());
  assert.equal(out.split('[DONE]').length, 2);
  assert.ok(framesOf(new TextEncoder().encode(out)).some(({ data }) => data.startsWith('{') && JSON.stringify(JSON.parse(data)).includes('say [DONE] now')));
});
