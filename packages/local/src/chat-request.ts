import { isRecord, optional } from './json-fields.ts';
import type { Fields } from './json-fields.ts';
import { decodeMessages } from './chat-messages.ts';
import type { Turn } from './chat-messages.ts';
import { decodeToolChoice, decodeTools } from './chat-tools.ts';
import type { Tool, ToolChoice } from './chat-tools.ts';
import { badValue, unsupported } from './wire-error.ts';

/** What the answer's text must be. */
export type TextFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json_object' }
  | { readonly type: 'json_schema'; readonly schema: unknown; readonly path: string };

/** A chat request, checked. Only what the embedded model acts on is here. */
export type ChatAsk = {
  readonly turns: readonly Turn[];
  readonly tools: readonly Tool[];
  readonly toolChoice: ToolChoice;
  readonly format: TextFormat;
  readonly maxTokens: number;
  /** 0 takes the likeliest token at each step. */
  readonly temperature: number;
  readonly topP?: number;
  readonly seed?: number;
  readonly stop: readonly string[];
  readonly frequencyPenalty: number;
  readonly presencePenalty: number;
};

/** How the answer is to be sent. */
export type Delivery = { readonly stream: boolean; readonly includeUsage: boolean };

// Greedy answers of a small model can run in circles, so an answer nobody bounded is short.
const defaultMaxTokens = 256;

/** Checks the body of POST /v1/chat/completions. Fields it does not know are left alone; those it cannot honour are a 400 by name. */
export function decodeChatRequest(body: Fields): { readonly ask: ChatAsk; readonly delivery: Delivery } {
  refuseUnsupported(body);
  const stream = optional.boolean(body, 'stream') ?? false;
  const streamOptions = body['stream_options'] ?? undefined;
  if (streamOptions !== undefined && !isRecord(streamOptions)) throw badValue('stream_options', 'must be an object');
  if (streamOptions !== undefined && !stream) throw badValue('stream_options', 'is only allowed when stream is true');
  const includeUsage = streamOptions === undefined ? false : (optional.boolean(streamOptions, 'include_usage', 'stream_options.') ?? false);
  return { ask: decodeAsk(body), delivery: { stream, includeUsage } };
}

/** Checks the body of POST /v1/tokenize, which needs messages and may have the rest of a chat request. */
export function decodeTokenizeRequest(body: Fields): ChatAsk {
  return decodeAsk(body);
}

function decodeAsk(body: Fields): ChatAsk {
  const tools = decodeTools(body['tools']);
  const topP = optional.number(body, 'top_p', { from: 0, to: 1 });
  const seed = optional.whole(body, 'seed', { from: Number.MIN_SAFE_INTEGER });
  const bound = optional.whole(body, 'max_completion_tokens', { from: 1 }) ?? optional.whole(body, 'max_tokens', { from: 1 });
  return {
    turns: decodeMessages(body['messages']),
    ...decodeToolChoice(body['tool_choice'], tools),
    format: decodeFormat(body['response_format']),
    maxTokens: bound ?? defaultMaxTokens,
    temperature: optional.number(body, 'temperature', { from: 0, to: 2 }) ?? 0,
    ...(topP === undefined ? {} : { topP }),
    ...(seed === undefined ? {} : { seed }),
    stop: decodeStop(body['stop']),
    frequencyPenalty: optional.number(body, 'frequency_penalty', { from: -2, to: 2 }) ?? 0,
    presencePenalty: optional.number(body, 'presence_penalty', { from: -2, to: 2 }) ?? 0,
  };
}

function refuseUnsupported(body: Fields): void {
  if ((body['n'] ?? 1) !== 1) throw unsupported('n', 'the embedded model gives one answer; leave n out or send 1');
  if (body['logprobs'] === true) throw unsupported('logprobs', 'the embedded model does not report log probabilities');
  if ((body['top_logprobs'] ?? 0) !== 0) throw unsupported('top_logprobs', 'the embedded model does not report log probabilities');
  const bias = body['logit_bias'];
  if (isRecord(bias) && Object.keys(bias).length > 0) throw unsupported('logit_bias', 'the token ids of another model mean nothing to the embedded one');
  const modalities = body['modalities'];
  if (Array.isArray(modalities) && modalities.some((each) => each !== 'text')) throw unsupported('modalities', 'the embedded model writes text only');
  if (Array.isArray(body['functions']) && body['functions'].length > 0) throw unsupported('functions', 'is deprecated; send tools');
}

function decodeStop(stop: unknown): readonly string[] {
  if (stop === undefined || stop === null) return [];
  const list: readonly unknown[] = Array.isArray(stop) ? stop : [stop];
  if (list.length > 4) throw badValue('stop', 'takes at most 4 strings');
  return list.map((each, index) => {
    if (typeof each === 'string' && each !== '') return each;
    throw badValue(Array.isArray(stop) ? `stop[${index}]` : 'stop', 'must be a string that is not empty');
  });
}

function decodeFormat(format: unknown): TextFormat {
  if (format === undefined || format === null) return { type: 'text' };
  if (!isRecord(format)) throw badValue('response_format', 'must be an object');
  switch (format['type']) {
    case 'text':
      return { type: 'text' };
    case 'json_object':
      return { type: 'json_object' };
    case 'json_schema': {
      const named = format['json_schema'];
      if (!isRecord(named)) throw badValue('response_format.json_schema', 'must be an object with name and schema');
      return { type: 'json_schema', schema: named['schema'] ?? {}, path: 'response_format.json_schema.schema' };
    }
    default:
      throw badValue('response_format.type', 'must be one of text, json_object, json_schema');
  }
}
