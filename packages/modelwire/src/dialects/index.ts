import type { Dialect } from '../core/dialect.ts';
import type { DialectName } from '../core/ir.ts';
import { anthropicMessages } from './anthropic-messages/index.ts';
import { gemini } from './gemini/index.ts';
import { openaiChat } from './openai-chat/index.ts';
import { openaiResponses } from './openai-responses/index.ts';

/** One line a dialect. */
export const dialects: { readonly [name in DialectName]: Dialect } = {
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
  'anthropic-messages': anthropicMessages,
  gemini,
};
