import assert from 'node:assert/strict';
import { test } from 'node:test';
import { booleanAt, type Cursor, childPath, cursorAt, fieldOf, isGiven, itemsOf, numberAt, objectAt, optionalAt, rawOf, stringAt } from './json-cursor.ts';
import { GatewayError } from './errors.ts';
import { parseJsonText } from './json-text.ts';

const root = cursorAt(parseJsonText('{"a":[{"b":"x","n":1.50,"t":true,"z":null}],"__proto__":{"p":1}}'));
const item = itemsOf(fieldOf(root, 'a'))[0] ?? root;

test('a cursor knows its value, its path and its source text', () => {
  assert.equal(item.path, 'a[0]');
  assert.equal(fieldOf(item, 'b').path, 'a[0].b');
  assert.equal(stringAt(fieldOf(item, 'b')), 'x');
  assert.equal(numberAt(fieldOf(item, 'n')), 1.5);
  assert.equal(rawOf(fieldOf(item, 'n')), '1.50');
  assert.equal(booleanAt(fieldOf(item, 't')), true);
  assert.deepEqual(objectAt(fieldOf(root, '__proto__')), { p: 1 });
});

test('what is absent is undefined, inherited things too', () => {
  for (const key of ['none', 'constructor', 'toString', 'hasOwnProperty']) assert.equal(fieldOf(root, key).value, undefined);
  assert.equal(fieldOf(fieldOf(root, 'none'), 'x').value, undefined);
  assert.equal(isGiven(fieldOf(item, 'z')), false);
  assert.equal(optionalAt(item, 'z', stringAt), undefined);
  assert.equal(optionalAt(item, 'none', stringAt), undefined);
  assert.equal(optionalAt(item, 'b', stringAt), 'x');
});

test('a wrong type is told by its path', () => {
  const reads: readonly (readonly [(cursor: Cursor) => unknown, string])[] = [
    [stringAt, 'a string'],
    [numberAt, 'a number'],
    [booleanAt, 'true or false'],
    [objectAt, 'an object'],
    [itemsOf, 'an array'],
  ];
  for (const [read, expected] of reads) {
    assert.throws(
      () => read(fieldOf(item, 'z')),
      (error) => error instanceof GatewayError && error.status === 400 && error.param === 'a[0].z' && error.message === `a[0].z must be ${expected}`,
    );
  }
});

test('long keys are short in paths', () => {
  assert.equal(childPath('', 'a'), 'a');
  assert.ok(childPath('x', 'k'.repeat(10_000)).length < 100);
});
