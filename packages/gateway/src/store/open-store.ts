import type { EffectiveConfig } from '../config/config.ts';
import { type ConversationStore, createConversationMemory } from 'modelwire/internal/runtime/conversation-store';
import { createMemoryStore, type Store } from './store.ts';

/** The store that the config asks for. When the file cannot be opened the calls go on with memory, and `problem` hears why. */
export async function openStore(config: EffectiveConfig['store'], problem: (error: unknown) => void): Promise<Store> {
  if (config === 'memory') return createMemoryStore();
  try {
    const { openSqliteStore } = await import('./sqlite-store.ts');
    return await openSqliteStore(config.file, problem);
  } catch (error) {
    problem(error);
    return createMemoryStore();
  }
}

export type OpenConversations = ConversationStore & { close(): void };

/** Where turns are kept: memory, or the file that the config names. What cannot be opened is replaced by memory, and `problem` hears why. */
export async function openConversations(
  config: Exclude<EffectiveConfig['conversations'], 'off'>,
  problem: (error: unknown) => void,
): Promise<OpenConversations> {
  const memory = (): OpenConversations => ({ ...createConversationMemory(config, Date.now), close: () => undefined });
  if (config.file === undefined) return memory();
  try {
    const { openConversationFile } = await import('./conversation-file.ts');
    return await openConversationFile(config.file, config);
  } catch (error) {
    problem(error);
    return memory();
  }
}
