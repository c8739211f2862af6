import type { APIPromise } from './api-promise.ts';
import { EventStream } from './emitter.ts';
import { type APIUserAbortError, OpenAIError } from './errors-openai.ts';
import { openaiErrors } from './family-openai.ts';
import { linesOf } from './jsonl.ts';
import { type ExpectedResponse, parseResponse } from './openai-responses-parse.ts';
import type * as types from './openai-responses-types.ts';
import type { RequestOptions } from './session.ts';
import { Stream } from './stream.ts';

type Event = types.ResponseStreamEvent;
type TextDelta = Extract<Event, { type: 'response.output_text.delta' }>;
type ArgumentsDelta = Extract<Event, { type: 'response.function_call_arguments.delta' }>;

/** A delta and all that has come before it. */
export type ResponseTextDeltaEvent = TextDelta & { snapshot: string };
export type ResponseFunctionCallArgumentsDeltaEvent = ArgumentsDelta & { snapshot: string };

/** What a stream tells: every event as it comes by `event`, and each by its own name. */
export type ResponseEvents = Omit<{ [Type in Event['type']]: (event: Extract<Event, { type: Type }>) => void }, WithSnapshot | 'error'> & {
  connect: () => void;
  event: (event: Event) => void;
  'response.output_text.delta': (event: ResponseTextDeltaEvent) => void;
  'response.function_call_arguments.delta': (event: ResponseFunctionCallArgumentsDeltaEvent) => void;
  error: (error: OpenAIError) => void;
  abort: (error: APIUserAbortError) => void;
  end: () => void;
};
type WithSnapshot = 'response.output_text.delta' | 'response.function_call_arguments.delta';

/** A response that is made now, or one that is being made and is known by its id. */
export type ResponseStreamParams = ResponseCreateAndStreamParams | ResponseStreamByIdParams;
export type ResponseCreateAndStreamParams = Omit<types.ResponseCreateParamsBase, 'stream'> & { stream?: true };
export type ResponseStreamByIdParams = ExpectedResponse & {
  response_id: string;
  /** Events with a number above this one are told. */
  starting_after?: number;
};

export type AskForEvents = (options: RequestOptions) => APIPromise<Stream<Event>>;

/**
 * A response as it comes: events for whoever listens or iterates, the whole for whoever waits. A failed, torn or timed-out stream
 * rejects them all, and so does one that the provider gives up while it is made; of a kept one (`response_id`) that is an event, and the status of the result.
 */
export class ResponseStream<Parsed = null> extends EventStream<ResponseEvents> implements AsyncIterable<Event> {
  readonly #expected: ExpectedResponse;
  /** Texts and arguments so far, by where they stand. */
  readonly #snapshots = new Map<string, string>();
  #final: types.ParsedResponse<Parsed> | undefined;

  constructor(params: ExpectedResponse | null) {
    super(openaiErrors);
    this.#expected = params ?? {};
  }

  static ask<Parsed>(ask: AskForEvents, params: ResponseStreamParams, options: RequestOptions = {}): ResponseStream<Parsed> {
    const stream = new ResponseStream<Parsed>(params);
    const after = 'response_id' in params ? params.starting_after : undefined;
    stream.follow(options.signal);
    stream.run(async () => {
      const events = await ask({ ...options, signal: stream.controller.signal });
      await stream.#takeAll(events, after);
    });
    return stream;
  }

  /** A stream that `toReadableStream()` has written elsewhere. */
  static fromReadableStream(readable: ReadableStream): ResponseStream<null> {
    const stream = new ResponseStream<null>(null);
    stream.run(() => stream.#takeAll(eventsOf(readable), undefined));
    return stream;
  }

  /** The events. Leaving the loop aborts the call. */
  [Symbol.asyncIterator](): AsyncIterator<Event> {
    return this.iterate('event');
  }

  /** The events as bytes, one JSON text a line. Cancelling it aborts the call. */
  toReadableStream(): ReadableStream<Uint8Array> {
    return new Stream(() => this[Symbol.asyncIterator](), this.controller).toReadableStream();
  }

  /** The response with what was read of it. Rejects when the stream fails or is aborted. */
  async finalResponse(): Promise<types.ParsedResponse<Parsed>> {
    await this.done();
    if (this.#final === undefined) throw new OpenAIError('The stream ended without its response.');
    return this.#final;
  }

  async #takeAll(events: AsyncIterable<Event>, after: number | undefined): Promise<void> {
    this.emit('connect');
    for await (const event of events) this.#take(event, after === undefined || event.sequence_number > after);
    if (this.controller.signal.aborted) throw this.family.aborted();
    if (this.#final === undefined) throw new OpenAIError('The stream ended before its response was complete.');
  }

  #take(event: Event, isTold: boolean): void {
    if (event.type === 'error') throw new OpenAIError(event.message);
    if (event.type === 'response.completed' || event.type === 'response.incomplete' || event.type === 'response.failed') {
      this.#final = parseResponse<Parsed>(event.response, this.#expected);
    }
    const named = this.#withSnapshot(event);
    if (!isTold) return;
    this.emit('event', event);
    // Each event has its own listeners, whose argument it is.
    Reflect.apply(this.emit, this, [event.type, named]);
  }

  #withSnapshot(event: Event): Event | ResponseTextDeltaEvent | ResponseFunctionCallArgumentsDeltaEvent {
    if (event.type !== 'response.output_text.delta' && event.type !== 'response.function_call_arguments.delta') return event;
    const place = `${event.output_index} ${event.type === 'response.output_text.delta' ? event.content_index : 'arguments'}`;
    const snapshot = (this.#snapshots.get(place) ?? '') + event.delta;
    this.#snapshots.set(place, snapshot);
    return { ...event, snapshot };
  }
}

async function* eventsOf(readable: ReadableStream): AsyncGenerator<Event, void, undefined> {
  for await (const line of linesOf({ body: readable })) {
    if (line.trim() === '') continue;
    try {
      yield JSON.parse(line) as Event;
    } catch (cause) {
      throw new OpenAIError('A line of the stream is not JSON.', { cause });
    }
  }
}
