import type { Block, RawJson, ReasoningBlock, ToolCallBlock } from '../../core/ir.ts';
import { cursorAt, fieldOf, isGiven, itemsOf, rawOf, textAt } from '../../core/json-cursor.ts';
import { type Entry, printObject, printString } from '../../core/json-print.ts';
import { parseJsonText } from '../../core/json-text.ts';
import { isSameBlock } from '../../core/tool-input.ts';
import { annotationsOf } from './citations.ts';
import { isPart, isSearch, type ItemBlocks, itemId, printItem, printPart, summaryPart, textPlace } from './print-items.ts';
import type { AnswerStyle } from './response.ts';
import { isOwn, mark, markOf, ownEntries } from './wire.ts';

/** How the events of items are written. */
export type Teller = {
  readonly style: AnswerStyle;
  /** One event: its type without `response.`, and its fields. */
  write(type: string, fields: readonly Entry[]): void;
  /** The one event that comes by the thousand. */
  writePiece(frame: PieceFrame, text: string): void;
};

/** What stands before the number of an event, between that and its piece of text, and after it. */
export type PieceFrame = { readonly before: string; readonly between: string; readonly after: string };

/** An item that has begun. */
export type ShownItem = {
  /** A block of it begins. */
  open(block: Block): void;
  say(text: string): void;
  /** The open block as it is at its end. Nothing happens when none is open. */
  close(block: Block): void;
  /** Closes a block whose end never came. */
  breakOff(): void;
  /** The last block that was closed. */
  last(): Block | undefined;
  /** The item as it was told; undefined when nothing came of it. */
  end(status: 'completed' | 'incomplete'): RawJson | undefined;
};

type Write = Teller['write'];

/** The block whose text is coming, and what of it has been said. */
type Open = { readonly block: Block; said: string; begun: boolean; frame: PieceFrame | undefined };

/** Where an event belongs: the fields that say it, and how many parts the item has before. */
type Place = { readonly fields: readonly Entry[]; readonly parts: number };

