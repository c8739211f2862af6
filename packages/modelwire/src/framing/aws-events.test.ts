import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeEventMessage } from './aws-event-stream.ts';
import { eventStreamToSse, sseToEventStream } from './aws-events.ts';

const utf8 = new TextEncoder();

function message(headers: Readonly<Record<string, string>>, payload: string): Uint8Array {
  return encodeEventMessage(headers, utf8.encode(payload));
}

function event(name: string, payload: string): Uint8Array {
  return message({ ':event-type': name, ':content-type': 'application/json', ':message-type': 'event' }, payload);
}

function toText(...messages: readonly Uint8Array[]): string {
  let text = '';
  const step = eventStreamToSse();
  for (const bytes of messages) step.push(bytes, (piece) => (text += new TextDecoder().decode(piece)));
  step.end(() => assert.fail());
  return text;
}

function toBytes(text: string): Uint8Array {
  const pieces: Uint8Array[] = [];
  const step = sseToEventStream();
  for (const char of text) step.push(char, (piece) => pieces.push(piece));
  step.end((piece) => pieces.push(piece));
  return Buffer.concat(pieces);
}

test('an event is its name with its payload, and comes back byte for byte', () => {
  const bytes = event('contentBlockDelta', '{"contentBlockIndex":0,"delta":{"text":"\\n\\"}: ä"},"p":"abc"}');
  const text = toText(bytes);
  assert.equal(text, 'data: {"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"\\n\\"}: ä"},"p":"abc"}}\n\n');
  assert.deepEqual(Buffer.from(toBytes(text)), Buffer.from(bytes));
});

test('an exception is an event that says so, and comes back', () => {
  const bytes = message({ ':exception-type': 'throttlingException', ':content-type': 'application/json', ':message-type': 'exception' }, '{"message":"slow"}');
  const text = toText(bytes);
  assert.equal(text, 'event: error\ndata: {"throttlingException":{"message":"slow"}}\n\n');
  assert.deepEqual(Buffer.from(toBytes(text)), Buffer.from(bytes));
});

test('an error of the protocol is an exception too, and so is one in plain words', () => {
  const error = message({ ':message-type': 'error', ':error-code': 'InternalFailure', ':error-message': 'it "broke"' }, '');
  assert.equal(toText(error), 'event: error\ndata: {"InternalFailure":{"message":"it \\"broke\\""}}\n\n');
  const words = message({ ':message-type': 'exception', ':exception-type': 'validationException' }, 'bad\nthing');
  assert.equal(toText(words), 'event: error\ndata: {"validationException":{"message":"bad\\nthing"}}\n\n');
});

test('line breaks between the tokens of a payload end no event', () =>
  assert.equal(toText(event('messageStop', '{\r\n  "stopReason": "end_turn"\n}')), 'data: {"messageStop":{   "stopReason": "end_turn" }}\n\n'));

test('what InvokeModel streams are the events of the model’s own format', () => {
  const inner = '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"ä"}}';
  const chunk = event('chunk', JSON.stringify({ bytes: Buffer.from(inner).toString('base64'), p: 'abcdef' }));
  assert.equal(toText(chunk), `event: content_block_delta\ndata: ${inner}\n\n`);
  assert.equal(toText(event('chunk', '{"bytes":"!"}')), 'data: "{\\"bytes\\":\\"!\\"}"\n\n');
});

test('a comment has no form in messages', () => assert.equal(toBytes(': ping\n\n').length, 0));
