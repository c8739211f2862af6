import type { LocalEngine } from '@modelwire/local';
import type { Context } from 'modelwire/internal/core/dialect';
import { GatewayError } from 'modelwire/internal/core/errors';
import type { ChatRequest, DialectName } from 'modelwire/internal/core/ir';
import type { FetchMedia } from 'modelwire/internal/core/media';
import { isObject } from 'modelwire/internal/core/json-text';
import type { Target } from 'modelwire/internal/core/target';
import type { Transport } from 'modelwire/internal/core/transport';
import { isDialect, loadDialect } from 'modelwire/internal/dialects/index';
import { openaiChat } from 'modelwire/internal/dialects/openai-chat/index';
import { embeddedProvider, mockProvider } from 'modelwire/internal/providers/directory';
import { createHandler } from 'modelwire/internal/runtime/handle';
import { type Policies, viaHeaders } from 'modelwire/internal/runtime/scope';
import type { Outgoing } from 'modelwire/internal/runtime/handling';
import type { CallRecord } from 'modelwire/internal/runtime/record';
import { createWorld } from 'modelwire/internal/runtime/world';
import type { EffectiveConfig } from '../config/config.ts';
import { createKeyring, type Keyring } from '../keys/keys.ts';
import { createLogLine } from '../ledger/log-line.ts';
import { openStore } from '../store/open-store.ts';
import { createTurns } from '../store/turns.ts';
import type { Store } from '../store/store.ts';
import { createHttpServer } from '../http/server.ts';
import { type Connections, createConnections } from '../transport/connections.ts';
import { httpTransport } from '../transport/http-transport.ts';
import { localTransport } from '../transport/local-transport.ts';
import { refuseCrossSite } from './admission.ts';
import { createEdge, type Edge } from './edge.ts';

export type GatewayOptions = {
  readonly config: EffectiveConfig;
  readonly version: string;
  /** The embedded model, when it is installed and enabled. */
  readonly local?: LocalEngine;
  /** One line a call. */
  log?(line: string, record: CallRecord): void;
  /** What the operator should hear: a store that fails, say. */
  problem?(message: string): void;
  /** For `HTTPS_PROXY` and its like; default: the process's own. */
  readonly env?: Readonly<Record<string, string | undefined>>;
};

