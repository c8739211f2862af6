import type { PassThrough } from '../core/attempt.ts';
import type { HeaderMap } from '../core/dialect.ts';
import { GatewayError } from '../core/errors.ts';
import type { Method } from '../core/transport.ts';
import { isOn, type Resolution, toTarget } from '../providers/directory.ts';
import { type Directory, resolveModel } from '../providers/resolve.ts';
import { isKnownFor, type Service, whoHas } from '../providers/services.ts';
import type { ServiceEndpoint } from './endpoints.ts';
import type { KeptElsewhere } from './conversation-store.ts';
import type { Incoming } from './handling.ts';
import { namedModel } from './named-model.ts';
import { providerHeader } from './provider-header.ts';

/** Where a request that is relayed untouched goes, and what of it. */
export type Passage = { readonly resolution: Resolution; readonly pass: PassThrough };

/** Headers of the caller's that say what the body is and what is wanted. */
const passedHeaders: readonly string[] = ['content-type', 'accept', 'openai-beta', 'range'];

/** Finds out for whom the request is: by the header, or by the model that its path or its body names. Throws 404 naming who there is. */
export function planPassage(incoming: Incoming, endpoint: ServiceEndpoint, { directory, check }: Planning): Passage {
  const { headers, body, method } = incoming;
  const named = method === 'GET' || method === 'DELETE' ? undefined : namedModel(body, headers['content-type'] ?? '');
  const model = endpoint.model ?? named?.model;
  const resolution = whoIsMeant(headers[providerHeader], model, { service: endpoint.service, directory, check });
  const target = resolution.targets[0]?.model ?? '';
  return {
    resolution,
    pass: {
      method: method as Method,
      path: withQuery(endpoint.path(target), incoming.query ?? ''),
      headers: pickHeaders(headers),
      body: named === undefined || endpoint.model !== undefined ? (body.length === 0 ? [] : [body]) : named.renamed(target),
    },
  };
}

/** What is kept under an id by the provider that made it; undefined when the provider is no longer there. `below`: what follows the id. */
export function planReturn(incoming: Incoming, { id, provider, model }: KeptElsewhere, below: string, { providers }: Directory): Passage | undefined {
  const config = providers.get(provider);
  if (config === undefined || !isOn(config)) return undefined;
  const { headers, body, method, query = '' } = incoming;
  return {
    resolution: { targets: [toTarget(config, model)], how: 'provider', leftOut: [], candidates: [{ target: `${provider}/${model}` }] },
    pass: {
      method: method === 'HEAD' ? 'GET' : (method as Method),
      path: withQuery(`/responses/${encodeURIComponent(id)}${below}`, query),
      headers: pickHeaders(headers),
      body: body.length === 0 ? [] : [body],
      answers: true,
    },
  };
}

type Planning = {
  readonly directory: Directory;
  /** Throws when the caller may not have what was asked for. */
  check(asked: string): void;
};

function whoIsMeant(named: string | undefined, model: string | undefined, about: Planning & { readonly service: Service }): Resolution {
  const { service, directory, check } = about;
  const resolved = (asked: string): Resolution => {
    check(asked);
    return resolveModel(asked, directory);
  };
  if (named === undefined) {
    if (model !== undefined) return resolved(model);
    throw new GatewayError('not_found', `nothing says which provider's ${service} is meant`, {
      hint: `Name the provider in the header ${providerHeader}. ${whoHas(service, directory)}`,
    });
  }
  const provider = directory.providers.get(named);
  // A route's name, or a model's.
  if (provider === undefined || !isOn(provider)) return resolved(named);
  const bare = model === undefined ? service : model.startsWith(`${named}/`) ? model.slice(named.length + 1) : model;
  const asked = `${named}/${bare}`;
  check(asked);
  return { targets: [toTarget(provider, bare)], how: 'provider', leftOut: [], candidates: [{ target: asked }] };
}

/** A key in the query is the gateway's own. */
function withQuery(path: string, query: string): string {
  if (query === '') return path;
  const params = new URLSearchParams(query);
  params.delete('key');
  const text = params.toString();
  return text === '' ? path : `${path}?${text}`;
}

function pickHeaders(headers: HeaderMap): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of passedHeaders) {
    const value = headers[name];
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}

/** A provider that has no such path, and is not known for the service: the error says who is. */
export function namingOthers(error: GatewayError, service: Service, directory: Directory, provider: string): GatewayError {
  const isMissing = error.code === 'not_found' || error.upstreamStatus === 404 || error.upstreamStatus === 405 || error.upstreamStatus === 501;
  if (!isMissing || isKnownFor(provider, service)) return error;
  return new GatewayError(error.code, error.message, {
    status: error.status,
    param: error.param,
    hint: whoHas(service, directory),
    provider: error.provider,
    upstreamStatus: error.upstreamStatus,
    upstreamRequestId: error.upstreamRequestId,
    cause: error,
  });
}
