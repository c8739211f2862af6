import type { ChatEvent } from './event.ts';
import type { Block } from './ir.ts';

/** A block that is being built piece by piece. */
type Open = { block: Block; pieces: string[]; announced: boolean; closed: boolean };

/**
 * Puts the interleaved pieces of several blocks into one sequence: one block open at a time, in the order in which they began. The
 * first open block streams; pieces of a later one are held until those before it are closed. Keys are the decoder's own.
 */
export type Sequencer = {
  /** Begins a block unless the key is open already. */
  open(key: string, block: Block, emit: (event: ChatEvent) => void): void;
  /** Adds a piece; an empty piece is nothing. */
  delta(key: string, text: string, emit: (event: ChatEvent) => void): void;
  /** Changes what is known of an open block besides its text (a name, a signature). */
  amend(key: string, change: (block: Block) => Block): void;
  close(key: string, emit: (event: ChatEvent) => void): void;
  closeAll(emit: (event: ChatEvent) => void): void;
  has(key: string): boolean;
  /** The text so far of an open block. */
  textOf(key: string): string;
  /** The keys that are open, oldest first. */
  keys(): readonly string[];
  /** How many are open. */
  count(): number;
};

export function createSequencer(): Sequencer {
  const blocks = new Map<string, Open>();

  const flush = (emit: (event: ChatEvent) => void): void => {
    for (const [key, open] of blocks) {
      if (!open.announced) {
        open.announced = true;
        emit({ type: 'open', block: open.block });
        for (const piece of open.pieces) emit({ type: 'delta', text: piece });
      }
      if (!open.closed) return;
      emit({ type: 'close', block: withText(open.block, open.pieces.join('')) });
      blocks.delete(key);
    }
  };

  return {
    open(key, block, emit) {
      if (blocks.has(key)) return;
      blocks.set(key, { block, pieces: [], announced: false, closed: false });
      flush(emit);
    },
    delta(key, text, emit) {
      const open = blocks.get(key);
      if (open === undefined || text === '') return;
      open.pieces.push(text);
      if (open.announced) emit({ type: 'delta', text });
    },
    amend(key, change) {
      const open = blocks.get(key);
      if (open !== undefined) open.block = change(open.block);
    },
    close(key, emit) {
      const open = blocks.get(key);
      if (open === undefined) return;
      open.closed = true;
      flush(emit);
    },
    closeAll(emit) {
      for (const open of blocks.values()) open.closed = true;
      flush(emit);
    },
    has: (key) => blocks.has(key),
    textOf: (key) => blocks.get(key)?.pieces.join('') ?? '',
    keys: () => [...blocks.keys()],
    count: () => blocks.size,
  };
}

/** The block with its streamed text in the field where that kind of block keeps it. */
function withText(block: Block, text: string): Block {
  switch (block.type) {
    case 'text':
    case 'refusal':
    case 'reasoning':
      return text === '' ? block : { ...block, text };
    case 'toolCall':
      return text === '' ? block : { ...block, arguments: text };
    case 'image':
    case 'document':
    case 'audio':
    case 'toolResult':
    case 'searchResult':
    case 'opaque':
      return block;
  }
}
