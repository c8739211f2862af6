import { isObject } from 'modelwire/internal/core/json-text';
import type { KeptTurn } from 'modelwire/internal/core/dialect';
import { type ConversationStore, type Keeping, type Owner, sizeOf } from 'modelwire/internal/runtime/conversation-store';
import { openDatabase } from './database.ts';

/** Turns in a SQLite file (`node:sqlite`): they outlive a restart. Only their owner's own requests read them back. */
export async function openConversationFile(
  file: string,
  { forMs, bytes: most }: Keeping,
  now: () => number = Date.now,
): Promise<ConversationStore & { close(): void }> {
  const database = await openDatabase(file);
  database.exec(
    'CREATE TABLE IF NOT EXISTS turns (dialect TEXT, caller TEXT, id TEXT, turn TEXT NOT NULL, bytes INTEGER NOT NULL, used INTEGER NOT NULL, PRIMARY KEY (dialect, caller, id)) WITHOUT ROWID',
  );
  database.exec('CREATE INDEX IF NOT EXISTS turns_used ON turns (used)');
  const read = database.prepare('UPDATE turns SET used = ? WHERE dialect = ? AND caller = ? AND id = ? AND used > ? RETURNING turn');
  const write = database.prepare('INSERT OR REPLACE INTO turns (dialect, caller, id, turn, bytes, used) VALUES (?, ?, ?, ?, ?, ?)');
  const remove = database.prepare('DELETE FROM turns WHERE dialect = ? AND caller = ? AND id = ? AND used > ?');
  const expire = database.prepare('DELETE FROM turns WHERE used <= ?');
  const total = database.prepare('SELECT coalesce(sum(bytes), 0) AS total FROM turns');
  const oldest = database.prepare('DELETE FROM turns WHERE (dialect, caller, id) IN (SELECT dialect, caller, id FROM turns ORDER BY used LIMIT ?)');

  const trim = (): void => {
    expire.run(now() - forMs);
    while (numberIn(total.get(), 'total') > most) if (oldest.run(16).changes === 0) return;
  };
  return {
    async get({ dialect, caller }, id) {
      return turnIn(read.get(now(), dialect, caller, id, now() - forMs));
    },
    async put({ dialect, caller }, turn) {
      const bytes = sizeOf(turn);
      if (bytes > most) return;
      write.run(dialect, caller, turn.id, JSON.stringify(turn), bytes, now());
      trim();
    },
    remove: async ({ dialect, caller }: Owner, id: string) => remove.run(dialect, caller, id, now() - forMs).changes > 0,
    close: () => database.close(),
  };
}

function numberIn(row: unknown, key: string): number {
  const value = isObject(row) ? row[key] : undefined;
  return typeof value === 'number' ? value : 0;
}

/** Only this file writes the rows. */
function turnIn(row: unknown): KeptTurn | undefined {
  const text = isObject(row) ? row['turn'] : undefined;
  return typeof text === 'string' ? (JSON.parse(text) as KeptTurn) : undefined;
}
