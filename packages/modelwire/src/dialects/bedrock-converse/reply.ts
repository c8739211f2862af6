import { madeCallId } from '../../core/assemble.ts';
import type { Context } from '../../core/dialect.ts';
import type { Block, Extra, RawJson, Reply, ReplyHead } from '../../core/ir.ts';
import { type Cursor, cursorAt, fieldOf, itemsOf } from '../../core/json-cursor.ts';
import { type Entry, printArray, printObject, printString } from '../../core/json-print.ts';
import { loseExtras } from '../../core/notes.ts';
import { isObject, type JsonText, parseJsonText } from '../../core/json-text.ts';
import { blamingProvider, invalidAnswer } from '../../core/provider-fault.ts';
import { isFinished } from '../../core/tool-input.ts';
import { describeForeign } from '../../core/upstream-failure.ts';
import { failureInside } from './errors.ts';
import { decodeFinish, stopWord } from './finish.ts';
import { type AnswerScope, decodeAnswerBlock } from './reading.ts';
import { type AnswerStyle, printAnswerBlock } from './showing.ts';
import { decodeUsage, printTier, printUsage, tierOf } from './usage.ts';
import { reply as replyShape } from './verdicts.ts';
import { dialect, extrasOf, isOwn, ownEntries, spelled } from './wire.ts';

/** A whole answer. Throws `upstream_invalid_response` for what is none, and the provider's own error for an error inside a 200. */
export function decodeReply(text: string, scope: AnswerScope): Reply {
  const json = parseAnswer(text, scope);
  const inside = failureInside(json.value, text, scope.context.target);
  if (inside !== undefined) throw inside;
  return blamingProvider(scope.context.target, () => decodeAnswer(cursorAt(json), scope));
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
  const content = fieldOf(fieldOf(fieldOf(root, 'output'), 'message'), 'content');
  const native = answer['stopReason'];
  if (!Array.isArray(content.value)) throw invalidAnswer(scope.context.target, 'the answer has no content');
  if (typeof native !== 'string' || native === '') throw invalidAnswer(scope.context.target, 'the answer has no stop reason');
  const blocks = withOwnIds(
    itemsOf(content).map((item) => decodeAnswerBlock(item, scope)),
    context.callId,
  );
  const usage = decodeUsage(answer['usage'], context.ledger.lost);
  const finish = decodeFinish(native, { called: blocks.some((block) => block.type === 'toolCall'), ext: lateExtras(root) }, context);
  return { ...headOf(context, answer['trace']), blocks, finish, ...(usage === undefined ? {} : { usage }), ...tierOf(answer['serviceTier']) };
}

/** Of calls with one id, those after the first have one of ours, as they have in a stream. */
function withOwnIds(blocks: readonly Block[], salt: string): readonly Block[] {
  const taken = new Set<string>();
  let ordinal = 0;
  return blocks.map((block) => {
    if (block.type !== 'toolCall' || block.kind !== 'function') return block;
    const id = taken.has(block.id) ? madeCallId(salt, ordinal, block.name) : block.id;
    taken.add(id);
    ordinal++;
    return { ...block, id };
  });
}

/** Who answers: Bedrock names neither the answer, which goes by the call's id, nor the model, unless it chose one. */
export function headOf(context: Context, trace?: unknown): ReplyHead {
  const router = isObject(trace) ? trace['promptRouter'] : undefined;
  const invoked = isObject(router) ? router['invokedModelId'] : undefined;
  return {
    id: context.callId,
    model: typeof invoked === 'string' && invoked !== '' ? invoked : context.target.model,
    created: Math.floor(context.now() / 1000),
  };
}

/** What an answer holds besides: it goes to callers of this dialect as it came. */
export function lateExtras(cursor: Cursor): Extra[] {
  return [...extrasOf(cursor, replyShape), ...spelled(cursor, 'serviceTier')].filter((extra) => extra.raw !== 'null');
}

// The caller's side.

export function encodeReply(reply: Reply, style: AnswerStyle): string {
  const { context } = style;
  const blocks = reply.blocks.filter((block) => isFinished(block, reply.finish, context));
  const content = blocks.flatMap((block) => printAnswerBlock(block, context));
  const seen = { called: blocks.some((block) => block.type === 'toolCall'), refused: blocks.some((block) => block.type === 'refusal') };
  const message = printObject([
    ['role', '"assistant"'],
    ['content', printArray(content)],
  ]);
  const stop = stopWord(reply.finish, seen, context);
  const ext = [...(reply.ext ?? []), ...(reply.finish.ext ?? [])];
  loseExtras(ext, dialect, context.ledger);
  const entries: Entry[] = [
    ['output', printObject([['message', message]])],
    ['stopReason', printString(stop)],
    ...answerEnd(reply, ext, style),
    ...ownEnd(ext, context, (key) => key === modelAnswerKey),
  ];
  return printObject(entries);
}

const modelAnswerKey = 'additionalModelResponseFields';

/** What is known at an answer's end alone: of a stream, what the last event holds. */
export function answerEnd(
  { usage, serviceTier, model }: Pick<Reply, 'usage' | 'serviceTier' | 'model'>,
  ext: readonly Extra[],
  { context, since }: AnswerStyle,
): Entry[] {
  const own = ownEnd(ext, context, (key) => key !== modelAnswerKey);
  const entries: Entry[] = [
    ['usage', printUsage(usage, context)],
    ['metrics', printObject([['latencyMs', String(Math.max(0, Math.round(context.now() - since)))]])],
    ['serviceTier', printTier(serviceTier, context)],
    ['trace', printModel(model, context)],
  ];
  return [...entries.filter(([key]) => !own.some(([taken]) => taken === key)), ...own];
}

/** The model has a place where it is another than was asked. */
function printModel(model: string, { target }: Context): RawJson | undefined {
  return model === target.model ? undefined : printObject([['promptRouter', printObject([['invokedModelId', printString(model)]])]]);
}

/** What an answer of this format had besides. */
export function ownEnd(ext: readonly Extra[], context: Context, isMeant: (key: string) => boolean): Entry[] {
  return isOwn(context) ? ownEntries(ext, '').filter(([key]) => isMeant(key)) : [];
}

/** The fields of a stream's `messageStop` besides the reason. */
export function modelAnswer(ext: readonly Extra[], context: Context): Entry[] {
  return ownEnd(ext, context, (key) => key === modelAnswerKey);
}
