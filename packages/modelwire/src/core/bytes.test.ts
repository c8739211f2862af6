import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasJsonField, hasJsonKey, hasJsonValue, indexOfBytes, searchBytes } from './bytes.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

test('both searches find what indexOf finds', () => {
  const text = 'abababc"mw1.x"é"mw1.y"';
  const bytes = bytesOf(text);
  for (const needle of ['a', 'abc', 'ababc', '"mw1.', 'x"', 'zz', '"', '']) {
    for (const from of [0, 1, 5, 9]) {
      assert.equal(indexOfBytes(bytes, needle, from), searchBytes(bytes, needle, from), `${needle} from ${from}`);
    }
  }
  assert.equal(indexOfBytes(bytes, 'abc'), 4);
  assert.equal(searchBytes(bytes, 'abc'), 4);
  assert.equal(searchBytes(bytes, 'nothing'), -1);
});

test('a view into a larger buffer is searched as itself', () => {
  const view = bytesOf('xxabcxx').subarray(2, 4);
  assert.equal(indexOfBytes(view, 'abc'), -1);
  assert.equal(indexOfBytes(view, 'ab'), 0);
});

test('a key is a key, not a word in a string or a value', () => {
  assert.equal(hasJsonKey(bytesOf('{"a": {"tool_calls" : []}}'), 'tool_calls'), true);
  assert.equal(hasJsonKey(bytesOf('{"a":"tool_calls"}'), 'tool_calls'), false);
  assert.equal(hasJsonKey(bytesOf(JSON.stringify({ a: '"tool_calls": []' })), 'tool_calls'), false);
  assert.equal(hasJsonKey(bytesOf(JSON.stringify({ a: 'x\\"tool_calls' })), 'tool_calls'), false);
  assert.equal(hasJsonKey(bytesOf('{"b":"tool_calls","tool_calls":1}'), 'tool_calls'), true);
  assert.equal(hasJsonKey(bytesOf('{"tool_calls"'), 'tool_calls'), false);
});

test('a field is told by the first character of its value', () => {
  const bytes = bytesOf('{"content":"x","m":{"content" :\n [1]}}');
  assert.equal(hasJsonField(bytes, 'content', '['), true);
  assert.equal(hasJsonField(bytes, 'content', '"'), true);
  assert.equal(hasJsonField(bytes, 'content', '{'), false);
});

test('a value is a value, not a key or a word in a string', () => {
  const holds = (text: string): boolean => {
    const bytes = bytesOf(text);
    return hasJsonValue({ bytes, indexOf: (needle, from) => indexOfBytes(bytes, needle, from) }, '"thinking"');
  };
  for (const text of ['{"type":"thinking"}', '{"thinking":1,"type" :\n\t "thinking" }']) assert.equal(holds(text), true, text);
  for (const text of ['{"thinking":{}}', '{"a":["thinking"]}', '{"a":"\\"type\\":\\"thinking\\""}', '{"a":"thinking more"}', '"thinking"'])
    assert.equal(holds(text), false, text);
});
