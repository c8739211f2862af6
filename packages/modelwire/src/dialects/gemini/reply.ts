import type { Context } from '../../core/dialect.ts';
import type { ChatEvent } from '../../core/event.ts';
import type { Block, Extra, RawJson, Reply, ReplyHead } from '../../core/ir.ts';
import { type Cursor, cursorAt, fieldOf } from '../../core/json-cursor.ts';
import { type Entry, printArray, printObject, printString } from '../../core/json-print.ts';
import { isObject, type JsonObject, type JsonText } from '../../core/json-text.ts';
import { loseExtras } from '../../core/notes.ts';
import { blamingProvider } from '../../core/provider-fault.ts';
import { isFinished } from '../../core/tool-input.ts';
import { failureInside } from './errors.ts';
import { decodeFinish, finishEntries, stopOf } from './finish.ts';
import { type AnswerScope, createReader, invalid } from './reading.ts';
import { type AnswerStyle, createParts } from './showing.ts';
import { decodeUsage, printTierAlone, printUsage, tierOf } from './usage.ts';
import { candidate as candidateShape, reply as replyShape } from './verdicts.ts';
import { dialect, extrasOf, isOwn, ownEntries } from './wire.ts';

/** A whole answer. Throws `upstream_invalid_response` for what is none, and the provider's own error for an error inside a 200. */
export function decodeReply(json: JsonText, scope: AnswerScope): Reply {
  const inside = failureInside(json.value, json.text, scope.context.target);
  if (inside !== undefined) throw inside;
  const root = cursorAt(json);
  return blamingProvider(scope.context.target, () => decodeAnswer(root, scope));
}

function decodeAnswer(root: Cursor, scope: AnswerScope): Reply {
  const { context } = scope;
  const answer = isObject(root.value) ? root.value : {};
  const at = firstCandidate(answer);
  if (Array.isArray(answer['candidates']) && answer['candidates'].length > 1) context.ledger.lost('candidates[1]', 'one answer is given to a translated call');
  const candidate = at === -1 ? undefined : candidateAt(root, at);
  const stop = stopOf(isObject(candidate?.value) ? candidate.value : undefined, answer['promptFeedback']);
  if (stop === undefined) throw invalid(scope, candidate === undefined ? 'the answer has no candidates' : 'the answer has no finish reason');
  const blocks: Block[] = [];
  const emit = (event: ChatEvent): void => {
    if (event.type === 'close') blocks.push(event.block);
  };
  const reader = createReader(scope);
  const parts = candidate === undefined ? undefined : fieldOf(fieldOf(candidate, 'content'), 'parts');
  if (Array.isArray(parts?.value)) reader.read(parts.value, (path) => root.json.raw(['candidates', at, 'content', 'parts', ...path]), emit);
  const citations = citationsIn(candidate?.value);
  if (citations !== undefined) reader.cite(citations);
  reader.finish(emit);
  const usage = decodeUsage(answer['usageMetadata'], context.ledger.lost);
  const finish = decodeFinish(stop, { called: reader.called(), ext: answerExtras(root, candidate) }, context);
  return { ...headOf(answer, context), blocks, finish, ...(usage === undefined ? {} : { usage }), ...tierOf(answer['usageMetadata']) };
}

/** Where the first answer stands; -1 when there is none. */
export function firstCandidate(answer: JsonObject): number {
  const { candidates } = answer;
  if (!Array.isArray(candidates)) return -1;
  return candidates.findIndex((item) => isObject(item) && (item['index'] === 0 || typeof item['index'] !== 'number'));
}

export function candidateAt(root: Cursor, at: number): Cursor {
  const { json, tally } = root;
  const list = fieldOf(root, 'candidates');
  const value: unknown = Array.isArray(list.value) ? list.value[at] : undefined;
  return { json, value, path: 'candidates[0]', above: list, step: at, tally };
}

/** Who answers; a field that the provider left out is made up where it must be. */
export function headOf(answer: JsonObject, context: Context): ReplyHead {
  const { responseId: id, modelVersion: model } = answer;
  return {
    id: typeof id === 'string' && id !== '' ? id : context.newId('resp_'),
    model: typeof model === 'string' && model !== '' ? model : context.target.model,
    created: Math.floor(context.now() / 1000),
  };
}

/** What an answer holds besides: it goes to callers of this dialect as it came. */
export function answerExtras(root: Cursor, candidate: Cursor | undefined): Extra[] {
  const kept = (extras: readonly Extra[]): Extra[] => extras.filter((extra) => extra.raw !== 'null');
  return [...kept(extrasOf(root, replyShape)), ...(candidate === undefined ? [] : kept(extrasOf(candidate, candidateShape)))];
}

/** The pages that the answer is grounded in, in the one shape that other formats can make links of. */
export function citationsIn(candidate: unknown): RawJson | undefined {
  const grounding = isObject(candidate) ? candidate['groundingMetadata'] : undefined;
  const chunks = isObject(grounding) && Array.isArray(grounding['groundingChunks']) ? grounding['groundingChunks'] : [];
  const pages = chunks.flatMap((chunk: unknown) => {
    const page = isObject(chunk) && isObject(chunk['web']) ? chunk['web'] : {};
    const { uri, title } = page;
    return typeof uri === 'string' ? [{ type: 'grounding_chunk', url: uri, title: typeof title === 'string' ? title : uri }] : [];
  });
  return pages.length === 0 ? undefined : JSON.stringify(pages);
}

// The caller's side.

export function encodeReply(reply: Reply, style: AnswerStyle): string {
  const { context } = style;
  const parts = createParts(style);
  const blocks = reply.blocks.filter((block) => isFinished(block, reply.finish, context));
  const printed = [...blocks.flatMap((block) => parts.whole(block)), ...parts.end()];
  const content = printObject([
    ['parts', printArray(printed)],
    ['role', '"model"'],
  ]);
  const refused = blocks.some((block) => block.type === 'refusal');
  return printAnswer(reply, { content, end: printEnd(reply, refused, style) }, style);
}

/** What is known at an answer's end alone. */
export type End = { readonly candidate: readonly Entry[]; readonly root: readonly Entry[] };

export function printEnd(
  { finish, usage, serviceTier, ext = [] }: Pick<Reply, 'finish' | 'usage' | 'serviceTier' | 'ext'>,
  refused: boolean,
  { context }: AnswerStyle,
): End {
  const all = [...ext, ...(finish.ext ?? [])];
  loseExtras(all, dialect, context.ledger);
  const own = (at: string): Entry[] => (isOwn(context) ? ownEntries(all, at) : []);
  return {
    candidate: [...finishEntries(finish, refused, context), ...own('candidates[0]')],
    root: [['usageMetadata', usage === undefined ? printTierAlone(serviceTier, context) : printUsage(usage, serviceTier, context)], ...own('')],
  };
}

/** An answer or one chunk of it. */
export function printAnswer(
  head: ReplyHead,
  { content, end }: { readonly content: RawJson; readonly end: End | undefined },
  { context }: AnswerStyle,
): RawJson {
  const candidate = printObject([['content', content], ['index', '0'], ...(end?.candidate ?? [])]);
  return printObject([
    ['candidates', printArray([candidate])],
    ['modelVersion', printString(head.model)],
    ['responseId', printString(head.id === '' ? context.callId : head.id)],
    ...(end?.root ?? []),
  ]);
}
