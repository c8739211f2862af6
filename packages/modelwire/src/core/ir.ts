/**
 * The neutral form (IR) between a front and a back: a request, ordered blocks, stream events, a reply and its usage. Internal: not
 * public API before 1.0. It is nobody's wire format; what a dialect has and the IR lacks rides in `ext` (see `Extra`).
 */

/** JSON source text, kept as the sender wrote it: big integers, duplicate keys, key order and number spelling survive. */
export type RawJson = string;

export type DialectName = 'openai-chat' | 'openai-responses' | 'anthropic-messages' | 'gemini' | 'cohere' | 'ollama' | 'bedrock-converse';

/** Where a prompt-cache prefix ends. `ttl` is the sender's own value ("5m", "1h", "30m", "12h"); absent means its default. */
export type CacheMark = {
  readonly ttl?: string;
  /** Where the mark stands in the caller's body, when it is no field of what it marks. */
  readonly at?: string;
};

/**
 * A field that the IR has no name for. `loss` says what the rule is when the target cannot take it: a `hint` may be dropped with a
 * note, a `demand` changes the answer's contract and is refused (400) unless the call is lenient, `nothing` loses nothing (a null that
 * means the default).
 */
export type Extra = {
  readonly dialect: DialectName;
  readonly path: string;
  readonly key: string;
  readonly raw: RawJson;
  readonly loss: 'nothing' | 'hint' | 'demand';
  readonly reason?: string;
  /** Its name in every format that has the field with the same values: the back of such a format sends it (`core/common-fields.ts`). */
  readonly common?: string;
};

type Marked = {
  /** Path in the caller's body, for notes and errors, e.g. `messages[2].content[0]`. */
  readonly at?: string;
  /** Where the caller has what stands elsewhere, or is called otherwise, than notes take for granted (`fieldPath`). */
  readonly names?: Names;
  readonly cache?: CacheMark;
  readonly ext?: readonly Extra[];
};

/** The caller's own paths of fields, by the word that notes have for them. */
export type Names = Readonly<Record<string, string>>;

export type MediaSource =
  | { readonly kind: 'base64'; readonly mediaType: string; readonly data: string }
  | { readonly kind: 'url'; readonly url: string }
  /** An uploaded file: account-scoped, so only its own dialect may use the id. */
  | { readonly kind: 'file'; readonly id: string; readonly dialect: DialectName };

export type TextBlock = Marked & { readonly type: 'text'; readonly text: string; readonly citations?: RawJson };
export type ImageBlock = Marked & { readonly type: 'image'; readonly source: MediaSource; readonly detail?: string };
export type DocumentBlock = Marked & {
  readonly type: 'document';
  readonly source: MediaSource | { readonly kind: 'text'; readonly text: string } | { readonly kind: 'blocks'; readonly blocks: readonly Block[] };
  readonly filename?: string;
  readonly title?: string;
  readonly context?: string;
  /** Whether the caller asked for citations of this document. */
  readonly cite?: boolean;
};
export type AudioBlock = Marked & { readonly type: 'audio'; readonly format: string; readonly data: string };
/** `arguments` is the text the model wrote: JSON for a function, free text for a custom tool. It is never parsed and printed again. */
export type ToolCallBlock = Marked & {
  readonly type: 'toolCall';
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
  readonly kind: 'function' | 'custom';
};
export type ToolResultBlock = Marked & {
  readonly type: 'toolResult';
  readonly callId: string;
  readonly content: readonly Block[];
  readonly isError?: boolean;
};
/** `signature` and `redacted` are opaque provider state: byte-exact to the origin that made them, withheld from any other. */
export type ReasoningBlock = Marked & {
  readonly type: 'reasoning';
  readonly text: string;
  readonly signature?: string;
  readonly redacted?: string;
};
export type RefusalBlock = Marked & { readonly type: 'refusal'; readonly text: string };
export type SearchResultBlock = Marked & {
  readonly type: 'searchResult';
  readonly title: string;
  readonly source: string;
  readonly content: readonly TextBlock[];
  readonly cite?: boolean;
};
/** A block only its own dialect understands (a server tool's result, say). `loss` as in `Extra`. */
export type OpaqueBlock = Marked & {
  readonly type: 'opaque';
  readonly dialect: DialectName;
  readonly kind: string;
  readonly raw: RawJson;
  readonly loss: 'hint' | 'demand';
};

export type Block =
  | TextBlock
  | ImageBlock
  | DocumentBlock
  | AudioBlock
  | ToolCallBlock
  | ToolResultBlock
  | ReasoningBlock
  | RefusalBlock
  | SearchResultBlock
  | OpaqueBlock;

