import type { DialectName } from 'modelwire/internal/core/ir';
import { type AuthScheme, type Endpoint, usualAuth } from 'modelwire/internal/core/target';
import { defined } from 'modelwire/internal/core/defined';
import { findProvider, type Provider, providers as catalogue } from 'modelwire/internal/providers/catalog';
import { addressesFor } from 'modelwire/internal/providers/from-env';
import { nearestName } from 'modelwire/internal/providers/nearest-name';
import type { ProviderConfig } from 'modelwire/internal/providers/resolve';
import type { NetworkSettings, ProviderOrigin } from './config.ts';
import { keyOf, type ProviderScope } from './provider-key.ts';
import type { ConfigFile } from './schema.ts';

type Entry = NonNullable<NonNullable<ConfigFile['providers']>[string]>;
type Catalogued = (Provider & { readonly missing: readonly string[] }) | undefined;
type Speaks = ProviderConfig['speaks'];

/** A provider of the file, ready for the directory. */
export type ConfiguredProvider = { readonly config: ProviderConfig; readonly origin?: ProviderOrigin; readonly network?: NetworkSettings };

/** Names that are not the file's to give away: these providers have settings of their own. */
const builtIn: Readonly<Record<string, string>> = {
  local: 'is the embedded model: its settings are under "local"',
  mock: 'is the scripted provider: switch it on with "mock: true"',
};

/** The providers of the file in its order, without those that are switched off. What cannot work is a problem. */
export function configuredProviders(scope: ProviderScope): readonly ConfiguredProvider[] {
  const entries = Object.entries(scope.file.values.providers ?? {});
  return entries.flatMap(([name, entry]) => (entry?.enabled === false ? [] : (configuredProvider(name, entry ?? {}, scope) ?? [])));
}

function configuredProvider(name: string, entry: Entry, scope: ProviderScope): ConfiguredProvider | undefined {
  const listed = findProvider(name);
  const addresses = listed === undefined ? undefined : addressesFor(listed, scope.layered.env);
  const known = listed === undefined || addresses === undefined ? undefined : { ...listed, ...addresses };
  const fault = builtIn[name] ?? (known === undefined ? unknownFault(name, entry) : undefined);
  if (fault !== undefined) {
    scope.problems.push(scope.file.problem(['providers', name], fault, 'key'));
    return undefined;
  }
  const { key, origin, needsKey, keyNames } = keyOf(name, entry.key, known, scope);
  const speaks = endpointsOf(name, entry, { known, keyless: !needsKey }, scope);
  if (speaks === undefined) return undefined;
  const config: ProviderConfig = defined({
    name,
    speaks,
    speaksByModel: entry.speaks === undefined && entry.baseURL === undefined ? addresses?.speaksByModel : undefined,
    needsKey,
    keyNames,
    key,
    quirks: entry.quirks === undefined || entry.quirks === null ? undefined : defined({ ...entry.quirks }),
    headers: entry.headers === undefined || entry.headers === null ? known?.headers : { ...known?.headers, ...entry.headers },
    models: entry.models ?? undefined,
  });
  return defined({ config, origin, network: networkOf(entry) });
}

/** A name that the catalogue has not needs its address; a slip in a known name is likelier than a provider without one. */
function unknownFault(name: string, entry: Entry): string | undefined {
  const addressed = entry.baseURL !== undefined || (entry.speaks !== undefined && !Array.isArray(entry.speaks));
  if (addressed) return undefined;
  const near = nearestName(
    name,
    catalogue.map((provider) => provider.name),
  );
  return near === undefined
    ? 'is not a known provider: give its baseURL (and what it speaks)'
    : `is not a known provider, did you mean "${near}"? (any other needs baseURL)`;
}

/** Where it speaks what: a map says it outright; a list or a lone baseURL is completed from the catalogue. */
function endpointsOf(name: string, entry: Entry, how: { readonly known: Catalogued; readonly keyless: boolean }, scope: ProviderScope): Speaks | undefined {
  const { known, keyless } = how;
  const endpoint = (dialect: DialectName, baseURL: string, form?: Endpoint): Endpoint => ({ ...form, baseURL, auth: authOf(dialect, entry, known, keyless) });
  const mapped = entry.speaks !== undefined && !Array.isArray(entry.speaks) ? defined({ ...entry.speaks }) : undefined;
  if (mapped !== undefined) {
    if (entry.baseURL !== undefined) return refuse(scope, [name, 'baseURL'], 'is given twice: speaks already says where each format is');
    const pairs = (Object.entries(mapped) as [DialectName, string][]).map(([dialect, baseURL]) => [dialect, endpoint(dialect, baseURL)] as const);
    return pairs.length === 0 ? refuse(scope, [name, 'speaks'], 'must name at least one format') : Object.fromEntries(pairs);
  }
  const listed = Array.isArray(entry.speaks) ? (entry.speaks as readonly DialectName[]) : undefined;
  if (entry.baseURL !== undefined) {
    const { baseURL } = entry;
    // Another address of a known provider is sure to speak only its first format: the others have paths of their own.
    const dialects = listed ?? (Object.keys(known?.speaks ?? { 'openai-chat': 0 }).slice(0, 1) as DialectName[]);
    return Object.fromEntries(dialects.map((dialect) => [dialect, endpoint(dialect, baseURL)]));
  }
  const own = known?.speaks ?? {};
  const unset = Object.keys(own).length === 0 ? (known?.missing ?? []) : [];
  if (unset.length > 0) return refuse(scope, [name], `has no address: set ${unset.join(' and ')}, or give its baseURL`);
  const missing = (listed ?? []).find((dialect) => own[dialect] === undefined);
  if (missing !== undefined)
    return refuse(scope, [name, 'speaks'], `${name} is not known to speak ${missing}: give its base URL there (speaks: { ${missing}: "https://…" })`);
  const dialects = listed ?? (Object.keys(own) as DialectName[]);
  return Object.fromEntries(
    dialects.flatMap((dialect) => (own[dialect] === undefined ? [] : [[dialect, endpoint(dialect, own[dialect].baseURL, own[dialect])]])),
  );
}

function refuse(scope: ProviderScope, path: readonly string[], message: string): undefined {
  scope.problems.push(scope.file.problem(['providers', ...path], message, path.length === 1 ? 'key' : undefined));
  return undefined;
}

function authOf(dialect: DialectName, entry: Entry, known: Catalogued, keyless: boolean): AuthScheme {
  if (keyless) return 'none';
  const own = known?.speaks[dialect]?.auth;
  // A key that was given is meant to be sent, also to a provider that usually asks for none.
  return entry.auth ?? (own === undefined || own === 'none' ? usualAuth[dialect] : own);
}

function networkOf({ proxy, caFile }: Entry): NetworkSettings | undefined {
  return proxy === undefined && caFile === undefined ? undefined : defined({ proxy, caFile });
}
