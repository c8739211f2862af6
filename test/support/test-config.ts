import type { EffectiveConfig } from '../../packages/gateway/src/config/config.ts';
import { defaultDeadlines } from '../../packages/modelwire/src/core/deadline.ts';
import type { DialectName } from '../../packages/modelwire/src/core/ir.ts';
import { Secret, usualAuth } from '../../packages/modelwire/src/core/target.ts';
import type { Quirks } from '../../packages/modelwire/src/core/target.ts';
import { defaultKeeping } from '../../packages/modelwire/src/runtime/conversation-store.ts';
import { createDirectory, type ProviderConfig, type Route } from '../../packages/modelwire/src/providers/directory.ts';

/** A provider at an address of the test's own. */
export function testProvider(
  name: string,
  baseURL: string,
  speaks: readonly DialectName[],
  options: { readonly quirks?: Quirks; readonly models?: readonly string[]; readonly key?: string } = {},
): ProviderConfig {
  return {
    name,
    speaks: Object.fromEntries(speaks.map((dialect) => [dialect, { baseURL, auth: usualAuth[dialect] }])),
    key: new Secret(options.key ?? 'sk-upstream-secret-key'),
    needsKey: false,
    keyNames: [],
    ...(options.quirks === undefined ? {} : { quirks: options.quirks }),
    ...(options.models === undefined ? {} : { models: options.models }),
  };
}

/** A configuration with every default, on a free port, with records in memory. */
export function testConfig(providers: readonly ProviderConfig[], change: Partial<EffectiveConfig> = {}, routes: readonly Route[] = []): EffectiveConfig {
  return {
    file: undefined,
    server: { host: '127.0.0.1', port: 0, allowedHosts: [], keyless: false, bodyLimit: 32 * 1024 * 1024 },
    directory: createDirectory({ providers, routes }),
    origins: [],
    network: new Map(),
    keys: [],
    retry: { attempts: 1 },
    deadlines: defaultDeadlines,
    fidelity: 'carry',
    store: 'memory',
    conversations: defaultKeeping,
    media: { fetch: 'off', size: 20 * 1024 * 1024 },
    local: { enabled: false },
    mock: false,
    http: 'lean',
    log: 'json',
    sources: new Map(),
    warnings: [],
    ...change,
  };
}
