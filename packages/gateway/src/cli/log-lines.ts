import type { CallRecord } from 'modelwire/internal/runtime/record';
import type { LogFormat } from '../config/config.ts';
import type { Output } from './command.ts';
import { duration } from './story.ts';
import { colour, printable } from './terminal.ts';

export type CallLog = { call(json: string, record: CallRecord): void; flush(): void };

const flushMs = 50;

/** One line a call on stdout, written in batches: a terminal or a file is slower than a call. */
export function createCallLog(format: LogFormat, output: Output, painted: boolean): CallLog | undefined {
  const chosen = format === 'auto' ? (output.isTTY ? 'text' : 'json') : format;
  if (chosen === 'off') return undefined;
  let lines = '';
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (lines !== '') output.write(lines);
    lines = '';
  };
  return {
    call(json, record) {
      lines += `${chosen === 'json' ? json : callLine(record, painted)}\n`;
      timer ??= setTimeout(flush, flushMs);
    },
    flush,
  };
}

/** A call as one line for people: time, status, what was asked and what answered, how long, tokens. */
export function callLine(record: CallRecord, painted: boolean): string {
  const paint = colour(painted);
  const { asked, served, usage, error, notes } = record;
  const good = record.outcome === 'ok';
  const named = asked ?? record.operation;
  const parts = [
    new Date(record.at).toTimeString().slice(0, 8),
    (good ? paint.green : paint.red)(String(record.status)),
    served === undefined || served === named ? named : `${named} → ${served}`,
    duration(record.totalMs),
    ...(usage === undefined ? [] : [`${usage.input} in ${usage.output} out`]),
    ...(record.attempts.length > 1 ? [`${record.attempts.length} tries`] : []),
    ...(notes.length > 0 ? [`${notes.length} note${notes.length === 1 ? '' : 's'}`] : []),
    ...(record.key === 'anonymous' ? [] : [record.key]),
    ...(error === undefined ? [] : [`${error.code}: ${error.message}`]),
    ...(good ? [] : [record.id]),
  ];
  return parts.map((part, index) => (index === 1 ? part : printable(part).replaceAll('\n', ' '))).join('  ');
}
