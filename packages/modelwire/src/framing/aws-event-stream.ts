import type { Step } from '../core/event.ts';
import { GatewayError } from '../core/errors.ts';
import { joinChunks } from '../core/body.ts';
import { crc32 } from './crc32.ts';

/** One message of an AWS event stream. Of its headers the text ones are kept: no other kind says anything of a model's answer. */
export type EventMessage = { readonly headers: ReadonlyMap<string, string>; readonly payload: Uint8Array };

/** Lengths that the format allows: https://smithy.io/2.0/aws/amazon-eventstream.html */
const longestMessage = 24 * 1024 * 1024;
const longestHeaders = 128 * 1024;

/** Total length, length of the headers, and the check sum of these two. */
const preludeLength = 12;
/** What is no header and no payload: the prelude and the check sum of the whole. */
const overhead = preludeLength + 4;

/**
 * Messages from bytes, cut anywhere. Both check sums are held against what came, and a length that is not possible ends the stream
 * before anything is waited for. A message that the end of input leaves unfinished is dropped: the terminal-event law catches it.
 */
export function decodeEventStream(): Step<Uint8Array, EventMessage> {
  let pieces: Uint8Array[] = [];
  let held = 0;
  /** The length of the message that is being gathered; 0 until its prelude is there. */
  let wanted = 0;

  const keep = (bytes: Uint8Array): void => {
    if (bytes.length === 0) return;
    pieces.push(bytes);
    held += bytes.length;
  };
  const gathered = (): Uint8Array => {
    const only = pieces.length === 1 ? pieces[0] : undefined;
    const joined = only ?? joinChunks(pieces, held);
    pieces = [];
    held = 0;
    return joined;
  };

  return {
    push(bytes, emit) {
      keep(bytes);
      while (held >= (wanted === 0 ? preludeLength : wanted)) {
        const all = gathered();
        if (wanted === 0) wanted = messageLength(all);
        else {
          const message = decodeMessage(all.subarray(0, wanted));
          const rest = all.subarray(wanted);
          wanted = 0;
          keep(rest);
          emit(message);
          continue;
        }
        keep(all);
      }
    },
    end: () => undefined,
  };
}

function broken(what: string): GatewayError {
  return new GatewayError('upstream_invalid_response', `a message of the event stream ${what}`, { hint: 'Check any proxy in between' });
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function messageLength(bytes: Uint8Array): number {
  const view = viewOf(bytes);
  if (view.getUint32(8) !== crc32(bytes.subarray(0, 8))) throw broken('begins with a wrong check sum');
  const total = view.getUint32(0);
  const headers = view.getUint32(4);
  if (total > longestMessage) throw broken(`is longer than ${longestMessage} bytes`);
  if (headers > longestHeaders) throw broken(`has headers of more than ${longestHeaders} bytes`);
  if (total < overhead + headers) throw broken('is shorter than its headers');
  return total;
}

function decodeMessage(bytes: Uint8Array): EventMessage {
  const view = viewOf(bytes);
  const end = bytes.length - 4;
  if (view.getUint32(end) !== crc32(bytes.subarray(0, end))) throw broken('has a wrong check sum');
  const headersEnd = preludeLength + view.getUint32(4);
  return { headers: decodeHeaders(bytes.subarray(preludeLength, headersEnd)), payload: bytes.subarray(headersEnd, end) };
}

/** Types of header values whose length is fixed: true, false, byte, short, int, long, timestamp, uuid. */
const fixedLengths: ReadonlyMap<number, number> = new Map([
  [0, 0],
  [1, 0],
  [2, 1],
  [3, 2],
  [4, 4],
  [5, 8],
  [8, 8],
  [9, 16],
]);
const bytesType = 6;
const textType = 7;

const utf8 = new TextDecoder();

function decodeHeaders(bytes: Uint8Array): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  const view = viewOf(bytes);
  let at = 0;
  const take = (length: number): Uint8Array => {
    if (at + length > bytes.length) throw broken('has a header that is cut short');
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const name = utf8.decode(take(take(1)[0] ?? 0));
    const type = take(1)[0] ?? 0;
    const fixed = fixedLengths.get(type);
    if (fixed !== undefined) take(fixed);
    else if (type === bytesType || type === textType) {
      take(2);
      const value = take(view.getUint16(at - 2));
      if (type === textType) headers.set(name, utf8.decode(value));
    } else throw broken(`has a header of the unknown type ${type}`);
  }
  return headers;
}

const encoder = new TextEncoder();

/** A message with text headers. */
export function encodeEventMessage(headers: Readonly<Record<string, string>>, payload: Uint8Array): Uint8Array {
  const parts = Object.entries(headers).map(([name, value]) => encodeHeader(encoder.encode(name), encoder.encode(value)));
  const headersLength = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(overhead + headersLength + payload.length);
  const view = viewOf(bytes);
  view.setUint32(0, bytes.length);
  view.setUint32(4, headersLength);
  view.setUint32(8, crc32(bytes.subarray(0, 8)));
  let at = preludeLength;
  for (const part of [...parts, payload]) {
    bytes.set(part, at);
    at += part.length;
  }
  view.setUint32(at, crc32(bytes.subarray(0, at)));
  return bytes;
}

function encodeHeader(name: Uint8Array, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + name.length + value.length);
  const view = viewOf(bytes);
  view.setUint8(0, name.length);
  bytes.set(name, 1);
  view.setUint8(1 + name.length, textType);
  view.setUint16(2 + name.length, value.length);
  bytes.set(value, 4 + name.length);
  return bytes;
}
