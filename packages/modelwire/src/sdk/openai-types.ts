/**
 * The parameters and results of chat completions and models, under the official package's names and assignable to and from its types
 * (test/types/openai.test-types.ts). What the API has beyond them passes through both ways.
 */

// Results

export type ChatCompletion = {
  id: string;
  choices: ChatCompletionChoice[];
  /** Unix seconds. */
  created: number;
  model: string;
  object: 'chat.completion';
  metadata?: Metadata | null;
  moderation?: ChatCompletionModeration | null;
  service_tier?: ServiceTier | null;
  system_fingerprint?: string;
  usage?: CompletionUsage;
};

export type ChatCompletionChoice = {
  finish_reason: FinishReason;
  index: number;
  logprobs: ChatCompletionLogprobs | null;
  message: ChatCompletionMessage;
};

export type CreateEmbeddingResponse = {
  data: Embedding[];
  model: string;
  object: 'list';
  usage: { prompt_tokens: number; total_tokens: number };
};

/** With `encoding_format: 'base64'` the vector is a text. */
export type Embedding = { embedding: number[]; index: number; object: 'embedding' };

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'function_call';
export type ServiceTier = 'auto' | 'default' | 'flex' | 'scale' | 'priority' | 'fast';
export type Metadata = { [key: string]: string };

export type ChatCompletionMessage = {
  content: string | null;
  refusal: string | null;
  role: 'assistant';
  annotations?: ChatCompletionAnnotation[];
  audio?: ChatCompletionAudio | null;
  /** Deprecated by `tool_calls`. */
  function_call?: FunctionCall | null;
  tool_calls?: ChatCompletionMessageToolCall[];
};

export type ChatCompletionAnnotation = {
  type: 'url_citation';
  url_citation: { end_index: number; start_index: number; title: string; url: string };
};

export type ChatCompletionAudio = { id: string; data: string; expires_at: number; transcript: string };

/** `arguments` is the text that the model wrote: usually, not always, JSON. */
export type FunctionCall = { arguments: string; name: string };

export type ChatCompletionMessageToolCall = ChatCompletionMessageFunctionToolCall | ChatCompletionMessageCustomToolCall;
export type ChatCompletionMessageFunctionToolCall = { id: string; function: FunctionCall; type: 'function' };
export type ChatCompletionMessageCustomToolCall = { id: string; custom: { input: string; name: string }; type: 'custom' };

export type ChatCompletionLogprobs = { content: ChatCompletionTokenLogprob[] | null; refusal: ChatCompletionTokenLogprob[] | null };
export type ChatCompletionTokenLogprob = TokenLogprob & { top_logprobs: TokenLogprob[] };
type TokenLogprob = { token: string; bytes: number[] | null; logprob: number };

export type ChatCompletionModeration = { input: ModerationResults | ModerationError; output: ModerationResults | ModerationError };
type ModerationError = { code: string; message: string; type: 'error' };
type ModerationResults = { model: string; results: ModerationResult[]; type: 'moderation_results' };
type ModerationResult = {
  categories: { [key: string]: boolean };
  category_applied_input_types: { [key: string]: ('text' | 'image')[] };
  category_scores: { [key: string]: number };
  flagged: boolean;
  model: string;
  type: 'moderation_result';
};

export type CompletionUsage = {
  completion_tokens: number;
  prompt_tokens: number;
  total_tokens: number;
  completion_tokens_details?: {
    accepted_prediction_tokens?: number;
    audio_tokens?: number;
    reasoning_tokens?: number;
    rejected_prediction_tokens?: number;
    text_tokens?: number;
  };
  prompt_tokens_details?: { audio_tokens?: number; cache_write_tokens?: number; cached_tokens?: number; image_tokens?: number; text_tokens?: number };
};

/** One event of a stream. The last one has the usage and no choices, when `stream_options.include_usage` asked for it. */
export type ChatCompletionChunk = {
  id: string;
  choices: ChatCompletionChunkChoice[];
  created: number;
  model: string;
  object: 'chat.completion.chunk';
  moderation?: ChatCompletionModeration | null;
  obfuscation?: string;
  service_tier?: ServiceTier | null;
  system_fingerprint?: string;
  usage?: CompletionUsage | null;
};

