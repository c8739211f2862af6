import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChatEvent } from './event.ts';
import { createSequencer } from './sequence.ts';

function setUp() {
  const events: string[] = [];
  const emit = (event: ChatEvent): void => {
    if (event.type === 'delta') events.push(event.text);
    else if (event.type === 'open') events.push(`<${event.block.type}`);
    else if (event.type === 'close') events.push(`${'text' in event.block ? event.block.text : event.block.type === 'toolCall' ? event.block.arguments : ''}>`);
  };
  return { events, emit, sequence: createSequencer() };
}

test('one block streams as it comes', () => {
  const { events, emit, sequence } = setUp();
  sequence.open('a', { type: 'text', text: '' }, emit);
  sequence.delta('a', 'x', emit);
  sequence.delta('a', '', emit);
  sequence.delta('a', 'y', emit);
  assert.equal(sequence.textOf('a'), 'xy');
  sequence.close('a', emit);
  assert.deepEqual(events, ['<text', 'x', 'y', 'xy>']);
  assert.equal(sequence.has('a'), false);
  assert.equal(sequence.textOf('a'), '');
});

test('interleaved blocks come one after the other, in the order in which they began', () => {
  const { events, emit, sequence } = setUp();
  const call = (id: string) => ({ type: 'toolCall' as const, id, name: 'f', arguments: '', kind: 'function' as const });
  sequence.open('a', call('1'), emit);
  sequence.open('b', call('2'), emit);
  sequence.open('c', { type: 'text', text: '' }, emit);
  sequence.delta('b', 'b1', emit);
  sequence.delta('a', 'a1', emit);
  sequence.delta('c', 'c1', emit);
  sequence.close('b', emit);
  assert.deepEqual(sequence.keys(), ['a', 'b', 'c']);
  assert.equal(sequence.count(), 3);
  sequence.delta('a', 'a2', emit);
  assert.deepEqual(events, ['<toolCall', 'a1', 'a2']);
  sequence.close('a', emit);
  sequence.delta('c', 'c2', emit);
  sequence.closeAll(emit);
  assert.deepEqual(events.slice(3), ['a1a2>', '<toolCall', 'b1', 'b1>', '<text', 'c1', 'c2', 'c1c2>']);
  assert.equal(sequence.count(), 0);
});

test('what is learned late stands in the closed block', () => {
  const { emit, sequence } = setUp();
  const closed: unknown[] = [];
  sequence.open('r', { type: 'reasoning', text: '' }, emit);
  sequence.delta('r', 'hm', emit);
  sequence.amend('r', (block) => (block.type === 'reasoning' ? { ...block, signature: 's' } : block));
  sequence.amend('none', (block) => block);
  sequence.close('r', (event) => closed.push(event));
  assert.deepEqual(closed, [{ type: 'close', block: { type: 'reasoning', text: 'hm', signature: 's' } }]);
});

test('a key that is not open is nothing; one that is open is not opened again', () => {
  const { events, emit, sequence } = setUp();
  sequence.delta('a', 'x', emit);
  sequence.close('a', emit);
  sequence.open('a', { type: 'text', text: '' }, emit);
  sequence.open('a', { type: 'refusal', text: '' }, emit);
  sequence.closeAll(emit);
  sequence.closeAll(emit);
  assert.deepEqual(events, ['<text', '>']);
});
