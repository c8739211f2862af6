import type { ChatEvent } from '../../core/event.ts';
import type { Block, Extra, RefusalBlock, TextBlock, ToolCallBlock } from '../../core/ir.ts';
import { type Cursor, objectAt, textAt, valueAt } from '../../core/json-cursor.ts';
import { createSequencer } from '../../core/sequence.ts';
import { itemBlocks, partBreak, typeOf } from './items.ts';
import { decodePart, type Reading } from './parts.ts';
import { dialect, markOf } from './wire.ts';

type Emit = (event: ChatEvent) => void;

/** Text that an event brings, and where in its item it belongs. */
export type Piece = { readonly kind: 'text' | 'refusal' | 'summary' | 'thought' | 'arguments'; readonly part: number; readonly text: string };

/** The items of a stream by their place in the output. Several may be open; the sequencer lets their blocks out one after the other. */
export type Items = {
  /** `output_item.added`. */
  begin(index: number, item: Cursor, emit: Emit): void;
  piece(index: number, piece: Piece, emit: Emit): void;
  /** The whole of what came in pieces: the rest of it, when some is missing. */
  whole(index: number, piece: Piece, emit: Emit): void;
  /** `content_part.done`: what a part has besides its text. */
  part(index: number, at: number, part: Cursor, emit: Emit): void;
  /** `output_item.done`. Does nothing for an item that is done. */
  end(index: number, item: Cursor, emit: Emit): void;
  /** The answer is over: closes what is open. */
  endAll(emit: Emit): void;
  /** Whether the answer calls a tool of the caller's. */
  called(): boolean;
  /** How many have begun. */
  count(): number;
};

type Item = {
  readonly key: string;
  /** What a message, or thinking, has besides its text. */
  ext: readonly Extra[];
  /** The parts of the item that have begun, by their key. */
  readonly parts: Map<number, string>;
  /** The part of the thinking that is being told, and whether it is of the summary. */
  thinking: { readonly kind: Piece['kind']; part: number } | undefined;
  done: boolean;
};

export function createItems(reading: Reading): Items {
  const items = new Map<number, Item>();
  const parts = createParts();

  const itemAt = (index: number): Item => {
    const known = items.get(index);
    if (known !== undefined) return known;
    const item: Item = { key: `item ${index}`, ext: [], parts: new Map(), thinking: undefined, done: false };
    items.set(index, item);
    return item;
  };
  const begin = (item: Item, cursor: Cursor, emit: Emit): void => {
    const type = typeOf(cursor);
    if (type !== 'message' && type !== 'reasoning' && !isCall(type)) return;
    const [first] = itemBlocks(type === 'message' ? withoutContent(cursor) : cursor, reading);
    if (type === 'message') item.ext = begunExt(first?.ext);
    // Whether there is any thinking to tell of is known later.
    else if (type === 'reasoning') item.ext = begunExt(first?.ext).filter(({ key }) => key === 'id');
    else if (first !== undefined) parts.open(item, 0, { ...first, ...extOf(begunExt(first.ext)) }, emit);
  };
  const readPart = (item: Item, at: number, cursor: Cursor, emit: Emit): void => {
    const type = valueAt(cursor, 'type');
    if (type === 'reasoning_text') return parts.whole(item, { kind: 'thought', part: at, text: textAt(cursor, 'text') }, emit);
    if (type !== 'output_text' && type !== 'refusal') return;
    const block = decodePart(cursor, reading);
    if (block.type === 'text' || block.type === 'refusal') parts.amend(item, at, block, emit);
  };
  const end = (item: Item, cursor: Cursor, emit: Emit): void => {
    for (const [part, block] of itemBlocks(cursor, reading).entries()) parts.settle(item, part, block, emit);
    parts.close(item, emit);
    item.done = true;
  };
  /** Nothing is news of an item that is done. */
  const unlessDone =
    <T extends readonly unknown[]>(act: (item: Item, ...rest: T) => void) =>
    (index: number, ...rest: T): void => {
      const item = itemAt(index);
      if (!item.done) act(item, ...rest);
    };

  return {
    begin: unlessDone(begin),
    piece(index, piece, emit) {
      const item = itemAt(index);
      if (!item.done) parts.piece(item, piece, emit);
    },
    whole: unlessDone(parts.whole),
    part: unlessDone(readPart),
    end: unlessDone(end),
    endAll: parts.closeAll,
    called: parts.called,
    count: () => items.size,
  };
}

/** The parts of items, each a block. */
type Parts = {
  open(item: Item, part: number, block: Block, emit: Emit): string;
  piece(item: Item, piece: Piece, emit: Emit): void;
  whole(item: Item, piece: Piece, emit: Emit): void;
  /** What a text has besides. */
  amend(item: Item, part: number, block: TextBlock | RefusalBlock, emit: Emit): void;
  /** The part as it is at its end. */
  settle(item: Item, part: number, block: Block, emit: Emit): void;
  close(item: Item, emit: Emit): void;
  closeAll(emit: Emit): void;
  called(): boolean;
};

