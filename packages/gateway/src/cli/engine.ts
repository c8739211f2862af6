import type { LocalEngine } from '@modelwire/local';
import { isOn } from 'modelwire/internal/providers/directory';
import { embeddedProvider, mockProvider } from 'modelwire/internal/providers/directory';
import type { EffectiveConfig } from '../config/config.ts';
import type { Env } from '../config/dotenv.ts';
import { engineOptions } from '../config/engine-options.ts';

export type EngineInput = {
  readonly config: EffectiveConfig;
  /** The environment with the `.env` files under it. */
  readonly env: Env;
  /** The real environment. */
  readonly realEnv: Env;
  /** Hears the lines that the model's process prints. */
  readonly log?: ((line: string) => void) | undefined;
};

/** The embedded model at rest; undefined when it is off or its package is not installed. */
export async function createEngine({ config, env, realEnv, log }: EngineInput): Promise<LocalEngine | undefined> {
  if (!config.local.enabled) return undefined;
  const { createLocalEngine } = await import('@modelwire/local');
  return createLocalEngine({ ...engineOptions(config.local, childEnv(env, realEnv)), log, fetch: proxiedFetch(env) });
}

/** A `.env` file in a folder may set our variables, not those that decide how a child process is run (NODE_OPTIONS and its like). */
function childEnv(env: Env, realEnv: Env): Env {
  const ours = Object.entries(env).filter(([name]) => name.startsWith('MODELWIRE_') || /^(?:https?|no|all)_proxy$/i.test(name));
  return { ...Object.fromEntries(ours), ...realEnv };
}

/** Node's own fetch knows no proxy unless it is told at its start. */
function proxiedFetch(env: Env): typeof fetch | undefined {
  const proxied = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'].some((name) => (env[name] ?? '') !== '');
  if (!proxied) return undefined;
  return async (input, init) => {
    const undici = await import('undici');
    const options = { ...init, dispatcher: new undici.EnvHttpProxyAgent() };
    // The same function under two declarations: undici's own types and those of the global.
    return (undici.fetch as unknown as typeof fetch)(input, options as RequestInit);
  };
}

/** Whether the embedded model is all there is, so that the first call will surely want it. */
export function onlyEmbedded(config: EffectiveConfig): boolean {
  const on = [...config.directory.providers.values()].filter(isOn).map((provider) => provider.name);
  return on.includes(embeddedProvider) && on.every((name) => name === embeddedProvider || name === mockProvider);
}
