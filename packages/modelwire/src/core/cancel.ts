import type { GatewayError } from './errors.ts';

/**
 * A call's end before its time: the caller is gone, or the total deadline has passed. What AbortSignal is, without the cost of its
 * event listeners, which is more than that of the rest of a relayed call's bookkeeping.
 */
export type CancelSignal = {
  readonly aborted: boolean;
  /** Set once aborted. */
  readonly reason: GatewayError | undefined;
  /** Runs `run` once at the abort; the returned function takes it back. Not called when already aborted. */
  onAbort(run: () => void): () => void;
};

export type Canceller = { readonly signal: CancelSignal; abort(reason: GatewayError): void };

export function createCanceller(): Canceller {
  let listeners: (() => void)[] = [];
  const signal: { aborted: boolean; reason: GatewayError | undefined; onAbort(run: () => void): () => void } = {
    aborted: false,
    reason: undefined,
    onAbort(run) {
      listeners.push(run);
      return () => {
        const at = listeners.indexOf(run);
        if (at !== -1) listeners.splice(at, 1);
      };
    },
  };
  return {
    signal,
    abort(reason) {
      if (signal.aborted) return;
      signal.aborted = true;
      signal.reason = reason;
      const waiting = listeners;
      listeners = [];
      for (const run of waiting) run();
    },
  };
}
