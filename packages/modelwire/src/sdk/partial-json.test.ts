import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parsePartialJson } from './partial-json.ts';

test('gives what is complete of a text', () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ['', undefined],
    ['  ', undefined],
    ['{', {}],
    ['{"a"', {}],
    ['{"a":', {}],
    ['{"a": "he', {}],
    ['{"a": "hello"', { a: 'hello' }],
    ['{"a": "x", "b', { a: 'x' }],
    ['{"a": 12', {}],
    ['{"a": 12.5,', { a: 12.5 }],
    ['{"a": tru', {}],
    ['{"a": true', { a: true }],
    ['{"a": [1, 2', { a: [1] }],
    ['{"a": [1, {"b": "\\"', { a: [1, {}] }],
    ['{"a": "\\u00', {}],
    ['{"a": "b\\\\"}', { a: 'b\\' }],
    ['{"a": [[], {}]}  ', { a: [[], {}] }],
    ['"abc', undefined],
    ['"abc"', 'abc'],
  ];
  for (const [text, value] of cases) assert.deepEqual(parsePartialJson(text), value, text);
});

test('gives the string that is being written, where it is asked for', () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ['{"a": "he', { a: 'he' }],
    ['{"a": "', { a: '' }],
    ['{"a": "x", "b', { a: 'x' }],
    ['["a", "b\\', ['a', 'b']],
    ['["a\\\\', ['a\\']],
    ['["\\u00', ['']],
    ['["\\u00e9x\\', ['éx']],
    ['"abc', 'abc'],
  ];
  for (const [text, value] of cases) assert.deepEqual(parsePartialJson(text, true), value, text);
});

test('throws for what can never become JSON', () => {
  for (const text of ['{oops', '{1', '{"a": nope', '{"a": trux', '{"a": 1.2.3,', '{"a": 1} more', '{"a": 1]', ']', '{"a": 1 "b": 2,']) {
    assert.throws(() => parsePartialJson(text), SyntaxError, text);
  }
});

test('every cut of a text parses, and the whole gives its value', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.boolean(), (value, spaced) => {
      const text = JSON.stringify(value, undefined, spaced ? 2 : undefined);
      for (let at = 0; at < text.length; at++) {
        parsePartialJson(text.slice(0, at));
        parsePartialJson(text.slice(0, at), true);
      }
      assert.deepEqual(parsePartialJson(text), JSON.parse(text));
    }),
  );
});
