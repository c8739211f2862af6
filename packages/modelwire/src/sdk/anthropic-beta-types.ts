/** What `beta.messages` takes and gives, by the official package's names. Fields that are not generally available yet pass as they are. */

import type { HeaderParams } from './anthropic-params.ts';
import type * as types from './anthropic-types.ts';

export type BetaMessage = types.Message;
export type BetaMessageParam = types.MessageParam;
export type BetaUserMessageParam = types.UserMessageParam;
export type BetaContentBlock = types.ContentBlock;
export type BetaContentBlockParam = types.ContentBlockParam;
export type BetaTextBlock = types.TextBlock;
export type BetaTextBlockParam = types.TextBlockParam;
export type BetaImageBlockParam = types.ImageBlockParam;
export type BetaThinkingBlock = types.ThinkingBlock;
export type BetaToolUseBlock = types.ToolUseBlock;
export type BetaToolUseBlockParam = types.ToolUseBlockParam;
export type BetaToolResultBlockParam = types.ToolResultBlockParam;
export type BetaTool = types.Tool;
export type BetaToolUnion = types.ToolUnion;
export type BetaToolChoice = types.ToolChoice;
export type BetaUsage = types.Usage;
export type BetaStopReason = types.StopReason;
export type BetaThinkingConfigParam = types.ThinkingConfigParam;
export type BetaCacheControlEphemeral = types.CacheControlEphemeral;
export type BetaOutputConfig = types.OutputConfig;
export type BetaJSONOutputFormat = types.JSONOutputFormat;
export type BetaMessageTokensCount = types.MessageTokensCount;
export type BetaRawMessageStreamEvent = types.RawMessageStreamEvent;

export type MessageCreateParamsBase = types.MessageCreateParamsBase & HeaderParams;
export type MessageCreateParamsNonStreaming = types.MessageCreateParamsNonStreaming & HeaderParams;
export type MessageCreateParamsStreaming = types.MessageCreateParamsStreaming & HeaderParams;
export type MessageCreateParams = MessageCreateParamsNonStreaming | MessageCreateParamsStreaming;
export type MessageCountTokensParams = types.MessageCountTokensParams & HeaderParams;
