import type { ChatEvent } from '../../core/event.ts';
import type { Block, Extra, Finish, RawJson, Reply, ReplyHead } from '../../core/ir.ts';
import { type Cursor, cursorAt, fieldOf, rawOf } from '../../core/json-cursor.ts';
import { printArray, printObject, printString } from '../../core/json-print.ts';
import { isObject, type JsonObject, type JsonText, parseJsonText } from '../../core/json-text.ts';
import { loseExtras } from '../../core/notes.ts';
import { blamingProvider, invalidAnswer } from '../../core/provider-fault.ts';
import { describeForeign } from '../../core/upstream-failure.ts';
import { failureInside } from './errors.ts';
import { decodeFinish, encodeFinish } from './finish.ts';
import { type AnswerScope, createReader, type Reader } from './reading.ts';
import { type AnswerStyle, collectMessage, loseHead, loseTier } from './showing.ts';
import { decodeUsage, printUsage } from './usage.ts';
import { assistantParts, message as messageShape, reply as replyShape } from './verdicts.ts';
import { dialect, extrasOf, isOwn, ownEntries } from './wire.ts';

/** A whole answer. Throws `upstream_invalid_response` for what is none, and the provider's own error for an error inside a 200. */
export function readReply(text: string, scope: AnswerScope): Reply {
  const json = parseAnswer(text, scope);
  const inside = failureInside(json.value, json.text, scope.context.target);
  if (inside !== undefined) throw inside;
  const root = cursorAt(json);
  return blamingProvider(scope.context.target, () => decodeAnswer(root, scope));
}

function parseAnswer(text: string, scope: AnswerScope): JsonText {
  try {
    return parseJsonText(text);
  } catch (cause) {
    throw invalidAnswer(scope.context.target, describeForeign(text), cause);
  }
}

function decodeAnswer(root: Cursor, scope: AnswerScope): Reply {
  const { context } = scope;
  const answer = isObject(root.value) ? root.value : {};
  const message = fieldOf(root, 'message');
  const native = answer['finish_reason'];
  if (!isObject(message.value)) throw invalidAnswer(scope.context.target, 'the answer has no message');
  if (typeof native !== 'string' || native === '') throw invalidAnswer(scope.context.target, 'the answer has no finish reason');
  const blocks: Block[] = [];
  const emit = (event: ChatEvent): void => {
    if (event.type === 'close') blocks.push(event.block);
  };
  const reader = createReader(scope);
  readMessage(message, message.value, reader, emit);
  reader.finish(emit);
  const usage = decodeUsage(answer['usage'], context.ledger.lost);
  const ext = [...answerExtras(root, message), ...reader.extras()];
  const finish = decodeFinish(native, { called: reader.called(), ext }, scope);
  return { ...headOf(answer, scope), blocks, finish, ...(usage === undefined ? {} : { usage }) };
}

/** Thinking and text, the plan, then the calls: the order in which models make them. */
function readMessage(cursor: Cursor, message: JsonObject, reader: Reader, emit: (event: ChatEvent) => void): void {
  const parts = itemsUnder(cursor, 'content');
  const citations = itemsUnder(cursor, 'citations').map((item) => ({ item, of: partOf(item.value, parts.length) }));
  const citeOf = (part: number | 'plan' | undefined): void => {
    for (const [place, { item, of }] of citations.entries()) if (of === part) reader.cite(item.value, rawOf(item), place);
  };
  for (const [index, part] of parts.entries()) {
    readPart(part, index, reader, emit);
    citeOf(index);
  }
  citeOf(undefined);
  const plan = message['tool_plan'];
  if (typeof plan === 'string') reader.plan(plan, emit);
  citeOf('plan');
  for (const [index, item] of itemsUnder(cursor, 'tool_calls').entries()) {
    if (!isObject(item.value)) continue;
    const made = isObject(item.value['function']) ? item.value['function'] : {};
    reader.call({ index, id: filled(item.value['id']), name: filled(made['name']), text: argumentsIn(item) }, emit);
  }
}

