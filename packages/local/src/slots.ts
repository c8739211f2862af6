import { WireError } from './wire-error.ts';

/** A thing of which there are few, given out one caller at a time. */
export type Slots<Slot> = {
  /**
   * Resolves with the free slot that `fit` rates highest, or waits for one. Rejects with 503 when too many wait already, and with the
   * signal's reason when the caller gives up. The slot must be given back.
   */
  take(fit: (slot: Slot) => number, signal: AbortSignal): Promise<Slot>;
  giveBack(slot: Slot): void;
};

/** Slots with a queue of bounded length, first come first served. */
export function createSlots<Slot>(all: readonly Slot[], queueLimit: number): Slots<Slot> {
  const free = new Set(all);
  const waiting: { readonly give: (slot: Slot) => void }[] = [];

  function best(fit: (slot: Slot) => number): Slot | undefined {
    let chosen: { readonly slot: Slot; readonly score: number } | undefined;
    for (const slot of free) {
      const score = fit(slot);
      if (chosen === undefined || score > chosen.score) chosen = { slot, score };
    }
    return chosen?.slot;
  }

  function wait(signal: AbortSignal): Promise<Slot> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        waiting.splice(waiting.indexOf(entry), 1);
        reject(signal.reason);
      };
      const entry = {
        give(slot: Slot): void {
          signal.removeEventListener('abort', onAbort);
          resolve(slot);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      waiting.push(entry);
    });
  }

  return {
    async take(fit, signal) {
      signal.throwIfAborted();
      const slot = best(fit);
      if (slot !== undefined) {
        free.delete(slot);
        return slot;
      }
      if (waiting.length >= queueLimit) {
        const message = `the embedded model is busy: ${all.length} running, ${waiting.length} waiting`;
        // A short answer takes some seconds; every one in front adds its share.
        throw new WireError(503, message, { code: 'queue_full', retryAfter: Math.min(60, 5 + Math.ceil((2 * waiting.length) / all.length)) });
      }
      return wait(signal);
    },
    giveBack(slot) {
      const next = waiting.shift();
      if (next === undefined) free.add(slot);
      else next.give(slot);
    },
  };
}
