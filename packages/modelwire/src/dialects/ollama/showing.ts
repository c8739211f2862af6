import { createCallIds } from '../../core/call-id.ts';
import type { Context } from '../../core/dialect.ts';
import type { Block, RawJson, ToolCallBlock } from '../../core/ir.ts';
import { printObject, printString } from '../../core/json-print.ts';
import { loseExtras } from '../../core/notes.ts';
import { isCallable, objectInput } from '../../core/tool-input.ts';
import { dialect, isMarked, isOwn, ownEntries, printWithExtras } from './wire.ts';

/** A piece of an answer's message: some of its text or thinking, or a whole call. */
export type Piece = { readonly kind: 'content' | 'thinking'; readonly text: string } | { readonly kind: 'call'; readonly raw: RawJson };

/** Blocks as pieces, in their order. Thinking that must come back waits for the call that it led to. */
export type Parts = {
  whole(block: Block): Piece[];
  /** One piece of a block that comes in pieces; undefined where it comes whole, or has no place. */
  piece(block: Block, text: string): Piece | undefined;
  /** The rest of a block whose pieces were shown. */
  close(block: Block): void;
  /** The answer is over: what still waits finds no call. */
  end(): void;
};

export function createParts(context: Context): Parts {
  const own = isOwn(context);
  const ids = createCallIds(dialect, context);
  let calls = 0;

  const account = (block: Block): void => {
    loseExtras(block.ext, dialect, context.ledger);
    if (block.type === 'reasoning') ids.think(block);
    if ((block.type === 'text' || block.type === 'refusal') && 'citations' in block && block.citations !== undefined)
      context.ledger.lost('citations', 'citations have no place');
  };
  const call = (block: ToolCallBlock): Piece => {
    const id = own && isMarked(block.ext, 'madeId') ? undefined : ids.idOf(block);
    const inner = printWithExtras(
      [
        ['index', String(calls++)],
        ['name', printString(block.name)],
        ['arguments', objectInput(block, 'message')],
      ],
      own ? block.ext : undefined,
      'function',
    );
    const raw = printObject([['id', id === undefined ? undefined : printString(id)], ['function', inner], ...(own ? ownEntries(block.ext, '') : [])]);
    return { kind: 'call', raw };
  };
  return {
    whole(block) {
      account(block);
      switch (block.type) {
        case 'text':
        case 'refusal':
          return block.text === '' ? [] : [{ kind: 'content', text: block.text }];
        case 'reasoning':
          return block.text === '' ? [] : [{ kind: 'thinking', text: block.text }];
        case 'toolCall':
          return [call(block)];
        default: {
          const kind = block.type === 'opaque' ? block.kind : block.type;
          context.ledger.lost(`content.${kind}`, `an answer in ${dialect} cannot hold ${kind}`);
          return [];
        }
      }
    },
    piece(block, text) {
      if (block.type === 'text' || block.type === 'refusal') return { kind: 'content', text };
      return block.type === 'reasoning' ? { kind: 'thinking', text } : undefined;
    },
    close: account,
    end: ids.end,
  };
}

/** Shows the blocks of a caller's stream, one after the other. */
export type Shower = {
  open(block: Block): Piece[];
  say(text: string): Piece | undefined;
  /** `block` is the whole one. */
  close(block: Block): Piece[];
  /** Closes what is still open. */
  end(): Piece[];
  /** The first tool call whose arguments are not one complete object. */
  broken(): string | undefined;
};

export function createShower(context: Context): Shower {
  const parts = createParts(context);
  let open: Block | undefined;
  let shown = false;
  let broken: string | undefined;

  const close = (block: Block): Piece[] => {
    const given = open === undefined || open.type === block.type ? block : open;
    const wasShown = shown;
    open = undefined;
    shown = false;
    if (given.type === 'toolCall' && !isCallable(given)) {
      broken ??= given.name;
      return [];
    }
    if (!wasShown) return parts.whole(given);
    parts.close(given);
    return [];
  };
  const endOpen = (): Piece[] => (open === undefined ? [] : close(open));
  return {
    open(block) {
      const before = endOpen();
      open = block;
      return before;
    },
    say(text) {
      const piece = open === undefined ? undefined : parts.piece(open, text);
      shown ||= piece !== undefined;
      return piece;
    },
    close,
    end() {
      const pieces = endOpen();
      parts.end();
      return pieces;
    },
    broken: () => broken,
  };
}
