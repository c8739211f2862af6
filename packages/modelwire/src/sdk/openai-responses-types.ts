/**
 * The parameters, results and events of the Responses API, under the official package's names. What is asked for takes everything that
 * the official types take; of what comes back, the items and events that models write are typed, and the rest passes as it came
 * (test/types/openai-responses.test-types.ts).
 */
import type { Metadata, ReasoningEffort, ResponseFormatJSONObject, ResponseFormatText, ServiceTier } from './openai-types.ts';

// Results

export type Response = {
  id: string;
  /** All texts of the output, one after another. */
  output_text: string;
  access_programs: { cyber: 'standard' | 'daybreak_blue' | 'daybreak_red' } | null;
  /** Unix seconds. */
  created_at: number;
  error: ResponseError | null;
  incomplete_details: { reason?: 'max_output_tokens' | 'max_messages' | 'content_filter' | 'steered' } | null;
  instructions: string | ResponseInputItem[] | null;
  metadata: Metadata | null;
  model: string;
  object: 'response';
  output: ResponseOutputItem[];
  parallel_tool_calls: boolean;
  temperature: number | null;
  tool_choice: ToolChoice;
  tools: Tool[];
  top_p: number | null;
  background?: boolean | null;
  completed_at?: number | null;
  conversation?: { id: string } | null;
  max_output_tokens?: number | null;
  max_tool_calls?: number | null;
  previous_response_id?: string | null;
  prompt_cache_key?: string | null;
  reasoning?: Reasoning | null;
  safety_identifier?: string | null;
  service_tier?: ServiceTier | null;
  status?: ResponseStatus;
  text?: ResponseTextConfig;
  top_logprobs?: number | null;
  truncation?: 'auto' | 'disabled' | null;
  usage?: ResponseUsage;
  user?: string;
};

export type ResponseStatus = 'completed' | 'failed' | 'in_progress' | 'cancelled' | 'queued' | 'incomplete';
type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

export type ResponseError = { code: 'server_error' | 'rate_limit_exceeded' | 'invalid_prompt'; message: string; param?: string | null; type?: string | null };

export type ResponseUsage = {
  input_tokens: number;
  input_tokens_details: { cache_write_tokens: number; cached_tokens: number };
  output_tokens: number;
  output_tokens_details: { reasoning_tokens: number };
  total_tokens: number;
};

export type ResponseOutputItem = ResponseOutputMessage | ResponseFunctionToolCall | ResponseCustomToolCall | ResponseReasoningItem | ResponseFunctionWebSearch;

export type ResponseOutputMessage = {
  id: string;
  content: (ResponseOutputText | ResponseOutputRefusal)[];
  role: 'assistant';
  status: ItemStatus;
  type: 'message';
  phase?: 'commentary' | 'final_answer' | null;
};

export type ResponseOutputText = { annotations: ResponseAnnotation[]; text: string; type: 'output_text'; logprobs?: ResponseLogprob[] };
export type ResponseOutputRefusal = { refusal: string; type: 'refusal' };
export type ResponseAnnotation =
  | { file_id: string; filename: string; index: number; type: 'file_citation' }
  | { end_index: number; start_index: number; title: string; type: 'url_citation'; url: string }
  | { container_id: string; end_index: number; file_id: string; filename: string; start_index: number; type: 'container_file_citation' }
  | { file_id: string; index: number; type: 'file_path' };
type ResponseLogprob = { token: string; bytes: number[]; logprob: number; top_logprobs: { token: string; bytes: number[]; logprob: number }[] };

type Caller = { type: 'direct' } | { caller_id: string; type: 'program' };

/** `arguments` is the text that the model wrote: usually, not always, JSON. */
export type ResponseFunctionToolCall = {
  arguments: string;
  call_id: string;
  name: string;
  type: 'function_call';
  id?: string;
  async?: boolean;
  caller?: Caller | null;
  namespace?: string;
  status?: ItemStatus;
};

export type ResponseCustomToolCall = {
  call_id: string;
  input: string;
  name: string;
  type: 'custom_tool_call';
  id?: string;
  async?: boolean;
  caller?: Caller | null;
  namespace?: string;
};

export type ResponseReasoningItem = {
  id: string;
  summary: { text: string; type: 'summary_text' }[];
  type: 'reasoning';
  content?: { text: string; type: 'reasoning_text' }[];
  /** What another request gives back to have the thinking known. */
  encrypted_content?: string | null;
  status?: ItemStatus;
};

export type ResponseFunctionWebSearch = {
  id: string;
  action:
    | { type: 'search'; queries?: string[]; query?: string; sources?: { type: 'url'; url: string }[] }
    | { type: 'open_page'; url?: string | null }
    | { pattern: string; type: 'find_in_page'; url: string };
  status: 'in_progress' | 'searching' | 'completed' | 'failed' | 'incomplete';
  type: 'web_search_call';
};

// Parsed results

