import type { CancelSignal } from './cancel.ts';
import type { HeaderMap } from './dialect.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One HTTP request to a provider. `body` is sent as it is, in order, with a content-length. */
export type WireRequest = {
  readonly method: Method;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: readonly (Uint8Array | string)[];
  /** Milliseconds until the connection must stand, and until the response head must have come. */
  readonly connectMs: number;
  readonly headersMs: number;
  /** Aborted when the caller is gone or a deadline fired. */
  readonly signal: CancelSignal;
};

/** What a signature of the request can be made of. */
export type SignableRequest = Pick<WireRequest, 'method' | 'url' | 'headers' | 'body'>;

/** Receives a body as it comes. Exactly one of `end` and `fail` is called, once, last. */
export type ByteSink = {
  data(chunk: Uint8Array): void;
  end(): void;
  fail(error: unknown): void;
};

/**
 * A body that has not been read yet. Pushed, not pulled: no promise per chunk. `start` is called once; after `abort` nothing more is
 * delivered and the connection is thrown away.
 */
export type ByteSource = {
  start(sink: ByteSink): void;
  pause(): void;
  resume(): void;
  abort(): void;
};

export type WireAnswer = { readonly status: number; readonly headers: HeaderMap; readonly body: ByteSource };

/** The only I/O of the core. Rejects with a `GatewayError` (`upstream_unreachable`, `deadline_connect`, `deadline_headers`, `client_gone`). Never follows a redirect. */
export type Transport = (request: WireRequest) => Promise<WireAnswer>;
