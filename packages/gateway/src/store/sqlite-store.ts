import { isObject } from 'modelwire/internal/core/json-text';
import type { CallRecord } from 'modelwire/internal/runtime/record';
import { openDatabase } from './database.ts';
import { packRecords, unpackRecords } from './pack.ts';
import type { Store } from './store.ts';

const flushMs = 200;
/** More than this waiting to be written (a locked or full disk) and the oldest are given up: calls never wait for the disk. */
const queueLimit = 10_000;
/** Records older than the newest this many are removed, with their whole batch, as new ones come. */
const keepRecords = 100_000;
/** The old are looked for after this many new ones. */
const pruneEvery = 1000;

/**
 * Records in a SQLite file (`node:sqlite`), written in batches off the request path. A batch is one row, since a row and an index
 * entry a record cost more than all the rest of recording a call. `problem` hears of a disk that does not take them.
 */
export async function openSqliteStore(file: string, problem: (error: unknown) => void): Promise<Store> {
  const database = await openDatabase(file);
  // `last` is the running number of the batch's last record.
  database.exec('CREATE TABLE IF NOT EXISTS batches (last INTEGER PRIMARY KEY, ids TEXT NOT NULL, records TEXT NOT NULL)');
  const insert = database.prepare('INSERT INTO batches (last, ids, records) VALUES ((SELECT coalesce(max(last), 0) FROM batches) + ?, ?, ?)');
  const prune = database.prepare('DELETE FROM batches WHERE last <= (SELECT max(last) FROM batches) - ?');
  const newest = database.prepare('SELECT records FROM batches ORDER BY last DESC');
  const holding = database.prepare("SELECT records FROM batches WHERE ids LIKE ? ESCAPE '\\' ORDER BY last DESC");
  let waiting: CallRecord[] = [];
  let timer: NodeJS.Timeout | undefined;
  let unpruned = pruneEvery;

  const flush = (): void => {
    timer = undefined;
    if (waiting.length === 0) return;
    try {
      insert.run(waiting.length, idsOf(waiting), packRecords(waiting));
      unpruned += waiting.length;
      waiting = [];
      if (unpruned < pruneEvery) return;
      prune.run(keepRecords);
      unpruned = 0;
    } catch (error) {
      problem(error);
      if (waiting.length === 0) return;
      waiting = waiting.slice(-queueLimit);
      schedule();
    }
  };
  const schedule = (): void => {
    timer ??= setTimeout(flush, flushMs).unref();
  };
  /** Of the batches, newest first, the records that are wanted. An id that stands twice (a caller chose it) is the newer call's. */
  const gather = (rows: Iterable<unknown>, limit: number, isWanted: (record: CallRecord) => boolean): CallRecord[] => {
    const found = new Map<string, CallRecord>();
    for (const row of rows) {
      if (found.size >= limit) break;
      for (const record of recordsIn(row).reverse()) if (found.size < limit && !found.has(record.id) && isWanted(record)) found.set(record.id, record);
    }
    return [...found.values()];
  };
  return {
    put(record) {
      waiting.push(record);
      schedule();
    },
    get(id) {
      flush();
      return gather(holding.iterate(`%\n${escaped(id)}\n%`), 1, (record) => record.id === id)[0];
    },
    find(prefix, limit) {
      flush();
      const lower = prefix.toLowerCase();
      return gather(holding.iterate(`%\n${escaped(prefix)}%`), limit, ({ id }) => id.toLowerCase().startsWith(lower));
    },
    last(count) {
      flush();
      return gather(newest.iterate(), count, () => true);
    },
    close() {
      clearTimeout(timer);
      flush();
      clearTimeout(timer);
      database.close();
    },
  };
}

/** The ids with a line break before and after each, so that one can be found whole and by its beginning. */
function idsOf(records: readonly CallRecord[]): string {
  let ids = '\n';
  for (const record of records) ids += `${record.id}\n`;
  return ids;
}

/** As a pattern of LIKE that stands for itself. */
function escaped(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}

function recordsIn(row: unknown): CallRecord[] {
  const text: unknown = isObject(row) ? row['records'] : undefined;
  return typeof text === 'string' ? unpackRecords(text) : [];
}
