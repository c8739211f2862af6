import type { Answer, Attempt, Call, PassThrough, World } from '../core/attempt.ts';
import { deadlineError } from '../core/deadline.ts';
import { type CancelSignal, createCanceller } from '../core/cancel.ts';
import type { Dialect, HeaderMap, Operation } from '../core/dialect.ts';
import type { Deadlines } from '../core/deadline.ts';
import { GatewayError } from '../core/errors.ts';
import type { Fidelity } from '../core/notes.ts';
import { type Target, targetName } from '../core/target.ts';
import type { TopLevel } from '../core/top-level.ts';
import { type RetryPolicy, withRetry } from './retry.ts';

/** What a face hands over: one request, where it may go, and the policies in force. */
export type CallRequest = {
  readonly id: string;
  readonly front: Dialect;
  readonly operation: Operation;
  readonly top: TopLevel;
  readonly headers: HeaderMap;
  /** As in `Call`. */
  readonly pass?: PassThrough;
  /** In order of preference; the first is used. */
  readonly targets: readonly Target[];
  readonly fidelity: Fidelity;
  readonly deadlines: Deadlines;
  readonly retry: RetryPolicy;
  /** Whether a stream is asked, where the body does not say so. */
  readonly stream?: boolean;
  readonly wantUsage: boolean;
  /** As in `Call`. */
  readonly ownKey?: boolean;
  readonly pingMs: number;
};

/** A call under way. `cancel` aborts the attempt at once; the reason reaches the record. */
export type Running = {
  readonly answer: Promise<Answer>;
  readonly attempts: readonly Attempt[];
  cancel(error: GatewayError): void;
  /** Ends the total deadline's watch, once the answer has flowed. */ settle(): void;
};

/** The layers in the order in which a call meets them: total deadline → retry → attempt. Library and gateway share it. */
export function performCall(request: CallRequest, world: World): Running {
  const { deadlines } = request;
  const target = request.targets[0];
  const canceller = createCanceller();
  const attempts: Attempt[] = [];
  const cancelTimer = world.after(deadlines.total, () => {
    canceller.abort(deadlineError('total', deadlines.total, target === undefined ? 'the call' : targetName(target)));
  });
  const call = callOf(request, canceller.signal);
  const answer =
    target === undefined
      ? Promise.reject<Answer>(new GatewayError('no_target', 'no target is left for this call'))
      : withRetry(call, target, request.retry, world, attempts);
  answer.catch(cancelTimer);
  return { answer, attempts, cancel: canceller.abort, settle: cancelTimer };
}

function callOf(request: CallRequest, signal: CancelSignal): Call {
  const { id, front, operation, top, headers, pass, fidelity, deadlines, ownKey, wantUsage, pingMs } = request;
  const stream = operation !== 'count_tokens' && (request.stream ?? top.value('stream') === true);
  const given = { ...(ownKey === undefined ? {} : { ownKey }), ...(pass === undefined ? {} : { pass }) };
  return { id, front, operation, top, headers, stream, fidelity, deadlines, signal, ...given, wantUsage, pingMs };
}
