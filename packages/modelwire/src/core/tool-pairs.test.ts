import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from './errors.ts';
import type { Block, Message } from './ir.ts';
import { createLedger } from './notes.ts';
import { checkToolPairs } from './tool-pairs.ts';

const call = (id: string): Block => ({ type: 'toolCall', id, name: 'f', arguments: '{}', kind: 'function', at: `call ${id}` });
const result = (callId: string): Block => ({ type: 'toolResult', callId, content: [], at: `result ${callId}` });
const text: Block = { type: 'text', text: 'x' };
const user = (...blocks: readonly Block[]): Message => ({ role: 'user', blocks });
const assistant = (...blocks: readonly Block[]): Message => ({ role: 'assistant', blocks });
const system: Message = { role: 'system', blocks: [text] };

test('pairs pass, over several messages and with a system message between', () => {
  const ledger = createLedger('t', 'strict');
  checkToolPairs([user(text), assistant(text, call('1'), call('2')), user(result('2')), system, user(result('1'), text), assistant(text), user(text)], ledger);
  checkToolPairs([user(text), assistant(call('1'))], ledger);
  checkToolPairs([assistant(call('1')), user(result('1')), assistant(call('1')), user(result('1'))], ledger);
  assert.deepEqual(ledger.notes, []);
});

const broken: readonly (readonly [string, readonly Message[], string])[] = [
  ['an orphan', [user(result('1'))], 'result 1'],
  ['a result twice', [assistant(call('1')), user(result('1')), user(result('1'))], 'result 1'],
  ['a late result', [assistant(call('1')), user(text), user(result('1'))], 'call 1'],
  ['a missing result', [assistant(call('1'), call('2')), user(result('1'), text)], 'call 2'],
  ['a call before the next answer', [assistant(call('1')), assistant(text)], 'call 1'],
  ['a foreign id', [assistant(call('1')), user(result('2'))], 'result 2'],
];

for (const [name, messages, at] of broken) {
  test(`${name} is refused by its place, and only noted when lenient`, () => {
    assert.throws(
      () => checkToolPairs(messages, createLedger('t', 'carry')),
      (error) => error instanceof GatewayError && error.status === 400 && error.param === at,
    );
    const lenient = createLedger('t', 'lenient');
    checkToolPairs(messages, lenient);
    assert.ok(lenient.notes.some((note) => note.path === at && note.verdict === 'dropped'));
  });
}
