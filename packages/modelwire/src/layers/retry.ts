import type { Answer, Attempt, Call, World } from '../core/attempt.ts';
import type { CancelSignal } from '../core/cancel.ts';
import { attemptCall } from '../core/call.ts';
import { type GatewayError, toGatewayError } from '../core/errors.ts';
import type { Target } from '../core/target.ts';

export type RetryPolicy = {
  /** Attempts in all, the first included. */
  readonly attempts: number;
  /** Longest wait that a provider's `retry-after` is honoured for, in ms; a longer one ends the tries. */
  readonly longestWait: number;
};

/**
 * Tries the target again after a failure that a retry can mend, before anything was committed. Waits 0.5 s doubled up to 8 s less up to
 * a quarter (the official SDKs' rule), or what the provider asked for. Nothing is retried after commit: `attemptCall` has resolved.
 */
export function withRetry(call: Call, target: Target, policy: RetryPolicy, world: World, attempts: Attempt[]): Promise<Answer> {
  return retrying(() => attemptCall(call, target, world, attempts), policy, call.signal, world);
}

/** The same rule for anything that is tried: a list of models, say. */
export async function retrying<T>(attempt: () => Promise<T>, policy: RetryPolicy, signal: CancelSignal, world: World): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await attempt();
    } catch (thrown) {
      const error = toGatewayError(thrown);
      const wait = waitBefore(error, tried, world);
      if (!error.retryable || tried >= policy.attempts || wait > policy.longestWait || signal.aborted) throw error;
      await sleep(wait, signal, world);
    }
  }
}

function waitBefore(error: GatewayError, tried: number, world: World): number {
  if (error.retryAfter !== undefined) return error.retryAfter * 1000;
  const backoff = Math.min(500 * 2 ** (tried - 1), 8000);
  return backoff * (1 - world.random() * 0.25);
}

function sleep(ms: number, signal: CancelSignal, world: World): Promise<void> {
  return new Promise((resolve, reject) => {
    const release = signal.onAbort(() => {
      cancel();
      reject(toGatewayError(signal.reason));
    });
    const cancel = world.after(ms, () => {
      release();
      resolve();
    });
  });
}