export type ChatCompletionChunkChoice = {
  delta: ChatCompletionDelta;
  index: number;
  finish_reason: FinishReason | null;
  logprobs?: ChatCompletionLogprobs | null;
};

export type ChatCompletionDelta = {
  audio?: Partial<ChatCompletionAudio>;
  content?: string | null;
  /** Deprecated by `tool_calls`. */
  function_call?: Partial<FunctionCall>;
  refusal?: string | null;
  role?: 'developer' | 'system' | 'user' | 'assistant' | 'tool';
  tool_calls?: ChatCompletionDeltaToolCall[];
};

/** A piece of a tool call: pieces with the same `index` belong together. */
export type ChatCompletionDeltaToolCall = {
  index: number;
  id?: string;
  custom?: { input?: string; name?: string };
  function?: Partial<FunctionCall>;
  type?: 'function' | 'custom';
};

// Messages

export type ChatCompletionMessageParam =
  | ChatCompletionDeveloperMessageParam
  | ChatCompletionSystemMessageParam
  | ChatCompletionUserMessageParam
  | ChatCompletionAssistantMessageParam
  | ChatCompletionToolMessageParam
  | ChatCompletionFunctionMessageParam;

export type ChatCompletionRole = ChatCompletionMessageParam['role'];

export type ChatCompletionDeveloperMessageParam = { content: string | ChatCompletionContentPartText[]; role: 'developer'; name?: string };
export type ChatCompletionSystemMessageParam = { content: string | ChatCompletionContentPartText[]; role: 'system'; name?: string };
export type ChatCompletionUserMessageParam = { content: string | ChatCompletionContentPart[]; role: 'user'; name?: string };
export type ChatCompletionToolMessageParam = { content: string | ChatCompletionContentPartText[]; role: 'tool'; tool_call_id: string };
/** Deprecated by the role `tool`. */
export type ChatCompletionFunctionMessageParam = { content: string | null; name: string; role: 'function' };
export type ChatCompletionAssistantMessageParam = {
  role: 'assistant';
  audio?: { id: string } | null;
  content?: string | (ChatCompletionContentPartText | ChatCompletionContentPartRefusal)[] | null;
  /** Deprecated by `tool_calls`. */
  function_call?: FunctionCall | null;
  name?: string;
  refusal?: string | null;
  tool_calls?: ChatCompletionMessageToolCall[];
};

export type ChatCompletionContentPart =
  | ChatCompletionContentPartText
  | ChatCompletionContentPartImage
  | ChatCompletionContentPartInputAudio
  | ChatCompletionContentPartFile;

/** Where a prompt-cache prefix ends. */
type CacheBreakpoint = { prompt_cache_breakpoint?: { mode: 'explicit'; ttl?: '30m' | '12h' } };

export type ChatCompletionContentPartText = CacheBreakpoint & { text: string; type: 'text' };
export type ChatCompletionContentPartRefusal = { refusal: string; type: 'refusal' };
export type ChatCompletionContentPartImage = CacheBreakpoint & {
  /** `url` may be a `data:` URL. */
  image_url: { url: string; detail?: 'auto' | 'low' | 'high' | 'original' };
  type: 'image_url';
};
export type ChatCompletionContentPartInputAudio = CacheBreakpoint & { input_audio: { data: string; format: 'wav' | 'mp3' }; type: 'input_audio' };
export type ChatCompletionContentPartFile = CacheBreakpoint & { file: { file_data?: string; file_id?: string; filename?: string }; type: 'file' };

// Tools

export type ChatCompletionTool = ChatCompletionFunctionTool | ChatCompletionCustomTool;
export type ChatCompletionFunctionTool = { function: FunctionDefinition; type: 'function' };
export type FunctionDefinition = {
  name: string;
  description?: string;
  /** A JSON Schema. */
  parameters?: FunctionParameters;
  strict?: boolean | null;
};
export type FunctionParameters = { [key: string]: unknown };
export type ChatCompletionCustomTool = {
  custom: {
    name: string;
    description?: string;
    format?: { type: 'text' } | { grammar: { definition: string; syntax: 'lark' | 'regex' }; type: 'grammar' };
  };
  type: 'custom';
};

