import type { ChatAsk } from './chat-request.ts';
import type { EmbeddingAsk } from './embedding-request.ts';

/** What a generation tells while it runs, in order. */
export type Piece =
  /** A slot is taken and the prompt fits: from here on an answer comes. */
  | { readonly type: 'start' }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  | { readonly type: 'call'; readonly name: string }
  /** A part of the arguments of the latest call. */
  | { readonly type: 'arguments'; readonly text: string };

/** How a generation ended and what it cost. */
export type GenerationEnd = {
  readonly finish: 'stop' | 'length' | 'tool_calls';
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly completionTokens: number;
  readonly reasoningTokens: number;
};

/** Vectors of unit length, one a text, and the tokens that were read for them. */
export type Embeddings = { readonly vectors: readonly (readonly number[])[]; readonly tokens: number };

/** What the HTTP face needs of an engine. All reject with a WireError for what the caller did, and the last two with the signal's reason when aborted. */
export type Generator = {
  /** Tokens of the prompt this request makes, by the model's own template and tokenizer. */
  countTokens(ask: ChatAsk): number;
  embed(ask: EmbeddingAsk, signal: AbortSignal): Promise<Embeddings>;
  generate(ask: ChatAsk, options: { readonly signal: AbortSignal; readonly emit: (piece: Piece) => void }): Promise<GenerationEnd>;
};
