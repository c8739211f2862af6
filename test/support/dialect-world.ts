import { readdirSync, readFileSync } from 'node:fs';
import { collect } from '../../packages/modelwire/src/core/collect.ts';
import type { Asked, Context, Translation, SseEvent } from '../../packages/modelwire/src/core/dialect.ts';
import type { ChatEvent } from '../../packages/modelwire/src/core/event.ts';
import type { ChatRequest, DialectName, Reply } from '../../packages/modelwire/src/core/ir.ts';
import { parseJsonText } from '../../packages/modelwire/src/core/json-text.ts';
import { prepareFor } from '../../packages/modelwire/src/core/prepare.ts';
import { decodeSse } from '../../packages/modelwire/src/framing/sse.ts';
import { type ContextOptions, contextTo } from './context.ts';

export type Fields = { readonly [key: string]: unknown };

const textOf = (body: unknown): string => (typeof body === 'string' ? body : JSON.stringify(body));

/** A request of another dialect's caller, as its front would have made it. */
export function foreignRequest(fields: Partial<ChatRequest> = {}): ChatRequest {
  const blocks = [{ type: 'text' as const, text: 'hi', at: 'messages[0].content' }];
  return { model: 'model-1', messages: [{ role: 'user', blocks, at: 'messages[0]' }], stream: false, streamUsage: true, names: {}, ext: [], ...fields };
}

/** The events in the bytes of a stream, which come in the pieces that `cuts` makes of them. */
export function framesOf(bytes: Uint8Array, cuts: readonly number[] = []): SseEvent[] {
  const frames: SseEvent[] = [];
  const decoder = decodeSse();
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    decoder.push(bytes.subarray(from, cut), (frame) => frames.push(frame));
    from = cut;
  }
  decoder.end((frame) => frames.push(frame));
  return frames;
}

export type Recorded = {
  fixture(name: string): string;
  /** The answers that stand in the folder twice: whole (`.json`), and as a stream (`.frames.txt`). */
  readonly pairs: readonly string[];
};

/** The recorded traffic in a folder. */
export function recordedIn(folder: string): Recorded {
  const suffix = '.frames.txt';
  const streams = readdirSync(folder).filter((name) => name.endsWith(suffix));
  return {
    fixture: (name) => readFileSync(`${folder}/${name}`, 'utf8'),
    pairs: streams.map((name) => name.slice(0, -suffix.length)).sort(),
  };
}

/** What a dialect's tests do with it: a caller's request and answer, a provider's request and answer. */
export type DialectWorld<Sent, Shown> = {
  contextFor(options?: ContextOptions & { readonly back?: DialectName }): Context;
  /** What the front makes of a caller's request. */
  accept(body: unknown, context?: Context): ChatRequest;
  /** The body as it goes out. */
  sentText(request: ChatRequest, context?: Context): string;
  /** The same, parsed. */
  sent(request: ChatRequest, context?: Context): Sent;
  /** The events that the decoder makes of a provider's stream. */
  eventsOf(frames: readonly SseEvent[], context?: Context, request?: ChatRequest): ChatEvent[];
  /** The answer that a provider's stream makes, given as events or as text. */
  streamed(stream: string | readonly SseEvent[], context?: Context, request?: ChatRequest): Reply;
  /** What is read in a provider's whole answer. */
  replied(answer: unknown, context?: Context, request?: ChatRequest): Reply;
  /** The caller's stream for these events. */
  shownText(events: readonly ChatEvent[], context: Context, body?: unknown): string;
  /** The same, as the data of its events. */
  shownEvents(events: readonly ChatEvent[], context: Context, body?: unknown): SseEvent[];
  /** The caller's whole answer, parsed. */
  shownWhole(reply: Reply, context: Context, body?: unknown): Shown;
};

export type WorldOptions = {
  /** The least that a caller can ask. */
  readonly plainRequest: object;
  /** What the URL says, in a dialect whose body does not. */
  readonly asked?: Asked;
};

export function worldOf<Sent extends Fields = Fields, Shown extends Fields = Fields>(
  translation: Translation,
  { plainRequest, asked }: WorldOptions,
): DialectWorld<Sent, Shown> {
  const { name } = translation;
  const contextFor: DialectWorld<Sent, Shown>['contextFor'] = ({ back: to = name, ...options } = {}) => contextTo(to, options);
  const accept = (body: unknown, context = contextFor()): ChatRequest => translation.accept(parseJsonText(textOf(body)), context, asked).request;
  const prepare = (context = contextFor(), request = accept(plainRequest, context)) => prepareFor(translation, request, context);
  const sentText = (request: ChatRequest, context?: Context): string => prepare(context, request).body;

  function eventsOf(frames: readonly SseEvent[], context?: Context, request?: ChatRequest): ChatEvent[] {
    const events: ChatEvent[] = [];
    const decoder = prepare(context, request).stream();
    for (const frame of frames) decoder.push(frame, (event) => events.push(event));
    decoder.end((event) => events.push(event));
    return events;
  }

  const plainStream = asked === undefined ? { ...plainRequest, stream: true } : plainRequest;
  function shownText(events: readonly ChatEvent[], context: Context, body: unknown = plainStream): string {
    const encoder = translation.accept(parseJsonText(textOf(body)), context, asked && { ...asked, stream: true }).stream();
    let text = '';
    const write = (piece: string): void => {
      text += piece;
    };
    for (const event of events) encoder.push(event, write);
    encoder.end(write);
    return text;
  }

  return {
    contextFor,
    accept,
    sentText,
    sent: (request, context) => JSON.parse(sentText(request, context)),
    eventsOf,
    streamed: (stream, context, request) =>
      collect(eventsOf(typeof stream === 'string' ? framesOf(new TextEncoder().encode(stream)) : stream, context, request)),
    replied: (answer, context, request) => prepare(context, request).reply(textOf(answer)),
    shownText,
    shownEvents: (events, context, body) => framesOf(new TextEncoder().encode(shownText(events, context, body))),
    shownWhole: (reply, context, body = plainRequest) => JSON.parse(translation.accept(parseJsonText(textOf(body)), context, asked).reply(reply)),
  };
}
