import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { type ClientRequest, get as getPlain, type IncomingMessage, type RequestOptions } from 'node:http';
import { get as getSecure } from 'node:https';
import { isIP } from 'node:net';
import { GatewayError } from 'modelwire/internal/core/errors';
import { type FetchMedia, type Media, MediaError, type MediaKind } from 'modelwire/internal/core/media';
import type { MediaSettings } from '../config/config.ts';
import { isPublicAddress } from './public-address.ts';

/** Fetches images and documents by addresses that callers give: from the hosts that the configuration allows, and from no other. */

export type MediaOptions = {
  /** Asked for every fetch. */
  settings(): MediaSettings;
  readonly userAgent: string;
  /** Default: the system's. */
  readonly lookup?: typeof systemLookup;
  /** Milliseconds for one file, redirects included. Default 15 s. */
  readonly limitMs?: number;
};

const mostRedirects = 3;
/** Fetches at once, and waiting for their turn. */
const [mostFetches, mostWaiting] = [8, 200];

export function createMediaFetch(options: MediaOptions): FetchMedia {
  const cache = createCache();
  const turns = createTurns();
  return async (url, kind, signal) => {
    if (signal.aborted) throw signal.reason ?? new GatewayError('client_gone', 'the caller has gone');
    const settings = options.settings();
    // What is kept here is not for those who may no longer ask for it.
    checkedURL(url, settings);
    const known = cache.get(url);
    // A file of the other kind is judged anew.
    const media =
      known ??
      cache.keep(
        url,
        turns(() => fetchFile(url, options)),
      );
    let leave: (() => void) | undefined;
    const gone = new Promise<never>((_, reject) => {
      leave = signal.onAbort(() => reject(signal.reason ?? new GatewayError('client_gone', 'the caller has gone')));
    });
    try {
      return judged(await Promise.race([media, gone]), kind);
    } finally {
      leave?.();
    }
  };
}

function judged(media: Media, kind: MediaKind): Media {
  const isDocument = media.mediaType === 'application/pdf';
  if (isDocument === (kind === 'document')) return media;
  throw new MediaError(kind === 'document' ? 'it is no PDF' : 'it is no image but a PDF');
}

async function fetchFile(url: string, options: MediaOptions): Promise<Media> {
  const settings = options.settings();
  const until = Date.now() + (options.limitMs ?? 15_000);
  let at = url;
  for (let redirects = 0; redirects <= mostRedirects; redirects++) {
    const answer = await fetchOnce(checkedURL(at, settings), { ...options, size: settings.size }, until);
    if ('bytes' in answer) return { mediaType: typeOf(answer.bytes), data: answer.bytes.toString('base64') };
    const next = URL.parse(answer.location, at);
    if (next === null || (next.protocol === 'http:' && at.startsWith('https:')))
      throw new MediaError('its server sends elsewhere, to where it is not followed');
    at = next.href;
  }
  throw new MediaError(`its server sends elsewhere more than ${mostRedirects} times`);
}

type Checked = { readonly url: URL; /** The host is named in the configuration, so its address may be any. */ readonly isNamed: boolean };

function checkedURL(text: string, { fetch }: MediaSettings): Checked {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) throw new MediaError('the address is not an http:// or https:// URL');
  if (url.username !== '' || url.password !== '') throw new MediaError('the address holds a user or a password');
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (fetch === 'off') throw new MediaError('nothing is fetched here');
  if (fetch !== 'public') {
    if (fetch.some((pattern) => isNamed(host, pattern))) return { url, isNamed: true };
    throw new MediaError('its host is not one that media.fetch in the configuration names');
  }
  if (url.port !== '') throw new MediaError('the address names a port');
  // A name is looked at once its addresses are known.
  if (isIP(host) !== 0 && !isPublicAddress(host)) throw notPublic();
  return { url, isNamed: false };
}

function isNamed(host: string, pattern: string): boolean {
  return pattern.startsWith('*.') ? host.endsWith(pattern.slice(1).toLowerCase()) : host === pattern.toLowerCase();
}

function notPublic(): MediaError {
  return new MediaError('its host is not on the public internet');
}

type Answered = { readonly bytes: Buffer } | { readonly location: string };

