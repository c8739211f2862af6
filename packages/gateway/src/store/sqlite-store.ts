import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { isObject } from 'modelwire/internal/core/json-text';
import type { CallRecord } from 'modelwire/internal/runtime/record';
import type { Store } from './store.ts';

const flushMs = 200;
/** More than this waiting to be written (a locked or full disk) and the oldest are given up: calls never wait for the disk. */
const queueLimit = 10_000;
/** Records older than the newest this many are removed as new ones come. */
const keepRecords = 100_000;

/** Records in a SQLite file (`node:sqlite`), written in batches off the request path. `problem` hears of a disk that does not take them. */
export async function openSqliteStore(file: string, problem: (error: unknown) => void): Promise<Store> {
  const { DatabaseSync } = await import('node:sqlite');
  makeFolder(dirname(file));
  const database = new DatabaseSync(file);
  prepareDatabase(database);
  const insert = database.prepare('INSERT OR REPLACE INTO calls (id, at, body) VALUES (?, ?, ?)');
  const prune = database.prepare('DELETE FROM calls WHERE rowid <= (SELECT max(rowid) FROM calls) - ?');
  const byId = database.prepare('SELECT body FROM calls WHERE id = ?');
  const newest = database.prepare('SELECT body FROM calls ORDER BY rowid DESC LIMIT ?');
  const byPrefix = database.prepare("SELECT body FROM calls WHERE id LIKE ? ESCAPE '\\' ORDER BY rowid DESC LIMIT ?");
  let waiting: CallRecord[] = [];
  let timer: NodeJS.Timeout | undefined;

  const flush = (): void => {
    timer = undefined;
    if (waiting.length === 0) return;
    try {
      database.exec('BEGIN');
      for (const record of waiting) insert.run(record.id, record.at, JSON.stringify(record));
      prune.run(keepRecords);
      database.exec('COMMIT');
      waiting = [];
    } catch (error) {
      rollBack(database, problem);
      problem(error);
      waiting = waiting.slice(-queueLimit);
      schedule();
    }
  };
  const schedule = (): void => {
    timer ??= setTimeout(flush, flushMs).unref();
  };
  const settled = <T>(read: () => T): T => {
    flush();
    return read();
  };
  return {
    put(record) {
      waiting.push(record);
      schedule();
    },
    get: (id) => settled(() => recordsOf([byId.get(id)])[0]),
    find: (prefix, limit) => settled(() => recordsOf(byPrefix.all(`${prefix.replace(/[\\%_]/g, '\\$&')}%`, limit))),
    last: (count) => settled(() => recordsOf(newest.all(count))),
    close() {
      clearTimeout(timer);
      flush();
      clearTimeout(timer);
      database.close();
    },
  };
}

/** Level by level: Node's own recursive mkdir never returns where a parent is there but takes no folders (/proc). */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process may have been quicker.
    if (!existsSync(folder)) throw error;
  }
}

function prepareDatabase(database: DatabaseSync): void {
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 50');
  database.exec('CREATE TABLE IF NOT EXISTS calls (id TEXT PRIMARY KEY, at INTEGER NOT NULL, body TEXT NOT NULL)');
}

function rollBack(database: DatabaseSync, problem: (error: unknown) => void): void {
  try {
    if (database.isTransaction) database.exec('ROLLBACK');
  } catch (error) {
    problem(error);
  }
}

/** Rows back to records; what is not one (a file of another version) is passed over. */
function recordsOf(rows: readonly unknown[]): CallRecord[] {
  const records: CallRecord[] = [];
  for (const row of rows) {
    const body: unknown = isObject(row) ? row['body'] : undefined;
    if (typeof body !== 'string') continue;
    const value: unknown = JSON.parse(body);
    if (isRecord(value)) records.push(value);
  }
  return records;
}

function isRecord(value: unknown): value is CallRecord {
  return isObject(value) && typeof value['id'] === 'string' && Array.isArray(value['attempts']) && Array.isArray(value['notes']);
}
