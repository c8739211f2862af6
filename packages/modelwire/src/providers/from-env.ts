import type { DialectName } from '../core/ir.ts';
import type { Endpoint } from '../core/target.ts';
import type { Place, Provider, Speaks } from './catalog.ts';

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

/** What a provider speaks where, with what the environment says of its addresses; those that still lack something are left out. */
export type Addresses = {
  readonly speaks: Speaks;
  readonly speaksByModel: NonNullable<Provider['speaksByModel']>;
  /** Variables that one of must be set. */ readonly missing: readonly string[];
};

export function addressesFor({ speaks, speaksByModel = [], places = [] }: Pick<Provider, 'speaks' | 'speaksByModel' | 'places'>, env: Env): Addresses {
  if (places.length === 0) return { speaks, speaksByModel, missing: [] };
  const values = places.map((place) => [place.name, placeFrom(place, env)] as const);
  const filled = (endpoints: Speaks): Speaks => {
    const entries = Object.entries(endpoints) as readonly [DialectName, Endpoint][];
    return Object.fromEntries(
      entries.flatMap(([dialect, endpoint]) => {
        const lacks = values.some(([name, value]) => value === undefined && endpoint.baseURL.includes(`{${name}}`));
        const baseURL = values.reduce((url, [name, value = '']) => url.replaceAll(`{${name}}`, value), endpoint.baseURL);
        return lacks ? [] : [[dialect, { ...endpoint, baseURL }]];
      }),
    );
  };
  return {
    speaks: filled(speaks),
    speaksByModel: speaksByModel.map(({ match, speaks: own }) => ({ match, speaks: filled(own) })),
    missing: places.filter((place) => placeFrom(place, env) === undefined).flatMap(({ variables }) => variables.slice(0, 1)),
  };
}

function placeFrom({ variables, otherwise, suffix = '', spelled = {} }: Place, env: Env): string | undefined {
  const value = variables.map((variable) => valueOf(env, variable)).find((text) => text !== undefined && plain.test(text));
  if (value === undefined) return otherwise;
  return Object.hasOwn(spelled, value) ? spelled[value] : value + suffix;
}

/** What may stand in a host name: nobody's variable leads a key to another host. */
const plain = /^[a-z0-9-]+$/i;
