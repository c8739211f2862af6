import type { Dialect } from '../core/dialect.ts';
import { type AuthScheme, type Quirks, Secret, type Target } from '../core/target.ts';
import { keyNames } from '../providers/key-names.ts';
import type { Directory } from '../providers/resolve.ts';
import type { FetchLike } from '../runtime/fetch-transport.ts';
import { type Environment, inBrowser, variable } from './environment.ts';
import type { ErrorFamily } from './failure.ts';
import { headerLines, type HeadersLike, type HeaderWishes, mergeHeaders, wanted } from './header-list.ts';
import { createLog, type Log, type LogOptions } from './log.ts';
import type { Query } from './page.ts';
import type { StreamFormat } from './stream.ts';

/** What sets one face apart from the other. */
export type Vendor = {
  /** As the catalogue names it. */
  readonly name: string;
  readonly front: Dialect;
  readonly family: ErrorFamily;
  readonly format: StreamFormat;
  /** Header in which the vendor gives a request's id. */
  readonly idHeader: string;
  readonly baseURL: string;
  readonly auth: AuthScheme;
  readonly modelsPath: string;
  /** Abilities without which the core would translate what the vendor takes as it is. */
  readonly quirks: Quirks;
};

/** Options that both faces take, under the official packages' names. */
export type CommonOptions = LogOptions & {
  /** Where everything goes, as it is. Default: the vendor's own address, and `provider/model` names go to their provider. */
  baseURL?: string | null | undefined;
  /** Milliseconds until the answer must have begun, and between two pieces of it. Default 600 000. */
  timeout?: number | undefined;
  /** Tries after the first. Default 2. */
  maxRetries?: number | undefined;
  /** Default: the global `fetch`. */
  fetch?: FetchLike | undefined;
  /** More of what `fetch` takes, for every request. */
  fetchOptions?: RequestInit | undefined;
  /** Sent with every request to the vendor or the `baseURL`; never to another provider. `null` removes a header. */
  defaultHeaders?: HeadersLike;
  defaultQuery?: Readonly<Record<string, string | undefined>> | undefined;
  /** Allows a browser, where everyone can read the key. Default false. */
  dangerouslyAllowBrowser?: boolean | undefined;
};

/** What a client's options and environment come to. Never changed. */
export type Connection = {
  readonly vendor: Vendor;
  readonly baseURL: string;
  /** Whether the base URL was given, so that everything goes there. */
  readonly explicit: boolean;
  /** Whether the vendor can be asked: a key, or a header that carries one. */
  readonly keyed: boolean;
  key(): Promise<Secret | undefined>;
  /** How the key is sent. */
  readonly auth: AuthScheme;
  readonly headers: HeaderWishes;
  readonly query: Query;
  readonly timeout: number;
  readonly maxRetries: number;
  readonly fetch: FetchLike;
  readonly fetchOptions: RequestInit;
  readonly env: Environment;
  readonly log: Log;
  directory(): Promise<Directory>;
};

/** A key, or a function that is asked for it before every call. */
export type ApiKey = string | (() => Promise<string>) | null | undefined;

export type Credentials = {
  /** The variable that the vendor's key is read from. */
  readonly keyName: string;
  /** The variable that holds the base URL. */
  readonly baseName: string;
  readonly key: ApiKey;
  /** The vendor's own headers: organisation, project, token. */
  readonly headers: HeadersLike;
};

/** Longest time that timers can count. */
export const longestTime = 2 ** 31 - 1;

