import type { Dialect } from '../core/dialect.ts';
import type { DialectName } from '../core/ir.ts';
import { loadOnce } from '../core/load-once.ts';

/** One line a dialect, whose code is read when it is first spoken. */
const dialects: { readonly [name in DialectName]: () => Promise<Dialect> } = {
  'openai-chat': async () => (await import('./openai-chat/index.ts')).openaiChat,
  'openai-responses': async () => (await import('./openai-responses/index.ts')).openaiResponses,
  'anthropic-messages': async () => (await import('./anthropic-messages/index.ts')).anthropicMessages,
  gemini: async () => (await import('./gemini/index.ts')).gemini,
  cohere: async () => (await import('./cohere/index.ts')).cohere,
  ollama: async () => (await import('./ollama/index.ts')).ollama,
  'bedrock-converse': async () => (await import('./bedrock-converse/index.ts')).bedrockConverse,
};

export const dialectNames: readonly DialectName[] = Object.keys(dialects).filter(isDialect);

export function isDialect(name: string): name is DialectName {
  return Object.hasOwn(dialects, name);
}

/** The dialect: at once when it is loaded, else as soon as it is. */
export const dialectNamed: (name: DialectName) => Dialect | Promise<Dialect> = loadOnce(dialects);

/** All of them. */
export async function loadDialects(): Promise<{ readonly [name in DialectName]: Dialect }> {
  const all = await Promise.all(dialectNames.map(async (name) => [name, await dialectNamed(name)]));
  return Object.fromEntries(all) as { readonly [name in DialectName]: Dialect };
}
