/**
 * The parameters and results of messages, token counts and models, under the official package's names and assignable to and from its
 * types (test/types/anthropic.test-types.ts). What the API has beyond them passes through both ways.
 */

import type { CacheControlEphemeral, ContentBlock, ContentBlockParam, TextBlockParam, TextCitation } from './anthropic-blocks.ts';
import type { ToolChoice, ToolUnion } from './anthropic-tools.ts';

export type * from './anthropic-batch-types.ts';
export type * from './anthropic-blocks.ts';
export type * from './anthropic-tools.ts';

// Results

export type Message = {
  id: string;
  container: Container | null;
  content: ContentBlock[];
  diagnostics: { cache_miss_reason: CacheMissReason | null } | null;
  model: Model;
  role: 'assistant';
  stop_details: RefusalStopDetails | null;
  stop_reason: StopReason | null;
  stop_sequence: string | null;
  type: 'message';
  usage: Usage;
};

export type StopReason = 'end_turn' | 'max_tokens' | 'stop_sequence' | 'tool_use' | 'pause_turn' | 'refusal' | 'model_context_window_exceeded';
export type RefusalStopDetails = {
  category: 'cyber' | 'bio' | 'frontier_llm' | 'reasoning_extraction' | 'general_harms' | null;
  explanation: string | null;
  type: 'refusal';
};
export type Container = { id: string; expires_at: string; skills: { skill_id: string; type: 'anthropic' | 'custom'; version: string }[] | null };
type CacheMissReason =
  | { cache_missed_input_tokens: number; type: 'model_changed' }
  | { cache_missed_input_tokens: number; type: 'system_changed' }
  | { cache_missed_input_tokens: number; type: 'tools_changed' }
  | { cache_missed_input_tokens: number; type: 'messages_changed' }
  | { type: 'previous_message_not_found' }
  | { type: 'unavailable' };

/** What `Usage` and the usage of a stream's end have in common. */
type UsageCounts = {
  cache_creation_input_tokens: number | null;
  cache_read_input_tokens: number | null;
  output_tokens: number;
  output_tokens_details: { thinking_tokens: number } | null;
  server_tool_use: { web_fetch_requests: number; web_search_requests: number } | null;
};
export type Usage = UsageCounts & {
  cache_creation: { ephemeral_1h_input_tokens: number; ephemeral_5m_input_tokens: number } | null;
  inference_geo: string | null;
  input_tokens: number;
  service_tier: 'standard' | 'priority' | 'batch' | null;
  speed: 'standard' | 'fast' | null;
};
export type MessageDeltaUsage = UsageCounts & { input_tokens: number | null };

export type MessageTokensCount = { input_tokens: number };

// Stream events

export type RawMessageStreamEvent =
  | RawMessageStartEvent
  | RawMessageDeltaEvent
  | RawMessageStopEvent
  | RawContentBlockStartEvent
  | RawContentBlockDeltaEvent
  | RawContentBlockStopEvent;

export type MessageStreamEvent = RawMessageStreamEvent;

export type RawMessageStartEvent = { message: Message; type: 'message_start' };
export type RawMessageDeltaEvent = {
  delta: Pick<Message, 'container' | 'stop_details' | 'stop_reason' | 'stop_sequence'>;
  type: 'message_delta';
  usage: MessageDeltaUsage;
};
export type RawMessageStopEvent = { type: 'message_stop' };
export type RawContentBlockStartEvent = { content_block: ContentBlock; index: number; type: 'content_block_start' };
export type RawContentBlockDeltaEvent = { delta: RawContentBlockDelta; index: number; type: 'content_block_delta' };
export type RawContentBlockStopEvent = { index: number; type: 'content_block_stop' };

export type RawContentBlockDelta = TextDelta | InputJSONDelta | CitationsDelta | ThinkingDelta | SignatureDelta;
export type TextDelta = { text: string; type: 'text_delta' };
/** A piece of a tool's input: the pieces of a block joined are JSON. */
export type InputJSONDelta = { partial_json: string; type: 'input_json_delta' };
export type CitationsDelta = { citation: TextCitation; type: 'citations_delta' };
export type ThinkingDelta = { thinking: string; type: 'thinking_delta' };
export type SignatureDelta = { signature: string; type: 'signature_delta' };

