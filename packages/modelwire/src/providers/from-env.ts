import type { DialectName } from '../core/ir.ts';
import type { Endpoint } from '../core/target.ts';
import type { Provider } from './catalog.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** A key of the environment, and the variable that it is known by. */
export type EnvKey = { readonly key: string; readonly variable: string };

function valueOf(env: Env, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === '' ? undefined : value;
}

/** The first of a provider's variables that is set; else its pair, put together as `auth` takes it. */
export function keyFromEnv({ keys, keyPair }: Pick<Provider, 'keys' | 'keyPair'>, env: Env): EnvKey | undefined {
  const variable = keys.find((name) => valueOf(env, name) !== undefined);
  if (variable !== undefined) return { key: valueOf(env, variable) ?? '', variable };
  const [id, secret, session] = keyPair ?? [];
  if (id === undefined || secret === undefined || session === undefined) return undefined;
  const [first, second, third] = [valueOf(env, id), valueOf(env, secret), valueOf(env, session)];
  if (first === undefined || second === undefined) return undefined;
  return { key: [first, second, ...(third === undefined ? [] : [third])].join(':'), variable: id };
}

/** A provider's addresses, with what the environment says of them; what it does not say is as usual. */
export function endpointsFor({ speaks, places = [] }: Pick<Provider, 'speaks' | 'places'>, env: Env): Provider['speaks'] {
  if (places.length === 0) return speaks;
  const filled = (baseURL: string): string =>
    places.reduce((url, { name, variables, otherwise }) => {
      const value = variables.map((variable) => valueOf(env, variable)).find((text) => text !== undefined && plain.test(text));
      return url.replaceAll(`{${name}}`, value ?? otherwise);
    }, baseURL);
  const entries = Object.entries(speaks) as readonly [DialectName, Endpoint][];
  return Object.fromEntries(entries.map(([dialect, endpoint]) => [dialect, { ...endpoint, baseURL: filled(endpoint.baseURL) }]));
}

/** What may stand in a host name: nobody's variable leads a key to another host. */
const plain = /^[a-z0-9-]+$/i;
