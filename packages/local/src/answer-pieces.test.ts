import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createAnswerPieces } from './answer-pieces.ts';
import type { TemplateCall, Written } from './answer-pieces.ts';
import type { Piece } from './generator.ts';

type Wanted = Partial<Parameters<typeof createAnswerPieces>[0]>;

function answer(wanted: Wanted, written: readonly (string | Written)[], end: { readonly reason?: string; readonly calls?: readonly TemplateCall[] } = {}) {
  const pieces: Piece[] = [];
  let enough = false;
  const answered = createAnswerPieces(
    { stop: [], forcedCall: false, continues: false, ...wanted },
    (piece) => pieces.push(piece),
    () => (enough = true),
  );
  for (const each of written) answered.add(typeof each === 'string' ? { type: undefined, text: each, tokens: [1] } : each);
  const finish = answered.end(end.reason, end.calls ?? []);
  return { pieces, finish, enough, reasoning: answered.reasoningTokens };
}

const text = (piece: string) => ({ type: 'text', text: piece }) as const;

suite('createAnswerPieces', () => {
  test('text, and why it ended', () => {
    assert.deepEqual(answer({}, ['a', 'b'], { reason: 'eogToken' }), { pieces: [text('a'), text('b')], finish: 'stop', enough: false, reasoning: 0 });
    assert.equal(answer({}, ['a'], { reason: 'maxTokens' }).finish, 'length');
  });

  test("begins without space, unless it goes on from the client's text", () => {
    assert.deepEqual(answer({}, ['\n', ' a', ' b']).pieces, [text('a'), text(' b')]);
    assert.deepEqual(answer({ continues: true }, [' a']).pieces, [text(' a')]);
  });

  test('a stop string ends it and is not shown', () => {
    const { pieces, finish, enough } = answer({ stop: ['STOP'] }, ['one ST', 'OP two', 'three'], { reason: 'abort' });
    assert.deepEqual([pieces, finish, enough], [[text('one ')], 'stop', true]);
  });

  test('what was held back comes at the end', () => {
    assert.deepEqual(answer({ stop: ['STOP'] }, ['one ST'], { reason: 'eogToken' }).pieces, [text('one '), text('ST')]);
  });

  test('a forced call, and one that was cut', () => {
    const whole = answer({ forcedCall: true }, ['{"name":"f","arg', 'uments":{"a":1}}\n\n']);
    assert.deepEqual(whole.pieces, [
      { type: 'call', name: 'f' },
      { type: 'arguments', text: '{"a":1}' },
    ]);
    assert.deepEqual([whole.finish, whole.enough], ['tool_calls', true]);
    assert.equal(answer({ forcedCall: true }, ['{"name":"f","arguments":{'], { reason: 'maxTokens' }).finish, 'length');
  });

  test('a call the model made of itself', () => {
    const { pieces, finish } = answer({}, ['I look.'], { reason: 'functionCalls', calls: [{ functionName: 'f', params: { a: 1 } }] });
    assert.deepEqual(pieces, [text('I look.'), { type: 'call', name: 'f' }, { type: 'arguments', text: '{"a":1}' }]);
    assert.equal(finish, 'tool_calls');
  });

  test('reasoning is apart and counted', () => {
    const { pieces, reasoning } = answer({}, [{ type: 'segment', text: 'hm', tokens: [1, 2] }, { type: 'segment', text: '', tokens: [] }, 'yes']);
    assert.deepEqual([pieces, reasoning], [[{ type: 'reasoning', text: 'hm' }, text('yes')], 2]);
  });
});
