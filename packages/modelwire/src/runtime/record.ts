import type { Attempt } from '../core/attempt.ts';
import type { GatewayError } from '../core/errors.ts';
import type { Usage } from '../core/ir.ts';
import type { Note } from '../core/notes.ts';
import { targetName } from '../core/target.ts';
import type { Candidate } from '../providers/directory.ts';

/** One attempt, as kept. Times are milliseconds since the epoch or durations in milliseconds. */
export type AttemptRecord = {
  readonly provider: string;
  readonly model: string;
  readonly mode: 'relay' | 'translate';
  readonly back: string | undefined;
  readonly startedAt: number;
  readonly ms: number;
  readonly status?: number;
  readonly upstreamRequestId?: string;
  readonly error?: { readonly code: string; readonly message: string };
};

/** Everything that is kept of one call. No key, no prompt, no answer text. */
export type CallRecord = {
  readonly id: string;
  readonly at: number;
  /** Name of the gateway key that asked; `anonymous` without one. */
  readonly key: string;
  /** Dialect of the caller. */
  readonly format: string;
  readonly operation: string;
  /** The client program, from its user agent. */
  readonly client: string | undefined;
  readonly stream: boolean;
  readonly asked: string | undefined;
  /** `provider/model` that answered. */
  readonly served: string | undefined;
  /** How the name was resolved: route, pattern, provider, catalogue, auto. */
  readonly how: string | undefined;
  /** The targets considered, each with the reason it was left out, if it was. */
  readonly candidates: readonly Candidate[];
  readonly attempts: readonly AttemptRecord[];
  readonly notes: readonly Note[];
  readonly status: number;
  readonly outcome: 'ok' | 'error' | 'client_gone' | 'stream_error';
  readonly error?: { readonly code: string; readonly message: string };
  readonly finish?: string;
  readonly usage?: Usage;
  /** From the request to the first content, and to the end, in ms. */
  readonly firstContentMs?: number;
  readonly totalMs: number;
};

/** What is known of a call while it runs. */
export type CallStory = {
  readonly id: string;
  readonly startedAt: number;
  key: string;
  format: string;
  operation: string;
  client: string | undefined;
  stream: boolean;
  asked?: string;
  how?: string;
  candidates: readonly Candidate[];
  attempts: readonly Attempt[];
  status: number;
  error?: GatewayError;
};

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The record of a call that has ended at `endedAt`. */
export function recordOf(story: CallStory, endedAt: number): CallRecord {
  const last = story.attempts.at(-1);
  const error = story.error ?? last?.error;
  const record: Writable<CallRecord> = {
    id: story.id,
    at: story.startedAt,
    key: story.key,
    format: story.format,
    operation: story.operation,
    client: story.client,
    stream: story.stream,
    asked: story.asked,
    served: last?.status === undefined || last.status < 200 || last.status > 299 ? undefined : targetName(last.target),
    how: story.how,
    candidates: story.candidates,
    attempts: story.attempts.map((attempt) => attemptRecord(attempt, endedAt)),
    notes: last?.notes ?? [],
    status: story.status,
    outcome: outcomeOf(story.status, error),
    totalMs: endedAt - story.startedAt,
  };
  if (error !== undefined) record.error = { code: error.code, message: error.message };
  if (last?.finish !== undefined) record.finish = last.finish;
  if (last?.usage !== undefined) record.usage = last.usage;
  if (last?.firstContentAt !== undefined) record.firstContentMs = last.firstContentAt - story.startedAt;
  return record;
}

function outcomeOf(status: number, error: GatewayError | undefined): CallRecord['outcome'] {
  if (error === undefined) return 'ok';
  if (error.code === 'client_gone') return 'client_gone';
  return status >= 200 && status <= 299 ? 'stream_error' : 'error';
}

function attemptRecord(attempt: Attempt, endedAt: number): AttemptRecord {
  const { target, mode, back, startedAt, status, upstreamRequestId, error } = attempt;
  const record: Writable<AttemptRecord> = {
    provider: target.provider,
    model: target.model,
    mode,
    back,
    startedAt,
    ms: (attempt.endedAt ?? endedAt) - startedAt,
  };
  if (status !== undefined) record.status = status;
  if (upstreamRequestId !== undefined) record.upstreamRequestId = upstreamRequestId;
  if (error !== undefined) record.error = { code: error.code, message: error.message };
  return record;
}
