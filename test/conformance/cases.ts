import type { ReplyCase, RequestCase } from './cases/case.ts';
import { anthropicMessagesReplies, anthropicMessagesRequests } from './cases/anthropic-messages.ts';
import { bedrockConverseReplies, bedrockConverseRequests } from './cases/bedrock-converse.ts';
import { cohereReplies, cohereRequests } from './cases/cohere.ts';
import { geminiReplies, geminiRequests } from './cases/gemini.ts';
import { ollamaReplies, ollamaRequests } from './cases/ollama.ts';
import { openaiChatReplies, openaiChatRequests } from './cases/openai-chat.ts';
import { openaiResponsesReplies } from './cases/openai-responses-replies.ts';
import { responsesRequests } from './cases/openai-responses-requests.ts';

/** One request of a front, to be sent to every back: what goes out is a golden file. */
export const requestCases: readonly RequestCase[] = [
  ...anthropicMessagesRequests,
  ...bedrockConverseRequests,
  ...cohereRequests,
  ...geminiRequests,
  ...ollamaRequests,
  ...openaiChatRequests,
  ...responsesRequests,
];

/** Answers of the backs, each to be given to every front. */
export const replyCases: readonly ReplyCase[] = [
  ...anthropicMessagesReplies,
  ...bedrockConverseReplies,
  ...cohereReplies,
  ...geminiReplies,
  ...ollamaReplies,
  ...openaiChatReplies,
  ...openaiResponsesReplies,
];
