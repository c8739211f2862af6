import type { Dispatcher } from 'undici';
import type { HttpEngine, NetworkSettings } from '../config/config.ts';
import type { Client, Origin } from '../http/client.ts';
import type { sendByUndici } from './undici-transport.ts';

/** How a provider is reached: over our own client, or over undici, which knows proxies. */
export type Way =
  | { readonly kind: 'lean'; client(name: string, origin: Origin): Client }
  | {
      readonly kind: 'undici';
      readonly send: typeof sendByUndici;
      readonly dispatcher: Dispatcher;
      /** Sent with every request. */
      readonly headers: Readonly<Record<string, string>>;
    };

/** The connection pools of the process: one for direct and environment-proxied traffic, one more per provider with settings of its own. */
export type Connections = {
  /** What it takes is loaded at first use: no HTTP client is needed to be ready to serve. */
  way(settings: NetworkSettings | undefined): Way | Promise<Way>;
  close(): Promise<void>;
};

export type ConnectionOptions = {
  /** For `HTTPS_PROXY` and its like. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly connectMs: number;
  readonly engine: HttpEngine;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
};

export function createConnections(options: ConnectionOptions): Connections {
  const made = new Map<string, Promise<Way> | Way>();
  const closers: (() => Promise<void> | void)[] = [];
  return {
    way(settings) {
      const key = settings === undefined ? '' : `${settings.proxy ?? ''}\n${settings.caFile ?? ''}`;
      const known = made.get(key);
      if (known !== undefined) return known;
      const making = makeWay(settings ?? {}, options, (close) => closers.push(close));
      made.set(key, making);
      making.then(
        (ready) => made.set(key, ready),
        () => made.delete(key),
      );
      return making;
    },
    async close() {
      await Promise.allSettled(made.values());
      made.clear();
      await Promise.all(closers.splice(0).map((close) => close()));
    },
  };
}

async function makeWay(settings: NetworkSettings, options: ConnectionOptions, onClose: (close: () => Promise<void> | void) => void): Promise<Way> {
  if (options.engine === 'node' || isProxied(settings, options.env)) {
    const [dispatcher, { sendByUndici: send }] = await Promise.all([makeDispatcher(settings, options.env, options.connectMs), import('./undici-transport.ts')]);
    onClose(() => dispatcher.destroy());
    return { kind: 'undici', send, dispatcher, headers: options.headers };
  }
  const [{ createClient }, ca] = await Promise.all([import('../http/client.ts'), settings.caFile === undefined ? undefined : authorities(settings.caFile)]);
  const clients = new Map<string, Client>();
  onClose(() => {
    for (const client of clients.values()) client.close();
  });
  return {
    kind: 'lean',
    client(name, origin) {
      const known = clients.get(name);
      if (known !== undefined) return known;
      const client = createClient({ origin, headers: options.headers, ...(ca === undefined ? {} : { ca }) });
      clients.set(name, client);
      return client;
    },
  };
}

const proxyVariables = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'];

function isProxied(settings: NetworkSettings, env: ConnectionOptions['env']): boolean {
  if (settings.proxy !== undefined) return settings.proxy !== 'none';
  return proxyVariables.some((name) => (env[name] ?? '') !== '');
}

async function makeDispatcher(settings: NetworkSettings, env: Readonly<Record<string, string | undefined>>, connectMs: number): Promise<Dispatcher> {
  const { Agent, EnvHttpProxyAgent, ProxyAgent } = await import('undici');
  const ca = settings.caFile === undefined ? undefined : await authorities(settings.caFile);
  const connect = { timeout: connectMs, ...(ca === undefined ? {} : { ca }) };
  const options = { connect, pipelining: 1, keepAliveTimeout: 30_000 };
  if (!isProxied(settings, env)) return new Agent(options);
  if (settings.proxy !== undefined) return new ProxyAgent({ uri: settings.proxy, requestTls: connect, ...options });
  const httpProxy = env['http_proxy'] ?? env['HTTP_PROXY'];
  const httpsProxy = env['https_proxy'] ?? env['HTTPS_PROXY'];
  return new EnvHttpProxyAgent({
    ...options,
    requestTls: connect,
    // A provider on this machine is never behind the proxy.
    noProxy: [env['no_proxy'] ?? env['NO_PROXY'] ?? '', 'localhost', '127.0.0.1', '::1'].filter((entry) => entry !== '').join(','),
    ...(httpProxy === undefined ? {} : { httpProxy }),
    ...(httpsProxy === undefined ? {} : { httpsProxy }),
  });
}

/** The usual authorities and the file's. Loading the usual ones takes time, so it is done only where a file is set. */
async function authorities(caFile: string): Promise<string[]> {
  const [{ rootCertificates }, { readFile }] = await Promise.all([import('node:tls'), import('node:fs/promises')]);
  return [...rootCertificates, await readFile(caFile, 'utf8')];
}
