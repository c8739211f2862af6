import type { CancelSignal } from '../core/cancel.ts';
import type { ByteSink, ByteSource } from '../core/transport.ts';

/** Runs `run` after `ms`; the returned function cancels it. */
export type After = (ms: number, run: () => void) => () => void;

export type MockBody = {
  readonly pieces: readonly Uint8Array[];
  /** After the last piece: a clean end, a broken connection, or silence until the caller leaves. */
  readonly ending: 'end' | 'cut' | 'hang';
  /** Milliseconds between two pieces. */
  readonly dripMs: number;
};

/** A body whose pieces come one by one: at once while nobody pauses, or with a delay between them. Aborting stops everything. */
export function createMockSource(body: MockBody, signal: CancelSignal, after: After): ByteSource {
  let sink: ByteSink | undefined;
  let next = 0;
  let paused = false;
  let waiting = false;
  let flowing = false;
  let over = false;
  let cancelTimer: () => void = () => undefined;
  let release: () => void = () => undefined;

  const stop = (): ByteSink | undefined => {
    const told = over ? undefined : sink;
    over = true;
    cancelTimer();
    release();
    return told;
  };
  const onAbort = (): void => stop()?.fail(signal.reason);

  const step = (): void => {
    const piece = body.pieces[next];
    if (piece === undefined) {
      if (body.ending === 'end') stop()?.end();
      else if (body.ending === 'cut') stop()?.fail(new Error('the connection was reset'));
      else waiting = true;
      return;
    }
    next++;
    sink?.data(piece);
    if (body.dripMs === 0 || over) return;
    waiting = true;
    cancelTimer = after(body.dripMs, () => {
      waiting = false;
      flow();
    });
  };

  const flow = (): void => {
    // A sink may pause or resume from within `data`: the loop that runs already sees it.
    if (flowing) return;
    flowing = true;
    while (!over && !paused && !waiting) step();
    flowing = false;
  };

  return {
    start(to) {
      sink = to;
      if (signal.aborted) onAbort();
      else release = signal.onAbort(onAbort);
      flow();
    },
    pause() {
      paused = true;
    },
    resume() {
      paused = false;
      if (sink !== undefined) flow();
    },
    abort: () => void stop(),
  };
}
