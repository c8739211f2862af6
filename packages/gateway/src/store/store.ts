import type { CallRecord } from 'modelwire/internal/runtime/record';

/** Where records are kept. Writing never blocks a call: a store batches and catches up. */
export type Store = {
  put(record: CallRecord): void;
  get(id: string): CallRecord | undefined;
  /** Ids that begin with the prefix, newest first, at most `limit`. */
  find(prefix: string, limit: number): readonly CallRecord[];
  /** Newest first. */
  last(count: number): readonly CallRecord[];
  /** Writes what is batched, and closes. */
  close(): void;
};

/** Keeps the newest `capacity` records in memory. */
export function createMemoryStore(capacity = 1000): Store {
  const records = new Map<string, CallRecord>();
  const newestFirst = (): CallRecord[] => [...records.values()].reverse();
  return {
    put(record) {
      records.delete(record.id);
      records.set(record.id, record);
      if (records.size <= capacity) return;
      const oldest = records.keys().next();
      if (!oldest.done) records.delete(oldest.value);
    },
    get: (id) => records.get(id),
    find: (prefix, limit) =>
      newestFirst()
        .filter((record) => record.id.startsWith(prefix))
        .slice(0, limit),
    last: (count) => newestFirst().slice(0, count),
    close: () => records.clear(),
  };
}
