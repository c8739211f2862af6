import type { Context } from '../../core/dialect.ts';
import { anthropicIdRule, fitId } from '../../core/fit.ts';
import type { Block, Extra, RawJson, ReasoningBlock, Reply, ReplyHead, TextBlock, ToolCallBlock } from '../../core/ir.ts';
import { type Cursor, cursorAt, fieldOf, itemsOf, objectAt, rawOf } from '../../core/json-cursor.ts';
import { type Entry, printArray, printObject, printString } from '../../core/json-print.ts';
import { isObject, type JsonText, parseJsonText } from '../../core/json-text.ts';
import { loseExtras } from '../../core/notes.ts';
import { blamingProvider, invalidAnswer } from '../../core/provider-fault.ts';
import { sealedAlone, sealedState } from '../../core/seal.ts';
import { customInput, customText, isFinished } from '../../core/tool-input.ts';
import { describeForeign } from '../../core/upstream-failure.ts';
import { failureInside } from './errors.ts';
import { decodeFinish, printStop, stopOf } from './finish.ts';
import { decodeUsage, printUsage, tierOf } from './usage.ts';
import { answerBlocks, lateFields, reply as replyShape } from './verdicts.ts';
import { childOf, dialect, extrasOf, isOwn, optionalText, ownEntries, printWithExtras, rawField, textOf, valueOf } from './wire.ts';

/** What reading an answer needs of the request it answers. */
export type AnswerScope = {
  readonly context: Context;
  /** The caller's name of a tool, from the provider's. */
  toolName(name: string): string;
  /** Whether the caller's tool of that name takes free text. */
  isCustom(name: string): boolean;
};

/** A whole answer. Throws `upstream_invalid_response` for what is none, and the provider's own error for an error inside a 200. */
export function decodeReply(text: string, scope: AnswerScope): Reply {
  const root = cursorAt(parseAnswer(text, scope.context));
  const inside = failureInside(root.value, text, scope.context.target);
  if (inside !== undefined) throw inside;
  return blamingProvider(scope.context.target, () => {
    const blocks = decodeContent(root, scope);
    const usage = decodeUsage(valueOf(root, 'usage'), scope.context.ledger.lost);
    const tier = tierOf(valueOf(root, 'usage'));
    const finish = decodeFinish({ ...stopOf(root), ext: lateExtras(root), called: blocks.some(isCall) }, scope.context);
    return { ...headOf(root, scope.context), blocks, finish, ...(usage === undefined ? undefined : { usage }), ...tier };
  });
}

function parseAnswer(text: string, { target }: Context): JsonText {
  try {
    return parseJsonText(text);
  } catch (cause) {
    throw invalidAnswer(target, describeForeign(text), cause);
  }
}

/** Who answers; a field that the provider left out is made up where it must be. */
export function headOf(message: Cursor, context: Context): ReplyHead {
  const id = optionalText(message, 'id') ?? '';
  const model = optionalText(message, 'model') ?? '';
  const ext = extrasOf(message, replyShape).filter((extra) => extra.raw !== 'null' && !lateFields.includes(extra.key));
  const head = { id: id === '' ? context.newId('msg_') : id, model: model === '' ? context.target.model : model, created: Math.floor(context.now() / 1000) };
  return ext.length === 0 ? head : { ...head, ext };
}

export function lateExtras(cursor: Cursor): Extra[] {
  const isTold = (value: unknown): boolean => isObject(value) || (Array.isArray(value) && value.length > 0);
  return lateFields.filter((key) => isTold(valueOf(cursor, key))).map((key) => ({ dialect, path: key, key, raw: rawField(cursor, key), loss: 'hint' }));
}

function decodeContent(root: Cursor, scope: AnswerScope): Block[] {
  const content = fieldOf(root, 'content');
  // Some servers answer with a plain string.
  if (typeof content.value === 'string') return content.value === '' ? [] : [{ type: 'text', text: content.value }];
  return itemsOf(content).map((item) => decodeBlock(item, scope));
}

