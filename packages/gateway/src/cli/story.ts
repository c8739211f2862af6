import type { AttemptRecord, CallRecord } from 'modelwire/internal/runtime/record';
import { colour, printable, table } from './terminal.ts';

/** A call as a story: what was asked, how it was resolved, who was tried, what came of it. Lines fit `width`. */
export function callStory(record: CallRecord, options: { readonly painted: boolean; readonly width: number }): string {
  const paint = colour(options.painted);
  const outcome = record.outcome === 'ok' ? paint.green('ok') : paint.red(record.outcome);
  const rows = [
    ['asked', `${record.asked ?? 'no model'}${record.how === undefined ? '' : `, resolved by ${record.how}`}`],
    ...record.candidates.map(({ target, excludedBy }, index) => [
      index === 0 ? 'targets' : '',
      excludedBy === undefined ? target : `${target} (left out: ${excludedBy})`,
    ]),
    ...record.attempts.flatMap((attempt, index) => attemptRows(attempt, index, record.at)),
    [
      'outcome',
      `${outcome} ${record.status}${record.served === undefined ? '' : ` from ${record.served}`}${record.finish === undefined ? '' : `, ended by ${record.finish}`}`,
    ],
    ...(record.error === undefined ? [] : [['error', `${record.error.code}: ${record.error.message}`]]),
    ['time', times(record)],
    ['tokens', tokens(record)],
    ...record.notes.map((note, index) => [index === 0 ? 'notes' : '', `${note.verdict} ${note.path}: ${note.reason}`]),
  ];
  return `${headline(record)}\n${table(rows.map(([label = '', text = '']) => [`  ${label}`, oneLine(text)]))}`;
}

/** A record's text comes from clients and providers: nothing in it may move the cursor, save our own colours. */
function oneLine(text: string): string {
  const escape = '\u001b';
  return text.includes(escape) ? text.replaceAll('\n', ' ') : printable(text).replaceAll('\n', ' ');
}

function headline({ id, at, format, operation, stream, key, client }: CallRecord): string {
  const what = [format, operation, stream ? 'streaming' : 'whole'].filter((part) => part !== '').join(' ');
  return printable(`${id}  ${new Date(at).toISOString()}  ${what}  key ${key}${client === undefined ? '' : `  ${client}`}`);
}

function attemptRows(attempt: AttemptRecord, index: number, begun: number): string[][] {
  const how = attempt.mode === 'relay' ? 'relayed' : `translated${attempt.back === undefined ? '' : ` to ${attempt.back}`}`;
  const status = attempt.status === undefined ? 'no answer' : String(attempt.status);
  const after = attempt.startedAt > begun ? `, after ${duration(attempt.startedAt - begun)}` : '';
  const first = [`try ${index + 1}`, `${attempt.provider}/${attempt.model} ${how}: ${status} in ${duration(attempt.ms)}${after}`];
  const rest = [
    attempt.error === undefined ? undefined : `${attempt.error.code}: ${attempt.error.message}`,
    attempt.upstreamRequestId === undefined ? undefined : `provider's request id ${attempt.upstreamRequestId}`,
  ];
  return [first, ...rest.filter((line) => line !== undefined).map((line) => ['', line])];
}

function times({ firstContentMs, totalMs }: CallRecord): string {
  return `${firstContentMs === undefined ? '' : `first content after ${duration(firstContentMs)}, `}${duration(totalMs)} in all`;
}

function tokens({ usage }: CallRecord): string {
  if (usage === undefined) return 'not told';
  const { input, cacheRead, cacheWrite, output, reasoning } = usage;
  return [
    `${input} in`,
    cacheRead ? `${cacheRead} from cache` : undefined,
    cacheWrite ? `${cacheWrite} to cache` : undefined,
    `${output} out`,
    reasoning ? `${reasoning} of it thinking` : undefined,
  ]
    .filter((part) => part !== undefined)
    .join(', ');
}

/** `340 ms`, `1.2 s`, `2 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}
