import type { HeaderMap } from 'modelwire/internal/core/dialect';
import { GatewayError } from 'modelwire/internal/core/errors';

const loopbackHosts = new Set(['localhost', '127.0.0.1', '[::1]', '::1']);

/**
 * Without keys anyone who reaches the socket may spend money, and a web page in a browser on this machine reaches it. So a keyless
 * server refuses what a page of another site would send: a foreign `Host` (DNS rebinding), a foreign `Origin`, a cross-site fetch.
 */
export function refuseCrossSite(headers: HeaderMap, allowedHosts: readonly string[]): void {
  const host = hostName(headers['host']);
  const known = (name: string | undefined): boolean => name !== undefined && (loopbackHosts.has(name) || allowedHosts.includes(name));
  if (host !== undefined && !known(host)) throw refusal(`the host "${host.slice(0, 100)}"`);
  const origin = headers['origin'];
  if (origin !== undefined && origin !== 'null' && !known(originHost(origin))) throw refusal(`the origin "${origin.slice(0, 100)}"`);
  if (origin === 'null' || headers['sec-fetch-site']?.toLowerCase() === 'cross-site') throw refusal('a web page of another site');
}

function refusal(who: string): GatewayError {
  return new GatewayError('cross_site_refused', `${who} may not use a gateway without keys`, {
    hint: 'Configure keys, or add the host to server.allowedHosts',
  });
}

function hostName(host: string | undefined): string | undefined {
  if (host === undefined) return undefined;
  return host.startsWith('[') ? host.slice(0, host.indexOf(']') + 1).toLowerCase() : (host.split(':')[0] ?? '').toLowerCase();
}

function originHost(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).hostname.toLowerCase() : undefined;
}
