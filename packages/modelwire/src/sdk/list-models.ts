import { type CancelSignal, createCanceller } from '../core/cancel.ts';
import { deadlineError } from '../core/deadline.ts';
import { GatewayError, isGatewayError, toGatewayError } from '../core/errors.ts';
import { joinUrl } from '../core/send.ts';
import type { Target } from '../core/target.ts';
import type { WireAnswer } from '../core/transport.ts';
import { retrying } from '../layers/retry.ts';
import { modelBody, modelsBody } from '../runtime/models-list.ts';
import type { Exchange } from './api-promise.ts';
import { bodyStream } from './body-stream.ts';
import { type Connection, destination, homeTarget, isHome } from './connection.ts';
import { headersOf } from './failure.ts';
import { wanted } from './header-list.ts';
import type { Query } from './page.ts';
import { gone, onAborted, open, type RequestOptions, type Session, settledExchange } from './session.ts';

/** The vendor's own list; when only other providers have a key, what they serve. */
export function listModels(connection: Connection, query: Query | null | undefined, options: RequestOptions = {}): Promise<Exchange> {
  return open(connection, withQuery(options, query), async (session) => {
    if (connection.explicit || connection.keyed) return await read(session, await homeTarget(connection, '', session.wishes), connection.vendor.modelsPath);
    const { listModels: served } = await import('../providers/resolve.ts');
    const body = modelsBody(served(await connection.directory()), connection.vendor.front.name, session.world.now());
    return settledExchange(session, body, new Headers());
  });
}

/** One model, as the vendor describes it; another provider's by what is known of it here. */
export function retrieveModel(connection: Connection, id: string, query: Query | null | undefined, options: RequestOptions = {}): Promise<Exchange> {
  return open(connection, withQuery(options, query), async (session) => {
    const target = await destination(connection, id, session.wishes);
    if (isHome(connection, target)) return await read(session, target, `${connection.vendor.modelsPath}/${encodeURIComponent(target.model)}`);
    const { provider, model, info } = target;
    const body = modelBody({ id, provider, model, ...(info === undefined ? {} : { info }) }, connection.vendor.front.name, session.world.now());
    return settledExchange(session, body, new Headers());
  });
}

function withQuery(options: RequestOptions, query: Query | null | undefined): RequestOptions {
  return { ...options, query: { ...options.query, ...query } };
}

async function read(session: Session, target: Target, path: string): Promise<Exchange> {
  const abort = createCanceller();
  onAborted(session.controller.signal, () => abort.abort(gone()));
  const text = await retrying(() => readOnce(session, target, { path, signal: abort.signal }), session.retry, abort.signal, session.world);
  return settledExchange(session, text, headersOf({ seen: session.seen, idHeader: session.connection.vendor.idHeader }));
}

async function readOnce(session: Session, target: Target, { path, signal }: { path: string; signal: CancelSignal }): Promise<string> {
  const { connection, world, wishes, timeout } = session;
  const { front } = connection.vendor;
  const endpoint = target.speaks[front.name];
  if (endpoint === undefined) throw new GatewayError('internal_error', `${target.provider} does not speak ${front.name}`);
  const attempt = createCanceller();
  const release = signal.onAbort(() => attempt.abort(toGatewayError(signal.reason)));
  const cancelTimer = world.after(timeout, () => attempt.abort(deadlineError('total', timeout, target.provider)));
  try {
    const headers = { accept: 'application/json', ...target.headers, ...front.back.relayHeaders(wanted(wishes)) };
    const request = { method: 'GET', url: joinUrl(endpoint, path), headers, body: [] } as const;
    const answer = await world.transport(target)({
      ...request,
      headers: { ...headers, ...(await world.authorize(endpoint.auth, target.key, request, world.now())) },
      connectMs: timeout,
      headersMs: timeout,
      signal: attempt.signal,
    });
    const text = await textOf(answer);
    if (answer.status === 200) return text;
    throw front.back.failure({ status: answer.status, headers: answer.headers, text }, target);
  } finally {
    release();
    cancelTimer();
  }
}

function textOf({ body }: WireAnswer): Promise<string> {
  const stream = bodyStream(
    {
      start: (sink) => body.start({ data: sink.data, end: sink.end, fail: (thrown) => sink.reset(broken(thrown)) }),
      pause: body.pause,
      resume: body.resume,
    },
    { gone: body.abort, done: () => undefined },
  );
  return new Response(stream).text();
}

function broken(thrown: unknown): GatewayError {
  return isGatewayError(thrown) ? thrown : new GatewayError('upstream_stream_cut', 'the connection broke in the middle of the answer', { cause: thrown });
}
