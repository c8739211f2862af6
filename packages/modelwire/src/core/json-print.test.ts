import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printArray, printObject, printOptional, printString } from './json-print.ts';

test('an object keeps order, source text and odd keys, and leaves out what is undefined', () => {
  const raw = printObject([
    ['b', '1.0'],
    ['gone', undefined],
    ['__proto__', '{"x":9007199254740993}'],
    ['a"b', 'null'],
  ]);
  assert.equal(raw, '{"b":1.0,"__proto__":{"x":9007199254740993},"a\\"b":null}');
  assert.equal(({} as Record<string, unknown>)['x'], undefined);
});

test('nothing prints as an empty object, nothing as an empty array', () => {
  assert.equal(printObject([]), '{}');
  assert.equal(printObject([['a', undefined]]), '{}');
  assert.equal(printArray([]), '[]');
});

test('arrays are joined as they are', () => {
  assert.equal(printArray(['1', '{"a":1}', '"x"']), '[1,{"a":1},"x"]');
});

test('strings escape lone surrogates', () => {
  assert.equal(printString('a\ud83d'), '"a\\ud83d"');
  assert.equal(printString('😀'), '"😀"');
});

test('an optional value prints as JSON or not at all', () => {
  assert.equal(printOptional(undefined), undefined);
  assert.equal(printOptional(0), '0');
  assert.equal(printOptional(''), '""');
  assert.equal(printOptional(false), 'false');
});