export function createItem(first: Block, index: number, teller: Teller): ShownItem {
  const { style, write } = teller;
  const id = itemId([first], style);
  const at: Entry = ['output_index', String(index)];
  const fields: readonly Entry[] = [['item_id', printString(id)], at];
  const blocks: Block[] = [];
  let open: Open | undefined;

  const place = (): Place => ({ fields, parts: blocks.length });
  const begin = (part: Open): void => {
    if (!part.begun) beginPart(place(), part.block, write);
    part.begun = true;
  };
  const say = (part: Open, text: string): void => {
    if (text === '' || !isStreamed(part.block, style)) return;
    begin(part);
    teller.writePiece((part.frame ??= frameOf(place(), part.block)), text);
    part.said += text;
  };
  const close = (part: Open, block: Block): void => {
    const rest = textOf(block);
    if (rest.startsWith(part.said)) say(part, rest.slice(part.said.length));
    if (isPart(block) && markOf(block.ext, 'empty') === undefined) {
      begin(part);
      endPart(place(), block, teller);
    } else if (block.type === 'reasoning' && part.begun) endSummary(fields, 0, block.text, write);
    else if (block.type === 'reasoning') tellThinking(fields, block, id, teller);
    open = undefined;
    blocks.push(block);
  };
  const breakOff = (): void => {
    if (open !== undefined) close(open, asSaid(open));
  };

  write('output_item.added', [at, ['item', printItem(beginning(first), style, { id, status: 'in_progress' })]]);
  return {
    open(block) {
      breakOff();
      open = { block, said: '', begun: false, frame: undefined };
    },
    say(text) {
      if (open !== undefined) say(open, text);
    },
    close(block) {
      if (open !== undefined) close(open, isSameBlock(open.block, block) && textOf(block).startsWith(open.said) ? block : asSaid(open));
    },
    breakOff,
    last: () => blocks.at(-1),
    end(status) {
      breakOff();
      const [head, ...others] = blocks;
      if (head === undefined) return undefined;
      if (head.type === 'toolCall' && !isSearch(head, style)) endCall(fields, head, status, write);
      const raw = printItem([head, ...others], style, { id, status });
      write('output_item.done', [at, ['item', raw]]);
      return raw;
    },
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

/** A block whose whole never came is what was said of it. */
function asSaid({ block, said }: Open): Block {
  if (block.type === 'toolCall') return { ...block, arguments: said };
  return block.type === 'text' || block.type === 'refusal' || block.type === 'reasoning' ? { ...block, text: said } : block;
}

function textOf(block: Block): string {
  if (block.type === 'toolCall') return block.arguments;
  return block.type === 'text' || block.type === 'refusal' || block.type === 'reasoning' ? block.text : '';
}

const firstPart: Entry = ['summary_index', '0'];

/** The event that brings a piece of the open block, but for its number and its text. */
function frameOf(place: Place, block: Block): PieceFrame {
  const { type, fields } = pieceOf(block, place.parts);
  const name = printString(`response.${type}`);
  const between = printObject([...place.fields, ...fields, ['delta', '']]).slice(1, -1);
  return {
    before: `event: response.${type}\ndata: {"type":${name},"sequence_number":`,
    between: `,${between}`,
    after: block.type === 'text' ? ',"logprobs":[]}\n\n' : '}\n\n',
  };
}

function pieceOf(block: Block, part: number): { readonly type: string; readonly fields: readonly Entry[] } {
  if (block.type === 'toolCall') return { type: block.kind === 'function' ? 'function_call_arguments.delta' : 'custom_tool_call_input.delta', fields: [] };
  if (block.type === 'reasoning') return { type: 'reasoning_summary_text.delta', fields: [firstPart] };
  return { type: block.type === 'refusal' ? 'refusal.delta' : 'output_text.delta', fields: [['content_index', String(part)]] };
}

function beginPart({ fields, parts }: Place, block: Block, write: Write): void {
  if (block.type === 'toolCall') return;
  if (block.type === 'reasoning') return write('reasoning_summary_part.added', [...fields, firstPart, ['part', summaryPart('')]]);
  write('content_part.added', [...fields, ['content_index', String(parts)], ['part', emptyPart(block)]]);
}

function emptyPart(block: Block): RawJson {
  if (block.type === 'refusal') return '{"type":"refusal","refusal":""}';
  return block.type === 'opaque' ? block.raw : '{"type":"output_text","text":"","annotations":[]}';
}

function endPart(place: Place, block: Block, { write, style }: Teller): void {
  const at: readonly Entry[] = [...place.fields, ['content_index', String(place.parts)]];
  if (block.type === 'text') {
    for (const [index, annotation] of annotationsOf(block, style.context).entries())
      write('output_text.annotation.added', [...at, ['annotation_index', String(index)], ['annotation', annotation]]);
    const logprobs = ownEntries(block.ext, textPlace).find(([key]) => key === 'logprobs') ?? noLogprobs;
    write('output_text.done', [...at, ['text', printString(block.text)], logprobs]);
  } else if (block.type === 'refusal') write('refusal.done', [...at, ['refusal', printString(block.text)]]);
  write('content_part.done', [...at, ['part', printPart(block, style)]]);
}

/** Thinking that was not told as it came: each part of its summary, then of the thinking itself. */
function tellThinking(place: readonly Entry[], block: ReasoningBlock, id: string, { write, style }: Teller): void {
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

function endSummary(place: readonly Entry[], at: number, text: string, write: Write): void {
  const index: Entry = ['summary_index', String(at)];
  write('reasoning_summary_text.done', [...place, index, ['text', printString(text)]]);
  write('reasoning_summary_part.done', [...place, index, ['part', summaryPart(text)]]);
}

/** The thinking itself, which models whose thinking is no secret show. */
function tellThought(place: readonly Entry[], at: number, raw: RawJson, write: Write): void {
  const text = textAt(cursorAt(parseJsonText(raw)), 'text');
  const index: Entry = ['content_index', String(at)];
  write('content_part.added', [...place, index, ['part', '{"type":"reasoning_text","text":""}']]);
  if (text !== '') write('reasoning_text.delta', [...place, index, ['delta', printString(text)]]);
  write('reasoning_text.done', [...place, index, ['text', printString(text)]]);
  write('content_part.done', [...place, index, ['part', raw]]);
}

/** A function without arguments is called with `{}`, unless they are what the answer broke off before. */
function endCall(place: readonly Entry[], block: ToolCallBlock, status: 'completed' | 'incomplete', write: Write): void {
  if (block.kind === 'custom') return write('custom_tool_call_input.done', [...place, ['input', printString(block.arguments)]]);
  const isBare = block.arguments === '' && status === 'completed';
  if (isBare) write('function_call_arguments.delta', [...place, ['delta', '"{}"']]);
  write('function_call_arguments.done', [...place, ['arguments', printString(isBare ? '{}' : block.arguments)]]);
}
