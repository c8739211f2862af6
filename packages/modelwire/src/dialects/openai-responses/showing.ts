import type { Block, RawJson, ReasoningBlock, ToolCallBlock } from '../../core/ir.ts';
import { cursorAt, fieldOf, isGiven, itemsOf, rawOf, textAt } from '../../core/json-cursor.ts';
import { type Entry, printString } from '../../core/json-print.ts';
import { parseJsonText } from '../../core/json-text.ts';
import { annotationsOf } from './citations.ts';
import { continuesItem, isPart, isSearch, isShowable, type ItemBlocks, itemId, printItem, printPart, summaryPart } from './print-items.ts';
import { accountForBlock, shown } from './reply.ts';
import type { AnswerStyle } from './response.ts';
import { isOwn, mark, markOf, ownEntries } from './wire.ts';

/** Writes one event: its type without `response.`, and its fields. */
export type WriteEvent = (type: string, fields: readonly Entry[]) => void;

/** The item that the caller is being shown. */
type Showing = {
  readonly id: string;
  /** Its place in the output. */
  readonly index: number;
  /** The fields that say where an event belongs, as they are printed. */
  readonly place: readonly Entry[];
  /** Its blocks that are whole. */
  readonly blocks: Block[];
  /** The block whose text is coming, and what of it has been said. */
  open: Block | undefined;
  said: string;
  begun: boolean;
};

/** Writes the items of a caller's stream, one after the other, each with its beginning, its parts and its end. */
export type Shower = {
  open(block: Block): void;
  say(text: string): void;
  /** `block` is the whole one. Without an open block it is shown as a whole. */
  close(block: Block): void;
  /** Ends the last item. */
  end(status: 'completed' | 'incomplete'): void;
  /** The items that are done. */
  output(): readonly RawJson[];
  /** Every block that was closed. */
  blocks(): readonly Block[];
};

export function createShower(write: WriteEvent, style: AnswerStyle): Shower {
  const output: RawJson[] = [];
  const closed: Block[] = [];
  let at: Showing | undefined;
  let hidden = false;

  const end = (status: 'completed' | 'incomplete'): void => {
    if (at === undefined) return;
    const item = at;
    at = undefined;
    if (item.open !== undefined) closeBlock(item, item.open);
    const [first, ...others] = item.blocks;
    if (first === undefined) return;
    if (first.type === 'toolCall' && !isSearch(first, style)) endCall(item, first, status, write);
    const raw = printItem([first, ...others], style, { id: item.id, status });
    output.push(raw);
    write('output_item.done', [
      ['output_index', String(item.index)],
      ['item', raw],
    ]);
  };
  const beginItem = (block: Block): Showing => {
    end('completed');
    const id = itemId([block], style);
    const index = output.length;
    const item: Showing = {
      id,
      index,
      place: [
        ['item_id', printString(id)],
        ['output_index', String(index)],
      ],
      blocks: [],
      open: undefined,
      said: '',
      begun: false,
    };
    write('output_item.added', [
      ['output_index', String(index)],
      ['item', printItem(beginning(block), style, { id, status: 'in_progress' })],
    ]);
    return item;
  };
  const begin = (item: Showing): void => {
    if (item.begun || item.open === undefined) return;
    item.begun = true;
    beginPart(item, item.open, write);
  };
  const say = (item: Showing, text: string): void => {
    if (text === '' || item.open === undefined || !isStreamed(item.open, style)) return;
    begin(item);
    const { type, fields } = pieceOf(item, item.open);
    write(type, [...item.place, ...fields, ['delta', printString(text)], ...(item.open.type === 'text' ? [noLogprobs] : [])]);
    item.said += text;
  };
  const closeBlock = (item: Showing, block: Block): void => {
    const rest = textOf(block);
    if (rest.startsWith(item.said)) say(item, rest.slice(item.said.length));
    if (isPart(block) && markOf(block.ext, 'empty') === undefined) {
      begin(item);
      endPart(item, block, write, style);
    } else if (block.type === 'reasoning') endThinking(item, block, write, style);
    item.open = undefined;
    item.blocks.push(block);
  };

  return {
    open(given) {
      const block = shown(given, style);
      if (at?.open !== undefined) closeBlock(at, at.open);
      hidden = !isShowable(block);
      if (hidden) return;
      const last = at?.blocks.at(-1);
      if (at === undefined || last === undefined || !isPart(last) || !continuesItem(block)) at = beginItem(block);
      at.open = block;
      at.said = '';
      at.begun = false;
    },
    say(text) {
      if (at !== undefined && !hidden) say(at, text);
    },
    close(given) {
      accountForBlock(given, style);
      closed.push(given);
      const block = shown(given, style);
      if (hidden || at?.open === undefined) {
        hidden = false;
        return;
      }
      closeBlock(at, block.type === at.open.type ? block : at.open);
    },
    end,
    output: () => output,
    blocks: () => closed,
  };
}

const noLogprobs: Entry = ['logprobs', '[]'];

/** A block as its item begins: nothing of it is said yet. What comes in one piece is whole. */
function beginning(block: Block): ItemBlocks {
  if (isPart(block)) return [{ type: 'text', text: '', ext: [...(block.ext ?? []), mark('', 'empty')] }];
  if (block.type === 'toolCall') return [{ ...block, arguments: '' }];
  if (block.type !== 'reasoning') return [block];
  return [{ type: 'reasoning', text: '' }];
}

