import type { Context } from '../../core/dialect.ts';
import type { Block, ImageBlock, RawJson, ReasoningBlock, RefusalBlock, TextBlock, ToolCallBlock } from '../../core/ir.ts';
import { type Entry, printArray, printObject, printOptional, printString } from '../../core/json-print.ts';
import { joinRuns } from '../../core/runs.ts';
import { isJsonObject } from '../../core/tool-input.ts';
import { annotationsOf } from './citations.ts';
import { coverOwn, coverState } from './signature.ts';
import type { ToolName } from './tools.ts';
import { dialect, isOwn, markOf, ownEntries, printWithExtras } from './wire.ts';

/** How blocks become items: those of an answer to a caller, or those of a conversation that a provider is sent. */
export type ItemStyle = {
  readonly where: 'input' | 'output';
  readonly context: Context;
  /** The reader's name of a tool. */
  toolName(name: string): ToolName;
  callId(id: string): string;
};

/** What an item is given besides its blocks. `status` stands even where the item came with another. */
export type ItemHead = { readonly id?: string | undefined; readonly status?: 'in_progress' | 'completed' | 'incomplete' | undefined };

/** One or several blocks that are one item. */
export type ItemBlocks = readonly [Block, ...Block[]];

/** Text and refusals are parts of a message, until the next item begins; any other block is an item of its own. */
export function groupItems(blocks: readonly Block[]): ItemBlocks[] {
  return joinRuns(blocks, (last, block) => isPart(last) && continuesItem(block));
}

/** Whether the block goes with a message that has begun right before it. */
export function continuesItem(block: Block): boolean {
  return isPart(block) && markOf(block.ext, 'item') === undefined;
}

/** Blocks that stand in a message. */
export function isPart(block: Block): boolean {
  return block.type === 'text' || block.type === 'refusal' || markOf(block.ext, 'part') !== undefined;
}

/** Whether an answer in this format can show the block at all. */
export function isShowable(block: Block): boolean {
  if (block.type === 'opaque') return block.dialect === dialect;
  return isPart(block) || block.type === 'toolCall' || block.type === 'reasoning' || (block.type === 'image' && block.source.kind === 'base64');
}

const idPrefixes: { readonly [type in Block['type']]?: string } = { text: 'msg_', refusal: 'msg_', toolCall: 'fc_', reasoning: 'rs_', image: 'ig_' };

/** The id that the item of an answer came with, or a new one. */
export function itemId([first]: ItemBlocks, style: ItemStyle): string {
  const { context } = style;
  const id: unknown = JSON.parse(ownEntries(first.ext, baseOf(first)).find(([key]) => key === 'id')?.[1] ?? 'null');
  if (typeof id === 'string' && isOwn(context)) return id;
  if (isSearch(first, style)) return context.newId('tsc_');
  return context.newId(first.type === 'toolCall' && first.kind === 'custom' ? 'ctc_' : (idPrefixes[first.type] ?? 'item_'));
}

/** Whether the block calls the search for tools that the caller runs, which comes in one piece. */
export function isSearch(block: Block, { toolName }: ItemStyle): boolean {
  return block.type === 'toolCall' && toolName(block.name).isSearch === true;
}

/** One item whose blocks can be shown. */
export function printItem(blocks: ItemBlocks, style: ItemStyle, head: ItemHead): RawJson {
  const [first] = blocks;
  switch (first.type) {
    case 'reasoning':
      return printReasoning(first, style, head);
    case 'toolCall':
      return isSearch(first, style) ? printSearch(first, style, head) : printCall(first, style, head);
    case 'image':
      return printImage(first, style, head);
    case 'opaque':
      return isPart(first) ? printMessage(blocks, style, head) : first.raw;
    default:
      return printMessage(blocks, style, head);
  }
}

/** Where the fields of an item are said to stand. */
function baseOf(block: Block): string {
  const begun = markOf(block.ext, 'item');
  if (begun !== undefined) return begun.path;
  return block.at ?? (block.type === 'toolCall' ? `output.${callTypes[block.kind]}` : `output.${block.type}`);
}

const callTypes = { function: 'function_call', custom: 'custom_tool_call' } as const;

/** An item of the entries and of what it came with. */
function printEntries(entries: readonly Entry[], block: Block, { status }: ItemHead): RawJson {
  const ext = status === undefined ? block.ext : block.ext?.filter(({ key, path }) => key !== 'status' || path !== `${baseOf(block)}.status`);
  return printWithExtras(entries, ext, baseOf(block));
}

