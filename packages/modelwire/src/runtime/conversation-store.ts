import type { KeptTurn } from '../core/dialect.ts';
import type { DialectName } from '../core/ir.ts';

/** Whose turn it is: nobody finds the turns of another key, nor those of another format. */
export type Owner = { readonly caller: string; readonly dialect: DialectName };

/** Where the turns of conversations are kept, for as long as the configuration says. */
export type ConversationStore = {
  get(owner: Owner, id: string): Promise<KeptTurn | undefined>;
  put(owner: Owner, turn: KeptTurn): Promise<void>;
  /** Whether there was one. */
  remove(owner: Owner, id: string): Promise<boolean>;
};

export type Keeping = {
  /** Milliseconds that a turn is kept after it was last gone on from. */
  readonly forMs: number;
  /** Bytes of all turns together; the ones that were used least lately go first. */
  readonly bytes: number;
};

export const defaultKeeping: Keeping = { forMs: 24 * 3600_000, bytes: 256 * 1024 * 1024 };

type Held = { readonly turn: KeptTurn; readonly bytes: number; until: number };

/** Keeps turns in memory. `now`: milliseconds. */
export function createConversationMemory({ forMs, bytes: most }: Keeping, now: () => number): ConversationStore {
  // In the order of last use.
  const held = new Map<string, Held>();
  let total = 0;
  const drop = (key: string, { bytes }: Held): void => {
    held.delete(key);
    total -= bytes;
  };
  const trim = (): void => {
    for (const [key, one] of held) {
      if (total <= most && one.until > now()) return;
      drop(key, one);
    }
  };
  return {
    async get(owner, id) {
      trim();
      const key = keyOf(owner, id);
      const found = held.get(key);
      if (found === undefined) return undefined;
      held.delete(key);
      held.set(key, { ...found, until: now() + forMs });
      return found.turn;
    },
    async put(owner, turn) {
      const key = keyOf(owner, turn.id);
      const old = held.get(key);
      if (old !== undefined) drop(key, old);
      const bytes = sizeOf(turn);
      if (bytes > most) return;
      held.set(key, { turn, bytes, until: now() + forMs });
      total += bytes;
      trim();
    },
    async remove(owner, id) {
      const key = keyOf(owner, id);
      const found = held.get(key);
      if (found !== undefined) drop(key, found);
      return found !== undefined && found.until > now();
    },
  };
}

/** A dialect's name has no space, and a caller's cannot run into the id. */
function keyOf({ caller, dialect }: Owner, id: string): string {
  return JSON.stringify([dialect, caller, id]);
}

/** About what a turn takes: two bytes a character, as most text that is not ASCII does. */
export function sizeOf({ asked, answer }: KeptTurn): number {
  return 2 * Object.values(asked).reduce((sum, raw) => sum + raw.length, answer.length);
}
