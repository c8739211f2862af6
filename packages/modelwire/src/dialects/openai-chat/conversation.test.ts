import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sealedCallId } from '../../core/call-id.ts';
import type { ReasoningBlock } from '../../core/ir.ts';
import { accept, contextFor } from './fixtures/world.ts';

const context = contextFor({ provider: 'anthropic', back: 'anthropic-messages' });
const thoughts: readonly ReasoningBlock[] = [
  { type: 'reasoning', text: 'a 想', signature: 'S+/=' },
  { type: 'reasoning', text: '', redacted: 'R' },
];

const question = { role: 'user', content: 'hi' };
const made = (id: string): object => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } });
const kinds = (message: object): unknown[] => {
  const [, turn, results] = accept({ model: 'm', messages: [question, message, { role: 'tool', tool_call_id: first, content: 'r' }] }).messages;
  return [turn?.blocks.map((block) => (block.type === 'reasoning' ? (block.signature ?? block.redacted ?? '') : block.type)), results?.blocks[0]];
};
const first = sealedCallId('c1', thoughts, context);
const sealed = ['mw1.anthropic.S+/=', 'mw1.anthropic.R'];

test('the thinking of an id stands first in its turn, once, and the result finds its call', () => {
  const calls = { role: 'assistant', content: 'I look.', tool_calls: [made(first), made('c2')] };
  const [blocks, result] = kinds(calls);
  assert.deepEqual(blocks, [...sealed, 'text', 'toolCall', 'toolCall']);
  assert.equal((result as { callId: string }).callId, 'c1');
  const details = [
    { type: 'reasoning.text', text: 'a 想', signature: 'mw1.anthropic.S+/=', format: 'modelwire', index: 0 },
    { type: 'reasoning.encrypted', data: 'mw1.anthropic.R', format: 'modelwire', index: 1 },
  ];
  // OpenAI's own library leaves the last piece of a text that it does not know.
  assert.deepEqual(kinds({ ...calls, reasoning_details: details, reasoning_content: '想' })[0], [...sealed, 'text', 'toolCall', 'toolCall']);
  assert.deepEqual(kinds({ ...calls, reasoning_content: '想' })[0], [...sealed, 'text', 'toolCall', 'toolCall']);
});
