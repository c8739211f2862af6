import { EventStreamCodec } from '@smithy/core/event-streams';
import type { MessageHeaders } from '@smithy/types';
import type { Step } from '../../../packages/modelwire/src/core/event.ts';
import type { DialectName } from '../../../packages/modelwire/src/core/ir.ts';
import { sseToEventStream } from '../../../packages/modelwire/src/framing/aws-events.ts';
import { encodeNdjson } from '../../../packages/modelwire/src/framing/ndjson.ts';
import { decodeSse } from '../../../packages/modelwire/src/framing/sse.ts';
import { toEvents } from '../../../packages/modelwire/src/framing/to-events.ts';
import type { Frame } from './frames.ts';

/** How the same events may be written: what a framing has no form for changes nothing there. */
export type WireStyle = {
  readonly eol: '\n' | '\r' | '\r\n';
  /** A byte order mark before everything. */
  readonly mark: boolean;
  /** A space after `data:`. */
  readonly space: boolean;
  /** Between the events, what says nothing: comments, fields of other kinds, empty lines, headers of other types. */
  readonly chatter: boolean;
  /** JSON over several lines. */
  readonly folded: boolean;
  /** The last line has its end, where a framing can do without. */
  readonly closed: boolean;
};

export const plainStyle: WireStyle = { eol: '\n', mark: false, space: true, chatter: false, folded: false, closed: true };

/** A piece for each event. */
type Writer = (frames: readonly Frame[], style: WireStyle) => readonly Uint8Array[];

const contentTypes: { readonly [name in DialectName]?: string } = {
  ollama: 'application/x-ndjson',
  'bedrock-converse': 'application/vnd.amazon.eventstream',
};

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const byteOrderMark = '\uFEFF';

/** The bytes of each event as the vendor would send them. */
export function bytesOf(name: DialectName, frames: readonly Frame[], style: WireStyle = plainStyle): readonly Uint8Array[] {
  const write = name === 'ollama' ? writeLines : name === 'bedrock-converse' ? writeMessages : writeEvents;
  return write(frames, style);
}

const writeEvents: Writer = (frames, { eol, mark, space, chatter, folded }) =>
  frames.map(({ event, data }, index) => {
    const field = (key: string, value: string): string => `${key}:${space ? ' ' : ''}${value}${eol}`;
    const lines = folded ? foldedLines(data) : [data];
    const before = chatter ? `: OPENROUTER PROCESSING${eol}${eol}:${eol}${field('id', String(index))}${field('retry', '3000')}data-like: x${eol}` : '';
    const text = `${before}${event === '' ? '' : field('event', event)}${lines.map((line) => field('data', line)).join('')}${eol}`;
    return encoder.encode(index === 0 && mark ? byteOrderMark + text : text);
  });

/** The first line is `{`, and the last `}`: what stands between stays as it is, since some of it is kept as source text. */
function foldedLines(data: string): readonly string[] {
  return data.startsWith('{') && data.endsWith('}') && data.length > 2 ? ['{', data.slice(1, -1), '}'] : [data];
}

const writeLines: Writer = (frames, { eol, mark, chatter, folded, closed }) => {
  const end = eol === '\r' ? '\n' : eol;
  return frames.map(({ data }, index) => {
    const isLast = index === frames.length - 1;
    const text = `${chatter ? `${end} ${end}` : ''}${folded ? foldedLines(data).join('\r') : data}${closed || !isLast ? end : ''}`;
    return encoder.encode(index === 0 && mark ? byteOrderMark + text : text);
  });
};

const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === 'string' ? bytes : decoder.decode(bytes)),
  (text) => encoder.encode(text),
);

const writeMessages: Writer = (frames, { eol, chatter, folded }) =>
  frames.map(({ event, data }) => {
    const colon = data.indexOf('":');
    const name = data.slice(2, colon);
    const payload = data.slice(colon + 2, -1);
    const kind = event === 'error' ? 'exception' : 'event';
    const more: MessageHeaders = chatter
      ? { 'x-flag': { type: 'boolean', value: true }, 'x-count': { type: 'integer', value: 7 }, 'x-when': { type: 'timestamp', value: new Date(0) } }
      : {};
    return codec.encode({
      headers: {
        ...more,
        ':message-type': { type: 'string', value: kind },
        [`:${kind}-type`]: { type: 'string', value: name },
        ':content-type': { type: 'string', value: 'application/json' },
      },
      body: encoder.encode(folded ? foldedLines(payload).join(eol) : payload),
    });
  });

/** The events that are read out of the vendor's bytes, cut as they are. */
export function framesIn(name: DialectName, chunks: readonly Uint8Array[]): readonly Frame[] {
  const frames: Frame[] = [];
  const events = decodeSse();
  const take = (chunk: Uint8Array): void => events.push(chunk, (frame) => frames.push(frame));
  const outer = toEvents(contentTypes[name] ?? 'text/event-stream');
  for (const chunk of chunks)
    if (outer === undefined) take(chunk);
    else outer.push(chunk, take);
  outer?.end(take);
  events.end((frame) => frames.push(frame));
  return frames;
}

const framings: { readonly [name in DialectName]?: () => Step<string, Uint8Array | string> } = { ollama: encodeNdjson, 'bedrock-converse': sseToEventStream };

/** What a caller of the format gets to read of the events that its front writes. */
export function wireFor(name: DialectName, text: string): Uint8Array {
  const step = framings[name]?.();
  if (step === undefined) return encoder.encode(text);
  const chunks: Uint8Array[] = [];
  const keep = (chunk: Uint8Array | string): void => void chunks.push(typeof chunk === 'string' ? encoder.encode(chunk) : chunk);
  step.push(text, keep);
  step.end(keep);
  return new Uint8Array(Buffer.concat(chunks));
}

/** Bytes that come in pieces, at these shares of their length. */
export function cutAt(bytes: Uint8Array, shares: readonly number[]): readonly Uint8Array[] {
  const places = [...new Set(shares.map((share) => Math.floor(share * bytes.length)))].toSorted((a, b) => a - b);
  return [0, ...places].map((place, index) => bytes.subarray(place, places[index] ?? bytes.length));
}

export function joined(chunks: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(chunks));
}
