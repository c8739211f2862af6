import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from './errors.ts';
import { exceedsDepth, isCompleteObject, isObject, maxJsonDepth, parseJsonText, stringEnd } from './json-text.ts';

test('raw gives every value exactly as it was written', () => {
  const text = ' {\n "a" : 9007199254740993 , "b":[ 1.0,{"c" : "\\u0041\\"]}"} , -0e1 ],"d":{ } } ';
  const json = parseJsonText(text);
  assert.equal(json.raw(['a']), '9007199254740993');
  assert.equal(json.raw(['b']), '[ 1.0,{"c" : "\\u0041\\"]}"} , -0e1 ]');
  assert.equal(json.raw(['b', 0]), '1.0');
  assert.equal(json.raw(['b', 1, 'c']), '"\\u0041\\"]}"');
  assert.equal(json.raw(['b', 2]), '-0e1');
  assert.equal(json.raw(['d']), '{ }');
  assert.equal(json.raw([]), text.trim());
});

test('a path to nothing is undefined, whatever stands on the way', () => {
  const json = parseJsonText('{"a":[1],"s":"x","n":null}');
  for (const path of [['b'], ['a', 1], ['a', 'x'], ['s', 0], ['n', 'x'], ['a', 0, 'y'], ['a', -1]]) assert.equal(json.raw(path), undefined);
});

test('of duplicate keys the last counts, escaped or not, as in the parsed value', () => {
  const json = parseJsonText('{"a":1,"\\u0061":2,"__proto__":{"x":3}}');
  assert.equal(json.raw(['a']), '2');
  assert.deepEqual((json.value as { a: number }).a, 2);
  assert.equal(json.raw(['__proto__', 'x']), '3');
  assert.equal(({} as { x?: number }).x, undefined);
});

test('what is not JSON is refused without repeating it', () => {
  for (const text of ['', '{', '{"secret":}', 'NaN', "{'a':1}", '[1,]', '{"a":1}x']) {
    assert.throws(
      () => parseJsonText(text),
      (error) => error instanceof GatewayError && error.code === 'invalid_request' && !error.message.includes('secret'),
      text,
    );
  }
});

test('depth is bounded, and brackets in strings do not count', () => {
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
  assert.equal(exceedsDepth(nested(maxJsonDepth), maxJsonDepth), false);
  assert.equal(exceedsDepth(nested(maxJsonDepth + 1), maxJsonDepth), true);
  assert.equal(exceedsDepth(`"${'['.repeat(1000)}"`, maxJsonDepth), false);
  assert.equal(exceedsDepth('"\\"[[[[', 2), false);
  assert.throws(() => parseJsonText(nested(100_000)), /nests deeper/);
});

test('a string ends at its own quote', () => {
  assert.equal(stringEnd('"a"b', 0), 3);
  assert.equal(stringEnd('"a\\"b"', 0), 6);
  assert.equal(stringEnd('"a\\\\"b"', 0), 5);
  assert.equal(stringEnd('"a', 0), 2);
  assert.equal(stringEnd('""', 0), 2);
});

test('an object is complete when its last brace has come', () => {
  for (const text of ['{}', ' {"a":1} \n', '{"a":"}"}', '{"a":{"b":[1,{}]}}', '{"a":"\\\\"}']) assert.equal(isCompleteObject(text), true, text);
  for (const text of ['', '{', '{"a":"', '{"a":"}', '{"a":"\\"}', '{"a":1} x', '{}{}', '[]', '"{}"', '{"a":[}'])
    assert.equal(isCompleteObject(text), false, text);
});

test('every proper prefix of an object is incomplete', () => {
  const text = '{"emoji":"\\uD83D\\uDE00","quote":"\\"","deep":[{"a":[1,2]}]}';
  for (let end = 0; end < text.length; end++) assert.equal(isCompleteObject(text.slice(0, end)), false, text.slice(0, end));
  assert.equal(isCompleteObject(text), true);
});

test('only plain objects are objects', () => {
  assert.deepEqual([{}, [], null, 'x', 1, undefined].map(isObject), [true, false, false, false, false, false]);
});

test('escapes end a string nowhere, however many and wherever they stand', () => {
  for (const value of ['"'.repeat(300), `"${'x'.repeat(100)}"`, '\\"'.repeat(99), `"${'\\'.repeat(70)}`, `"${'x'.repeat(63)}\\`]) {
    const text = JSON.stringify(value);
    assert.equal(stringEnd(`${text},"b"`, 0), text.length);
    assert.equal(parseJsonText(`{"a":${text},"b":1}`).raw(['a']), text);
  }
});

test('an object of very many fields is looked through in one go', () => {
  const json = parseJsonText(`{"a":{${Array.from({ length: 300_000 }, (_, index) => `"k${index}":${index}`).join(',')}}}`);
  // What it costs, whatever else the machine has to do.
  const start = process.cpuUsage();
  for (let index = 0; index < 300_000; index++) assert.equal(json.raw(['a', `k${index}`]), String(index));
  assert.ok(process.cpuUsage(start).user < 3e6);
});