// Requests

/** A name at the provider that is asked, or `provider/model`. */
export type Model = (string & {}) | 'claude-sonnet-5' | 'claude-opus-5' | 'claude-haiku-4-5' | 'openai/gpt-5.5' | 'deepseek/deepseek-chat';

export type MessageParam = UserMessageParam | AssistantMessageParam | SystemMessageParam;
export type UserMessageParam = { content: string | ContentBlockParam[]; role: 'user' };
export type AssistantMessageParam = { content: string | ContentBlockParam[]; role: 'assistant' };
export type SystemMessageParam = { content: string | TextBlockParam[]; role: 'system' };

export type MessageCreateParams = MessageCreateParamsNonStreaming | MessageCreateParamsStreaming;
export type MessageCreateParamsNonStreaming = MessageCreateParamsBase & { stream?: false };
export type MessageCreateParamsStreaming = MessageCreateParamsBase & { stream: true };

/** What a message and a count of its tokens both take. */
export type MessageCountTokensParams = {
  messages: MessageParam[];
  model: Model;
  cache_control?: CacheControlEphemeral | null;
  output_config?: OutputConfig;
  speed?: 'standard' | 'fast' | null;
  system?: string | TextBlockParam[];
  thinking?: ThinkingConfigParam;
  tool_choice?: ToolChoice;
  tools?: ToolUnion[];
  /** Sent as a header. */
  user_profile_id?: string;
  /** Sent as a header. */
  workspace_id?: string;
};

export type MessageCreateParamsBase = MessageCountTokensParams & {
  max_tokens: number;
  container?: { id?: string | null; skills?: { skill_id: string; type: 'anthropic' | 'custom'; version?: string }[] | null } | string | null;
  diagnostics?: { previous_message_id?: string | null } | null;
  inference_geo?: string | null;
  metadata?: Metadata;
  service_tier?: 'auto' | 'standard_only';
  stop_sequences?: string[];
  stream?: boolean;
};

export type Metadata = { user_id?: string | null };
export type OutputConfig = {
  effort?: 'low' | 'medium' | 'high' | 'xhigh' | 'max' | null;
  format?: JSONOutputFormat | null;
};
export type JSONOutputFormat = { schema: { [key: string]: unknown }; type: 'json_schema' };

export type ThinkingConfigParam = ThinkingConfigEnabled | ThinkingConfigDisabled | ThinkingConfigBetweenTools | ThinkingConfigAdaptive;
export type ThinkingConfigEnabled = { budget_tokens: number; type: 'enabled'; display?: 'summarized' | 'omitted' | null };
export type ThinkingConfigDisabled = { type: 'disabled' };
export type ThinkingConfigBetweenTools = { type: 'between_tools' };
export type ThinkingConfigAdaptive = { type: 'adaptive'; display?: 'summarized' | 'omitted' | null };

// Models

export type ModelInfo = {
  id: string;
  capabilities: ModelCapabilities | null;
  created_at: string;
  deprecated_at: string | null;
  display_name: string;
  lifecycle: 'active' | 'deprecated' | 'retired';
  line: 'haiku' | 'sonnet' | 'opus' | 'fable' | 'mythos' | null;
  max_input_tokens: number | null;
  max_tokens: number | null;
  retires_at: string | null;
  type: 'model';
};

type Support = { supported: boolean };
export type ModelCapabilities = {
  batch: Support;
  citations: Support;
  code_execution: Support;
  context_management: Support & { clear_thinking_20251015: Support | null; clear_tool_uses_20250919: Support | null; compact_20260112: Support | null };
  effort: Support & { high: Support; low: Support; max: Support; medium: Support; xhigh: Support | null };
  image_input: Support;
  pdf_input: Support;
  server_tools: Support & { code_execution: Support; web_search: Support };
  structured_outputs: Support;
  thinking: Support & { types: { adaptive: Support; between_tools: Support; disabled: Support; enabled: Support } };
};

export type ModelListParams = {
  limit?: number;
  before_id?: string;
  after_id?: string;
  lifecycle?: ('active' | 'deprecated' | 'retired')[];
  /** Sent as a header. */
  workspace_id?: string;
};
