import type { HeaderMap, Operation } from '../core/dialect.ts';
import type { DialectName } from '../core/ir.ts';

/** What a URL asks for. */
export type Endpoint =
  | { readonly kind: 'call'; readonly front: DialectName; readonly operation: Operation }
  | { readonly kind: 'models'; readonly id?: string }
  | { readonly kind: 'root' };

export type Match =
  | { readonly found: true; readonly endpoint: Endpoint }
  /** The path exists under another method. */
  | { readonly found: false; readonly allow?: string };

const calls: { readonly [path: string]: Endpoint } = {
  '/chat/completions': { kind: 'call', front: 'openai-chat', operation: 'chat' },
  '/messages': { kind: 'call', front: 'anthropic-messages', operation: 'chat' },
  '/messages/count_tokens': { kind: 'call', front: 'anthropic-messages', operation: 'count_tokens' },
};

/** The spelling that nearly every client uses, found at once. */
const usual: ReadonlyMap<string, Match> = new Map(Object.entries(calls).map(([path, endpoint]) => [`/v1${path}`, { found: true, endpoint }]));

/**
 * The endpoint of a path. Each stands under `/v1`, without it, and under `/v1/v1` (a base URL with `/v1` given to a client that adds
 * it), with or without a trailing slash. `path` has no query.
 */
export function matchEndpoint(method: string, path: string): Match {
  const known = method === 'POST' ? usual.get(path) : undefined;
  if (known !== undefined) return known;
  const bare = stripVersion(path);
  if (bare === undefined) return { found: false };
  const call = Object.hasOwn(calls, bare) ? calls[bare] : undefined;
  if (call !== undefined) return method === 'POST' ? { found: true, endpoint: call } : { found: false, allow: 'POST' };
  const endpoint = readingEndpoint(bare);
  if (endpoint === undefined) return { found: false };
  return method === 'GET' || method === 'HEAD' ? { found: true, endpoint } : { found: false, allow: 'GET, HEAD' };
}

function readingEndpoint(bare: string): Endpoint | undefined {
  if (bare === '') return { kind: 'root' };
  if (bare === '/models') return { kind: 'models' };
  if (!bare.startsWith('/models/')) return undefined;
  const id = decodePath(bare.slice('/models/'.length));
  return id === undefined ? undefined : { kind: 'models', id };
}

/** The path below the version prefix, without a trailing slash; undefined for a path that is not clean (`//`, `..`, not absolute). */
function stripVersion(path: string): string | undefined {
  if (!path.startsWith('/') || path.includes('//') || path.includes('/../') || path.endsWith('/..') || path.includes('\\')) return undefined;
  const trimmed = path.endsWith('/') ? path.slice(0, -1) : path;
  return trimmed.replace(/^\/v1(?:\/v1)?(?=\/|$)/, '');
}

function decodePath(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    // Bad percent-encoding names nothing.
    return undefined;
  }
}

/** The dialect whose error shape a caller understands when the path does not tell. */
export function dialectOfCaller(headers: HeaderMap, path: string): DialectName {
  return headers['anthropic-version'] !== undefined || /\/messages(?:\/|$)/.test(path) ? 'anthropic-messages' : 'openai-chat';
}
