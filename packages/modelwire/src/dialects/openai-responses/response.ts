import type { Context } from '../../core/dialect.ts';
import type { GatewayError } from '../../core/errors.ts';
import type { Extra, RawJson, ReplyHead } from '../../core/ir.ts';
import { type Entry, printArray, printObject, printString } from '../../core/json-print.ts';
import { isObject, type JsonObject, type JsonText } from '../../core/json-text.ts';
import { printFailure } from './errors.ts';
import type { ItemStyle } from './print-items.ts';
import { encodeSse } from './sse.ts';
import { stateInclude } from './verdicts-request.ts';
import { isOwn, ownEntries } from './wire.ts';

/** How a caller wants to be answered. */
export type AnswerStyle = ItemStyle & {
  /** What a response says again of its question. */
  readonly asked: readonly Entry[];
  /** Whether the caller takes the state of the thinking with it. */
  readonly keepsThinking: boolean;
};

export function styleFor(body: JsonText, toolName: AnswerStyle['toolName'], context: Context): AnswerStyle {
  const include = isObject(body.value) ? body.value['include'] : undefined;
  // An id is the caller's to send back: here it may be of any length.
  const callId = (id: string): string => id;
  return { where: 'output', context, toolName, callId, asked: askedIn(body), keepsThinking: Array.isArray(include) && include.includes(stateInclude) };
}

/** Fields that a response repeats as they were asked. Those that its type requires are null, or what they mean, where nobody gave them. */
const repeated: readonly (readonly [key: string, absent?: RawJson])[] = [
  ['background'],
  ['instructions', 'null'],
  ['max_output_tokens'],
  ['max_tool_calls'],
  ['metadata', '{}'],
  ['parallel_tool_calls', 'true'],
  ['prompt_cache_key'],
  ['reasoning'],
  ['safety_identifier'],
  ['temperature', 'null'],
  ['text'],
  ['tool_choice', '"auto"'],
  ['top_p', 'null'],
  ['truncation'],
  ['user'],
];

/** The settings of a request as its response repeats them, in the caller's own spelling. */
function askedIn(body: JsonText): Entry[] {
  const given = isObject(body.value) ? body.value : {};
  const entries = repeated.map(([key, absent]): Entry => [key, (given[key] ?? null) === null ? absent : body.raw([key])]);
  return [...entries, ['tools', toolsIn(given['tools'], body)]];
}

/** A function that says nothing of its parameters or its strictness says so in the answer. */
function toolsIn(tools: unknown, body: JsonText): RawJson {
  if (!Array.isArray(tools)) return '[]';
  return printArray(
    tools.map((tool: unknown, at) => {
      if (!isObject(tool) || tool['type'] !== 'function') return body.raw(['tools', at]) ?? 'null';
      const given = Object.keys(tool).map((key): Entry => [key, body.raw(['tools', at, key])]);
      const missing = ['parameters', 'strict'].filter((key) => !Object.hasOwn(tool, key)).map((key): Entry => [key, 'null']);
      return printObject([...given, ...missing]);
    }),
  );
}

/** Where an answer stands. */
export type Standing = {
  readonly status: 'queued' | 'in_progress' | 'completed' | 'incomplete' | 'failed';
  readonly output: readonly RawJson[];
  readonly error?: RawJson;
  readonly details?: RawJson;
  readonly usage?: RawJson | undefined;
  readonly tier?: RawJson | undefined;
  /** What the provider's own response held besides. */
  readonly ext?: readonly Extra[] | undefined;
};

/** A response with every key that the official type requires. */
export function printResponse(head: ReplyHead, standing: Standing, style: AnswerStyle): RawJson {
  const { context } = style;
  const { status, output, error = 'null', details = 'null', usage, tier } = standing;
  const told: Entry[] = [
    ['id', printString(head.id)],
    ['object', '"response"'],
    ['created_at', String(head.created)],
    ['status', printString(status)],
    ['error', error],
    ['incomplete_details', details],
    ['model', printString(head.model)],
    ['output', printArray(output)],
    ['service_tier', tier],
    ['usage', usage],
  ];
  const besides: Entry[] = [
    ['completed_at', status === 'completed' ? String(Math.floor(context.now() / 1000)) : 'null'],
    ['access_programs', 'null'],
    ...style.asked,
  ];
  const own = isOwn(context) ? ownEntries(standing.ext, '').filter(([, raw]) => raw !== 'null') : [];
  return printObject([...told, ...(own.length === 0 ? besides : withOwn(besides, own, told))]);
}

/** What the provider's own response said stands before what we would have said. */
function withOwn(entries: readonly Entry[], own: readonly Entry[], told: readonly Entry[]): Entry[] {
  const taken = new Map(own);
  const keys = new Set([...told, ...entries].map(([key]) => key));
  return [...entries.map(([key, raw]): Entry => [key, taken.get(key) ?? raw]), ...own.filter(([key]) => !keys.has(key))];
}

/** The id of an answer, which has a form of its own in this format. */
export function withId(head: ReplyHead, { context }: AnswerStyle): ReplyHead {
  return head.id.startsWith('resp_') ? head : { ...head, id: context.newId('resp_') };
}

/** How a relayed stream that has begun fails: with the response that it began with. */
export function encodeFailed(opening: JsonObject, error: GatewayError, number: number): string {
  const failed: unknown = JSON.parse(printFailure(error));
  return encodeSse(
    'response.failed',
    JSON.stringify({ type: 'response.failed', sequence_number: number, response: { ...opening, status: 'failed', error: failed } }),
  );
}
