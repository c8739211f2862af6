import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createToolCallReader } from './tool-call-reader.ts';
import type { CallPart } from './tool-call-reader.ts';

function read(pieces: readonly string[]) {
  const reader = createToolCallReader();
  const parts: CallPart[] = [];
  for (const piece of pieces) reader.push(piece, (part) => parts.push(part));
  const text = parts.map((part) => (part.type === 'arguments' ? part.text : '')).join('');
  return { name: parts.find((part) => part.type === 'call')?.name, text, complete: reader.complete };
}

const written = '{\n    "name": "get_weather",\n    "arguments": {\n        "city": "a }\\" b",\n        "days": [1, 12345678901234567890]\n    }\n}\n\n\n\n';
const args = '{"city":"a }\\" b","days":[1,12345678901234567890]}';

suite('createToolCallReader', () => {
  test('gives the name, then the arguments as they were spelled, for every cut of the text', () => {
    for (let first = 0; first <= written.length; first += 1) {
      for (let second = first; second <= written.length; second += 7) {
        const result = read([written.slice(0, first), written.slice(first, second), written.slice(second)]);
        assert.deepEqual(result, { name: 'get_weather', text: args, complete: true });
      }
    }
  });

  test('no arguments, and a tool called arguments', () => {
    assert.deepEqual(read(['{"name":"arguments","arguments":{}}']), { name: 'arguments', text: '{}', complete: true });
  });

  test('a call that was cut is not complete', () => {
    assert.deepEqual(read(['{"name":"f","arguments":{"a":']), { name: 'f', text: '{"a":', complete: false });
    assert.deepEqual(read(['{"name":"f']), { name: undefined, text: '', complete: false });
  });
});
