import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from './errors.ts';
import type { Block, Message } from './ir.ts';
import { createLedger } from './notes.ts';
import { checkToolPairs, separateIds } from './tool-pairs.ts';

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

test('an id that comes again in a later turn is another one, the same for the same beginning', () => {
  const ledger = createLedger('t', 'strict');
  const idsOf = (messages: readonly Message[]): string[] =>
    separateIds(messages, ledger).flatMap(({ blocks }) =>
      blocks.flatMap((block) => (block.type === 'toolCall' ? [block.id] : block.type === 'toolResult' ? [block.callId] : [])),
    );
  const once = [assistant(call('0'), call('1')), user(result('0'), result('1'))];
  assert.equal(separateIds(once, ledger), once);
  assert.equal(ledger.notes.length, 0);
  const twice = [...once, assistant(call('1')), user(result('1')), assistant(text), user(text)];
  const [a, b, c, d, e, f] = idsOf(twice);
  assert.deepEqual([a, b, c, d], ['0', '1', '0', '1']);
  assert.ok(e === f && e !== '1' && e !== undefined);
  const thrice = idsOf([...twice, assistant(call('1'), call('0')), user(result('0'), result('1'))]);
  assert.deepEqual(thrice.slice(0, 6), idsOf(twice));
  assert.equal(new Set([...thrice.slice(0, 2), ...thrice.slice(4, 5), ...thrice.slice(6, 8)]).size, 5);
  assert.deepEqual(thrice.slice(6, 8).toSorted(), thrice.slice(8).toSorted());
  assert.ok(ledger.notes.every(({ verdict, path }) => verdict === 'changed' && path.startsWith('call ')));
});
