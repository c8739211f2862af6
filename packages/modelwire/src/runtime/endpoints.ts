import type { Asked, HeaderMap, Operation } from '../core/dialect.ts';
import type { DialectName } from '../core/ir.ts';
import type { Framing } from './framed-answer.ts';
import { type Service, serviceMethods, servicePaths } from '../providers/services.ts';
import type { ConversationEndpoint } from './kept-conversations.ts';
import { providerHeader } from './provider-header.ts';
import type { StoredEndpoint } from './stored.ts';

/** What a URL asks for. `show`: the model that the body names. `loaded`: the models that are in memory. */
export type Endpoint =
  | CallEndpoint
  | ServiceEndpoint
  | StoredEndpoint
  | ConversationEndpoint
  | { readonly kind: 'models'; readonly id?: string }
  | { readonly kind: 'root' | 'show' | 'loaded' | 'version' };

/** A call. Where the body does not name the model and say whether a stream is wanted, `asked` does. */
export type CallEndpoint = {
  readonly kind: 'call';
  readonly front: DialectName;
  readonly operation: Operation;
  readonly asked?: Asked;
  /** What a stream's events are put in, when it is not server-sent events. */
  readonly framing?: Framing;
};

/** What is relayed untouched. */
export type ServiceEndpoint = {
  readonly kind: 'service';
  readonly service: Service;
  readonly front: DialectName;
  /** The model that the URL names. */
  readonly model?: string;
  /** Where it stands at a provider that calls the model so. */
  path(model: string): string;
};

export type Match =
  | { readonly found: true; readonly endpoint: Endpoint }
  /** The path exists under another method. */
  | { readonly found: false; readonly allow?: string };

const calls: { readonly [path: string]: Endpoint } = {
  '/chat/completions': { kind: 'call', front: 'openai-chat', operation: 'chat' },
  '/responses': { kind: 'call', front: 'openai-responses', operation: 'chat' },
  '/responses/input_tokens': { kind: 'call', front: 'openai-responses', operation: 'count_tokens' },
  '/messages': { kind: 'call', front: 'anthropic-messages', operation: 'chat' },
  '/embeddings': { kind: 'call', front: 'openai-chat', operation: 'embeddings' },
  '/messages/count_tokens': { kind: 'call', front: 'anthropic-messages', operation: 'count_tokens' },
  ...Object.fromEntries(['/v2/chat', '/chat', '/v2/v2/chat'].map((path) => [path, { kind: 'call', front: 'cohere', operation: 'chat' }])),
  '/api/chat': { kind: 'call', front: 'ollama', operation: 'chat', framing: 'ndjson' },
  '/api/generate': { kind: 'call', front: 'ollama', operation: 'generate', framing: 'ndjson' },
  '/api/embed': { kind: 'call', front: 'ollama', operation: 'embeddings' },
  '/v2/embed': { kind: 'call', front: 'cohere', operation: 'embeddings' },
  '/api/show': { kind: 'show' },
};

/** The spelling that nearly every client uses, found at once. */
const usual: ReadonlyMap<string, Match> = new Map(
  Object.entries(calls).map(([path, endpoint]) => [path.startsWith('/v2/') ? path : path.startsWith('/api/') ? path : `/v1${path}`, { found: true, endpoint }]),
);

/**
 * The endpoint of a path. Each stands under `/v1`, without it, and under `/v1/v1` (a base URL with `/v1` given to a client that adds
 * it), with or without a trailing slash; Google's versions and Cohere's likewise. `path` has no query.
 */
export function matchEndpoint(method: string, path: string, query = '', headers: HeaderMap = {}): Match {
  const known = method === 'POST' ? usual.get(path) : undefined;
  if (known !== undefined) return known;
  const bare = stripVersion(path);
  if (bare === undefined) return { found: false };
  const call = Object.hasOwn(calls, bare) ? calls[bare] : (converseEndpoint(bare) ?? methodEndpoint(bare, query));
  if (call !== undefined) return method === 'POST' ? { found: true, endpoint: call } : { found: false, allow: 'POST' };
  const stored = storedEndpoint(method, bare);
  if (stored !== undefined) return stored;
  // A provider that the caller names keeps conversations itself.
  const conversation = headers[providerHeader] === undefined ? conversationEndpoint(method, bare) : undefined;
  if (conversation !== undefined) return conversation;
  const service = serviceEndpoint(bare, dialectOfCaller(headers, path));
  if (service !== undefined)
    return serviceMethodsAllowed.includes(method) ? { found: true, endpoint: service } : { found: false, allow: serviceMethodsAllowed.join(', ') };
  const endpoint = readingEndpoint(bare);
  // A method of a model that is not served here is no path, though a model's name may have a colon too.
  if (endpoint === undefined || (method === 'POST' && bare.includes(':'))) return { found: false };
  return method === 'GET' || method === 'HEAD' ? { found: true, endpoint } : { found: false, allow: 'GET, HEAD' };
}

