import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SseEvent } from '../core/dialect.ts';
import { GatewayError } from '../core/errors.ts';
import { decodeSse, encodeSse, maxLineLength } from './sse.ts';

type Bytes = Uint8Array<ArrayBuffer>;
const bytesOf = (text: string): Bytes => new TextEncoder().encode(text);

function read(bytes: Uint8Array, cuts: readonly number[] = []): SseEvent[] {
  const events: SseEvent[] = [];
  const decoder = decodeSse();
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    decoder.push(bytes.subarray(from, cut), (event) => events.push(event));
    from = cut;
  }
  decoder.end((event) => events.push(event));
  return events;
}

const data = (...texts: readonly string[]): SseEvent[] => texts.map((text) => ({ event: '', data: text }));

const cases: readonly (readonly [name: string, text: string, events: readonly SseEvent[]])[] = [
  ['LF', 'data: a\n\ndata: b\n\n', data('a', 'b')],
  ['CR', 'data: a\r\rdata: b\r\r', data('a', 'b')],
  ['CRLF', 'data: a\r\n\r\ndata: b\r\n\r\n', data('a', 'b')],
  ['mixed ends', 'data: a\r\n\ndata: b\n\r\ndata: c\r\r\n', data('a', 'b', 'c')],
  ['a BOM', '\ufeffdata: a\n\n', data('a')],
  ['a BOM in the middle is text', 'data: \ufeffa\n\n', data('\ufeffa')],
  ['no space after the colon', 'data:a\n\ndata:  b\n\n', data('a', ' b')],
  ['several data lines', 'data: a\ndata: b\ndata\n\n', data('a\nb\n')],
  ['comments', ': hello\n:\ndata: a\n: more\n\n: end\n\n', data('a')],
  [
    'names',
    'event: x\ndata: a\n\ndata: b\n\n',
    [
      { event: 'x', data: 'a' },
      { event: '', data: 'b' },
    ],
  ],
  ['an event without data is none, and its name is forgotten', 'event: x\n\ndata: b\n\n', data('b')],
  ['an empty data field is an event', 'data:\n\ndata\n\n', data('', '')],
  ['fields without meaning here', 'id: 7\nretry: 9\nfoo: bar\ndata: a\n\n', data('a')],
  ['an unfinished event at the end is dropped', 'data: a\n\ndata: b\n', data('a')],
  ['an unfinished line at the end is dropped', 'data: a\n\ndata: b', data('a')],
  ['characters of two, three and four bytes', 'data: é€😀\n\n', data('é€😀')],
  ['empty lines alone', '\n\n\r\n\r\r', []],
];

for (const [name, text, events] of cases) {
  test(`${name}: the same for any cut`, () => {
    const bytes = bytesOf(text);
    assert.deepEqual(read(bytes), events);
    for (let cut = 0; cut <= bytes.length; cut++) assert.deepEqual(read(bytes, [cut]), events, `cut at ${cut}`);
    assert.deepEqual(
      read(
        bytes,
        Array.from(bytes, (_, at) => at),
      ),
      events,
    );
    for (let cut = 0; cut < bytes.length; cut++) for (let other = cut; other < bytes.length; other++) assert.deepEqual(read(bytes, [cut, other]), events);
  });
}

test('invalid UTF-8 is replaced, not thrown', () => {
  const bytes = new Uint8Array([...bytesOf('data: a'), 0xff, 0xc3, ...bytesOf('b\n\n')]);
  assert.deepEqual(read(bytes), data('a\ufffd\ufffdb'));
  assert.deepEqual(
    read(
      bytes,
      Array.from(bytes, (_, at) => at),
    ),
    data('a\ufffd\ufffdb'),
  );
  assert.deepEqual(read(new Uint8Array([...bytesOf('data: a\n\n'), 0xe2, 0x82])), data('a'));
});

const tooLong = (error: unknown): boolean => error instanceof GatewayError && error.code === 'upstream_invalid_response';

test('an endless line ends the stream', () => {
  const decoder = decodeSse();
  const piece = new Uint8Array(1024 * 1024).fill(97);
  assert.throws(() => {
    for (let sent = 0; sent <= maxLineLength + piece.length; sent += piece.length) decoder.push(piece, () => undefined);
  }, tooLong);
});

test('an event of endless lines ends the stream, also when every read ends with a line', () => {
  const decoder = decodeSse();
  const line = bytesOf(`data: ${'a'.repeat(1024 * 1024)}\n`);
  assert.throws(() => {
    for (let sent = 0; sent <= maxLineLength + line.length; sent += 1024 * 1024) decoder.push(line, () => undefined);
  }, tooLong);
});

test('an event of a megabyte passes', () => {
  const text = 'a'.repeat(1024 * 1024);
  const bytes = bytesOf(encodeSse(text));
  const cuts = Array.from({ length: 63 }, (_, index) => (index + 1) * 16_384);
  assert.deepEqual(read(bytes, cuts), data(text));
});

test('what is encoded is decoded', () => {
  assert.equal(encodeSse('{}'), 'data: {}\n\n');
  assert.equal(encodeSse('{}', 'ping'), 'event: ping\ndata: {}\n\n');
  assert.deepEqual(read(bytesOf(encodeSse('{"a":"é"}', 'x'))), [{ event: 'x', data: '{"a":"é"}' }]);
});
