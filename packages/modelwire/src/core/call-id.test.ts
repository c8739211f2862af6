import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextTo, notesOf } from '../../../../test/support/context.ts';
import { createCallIds, openCallId, sealedCallId, turnOf } from './call-id.ts';
import type { ReasoningBlock, ToolCallBlock } from './ir.ts';

const context = contextTo('anthropic-messages', { provider: 'anthropic' });
const thoughts: readonly ReasoningBlock[] = [
  { type: 'reasoning', text: 'a 想', signature: 'S+/=' },
  { type: 'reasoning', text: '', redacted: 'R' },
];
const call = (id: string): ToolCallBlock => ({ type: 'toolCall', kind: 'function', id, name: 'f', arguments: '{}' });

test('an id bears thinking, and is itself again', () => {
  for (const id of ['toolu_01', 'functions.f:0', '', 'a.b.c', '天气']) {
    const sealed = sealedCallId(id, thoughts, context);
    assert.match(sealed, /^mw1\.anthropic\.[\w-]+\./);
    assert.deepEqual(openCallId(sealed, 'at'), {
      id,
      thoughts: [
        { type: 'reasoning', text: 'a 想', at: 'at', signature: 'mw1.anthropic.S+/=' },
        { type: 'reasoning', text: '', at: 'at', redacted: 'mw1.anthropic.R' },
      ],
    });
  }
});

test('an id that only looks sealed is an id', () => {
  for (const id of ['call_1', 'mw1.', 'mw1.x', 'mw1.x.', 'mw1.x.{}', 'mw1.x.{"id":7}', 'mw1.x.null', 'mw1.x.*.y'])
    assert.deepEqual(openCallId(id, 'at'), { id, thoughts: [] });
  assert.deepEqual(openCallId(`mw1.x.${btoa('{"0":1}')}.c`, 'at'), { id: 'c', thoughts: [] });
  assert.deepEqual(openCallId(sealedCallId('c', [], context), 'at'), { id: 'c', thoughts: [] });
});

test('a call bears what was thought since the last, as far as it must come back and there is room', () => {
  const ids = createCallIds('cohere', context);
  assert.equal(ids.idOf(call('a')), 'a');
  for (const thought of thoughts) ids.think(thought);
  ids.think({ type: 'reasoning', text: 'nobody wants this back' });
  assert.equal(ids.idOf(call('b')), sealedCallId('b', thoughts, context));
  assert.equal(ids.idOf(call('c')), 'c');
  const own = createCallIds('anthropic-messages', context);
  for (const thought of thoughts) own.think(thought);
  assert.equal(own.idOf(call('a')), 'a', 'its own format has a place for it');
  const short = createCallIds('cohere', context, 64 * 1024);
  short.think({ type: 'reasoning', text: 'x'.repeat(100_000), signature: 's' });
  assert.equal(short.idOf(call('a')), 'a');
});

test('what no call bears is lost with a word', () => {
  const other = contextTo('anthropic-messages');
  const ids = createCallIds('cohere', other);
  for (const thought of [...thoughts, { type: 'reasoning', text: 'unsigned', signature: '' } as const]) ids.think(thought);
  ids.end();
  assert.deepEqual(notesOf(other), ['dropped signature', 'dropped redacted', 'dropped thinking']);
});

test('a turn in the order in which it was made', () => {
  const said = [{ type: 'text', text: 'I look.' } as const];
  const [one, two] = [call('a'), call('b')];
  const [first, second] = thoughts;
  assert.ok(first && second);
  const made = [
    { call: one, thoughts: [first] },
    { call: two, thoughts: [second] },
  ];
  assert.deepEqual(turnOf(said, made), [first, ...said, one, second, two]);
  assert.deepEqual(turnOf(said, []), said);
});
