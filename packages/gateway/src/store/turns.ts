import type { ConversationStore } from 'modelwire/internal/runtime/conversation-store';
import type { EffectiveConfig } from '../config/config.ts';
import { type OpenConversations, openConversations } from './open-store.ts';

/** The configured store of conversations, opened when the first turn asks for it; undefined when it is off. */
export function createTurns(
  config: EffectiveConfig['conversations'],
  problem: (error: unknown) => void,
): (ConversationStore & { close(): Promise<void> }) | undefined {
  if (config === 'off') return undefined;
  let opening: Promise<OpenConversations> | undefined;
  const open = (): Promise<OpenConversations> => (opening ??= openConversations(config, problem));
  return {
    get: async (owner, shelf, id) => (await open()).get(owner, shelf, id),
    async put(owner, ...kept) {
      try {
        await (await open()).put(owner, ...kept);
      } catch (error) {
        problem(error);
        throw error;
      }
    },
    change: async (owner, shelf, id, edit) => (await open()).change(owner, shelf, id, edit),
    remove: async (owner, shelf, id) => (await open()).remove(owner, shelf, id),
    async close() {
      (await opening)?.close();
    },
  };
}
