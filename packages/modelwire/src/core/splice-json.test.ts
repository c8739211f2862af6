import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJsonText } from './json-text.ts';
import { type FieldChange, spliceFields } from './splice-json.ts';

const spliced = (text: string, ...changes: readonly FieldChange[]): string => spliceFields(parseJsonText(text), changes);

test('only the values named are others; every other character stays', () => {
  const text = ' {"a" : "x\\u0041" ,\n "b":[ {"a":1.0,"s" :"天😀"}, {"s":"2"} ], "n":9007199254740993 }\n';
  assert.equal(spliced(text), text);
  assert.equal(
    spliced(text, { at: ['b', 1], key: 's', raw: '"two"' }, { at: ['b', 0], key: 's', raw: '"one"' }),
    text.replace('"天😀"', '"one"').replace('"2"', '"two"'),
  );
  assert.equal(spliced(text, { at: [], key: 'a', raw: 'null' }), text.replace('"x\\u0041"', 'null'));
});

test('a field that is not there is added at the end of its object', () => {
  assert.equal(spliced('{"a":{"b":1 } }', { at: ['a'], key: 'c"', raw: '2' }), '{"a":{"b":1 ,"c\\"":2} }');
  assert.equal(spliced(' { } ', { at: [], key: '__proto__', raw: '2' }), ' { "__proto__":2} ');
  assert.equal(spliced('{"a":1}', { at: ['b'], key: 'c', raw: '2' }), '{"a":1}', 'there is no such object');
});

test('of a key that stands twice the last counts, as for everyone who parses it', () => {
  assert.equal(spliced('{"a":"x","a":"y"}', { at: [], key: 'a', raw: '"z"' }), '{"a":"x","a":"z"}');
});