export type ChatCompletionToolChoiceOption =
  | 'none'
  | 'auto'
  | 'required'
  | ChatCompletionAllowedToolChoice
  | ChatCompletionNamedToolChoice
  | ChatCompletionNamedToolChoiceCustom;
export type ChatCompletionAllowedToolChoice = { allowed_tools: ChatCompletionAllowedTools; type: 'allowed_tools' };
export type ChatCompletionAllowedTools = { mode: 'auto' | 'required'; tools: { [key: string]: unknown }[] };
export type ChatCompletionNamedToolChoice = { function: { name: string }; type: 'function' };
export type ChatCompletionNamedToolChoiceCustom = { custom: { name: string }; type: 'custom' };

// Requests

/** A name at the provider that is asked, or `provider/model`. */
export type ChatModel = (string & {}) | 'gpt-5.5' | 'gpt-5' | 'gpt-4.1' | 'anthropic/claude-sonnet-5' | 'deepseek/deepseek-chat';
export type ReasoningEffort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max' | null;

export type ResponseFormatText = { type: 'text' };
export type ResponseFormatJSONObject = { type: 'json_object' };
export type ResponseFormatJSONSchema = {
  json_schema: { name: string; description?: string; schema?: { [key: string]: unknown }; strict?: boolean | null };
  type: 'json_schema';
};

export type ChatCompletionCreateParams = ChatCompletionCreateParamsNonStreaming | ChatCompletionCreateParamsStreaming;
export type ChatCompletionCreateParamsNonStreaming = ChatCompletionCreateParamsBase & { stream?: false | null };
export type ChatCompletionCreateParamsStreaming = ChatCompletionCreateParamsBase & { stream: true };

export type ChatCompletionCreateParamsBase = {
  messages: ChatCompletionMessageParam[];
  model: ChatModel;
  audio?: ChatCompletionAudioParam | null;
  frequency_penalty?: number | null;
  /** Deprecated by `tool_choice`. */
  function_call?: 'none' | 'auto' | { name: string };
  /** Deprecated by `tools`. */
  functions?: { name: string; description?: string; parameters?: FunctionParameters }[];
  logit_bias?: { [key: string]: number } | null;
  logprobs?: boolean | null;
  max_completion_tokens?: number | null;
  /** The older name of `max_completion_tokens`. */
  max_tokens?: number | null;
  metadata?: Metadata | null;
  modalities?: ('text' | 'audio')[] | null;
  moderation?: { model: string; policy?: { input?: ModerationMode | null; output?: ModerationMode | null } | null } | null;
  n?: number | null;
  parallel_tool_calls?: boolean;
  prediction?: { content: string | ChatCompletionContentPartText[]; type: 'content' } | null;
  presence_penalty?: number | null;
  prompt_cache_key?: string | null;
  prompt_cache_options?: { mode?: 'implicit' | 'explicit'; ttl?: '30m' };
  prompt_cache_retention?: 'in_memory' | '24h' | null;
  reasoning_effort?: ReasoningEffort | null;
  response_format?: ResponseFormatText | ResponseFormatJSONSchema | ResponseFormatJSONObject;
  safety_identifier?: string | null;
  seed?: number | null;
  service_tier?: ServiceTier | null;
  stop?: string | string[] | null;
  store?: boolean | null;
  stream?: boolean | null;
  stream_options?: ChatCompletionStreamOptions | null;
  temperature?: number | null;
  tool_choice?: ChatCompletionToolChoiceOption;
  tools?: ChatCompletionTool[];
  top_logprobs?: number | null;
  top_p?: number | null;
  user?: string;
  verbosity?: 'low' | 'medium' | 'high' | null;
  web_search_options?: {
    search_context_size?: 'low' | 'medium' | 'high';
    user_location?: { approximate: { city?: string; country?: string; region?: string; timezone?: string }; type: 'approximate' } | null;
  };
};