export type Gateway = {
  readonly url: string;
  readonly port: number;
  /** The records, for `why`. */
  readonly store: Promise<Store>;
  /** Puts another configuration in force for the requests that come from now on. Host and port need a restart. */
  apply(config: EffectiveConfig): void;
  /** Stops accepting, lets answers finish for `graceMs` (default 10 s), ends the rest with an error, frees everything. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
};

const pingMs = 15_000;
/** The store is opened and the formats are read this long after the start, or when they are first needed: a start should not wait for them. */
const lateMs = 250;
/** A provider's wish to wait longer than this ends our tries: the caller decides then. */
const longestRetryWait = 5000;

/** What a reload replaces, but for `draining`. */
type State = InForce & { draining: boolean };
type InForce = { config: EffectiveConfig; policies: Policies; keyring: Keyring };

function inForce(config: EffectiveConfig): InForce {
  const { directory, retry, deadlines, fidelity } = config;
  const policies = { directory, retry: { attempts: retry.attempts, longestWait: longestRetryWait }, deadlines, fidelity, pingMs };
  return { config, policies, keyring: createKeyring(config.keys) };
}

/** Starts the gateway: resolves when it listens. What a request does not need is loaded after that. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const state: State = { ...inForce(options.config), draining: false };
  const instance = crypto.randomUUID();
  const connections = createConnections({
    env: options.env ?? process.env,
    connectMs: options.config.deadlines.connect,
    engine: options.config.http,
    headers: viaHeaders(instance),
  });
  const transports = createTransports(options, state, connections);
  const problem = (error: unknown): void => options.problem?.(`store: ${error instanceof Error ? error.message : String(error)}`);
  const logLine = createLogLine();
  let store: Promise<Store> | undefined;
  const records = (): Promise<Store> => (store ??= openStore(options.config.store, problem));
  const turns = createTurns(options.config.conversations, problem);
  const handler = createHandler({
    world: createWorld(transports, createMedia(options, state)),
    policies: () => state.policies,
    authenticate: (headers) => state.keyring.authenticate(headers),
    countTokens: (target, request, context) => countWithEngine(options.local, target, request, context),
    ...(turns === undefined ? {} : { conversations: { store: turns, bodyLimit: () => state.config.server.bodyLimit } }),
    record(record) {
      options.log?.(logLine(record), record);
      void records().then((open) => open.put(record));
    },
    instance,
    version: options.version,
  });
  const edge = createEdge({
    handler,
    createServer: options.config.http === 'node' ? (await import('../http/node-server.ts')).createNodeServer : createHttpServer,
    bodyLimit: () => state.config.server.bodyLimit,
    admit(headers) {
      if (state.config.keys.length === 0) refuseCrossSite(headers, [...state.config.server.allowedHosts, state.config.server.host]);
    },
    side: (method, path) => health(method, path, state),
  });
  const port = await edge.server.listen(state.config.server);
  const { host } = state.config.server;
  setImmediate(() => warmUp(options.config, connections));
  const late = setTimeout(() => {
    void records();
    void loadFormats(options.config);
  }, lateMs).unref();
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    get store() {
      return records();
    },
    apply(config) {
      Object.assign(state, inForce(config));
    },
    async close({ graceMs = 10_000 } = {}) {
      state.draining = true;
      clearTimeout(late);
      await drain(edge, graceMs);
      handler.close(new GatewayError('overloaded', 'the gateway is shutting down', { retryAfter: 1 }));
      await connections.close();
      await options.local?.close();
      (await store)?.close();
      await turns?.close();
    },
  };
}

/** Loads what the first call needs while nobody waits for it. */
function warmUp({ directory }: EffectiveConfig, connections: Connections): void {
  const secure = [...directory.providers.values()].some(({ speaks }) => Object.values(speaks).some(({ baseURL }) => baseURL.startsWith('https:')));
  void Promise.all([connections.way(undefined), secure ? import('node:tls') : undefined]);
}

/** What the first calls are likely to need: the formats of the providers, and the two that most callers speak. */
async function loadFormats({ directory }: EffectiveConfig): Promise<void> {
  const spoken = [...directory.providers.values()].flatMap(({ speaks }) => Object.keys(speaks).filter(isDialect));
  const formats = [...new Set<DialectName>(['openai-chat', 'anthropic-messages', ...spoken])].map(loadDialect);
  // What cannot be read is told of by the call that needs it.
  await Promise.allSettled([import('modelwire/internal/core/translate'), ...formats]);
}

async function drain(edge: Edge, graceMs: number): Promise<void> {
  const timer = setTimeout(() => {
    edge.cut(new GatewayError('overloaded', 'the gateway is shutting down', { retryAfter: 1 }));
    // What does not read its last event in a second is not waited for.
    setTimeout(() => edge.server.closeAll(), 1000).unref();
  }, graceMs);
  await edge.server.close();
  clearTimeout(timer);
}

/** Each provider's own way: the embedded model and the scripted provider have theirs, the rest share HTTP. Whether they are on is the directory's to say. */
function createTransports(options: GatewayOptions, state: State, connections: Connections): (target: Target) => Transport {
  const made = new Map<string, Transport>();
  const http = (provider: string): Transport => httpTransport({ provider, way: () => connections.way(state.config.network.get(provider)) });
  const { local } = options;
  if (local !== undefined) made.set(embeddedProvider, localTransport(local, http(embeddedProvider)));
  made.set(
    mockProvider,
    lazily(async () => (await import('modelwire/internal/providers/mock')).createMockTransport()),
  );
  return (target) => {
    const known = made.get(target.provider);
    if (known !== undefined) return known;
    const transport = http(target.provider);
    made.set(target.provider, transport);
    return transport;
  };
}

/** Few calls have an address that must be fetched: what it takes is loaded for the first. */
function createMedia({ version }: GatewayOptions, state: State): FetchMedia {
  let loading: Promise<FetchMedia> | undefined;
  return async (url, kind, signal) => {
    if (state.config.media.fetch === 'off') return undefined;
    loading ??= import('../transport/media.ts').then(({ createMediaFetch }) =>
      createMediaFetch({ settings: () => state.config.media, userAgent: `modelwire/${version}` }),
    );
    return await (
      await loading
    )(url, kind, signal);
  };
}

function lazily(load: () => Promise<Transport>): Transport {
  let loading: Promise<Transport> | undefined;
  return async (request) => (await (loading ??= load()))(request);
}

/** The embedded model counts with its own tokenizer; undefined when the target is another. */
function countWithEngine(engine: LocalEngine | undefined, target: Target, request: ChatRequest, context: Context): Promise<number> | undefined {
  return engine === undefined || target.provider !== embeddedProvider ? undefined : tokenize(engine, { ...request, model: target.model }, context);
}

async function tokenize(engine: LocalEngine, request: ChatRequest, context: Context): Promise<number> {
  const [{ prepareFor }, translation] = await Promise.all([import('modelwire/internal/core/prepare'), openaiChat.translation()]);
  const { body } = prepareFor(translation, request, context);
  const { baseURL, key } = await engine.start();
  const response = await fetch(`${baseURL}/tokenize`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body,
  });
  const answer: unknown = await response.json();
  if (!isObject(answer) || typeof answer['tokens'] !== 'number')
    throw new GatewayError('model_unavailable', 'the embedded model could not count the tokens', { provider: 'local' });
  return answer['tokens'];
}

/** `/livez`: the process answers. `/readyz`: and takes calls (no provider is ever asked). */
function health(method: string, path: string, state: State): Outgoing | undefined {
  if (method !== 'GET' && method !== 'HEAD') return undefined;
  if (path === '/livez' || path === '/healthz') return text(200, 'ok');
  if (path === '/readyz') return state.draining ? text(503, 'draining') : text(200, 'ok');
  return undefined;
}

function text(status: number, body: string): Outgoing {
  const id = `req_${crypto.randomUUID()}`;
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-request-id': id, 'request-id': id },
    body: { kind: 'whole', chunks: [`${body}\n`] },
  };
}
