import type { World } from '../core/attempt.ts';
import { GatewayError, isGatewayError } from '../core/errors.ts';
import type { WireRequest } from '../core/transport.ts';
import type { Running } from '../layers/perform.ts';
import type { RetryPolicy } from '../layers/retry.ts';
import { fetchTransport } from '../runtime/fetch-transport.ts';
import { createWorld } from '../runtime/world.ts';
import type { Exchange } from './api-promise.ts';
import { type Connection, isHome, longestTime } from './connection.ts';
import { toFaceError } from './failure.ts';
import { type HeadersLike, type HeaderWishes, mergeHeaders } from './header-list.ts';
import { logged } from './log.ts';
import { type Query, queryString } from './page.ts';
import { type Seen, witness } from './witness.ts';

/** What one call may say over the client's options. */
export type RequestOptions = {
  headers?: HeadersLike;
  query?: Query | null | undefined;
  /** Tries after the first. */
  maxRetries?: number | undefined;
  /** Milliseconds. */
  timeout?: number | undefined;
  /** Aborts the call, its retries and its body. */
  signal?: AbortSignal | null | undefined;
  fetchOptions?: RequestInit | undefined;
  /** Sent as `idempotency-key`. */
  idempotencyKey?: string | undefined;
};

/** One call under way, as the client sees it. */
export type Session = {
  readonly connection: Connection;
  /** The headers that the caller wants sent to the vendor. */
  readonly wishes: HeaderWishes;
  readonly controller: AbortController;
  readonly world: World;
  readonly callId: string;
  readonly timeout: number;
  readonly retry: RetryPolicy;
  /** The call, once it has begun. */
  running: Running | undefined;
  /** The provider's last answer. */
  seen: Seen | undefined;
  /** Lets go of the caller's signal. */
  release(): void;
};

/** The longest `retry-after` that is waited for, in ms. */
const longestWait = 60_000;

/** Runs one call; whatever it throws is the face's error. `run` sees to `release` when the exchange has a body that still flows. */
export async function open(connection: Connection, options: RequestOptions, run: (session: Session) => Promise<Exchange>): Promise<Exchange> {
  const session = createSession(connection, options);
  try {
    if (session.controller.signal.aborted) throw gone();
    return await run(session);
  } catch (thrown) {
    session.release();
    throw faceError(session, thrown);
  }
}

function createSession(connection: Connection, options: RequestOptions): Session {
  const controller = new AbortController();
  const signal = options.signal ?? undefined;
  const onAbort = (): void => controller.abort(signal?.reason);
  if (signal?.aborted === true) onAbort();
  else signal?.addEventListener('abort', onAbort, { once: true });
  const transport = fetchTransport(connection.fetch, { ...connection.fetchOptions, ...options.fetchOptions });
  const query = queryString(connection.query, options.query ?? undefined);
  const world = createWorld((target) => {
    // The caller's query goes where the caller's headers go: never to another provider.
    const asked = isHome(connection, target) ? query : '';
    const send = logged(transport, connection.log, { id: session.callId, now: world.now });
    return witness(
      (request) => send({ ...request, url: withQuery(request.url, asked), body: isJson(request) ? oneText(request.body) : request.body }),
      (seen) => (session.seen = seen),
    );
  });
  const session: Session = {
    connection,
    wishes: mergeHeaders(connection.headers, { 'idempotency-key': options.idempotencyKey }, options.headers),
    controller,
    world,
    callId: world.newId('req_'),
    timeout: Math.min(options.timeout ?? connection.timeout, longestTime),
    retry: { attempts: 1 + Math.max(0, options.maxRetries ?? connection.maxRetries), longestWait },
    running: undefined,
    seen: undefined,
    release: () => signal?.removeEventListener('abort', onAbort),
  };
  return session;
}

function withQuery(url: string, query: string): string {
  return query === '' ? url : `${url}${url.includes('?') ? '&' : '?'}${query}`;
}

function isJson({ headers }: WireRequest): boolean {
  return headers['content-type']?.startsWith('application/json') === true;
}

/** The body as the official clients hand it to `fetch`: one text, which a caller's own `fetch` may want to read. */
function oneText(parts: readonly (Uint8Array | string)[]): readonly string[] {
  if (parts.length === 0) return [];
  const decoder = new TextDecoder();
  return [parts.map((part) => (typeof part === 'string' ? part : decoder.decode(part, { stream: true }))).join('')];
}

/** What was thrown as the face's error; what the face has thrown itself stays. */
export function faceError(session: Session, thrown: unknown): Error {
  if (thrown instanceof Error && !isGatewayError(thrown)) return thrown;
  const { connection, callId, seen, running } = session;
  const { front, family, idHeader } = connection.vendor;
  const back = running?.attempts.at(-1)?.back;
  return toFaceError(thrown, { front, family, idHeader, callId, seen, sameFormat: back === undefined || back === front.name });
}

export function gone(): GatewayError {
  return new GatewayError('client_gone', 'the caller has aborted the call');
}

/** Runs once when the signal aborts, or now when it has. */
export function onAborted(signal: AbortSignal, run: () => void): void {
  if (signal.aborted) run();
  else signal.addEventListener('abort', run, { once: true });
}

/** An exchange that needs no more of the network: the body is all here. */
export function settledExchange(session: Session, body: BodyInit, headers: Headers): Exchange {
  session.release();
  headers.set('content-type', 'application/json');
  return { response: new Response(body, { headers }), controller: session.controller, failure: (thrown) => faceError(session, thrown) };
}
