import type { KeptConversation, KeptTurn } from '../core/dialect.ts';
import type { DialectName } from '../core/ir.ts';

/** Whose it is: nobody finds what is kept for another key, nor what another format's callers left. */
export type Owner = { readonly caller: string; readonly dialect: DialectName };

/** Where the item of this id stands: in a turn, or in a conversation. */
export type ItemPlace = { readonly id: string; readonly turn: string } | { readonly id: string; readonly conversation: string };

/** An answer that its provider keeps itself. `asked`: the name that the caller asked by. */
export type KeptElsewhere = { readonly id: string; readonly asked: string; readonly provider: string; readonly model: string };

/** What is kept, each kind under ids of its own. */
export type Shelves = {
  readonly turn: KeptTurn;
  readonly item: ItemPlace;
  readonly conversation: KeptConversation;
  readonly elsewhere: KeptElsewhere;
};
export type Shelf = keyof Shelves;

/** One thing and the shelf that it goes on. */
export type Kept = { readonly [shelf in Shelf]: readonly [shelf: shelf, kept: Shelves[shelf]] }[Shelf];

/** Where conversations and answers are kept, for as long as the configuration says. */
export type ConversationStore = {
  get<S extends Shelf>(owner: Owner, shelf: S, id: string): Promise<Shelves[S] | undefined>;
  /** All of them together. */
  put(owner: Owner, ...kept: readonly Kept[]): Promise<void>;
  /** What is there now becomes what `edit` makes of it, with nothing in between; undefined when there is nothing. */
  change<S extends Shelf>(owner: Owner, shelf: S, id: string, edit: (kept: Shelves[S]) => Shelves[S]): Promise<Shelves[S] | undefined>;
  /** Whether there was one. */
  remove(owner: Owner, shelf: Shelf, id: string): Promise<boolean>;
};

export type Keeping = {
  /** Milliseconds that a turn is kept after it was last gone on from. */
  readonly forMs: number;
  /** Bytes of all turns together; the ones that were used least lately go first. */
  readonly bytes: number;
};

export const defaultKeeping: Keeping = { forMs: 24 * 3600_000, bytes: 256 * 1024 * 1024 };

type Held = { readonly kept: Shelves[Shelf]; readonly bytes: number; until: number };

/** Keeps it all in memory. `now`: milliseconds. */
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
  const find = (key: string): Held | undefined => {
    trim();
    const found = held.get(key);
    return found === undefined || found.until <= now() ? undefined : found;
  };
  const hold = (key: string, kept: Shelves[Shelf]): void => {
    const old = held.get(key);
    if (old !== undefined) drop(key, old);
    const bytes = sizeOf(kept);
    if (bytes > most) return;
    held.set(key, { kept, bytes, until: now() + forMs });
    total += bytes;
    trim();
  };
  return {
    async get<S extends Shelf>(owner: Owner, shelf: S, id: string) {
      const key = keyOf(owner, shelf, id);
      const found = find(key);
      if (found === undefined) return undefined;
      held.delete(key);
      held.set(key, { ...found, until: now() + forMs });
      // The key names the shelf.
      return found.kept as Shelves[S];
    },
    async put(owner, ...all) {
      for (const [shelf, kept] of all) hold(keyOf(owner, shelf, kept.id), kept);
    },
    async change<S extends Shelf>(owner: Owner, shelf: S, id: string, edit: (kept: Shelves[S]) => Shelves[S]) {
      const key = keyOf(owner, shelf, id);
      const found = find(key);
      if (found === undefined) return undefined;
      const changed = edit(found.kept as Shelves[S]);
      hold(key, changed);
      return changed;
    },
    async remove(owner, shelf, id) {
      const key = keyOf(owner, shelf, id);
      const found = held.get(key);
      if (found !== undefined) drop(key, found);
      return found !== undefined && found.until > now();
    },
  };
}

/** A name of a dialect or a shelf has no quote, and a caller's cannot run into the id. */
function keyOf({ caller, dialect }: Owner, shelf: Shelf, id: string): string {
  return JSON.stringify([dialect, shelf, caller, id]);
}

/** About what it takes: two bytes a character, as most text that is not ASCII does. */
export function sizeOf(kept: unknown): number {
  if (typeof kept === 'string') return 2 * kept.length;
  return typeof kept === 'object' && kept !== null ? Object.values(kept).reduce((sum: number, one: unknown) => sum + sizeOf(one), 0) : 0;
}
