import type { Origin } from '../http/client.ts';

/** A URL as the engines want it. */
export type SplitUrl = { readonly origin: string; readonly at: Origin; readonly path: string };

const mostKept = 100;

/** The few URLs of a provider are parsed once. */
export function createSplitter(): (url: string) => SplitUrl {
  const urls = new Map<string, SplitUrl>();
  return (url) => {
    const known = urls.get(url);
    if (known !== undefined) return known;
    const { origin, pathname, search, protocol, hostname, port } = new URL(url);
    const secure = protocol === 'https:';
    const at = { secure, host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? (secure ? 443 : 80) : Number(port) };
    const split = { origin, at, path: pathname + search };
    if (urls.size < mostKept) urls.set(url, split);
    return split;
  };
}