const methods: ReadonlyMap<string, { readonly operation: Operation; readonly stream: boolean }> = new Map([
  ['generateContent', { operation: 'chat', stream: false }],
  ['streamGenerateContent', { operation: 'chat', stream: true }],
  ['countTokens', { operation: 'count_tokens', stream: false }],
  ['embedContent', { operation: 'embeddings', stream: false }],
  ['batchEmbedContents', { operation: 'embeddings', stream: false }],
]);

const serviceMethodsAllowed: readonly string[] = ['GET', 'POST', 'PATCH', 'DELETE'];

/** A path of what is relayed untouched; where several formats have it, the caller's. */
function serviceEndpoint(bare: string, caller: DialectName): ServiceEndpoint | undefined {
  const [, path = '', name = ''] = /^\/models\/(.+):(\w+)$/.exec(bare) ?? [];
  const byMethod = serviceMethods.get(name);
  const model = decodePath(path)?.replace(/^models\//, '');
  if (byMethod !== undefined && model !== undefined && modelName.test(model)) {
    const at = (to: string): string =>
      `${geminiVersion}/models/${to
        .replace(/^models\//, '')
        .split('/')
        .map(encodeURIComponent)
        .join('/')}:${name}`;
    return { kind: 'service', service: byMethod, front: 'gemini', model, path: at };
  }
  const fitting = servicePaths.filter((one) => bare === one.path || bare.startsWith(`${one.path}/`));
  const found = fitting.find((one) => one.front === caller) ?? fitting[0];
  if (found === undefined || !isPlain(bare)) return undefined;
  const version = found.front === 'gemini' ? geminiVersion : found.front === 'anthropic-messages' ? '/v1' : '';
  return { kind: 'service', service: found.service, front: found.front, path: () => version + bare };
}

const geminiVersion = '/v1beta';

/** Nothing in the path that a server may read as another: no dots that climb, however they are written, and no separator in disguise. */
function isPlain(bare: string): boolean {
  return bare.split('/').every((piece) => {
    const decoded = decodePath(piece);
    return decoded !== undefined && decoded !== '.' && decoded !== '..' && !/[/\\%]|\p{Cc}/u.test(decoded);
  });
}

/** Google's methods of a model, which may have slashes and colons in its name. */
function methodEndpoint(bare: string, query: string): CallEndpoint | undefined {
  const [, path = '', name = ''] = /^\/models\/(.+):(\w+)$/.exec(bare) ?? [];
  const method = methods.get(name);
  const model = decodePath(path)?.replace(/^models\//, '');
  if (method === undefined || model === undefined || !modelName.test(model)) return undefined;
  const { operation, stream } = method;
  const params = new URLSearchParams(query);
  const isArray = stream && (params.get('alt') ?? params.get('$alt')) !== 'sse';
  return { kind: 'call', front: 'gemini', operation, asked: { model, stream }, ...(isArray ? { framing: 'json-array' } : {}) };
}

const converseMethods: ReadonlyMap<string, { readonly operation: Operation; readonly stream: boolean }> = new Map([
  ['converse', { operation: 'chat', stream: false }],
  ['converse-stream', { operation: 'chat', stream: true }],
  ['count-tokens', { operation: 'count_tokens', stream: false }],
]);

/** Bedrock's methods of a model, which may be an ARN, with slashes encoded or not. */
function converseEndpoint(bare: string): CallEndpoint | undefined {
  const [, path = '', name = ''] = /^\/model\/(.+)\/([a-z-]+)$/.exec(bare) ?? [];
  const method = converseMethods.get(name);
  const model = decodePath(path);
  if (method === undefined || model === undefined || !modelName.test(model)) return undefined;
  const { operation, stream } = method;
  return { kind: 'call', front: 'bedrock-converse', operation, asked: { model, stream }, ...(stream ? { framing: 'aws-event-stream' } : {}) };
}

const modelName = /^\P{Cc}{1,256}$/u;

/** What is kept under a response's id. */
function storedEndpoint(method: string, bare: string): Match | undefined {
  const [, given = '', below = ''] = /^\/responses\/([^/]+)(?:\/(cancel|input_items))?$/.exec(bare) ?? [];
  const id = decodePath(given);
  if (id === undefined || id === '' || (id === 'compact' && method === 'POST')) return undefined;
  const of = (action: StoredEndpoint['action']): Match => ({ found: true, endpoint: { kind: 'stored', front: 'openai-responses', id, action } });
  if (below === 'cancel') return method === 'POST' ? of('cancel') : { found: false, allow: 'POST' };
  if (method === 'GET' || method === 'HEAD') return of(below === 'input_items' ? 'items' : 'get');
  if (below === '' && method === 'DELETE') return of('delete');
  return { found: false, allow: below === '' ? 'GET, HEAD, DELETE' : 'GET, HEAD' };
}

/** Conversations, and the items in them. */
function conversationEndpoint(method: string, bare: string): Match | undefined {
  const [path, ...pieces] = /^\/conversations(?:\/([^/]+)(?:\/items(?:\/([^/]+))?)?)?$/.exec(bare) ?? [];
  if (path === undefined) return undefined;
  const [id, item] = pieces.map((piece) => (piece === undefined ? undefined : decodePath(piece)));
  if (pieces.some((piece, index) => piece !== undefined && [id, item][index] === undefined)) return undefined;
  const of = (endpoint: ConversationEndpoint): Match => ({ found: true, endpoint });
  const same = { kind: 'conversation', front: 'openai-responses' } as const;
  const isReading = method === 'GET' || method === 'HEAD';
  if (id === undefined) return method === 'POST' ? of({ ...same, action: 'create' }) : { found: false, allow: 'POST' };
  if (item !== undefined) {
    if (isReading || method === 'DELETE') return of({ ...same, action: isReading ? 'item' : 'removeItem', id, item });
    return { found: false, allow: 'GET, HEAD, DELETE' };
  }
  if (bare.endsWith('/items')) {
    if (isReading || method === 'POST') return of({ ...same, action: isReading ? 'list' : 'add', id });
    return { found: false, allow: 'GET, HEAD, POST' };
  }
  if (isReading || method === 'POST' || method === 'DELETE') return of({ ...same, action: isReading ? 'get' : method === 'POST' ? 'update' : 'delete', id });
  return { found: false, allow: 'GET, HEAD, POST, DELETE' };
}

function readingEndpoint(bare: string): Endpoint | undefined {
  if (bare === '') return { kind: 'root' };
  if (bare === '/models' || bare === '/api/tags') return { kind: 'models' };
  if (bare === '/api/ps') return { kind: 'loaded' };
  if (bare === '/api/version') return { kind: 'version' };
  if (!bare.startsWith('/models/')) return undefined;
  const id = decodePath(bare.slice('/models/'.length));
  return id === undefined ? undefined : { kind: 'models', id };
}

/** The path below the version prefix, without a trailing slash; undefined for a path that is not clean (`//`, `..`, not absolute). */
function stripVersion(path: string): string | undefined {
  if (!path.startsWith('/') || path.includes('//') || path.includes('/../') || path.endsWith('/..') || path.includes('\\')) return undefined;
  const trimmed = path.endsWith('/') ? path.slice(0, -1) : path;
  return trimmed.replace(/^(?:\/v1(?:beta|alpha)?){1,2}(?=\/|$)/, '');
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
  if (/\/model\/.+\/[a-z-]+\/?$/.test(path) || headers['authorization']?.startsWith('AWS4-HMAC-SHA256') === true) return 'bedrock-converse';
  if (headers['anthropic-version'] !== undefined || /\/messages(?:\/|$)/.test(path)) return 'anthropic-messages';
  if (/^(?:\/v1)*\/api(?:\/|$)/.test(path)) return 'ollama';
  if (/\/responses(?:\/|$)/.test(path)) return 'openai-responses';
  if (/\/v1(?:beta|alpha)\/|\/models\/.+:\w+$/.test(path)) return 'gemini';
  if (path.endsWith('/chat/completions')) return 'openai-chat';
  if (/\/v2\/|\/chat\/?$/.test(path) || headers['x-client-name'] !== undefined || isCohereClient(headers)) return 'cohere';
  return headers['x-goog-api-key'] !== undefined && headers['authorization'] === undefined ? 'gemini' : 'openai-chat';
}

/** What Cohere's own libraries say of themselves. */
function isCohereClient(headers: HeaderMap): boolean {
  return /^cohere(?:-ai)?$/.test(headers['x-fern-sdk-name'] ?? '');
}
