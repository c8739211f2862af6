import { isObject } from 'modelwire/internal/core/json-text';
import { type ConversationStore, type Keeping, type Owner, type Shelf, type Shelves, sizeOf } from 'modelwire/internal/runtime/conversation-store';
import { openDatabase } from './database.ts';

/** Conversations in a SQLite file (`node:sqlite`): they outlive a restart. Only their owner's own requests read them back. */
export async function openConversationFile(
  file: string,
  { forMs, bytes: most }: Keeping,
  now: () => number = Date.now,
): Promise<ConversationStore & { close(): void }> {
  const database = await openDatabase(file);
  database.exec(
    'CREATE TABLE IF NOT EXISTS kept (dialect TEXT, caller TEXT, shelf TEXT, id TEXT, kept TEXT NOT NULL, bytes INTEGER NOT NULL, used INTEGER NOT NULL, PRIMARY KEY (dialect, caller, shelf, id)) WITHOUT ROWID',
  );
  database.exec('CREATE INDEX IF NOT EXISTS kept_used ON kept (used)');
  const read = database.prepare('UPDATE kept SET used = ? WHERE dialect = ? AND caller = ? AND shelf = ? AND id = ? AND used > ? RETURNING kept');
  const write = database.prepare('INSERT OR REPLACE INTO kept (dialect, caller, shelf, id, kept, bytes, used) VALUES (?, ?, ?, ?, ?, ?, ?)');
  const remove = database.prepare('DELETE FROM kept WHERE dialect = ? AND caller = ? AND shelf = ? AND id = ? AND used > ?');
  const expire = database.prepare('DELETE FROM kept WHERE used <= ?');
  const sum = database.prepare('SELECT coalesce(sum(bytes), 0) AS total FROM kept');
  const oldest = database.prepare('DELETE FROM kept WHERE (dialect, caller, shelf, id) IN (SELECT dialect, caller, shelf, id FROM kept ORDER BY used LIMIT ?)');
  const count = (): number => numberIn(sum.get(), 'total');
  // Never less than what is there, as far as this process has written it: the rows are only counted when that is too much.
  let total = count();

  const trim = (): void => {
    expire.run(now() - forMs);
    if (total <= most) return;
    for (total = count(); total > most; total = count()) if (oldest.run(16).changes === 0) return;
  };
  const find = <S extends Shelf>({ dialect, caller }: Owner, shelf: S, id: string): Shelves[S] | undefined =>
    keptIn<S>(read.get(now(), dialect, caller, shelf, id, now() - forMs));
  const hold = ({ dialect, caller }: Owner, shelf: Shelf, kept: Shelves[Shelf]): void => {
    const bytes = sizeOf(kept);
    if (bytes > most) return;
    write.run(dialect, caller, shelf, kept.id, JSON.stringify(kept), bytes, now());
    total += bytes;
  };
  const together = (run: () => void): void => {
    database.exec('BEGIN IMMEDIATE');
    try {
      run();
      database.exec('COMMIT');
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  };
  return {
    get: async (owner, shelf, id) => find(owner, shelf, id),
    async put(owner, ...all) {
      together(() => {
        for (const [shelf, kept] of all) hold(owner, shelf, kept);
        trim();
      });
    },
    async change(owner, shelf, id, edit) {
      const found = find(owner, shelf, id);
      if (found === undefined) return undefined;
      const changed = edit(found);
      hold(owner, shelf, changed);
      trim();
      return changed;
    },
    remove: async ({ dialect, caller }, shelf, id) => remove.run(dialect, caller, shelf, id, now() - forMs).changes > 0,
    close: () => database.close(),
  };
}

function numberIn(row: unknown, key: string): number {
  const value = isObject(row) ? row[key] : undefined;
  return typeof value === 'number' ? value : 0;
}

/** Only this file writes the rows. */
function keptIn<S extends Shelf>(row: unknown): Shelves[S] | undefined {
  const text = isObject(row) ? row['kept'] : undefined;
  return typeof text === 'string' ? (JSON.parse(text) as Shelves[S]) : undefined;
}
