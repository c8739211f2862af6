import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFenceFilter, withoutFence } from './fence.ts';

const rows: readonly (readonly [text: string, out: string])[] = [
  ['{"a":1}', '{"a":1}'],
  ['  {"a":1}\n', '  {"a":1}\n'],
  ['```json\n{"a":1}\n```', '{"a":1}'],
  ['\n```\r\n{"a":1}\r\n```\r\n', '{"a":1}'],
  ['```json\n{"a":1}```', '{"a":1}'],
  ['```json\n{"a":1}``` ', '{"a":1}'],
  ['```json\n{\n  "a": "``` x ```"\n}\n  ```\nThere you are.', '{\n  "a": "``` x ```"\n}'],
  ['```json\n{"a":1', '{"a":1'],
  ['```json\n{"a":"`"}\n\n\n', '{"a":"`"}'],
  ['``', '``'],
  ['```', '```'],
  ['``` {"a":1}```', '``` {"a":1}```'],
  ['Here: ```json\n{}\n```', 'Here: ```json\n{}\n```'],
  ['', ''],
];

test('a fence is taken off, at every cut; what has none passes', () => {
  for (const [text, out] of rows) {
    assert.equal(withoutFence(text), out, JSON.stringify(text));
    for (let cut = 0; cut <= text.length; cut++) {
      const filter = createFenceFilter();
      assert.equal(filter.push(text.slice(0, cut)) + filter.push(text.slice(cut)) + filter.end(), out, JSON.stringify([text.slice(0, cut), text.slice(cut)]));
    }
    const filter = createFenceFilter();
    assert.equal([...text].map((char) => filter.push(char)).join('') + filter.end(), out, JSON.stringify(text));
  }
});

test('long white space costs no more than its length', () => {
  const space = ' \n'.repeat(500_000);
  const began = performance.now();
  assert.equal(withoutFence(`\`\`\`json\n{${space}}\n\`\`\``).length, space.length + 2);
  assert.ok(withoutFence(space).length >= space.length - 1);
  const filter = createFenceFilter();
  for (let i = 0; i < 20_000; i++) filter.push(' ');
  assert.ok(performance.now() - began < 2000);
});
