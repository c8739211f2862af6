import type { Context } from '../../core/dialect.ts';
import type { ChatEvent } from '../../core/event.ts';
import type { Block, Extra, RawJson, Reply, ReplyHead, Usage } from '../../core/ir.ts';
import { type Cursor, cursorAt, fieldOf } from '../../core/json-cursor.ts';
import { type Entry, printArray, printString } from '../../core/json-print.ts';
import { isObject, type JsonObject, type JsonText } from '../../core/json-text.ts';
import { loseExtras } from '../../core/notes.ts';
import { blamingProvider, invalidAnswer } from '../../core/provider-fault.ts';
import { isFinished } from '../../core/tool-input.ts';
import { failureInside } from './errors.ts';
import { decodeFinish, finishWord } from './finish.ts';
import { type AnswerScope, createReader } from './reading.ts';
import { createParts, type Piece } from './showing.ts';
import { decodeUsage, usageEntries } from './usage.ts';
import { answerMessage, reply as replyShape } from './verdicts.ts';
import { dialect, extrasOf, isOwn, printWithExtras } from './wire.ts';

/** A whole answer. Throws `upstream_invalid_response` for what is none, and the provider's own error for an error inside a 200. */
export function decodeReply(json: JsonText, scope: AnswerScope): Reply {
  const { context } = scope;
  const inside = failureInside(json.value, json.text, context.target);
  if (inside !== undefined) throw inside;
  return blamingProvider(context.target, () => decodeAnswer(cursorAt(json), scope));
}

function decodeAnswer(root: Cursor, scope: AnswerScope): Reply {
  const { context } = scope;
  const answer: JsonObject = isObject(root.value) ? root.value : {};
  const { message, done } = answer;
  if (done !== true) throw invalidAnswer(context.target, done === undefined ? 'the answer has no "done"' : 'the answer is not done');
  const blocks: Block[] = [];
  const emit = (event: ChatEvent): void => {
    if (event.type === 'close') blocks.push(event.block);
  };
  const reader = createReader(scope);
  if (!isObject(message) && typeof answer['response'] !== 'string') throw invalidAnswer(context.target, 'the answer has no message');
  reader.say(answer, emit);
  if (isObject(message) && Array.isArray(message['tool_calls'])) reader.call(fieldOf(root, 'message'), emit);
  reader.finish(emit);
  const usage = decodeUsage(answer, context.ledger);
  const finish = decodeFinish(answer['done_reason'], { called: reader.called(), ext: answerExtras(root) }, context);
  return { ...headOf(answer, context), blocks, finish, ...(usage === undefined ? {} : { usage }) };
}

/** Who answers. Ollama gives its answers no ids. */
export function headOf(answer: JsonObject, context: Context): ReplyHead {
  const { model } = answer;
  return {
    id: `ollama_${context.callId}`,
    model: typeof model === 'string' && model !== '' ? model : context.target.model,
    created: Math.floor(context.now() / 1000),
  };
}

/** What an answer holds besides: it goes to callers of this dialect as it came. */
export function answerExtras(root: Cursor): Extra[] {
  const message = fieldOf(root, 'message');
  const extras = [...extrasOf(root, replyShape), ...(isObject(message.value) ? extrasOf(message, answerMessage) : [])];
  return extras.filter((extra) => extra.raw !== 'null');
}

// The caller's side.

/** How a caller is answered, and since when it waits (milliseconds since the epoch). */
export type AnswerStyle = {
  readonly context: Context;
  readonly startedAt: number;
  /** `generate`: what is said stands in the answer itself, not in a message. */
  readonly form: 'chat' | 'generate';
};

export function encodeReply(reply: Reply, style: AnswerStyle): string {
  const { context } = style;
  const parts = createParts(context);
  const pieces = reply.blocks.filter((block) => isFinished(block, reply.finish, context)).flatMap((block) => parts.whole(block));
  parts.end();
  noteOrder(pieces, context);
  return printLast(reply, { ...reply, pieces, firstAt: style.startedAt }, style);
}

const places = { thinking: 0, content: 1, call: 2 } as const;

/** A message has its thinking, its text and its calls in this order alone. */
function noteOrder(pieces: readonly Piece[], { ledger }: Context): void {
  const order = pieces.map(({ kind }) => places[kind]);
  if (order.some((place, index) => place < (order[index - 1] ?? 0)))
    ledger.note('changed', 'message', 'text stands before the calls there, and thinking before both');
}

/** What is known at an answer's end alone, and the pieces that go with it. `firstAt`: when the answer began to come. */
export type Last = Pick<Reply, 'finish' | 'ext' | 'serviceTier'> & { readonly usage?: Usage; readonly pieces: readonly Piece[]; readonly firstAt: number };

/** A whole answer, or the last line of a stream. The times are those that the caller waited here. */
export function printLast(head: ReplyHead, { finish, usage, serviceTier, pieces, firstAt, ext = [] }: Last, style: AnswerStyle): RawJson {
  const { context, startedAt } = style;
  const all = [...ext, ...(finish.ext ?? [])];
  loseExtras(all, dialect, context.ledger);
  if (serviceTier !== undefined) context.ledger.lost('serviceTier', 'which tier served the answer has no place');
  const own = isOwn(context) ? all : [];
  const now = context.now();
  const counts = usageEntries(usage, context);
  const entries: Entry[] = [
    ...headEntries(head),
    ...saidEntries(pieces, own, style),
    ['done', 'true'],
    ['done_reason', printString(finishWord(finish, context))],
    ['total_duration', nanoseconds(now - startedAt)],
    ['load_duration', '0'],
    ...counts.input,
    ['prompt_eval_duration', nanoseconds(firstAt - startedAt)],
    ...counts.output,
    ['eval_duration', nanoseconds(now - firstAt)],
  ];
  return printWithExtras(entries, own, '');
}

export function headEntries({ model, created }: Pick<ReplyHead, 'model' | 'created'>): Entry[] {
  return [
    ['model', printString(model)],
    // A provider's number may be no date that there is.
    ['created_at', printString(new Date(Math.min(created, lastSecond) * 1000).toISOString())],
  ];
}

const lastSecond = 8.64e12;

function nanoseconds(ms: number): RawJson {
  return String(Math.max(0, Math.round(ms)) * 1_000_000);
}

/** What the model said, where its caller looks for it. */
export function saidEntries(pieces: readonly Piece[], ext: readonly Extra[], { context, form }: AnswerStyle): Entry[] {
  const said = (kind: 'content' | 'thinking'): string => pieces.map((piece) => (piece.kind === kind ? piece.text : '')).join('');
  const calls = pieces.flatMap((piece) => (piece.kind === 'call' ? [piece.raw] : []));
  const thought = said('thinking');
  const thinking: Entry = ['thinking', thought === '' ? undefined : printString(thought)];
  const content = printString(said('content'));
  if (form === 'generate') {
    if (calls.length > 0) context.ledger.lost('tool_calls', 'the answer to a single prompt holds no calls');
    return [['response', content], thinking];
  }
  const message: Entry[] = [['role', '"assistant"'], ['content', content], thinking, ['tool_calls', calls.length === 0 ? undefined : printArray(calls)]];
  return [['message', printWithExtras(message, ext, 'message')]];
}