/** One block of an answer, or as it stands in `content_block_start`. Extras have paths of their own, since indexes differ in streams. */
export function decodeBlock(item: Cursor, scope: AnswerScope): Block {
  objectAt(item);
  const cursor = { ...item, path: '' };
  const type = textOf(cursor, 'type');
  const shape = answerBlocks.of.get(type);
  if (shape === undefined || shape.opaque !== undefined)
    return { type: 'opaque', dialect, kind: type, raw: rawOf(cursor), loss: shape?.opaque?.loss ?? 'hint' };
  const extras = extrasOf(cursor, shape).filter((extra) => !isDefault(extra));
  const ext = extras.length === 0 ? {} : { ext: extras };
  switch (type) {
    case 'thinking':
      return { type: 'reasoning', text: optionalText(cursor, 'thinking') ?? '', ...signatureIn(optionalText(cursor, 'signature')), ...ext };
    case 'redacted_thinking':
      return { type: 'reasoning', text: '', redacted: textOf(cursor, 'data'), ...ext };
    case 'tool_use':
      return decodeToolCall(cursor, ext, scope);
    default:
      return { type: 'text', text: optionalText(cursor, 'text') ?? '', ...citationsOf(cursor), ...ext };
  }
}

/** What an answer says where it says nothing: a text without citations, a call that came from nobody else. */
function isDefault({ key, loss }: Extra): boolean {
  return loss === 'nothing' && (key === 'citations' || key === 'caller');
}

function citationsOf(cursor: Cursor): { citations?: RawJson } {
  const value = valueOf(cursor, 'citations');
  return Array.isArray(value) && value.length > 0 ? { citations: rawField(cursor, 'citations') } : {};
}

export function signatureIn(signature: string | undefined): { signature?: string } {
  return signature === undefined || signature === '' ? {} : { signature };
}

/** A call that the caller must answer; one that came out of the provider's own code is not. */
export function isCall(block: Block): boolean {
  return block.type === 'toolCall' && block.ext?.some((extra) => extra.dialect === dialect && extra.key === 'caller') !== true;
}

function decodeToolCall(cursor: Cursor, ext: { ext?: readonly Extra[] }, scope: AnswerScope): ToolCallBlock {
  const name = scope.toolName(textOf(cursor, 'name'));
  const id = optionalText(cursor, 'id') ?? '';
  const input = childOf(cursor, 'input') === undefined ? '{}' : rawField(cursor, 'input');
  const isCustom = scope.isCustom(name);
  return {
    type: 'toolCall',
    kind: isCustom ? 'custom' : 'function',
    id: id === '' ? scope.context.newId('toolu_') : id,
    name,
    arguments: isCustom ? customText(input) : input,
    ...ext,
  };
}

// The caller's side: the same answer in full official shape.

export function encodeReply(reply: Reply, context: Context): string {
  const blocks = reply.blocks.filter((block) => isFinished(block, reply.finish, context));
  const content = blocks.flatMap(shownBlocks).flatMap((block) => (block === undefined ? [] : (printBlock(block, context) ?? [])));
  const ext = reply.finish.ext === undefined ? (reply.ext ?? []) : [...(reply.ext ?? []), ...reply.finish.ext];
  loseExtras(ext, dialect, context.ledger);
  const stop = printStop(reply.finish, { called: blocks.some(isCall), refused: blocks.some((block) => block.type === 'refusal') }, context);
  return printMessage(reply, { content: printArray(content), stop, usage: printUsage(reply.usage, reply.serviceTier, context), ext }, context);
}

type MessageParts = { readonly content: RawJson; readonly stop: readonly Entry[]; readonly usage: RawJson; readonly ext: readonly Extra[] };

/** A message object with every key that the official type requires. */
export function printMessage(head: ReplyHead, { content, stop, usage, ext }: MessageParts, context: Context): RawJson {
  const own = isOwn(context) ? ownEntries(ext, '') : [];
  const orNull = (key: string): Entry => [key, own.find(([name]) => name === key)?.[1] ?? 'null'];
  const id = head.id === '' ? context.newId('msg_') : head.id.startsWith('msg_') ? head.id : `msg_${head.id}`;
  const entries: Entry[] = [
    ['id', printString(id)],
    ['type', '"message"'],
    ['role', '"assistant"'],
    ['model', printString(head.model)],
    ['content', content],
    ...stop,
    orNull('container'),
    orNull('diagnostics'),
    ['usage', usage],
  ];
  return printObject(own.length === 0 ? entries : [...entries, ...own.filter(([key]) => !entries.some(([taken]) => taken === key))]);
}

