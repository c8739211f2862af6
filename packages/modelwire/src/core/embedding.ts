import type { Context, TopLevelEdit } from './dialect.ts';
import type { Extra, RawJson, Usage } from './ir.ts';
import type { JsonText } from './json-text.ts';
import type { TopLevel } from './top-level.ts';
import type { OfficialTypes, Shape } from './verdicts.ts';

/**
 * Embeddings are an operation of their own beside chat: texts in, vectors out, no stream. They have their own neutral form and take the
 * same path (`core/call.ts`): target, relay or translation, retry, deadlines, record.
 */
export type EmbedRequest = {
  readonly inputs: readonly EmbedInput[];
  /** Length of the vectors. Default: the model's own. */
  readonly dimensions?: number;
  readonly task?: EmbedTask;
  /** What of a text that is too long is left out; `none`: it is an error. Default: the provider's own. */
  readonly truncate?: 'start' | 'end' | 'none';
  /** An opaque, stable id of the end user. */
  readonly endUser?: string;
  /** The caller's own spelling of a field, for notes and errors. */
  readonly names: Readonly<Record<string, string>>;
  readonly ext: readonly Extra[];
};

/** One thing to be turned into a vector. `tokens` are ids of the provider's own tokenizer, as source text. */
export type EmbedInput =
  | { readonly kind: 'text'; readonly text: string; readonly at: string }
  | { readonly kind: 'tokens'; readonly raw: RawJson; readonly at: string };

/** What the vectors are for, where a format says it. */
export type EmbedTask = 'query' | 'document' | 'similarity' | 'classification' | 'clustering' | 'question' | 'fact' | 'code';

export type Vector = readonly number[];

/** One vector an input, in their order. */
export type EmbedReply = {
  readonly vectors: readonly Vector[];
  /** The model that the provider says it used. */
  readonly model?: string;
  readonly usage?: Usage;
};

/** A reply with the tokens that the provider counted, or an estimate of them. */
export type CountedReply = EmbedReply & { readonly usage: Usage };

/** A request that the front has understood, and its answer as the caller's JSON. */
export type AcceptedEmbedding = { readonly request: EmbedRequest; reply(reply: CountedReply): string };

export type PreparedEmbedding = {
  /** Below the endpoint's base URL. */
  readonly path: string;
  readonly body: RawJson;
  /** The answer read; throws `upstream_invalid_response` for what is none. */
  reply(value: unknown): EmbedReply;
};

export type EmbeddingFront = {
  /** Throws 400 naming the field for what the byte scan of the top level can see. */
  check(top: TopLevel): void;
  accept(body: JsonText, context: Context): AcceptedEmbedding;
  /** Whether a relayed answer, which begins with `start`, has its vectors in the kind that the caller asked for. When not, it is written anew. */
  isAsked(start: string, top: TopLevel): boolean;
};

/** A request that passes with its top level edited. */
export type RelayedEmbedding = { readonly path: string; readonly edits: readonly TopLevelEdit[] };

export type EmbeddingBack = {
  prepare(request: EmbedRequest, context: Context): PreparedEmbedding;
  /** How a request in this format passes to a target that speaks it; undefined when more than its top level must change. */
  relay(top: TopLevel, model: string): RelayedEmbedding | undefined;
  /** What a relayed answer has cost, from the text of its beginning or of its end. */
  usage(piece: string): Usage | undefined;
};

/** What becomes of every field of a format's requests for vectors and of its answers: see core/verdicts.ts. */
export type EmbeddingTable = {
  /** Absent where the vendor has no types for them. */
  readonly official?: Omit<OfficialTypes, 'event'>;
  /** Absent where nobody asks in the format. */
  readonly request?: Shape;
  readonly reply: Shape;
};

/** How a format asks for vectors and gives them. */
export type EmbeddingFormat = {
  /** Absent where nobody asks in it. */
  readonly front?: EmbeddingFront;
  readonly back: EmbeddingBack;
  readonly verdicts: EmbeddingTable;
};
