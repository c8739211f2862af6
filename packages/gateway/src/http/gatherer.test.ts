import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGatherer } from './gatherer.ts';

test('pieces come to stand behind each other, and what was handed out before stays as it was', () => {
  const gatherer = createGatherer();
  let held: Buffer | undefined;
  const before: { readonly bytes: Buffer; readonly text: string }[] = [];
  let text = '';
  for (let i = 0; i < 1000; i++) {
    const piece = String(i);
    text += piece;
    held = gatherer.add(held, Buffer.from(piece));
    before.push({ bytes: held, text });
    if (i % 100 === 99) {
      // A part is taken from its beginning.
      held = held.subarray(7);
      text = text.slice(7);
    }
    if (i === 500) gatherer.release();
  }
  for (const { bytes, text } of before) assert.equal(bytes.toString(), text);
});

test('a piece alone is handed on as it came', () => {
  const piece = Buffer.from('x');
  assert.equal(createGatherer().add(undefined, piece), piece);
});
