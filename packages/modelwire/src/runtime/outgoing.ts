import type { Answer, World } from '../core/attempt.ts';
import type { Dialect, HeaderMap } from '../core/dialect.ts';
import type { GatewayError } from '../core/errors.ts';
import { summarizeNotes } from '../core/notes.ts';
import type { ChunkSource } from '../core/pump.ts';
import { targetName } from '../core/target.ts';
import type { Running } from '../layers/perform.ts';
import type { Outgoing } from './handling.ts';

/** Answers and errors as they go out: status, headers, body. */

type OutgoingScope = { readonly id: string; readonly attempts: Running['attempts']; readonly front: Dialect };

export function toOutgoing(answer: Answer, { id, attempts, front }: OutgoingScope): Outgoing {
  const headers: Record<string, string> = { 'content-type': answer.contentType };
  if (answer.contentType !== 'application/json') headers['cache-control'] = 'no-cache';
  for (const name in answer.headers) headers[name] = answer.headers[name] ?? '';
  Object.assign(headers, idHeaders(id, front));
  const last = attempts.at(-1);
  if (last !== undefined) {
    headers['modelwire-model'] = headerSafe(targetName(last.target));
    headers['modelwire-attempts'] = String(attempts.length);
    const notes = summarizeNotes(last.notes);
    if (notes !== undefined) headers['modelwire-notes'] = notes;
    if (last.upstreamRequestId !== undefined) headers['modelwire-upstream-request-id'] = headerSafe(last.upstreamRequestId);
  }
  return { status: answer.status, headers, body: answer.body };
}

/** Header values are printable ASCII; anything else in a name is shown as `?`. */
function headerSafe(value: string): string {
  return value.length <= 256 && !unprintable.test(value) ? value : value.replaceAll(unprintables, '?').slice(0, 256);
}

const unprintable = /[^\x20-\x7e]/;
const unprintables = new RegExp(unprintable, 'g');

export function idHeaders(id: string, front?: Dialect): Record<string, string> {
  const own = front?.front.idHeader;
  return { 'x-request-id': id, 'request-id': id, ...(own === undefined ? {} : { [own]: id }) };
}

/** The caller's own id when it is plain, else a fresh one. */
export function requestId(headers: HeaderMap, world: World): string {
  const given = headers['x-request-id'];
  return given !== undefined && /^[A-Za-z0-9._:-]{1,128}$/.test(given) ? given : world.newId('req_');
}

export function json(id: string, body: string): Outgoing {
  return { status: 200, headers: { 'content-type': 'application/json', ...idHeaders(id) }, body: { kind: 'whole', chunks: [body] } };
}

type ErrorScope = { readonly id: string; readonly front: Dialect; /** Our own tries are used up. */ readonly triedOut?: boolean };

/** The error in the caller's shape. */
export function errorAnswer(error: GatewayError, { id, front, triedOut = false }: ErrorScope): Outgoing {
  const { status, body, headers } = front.front.error(error, id);
  const allow = error.details?.['allow'];
  return {
    status,
    headers: {
      'content-type': 'application/json',
      ...headers,
      ...idHeaders(id, front),
      ...(error.retryAfter === undefined
        ? {}
        : { 'retry-after': String(Math.ceil(error.retryAfter)), 'retry-after-ms': String(Math.ceil(error.retryAfter * 1000)) }),
      ...shouldRetry(error, triedOut),
      ...(typeof allow === 'string' ? { allow } : {}),
      ...(error.upstreamRequestId === undefined ? {} : { 'modelwire-upstream-request-id': headerSafe(error.upstreamRequestId) }),
    },
    body: { kind: 'whole', chunks: [body] },
  };
}

/** The official SDKs obey this header over their own rules: no retry of what cannot change, none on top of ours. */
function shouldRetry(error: GatewayError, triedOut: boolean): Record<string, string> {
  // A model that is still being fetched or loaded is worth another try; one that cannot be had is not.
  if (error.code === 'model_unavailable' && error.retryable) return { 'x-should-retry': 'true' };
  return !error.retryable || triedOut ? { 'x-should-retry': 'false' } : {};
}

export function eventStream(id: string, source: ChunkSource): Outgoing {
  const headers = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache', ...idHeaders(id) };
  return { status: 200, headers, body: { kind: 'stream', source } };
}