type ModerationMode = { mode: 'score' | 'block' };

export type ChatCompletionAudioParam = {
  format: 'wav' | 'aac' | 'mp3' | 'flac' | 'opus' | 'pcm16';
  voice: (string & {}) | 'alloy' | 'ash' | 'ballad' | 'coral' | 'echo' | 'sage' | 'shimmer' | 'verse' | 'marin' | 'cedar' | { id: string };
};

export type ChatCompletionStreamOptions = { include_obfuscation?: boolean; include_usage?: boolean };

/** What `stream()` takes: it always streams. */
export type ChatCompletionStreamParams = Omit<ChatCompletionCreateParamsBase, 'stream'> & { stream?: true };

// Parsed answers

export type ChatCompletionParseParams = ChatCompletionCreateParamsNonStreaming;

/** An answer of which `message.parsed` and `parsed_arguments` were read. */
export type ParsedChatCompletion<Parsed> = Omit<ChatCompletion, 'choices'> & { choices: ParsedChoice<Parsed>[] };
export type ParsedChoice<Parsed> = Omit<ChatCompletionChoice, 'message'> & { message: ParsedChatCompletionMessage<Parsed> };
export type ParsedChatCompletionMessage<Parsed> = Omit<ChatCompletionMessage, 'tool_calls'> & {
  /** Null when no format was asked for, the model refused, or it called tools instead. */
  parsed: Parsed | null;
  tool_calls?: ParsedChatCompletionMessageToolCall[];
};
export type ParsedChatCompletionMessageToolCall = ParsedFunctionToolCall | ChatCompletionMessageCustomToolCall;
export type ParsedFunctionToolCall = Omit<ChatCompletionMessageFunctionToolCall, 'function'> & { function: ParsedFunction };
export type ParsedFunction = FunctionCall & { parsed_arguments?: unknown };

// Models

export type Model = {
  id: string;
  /** Unix seconds. */
  created: number;
  object: 'model';
  owned_by: string;
  shutdown_date?: string | null;
};

// Embeddings

export type EmbeddingCreateParams = {
  /** A text or the ids of its tokens, or several of either. */
  input: string | string[] | number[] | number[][];
  model: EmbeddingModel | (string & {});
  /** Length of the vectors. Default: the model's own. */
  dimensions?: number;
  /** Default: `float`. */
  encoding_format?: 'float' | 'base64';
  user?: string;
};

export type EmbeddingModel = 'text-embedding-ada-002' | 'text-embedding-3-small' | 'text-embedding-3-large';

export type ModelDeleted = { id: string; deleted: boolean; object: string };

// Completions of a bare prompt

export type Completion = {
  id: string;
  choices: CompletionChoice[];
  created: number;
  model: string;
  object: 'text_completion';
  system_fingerprint?: string;
  usage?: CompletionUsage;
};

export type CompletionChoice = {
  finish_reason: 'stop' | 'length' | 'content_filter';
  index: number;
  logprobs: { text_offset?: number[]; token_logprobs?: number[]; tokens?: string[]; top_logprobs?: { [key: string]: number }[] } | null;
  text: string;
};

export type CompletionCreateParams = CompletionCreateParamsNonStreaming | CompletionCreateParamsStreaming;
export type CompletionCreateParamsNonStreaming = CompletionCreateParamsBase & { stream?: false | null };
export type CompletionCreateParamsStreaming = CompletionCreateParamsBase & { stream: true };
export type CompletionCreateParamsBase = {
  model: string;
  /** A text or the ids of its tokens, or several of either. */
  prompt: string | string[] | number[] | number[][] | null;
  best_of?: number | null;
  echo?: boolean | null;
  frequency_penalty?: number | null;
  logit_bias?: { [key: string]: number } | null;
  logprobs?: number | null;
  max_tokens?: number | null;
  n?: number | null;
  presence_penalty?: number | null;
  seed?: number | null;
  stop?: string | string[] | null;
  stream?: boolean | null;
  stream_options?: ChatCompletionStreamOptions | null;
  suffix?: string | null;
  temperature?: number | null;
  top_p?: number | null;
  user?: string;
};
