import type { EffectiveConfig } from '../config/config.ts';
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
