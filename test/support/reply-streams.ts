import type { DialectName } from '../../packages/modelwire/src/core/ir.ts';
import { anthropicMessages } from './streams/anthropic-messages.ts';
import { bedrockConverse } from './streams/bedrock-converse.ts';
import { cohere } from './streams/cohere.ts';
import type { Streaming } from './streams/frames.ts';
import { gemini } from './streams/gemini.ts';
import { ollama } from './streams/ollama.ts';
import { openaiChat } from './streams/openai-chat.ts';
import { openaiResponses } from './streams/openai-responses.ts';

/** How each format would have streamed a whole answer. */
export const streams: { readonly [name in DialectName]: Streaming } = {
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
  'anthropic-messages': anthropicMessages,
  gemini,
  cohere,
  ollama,
  'bedrock-converse': bedrockConverse,
};

/** The formats whose conversations are carried: the later ones are still to come. */
export type Carried = Exclude<DialectName, 'cohere' | 'ollama' | 'bedrock-converse'>;
export const carried: readonly Carried[] = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'];
