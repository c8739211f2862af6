import { GatewayError } from '../core/errors.ts';
import type { DialectName } from '../core/ir.ts';
import { isObject } from '../core/json-text.ts';
import { type AuthScheme, type Endpoint, type Quirks, Secret, usualAuth } from '../core/target.ts';
import { dialectNames, isDialect } from '../dialects/index.ts';
import { findProvider, type Provider, providers as catalogue } from '../providers/catalog.ts';
import { addressesFor, keyFromEnv } from '../providers/from-env.ts';
import { createDirectory, type Directory, nearestName, type ProviderConfig, providersFromEnv, type Route } from '../providers/resolve.ts';
import type { Environment } from './environment.ts';

/** A provider: one of the catalogue by its name, or any other by its address. */
export type ProviderOptions = {
  /** The formats that it speaks; with an address each when they differ. Default: the catalogue's, else `openai-chat`. */
  readonly speaks?: readonly DialectName[] | Readonly<Partial<Record<DialectName, string>>>;
  /** What the official SDK of its format takes. */
  readonly baseURL?: string;
  /** `'none'` sends none. Default: the catalogue's variable in the environment. */
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Models that it serves, besides those of the catalogue. */
  readonly models?: readonly string[];
  readonly quirks?: Quirks;
};

/** A name, or a pattern with `*`, and where it leads: `provider/model`, `provider/*`, or another route. The first that can answer is used. */
export type RouteOptions = { readonly targets: readonly (string | { readonly model: string })[] };

/** Providers and routes, as in the gateway's configuration file. */
export type FetchConfig = {
  readonly providers?: Readonly<Record<string, ProviderOptions>>;
  readonly routes?: Readonly<Record<string, RouteOptions>>;
};

/** Everything that a name can resolve to: the configuration's providers first, then those whose key is in the environment. */
export function directoryOf(config: FetchConfig, env: Environment): Directory {
  checkKeys('', config, ['providers', 'routes']);
  const configured = Object.entries(config.providers ?? {}).map(([name, options]) => providerOf(name, options, env));
  const routes = Object.entries(config.routes ?? {}).map(([name, options]) => routeOf(name, options));
  return createDirectory({ providers: [...configured, ...providersFromEnv(env).on], routes });
}

function wrong(path: string, what: string): GatewayError {
  return new GatewayError('invalid_request', `config.${path} ${what}`, { param: path });
}

function checkKeys(path: string, value: unknown, known: readonly string[]): void {
  if (!isObject(value)) throw wrong(path, 'must be an object');
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    const near = nearestName(key, known);
    throw wrong(
      path === '' ? key : `${path}.${key}`,
      near === undefined ? `is not known; known are ${known.join(', ')}` : `is not known, did you mean "${near}"?`,
    );
  }
}

function providerOf(name: string, options: ProviderOptions, env: Environment): ProviderConfig {
  const path = `providers.${name}`;
  checkKeys(path, options, ['speaks', 'baseURL', 'key', 'headers', 'models', 'quirks']);
  if (name !== name.toLowerCase() || /[/:\s*]/.test(name)) throw wrong(path, 'must be named in lower case, without slash, colon, star or space');
  const known = findProvider(name);
  const keyNames = known?.keys ?? [];
  const addresses = known === undefined ? undefined : addressesFor(known, env);
  const key = options.key ?? (known === undefined ? undefined : keyFromEnv(known, env)?.key);
  const keyless = options.key === 'none' || (options.key === undefined && known?.local === true);
  if (!keyless && known === undefined && key === undefined) throw wrong(`${path}.key`, "is missing; give key: 'none' if the provider asks for none");
  const headers = options.headers ?? known?.headers;
  return {
    name,
    speaks: endpointsOf(path, options, { known: known === undefined ? undefined : { ...known, ...addresses }, keyless }),
    ...(addresses === undefined || options.speaks !== undefined || options.baseURL !== undefined ? {} : { speaksByModel: addresses.speaksByModel }),
    needsKey: !keyless,
    keyNames,
    ...(keyless || key === undefined || key.trim() === '' ? {} : { key: new Secret(key.trim()) }),
    ...(headers === undefined ? {} : { headers }),
    ...(options.models === undefined ? {} : { models: options.models }),
    ...(options.quirks === undefined ? {} : { quirks: options.quirks }),
  };
}

type Speaks = ProviderConfig['speaks'];
type Background = { readonly known: Provider | undefined; readonly keyless: boolean };

function endpointsOf(path: string, { speaks, baseURL }: ProviderOptions, { known, keyless }: Background): Speaks {
  const usual = Object.keys(baseURL === undefined ? (known?.speaks ?? {}) : { 'openai-chat': baseURL });
  const given: Readonly<Partial<Record<DialectName, string>>> = isObject(speaks) ? speaks : {};
  const listed: readonly string[] = isObject(speaks) ? Object.keys(speaks) : (speaks ?? usual);
  if (listed.length === 0) throw wrong(path, unknownProvider(path, known));
  const endpoints: Partial<Record<DialectName, Endpoint>> = {};
  for (const name of listed) {
    if (!isDialect(name)) throw wrong(`${path}.speaks`, `holds "${name}"; known are ${dialectNames.join(', ')}`);
    const address = given[name] ?? baseURL ?? known?.speaks[name]?.baseURL;
    if (address === undefined) throw wrong(path, unknownProvider(path, known));
    if (!URL.canParse(address) || !/^https?:/.test(address)) throw wrong(`${path}.baseURL`, 'must be an http:// or https:// URL');
    endpoints[name] = {
      ...(baseURL === undefined && given[name] === undefined ? known?.speaks[name] : {}),
      baseURL: address,
      auth: keyless ? 'none' : authOf(name, known),
    };
  }
  return endpoints;
}

function unknownProvider(path: string, known: Provider | undefined): string {
  if (known !== undefined) return 'has no address for that format; give its baseURL, or set the variables that its address is made of (docs/providers.md)';
  const near = nearestName(
    path.slice('providers.'.length),
    catalogue.map((provider) => provider.name),
  );
  return `is not in the catalogue; ${near === undefined ? '' : `did you mean "${near}"? Otherwise `}give its baseURL`;
}

function authOf(dialect: DialectName, known: Provider | undefined): AuthScheme {
  const usual = known?.speaks[dialect]?.auth;
  if (usual !== undefined && usual !== 'none') return usual;
  return usualAuth[dialect];
}

function routeOf(name: string, options: RouteOptions): Route {
  const path = `routes.${name}`;
  checkKeys(path, options, ['targets']);
  if (!Array.isArray(options.targets) || options.targets.length === 0) throw wrong(`${path}.targets`, 'must be a list of at least one provider/model');
  return { name, targets: options.targets.map((target, index) => targetName(target, `${path}.targets[${index}]`)) };
}

function targetName(target: unknown, path: string): string {
  const name = isObject(target) ? target['model'] : target;
  if (typeof name !== 'string' || name === '') throw wrong(path, 'must be provider/model');
  return name;
}