/** Whether the text of the block goes out as it comes. Where the parts of OpenAI's own thinking begin is told at its end. */
function isStreamed(block: Block, style: AnswerStyle): boolean {
  if (block.type === 'toolCall') return !isSearch(block, style);
  return block.type === 'text' || block.type === 'refusal' || (block.type === 'reasoning' && !isOwn(style.context));
}

function textOf(block: Block): string {
  if (block.type === 'toolCall') return block.arguments;
  return block.type === 'text' || block.type === 'refusal' || block.type === 'reasoning' ? block.text : '';
}

const firstPart: Entry = ['summary_index', '0'];

/** The event that brings a piece of the open block, and where in its item it belongs. */
function pieceOf({ blocks }: Showing, block: Block): { readonly type: string; readonly fields: readonly Entry[] } {
  if (block.type === 'toolCall') return { type: block.kind === 'function' ? 'function_call_arguments.delta' : 'custom_tool_call_input.delta', fields: [] };
  if (block.type === 'reasoning') return { type: 'reasoning_summary_text.delta', fields: [firstPart] };
  return { type: block.type === 'refusal' ? 'refusal.delta' : 'output_text.delta', fields: [['content_index', String(blocks.length)]] };
}

function beginPart({ place, blocks }: Showing, block: Block, write: WriteEvent): void {
  if (block.type === 'toolCall') return;
  if (block.type === 'reasoning') return write('reasoning_summary_part.added', [...place, firstPart, ['part', summaryPart('')]]);
  write('content_part.added', [...place, ['content_index', String(blocks.length)], ['part', emptyPart(block)]]);
}

function emptyPart(block: Block): RawJson {
  if (block.type === 'refusal') return '{"type":"refusal","refusal":""}';
  return block.type === 'opaque' ? block.raw : '{"type":"output_text","text":"","annotations":[]}';
}

function endPart({ place, blocks }: Showing, block: Block, write: WriteEvent, style: AnswerStyle): void {
  const index: Entry = ['content_index', String(blocks.length)];
  if (block.type === 'text') {
    for (const [at, annotation] of annotationsOf(block, style.context).entries())
      write('output_text.annotation.added', [...place, index, ['annotation_index', String(at)], ['annotation', annotation]]);
    const logprobs = ownEntries(block.ext, 'output.message.content.output_text').find(([key]) => key === 'logprobs') ?? noLogprobs;
    write('output_text.done', [...place, index, ['text', printString(block.text)], logprobs]);
  } else if (block.type === 'refusal') write('refusal.done', [...place, index, ['refusal', printString(block.text)]]);
  write('content_part.done', [...place, index, ['part', printPart(block, style)]]);
}

function endThinking({ begun, place, id }: Showing, block: ReasoningBlock, write: WriteEvent, style: AnswerStyle): void {
  if (begun) return endSummary(place, 0, block.text, write);
  const item = cursorAt(parseJsonText(printItem([block], style, { id, status: 'completed' })));
  const partsOf = (key: string): readonly RawJson[] => {
    const list = fieldOf(item, key);
    return isGiven(list) ? itemsOf(list).map(rawOf) : [];
  };
  for (const [at, raw] of partsOf('summary').entries()) {
    const text = textAt(cursorAt(parseJsonText(raw)), 'text');
    const index: Entry = ['summary_index', String(at)];
    write('reasoning_summary_part.added', [...place, index, ['part', summaryPart('')]]);
    if (text !== '') write('reasoning_summary_text.delta', [...place, index, ['delta', printString(text)]]);
    endSummary(place, at, text, write);
  }
  for (const [at, raw] of partsOf('content').entries()) tellThought(place, at, raw, write);
}

function endSummary(place: readonly Entry[], at: number, text: string, write: WriteEvent): void {
  const index: Entry = ['summary_index', String(at)];
  write('reasoning_summary_text.done', [...place, index, ['text', printString(text)]]);
  write('reasoning_summary_part.done', [...place, index, ['part', summaryPart(text)]]);
}

/** The thinking itself, which models whose thinking is no secret show. */
function tellThought(place: readonly Entry[], at: number, raw: RawJson, write: WriteEvent): void {
  const text = textAt(cursorAt(parseJsonText(raw)), 'text');
  const index: Entry = ['content_index', String(at)];
  write('content_part.added', [...place, index, ['part', '{"type":"reasoning_text","text":""}']]);
  if (text !== '') write('reasoning_text.delta', [...place, index, ['delta', printString(text)]]);
  write('reasoning_text.done', [...place, index, ['text', printString(text)]]);
  write('content_part.done', [...place, index, ['part', raw]]);
}

/** A function without arguments is called with `{}`, unless they are what the answer broke off before. */
function endCall({ place }: Showing, block: ToolCallBlock, status: 'completed' | 'incomplete', write: WriteEvent): void {
  if (block.kind === 'custom') return write('custom_tool_call_input.done', [...place, ['input', printString(block.arguments)]]);
  const isBare = block.arguments === '' && status === 'completed';
  if (isBare) write('function_call_arguments.delta', [...place, ['delta', '"{}"']]);
  write('function_call_arguments.done', [...place, ['arguments', printString(isBare ? '{}' : block.arguments)]]);
}
