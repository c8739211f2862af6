import { GatewayError } from '../core/errors.ts';
import type { Method } from '../core/transport.ts';
import type { Target } from '../core/target.ts';
import { scanTopLevel } from '../core/top-level.ts';
import type { APIPromise, Exchange } from './api-promise.ts';
import { type Connection, destination, homeTarget, type Vendor } from './connection.ts';
import { mergeHeaders } from './header-list.ts';
import type { Query } from './page.ts';
import { perform } from './post.ts';
import { anyReply, streamedReply } from './read-reply.ts';
import { open, type RequestOptions, type Session } from './session.ts';

/** What a request to a path of the caller's own may say. */
export type PathOptions = RequestOptions & {
  /** Sent as JSON, unless it is bytes, a form, a blob or a stream, or a text whose `content-type` is given. */
  body?: unknown;
  /** Whether the answer is a stream of events. */
  stream?: boolean | undefined;
};

type Asked = { readonly method: Method; readonly path: string; readonly body?: unknown };
export type PathRequest = Asked & { readonly query?: Query | null | undefined };

/** Asks the vendor, or whoever answers at the base URL, for a path as it is: nothing is read or translated. */
export function request(connection: Connection, { query, ...asked }: PathRequest, options: RequestOptions = {}): Promise<Exchange> {
  return open(connection, { ...options, query: { ...options.query, ...query } }, (session) => requestIn(session, asked));
}

/** The same as a part of a call under way, and of another target where one is given. */
export async function requestIn(session: Session, { method, path, body }: Asked, given?: Target): Promise<Exchange> {
  const { connection, wishes } = session;
  const { explicit, keyed, vendor } = connection;
  if (given === undefined && !explicit && !keyed)
    throw vendor.family.misuse(`${path} is asked of ${vendor.name} itself, for which there is no key: set ${vendor.name.toUpperCase()}_API_KEY.`);
  const target = given ?? (await homeTarget(connection, '', wishes));
  const pass = { method, path: ownPath(connection, path), ...(await encoded(body, wishes['content-type'])) };
  return await perform(session, { operation: 'pass_through', target, top: nothing, pass });
}

/** Sends a body to whoever has its model, by a path that is neither read nor translated. Refuses a provider that does not speak the face's format. */
export function postUnread(connection: Connection, path: string, body: { readonly model: string }, options: RequestOptions = {}): Promise<Exchange> {
  const { front } = connection.vendor;
  return open(connection, options, async (session) => {
    const target = await destination(connection, body.model, session.wishes);
    if (target.speaks[front.name] === undefined) {
      throw new GatewayError('not_found', `${target.provider} has no ${path}`, { param: 'model', hint: 'Ask for a chat completion, which any provider has' });
    }
    return await requestIn(session, { method: 'POST', path, body: { ...body, model: target.model } }, target);
  });
}

/** The same for the client's `get`, `post` and so on: JSON as its value, text as text, a stream as a `Stream`. */
export function pathReply<T>(connection: Connection, method: Method, path: string, { body, stream, ...options }: PathOptions = {}): APIPromise<T> {
  const { vendor } = connection;
  const headers = stream === true ? { accept: 'text/event-stream' } : {};
  const exchange = request(connection, { method, path, body }, { ...options, headers: mergeHeaders(headers, options.headers) });
  // What a path answers with is the caller's to say.
  return (stream === true ? streamedReply(exchange, vendor) : anyReply(exchange, vendor)) as APIPromise<T>;
}

/** An id as one segment of a path. An empty one, or dots, would ask for another path than the one that is meant. */
export function segment(id: string, { family }: Pick<Vendor, 'family'>): string {
  if (/^\.{0,2}$/.test(id)) throw family.misuse(`${JSON.stringify(id)} is no id.`);
  return encodeURIComponent(id);
}

const nothing = scanTopLevel(new TextEncoder().encode('{}'));

/** The path below the base URL. A whole address must be the base URL's own: the key belongs nowhere else. */
function ownPath({ baseURL, vendor }: Connection, path: string): string {
  if (!/^https?:/i.test(path)) return path.startsWith('/') ? path : `/${path}`;
  const { origin, pathname, search } = new URL(path);
  const base = new URL(baseURL);
  if (origin !== base.origin)
    throw vendor.family.misuse(`${origin} is not where this client's key belongs (${base.origin}). Use fetch, or a client with that baseURL.`);
  const below = base.pathname.replace(/\/$/, '');
  return (pathname.startsWith(`${below}/`) ? pathname.slice(below.length) : pathname) + search;
}

type Encoded = { readonly headers: Readonly<Record<string, string>>; readonly body: readonly (Uint8Array | string)[] };

async function encoded(body: unknown, type: string | null | undefined): Promise<Encoded> {
  if (body === undefined || body === null) return { headers: {}, body: [] };
  const given: Record<string, string> = typeof type === 'string' ? { 'content-type': type } : {};
  if (typeof body === 'string' && typeof type === 'string') return { headers: given, body: [body] };
  if (!isRaw(body)) return { headers: { 'content-type': 'application/json', ...given }, body: [JSON.stringify(body)] };
  const raw = new Response(body);
  const own = raw.headers.get('content-type') ?? 'application/octet-stream';
  return { headers: { 'content-type': own, ...given }, body: [new Uint8Array(await raw.arrayBuffer())] };
}

function isRaw(body: unknown): body is Exclude<BodyInit, string> {
  return [ArrayBuffer, Blob, FormData, URLSearchParams, ReadableStream].some((kind) => body instanceof kind) || ArrayBuffer.isView(body);
}

/** An id as one step of a path. Throws for what would be another path, or none. */
export function pathStep({ vendor }: Connection, id: string): string {
  if (id === '' || id === '.' || id === '..') throw vendor.family.misuse(`${JSON.stringify(id)} is no id.`);
  return encodeURIComponent(id).replace(/%(?:24|26|2B|2C|3A|3B|3D|40)/g, decodeURIComponent);
}
