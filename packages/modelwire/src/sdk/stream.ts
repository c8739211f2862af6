import type { SseEvent } from '../core/dialect.ts';
import { GatewayError } from '../core/errors.ts';
import { decodeSse } from '../framing/sse.ts';
import type { Exchange } from './api-promise.ts';
import { linesOf } from './jsonl.ts';

/** What one event of a provider's stream is to the caller. */
export type Reading =
  | { readonly kind: 'item'; readonly item: unknown }
  /** The format's last item. */
  | { readonly kind: 'last'; readonly item: unknown }
  | { readonly kind: 'end' }
  | { readonly kind: 'skip' }
  | { readonly kind: 'error'; readonly error: Error };

export type StreamFormat = {
  /** Throws a `SyntaxError` for what is not JSON. */
  read(event: SseEvent, headers: Headers): Reading;
  /** The error of a stream that ended before its terminal event. */
  cut(): Error;
  /** The error of a second iteration. */
  consumed(): Error;
};

/**
 * The events of a streamed answer. It can be iterated once; leaving the loop early aborts the call. A stream that fails, breaks off or
 * ends without its terminal event throws: only a complete answer ends the loop, and the caller's own abort.
 */
export class Stream<Item> implements AsyncIterable<Item> {
  /** Aborts the call. */
  readonly controller: AbortController;
  readonly #iterate: () => AsyncIterator<Item>;

  constructor(iterate: () => AsyncIterator<Item>, controller: AbortController) {
    this.#iterate = iterate;
    this.controller = controller;
  }

  /** The stream that `toReadableStream` was made of, elsewhere. Its end is taken as it comes: what was cut is not seen here. */
  static fromReadableStream<Item>(stream: ReadableStream<Uint8Array | string>, controller: AbortController): Stream<Item> {
    return new Stream<Item>(() => itemsOf<Item>(stream, controller), controller);
  }

  [Symbol.asyncIterator](): AsyncIterator<Item> {
    return this.#iterate();
  }

  /** Two streams of the same events, read at their own speed: what one has read ahead waits in memory for the other. */
  tee(): [Stream<Item>, Stream<Item>] {
    const source = this.#iterate();
    const left: Branch<Item> = { waiting: [], open: true };
    const right: Branch<Item> = { waiting: [], open: true };
    const branchOf = (own: Branch<Item>, other: Branch<Item>): Stream<Item> => new Stream(() => teeIterator(source, own, other), this.controller);
    return [branchOf(left, right), branchOf(right, left)];
  }

  /** The events as bytes, one JSON text a line. Cancelling it aborts the call. */
  toReadableStream(): ReadableStream<Uint8Array> {
    const encoder = new TextEncoder();
    const source = this.#iterate();
    return new ReadableStream({
      async pull(controller) {
        const { value, done } = await source.next();
        if (done === true) controller.close();
        else controller.enqueue(encoder.encode(`${JSON.stringify(value)}\n`));
      },
      cancel: () => this.controller.abort(),
    });
  }
}

async function* itemsOf<Item>(stream: ReadableStream<Uint8Array | string>, controller: AbortController): AsyncGenerator<Item, void, undefined> {
  let complete = false;
  try {
    for await (const line of linesOf({ body: stream })) {
      if (controller.signal.aborted) return;
      if (line !== '') yield JSON.parse(line) as Item;
    }
    complete = true;
  } finally {
    if (!complete) controller.abort();
  }
}

type Branch<Item> = { waiting: Promise<IteratorResult<Item>>[]; open: boolean };

function teeIterator<Item>(source: AsyncIterator<Item>, own: Branch<Item>, other: Branch<Item>): AsyncIterator<Item> {
  return {
    async next() {
      if (!own.open) return { value: undefined, done: true };
      const waiting = own.waiting.shift();
      if (waiting !== undefined) return waiting;
      const result = source.next();
      if (other.open) other.waiting.push(result);
      return result;
    },
    async return() {
      own.open = false;
      own.waiting = [];
      if (!other.open) await source.return?.();
      return { value: undefined, done: true };
    },
  };
}

/** The stream of an exchange. `Item` is what the format documents: an event's JSON is not checked further. */
export function streamOf<Item>(exchange: Exchange, format: StreamFormat): Stream<Item> {
  let used = false;
  return new Stream<Item>(() => {
    if (used) throw format.consumed();
    used = true;
    return iterate<Item>(exchange, format);
  }, exchange.controller);
}

async function* iterate<Item>(exchange: Exchange, format: StreamFormat): AsyncGenerator<Item, void, undefined> {
  const { controller, response } = exchange;
  let complete = false;
  try {
    for await (const event of eventsOf(response)) {
      if (complete || controller.signal.aborted) continue;
      const reading = readEvent(event, response.headers, format);
      if (reading.kind === 'error') throw reading.error;
      if (reading.kind === 'end' || reading.kind === 'last') complete = true;
      if (reading.kind === 'item' || reading.kind === 'last') yield reading.item as Item;
    }
    if (!complete && !controller.signal.aborted) throw format.cut();
  } catch (thrown) {
    if (!controller.signal.aborted && !complete) throw exchange.failure(thrown);
  } finally {
    if (!complete) controller.abort();
  }
}

function readEvent(event: SseEvent, headers: Headers, format: StreamFormat): Reading {
  try {
    return format.read(event, headers);
  } catch (cause) {
    throw new GatewayError('upstream_invalid_response', 'an event of the stream is not JSON', { cause });
  }
}

/** The events of a body, as they come. Leaving the loop cancels the body. */
async function* eventsOf(response: Response): AsyncGenerator<SseEvent, void, undefined> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  const frames = decodeSse();
  let ready: SseEvent[] = [];
  const keep = (event: SseEvent): void => {
    ready.push(event);
  };
  let ended = false;
  try {
    while (!ended) {
      const { value, done } = await reader.read();
      ended = done;
      if (value === undefined) frames.end(keep);
      else frames.push(value, keep);
      const events = ready;
      ready = [];
      yield* events;
    }
  } finally {
    if (!ended) await reader.cancel();
    reader.releaseLock();
  }
}
