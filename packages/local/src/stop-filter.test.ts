import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createStopFilter } from './stop-filter.ts';

function filter(stops: readonly string[], pieces: readonly string[]): { text: string; stopped: boolean } {
  const filterer = createStopFilter(stops);
  let text = '';
  for (const piece of pieces) text += filterer.push(piece);
  return { text: text + filterer.end(), stopped: filterer.stopped };
}

suite('createStopFilter', () => {
  const text = 'one two END three';
  test('gives the same text for every cut of the pieces', () => {
    for (let first = 0; first <= text.length; first += 1) {
      for (let second = first; second <= text.length; second += 1) {
        const pieces = [text.slice(0, first), text.slice(first, second), text.slice(second)];
        assert.deepEqual(filter(['END', 'never'], pieces), { text: 'one two ', stopped: true });
      }
    }
  });

  test('the stop string that comes first wins', () => assert.equal(filter(['three', 'two'], [text]).text, 'one '));

  test('what only looked like a stop string is given in the end', () => {
    assert.deepEqual(filter(['ENDE'], ['one EN', 'D']), { text: 'one END', stopped: false });
    assert.deepEqual(filter(['aab'], ['a', 'a', 'a', 'b', 'x']), { text: 'a', stopped: true });
  });

  test('holds back no more than it must', () => {
    const filterer = createStopFilter(['\n\nUser:']);
    assert.equal(filterer.push('hello\n'), 'hello');
    assert.equal(filterer.push('world'), '\nworld');
  });

  test('without stop strings nothing is held', () => assert.equal(createStopFilter([]).push('x'), 'x'));
});
