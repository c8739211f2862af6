import type { CallRecord } from 'modelwire/internal/runtime/record';

/** One JSON line a call: who, what, how it went. Never a key, a prompt or an answer. */
export function createLogLine(): (record: CallRecord) => string {
  const time = createIsoTime();
  return (record) => printLine(time(record.at), record);
}

function printLine(time: string, record: CallRecord): string {
  return JSON.stringify({
    time,
    id: record.id,
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
    first_content_ms: record.firstContentMs,
    total_ms: record.totalMs,
    input_tokens: record.usage?.input,
    cache_read_tokens: record.usage?.cacheRead,
    output_tokens: record.usage?.output,
    reasoning_tokens: record.usage?.reasoning,
    notes: record.notes.length === 0 ? undefined : record.notes.length,
  });
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
