import type { EmbeddingFormat } from '../core/embedding.ts';
import type { DialectName } from '../core/ir.ts';
import { lazily } from '../core/lazily.ts';

/** The dialects that have embeddings, one line each, read when they are first asked for. */
const formats: { readonly [name in DialectName]?: () => EmbeddingFormat | Promise<EmbeddingFormat> } = {
  'openai-chat': lazily(async () => (await import('./openai.ts')).openaiEmbeddings),
  gemini: lazily(async () => (await import('./gemini.ts')).geminiEmbeddings),
  cohere: lazily(async () => (await import('./cohere.ts')).cohereEmbeddings),
  ollama: lazily(async () => (await import('./ollama.ts')).ollamaEmbeddings),
  'bedrock-converse': lazily(async () => (await import('./bedrock.ts')).bedrockEmbeddings),
};

/** How the dialect asks for embeddings: at once when that is loaded. Undefined when it has none. */
export function embeddingFormat(name: DialectName): EmbeddingFormat | Promise<EmbeddingFormat> | undefined {
  return formats[name]?.();
}

/** All of them, by name. */
export async function loadEmbeddings(): Promise<ReadonlyMap<string, EmbeddingFormat>> {
  return new Map(await Promise.all(Object.entries(formats).map(async ([name, load]) => [name, await load()] as const)));
}
