import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tap, TopLevelEdit } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import { readEvent } from '../../core/sse-text.ts';
import type { Quirks } from '../../core/target.ts';
import { scanTopLevel } from '../../core/top-level.ts';
import { contextFor, fixture, pairs, plainRequest } from './fixtures/world.ts';
import { anthropicMessages } from './index.ts';

const { relay, back } = anthropicMessages;
const { target } = contextFor();

function edits(change: object, quirks: Quirks = {}): readonly TopLevelEdit[] | undefined {
  return relay.edits(scanTopLevel(new TextEncoder().encode(JSON.stringify({ ...plainRequest, ...change }))), { quirks, wantUsage: true });
}

const asked = { model: 'm', stream: false };

test('bytes pass untouched unless a quirk asks for an edit', () => {
  assert.deepEqual(edits({}), []);
  assert.deepEqual(edits({ top_k: 1, x: 2 }, { refuses: ['top_k', 'metadata'] }), [
    { kind: 'remove', key: 'top_k', reason: 'the provider refuses this field' },
  ]);
});

test('what only a translation can put right is translated', () => {
  const sealed = { messages: [{ role: 'assistant', content: [{ type: 'thinking', thinking: '', signature: 'mw1.other.x' }] }] };
  assert.equal(edits(sealed), undefined);
  assert.deepEqual(edits({ messages: [{ role: 'user', content: 'I say "mw1.other"' }] }), []);
  assert.equal(edits({ messages: [{ role: 'system', content: 'x' }] }), undefined);
  assert.deepEqual(edits({ messages: [{ role: 'system', content: 'x' }] }, { systemInMessages: true }), []);
  assert.deepEqual(edits({ system: 'x', messages: [{ role: 'user', content: '"role":"system"' }] }), []);
  assert.equal(edits({ temperature: 1.5 }, { temperatureMax: 1 }), undefined);
  assert.deepEqual(edits({ temperature: 1.5 }), []);
  assert.equal(edits({ thinking: { type: 'adaptive' } }, { thinking: 'budget' }), undefined);
  assert.deepEqual(edits({ thinking: { type: 'enabled', budget_tokens: 1024 } }, { thinking: 'budget' }), []);
  assert.equal(edits({ output_config: { effort: 'low' } }, { thinking: 'none' }), undefined);
  assert.equal(edits({ thinking: { type: 'disabled' } }, { thinking: 'none' }), undefined);
  assert.equal(edits({ tool_choice: { type: 'any' } }, { forcedToolChoice: false }), undefined);
  assert.deepEqual(edits({ tool_choice: { type: 'auto' } }, { forcedToolChoice: false }), []);
  assert.equal(edits({ output_config: { format: { type: 'json_schema' } } }, { structuredOutput: 'json' }), undefined);
  assert.equal(edits({ output_config: { format: { schema: 'x'.repeat(5000) } } }, { structuredOutput: 'json' }), undefined);
  assert.equal(edits({ stop_sequences: ['a', 'b'] }, { stopMax: 1 }), undefined);
  for (const name of ['fs.read', 'n'.repeat(129), '天气']) assert.equal(edits({ tools: [{ name, input_schema: {} }] }), undefined, name);
  assert.deepEqual(edits({ tools: [{ name: '1st-tool', input_schema: {} }] }), []);
});

test('thinking that is not under our seal is nothing for a target whose state is its own', () => {
  const of = (block: object): object => ({ messages: [{ role: 'assistant', content: [block] }] });
  const own = { ownState: true };
  for (const block of [
    { type: 'thinking', thinking: 't', signature: 's' },
    { type: 'redacted_thinking', data: 'd' },
  ]) {
    assert.deepEqual(edits(of(block)), []);
    assert.equal(edits(of(block), own), undefined);
  }
  const words = { type: 'tool_use', id: 'a', name: 'f', input: { thinking: 'x', text: '"type":"thinking"' } };
  assert.deepEqual(edits({ ...of(words), thinking: { type: 'adaptive' } }, own), []);
});

test('where tools are at work in a turn that was begun without thinking, thinking cannot be asked for', () => {
  const use = { type: 'tool_use', id: 'a', name: 'f', input: {} };
  const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a' }] };
  const turn = (...blocks: readonly object[]): object => ({ role: 'assistant', content: blocks });
  const question = { role: 'user', content: 'hi' };
  const asked = (messages: readonly object[], type = 'enabled'): unknown => edits({ thinking: { type, budget_tokens: 1024 }, messages });
  const thought = { type: 'thinking', thinking: 't', signature: 's' };
  assert.equal(asked([question, turn({ type: 'text', text: 'a' }, use), result]), undefined);
  assert.equal(asked([question, turn(thought, use), result, turn(use), result]), undefined);
  for (const first of [thought, { type: 'redacted_thinking', data: 'd' }]) assert.deepEqual(asked([question, turn(first, use), result]), []);
  assert.deepEqual(asked([question, turn(use), result, turn({ type: 'text', text: 'done' }), question]), []);
  assert.deepEqual(asked([question, turn(use), result], 'adaptive'), []);
});

test('a thread goes only to a target that keeps threads', () => {
  assert.throws(
    () => edits({ thread: { type: 'create' } }),
    (error) => error instanceof GatewayError && error.code === 'thread_unsupported_request',
  );
  assert.deepEqual(edits({ thread: { type: 'create' } }, { threads: true }), []);
});

