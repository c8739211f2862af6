import type { HeaderMap } from '../core/dialect.ts';

/** Headers as the official clients take them; `null` removes one that would be sent, `undefined` says nothing. */
export type HeadersLike =
  | Headers
  | readonly (readonly [string, string | null | undefined])[]
  | Readonly<Record<string, string | readonly string[] | null | undefined>>
  | null
  | undefined;

/** Lower-case names to values; `null` where the caller wants none. A later source wins. */
export type HeaderWishes = Readonly<Record<string, string | null>>;

export function mergeHeaders(...sources: readonly HeadersLike[]): HeaderWishes {
  const merged: Record<string, string | null> = {};
  for (const source of sources) {
    for (const [name, value] of entriesOf(source)) {
      if (value !== undefined) merged[name.toLowerCase()] = value === null || typeof value === 'string' ? value : value.join(', ');
    }
  }
  return merged;
}

function entriesOf(source: HeadersLike): Iterable<readonly [string, string | readonly string[] | null | undefined]> {
  if (source === null || source === undefined) return [];
  return Symbol.iterator in source ? source : Object.entries(source);
}

/** Headers as an environment variable has them: `name: value`, one a line. Other lines are passed over. */
export function headerLines(text: string): HeadersLike {
  return text.split('\n').flatMap((line): [string, string][] => {
    const colon = line.indexOf(':');
    return colon < 1 ? [] : [[line.slice(0, colon).trim(), line.slice(colon + 1).trim()]];
  });
}

/** The headers to send: those that are wished for, without the removed ones. */
export function wanted(wishes: HeaderWishes): Record<string, string> {
  return Object.fromEntries(Object.entries(wishes).filter((entry): entry is [string, string] => entry[1] !== null));
}

/** Headers in the form that the core reads: lower-case names. */
export function toHeaderMap(headers: Headers): HeaderMap {
  const map: Record<string, string> = {};
  headers.forEach((value, name) => {
    map[name] = value;
  });
  return map;
}

/** Headers for a `Response`; what describes bytes that have changed since is left out. */
export function toHeaders(map: HeaderMap): Headers {
  const headers = new Headers();
  for (const name in map) {
    const value = map[name];
    if (value !== undefined && !describesBytes.test(name)) headers.set(name, value);
  }
  return headers;
}

const describesBytes = /^(?:content-encoding|content-length|transfer-encoding|connection|keep-alive)$/;
