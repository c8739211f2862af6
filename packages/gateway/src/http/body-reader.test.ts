import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { usedMemory } from '../../../../test/support/used-memory.ts';
import { type BodyReader, createBodyReader } from './body-reader.ts';

/** Where each push stopped, for pieces that are not all the body's. */
function push(reader: BodyReader, ...pieces: readonly string[]): readonly number[] {
  return pieces.map((piece) => reader.push(Buffer.from(piece), 0));
}

const text = (reader: BodyReader): string => Buffer.from(reader.bytes()).toString();

describe('a body of a length', () => {
  const of = (length: number, limit = 1000): BodyReader => createBodyReader({ kind: 'length', length }, limit);

  test('in one piece is not copied', () => {
    const reader = of(5);
    const bytes = Buffer.from('hello');
    assert.deepEqual([reader.done(), reader.push(bytes, 0), reader.done(), reader.bytes()], [false, 5, true, bytes]);
    assert.equal(reader.bytes(), bytes);
    const within = of(5);
    assert.equal(within.push(Buffer.from('head hello next'), 5), 10);
    assert.equal(text(within), 'hello');
  });

  test('is put together from pieces, up to its end', () => {
    const reader = of(11);
    assert.deepEqual([push(reader, 'hel', 'lo', '', ' ', 'world and more', 'x'), text(reader), reader.done()], [[3, 2, 0, 1, 5, 0], 'hello world', true]);
  });

  test('over the limit keeps nothing, and its end is still found', () => {
    const reader = of(5, 4);
    assert.deepEqual([reader.over(), reader.done()], [true, false]);
    assert.deepEqual([push(reader, 'hel', 'lo!'), reader.done(), text(reader)], [[3, 2], true, '']);
    assert.equal(of(4, 4).over(), false);
  });

  test('of nothing is done', () => {
    assert.deepEqual([of(0).done(), of(0).over(), text(of(0))], [true, false, '']);
    assert.equal(createBodyReader({ kind: 'none' }, 0).done(), true);
  });

  test('that is only announced costs nothing', () => {
    const before = usedMemory();
    const readers = Array.from({ length: 20 }, () => of(1_000_000_000, 2_000_000_000));
    for (const reader of readers) push(reader, 'a', 'b');
    assert.ok(usedMemory() - before < 100_000_000);
    assert.ok(readers.every((reader) => !reader.done()));
  });

  test('of several megabytes in many pieces', () => {
    const piece = Buffer.alloc(65_536, 'abcdefg');
    const reader = of(piece.length * 100, 100_000_000);
    for (let i = 0; i < 100; i++) assert.equal(reader.push(piece, 0), piece.length);
    assert.deepEqual(Buffer.from(reader.bytes()), Buffer.concat(Array.from({ length: 100 }, () => piece)));
  });
});

describe('a chunked body', () => {
  const chunked = (limit = 1000): BodyReader => createBodyReader({ kind: 'chunked' }, limit);

  test('is put together, up to its end', () => {
    const reader = chunked();
    assert.deepEqual(
      [push(reader, '5\r\nhel', 'lo\r\n', '6\r\n world\r\n0\r', '\n\r\nnext'), text(reader), reader.done()],
      [[6, 4, 13, 3], 'hello world', true],
    );
    const one = chunked();
    assert.deepEqual([push(one, '5\r\nhello\r\n0\r\n\r\n'), text(one)], [[15], 'hello']);
    const none = chunked();
    assert.deepEqual([push(none, '0\r\n\r\n'), text(none), none.done()], [[5], '', true]);
  });

  test('over the limit is known at once, keeps nothing, and its end is still found', () => {
    const reader = chunked(10);
    push(reader, '5\r\nhello\r\n5\r\nhello\r\n');
    assert.equal(reader.over(), false);
    push(reader, '1\r\nx');
    assert.deepEqual([reader.over(), text(reader)], [true, '']);
    push(reader, '\r\n1\r\ny\r\n0\r\n\r\n');
    assert.deepEqual([reader.over(), reader.done(), text(reader)], [true, true, '']);
  });

  test('of a million chunks of one byte costs no more memory than its bytes', () => {
    const before = usedMemory();
    const piece = Buffer.from('1\r\nx\r\n'.repeat(10_000));
    const reader = chunked(10_000_000);
    for (let i = 0; i < 100; i++) reader.push(piece, 0);
    reader.push(Buffer.from('0\r\n\r\n'), 0);
    assert.ok(usedMemory() - before < 40_000_000);
    assert.equal(reader.bytes().length, 1_000_000);
    assert.ok(Buffer.from(reader.bytes()).every((byte) => byte === 120));
  });
});
