import type { EmbeddingFormat } from '../core/embedding.ts';
import type { DialectName } from '../core/ir.ts';
import { geminiEmbeddings } from './gemini.ts';
import { openaiEmbeddings } from './openai.ts';

/** The dialects that have embeddings, and how. */
export const embeddingFormats: { readonly [name in DialectName]?: EmbeddingFormat } = {
  'openai-chat': openaiEmbeddings,
  gemini: geminiEmbeddings,
};