function fetchOnce({ url, isNamed: anyAddress }: Checked, options: MediaOptions & Pick<MediaSettings, 'size'>, until: number): Promise<Answered> {
  const { size } = options;
  return new Promise((resolve, reject) => {
    let request: ClientRequest | undefined;
    const settle = (finish: () => void): void => {
      clearTimeout(timer);
      finish();
      request?.destroy();
    };
    const fail = (error: MediaError): void => settle(() => reject(error));
    const timer = setTimeout(() => fail(new MediaError('it takes too long')), Math.max(0, until - Date.now()));
    const requestOptions: RequestOptions = {
      agent: false,
      headers: { accept: 'image/*, application/pdf', 'accept-encoding': 'identity', 'user-agent': options.userAgent },
      lookup: guardedLookup(anyAddress, options.lookup ?? systemLookup),
    };
    const onResponse = (response: IncomingMessage): void => {
      const { statusCode: status = 0, headers } = response;
      if (status >= 300 && status < 400 && headers.location !== undefined) {
        const { location } = headers;
        return settle(() => resolve({ location }));
      }
      if (status !== 200) return fail(new MediaError(`its server answers ${status}`));
      if ((headers['content-encoding'] ?? 'identity') !== 'identity') return fail(new MediaError('it comes compressed'));
      if (Number(headers['content-length'] ?? 0) > size) return fail(tooLarge(size));
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > size) return fail(tooLarge(size));
        chunks.push(chunk);
      });
      response.on('end', () => settle(() => (response.complete ? resolve({ bytes: Buffer.concat(chunks) }) : reject(new MediaError('it broke off')))));
      response.on('error', () => fail(new MediaError('it broke off')));
    };
    request = (url.protocol === 'https:' ? getSecure : getPlain)(url, requestOptions, onResponse);
    // What was wrong below says more of a network than a caller should learn.
    request.on('error', (error) => fail(error instanceof MediaError ? error : new MediaError('its server cannot be reached')));
  });
}

function tooLarge(size: number): MediaError {
  return new MediaError(`it is larger than ${size} bytes`);
}

/** What a name leads to is judged where the connection is made, so that no second answer of a name server can lead elsewhere. */
function guardedLookup(anyAddress: boolean, lookup: typeof systemLookup): NonNullable<RequestOptions['lookup']> {
  return (host, given, callback) => {
    lookup(host, { ...given, all: true }, (error, found) => {
      const addresses: readonly LookupAddress[] = Array.isArray(found) ? found : [];
      const [first] = addresses;
      const refused = error ?? (first === undefined ? new MediaError('its host has no address') : undefined);
      if (refused !== undefined || first === undefined) return callback(refused ?? null, '', 4);
      if (!anyAddress && !addresses.every(({ address }) => isPublicAddress(address))) return callback(notPublic(), '', 4);
      return given.all === true ? callback(null, [...addresses]) : callback(null, first.address, first.family);
    });
  };
}

/** By the first bytes: what a server says of a file is not believed. */
function typeOf(bytes: Buffer): string {
  const start = bytes.toString('latin1', 0, 16);
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (start.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (/^GIF8[79]a/.test(start)) return 'image/gif';
  if (/^RIFF[^]{4}WEBP/.test(start)) return 'image/webp';
  if (start.startsWith('%PDF-')) return 'application/pdf';
  throw new MediaError('it is no PNG, JPEG, GIF or WebP image and no PDF');
}

const cacheMs = 10 * 60_000;
const cacheBytes = 64 * 1024 * 1024;

/** The same picture comes with every turn of a conversation, and must be the same bytes each time for a provider's cache to hold. */
function createCache() {
  const held = new Map<string, { readonly media: Promise<Media>; readonly at: number; size: number }>();
  let total = 0;
  const drop = (url: string): void => {
    total -= held.get(url)?.size ?? 0;
    held.delete(url);
  };
  return {
    get(url: string): Promise<Media> | undefined {
      const known = held.get(url);
      if (known === undefined || known.at + cacheMs > Date.now()) return known?.media;
      drop(url);
      return undefined;
    },
    keep(url: string, media: Promise<Media>): Promise<Media> {
      const entry = { media, at: Date.now(), size: 0 };
      held.set(url, entry);
      media.then(
        ({ data }) => {
          if (held.get(url) !== entry) return;
          entry.size = data.length;
          total += data.length;
          for (const oldest of held.keys()) if (total > cacheBytes) drop(oldest);
        },
        () => {
          if (held.get(url) === entry) held.delete(url);
        },
      );
      return media;
    },
  };
}

function createTurns() {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async <T>(run: () => Promise<T>): Promise<T> => {
    if (running >= mostFetches) {
      if (waiting.length >= mostWaiting) throw new GatewayError('overloaded', 'too many images are being fetched', { retryAfter: 1 });
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    running++;
    try {
      return await run();
    } finally {
      running--;
      waiting.shift()?.();
    }
  };
}
