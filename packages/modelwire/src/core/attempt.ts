import type { CancelSignal } from './cancel.ts';
import type { Deadlines } from './deadline.ts';
import type { Context, Dialect, HeaderMap, Operation, SseEvent } from './dialect.ts';
import type { EmbeddingFormat } from './embedding.ts';
import type { GatewayError } from './errors.ts';
import type { Step } from './event.ts';
import type { DialectName, Usage } from './ir.ts';
import type { FetchMedia } from './media.ts';
import type { Fidelity, Note } from './notes.ts';
import type { Chunk, ChunkSource } from './pump.ts';
import type { AuthScheme, Endpoint, Secret, Target } from './target.ts';
import type { TopLevel } from './top-level.ts';
import type { SignableRequest, Method, Transport } from './transport.ts';

/** Time, chance, ids, timers and the network: everything a call needs from outside comes in here. */
export type World = {
  /** Milliseconds since the epoch. */
  now(): number;
  /** 0 ≤ n < 1. */
  random(): number;
  newId(prefix: string): string;
  /** Runs `run` after `ms`; the returned function cancels it. */
  after(ms: number, run: () => void): () => void;
  transport(target: Target): Transport;
  /** Splits a provider's stream into events. */
  frames(): Step<Uint8Array, SseEvent>;
  /** What turns a body of this type, when it is a stream in another framing, into server-sent events. */
  toEvents(contentType: string): Step<Uint8Array, Uint8Array> | undefined;
  /** The headers that carry the key, or sign the request with it. `now` as above. */
  authorize(scheme: AuthScheme, key: Secret | undefined, request: SignableRequest, now: number): AuthHeaders | Promise<AuthHeaders>;
  /** At once when it is loaded. */
  dialect(name: DialectName): Dialect | Promise<Dialect>;
  /** Fetches what a target does not take by its address. Default: such a call is refused. */
  readonly fetchMedia?: FetchMedia;
  /** How a dialect asks for embeddings; undefined when it has none. */
  embeddings(name: DialectName): EmbeddingFormat | Promise<EmbeddingFormat> | undefined;
};

export type AuthHeaders = Readonly<Record<string, string>>;

/** One client request, understood as far as its top level. */
export type Call = {
  readonly id: string;
  readonly front: Dialect;
  readonly operation: Operation;
  readonly top: TopLevel;
  /** What is sent, where the operation is `pass_through`. */
  readonly pass?: PassThrough;
  /** The caller's headers, lower-case names. */
  readonly headers: HeaderMap;
  readonly stream: boolean;
  readonly fidelity: Fidelity;
  readonly deadlines: Deadlines;
  /** Aborted with a `GatewayError` as its reason: the caller is gone, or the total deadline has passed. */
  readonly signal: CancelSignal;
  /** The caller holds the provider's key itself (the library): a relayed error event passes in the provider's own words, uncleaned. */
  readonly ownKey?: boolean;
  /** Whether the usage of a stream must be known even when the caller did not ask for it. */
  readonly wantUsage: boolean;
  /** Milliseconds of silence after which a stream gets a keep-alive; 0: never. */
  readonly pingMs: number;
};

/** A request that is neither translated nor read. */
export type PassThrough = {
  readonly method: Method;
  /** Below the endpoint's base URL, with the query. */
  readonly path: string;
  /** Of the caller's, those that go on. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: readonly (Uint8Array | string)[];
  /** `true`: what comes back is an answer of the model, whose state is sealed as that of any other. */
  readonly answers?: true;
};

/** What became of one attempt; filled while the answer flows, complete when `endedAt` is set. */
export type Attempt = {
  readonly target: Target;
  readonly startedAt: number;
  mode: 'relay' | 'translate';
  back: DialectName | undefined;
  /** HTTP status of the provider's answer. */
  status?: number;
  upstreamRequestId?: string;
  firstByteAt?: number;
  firstContentAt?: number;
  endedAt?: number;
  usage?: Usage;
  /** The finish reason in the provider's words. */
  finish?: string;
  error?: GatewayError;
  notes: readonly Note[];
};

/** The answer to the caller, committed: its status will not change any more. */
export type Answer = {
  /** 200, or what a provider says of what is passed through: 201, 204. */
  readonly status: number;
  readonly contentType: string;
  /** A whole body, or a stream of chunks that is still flowing. */
  readonly body: { readonly kind: 'whole'; readonly chunks: readonly Chunk[] } | { readonly kind: 'stream'; readonly source: ChunkSource };
  /** Provider headers that callers may see: rate limits and request ids. */
  readonly headers: Readonly<Record<string, string>>;
};

/** What relay and translation share of an attempt. */
export type AttemptScope = {
  readonly call: Call;
  readonly world: World;
  readonly target: Target;
  readonly back: Dialect;
  readonly endpoint: Endpoint;
  readonly context: Context;
  readonly attempt: Attempt;
};
