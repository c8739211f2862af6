import type { DialectName } from '../../../packages/modelwire/src/core/ir.ts';
import type { Client, Setup } from './client.ts';
import { anthropicClient } from './client-anthropic.ts';
import { bedrockClient } from './client-bedrock.ts';
import { cohereClient } from './client-cohere.ts';
import { geminiClient } from './client-gemini.ts';
import { ollamaClient } from './client-ollama.ts';
import { openaiClient } from './client-openai.ts';
import { responsesClient } from './client-responses.ts';

/** A client of each format, written as its official one behaves. */
export const clients: { readonly [front in DialectName]: (setup: Setup) => Client } = {
  'openai-chat': openaiClient,
  'openai-responses': responsesClient,
  'anthropic-messages': anthropicClient,
  gemini: geminiClient,
  cohere: cohereClient,
  ollama: ollamaClient,
  'bedrock-converse': bedrockClient,
};
