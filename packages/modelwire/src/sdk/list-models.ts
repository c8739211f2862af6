import { modelBody, modelsBody } from '../runtime/models-list.ts';
import type { Exchange } from './api-promise.ts';
import { type Connection, destination, isHome } from './connection.ts';
import type { Query } from './page.ts';
import { requestIn, segment } from './request.ts';
import { open, type RequestOptions, settledExchange } from './session.ts';

/** The vendor's own list; when only other providers have a key, what they serve. */
export function listModels(connection: Connection, query: Query | null | undefined, options: RequestOptions = {}): Promise<Exchange> {
  return open(connection, withQuery(options, query), async (session) => {
    if (connection.explicit || connection.keyed) return await requestIn(session, { method: 'GET', path: connection.vendor.modelsPath });
    const { listModels: served } = await import('../providers/resolve.ts');
    const body = modelsBody(served(await connection.directory()), connection.vendor.front.name, session.world.now());
    return settledExchange(session, body, new Headers());
  });
}

/** One model, as the vendor describes it; another provider's by what is known of it here. */
export function retrieveModel(connection: Connection, id: string, query: Query | null | undefined, options: RequestOptions = {}): Promise<Exchange> {
  return open(connection, withQuery(options, query), async (session) => {
    const target = await destination(connection, id, session.wishes);
    if (isHome(connection, target))
      return await requestIn(session, { method: 'GET', path: `${connection.vendor.modelsPath}/${segment(target.model, connection.vendor)}` });
    const { provider, model, info } = target;
    const body = modelBody({ id, provider, model, ...(info === undefined ? {} : { info }) }, connection.vendor.front.name, session.world.now());
    return settledExchange(session, body, new Headers());
  });
}

function withQuery(options: RequestOptions, query: Query | null | undefined): RequestOptions {
  return { ...options, query: { ...options.query, ...query } };
}
