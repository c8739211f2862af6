import { defined } from 'modelwire/internal/core/defined';
import { embeddedProvider, mockProvider } from 'modelwire/internal/providers/directory';
import type { ProviderConfig } from 'modelwire/internal/providers/resolve';
import type { LocalSettings, ProviderOrigin } from './config.ts';
import type { Env } from './dotenv.ts';
import { engineOptions } from './engine-options.ts';
import type { Problem } from './problem.ts';

/** The transport of the embedded model puts its true address in. */
const inProcess = 'http://127.0.0.1/v1';

type Wanted = { readonly local: LocalSettings; readonly mock: boolean; readonly env: Env; readonly problems: Problem[] };

/** The providers that need no network: the embedded model and the scripted one, when they are on. */
export async function embeddedProviders(
  wanted: Wanted,
): Promise<{ readonly providers: readonly ProviderConfig[]; readonly origins: readonly ProviderOrigin[] }> {
  const providers: ProviderConfig[] = [];
  const origins: ProviderOrigin[] = [];
  if (wanted.local.enabled) {
    const endpoint = { baseURL: inProcess, auth: 'none' } as const;
    providers.push(defined({ name: embeddedProvider, speaks: { 'openai-chat': endpoint }, needsKey: false, keyNames: [], models: await chosenModel(wanted) }));
    origins.push({ provider: embeddedProvider, source: 'embedded' });
  }
  if (wanted.mock) {
    const { mockProviderConfig } = await import('modelwire/internal/providers/mock');
    providers.push(mockProviderConfig());
    origins.push({ provider: mockProvider, source: 'scripted' });
  }
  return { providers, origins };
}

const choices = ['MODELWIRE_LOCAL_MODEL_FILE', 'MODELWIRE_LOCAL_MODEL_URL'] as const;

/** The id of a model that the person chose; undefined for the one that modelwire brings, so that the engine need not be loaded to name it. */
async function chosenModel({ local, env, problems }: Wanted): Promise<readonly string[] | undefined> {
  if (local.model === undefined && choices.every((name) => (env[name] ?? '') === '')) return undefined;
  const { createLocalEngine, LocalError } = await import('@modelwire/local');
  try {
    return [createLocalEngine(engineOptions(local, env)).model.id];
  } catch (error) {
    if (!(error instanceof LocalError)) throw error;
    problems.push({ source: 'local', path: '', message: `${error.message}: ${error.hint}` });
    return undefined;
  }
}

/** Whether `@modelwire/local` is there to be loaded. */
export function isLocalInstalled(): boolean {
  try {
    import.meta.resolve('@modelwire/local');
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') return false;
    throw error;
  }
}
