import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeJsonArray } from './json-array.ts';

function arrayOf(...chunks: readonly (Uint8Array | string)[]): string {
  const array = encodeJsonArray();
  let text = '';
  const emit = (piece: string): void => {
    text += piece;
  };
  for (const chunk of chunks) array.push(chunk, emit);
  array.end(emit);
  return text;
}

test('events become the items of one array, whatever the cuts', () => {
  const text = 'data: {"a":"é"}\r\n\r\ndata: {"b":2}\n\n';
  const bytes = new TextEncoder().encode(text);
  assert.deepEqual(JSON.parse(arrayOf(text)), [{ a: 'é' }, { b: 2 }]);
  for (let cut = 1; cut < bytes.length; cut++)
    assert.deepEqual(JSON.parse(arrayOf(bytes.subarray(0, cut), bytes.subarray(cut))), [{ a: 'é' }, { b: 2 }], `cut at ${cut}`);
});

test('keep-alives are white space, and no event at all is an empty array', () => {
  assert.deepEqual(JSON.parse(arrayOf('\n', 'data: {"a":1}\n\n', '\n', ': ping\n\n', 'data: {"b":2}\n\n')), [{ a: 1 }, { b: 2 }]);
  assert.deepEqual(JSON.parse(arrayOf()), []);
  assert.deepEqual(JSON.parse(arrayOf('\n')), []);
});