export type ParsedResponse<Parsed> = Omit<Response, 'output'> & {
  output: ParsedResponseOutputItem<Parsed>[];
  /** What was read of the first text, by `text.format`. Null when no format was asked for, the model refused, or the answer was cut. */
  output_parsed: Parsed | null;
};
export type ParsedResponseOutputItem<Parsed> =
  | ParsedResponseOutputMessage<Parsed>
  | ParsedResponseFunctionToolCall
  | Exclude<ResponseOutputItem, ResponseOutputMessage | ResponseFunctionToolCall>;
export type ParsedResponseOutputMessage<Parsed> = Omit<ResponseOutputMessage, 'content'> & { content: ParsedContent<Parsed>[] };
export type ParsedContent<Parsed> = ParsedResponseOutputText<Parsed> | ResponseOutputRefusal;
export type ParsedResponseOutputText<Parsed> = ResponseOutputText & { parsed: Parsed | null };
export type ParsedResponseFunctionToolCall = ResponseFunctionToolCall & { parsed_arguments: unknown };

// Input

export type ResponseInput = (ResponseInputItem | OtherItem)[];
export type ResponseInputItem =
  | EasyInputMessage
  | ResponseInputMessage
  | ResponseOutputItem
  | ResponseFunctionCallOutput
  | ResponseCustomToolCallOutput
  | ResponseItemReference;

/** An item, tool or choice of a kind that is not typed here. */
type OtherItem = { type?: string | null };

export type EasyInputMessage = {
  content: string | ResponseInputContent[];
  role: 'user' | 'assistant' | 'system' | 'developer';
  phase?: 'commentary' | 'final_answer' | null;
  type?: 'message';
};
export type ResponseInputMessage = { content: ResponseInputContent[]; role: 'user' | 'system' | 'developer'; status?: ItemStatus; type?: 'message' };
export type ResponseInputContent = ResponseInputText | ResponseInputImage | ResponseInputFile;
export type ResponseInputText = { text: string; type: 'input_text' };
export type ResponseInputImage = {
  detail: 'low' | 'high' | 'auto' | 'original';
  type: 'input_image';
  file_id?: string | null;
  /** May be a `data:` URL. */
  image_url?: string | null;
};
export type ResponseInputFile = { type: 'input_file'; file_data?: string; file_id?: string | null; file_url?: string; filename?: string };
export type ResponseFunctionCallOutput = {
  call_id: string;
  output: string | ResponseInputContent[];
  type: 'function_call_output';
  id?: string | null;
  status?: ItemStatus | null;
};
export type ResponseCustomToolCallOutput = { call_id: string; output: string | ResponseInputContent[]; type: 'custom_tool_call_output'; id?: string };
export type ResponseItemReference = { id: string; type?: 'item_reference' | null };

// Tools

export type Tool = FunctionTool | CustomTool | WebSearchTool;
export type FunctionTool = {
  name: string;
  /** A JSON Schema. */
  parameters: { [key: string]: unknown } | null;
  strict: boolean | null;
  type: 'function';
  allowed_callers?: ('direct' | 'programmatic')[] | null;
  async?: boolean;
  defer_loading?: boolean;
  description?: string | null;
  output_schema?: { [key: string]: unknown } | null;
};
export type CustomTool = {
  name: string;
  type: 'custom';
  allowed_callers?: ('direct' | 'programmatic')[] | null;
  async?: boolean;
  defer_loading?: boolean;
  description?: string;
  format?: { type: 'text' } | { definition: string; syntax: 'lark' | 'regex'; type: 'grammar' };
};
export type WebSearchTool = {
  type: 'web_search' | 'web_search_2025_08_26';
  filters?: { allowed_domains?: string[] | null } | null;
  search_context_size?: 'low' | 'medium' | 'high';
};
export type ToolChoice =
  | 'none'
  | 'auto'
  | 'required'
  | { name: string; type: 'function' }
  | { name: string; type: 'custom' }
  | { mode: 'auto' | 'required'; tools: { [key: string]: unknown }[]; type: 'allowed_tools' };

// Requests

export type Reasoning = {
  context?: 'auto' | 'current_turn' | 'all_turns' | null;
  effort?: ReasoningEffort | null;
  generate_summary?: 'auto' | 'concise' | 'detailed' | null;
  mode?: (string & {}) | 'standard' | 'pro';
  summary?: 'auto' | 'concise' | 'detailed' | null;
};

export type ResponseTextConfig = { format?: ResponseFormatTextConfig; verbosity?: 'low' | 'medium' | 'high' | null };
export type ResponseFormatTextConfig = ResponseFormatText | ResponseFormatTextJSONSchemaConfig | ResponseFormatJSONObject;
export type ResponseFormatTextJSONSchemaConfig = {
  name: string;
  schema: { [key: string]: unknown };
  type: 'json_schema';
  description?: string;
  strict?: boolean | null;
};

export type ResponseIncludable =
  | 'file_search_call.results'
  | 'web_search_call.results'
  | 'web_search_call.action.sources'
  | 'message.input_image.image_url'
  | 'computer_call_output.output.image_url'
  | 'code_interpreter_call.outputs'
  | 'reasoning.encrypted_content'
  | 'message.output_text.logprobs';

