import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeNdjson, encodeNdjson } from './ndjson.ts';
import { decodeSse } from './sse.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The data of the events that the lines became. */
function read(bytes: Uint8Array, cuts: readonly number[] = []): string[] {
  const events: string[] = [];
  const lines = decodeNdjson();
  const frames = decodeSse();
  const onBytes = (piece: Uint8Array): void => frames.push(piece, ({ data }) => events.push(data));
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    lines.push(bytes.subarray(from, cut), onBytes);
    from = cut;
  }
  lines.end(onBytes);
  frames.end(({ data }) => events.push(data));
  return events;
}

const cases: readonly (readonly [name: string, text: string, events: readonly string[]])[] = [
  ['LF', '{"a":"é😀"}\n{"b":2}\n', ['{"a":"é😀"}', '{"b":2}']],
  ['CRLF', '{"a":1}\r\n{"b":2}\r\n', ['{"a":1}', '{"b":2}']],
  ['a line without its end', '{"a":1}\n{"b":2}', ['{"a":1}', '{"b":2}']],
  ['empty lines', '\n\n{"a":1}\n\n\r\n{"b":2}\n\n', ['{"a":1}', '{"b":2}']],
  ['a BOM', '\ufeff{"a":1}\n', ['{"a":1}']],
  ['a line that looks like an event', 'data: x\n', ['data: x']],
  ['CR as white space', '{"a":\r1}\n', ['{"a":1}']],
  ['nothing', '', []],
];

for (const [name, text, events] of cases) {
  test(`lines become events, whatever the cut: ${name}`, () => {
    const bytes = bytesOf(text);
    assert.deepEqual(read(bytes), events);
    for (let cut = 0; cut <= bytes.length; cut++) assert.deepEqual(read(bytes, [cut]), events, `cut at ${cut}`);
    assert.deepEqual(
      read(
        bytes,
        Array.from({ length: bytes.length }, (_, at) => at),
      ),
      events,
    );
  });
}

test('nothing of a line is held back', () => {
  let seen = 0;
  const lines = decodeNdjson();
  for (let n = 0; n < 100; n++) lines.push(new Uint8Array(1000).fill(97), (piece) => (seen += piece.length));
  assert.equal(seen, 'data: '.length + 100_000);
});

function linesOf(...chunks: readonly (Uint8Array | string)[]): string {
  const encoder = encodeNdjson();
  let text = '';
  const emit = (piece: string): void => {
    text += piece;
  };
  for (const chunk of chunks) encoder.push(chunk, emit);
  encoder.end(emit);
  return text;
}

test('events become lines, as text and as bytes', () => {
  assert.equal(linesOf('data: {"a":1}\n\ndata: {"b":2}\n\n'), '{"a":1}\n{"b":2}\n');
  assert.equal(linesOf(bytesOf('data: {"a":"é"}\r\n\r\ndata:{"b":2}\n\n')), '{"a":"é"}\n{"b":2}\n');
  assert.equal(linesOf('data: {"a":"data: \\n\\ndata: "}\n\n'), '{"a":"data: \\n\\ndata: "}\n');
  assert.equal(linesOf('event: x\ndata: {"a":\ndata: 1}\n\n'), '{"a": 1}\n');
});

test('what some take for the end of a line is escaped in the lines that we write', () => {
  const text = linesOf(`data: ${JSON.stringify({ a: 'x\u2028y\u2029z\u0085' })}\n\n`);
  assert.equal(text, '{"a":"x\\u2028y\\u2029z\\u0085"}\n');
  assert.deepEqual(JSON.parse(text), { a: 'x\u2028y\u2029z\u0085' });
});

test('a keep-alive is a space before the next line, which JSON passes over', () => {
  const text = linesOf('\n', 'data: {"a":1}\n\n', ': ping\n\n', '\n', bytesOf('data: {"b":2}\n\n'));
  assert.equal(text, ' {"a":1}\n  {"b":2}\n');
  assert.deepEqual(
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
    [{ a: 1 }, { b: 2 }],
  );
});