function createParts(): Parts {
  const sequence = createSequencer();
  let called = false;

  const close = (item: Item, emit: Emit): void => {
    for (const key of item.parts.values()) sequence.close(key, emit);
  };
  const open = (item: Item, part: number, block: Block, emit: Emit): string => {
    // What the item said before goes out: another part of it begins.
    close(item, emit);
    const key = `${item.key}.${part}`;
    item.parts.set(part, key);
    called ||= block.type === 'toolCall';
    sequence.open(key, emptied(block), emit);
    return key;
  };
  const prose = (item: Item, kind: Piece['kind'], part: number, emit: Emit): string => {
    const known = item.parts.get(part);
    if (known !== undefined) return known;
    const type = kind === 'text' || kind === 'refusal' ? kind : 'reasoning';
    return open(item, part, { type, text: '', ...extOf(item.parts.size === 0 ? item.ext : []) }, emit);
  };
  const think = (item: Item, { kind, part, text }: Piece, emit: Emit): void => {
    // Of the thinking and its summary, what comes first is told.
    item.thinking ??= { kind, part };
    if (item.thinking.kind !== kind) return;
    const key = prose(item, kind, 0, emit);
    if (item.thinking.part !== part) sequence.delta(key, partBreak, emit);
    item.thinking.part = part;
    sequence.delta(key, text, emit);
  };
  const fill = (key: string, whole: string, emit: Emit): void => {
    if (!sequence.has(key)) return;
    const said = sequence.textOf(key);
    if (whole.startsWith(said)) sequence.delta(key, whole.slice(said.length), emit);
  };

  return {
    open,
    piece(item, piece, emit) {
      if (piece.text === '') return;
      if (piece.kind === 'summary' || piece.kind === 'thought') think(item, piece, emit);
      else if (piece.kind !== 'arguments') sequence.delta(prose(item, piece.kind, piece.part, emit), piece.text, emit);
      // A call that never began is told by its end, which says its name.
      else sequence.delta(item.parts.get(0) ?? '', piece.text, emit);
    },
    whole(item, piece, emit) {
      if (piece.text === '') return;
      if (piece.kind === 'summary' || piece.kind === 'thought') {
        if (item.thinking?.part !== piece.part || item.thinking.kind !== piece.kind) think(item, piece, emit);
      } else if (piece.kind === 'arguments') fill(item.parts.get(0) ?? '', piece.text, emit);
      else fill(prose(item, piece.kind, piece.part, emit), piece.text, emit);
    },
    amend(item, part, block, emit) {
      const key = prose(item, block.type, part, emit);
      fill(key, block.text, emit);
      sequence.amend(key, (now) => amended(now, { ...block, ...extOf([...(now.ext ?? []), ...(block.ext ?? [])]) }));
    },
    settle(item, part, block, emit) {
      const key = item.parts.get(part) ?? open(item, part, block, emit);
      sequence.amend(key, (now) => amended(now, block));
      fill(key, textOf(block), emit);
      sequence.close(key, emit);
    },
    close,
    closeAll: sequence.closeAll,
    called: () => called,
  };
}

function isCall(type: string): boolean {
  return type === 'function_call' || type === 'custom_tool_call';
}

/** A message as it begins: what it says comes later, whatever some servers have in it by then. */
function withoutContent(cursor: Cursor): Cursor {
  return { ...cursor, value: { ...objectAt(cursor), content: [] } };
}

/** What an item has besides when it begins. Its status and its content are still to come. */
function begunExt(ext: readonly Extra[] = []): readonly Extra[] {
  return ext.filter((extra) => extra.key !== 'status' && markOf([extra], 'empty') === undefined);
}

function extOf(ext: readonly Extra[]): { readonly ext?: readonly Extra[] } {
  return ext.length === 0 ? {} : { ext };
}

/** A block as it is known at its end, with the id that it began with: servers are known to change it on the way. */
function amended(begun: Block, block: Block): Block {
  if (begun.type !== block.type) return begun;
  const id = begun.ext?.find((extra) => extra.dialect === dialect && extra.key === 'id');
  const ext =
    id === undefined ? block.ext : block.ext?.map((extra) => (extra.dialect === dialect && extra.key === 'id' && extra.path === id.path ? id : extra));
  return { ...block, ...callOf(begun), ...extOf(ext ?? []) };
}

/** What of a call was told when it began. */
function callOf(begun: Block): Partial<Pick<ToolCallBlock, 'id' | 'name' | 'kind'>> {
  return begun.type === 'toolCall' ? { id: begun.id, name: begun.name, kind: begun.kind } : {};
}

function emptied(block: Block): Block {
  if (block.type === 'toolCall') return { ...block, arguments: '' };
  return block.type === 'text' || block.type === 'refusal' || block.type === 'reasoning' ? { ...block, text: '' } : block;
}

function textOf(block: Block): string {
  if (block.type === 'toolCall') return block.arguments;
  return block.type === 'text' || block.type === 'refusal' || block.type === 'reasoning' ? block.text : '';
}
