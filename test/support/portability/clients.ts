import type { Carried } from '../reply-streams.ts';
import type { Client, Setup } from './client.ts';
import { anthropicClient } from './client-anthropic.ts';
import { geminiClient } from './client-gemini.ts';
import { openaiClient } from './client-openai.ts';
import { responsesClient } from './client-responses.ts';

/** A client of each format, written as its official one behaves. A new front needs one here. */
export const clients: { readonly [front in Carried]: (setup: Setup) => Client } = {
  'openai-chat': openaiClient,
  'openai-responses': responsesClient,
  'anthropic-messages': anthropicClient,
  gemini: geminiClient,
};
