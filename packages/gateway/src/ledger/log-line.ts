import type { CallRecord } from 'modelwire/internal/runtime/record';
import { hasKind, isSameKind } from './kind.ts';

/** So many kinds of calls are remembered. */
const mostKinds = 8;

/** One JSON line a call: who, what, how it went. Never a key, a prompt or an answer. What calls of a kind share is printed once. */
export function createLogLine(): (record: CallRecord) => string {
  const isoTime = createIsoTime();
  const kinds: { readonly record: CallRecord; readonly text: string }[] = [];
  const sharedText = (record: CallRecord): string => {
    const known = kinds.find((kind) => isSameKind(kind.record, record));
    if (known !== undefined) return known.text;
    const text = printShared(record);
    if (!hasKind(record)) return text;
    if (kinds.length === mostKinds) kinds.shift();
    kinds.push({ record, text });
    return text;
  };
  return (record) => {
    const { id, usage, firstContentMs, totalMs } = record;
    const tokens =
      usage === undefined
        ? ''
        : `,"input_tokens":${usage.input}${count('cache_read_tokens', usage.cacheRead)},"output_tokens":${usage.output}${count('reasoning_tokens', usage.reasoning)}`;
    return `{"time":"${isoTime(record.at)}","id":${JSON.stringify(id)}${sharedText(record)}${count('first_content_ms', firstContentMs)},"total_ms":${totalMs}${tokens}${count('notes', record.notes.length || undefined)}}`;
  };
}

/** What the line of a call has in common with those of its kind, with a comma before. */
function printShared(record: CallRecord): string {
  const text = JSON.stringify({
    key: record.key,
    format: record.format,
    operation: record.operation,
    stream: record.stream,
    asked: record.asked,
    served: record.served,
    mode: record.attempts.at(-1)?.mode,
    status: record.status,
    outcome: record.outcome,
    error: record.error?.code,
    finish: record.finish,
    attempts: record.attempts.length,
  });
  return `,${text.slice(1, -1)}`;
}

function count(name: string, value: number | undefined): string {
  return value === undefined ? '' : `,"${name}":${value}`;
}

/** ISO time of milliseconds since the epoch: printed once a second, then but for the milliseconds. */
function createIsoTime(): (at: number) => string {
  let second = Number.NaN;
  let start = '';
  return (at) => {
    const ms = at % 1000;
    if (at - ms !== second) {
      second = at - ms;
      start = new Date(second).toISOString().slice(0, -4);
    }
    return `${start}${String(ms).padStart(3, '0')}Z`;
  };
}
