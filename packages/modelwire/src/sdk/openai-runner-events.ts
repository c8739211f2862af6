import type { APIUserAbortError, OpenAIError } from './errors-openai.ts';
import type * as types from './openai-types.ts';

/** What every run of completions tells. */
export type AbstractChatCompletionRunnerEvents = {
  /** The request was taken, or the stream is there. */
  connect: () => void;
  /** An assistant's message or a tool's result has joined the conversation. */
  message: (message: types.ChatCompletionMessageParam) => void;
  chatCompletion: (completion: types.ChatCompletion) => void;
  functionToolCall: (call: types.FunctionCall) => void;
  functionToolCallResult: (content: string) => void;
  /** These are told once, when all has gone well. */
  finalChatCompletion: (completion: types.ChatCompletion) => void;
  finalMessage: (message: types.ChatCompletionMessageParam) => void;
  finalContent: (content: string) => void;
  finalFunctionToolCall: (call: types.FunctionCall) => void;
  finalFunctionToolCallResult: (content: string) => void;
  totalUsage: (usage: types.CompletionUsage) => void;
  error: (error: OpenAIError) => void;
  abort: (error: APIUserAbortError) => void;
  end: () => void;
};

export type ChatCompletionRunnerEvents = AbstractChatCompletionRunnerEvents & { content: (content: string) => void };

export type ChatCompletionStreamEvents<Parsed = null> = AbstractChatCompletionRunnerEvents & {
  chunk: (chunk: types.ChatCompletionChunk, snapshot: ChatCompletionSnapshot) => void;
  content: (delta: string, snapshot: string) => void;
  'content.delta': (event: ContentDeltaEvent) => void;
  'content.done': (event: ContentDoneEvent<Parsed>) => void;
  'refusal.delta': (event: RefusalDeltaEvent) => void;
  'refusal.done': (event: RefusalDoneEvent) => void;
  'tool_calls.function.arguments.delta': (event: FunctionToolCallArgumentsDeltaEvent) => void;
  'tool_calls.function.arguments.done': (event: FunctionToolCallArgumentsDoneEvent) => void;
  'logprobs.content.delta': (event: LogProbsContentDeltaEvent) => void;
  'logprobs.content.done': (event: LogProbsContentDoneEvent) => void;
  'logprobs.refusal.delta': (event: LogProbsRefusalDeltaEvent) => void;
  'logprobs.refusal.done': (event: LogProbsRefusalDoneEvent) => void;
};

/** `parsed` is as much of the answer as can be read so far, when a format was asked for. */
export type ContentDeltaEvent = { delta: string; snapshot: string; parsed: unknown };
export type ContentDoneEvent<Parsed = null> = { content: string; parsed: Parsed | null };
export type RefusalDeltaEvent = { delta: string; snapshot: string };
export type RefusalDoneEvent = { refusal: string };
/** `index` is the call's number in the message, `arguments` all of them that has come. */
export type FunctionToolCallArgumentsDeltaEvent = {
  name: string;
  index: number;
  arguments: string;
  parsed_arguments: unknown;
  arguments_delta: string;
};
export type FunctionToolCallArgumentsDoneEvent = { name: string; index: number; arguments: string; parsed_arguments: unknown };
export type LogProbsContentDeltaEvent = { content: types.ChatCompletionTokenLogprob[]; snapshot: types.ChatCompletionTokenLogprob[] };
export type LogProbsContentDoneEvent = { content: types.ChatCompletionTokenLogprob[] };
export type LogProbsRefusalDeltaEvent = { refusal: types.ChatCompletionTokenLogprob[]; snapshot: types.ChatCompletionTokenLogprob[] };
export type LogProbsRefusalDoneEvent = { refusal: types.ChatCompletionTokenLogprob[] };

/** The completion as far as it has come. It grows in place. */
export type ChatCompletionSnapshot = {
  id: string;
  choices: ChatCompletionSnapshotChoice[];
  created: number;
  model: string;
  system_fingerprint?: string;
};

export type ChatCompletionSnapshotChoice = {
  message: ChatCompletionSnapshotMessage;
  finish_reason: types.FinishReason | null;
  logprobs: types.ChatCompletionLogprobs | null;
  index: number;
};

export type ChatCompletionSnapshotMessage = {
  content?: string | null;
  audio?: Partial<types.ChatCompletionAudio> | null;
  refusal?: string | null;
  /** As much of the answer as can be read so far, when a format was asked for. */
  readonly parsed?: unknown;
  function_call?: Partial<types.FunctionCall>;
  tool_calls?: ChatCompletionSnapshotToolCall[];
  role?: types.ChatCompletionRole;
};

export type ChatCompletionSnapshotToolCall =
  | { id: string; type: 'function'; function: { arguments: string; name: string; readonly parsed_arguments?: unknown } }
  | { id: string; type: 'custom'; custom: { name: string; input: string } };