export function createConnection(vendor: Vendor, options: CommonOptions, credentials: Credentials, env: Environment): Connection {
  const given = options.baseURL?.trim() || variable(env, credentials.baseName);
  const { baseURL, query } = splitQuery(given ?? vendor.baseURL);
  if (!URL.canParse(baseURL) || !/^https?:/.test(baseURL))
    throw vendor.family.misuse(`The base URL (baseURL or ${credentials.baseName}) must be an http:// or https:// URL.`);
  const own = vendor.name.toUpperCase();
  const headers = mergeHeaders(credentials.headers, headerLines(variable(env, `${own}_CUSTOM_HEADERS`) ?? ''), options.defaultHeaders);
  const key = typeof credentials.key === 'string' ? credentials.key.trim() || undefined : (credentials.key ?? undefined);
  const keyed = key !== undefined || carriesKey(headers);
  if (options.dangerouslyAllowBrowser !== true && inBrowser()) throw vendor.family.misuse(browserWarning);
  if (!keyed && given === undefined && !keyNames.some((name) => variable(env, name) !== undefined)) {
    throw vendor.family.misuse(missingKeys(credentials.keyName));
  }
  let directory: Promise<Directory> | undefined;
  return {
    vendor,
    baseURL,
    explicit: given !== undefined,
    keyed,
    key: async () => (key === undefined ? undefined : new Secret(typeof key === 'string' ? key : await askForKey(key, vendor.family))),
    // What a function gives is a token with an end, as in the official packages.
    auth: typeof key === 'function' ? 'bearer' : vendor.auth,
    headers,
    query: { ...query, ...options.defaultQuery },
    timeout: Math.min(options.timeout ?? 600_000, longestTime),
    maxRetries: options.maxRetries ?? 2,
    fetch: options.fetch ?? ((url, init) => globalThis.fetch(url, init)),
    fetchOptions: options.fetchOptions ?? {},
    env,
    log: createLog(options, `${own}_LOG`, env),
    directory: () => (directory ??= loadDirectory(env)),
  };
}

async function askForKey(ask: () => Promise<string>, family: ErrorFamily): Promise<string> {
  let key: string;
  try {
    key = await ask();
  } catch (cause) {
    throw family.misuse('The apiKey function failed.', cause);
  }
  if (typeof key !== 'string' || key === '') throw family.misuse('The apiKey function must return a string that is not empty.');
  return key;
}

/** The models data is large, and most programs never name another provider: it is loaded when one does. */
async function loadDirectory(env: Environment): Promise<Directory> {
  const { createDirectory, providersFromEnv } = await import('../providers/resolve.ts');
  return createDirectory({ providers: providersFromEnv(env).on });
}

/**
 * Where a call goes. An explicit base URL takes everything as it is; else `provider/model` of a provider in the catalogue goes there,
 * with that provider's key from the environment; else the vendor is asked, or, when it has no key, whoever serves the name.
 */
export async function destination(connection: Connection, model: string, wishes: HeaderWishes): Promise<Target> {
  const { vendor, explicit, keyed } = connection;
  if (explicit) return await homeTarget(connection, model, wishes);
  const at = model.indexOf('/');
  const provider = at === -1 ? undefined : (await import('../providers/catalog.ts')).findProvider(model.slice(0, at).toLowerCase());
  if (provider === undefined ? keyed : keyed && provider.name === vendor.name) {
    return await homeTarget(connection, provider === undefined ? model : model.slice(at + 1), wishes);
  }
  const { resolveModel } = await import('../providers/resolve.ts');
  const [target] = resolveModel(model, await connection.directory()).targets;
  return target ?? (await homeTarget(connection, model, wishes));
}

/** Whether the target is the vendor or the base URL, not another provider: the caller's own headers and query go there alone. */
export function isHome(connection: Connection, target: Target): boolean {
  return connection.explicit || (connection.keyed && target.provider === connection.vendor.name);
}

/** The vendor, or whoever answers at the base URL in its format. */
export async function homeTarget(connection: Connection, model: string, wishes: HeaderWishes): Promise<Target> {
  const { vendor, baseURL, explicit, auth } = connection;
  const key = carriesKey(wishes) ? undefined : await connection.key();
  return {
    provider: explicit ? new URL(baseURL).host : vendor.name,
    model,
    speaks: { [vendor.front.name]: { baseURL, auth } },
    quirks: vendor.quirks,
    headers: wanted(wishes),
    ...(key === undefined ? {} : { key }),
  };
}

/** Whether the caller's own headers carry the key, or say that none is to be sent. */
function carriesKey(headers: HeaderWishes): boolean {
  return headers['authorization'] !== undefined || headers['x-api-key'] !== undefined;
}

/** Some servers want a query on every call, and give it with their address. */
function splitQuery(text: string): { baseURL: string; query: Query } {
  const at = text.indexOf('?');
  return at === -1 ? { baseURL: text, query: {} } : { baseURL: text.slice(0, at), query: Object.fromEntries(new URLSearchParams(text.slice(at))) };
}

function missingKeys(keyName: string): string {
  const others = keyNames.filter((name) => name !== keyName);
  return `Missing credentials. Pass an apiKey or set ${keyName}; or set the key of another provider and ask for provider/model. None of these is set: ${[keyName, ...others].join(', ')}`;
}

const browserWarning =
  'This looks like a browser, where everyone who opens the page can read the key. If that is what you want, pass dangerouslyAllowBrowser: true; otherwise call from a server';
