import { defaultDeadlines } from '../core/deadline.ts';
import { GatewayError } from '../core/errors.ts';
import type { Directory } from '../providers/resolve.ts';
import { type FetchLike, fetchTransport } from '../runtime/fetch-transport.ts';
import { createConversationMemory } from '../runtime/conversation-store.ts';
import { createHandler, type Handler } from '../runtime/handle.ts';
import { viaHeaders } from '../runtime/scope.ts';
import type { Incoming } from '../runtime/handling.ts';
import { createWorld } from '../runtime/world.ts';
import { bodyStream, wholeBody } from './body-stream.ts';
import { type Environment, environment } from './environment.ts';
import { directoryOf, type FetchConfig } from './fetch-config.ts';
import { toHeaderMap } from './header-list.ts';
import { version } from './version.ts';

export type { FetchConfig, ProviderOptions, RouteOptions } from './fetch-config.ts';

export type FetchOptions = {
  readonly config?: FetchConfig;
  /** Where providers find their keys. Default: the process's environment. */
  readonly env?: Environment;
  /** How providers are reached. Default: the global `fetch`. */
  readonly fetch?: FetchLike;
};

export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/**
 * A `fetch` that is the gateway, in this process: whatever host it is asked for, the path and the model say where the call goes. Give
 * it to an official SDK and that SDK reaches every provider, in its own format.
 */
export function createFetch(options: FetchOptions = {}): Fetch {
  const directory = directoryOf(options.config ?? {}, options.env ?? environment());
  const handler = createGateway(options.fetch ?? globalThis.fetch, directory);
  return async (input, init) => {
    const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined);
    signal?.throwIfAborted();
    return await answer(handler, await readRequest(input, init), signal);
  };
}

/** Turns that callers leave to the server (`previous_response_id`, message threads) are kept in this program's memory. */
const keeping = { forMs: 24 * 3600_000, bytes: 64 * 1024 * 1024 };
/** Of a request with the turns before it, in bytes. */
const longestBody = 64 * 1024 * 1024;

function createGateway(fetch: FetchLike, directory: Directory): Handler {
  const transport = fetchTransport((url, init) => fetch(url, init));
  const world = createWorld(() => (request) => transport({ ...request, headers: { ...request.headers, ...viaHeaders(instance) } }));
  const instance = world.newId('fetch_');
  const policies = { directory, retry: { attempts: 3, longestWait: 60_000 }, deadlines: defaultDeadlines, fidelity: 'carry', pingMs: 15_000 } as const;
  return createHandler({
    world,
    policies: () => policies,
    // The caller is this program itself.
    authenticate: () => ({ name: 'anonymous', mayUse: () => true }),
    conversations: { store: createConversationMemory(keeping, world.now), bodyLimit: () => longestBody },
    instance,
    version,
  });
}

async function readRequest(input: string | URL | Request, init: RequestInit = {}): Promise<Incoming> {
  const request = input instanceof Request ? input : undefined;
  const url = new URL(request?.url ?? String(input), 'http://modelwire.invalid');
  const body = init.body ?? undefined;
  const bytes = body === undefined ? await request?.arrayBuffer() : await new Response(body).arrayBuffer();
  return {
    method: (init.method ?? request?.method ?? 'GET').toUpperCase(),
    path: url.pathname,
    query: url.search.slice(1),
    headers: toHeaderMap(new Headers(init.headers ?? request?.headers)),
    body: new Uint8Array(bytes ?? new ArrayBuffer(0)),
  };
}

async function answer(handler: Handler, incoming: Incoming, signal: AbortSignal | null | undefined): Promise<Response> {
  const handling = handler.handle(incoming);
  const gone = (): void => handling.cancel(new GatewayError('client_gone', 'the caller has gone'));
  signal?.addEventListener('abort', gone, { once: true });
  const outgoing = await handling.outgoing;
  signal?.removeEventListener('abort', gone);
  const init = { status: outgoing.status, headers: { ...outgoing.headers } };
  if (outgoing.body.kind === 'stream' && signal?.aborted !== true) {
    return new Response(bodyStream(outgoing.body.source, { gone, done: handling.sent, signal: signal ?? undefined }), init);
  }
  handling.sent();
  signal?.throwIfAborted();
  const chunks = outgoing.body.kind === 'whole' && incoming.method !== 'HEAD' ? outgoing.body.chunks : [];
  return new Response(wholeBody(chunks), init);
}
