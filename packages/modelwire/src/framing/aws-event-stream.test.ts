import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventStreamCodec, Int64 } from '@smithy/core/event-streams';
import type { MessageHeaders } from '@smithy/types';
import { decodeEventStream, encodeEventMessage, type EventMessage } from './aws-event-stream.ts';
import { crc32 } from './crc32.ts';

const utf8 = new TextEncoder();
const plain = new TextDecoder();
/** Amazon's own encoder and decoder. */
const official = new EventStreamCodec(
  (bytes) => (typeof bytes === 'string' ? bytes : plain.decode(bytes)),
  (text) => utf8.encode(text),
);

function read(...pieces: readonly Uint8Array[]): EventMessage[] {
  const messages: EventMessage[] = [];
  const decoder = decodeEventStream();
  for (const piece of pieces) decoder.push(piece, (message) => messages.push(message));
  decoder.end((message) => messages.push(message));
  return messages;
}

const shown = ({ headers, payload }: EventMessage): unknown => ({ headers: Object.fromEntries(headers), payload: plain.decode(payload) });

const every: MessageHeaders = {
  yes: { type: 'boolean', value: true },
  no: { type: 'boolean', value: false },
  byte: { type: 'byte', value: -7 },
  short: { type: 'short', value: 300 },
  integer: { type: 'integer', value: 70_000 },
  long: { type: 'long', value: Int64.fromNumber(5_000_000_000) },
  binary: { type: 'binary', value: new Uint8Array([1, 2, 3]) },
  ':event-type': { type: 'string', value: 'grüße' },
  at: { type: 'timestamp', value: new Date(1_700_000_000_000) },
  id: { type: 'uuid', value: '01234567-89ab-cdef-0123-456789abcdef' },
};

test('what Amazon writes is read, with every kind of header, whatever the cut', () => {
  const bytes = [
    official.encode({ headers: every, body: utf8.encode('{"text":"ä€😀"}') }),
    official.encode({ headers: {}, body: new Uint8Array() }),
    official.encode({ headers: { ':message-type': { type: 'string', value: 'event' } }, body: utf8.encode('{}') }),
  ];
  const all = Buffer.concat(bytes);
  const whole = read(all).map(shown);
  assert.deepEqual(whole, [
    { headers: { ':event-type': 'grüße' }, payload: '{"text":"ä€😀"}' },
    { headers: {}, payload: '' },
    { headers: { ':message-type': 'event' }, payload: '{}' },
  ]);
  for (let cut = 0; cut <= all.length; cut++) assert.deepEqual(read(all.subarray(0, cut), all.subarray(cut)).map(shown), whole, `cut at ${cut}`);
  assert.deepEqual(read(...Array.from(all, (byte) => new Uint8Array([byte]))).map(shown), whole);
});

test('what is written Amazon reads, byte for byte as it would have written it', () => {
  const headers = { ':event-type': 'contentBlockDelta', ':content-type': 'application/json', ':message-type': 'event' };
  const payload = utf8.encode('{"delta":{"text":"ä"}}');
  const bytes = encodeEventMessage(headers, payload);
  const asOfficial = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, { type: 'string', value } as const]));
  assert.deepEqual(bytes, official.encode({ headers: asOfficial, body: payload }));
  assert.deepEqual(official.decode(bytes), { headers: asOfficial, body: payload });
});

test('a wrong bit anywhere ends the stream', () => {
  const bytes = encodeEventMessage({ ':message-type': 'event' }, utf8.encode('{"a":1}'));
  for (let at = 0; at < bytes.length; at++) {
    const bad = Uint8Array.from(bytes);
    bad[at] = (bad[at] ?? 0) ^ 1;
    assert.throws(() => read(bad), { code: 'upstream_invalid_response' }, `byte ${at}`);
  }
});

/** A prelude with a right check sum. */
function prelude(total: number, headers: number): Uint8Array {
  const bytes = new Uint8Array(12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, total);
  view.setUint32(4, headers);
  view.setUint32(8, crc32(bytes.subarray(0, 8)));
  return bytes;
}

for (const [what, total, headers] of [
  ['a length of gigabytes', 0xffff_ffff, 0],
  ['headers of more than 128 KiB', 1_000_000, 200_000],
  ['a message shorter than its headers', 40, 30],
  ['a message shorter than its own frame', 12, 0],
  ['no length at all', 0, 0],
] as const) {
  test(`${what} is refused before anything is waited for`, () =>
    assert.throws(() => read(prelude(total, headers)), { code: 'upstream_invalid_response', message: /event stream/ }));
}

test('headers that are cut short, or of no known type, end the stream', () => {
  const withHeaders = (headers: readonly number[]): Uint8Array => {
    const bytes = new Uint8Array(16 + headers.length);
    bytes.set(prelude(bytes.length, headers.length));
    bytes.set(headers, 12);
    new DataView(bytes.buffer).setUint32(bytes.length - 4, crc32(bytes.subarray(0, -4)));
    return bytes;
  };
  for (const headers of [[1], [1, 97], [5, 97, 7], [1, 97, 7, 0, 9, 98], [1, 97, 4, 0], [1, 97, 10], [1, 97, 255, 0]])
    assert.throws(() => read(withHeaders(headers)), { code: 'upstream_invalid_response' }, headers.join());
  assert.equal(read(withHeaders([1, 97, 0])).length, 1);
});

test('what the end leaves unfinished is no message', () => {
  const bytes = encodeEventMessage({}, utf8.encode('{}'));
  assert.deepEqual(read(bytes.subarray(0, -1)), []);
});

test('a long message in small pieces is put together once', () => {
  const bytes = encodeEventMessage({}, new Uint8Array(4 * 1024 * 1024));
  const pieces = Array.from({ length: Math.ceil(bytes.length / 1024) }, (_, index) => bytes.subarray(index * 1024, (index + 1) * 1024));
  const before = performance.now();
  assert.equal(read(...pieces)[0]?.payload.length, 4 * 1024 * 1024);
  assert.ok(performance.now() - before < 5000);
});