function printMessage(blocks: ItemBlocks, style: ItemStyle, { id, status }: ItemHead): RawJson {
  const [first] = blocks;
  const isEmpty = markOf(first.ext, 'empty') !== undefined;
  const entries: Entry[] = [
    ['id', printOptional(id)],
    ['type', '"message"'],
    ['status', printOptional(status)],
    ['role', '"assistant"'],
    ['content', isEmpty ? '[]' : printArray(blocks.map((block) => printPart(block, style)))],
  ];
  return printEntries(entries, first, { status });
}

/** A part of what a model says. */
export function printPart(block: Block, { context }: ItemStyle): RawJson {
  if (block.type === 'opaque') return block.raw;
  if (block.type === 'refusal') return printRefusal(block);
  return block.type === 'text' ? printText(block, context) : '{}';
}

/** Where a text of an answer is said to stand. */
export const textPlace = 'output.message.content.output_text';

function printText(block: TextBlock, context: Context): RawJson {
  const entries: Entry[] = [
    ['type', '"output_text"'],
    ['text', printString(block.text)],
    ['annotations', printArray(annotationsOf(block, context))],
  ];
  return printWithExtras(entries, block.ext, block.at ?? textPlace);
}

function printRefusal(block: RefusalBlock): RawJson {
  const entries: Entry[] = [
    ['type', '"refusal"'],
    ['refusal', printString(block.text)],
  ];
  return printWithExtras(entries, block.ext, block.at ?? 'output.message.content.refusal');
}

function printReasoning(block: ReasoningBlock, { where, context }: ItemStyle, { id, status }: ItemHead): RawJson {
  const state = where === 'input' ? block.signature : shownState(block, context, status);
  const entries: Entry[] = [
    ['id', printOptional(id)],
    ['type', '"reasoning"'],
    ['summary', block.text === '' ? '[]' : printArray([summaryPart(block.text)])],
    ['encrypted_content', printOptional(state)],
  ];
  return printEntries(entries, block, { status });
}

/** State that is not OpenAI's goes to the caller under our seal. An item that has just begun has none yet. */
function shownState(block: ReasoningBlock, context: Context, status: ItemHead['status']): string | undefined {
  if (!isOwn(context)) return coverState(block, context);
  if (context.target.quirks.ownState !== true || (status === 'in_progress' && block.signature === undefined)) return block.signature;
  return coverOwn(block.signature ?? '', context.target);
}

export function summaryPart(text: string): RawJson {
  return `{"type":"summary_text","text":${printString(text)}}`;
}

function printCall(block: ToolCallBlock, { toolName, callId }: ItemStyle, { id, status }: ItemHead): RawJson {
  const isFunction = block.kind === 'function';
  const { name, namespace } = toolName(block.name);
  const entries: Entry[] = [
    ['id', printOptional(id)],
    ['type', printString(callTypes[block.kind])],
    // The official type of a custom call has none.
    ['status', printOptional(isFunction ? status : undefined)],
    ['call_id', printString(callId(block.id))],
    ['name', printString(name)],
    ['namespace', printOptional(namespace)],
    [isFunction ? 'arguments' : 'input', printString(isFunction && block.arguments === '' && isWhole(status) ? '{}' : block.arguments)],
  ];
  return printEntries(entries, block, { status });
}

function printSearch(block: ToolCallBlock, { callId }: ItemStyle, { id, status }: ItemHead): RawJson {
  const given = block.arguments === '' ? '{}' : block.arguments;
  const entries: Entry[] = [
    ['id', printOptional(id)],
    ['type', '"tool_search_call"'],
    ['status', printOptional(status)],
    ['call_id', printString(callId(block.id))],
    ['execution', '"client"'],
    ['arguments', isJsonObject(given) ? given : printString(given)],
  ];
  return printObject(entries);
}

/** A call that broke off may have had arguments still to come. */
function isWhole(status: ItemHead['status']): boolean {
  return status === undefined || status === 'completed';
}

/** Of the image the bytes are told; the format of most is PNG. */
function printImage({ source }: ImageBlock, { context }: ItemStyle, { id, status }: ItemHead): RawJson {
  if (source.kind === 'base64' && source.mediaType !== 'image/png')
    context.ledger.lost('content.image', `that the image is ${source.mediaType.slice(0, 40)} has no place`);
  return printObject([
    ['id', printOptional(id)],
    ['type', '"image_generation_call"'],
    // An image is there or not: the official type knows no half of one.
    ['status', printOptional(status === 'incomplete' ? 'completed' : status)],
    ['result', printString(source.kind === 'base64' ? source.data : '')],
  ]);
}
