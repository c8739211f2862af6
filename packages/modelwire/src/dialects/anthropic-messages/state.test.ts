import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scanTopLevel, spliceTopLevel } from '../../core/top-level.ts';
import { stateRules } from './state.ts';

const top = (text: string): ReturnType<typeof scanTopLevel> => scanTopLevel(new TextEncoder().encode(text));

function heardOf(events: readonly object[]): ReturnType<ReturnType<typeof stateRules.listen>['heard']> {
  const listener = stateRules.listen({});
  for (const event of events) listener.event({ event: '', data: JSON.stringify(event) });
  return listener.heard();
}

const start = (index: number, block: object): object => ({ type: 'content_block_start', index, content_block: block });
const delta = (index: number, piece: object): object => ({ type: 'content_block_delta', index, delta: piece });

test('a stream’s pieces make the blocks of a message, arguments as they were written', () => {
  const events = [
    { type: 'message_start', message: { id: 'msg_1' } },
    start(0, { type: 'thinking', thinking: '', signature: '' }),
    delta(0, { type: 'thinking_delta', thinking: 'so' }),
    delta(0, { type: 'signature_delta', signature: 'c2ln' }),
    start(1, { type: 'text', text: '', citations: null }),
    delta(1, { type: 'text_delta', text: 'He' }),
    delta(1, { type: 'text_delta', text: 'llo' }),
    delta(1, { type: 'citations_delta', citation: { type: 'x' } }),
    start(2, { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} }),
    delta(2, { type: 'input_json_delta', partial_json: '{"n": 9007199254740993' }),
    delta(2, { type: 'input_json_delta', partial_json: ', "n": 1}' }),
    start(3, { type: 'tool_use', id: 'toolu_2', name: 'g', input: {} }),
  ];
  assert.equal(heardOf(events), undefined);
  assert.deepEqual(heardOf([...events, { type: 'message_stop' }]), {
    id: 'msg_1',
    answer:
      '[{"type":"thinking","thinking":"so","signature":"c2ln"},{"type":"text","text":"Hello","citations":[{"type":"x"}]},' +
      '{"type":"tool_use","id":"toolu_1","name":"f","input":{"n": 9007199254740993, "n": 1}},{"type":"tool_use","id":"toolu_2","name":"g","input":{}}]',
  });
});

test('the turns stand in order before what is new; an answer without content is none', () => {
  const turns = [
    { id: 'a', asked: { messages: '[ {"role":"user","content":"1"}]', system: '"S"', tools: '[]' }, answer: '[{"type":"text","text":"2"}]' },
    { id: 'b', previous: 'a', asked: { messages: '[]' }, answer: '[ ]' },
  ];
  const given = top('{"model":"m","thread":{"type":"continue","previous_message_id":"b"},"tools":[ ],"messages":[{"role":"user","content":"3"}]}');
  const text = spliceTopLevel(given, stateRules.resume(given, { turns }))
    .map((part) => (typeof part === 'string' ? part : new TextDecoder().decode(part)))
    .join('');
  assert.equal(
    text,
    '{"model":"m","tools":[ ],"messages":[ {"role":"user","content":"1"},{"role":"assistant","content":[{"type":"text","text":"2"}]},{"role":"user","content":"3"}],"system":"S"}',
  );
});
