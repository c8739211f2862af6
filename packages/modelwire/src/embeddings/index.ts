import type { EmbeddingFormat } from '../core/embedding.ts';
import { bedrockEmbeddings } from './bedrock.ts';
import { cohereEmbeddings } from './cohere.ts';
import { geminiEmbeddings } from './gemini.ts';
import { ollamaEmbeddings } from './ollama.ts';
import { openaiEmbeddings } from './openai.ts';

/** The dialects that have embeddings, by name, and how. */
export const embeddingFormats: { readonly [dialect: string]: EmbeddingFormat | undefined } = {
  'openai-chat': openaiEmbeddings,
  gemini: geminiEmbeddings,
  cohere: cohereEmbeddings,
  ollama: ollamaEmbeddings,
  'bedrock-converse': bedrockEmbeddings,
};
