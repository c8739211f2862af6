import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createChunkedDecoder } from './chunked.ts';
import { HttpSyntaxError } from './head.ts';

type Result = { readonly content: string; readonly done: boolean; /** Bytes that it did not take. */ readonly rest: string };

function decode(pieces: readonly string[]): Result {
  const decoder = createChunkedDecoder();
  let content = '';
  let rest = '';
  for (const piece of pieces) {
    const bytes = Buffer.from(piece, 'latin1');
    const stopped = decoder.push(bytes, 0, (start, end) => (content += bytes.toString('latin1', start, end)));
    rest += bytes.toString('latin1', stopped);
  }
  return { content, done: decoder.done(), rest };
}

const wholeAndCut = (text: string): readonly string[][] => [
  [text],
  [...text],
  ...Array.from({ length: text.length + 1 }, (_, i) => [text.slice(0, i), text.slice(i)]),
];

/** However it is cut, it comes out the same. */
function reads(text: string, expected: Partial<Result>): void {
  for (const pieces of wholeAndCut(text)) assert.deepEqual(decode(pieces), { content: '', done: true, rest: '', ...expected }, JSON.stringify(pieces));
}

function refuses(...texts: readonly string[]): void {
  for (const text of texts)
    for (const pieces of wholeAndCut(text))
      assert.throws(
        () => decode(pieces),
        (error: unknown) => error instanceof HttpSyntaxError && error.status === 400,
        JSON.stringify(pieces),
      );
}

const last = '0\r\n\r\n';

describe('chunked', () => {
  test('content comes out as it was before it was cut', () => {
    reads(last, {});
    reads(`5\r\nhello\r\n6\r\n world\r\n${last}`, { content: 'hello world' });
    reads(`A\r\n0123456789\r\na\r\n0123456789\r\n${last}`, { content: '01234567890123456789' });
    reads(`4\r\n\r\n\r\n\r\n${last}`, { content: '\r\n\r\n' });
    reads(`3\r\n0\r\n\r\n${last}`, { content: '0\r\n' });
    reads(`2\r\n\x00\xff\r\n${last}`, { content: '\x00\xff' });
  });

  test('what follows is left to the next reader', () => {
    reads(`${last}GET / HTTP/1.1`, { rest: 'GET / HTTP/1.1' });
    reads(`1\r\nx\r\n${last}${last}`, { content: 'x', rest: last });
    reads(`${last}\r\n`, { rest: '\r\n' });
  });

  test('it is not done before its last line feed', () => {
    for (const text of [
      '',
      '5',
      '5\r',
      '5\r\n',
      '5\r\nhel',
      '5\r\nhello',
      '5\r\nhello\r\n',
      '0',
      '0\r\n',
      '0\r\n\r',
      '0\r\na: b\r\n',
      '0\r\na: b\r\n\r',
      '000',
    ]) {
      assert.equal(decode([text]).done, false, JSON.stringify(text));
    }
  });

  test('sizes are hex digits and nothing else', () => {
    reads('005\r\nhello\r\n000\r\n\r\n', { content: 'hello' });
    reads(`00000000005\r\nhello\r\n00000000000\r\n\r\n`, { content: 'hello' });
    refuses(
      '\r\n',
      ';a\r\n',
      ' 5\r\n',
      '\t5\r\n',
      '5 \r\n',
      '5\t\r\n',
      '5 ;a\r\n',
      '+5\r\n',
      '-5\r\n',
      '0x5\r\n',
      '5h\r\n',
      'g\r\n',
      '5_0\r\n',
      '5.0\r\n',
      '5,5\r\n',
      '"5"\r\n',
      '\x005\r\n',
    );
    refuses('000000000005\r\n', 'fffffffffffff', '100000000000', 'ffffffffffffffffffffffff', '000000000000\r\n\r\n');
    refuses(`5\r\nhello\r\n\r\n${last}`, `1\r\nx\r\n 0\r\n\r\n`);
    assert.equal(decode(['fffffffffff\r\nx']).content, 'x');
  });

  test('lines end with CR LF', () => {
    refuses(
      '5\nhello',
      '5\rhello',
      '5\r\rhello',
      '5\r \n',
      '5\r\nhello\n',
      '5\r\nhelloX\r\n',
      '5\r\nhello\rX',
      '5\r\nhello0\r\n',
      '0\n',
      '0\r\n\n',
      '0\r\n\rX',
      '0\rX',
    );
    refuses('5\r\nhello\r\r\n', '5;a\nhello', '0;a\n\n', '5;a\rhello', '0\r\na: b\n', '0\r\na: b\n\r\n', '0\r\na: b\rc: d\r\n');
  });

  test('extensions are passed over, within limits', () => {
    reads(`5;a=1;b="c d"\r\nhello\r\n0;x\r\n\r\n`, { content: 'hello' });
    reads(`1;\r\nx\r\n${last}`, { content: 'x' });
    reads(`1; \t=;;"\\"\xe4\r\nx\r\n${last}`, { content: 'x' });
    refuses('1;a\x00', '1;a\x7f', '1;a\x0b', '1;\x1b', '1;a\n');
    const most = 16 * 1024;
    assert.equal(decode([`1;${'a'.repeat(most)}\r\nx\r\n${last}`]).done, true);
    assert.throws(() => decode([`1;${'a'.repeat(most + 1)}\r\nx\r\n`]), HttpSyntaxError);
    // Of all chunks together: a byte of content may not cost sixteen thousand of noise.
    assert.throws(() => decode(Array.from({ length: 5 }, () => `1;${'a'.repeat(most / 4)}\r\nx\r\n`)), HttpSyntaxError);
  });

  test('trailers are passed over, within limits', () => {
    reads('0\r\na: b\r\nVary: *\r\n\r\nrest', { rest: 'rest' });
    reads('0\r\na:\r\n\r\n', {});
    reads('0\r\na: b: \t"\xe4"\r\n\r\n', {});
    reads('0\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello', { rest: 'hello' });
    refuses(
      '0\r\nno colon\r\n',
      '0\r\n: b\r\n',
      '0\r\n a: b\r\n',
      '0\r\na: b\r\n c\r\n',
      '0\r\n\ta: b\r\n',
      '0\r\na: \x00',
      '0\r\na\x01',
      '0\r\nGET / HTTP/1.1\r\n',
    );
    refuses('0\r\na b: c\r\n', '0\r\na : c\r\n', '0\r\n\xe4: c\r\n', '0\r\na@b: c\r\n');
    const most = 16 * 1024;
    assert.equal(decode([`0\r\na:${'b'.repeat(most - 2)}\r\n\r\n`]).done, true);
    assert.throws(() => decode([`0\r\na:${'b'.repeat(most - 1)}\r\n\r\n`]), HttpSyntaxError);
    assert.throws(() => decode([`0\r\n${'a:\r\n'.repeat(most)}`]), HttpSyntaxError);
  });
});