/** The events of a stream as the relay sees them: text, an event each. */
function seen(text: string, tap: Tap = relay.tap({ withholdUsage: false })): { marks: string[]; tap: Tap } {
  const marks = text.split(/(?<=\n\n)/).map((event) => {
    const { content, finish, terminal, error, withhold } = tap.see(event, () => readEvent(event).value);
    assert.equal(withhold, false);
    return `${content ? 'c' : ''}${finish ? 'f' : ''}${terminal ? 't' : ''}${error ? 'e' : ''}`;
  });
  return { marks, tap };
}

test('the tap knows content, finish, end and usage', () => {
  const { marks, tap } = seen(fixture('anthropic-text.frames.txt'));
  assert.deepEqual(marks, ['', '', '', 'c', 'c', 'c', '', 'f', 't']);
  assert.equal(tap.finish(), 'end_turn');
  assert.deepEqual({ ...tap.usage(), raw: 0 }, { input: 25, cacheRead: 2000, cacheWrite: 100, cacheWriteTtl: { '5m': 60, '1h': 40 }, output: 12, raw: 0 });
});

test('the tap knows the same without event names, and with other line ends', () => {
  const text = fixture('anthropic-thinking-tools.frames.txt');
  const { marks } = seen(text);
  assert.deepEqual(seen(text.replaceAll(/^event: .*\n/gm, '')).marks, marks);
  assert.deepEqual(seen(text.replaceAll('\n', '\r\n').replaceAll('\r\n\r\n', '\r\n\n\n').replaceAll('\n\n\n', '\n\n')).marks, marks);
  assert.ok(marks.includes('f') && marks.at(-1) === 't');
});

test('a block that is no text, and a text that begins with text, are content', () => {
  const start = (block: object): string | undefined =>
    seen(`event: content_block_start\ndata: ${JSON.stringify({ type: 'content_block_start', index: 0, content_block: block })}\n\n`).marks[0];
  assert.equal(start({ type: 'text', text: '' }), '');
  assert.equal(start({ type: 'text', text: 'a' }), 'c');
  assert.equal(start({ type: 'tool_use', id: 't', name: 'f', input: {} }), 'c');
  assert.equal(start({ type: 'thinking', thinking: '', signature: '' }), 'c');
});

test('what a model writes looks like no event', () => {
  const text = JSON.stringify({
    type: 'content_block_delta',
    index: 0,
    delta: { type: 'text_delta', text: '{"type":"message_stop"} "stop_reason":"end_turn"\nevent: error\n' },
  });
  assert.deepEqual(seen(`data: ${text}\n\n`).marks, ['c']);
  assert.deepEqual(seen(`data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":""}}\n\n`).marks, ['']);
});

test('errors and junk are seen', () => {
  assert.deepEqual(seen('event: error\ndata: {"type":"error","error":{"type":"api_error","message":"x"}}\n\n').marks, ['e']);
  assert.deepEqual(seen('data: {"error":{"message":"x"}}\n\ndata: {"error": "x"}\n\ndata: {"error":null}\n\ndata: {"error":""}\n\n').marks, ['e', 'e', '', '']);
  assert.deepEqual(seen(': comment\n\ndata: {"type":"error","error":{}}\n\nevent: message_delta\ndata: {broken\n\nevent: ping\ndata: {}\n\n').marks, [
    '',
    'e',
    '',
    '',
  ]);
});

test('the terminator is an event of the format', () => {
  assert.equal(relay.terminator, 'event: message_stop\ndata: {"type":"message_stop"}\n\n');
});

test('a whole answer is an answer or an error', () => {
  for (const name of pairs) {
    const text = fixture(`${name}.json`);
    assert.ok(relay.whole(JSON.parse(text), text, target).finish !== undefined, name);
  }
  assert.equal(relay.whole({ content: [], usage: { input_tokens: 1, output_tokens: 2 } }, '', target).usage?.output, 2);
  const codeOf = (value: unknown): string => {
    try {
      relay.whole(value, JSON.stringify(value), target);
    } catch (error) {
      return error instanceof GatewayError ? error.code : String(error);
    }
    return 'none';
  };
  for (const value of [{}, null, [], 'x']) assert.equal(codeOf(value), 'upstream_invalid_response');
  for (const value of [{ type: 'error', error: { message: 'no' } }, { error: 'no' }]) assert.equal(codeOf(value), 'upstream_error');
  assert.equal(codeOf({ type: 'error', error: { type: 'overloaded_error', message: 'no' } }), 'overloaded');
});

test('paths and headers of a relayed request', () => {
  assert.equal(back.relayPath('chat', asked), '/v1/messages');
  assert.equal(back.relayPath('count_tokens', asked), '/v1/messages/count_tokens');
  assert.deepEqual(back.relayHeaders({}), { 'anthropic-version': '2023-06-01' });
  assert.deepEqual(back.relayHeaders({ 'anthropic-version': '2026-10-21', 'anthropic-beta': 'a, b', 'x-api-key': 'secret' }), {
    'anthropic-version': '2026-10-21',
    'anthropic-beta': 'a, b',
  });
  assert.deepEqual(back.relayHeaders({ 'anthropic-version': 'ä', 'anthropic-beta': 'x'.repeat(5000) }), { 'anthropic-version': '2023-06-01' });
});
