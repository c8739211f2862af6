import type { Dialect, Translation } from '../core/dialect.ts';
import type { DialectName } from '../core/ir.ts';
import { lazily } from '../core/lazily.ts';

/** One line a dialect, whose code is read when it is first spoken. */
const dialects: { readonly [name in DialectName]: () => Dialect | Promise<Dialect> } = {
  'openai-chat': lazily(async () => (await import('./openai-chat/index.ts')).openaiChat),
  'openai-responses': lazily(async () => (await import('./openai-responses/index.ts')).openaiResponses),
  'anthropic-messages': lazily(async () => (await import('./anthropic-messages/index.ts')).anthropicMessages),
  gemini: lazily(async () => (await import('./gemini/index.ts')).gemini),
  cohere: lazily(async () => (await import('./cohere/index.ts')).cohere),
  ollama: lazily(async () => (await import('./ollama/index.ts')).ollama),
  'bedrock-converse': lazily(async () => (await import('./bedrock-converse/index.ts')).bedrockConverse),
};

export const dialectNames: readonly DialectName[] = Object.keys(dialects).filter(isDialect);

export function isDialect(name: string): name is DialectName {
  return Object.hasOwn(dialects, name);
}

/** The dialect: at once when it is loaded, else as soon as it is. */
export function dialectNamed(name: DialectName): Dialect | Promise<Dialect> {
  return dialects[name]();
}

/** A dialect with all of its code. */
export type WholeDialect = Dialect & Translation;

export async function loadDialect(name: DialectName): Promise<WholeDialect> {
  const dialect = await dialectNamed(name);
  return { ...dialect, ...(await dialect.translation()) };
}

/** All of them. */
export async function loadDialects(): Promise<{ readonly [name in DialectName]: WholeDialect }> {
  const all = await Promise.all(dialectNames.map(async (name) => [name, await loadDialect(name)]));
  return Object.fromEntries(all) as { readonly [name in DialectName]: WholeDialect };
}
