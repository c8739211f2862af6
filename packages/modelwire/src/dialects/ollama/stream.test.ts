import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collect, explode } from '../../core/collect.ts';
import { GatewayError } from '../../core/errors.ts';
import type { ChatEvent } from '../../core/event.ts';
import type { Block, Reply } from '../../core/ir.ts';
import { contextFor, eventsOf, lastLine, line, notesOf, shown, streamed } from './fixtures/world.ts';

const last = (events: readonly ChatEvent[]): string => {
  const end = events.at(-1);
  return end?.type === 'fail' ? end.error.code : (end?.type ?? 'nothing');
};
const raw = (data: string) => ({ event: '', data });

test('fragments of thinking and text, calls whole, several in a line or one a line', () => {
  const { blocks, finish, usage } = streamed([
    line({ thinking: 'h' }),
    line({ thinking: 'm' }),
    line({ content: 'a' }),
    line({ content: 'b' }),
    line({ tool_calls: [{ function: { index: 0, name: 'f', arguments: { a: 1 } } }, { function: { index: 1, name: 'g', arguments: {} } }] }),
    // Each line may count anew.
    line({ tool_calls: [{ function: { index: 0, name: 'f', arguments: { a: 2 } } }] }),
    lastLine({ prompt_eval_count: 1, eval_count: 2 }),
  ]);
  assert.deepEqual(
    blocks.map((block) => (block.type === 'toolCall' ? [block.name, block.arguments] : 'text' in block ? [block.type, block.text] : [])),
    [
      ['reasoning', 'hm'],
      ['text', 'ab'],
      ['f', '{"a":1}'],
      ['g', '{}'],
      ['f', '{"a":2}'],
    ],
  );
  assert.deepEqual([finish.reason, usage], ['toolCalls', { input: 1, output: 2 }]);
});

test('what is not done has not ended, and what comes after the end is nobody’s', () => {
  assert.equal(last(eventsOf([])), 'upstream_stream_cut');
  assert.equal(last(eventsOf([line({ content: 'a' })])), 'upstream_stream_cut');
  assert.equal(last(eventsOf([line({ content: 'a' }), lastLine()])), 'finish');
  assert.equal(last(eventsOf([line({ content: 'a' }), lastLine(), raw('{"error":"late"}'), line({ content: 'b' })])), 'finish');
  assert.equal(last(eventsOf([lastLine({ done_reason: 'load' })])), 'upstream_invalid_response');
});

test('an error line is the provider’s own; a line that is none breaks the answer', () => {
  assert.equal(last(eventsOf([line({ content: 'a' }), raw('{"error":"llama runner process has terminated: exit status 2"}'), lastLine()])), 'upstream_error');
  assert.equal(last(eventsOf([line({ content: 'a' }), raw('{"error":"slow down","status_code":429}')])), 'rate_limit_exceeded');
  for (const data of ['{"torn', '[]', '7', '{}', '{"done":false}', '{"message":"hi","done":false}'])
    assert.equal(last(eventsOf([raw(data), lastLine()])), 'upstream_invalid_response', data);
  assert.equal(last(eventsOf([raw(''), line({ content: 'a' }), lastLine()])), 'finish');
});

test('the stop at the length is never a finished call', () => {
  const { finish } = streamed([
    line({ content: 'a' }),
    line({ tool_calls: [{ function: { name: 'f', arguments: {} } }] }),
    lastLine({ done_reason: 'length' }),
  ]);
  assert.equal(finish.reason, 'length');
});

const reply: Reply = {
  id: 'r',
  model: 'm-2',
  created: 1_790_000_000,
  blocks: [
    { type: 'reasoning', text: 'hm', signature: 's' },
    { type: 'text', text: 'a "b"' },
    { type: 'toolCall', kind: 'function', id: 't1', name: 'f', arguments: '{"a":1}' },
    { type: 'text', text: '' },
  ],
  finish: { reason: 'toolCalls' },
  usage: { input: 1, output: 2 },
};

test('the caller’s stream: a line a piece, calls whole, the end alone', () => {
  const context = contextFor({ back: 'anthropic-messages' });
  const lines = shown(explode(reply), context) as { message: { content: string; thinking?: string; tool_calls?: { function: object }[] }; done: boolean }[];
  assert.deepEqual(
    lines.map(({ message, done }) => [message.content, message.thinking, message.tool_calls?.map((call) => call.function), done]),
    [
      ['', 'hm', undefined, false],
      ['a "b"', undefined, undefined, false],
      ['', undefined, [{ index: 0, name: 'f', arguments: { a: 1 } }], false],
      ['', undefined, undefined, true],
    ],
  );
  assert.deepEqual(notesOf(context), []);
});

test('a stream that breaks ends with an error line, and with no other end', () => {
  const context = contextFor({ back: 'openai-chat' });
  const error = new GatewayError('upstream_stream_cut', 'the connection broke', { hint: 'Try again' });
  const open: readonly ChatEvent[] = [
    { type: 'start', head: reply },
    { type: 'open', block: { type: 'text', text: '' } },
    { type: 'delta', text: 'a' },
  ];
  assert.deepEqual(shown([...open, { type: 'fail', error }], context).at(-1), { error: 'the connection broke. Try again', code: 'upstream_stream_cut' });
  assert.deepEqual(shown(open, context).at(-1)?.['code'], 'upstream_stream_cut');
  const broken: Block = { type: 'toolCall', kind: 'function', id: 't', name: 'f', arguments: '{"a"' };
  const events: readonly ChatEvent[] = [
    { type: 'start', head: reply },
    { type: 'open', block: broken },
    { type: 'close', block: broken },
  ];
  assert.equal(shown([...events, { type: 'finish', finish: { reason: 'toolCalls' } }], context).at(-1)?.['code'], 'upstream_invalid_response');
  assert.deepEqual(shown([...events, { type: 'finish', finish: { reason: 'length' } }], context).at(-1)?.['done_reason'], 'length');
});

test('what is shown is read as it was', () => {
  const context = contextFor({ back: 'openai-chat' });
  const frames = shown(explode(reply), context).map((value) => raw(JSON.stringify(value)));
  const again = collect(eventsOf(frames));
  assert.deepEqual(
    again.blocks.map((block) => ('text' in block ? block.text : block.type === 'toolCall' ? block.arguments : '')),
    ['hm', 'a "b"', '{"a":1}'],
  );
});