/** What a citation is of: one of the content's parts, by its place, or the plan; undefined where it does not say. */
function partOf(citation: unknown, parts: number): number | 'plan' | undefined {
  const { type, content_index: index } = isObject(citation) ? citation : {};
  if (type === 'PLAN') return 'plan';
  return Number.isInteger(index) && Number(index) >= 0 && Number(index) < parts ? Number(index) : undefined;
}

function itemsUnder(cursor: Cursor, key: string): readonly Cursor[] {
  const list = fieldOf(cursor, key);
  if (!Array.isArray(list.value)) return [];
  const { json, tally } = list;
  return list.value.map((value: unknown, index) => ({ json, value, path: `${list.path}[${index}]`, above: list, step: index, tally }));
}

function readPart(part: Cursor, index: number, reader: Reader, emit: (event: ChatEvent) => void): void {
  if (!isObject(part.value)) return;
  const { type, text, thinking } = part.value;
  if (type === 'thinking' && typeof thinking === 'string') reader.say('reasoning', thinking, index, emit);
  else if (typeof text === 'string') reader.say('text', text, index, emit);
  else if (typeof type === 'string' && !assistantParts.of.has(type)) reader.other(type, rawOf(part), emit);
}

/** Arguments are text; a server may send the object itself, whose source text is that. */
function argumentsIn(call: Cursor): string {
  const written = fieldOf(fieldOf(call, 'function'), 'arguments');
  if (typeof written.value === 'string') return written.value;
  return isObject(written.value) ? rawOf(written) : '';
}

export function filled(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Who answers: the format names no model, and no time. */
export function headOf(answer: JsonObject, { context }: AnswerScope): ReplyHead {
  return { id: filled(answer['id']) ?? context.newId('msg_'), model: context.target.model, created: Math.floor(context.now() / 1000) };
}

/** What an answer holds besides: it goes to callers of this dialect as it came. */
function answerExtras(root: Cursor, message: Cursor): readonly Extra[] {
  const kept = (extras: readonly Extra[]): readonly Extra[] => extras.filter((extra) => extra.raw !== 'null' && extra.key !== 'citations');
  return [...kept(extrasOf(root, replyShape)), ...kept(extrasOf(message, messageShape))];
}

// The caller's side.

/** The whole answer. */
export function encodeReply(reply: Reply, style: AnswerStyle): string {
  const { context } = style;
  const { finish, usage, serviceTier, ext = [] } = reply;
  loseHead(reply, style);
  loseTier(serviceTier, style);
  const all = [...ext, ...(finish.ext ?? [])];
  loseExtras(all, dialect, context.ledger);
  const own = (at: string): ReturnType<typeof ownEntries> => (isOwn(context) ? ownEntries(all, at) : []);
  const { content, plan, calls, citations } = collectMessage(reply.blocks, finish, style);
  const said = content.length > 0 || calls.length > 0 || plan !== '' ? content : ['{"type":"text","text":""}'];
  const entries = printObject([
    ['role', '"assistant"'],
    ['content', said.length === 0 ? undefined : printArray(said)],
    ['tool_plan', plan === '' ? undefined : printString(plan)],
    ['tool_calls', calls.length === 0 ? undefined : printArray(calls)],
    ['citations', citations.length === 0 ? undefined : printArray(citations)],
    ...own('message'),
  ]);
  return printObject([
    ['id', printString(reply.id === '' ? context.callId : reply.id)],
    ['finish_reason', printString(encodeFinish(finish, calls.length > 0, context))],
    ['message', entries],
    ['usage', usage === undefined ? undefined : printUsage(usage, context)],
    ...own(''),
  ]);
}

/** What is known at a stream's end alone. */
export function printEnd(finish: Finish, { called, usage }: { readonly called: boolean; readonly usage: RawJson | undefined }, style: AnswerStyle): RawJson {
  return printObject([
    ['finish_reason', printString(encodeFinish(finish, called, style.context))],
    ['usage', usage],
  ]);
}
