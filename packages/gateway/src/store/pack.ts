import { isObject } from 'modelwire/internal/core/json-text';
import type { Usage } from 'modelwire/internal/core/ir';
import type { CallRecord } from 'modelwire/internal/runtime/record';
import { hasKind, isSameKind } from '../ledger/kind.ts';

/** What a record does not share with the one at `like` of its batch; null for what it has not. */
type Difference = readonly [
  like: number,
  id: string,
  at: number,
  startedAt: number,
  ms: number,
  upstreamRequestId: string | null,
  usage: Usage | null,
  firstContentMs: number | null,
  totalMs: number,
];

/** So many kinds of calls are looked for in a batch. */
const mostKinds = 8;

/**
 * Records as one JSON text: those that tell something new as they are, the others as their difference from one of these. Printing and
 * writing a record in full costs several times as much.
 */
export function packRecords(records: readonly CallRecord[]): string {
  const kinds: { readonly index: number; readonly record: CallRecord }[] = [];
  return JSON.stringify(
    records.map((record, index) => {
      const kind = kinds.find((known) => isSameKind(known.record, record));
      if (kind !== undefined) return differenceOf(record, kind.index);
      if (kinds.length < mostKinds && hasKind(record)) kinds.push({ index, record });
      return record;
    }),
  );
}

function differenceOf(record: CallRecord, like: number): Difference | CallRecord {
  const { id, at, attempts, usage = null, firstContentMs = null, totalMs } = record;
  const [attempt] = attempts;
  if (attempt === undefined) return record;
  return [like, id, at, attempt.startedAt, attempt.ms, attempt.upstreamRequestId ?? null, usage, firstContentMs, totalMs];
}

/** The records again; what is none (a file of another version) is passed over. */
export function unpackRecords(text: string): CallRecord[] {
  const values: unknown = JSON.parse(text);
  if (!Array.isArray(values)) return [];
  return values.map((value: unknown) => (isDifference(value) ? applied(value, values[value[0]]) : value)).filter(isRecord);
}

function applied([, id, at, startedAt, ms, upstreamRequestId, usage, firstContentMs, totalMs]: Difference, base: unknown): unknown {
  if (!isRecord(base)) return undefined;
  const { usage: _usage, firstContentMs: _firstContentMs, totalMs: _totalMs, ...shared } = base;
  const attempts = base.attempts.map(({ upstreamRequestId: _id, ...attempt }) => ({
    ...attempt,
    startedAt,
    ms,
    ...(upstreamRequestId === null ? {} : { upstreamRequestId }),
  }));
  return {
    ...shared,
    id,
    at,
    attempts,
    ...(usage === null ? {} : { usage }),
    ...(firstContentMs === null ? {} : { firstContentMs }),
    totalMs,
  };
}

function isDifference(value: unknown): value is Difference {
  return Array.isArray(value) && value.length === 9 && typeof value[0] === 'number' && typeof value[1] === 'string';
}

function isRecord(value: unknown): value is CallRecord {
  return isObject(value) && typeof value['id'] === 'string' && Array.isArray(value['attempts']) && Array.isArray(value['notes']);
}
