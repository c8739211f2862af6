import type { Transport } from 'modelwire/internal/core/transport';
import type { Way } from './connections.ts';
import { sendLean } from './lean-transport.ts';
import { createSplitter } from './split-url.ts';

export type HttpTransportOptions = {
  /** How the provider is reached now; what it needs may be loaded at first use. */
  way(): Way | Promise<Way>;
  /** The provider's name, for errors. */
  readonly provider: string;
};

/** HTTP to a provider. Never follows a redirect. */
export function httpTransport({ way, provider }: HttpTransportOptions): Transport {
  const split = createSplitter();
  return (request) => {
    const url = split(request.url);
    const now = way();
    if (now instanceof Promise) return now.then((ready) => sendBy(ready));
    return sendBy(now);

    function sendBy(ready: Way) {
      return ready.kind === 'lean'
        ? sendLean(ready.client(url.origin, url.at), request, url.path, provider)
        : ready.send(ready.dispatcher, { ...request, headers: { ...request.headers, ...ready.headers } }, url, provider);
    }
  };
}
