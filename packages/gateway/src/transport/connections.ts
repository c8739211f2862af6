import { readFile } from 'node:fs/promises';
import type { Dispatcher } from 'undici';
import type { NetworkSettings } from '../config/config.ts';

/** The connection pools of the process: one for direct and environment-proxied traffic, one more per provider with settings of its own. */
export type Connections = {
  /** Loaded at first use: the HTTP client is not needed to be ready to serve. */
  dispatcher(settings: NetworkSettings | undefined): Promise<Dispatcher> | Dispatcher;
  close(): Promise<void>;
};

export function createConnections(env: Readonly<Record<string, string | undefined>>, connectMs: number): Connections {
  const made = new Map<string, Promise<Dispatcher> | Dispatcher>();
  return {
    dispatcher(settings) {
      const key = settings === undefined ? '' : `${settings.proxy ?? ''}\n${settings.caFile ?? ''}`;
      const known = made.get(key);
      if (known !== undefined) return known;
      const making = makeDispatcher(settings ?? {}, env, connectMs);
      made.set(key, making);
      making.then(
        (ready) => made.set(key, ready),
        () => made.delete(key),
      );
      return making;
    },
    async close() {
      const all = [...made.values()];
      made.clear();
      await Promise.all(all.map(async (dispatcher) => (await dispatcher).destroy()));
    },
  };
}

async function makeDispatcher(settings: NetworkSettings, env: Readonly<Record<string, string | undefined>>, connectMs: number): Promise<Dispatcher> {
  const { Agent, EnvHttpProxyAgent, ProxyAgent } = await import('undici');
  const ca = settings.caFile === undefined ? undefined : await authorities(settings.caFile);
  const connect = { timeout: connectMs, ...(ca === undefined ? {} : { ca }) };
  const options = { connect, pipelining: 1, keepAliveTimeout: 30_000 };
  if (settings.proxy === 'none') return new Agent(options);
  if (settings.proxy !== undefined) return new ProxyAgent({ uri: settings.proxy, requestTls: connect, ...options });
  const proxied = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'].some((name) => (env[name] ?? '') !== '');
  if (!proxied) return new Agent(options);
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
  const { rootCertificates } = await import('node:tls');
  return [...rootCertificates, await readFile(caFile, 'utf8')];
}
