import { GatewayError } from '../core/errors.ts';
import type { Exchange } from './api-promise.ts';

/** The values of a body with one JSON text a line, as they come. It can be iterated once; leaving the loop early aborts the call. */
export class JSONLDecoder<T> implements AsyncIterable<T> {
  /** Aborts the call. */
  readonly controller: AbortController;
  readonly #lines: () => AsyncIterator<T>;

  constructor(exchange: Exchange, consumed: () => Error) {
    let used = false;
    this.controller = exchange.controller;
    this.#lines = () => {
      if (used) throw consumed();
      used = true;
      return decodeLines<T>(exchange);
    };
  }

  [Symbol.asyncIterator](): AsyncIterator<T> {
    return this.#lines();
  }
}

/** `T` is what the format documents: a line's JSON is not checked further. */
async function* decodeLines<T>({ response, controller, failure }: Exchange): AsyncGenerator<T, void, undefined> {
  let complete = false;
  try {
    for await (const line of linesOf(response)) if (line.trim() !== '') yield parse(line) as T;
    complete = true;
  } catch (thrown) {
    throw failure(thrown);
  } finally {
    if (!complete) controller.abort();
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new GatewayError('upstream_invalid_response', 'a line of the answer is not JSON', { cause });
  }
}

/** The lines of a body: a character or a line end may be cut anywhere. */
export async function* linesOf(source: { readonly body: ReadableStream<Uint8Array | string> | null }): AsyncGenerator<string, void, undefined> {
  const reader = source.body?.getReader();
  if (reader === undefined) return;
  const decoder = new TextDecoder();
  let pieces: string[] = [];
  let ended = false;
  try {
    while (!ended) {
      const { value, done } = await reader.read();
      ended = done;
      const text = typeof value === 'string' ? value : decoder.decode(value, { stream: !done });
      const [first = '', ...rest] = text.split('\n');
      pieces.push(first);
      for (const next of rest) {
        yield pieces.join('');
        pieces = [next];
      }
    }
    yield pieces.join('');
  } finally {
    if (!ended) await reader.cancel();
    reader.releaseLock();
  }
}