/** A tool result is a block of a `user` message; whether it is a message of its own is the dialect's business. */
export type Message = {
  readonly role: 'system' | 'developer' | 'user' | 'assistant';
  readonly blocks: readonly Block[];
  readonly name?: string;
  readonly at?: string;
  readonly ext?: readonly Extra[];
};

export type Tool = {
  readonly name: string;
  readonly description?: string;
  /** The JSON Schema of the arguments as source text; absent when the caller gave none. */
  readonly schema?: RawJson;
  readonly strict?: boolean;
  readonly kind: 'function' | 'custom';
  /** What the free text of a custom tool must be of, e.g. in the syntax `lark`. */
  readonly grammar?: { readonly syntax: string; readonly definition: string };
  readonly cache?: CacheMark;
  readonly at?: string;
  /** As in a block. */
  readonly names?: Names;
  readonly ext?: readonly Extra[];
};

/** A tool that the provider runs itself (web search, code …): only its own dialect can name it. */
export type ServerTool = { readonly kind: 'server'; readonly dialect: DialectName; readonly name: string; readonly raw: RawJson; readonly at?: string };

export type ToolChoice =
  | { readonly type: 'auto' | 'none' | 'required' }
  | { readonly type: 'tool'; readonly name: string; readonly kind: 'function' | 'custom' }
  | { readonly type: 'allowed'; readonly mode: 'auto' | 'required'; readonly names: readonly string[] };

export type Effort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';

/** What the caller asked of the model's thinking. `effort` and `budget` are two spellings; a caller may send either or both. */
export type ReasoningRequest = {
  readonly effort?: Effort;
  /** Tokens. */
  readonly budget?: number;
  readonly mode?: 'enabled' | 'disabled' | 'adaptive' | 'between_tools';
  readonly display?: string;
};

export type ResponseFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json' }
  | { readonly type: 'schema'; readonly name?: string; readonly description?: string; readonly schema: RawJson; readonly strict?: boolean };

export type ChatRequest = {
  readonly model: string;
  readonly messages: readonly Message[];
  readonly stream: boolean;
  /** Whether the caller asked to see usage in a stream; always true for dialects that always send it. */
  readonly streamUsage: boolean;
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly stop?: readonly string[];
  readonly seed?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
  readonly tools?: readonly (Tool | ServerTool)[];
  readonly toolChoice?: ToolChoice;
  readonly parallelToolCalls?: boolean;
  readonly responseFormat?: ResponseFormat;
  readonly reasoning?: ReasoningRequest;
  /** An opaque, stable id of the end user. */
  readonly endUser?: string;
  readonly serviceTier?: string;
  /** A cache mark on the request as a whole (Anthropic's automatic caching). */
  readonly cache?: CacheMark;
  /** The caller's own spelling of a field, for notes and errors: `maxTokens` → `max_completion_tokens`. */
  readonly names: Names;
  readonly ext: readonly Extra[];
};

/** Tokens in disjoint buckets: nothing is counted twice. `raw` is the provider's own usage object, where its dialect writes it back. */
export type Usage = {
  readonly input: number;
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
  /** Part of `cacheWrite` by time to live, when the provider says so. */
  readonly cacheWriteTtl?: Readonly<Record<string, number>>;
  readonly inputAudio?: number;
  /** What the provider's own tools gave the model to read. */
  readonly toolPrompt?: number;
  readonly output: number;
  readonly reasoning?: number;
  readonly outputAudio?: number;
  readonly raw?: RawJson;
};

export type StopReason = 'end' | 'stopString' | 'length' | 'contextFull' | 'toolCalls' | 'filter' | 'pause';

export type Finish = {
  readonly reason: StopReason;
  /** The stop string that ended it, when known. */
  readonly stopString?: string;
  /** The provider's own word for it. */
  readonly native?: string;
  /** Why the answer was refused, in the provider's words for a person. */
  readonly explanation?: string;
  /** Details of a refusal, as the provider's source text. */
  readonly details?: RawJson;
  /** Fields of the answer that a stream tells only at its end. */
  readonly ext?: readonly Extra[];
};

export type ReplyHead = {
  readonly id: string;
  /** The model that the provider says it used. */
  readonly model: string;
  /** Unix seconds. */
  readonly created: number;
  readonly ext?: readonly Extra[];
};

/** The whole answer. */
export type Reply = ReplyHead & {
  readonly blocks: readonly Block[];
  readonly finish: Finish;
  readonly usage?: Usage;
  readonly serviceTier?: string;
};

/** A problem as plain data, so that it can travel in a stream. `GatewayError` carries the same fields. */
export type Failure = {
  readonly code: string;
  readonly message: string;
};
