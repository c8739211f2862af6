import type { Chunk, ChunkSource } from '../core/pump.ts';

export type BodyWatch = {
  /** The reader has cancelled: what still flows is to be stopped. */
  gone(): void;
  /** The body has ended, well or ill. Called once. */
  done(): void;
  /** Ends the body with the signal's reason, as an aborted `fetch` does. */
  readonly signal?: AbortSignal | undefined;
};

/** Bytes that may wait for the reader before the source is paused. */
const highWaterMark = 64 * 1024;

const encoder = new TextEncoder();

/** A pushed body as a `ReadableStream`: a slow reader pauses the source, a cancel stops it. */
export function bodyStream(source: ChunkSource, watch: BodyWatch): ReadableStream<Uint8Array<ArrayBuffer>> {
  let over = false;
  let paused = false;
  const finish = (act: () => void): void => {
    if (over) return;
    over = true;
    watch.signal?.removeEventListener('abort', onAbort);
    act();
    watch.done();
  };
  let onAbort = (): void => undefined;
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start(controller) {
        onAbort = () =>
          finish(() => {
            controller.error(watch.signal?.reason);
            watch.gone();
          });
        watch.signal?.addEventListener('abort', onAbort, { once: true });
        source.start({
          data(chunk) {
            if (over) return;
            controller.enqueue(bytesOf(chunk));
            if (paused || (controller.desiredSize ?? 0) > 0) return;
            paused = true;
            source.pause();
          },
          end: () => finish(() => controller.close()),
          reset: (error) => finish(() => controller.error(error)),
        });
      },
      pull() {
        if (!paused || over) return;
        paused = false;
        source.resume();
      },
      cancel() {
        finish(watch.gone);
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark }),
  );
}

/** A whole body's chunks as one run of bytes. */
export function wholeBody(chunks: readonly Chunk[]): Uint8Array<ArrayBuffer> {
  const parts = chunks.map(bytesOf);
  const only = parts[0];
  if (parts.length === 1 && only !== undefined) return only;
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** A chunk as bytes that web streams take: over a plain ArrayBuffer. */
function bytesOf(chunk: Chunk): Uint8Array<ArrayBuffer> {
  if (typeof chunk === 'string') return encoder.encode(chunk);
  return chunk.buffer instanceof ArrayBuffer ? new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength) : new Uint8Array(chunk);
}