export type ResponseCreateParams = ResponseCreateParamsNonStreaming | ResponseCreateParamsStreaming;
export type ResponseCreateParamsNonStreaming = ResponseCreateParamsBase & { stream?: false | null };
export type ResponseCreateParamsStreaming = ResponseCreateParamsBase & { stream: true };
export type ResponseCreateParamsBase = {
  /** A name at the provider that is asked, or `provider/model`. */
  model?: string;
  background?: boolean | null;
  conversation?: string | { id: string } | null;
  include?: ResponseIncludable[] | null;
  input?: string | ResponseInput;
  instructions?: string | null;
  max_output_tokens?: number | null;
  max_tool_calls?: number | null;
  metadata?: Metadata | null;
  parallel_tool_calls?: boolean | null;
  previous_response_id?: string | null;
  prompt?: { id: string; variables?: { [key: string]: string | OtherItem } | null; version?: string | null } | null;
  prompt_cache_key?: string | null;
  prompt_cache_retention?: 'in_memory' | '24h' | null;
  reasoning?: Reasoning | null;
  safety_identifier?: string | null;
  service_tier?: ServiceTier | 'ultrafast' | null;
  store?: boolean | null;
  stream?: boolean | null;
  stream_options?: { include_obfuscation?: boolean } | null;
  temperature?: number | null;
  text?: ResponseTextConfig;
  tool_choice?: ToolChoice | OtherItem;
  tools?: (Tool | OtherItem)[];
  top_logprobs?: number | null;
  top_p?: number | null;
  truncation?: 'auto' | 'disabled' | null;
  user?: string;
};

export type ResponseRetrieveParams = ResponseRetrieveParamsNonStreaming | ResponseRetrieveParamsStreaming;
export type ResponseRetrieveParamsNonStreaming = ResponseRetrieveParamsBase & { stream?: false };
export type ResponseRetrieveParamsStreaming = ResponseRetrieveParamsBase & { stream: true };
export type ResponseRetrieveParamsBase = {
  include?: ResponseIncludable[];
  include_obfuscation?: boolean;
  /** Events with a number above this one. */
  starting_after?: number;
  stream?: boolean;
};

// Events

type Numbered<Type extends string, Fields> = Fields & { sequence_number: number; type: Type };
type OfResponse<Type extends string> = Numbered<Type, { response: Response }>;
type OfItem<Type extends string, Fields> = Numbered<Type, Fields & { item_id: string; output_index: number }>;
type OfPart<Type extends string, Fields> = OfItem<Type, Fields & { content_index: number }>;
type EventLogprob = { token: string; logprob: number; top_logprobs?: { token?: string; logprob?: number }[] };
type Part = ResponseOutputText | ResponseOutputRefusal | { text: string; type: 'reasoning_text' };

export type ResponseStreamEvent =
  | OfResponse<'response.created'>
  | OfResponse<'response.queued'>
  | OfResponse<'response.in_progress'>
  | OfResponse<'response.completed'>
  | OfResponse<'response.incomplete'>
  | OfResponse<'response.failed'>
  | Numbered<'response.output_item.added', { item: ResponseOutputItem; output_index: number }>
  | Numbered<'response.output_item.done', { item: ResponseOutputItem; output_index: number }>
  | OfPart<'response.content_part.added', { part: Part }>
  | OfPart<'response.content_part.done', { part: Part }>
  | OfPart<'response.output_text.delta', { delta: string; logprobs: EventLogprob[] }>
  | OfPart<'response.output_text.done', { text: string; logprobs: EventLogprob[] }>
  | OfPart<'response.output_text.annotation.added', { annotation: ResponseAnnotation | null; annotation_index: number }>
  | OfPart<'response.refusal.delta', { delta: string }>
  | OfPart<'response.refusal.done', { refusal: string }>
  | OfItem<'response.function_call_arguments.delta', { delta: string }>
  | OfItem<'response.function_call_arguments.done', { arguments: string }>
  | OfItem<'response.custom_tool_call_input.delta', { delta: string }>
  | OfItem<'response.custom_tool_call_input.done', { input: string }>
  | OfPart<'response.reasoning_text.delta', { delta: string }>
  | OfPart<'response.reasoning_text.done', { text: string }>
  | OfItem<'response.reasoning_summary_part.added', { part: { text: string; type: 'summary_text' }; summary_index: number }>
  | OfItem<'response.reasoning_summary_part.done', { part: { text: string; type: 'summary_text' }; summary_index: number }>
  | OfItem<'response.reasoning_summary_text.delta', { delta: string; summary_index: number }>
  | OfItem<'response.reasoning_summary_text.done', { text: string; summary_index: number }>
  | OfItem<'response.web_search_call.in_progress', object>
  | OfItem<'response.web_search_call.searching', object>
  | OfItem<'response.web_search_call.completed', object>
  | Numbered<'error', { code: string | null; message: string; param: string | null }>;
