import type { Deadlines } from '../core/deadline.ts';
import type { DialectName } from '../core/ir.ts';
import type { Fidelity } from '../core/notes.ts';
import type { Endpoint, Quirks, Target } from '../core/target.ts';
import { Secret } from '../core/target.ts';
import { findProvider, type Provider, providers as catalogue } from './catalog.ts';
import { addressesFor, keyFromEnv } from './from-env.ts';
import { findModelInfo, listedModels, looseName } from './model-info.ts';
import { globMatch, quirksFor } from './quirks.ts';

/** A provider as the configuration and the environment leave it. */
export type ProviderConfig = {
  readonly name: string;
  readonly speaks: Readonly<Partial<Record<DialectName, Endpoint>>>;
  /** What some models speak instead. */
  readonly speaksByModel?: Provider['speaksByModel'];
  readonly key?: Secret;
  /** Over those of the catalogue. */
  readonly quirks?: Quirks;
  readonly headers?: Readonly<Record<string, string>>;
  /** Models that it serves, besides those of the catalogue; the first is what `auto` asks it for. */
  readonly models?: readonly string[];
  /** Whether it is off without a key. */
  readonly needsKey: boolean;
  /** Variables that may hold the key, for messages; the canonical one first. */
  readonly keyNames: readonly string[];
};

export type Route = {
  /** May hold `*`. */
  readonly name: string;
  /** `provider/model`, `provider/*` (the asked name goes there as it is), another route, or a bare model name. */
  readonly targets: readonly string[];
  readonly policies?: RoutePolicies;
};

/** What a route changes of the policies in force. */
export type RoutePolicies = { readonly deadlines?: Partial<Deadlines>; readonly attempts?: number; readonly fidelity?: Fidelity };

/** A model at a provider that is on. */
export type Served = { readonly provider: ProviderConfig; readonly model: string };

export type Resolution = {
  /** In the order in which they are tried; never empty. */
  readonly targets: readonly Target[];
  readonly how: 'route' | 'pattern' | 'provider' | 'catalogue' | 'auto';
  /** Names of the route that lead nowhere now, and why. */
  readonly leftOut: readonly LeftOut[];
  /** The same for the record: targets and names left out, each with the reason why it is not the one. */
  readonly candidates: readonly Candidate[];
  /** What the route of that name changes of the policies in force. */
  readonly policies?: RoutePolicies;
};

export type Candidate = { readonly target: string; readonly excludedBy?: string };

export type LeftOut = { readonly name: string; readonly reason: string };

/** Everything a name can resolve to. Made once per configuration, never changed. */
export type Directory = {
  /** In the order of precedence. */
  readonly providers: ReadonlyMap<string, ProviderConfig>;
  readonly routes: readonly Route[];
  readonly exactRoutes: ReadonlyMap<string, Route>;
  /** The longest pattern first. */
  readonly patternRoutes: readonly Route[];
  /** By model name, exactly as the provider spells it. */
  readonly served: ReadonlyMap<string, readonly Served[]>;
  /** By model name without case and date. */
  readonly loose: ReadonlyMap<string, readonly Served[]>;
  /** What names have turned out to stand for: the directory never changes, so neither does this. */
  readonly resolved: Map<string, Resolution>;
};

/** The provider that is the embedded model, and what it serves. It answers to its own names only. */
export const embeddedProvider = 'local';
export const embeddedModel = 'smollm2-135m-instruct';

/** The provider that plays scripted answers, for tests and demonstrations. */
export const mockProvider = 'mock';

/**
 * `providers` in the order of precedence: those of the configuration first, then those that the environment turns on. The first of a
 * name stands; routes likewise.
 */
export function createDirectory(options: { readonly providers: readonly ProviderConfig[]; readonly routes?: readonly Route[] }): Directory {
  const providers = new Map<string, ProviderConfig>();
  for (const provider of options.providers) if (!providers.has(provider.name)) providers.set(provider.name, provider);
  const routes = options.routes ?? [];
  const exactRoutes = new Map<string, Route>();
  for (const route of routes) if (!route.name.includes('*') && !exactRoutes.has(route.name)) exactRoutes.set(route.name, route);
  const patternRoutes = routes.filter((route) => route.name.includes('*')).sort((a, b) => b.name.length - a.name.length);
  const served = new Map<string, Served[]>();
  const loose = new Map<string, Served[]>();
  for (const provider of providers.values()) {
    if (!isOn(provider)) continue;
    for (const model of knownModels(provider)) {
      addTo(served, model, { provider, model });
      addTo(loose, looseName(model), { provider, model });
    }
  }
  return { providers, routes, exactRoutes, patternRoutes, served, loose, resolved: new Map() };
}

function addTo(index: Map<string, Served[]>, key: string, entry: Served): void {
  const entries = index.get(key);
  if (entries === undefined) index.set(key, [entry]);
  else entries.push(entry);
}

export function isOn(provider: ProviderConfig): boolean {
  return provider.key !== undefined || !provider.needsKey;
}

/** The models that a provider is known to serve: the configuration's, then the catalogue's. */
export function knownModels(provider: ProviderConfig): readonly string[] {
  const names = new Set([...(provider.models ?? []), ...Object.keys(listedModels(provider.name))]);
  if (provider.name === embeddedProvider && names.size === 0) names.add(embeddedModel);
  return [...names];
}

/** What `auto` asks a provider for, when it is known. */
export function defaultModel(provider: ProviderConfig): string | undefined {
  const own = provider.models?.[0] ?? findProvider(provider.name)?.defaultModel;
  return own ?? (provider.name === embeddedProvider ? embeddedModel : undefined);
}

export function toTarget(provider: ProviderConfig, model: string): Target {
  const info = findModelInfo(provider.name, model);
  return {
    provider: provider.name,
    model,
    speaks: provider.speaksByModel?.find(({ match }) => globMatch(match, model.toLowerCase()))?.speaks ?? provider.speaks,
    quirks: { ...(info?.tools === false ? { tools: false as const } : {}), ...quirksFor(provider.name, model), ...provider.quirks },
    ...(provider.key === undefined ? {} : { key: provider.key }),
    ...(provider.headers === undefined ? {} : { headers: provider.headers }),
    ...(info === undefined ? {} : { info }),
  };
}

/** The catalogue's providers whose key is in the environment, in the catalogue's order. */
export function providersFromEnv(env: Readonly<Record<string, string | undefined>>): { readonly on: ProviderConfig[] } {
  const on: ProviderConfig[] = [];
  for (const provider of catalogue) {
    const found = keyFromEnv(provider, env);
    if (found === undefined) continue;
    const { speaks, speaksByModel } = addressesFor(provider, env);
    if (Object.keys(speaks).length === 0) continue;
    on.push({
      name: provider.name,
      speaks,
      ...(speaksByModel.length === 0 ? {} : { speaksByModel }),
      key: new Secret(found.key),
      ...(provider.headers === undefined ? {} : { headers: provider.headers }),
      needsKey: true,
      keyNames: provider.keys,
    });
  }
  return { on };
}
