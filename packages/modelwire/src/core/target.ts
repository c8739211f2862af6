import type { UpstreamCode } from './errors.ts';
import type { DialectName } from './ir.ts';

/** How a provider differs from its dialect's official behaviour: data, no functions. Absent means: as the official one. */
export type Quirks = {
  /** Which field takes the output limit. Default: `max_completion_tokens` as sent. */
  readonly maxTokensField?: 'max_tokens' | 'max_completion_tokens';
  /** `false`: the role `developer` is unknown and is sent as `system`. */
  readonly developerRole?: false;
  /** Where the model's thinking is in answers and history (openai-chat). */
  readonly reasoningField?: 'reasoning_content' | 'reasoning';
  /** Whether the thinking of earlier turns must go back: on tool-call turns (DeepSeek), always, or never. Default `never`. */
  readonly reasoningHistory?: 'tool_calls' | 'always' | 'never';
  /** What stands for the thinking of an assistant's tool calls that came without it, where they are refused so (openai-chat). */
  readonly reasoningPlaceholder?: string;
  /** How thinking is switched (openai-chat). Default `reasoning_effort`. */
  readonly reasoningSwitch?: 'reasoning_effort' | 'thinking_type' | 'enable_thinking' | 'none';
  /** How thinking is asked for (anthropic-messages). Default `adaptive` with an effort; older models want a token budget, some have none. */
  readonly thinking?: 'adaptive' | 'budget' | 'none';
  /**
   * `true`: what its thinking must come back with (signatures, encrypted thinking) is its own, of which the format's maker knows nothing, so
   * that it travels under our seal in the caller's own format too (anthropic-messages, openai-responses). `false` undoes it for some of a
   * provider's models. Default: as the maker's.
   */
  readonly ownState?: boolean;
  /** `false`: `stream_options` is refused, so usage is not asked for in streams. */
  readonly streamUsage?: false;
  /** Top-level fields that the provider refuses; they are left out with a note. */
  readonly refuses?: readonly string[];
  /** What `seed` is called there (Mistral). */
  readonly seedField?: 'random_seed';
  /** `false`: `tool_choice: required` or a named tool is refused. */
  readonly forcedToolChoice?: false;
  /** `false`: no tools. They are described in words, and what the model writes as a call is checked here. */
  readonly tools?: false;
  /** What structured output it has. Default `schema`. */
  readonly structuredOutput?: 'schema' | 'json' | 'none';
  /** Highest temperature taken. */
  readonly temperatureMax?: number;
  /** Tool-call ids must be exactly nine letters or digits (Mistral), or are refused when longer than 40 characters, in `openai-responses` 64 (OpenAI). */
  readonly toolCallIds?: 'alnum9' | 'max40';
  /** Tool names must begin with a letter or `_`, and have at least three characters (Kimi). */
  readonly toolNames?: 'letterFirst';
  /** `false`: after tool results the model must speak first; media may stand in the results (Mistral). */
  readonly userAfterTool?: false;
  /** `false`: message content must be a plain string (no parts). */
  readonly contentParts?: false;
  /** `false`: a system message may only come first. */
  readonly systemAnywhere?: false;
  /** `false`: no images. */
  readonly images?: false;
  /** `false`: images by their address are refused; as data they are taken. */
  readonly imageUrls?: false;
  /** `false`: no documents (PDF). */
  readonly documents?: false;
  /** `true`: the provider keeps message threads (Anthropic itself). */
  readonly threads?: true;
  /** `true`: the provider stores responses, and goes on from them by their id (OpenAI itself). */
  readonly storesResponses?: true;
  /** `true`: `role: system` is taken inside `messages` (anthropic-messages). */
  readonly systemInMessages?: true;
  /** `false`: the last message may not be the assistant's. */
  readonly prefill?: false;
  /** Errors come inside a 200 under this key (MiniMax: `base_resp`). */
  readonly errorInside?: string;
  /** The provider's own error codes that neither status nor words explain, and what they mean. */
  readonly errorCodes?: Readonly<Record<string, UpstreamCode>>;
  /** Usage of a stream comes inside the last choice (Kimi). */
  readonly usageInChoice?: true;
  /** `true`: the first call of a turn must bear the signature that it came with, or a word that stands for it (gemini). */
  readonly callSignatures?: true;
  /** Highest number of stop strings; default 4 for openai-chat. */
  readonly stopMax?: number;
};

/** How the official SDK of a dialect sends its key. */
export const usualAuth: { readonly [name in DialectName]: AuthScheme } = {
  'openai-chat': 'bearer',
  'openai-responses': 'bearer',
  'anthropic-messages': 'x-api-key',
  gemini: 'x-goog-api-key',
  cohere: 'bearer',
  ollama: 'bearer',
  'bedrock-converse': 'aws',
};

/** `aws`: a key pair signs the request (SigV4), any other key is sent as a bearer token. */
export type AuthScheme = 'bearer' | 'x-api-key' | 'api-key' | 'x-goog-api-key' | 'aws' | 'none';

/**
 * Where a provider speaks a dialect. `baseURL` is what the official SDK of that dialect takes; the other spelling (with or without
 * `/v1`) works too, unless `exact` says that the URL is meant as it stands.
 */
export type Endpoint = {
  readonly baseURL: string;
  readonly auth: AuthScheme;
  readonly exact?: true;
  /** Paths of its own, below the base URL, with `{model}` for the target's model. Default: those of the dialect. */
  readonly paths?: { readonly chat: string; readonly stream: string; readonly count_tokens?: string };
  /** In what the body differs from the dialect's. */
  readonly body?: BodyForm;
};

/** Top-level fields that are left out, that are set (JSON source text), and a list that the dialect has in a header. */
export type BodyForm = {
  readonly without?: readonly string[];
  readonly set?: Readonly<Record<string, string>>;
  readonly listed?: { readonly header: string; readonly field: string };
};

/** What is known of a model; every field may be unknown. Prices are US dollars (or `currency`) per million tokens. */
export type ModelInfo = {
  readonly contextLength?: number;
  readonly maxOutput?: number;
  readonly input?: readonly ('text' | 'image' | 'document' | 'audio' | 'video')[];
  readonly tools?: boolean;
  readonly reasoning?: boolean;
  readonly structuredOutput?: boolean;
  readonly price?: {
    readonly input: number;
    readonly output: number;
    readonly cacheRead?: number;
    readonly cacheWrite?: number;
    readonly currency?: 'USD' | 'CNY';
  };
};

/** Provider, model and key: where one attempt goes. */
export type Target = {
  readonly provider: string;
  /** The model's name at the provider. */
  readonly model: string;
  readonly speaks: Readonly<Partial<Record<DialectName, Endpoint>>>;
  readonly quirks: Quirks;
  readonly key?: Secret;
  /** Extra headers that the provider wants on every call. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly info?: ModelInfo;
};

/** A secret that cannot be printed by accident: `String()`, JSON and inspection give `[redacted]`. */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  /** The value itself, for the transport alone. */
  reveal(): string {
    return this.#value;
  }
  toString(): string {
    return '[redacted]';
  }
  toJSON(): string {
    return '[redacted]';
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[redacted]';
  }
}

/** `provider/model`, as notes, records and errors name it. */
export function targetName(target: Target): string {
  return `${target.provider}/${target.model}`;
}
