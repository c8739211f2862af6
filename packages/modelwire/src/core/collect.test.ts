import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collect, createCollector, explode } from './collect.ts';
import { GatewayError } from './errors.ts';
import type { Block, Reply } from './ir.ts';

const blocks: readonly Block[] = [
  { type: 'reasoning', text: 'hm', signature: 's' },
  { type: 'reasoning', text: '', redacted: 'r' },
  { type: 'text', text: 'hi', citations: '[]' },
  { type: 'text', text: '' },
  { type: 'refusal', text: 'no' },
  { type: 'toolCall', id: '1', name: 'f', arguments: '{"a":1}', kind: 'function' },
  { type: 'toolCall', id: '2', name: 'f', arguments: '', kind: 'function' },
  { type: 'opaque', dialect: 'openai-chat', kind: 'audio', raw: '{}', loss: 'hint' },
];
const reply: Reply = {
  id: 'a',
  model: 'm',
  created: 1,
  blocks,
  finish: { reason: 'toolCalls', native: 'tool_calls' },
  usage: { input: 1, output: 2 },
  serviceTier: 'default',
};

test('collecting what was exploded gives the same reply', () => {
  assert.deepEqual(collect(explode(reply)), reply);
  const { usage: _usage, serviceTier: _tier, ...bare } = reply;
  assert.deepEqual(collect(explode(bare)), bare);
  assert.deepEqual(collect(explode({ ...bare, serviceTier: 'flex' })), { ...bare, serviceTier: 'flex' });
  assert.deepEqual(collect(explode({ ...bare, blocks: [] })), { ...bare, blocks: [] });
});

test('exploded events open blocks without their text and never give an empty delta', () => {
  const events = explode(reply);
  for (const event of events) {
    if (event.type === 'open' && 'text' in event.block) assert.equal(event.block.text, '');
    if (event.type === 'open' && event.block.type === 'toolCall') assert.equal(event.block.arguments, '');
    if (event.type === 'delta') assert.notEqual(event.text, '');
  }
  assert.equal(events.at(-1)?.type, 'finish');
  assert.equal(events.at(-2)?.type, 'usage');
});

test('a stream without its end is no reply', () => {
  const events = explode(reply);
  for (let count = 0; count < events.length; count++) {
    assert.throws(
      () => collect(events.slice(0, count)),
      (error) => error instanceof GatewayError && error.code === 'upstream_stream_cut',
    );
  }
});

test('a failure is thrown as it is', () => {
  const error = new GatewayError('overloaded', 'busy');
  assert.throws(() => collect([...explode(reply).slice(0, 3), { type: 'fail', error }]), error);
});

test('of several usages the last counts, and the tier comes with the end', () => {
  const collector = createCollector();
  const [start] = explode(reply);
  if (start !== undefined) collector.push(start);
  collector.push({ type: 'usage', usage: { input: 1, output: 1 } });
  collector.push({ type: 'usage', usage: { input: 1, output: 9 } });
  collector.push({ type: 'finish', finish: { reason: 'end' }, serviceTier: 'flex' });
  assert.deepEqual(collector.reply(), {
    id: 'a',
    model: 'm',
    created: 1,
    blocks: [],
    finish: { reason: 'end' },
    usage: { input: 1, output: 9 },
    serviceTier: 'flex',
  });
});