/** Thinking in clear and thinking in secret are two blocks here. */
export function shownBlocks(block: Block): readonly [Block, Block?] {
  if (block.type !== 'reasoning' || block.redacted === undefined || block.text === '') return [block];
  const { redacted, ...clear } = block;
  return [clear, { type: 'reasoning', text: '', redacted }];
}

/** A block of a whole answer; undefined when the format has no place for it, with a note. */
function printBlock(block: Block, context: Context): RawJson | undefined {
  if (block.type === 'toolCall') return printStart(block, context, inputOf(block));
  if (block.type === 'reasoning' && block.redacted === undefined) return printStart(block, context, block.text, stateFor(block, 'signature', context));
  if (block.type === 'text') return printStart(block, context, block.text, ownCitations(block, context));
  return printStart(block, context, block.type === 'refusal' ? block.text : '');
}

function inputOf(block: ToolCallBlock): RawJson {
  if (block.kind === 'custom') return customInput(block.arguments);
  return block.arguments.trim() === '' ? '{}' : block.arguments;
}

export function ownCitations(block: TextBlock, context: Context): RawJson | undefined {
  if (block.citations === undefined || isOwn(context)) return block.citations;
  context.ledger.lost('citations', 'citations of another format have no place');
  return undefined;
}

/** State that is not the format's maker's travels under a seal; no signature is one as well, so that clients have one to send back. */
export function stateFor(block: ReasoningBlock, state: 'signature' | 'redacted', context: Context): string {
  if (!isOwn(context)) return sealedState(block, state, context);
  return context.target.quirks.ownState === true ? sealedAlone(block[state] ?? '', context.target) : (block[state] ?? '');
}

/**
 * A block's object with the text, arguments or data given, and its tail (a signature, citations). With an empty text it is what
 * `content_block_start` shows. Undefined when the format has no place for the block.
 */
export function printStart(block: Block, context: Context, body: string, tail?: string): RawJson | undefined {
  loseExtras(block.ext, dialect, context.ledger);
  const ext = isOwn(context) ? block.ext : undefined;
  switch (block.type) {
    case 'text':
    case 'refusal':
      return printWithExtras(
        [
          ['type', '"text"'],
          ['text', printString(body)],
          ['citations', tail ?? 'null'],
        ],
        ext,
        '',
      );
    case 'reasoning':
      if (block.redacted !== undefined)
        return printWithExtras(
          [
            ['type', '"redacted_thinking"'],
            ['data', printString(stateFor(block, 'redacted', context))],
          ],
          ext,
          '',
        );
      return printWithExtras(
        [
          ['type', '"thinking"'],
          ['thinking', printString(body)],
          ['signature', printString(tail ?? '')],
        ],
        ext,
        '',
      );
    case 'toolCall':
      return printCall(block, ext, body, context);
    case 'opaque':
      if (block.dialect === dialect) return block.raw;
      break;
    case 'image':
    case 'document':
    case 'audio':
    case 'toolResult':
    case 'searchResult':
  }
  const kind = block.type === 'opaque' ? block.kind : block.type;
  context.ledger.lost(`content.${kind}`, `an answer in the messages format cannot hold ${kind}`);
  return undefined;
}

/** Ids of any length: some hold state that their provider wants back. */
const answerIdRule = { ...anthropicIdRule, pattern: /^[a-zA-Z0-9_-]+$/ };

function printCall(block: ToolCallBlock, ext: readonly Extra[] | undefined, input: RawJson, context: Context): RawJson {
  const caller = ownEntries(ext, '').some(([key]) => key === 'caller') ? undefined : '{"type":"direct"}';
  const id = block.id === '' ? context.newId('toolu_') : fitId(block.id, answerIdRule);
  return printWithExtras(
    [
      ['type', '"tool_use"'],
      ['id', printString(id)],
      ['name', printString(block.name)],
      ['input', input],
      ['caller', caller],
    ],
    ext,
    '',
  );
}
