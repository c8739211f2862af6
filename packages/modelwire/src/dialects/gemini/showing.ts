import type { Context } from '../../core/dialect.ts';
import type { Block, RawJson, ReasoningBlock, ToolCallBlock } from '../../core/ir.ts';
import { type Entry, printOptional, printString } from '../../core/json-print.ts';
import { loseExtras } from '../../core/notes.ts';
import { isCallable, objectInput } from '../../core/tool-input.ts';
import { mustReturn } from '../../core/seal.ts';
import { bundle } from './signature.ts';
import { dialect, isMarked, isOwn, printWithExtras } from './wire.ts';

/** How a caller wants to be answered. */
export type AnswerStyle = {
  readonly context: Context;
  /** The caller asked to be shown the model's thoughts. */
  readonly thoughts: boolean;
};

/** Blocks as parts, in their order. Thinking that must come back waits for the call that it led to, or for the end. */
export type Parts = {
  whole(block: Block): RawJson[];
  /** One piece of a block that comes in pieces; undefined where it comes whole, or is not shown. */
  piece(block: Block, text: string): RawJson | undefined;
  /** The rest of a block whose pieces were shown. */
  close(block: Block, shown: boolean): RawJson[];
  end(): RawJson[];
};

export function createParts(style: AnswerStyle): Parts {
  const { context, thoughts } = style;
  const own = isOwn(context);
  let waiting: ReasoningBlock[] = [];
  let called = false;

  /** Google's own: one a call. Another's: all of it, with the thinking. The first call has one even so: Google wants one there. */
  const takeSignature = (isCall: boolean): string | undefined => {
    if (own) return waiting.shift()?.signature;
    const isFirst = isCall && !called;
    called ||= isCall;
    const blocks = waiting;
    waiting = [];
    return blocks.length === 0 && !isFirst ? undefined : bundle(blocks, context);
  };
  const keep = (block: ReasoningBlock): void => {
    const isShown = thoughts && block.text !== '';
    if (own ? block.signature !== undefined : isShown || mustReturn(block, context)) waiting.push(block);
  };
  const thought = (block: ReasoningBlock): RawJson[] => {
    keep(block);
    if (block.text === '' || (!own && !thoughts)) return [];
    return [
      printPart(
        [
          ['text', printString(block.text)],
          ['thought', 'true'],
        ],
        block,
        context,
      ),
    ];
  };
  const signed = (): RawJson[] => {
    const parts: RawJson[] = [];
    for (let signature = takeSignature(false); signature !== undefined; signature = takeSignature(false))
      // Clients send the signature of a text back, and leave thoughts out.
      parts.push(`{"text":"",${own ? '"thought":true,' : ''}"thoughtSignature":${printString(signature)}}`);
    return parts;
  };

  return {
    whole(block) {
      loseExtras(block.ext, dialect, context.ledger);
      switch (block.type) {
        case 'text':
        case 'refusal':
          loseCitations(block, context);
          return [printPart([['text', printString(block.text)]], block, context)];
        case 'reasoning':
          return thought(block);
        case 'toolCall':
          return [printCall(block, takeSignature(true), context)];
        default:
          return printOther(block, context);
      }
    },
    piece(block, text) {
      if (block.type === 'text' || block.type === 'refusal') return `{"text":${printString(text)}}`;
      return block.type === 'reasoning' && (own || thoughts) ? `{"text":${printString(text)},"thought":true}` : undefined;
    },
    close(block, shown) {
      if (!shown) return this.whole(block);
      loseExtras(block.ext, dialect, context.ledger);
      if (block.type === 'reasoning') {
        keep(block);
        return [];
      }
      loseCitations(block, context);
      const rest = own ? printWithExtras([], block.ext, '') : '{}';
      return rest === '{}' ? [] : [printPart([['text', '""']], block, context)];
    },
    end: signed,
  };
}

/** Shows the blocks of a caller's stream, one after the other. */
export type Shower = {
  open(block: Block): RawJson[];
  say(text: string): RawJson[];
  /** `block` is the whole one. */
  close(block: Block): RawJson[];
  /** Closes what is still open. */
  end(): RawJson[];
  /** What goes with the end of the answer. */
  last(): RawJson[];
  /** Whether a refusal was shown, and the first tool call whose arguments are not one complete object. */
  seen(): { readonly refused: boolean; readonly broken: string | undefined };
};

export function createShower(style: AnswerStyle): Shower {
  const parts = createParts(style);
  let open: Block | undefined;
  let shown = false;
  let refused = false;
  let broken: string | undefined;

  const close = (block: Block): RawJson[] => {
    const given = open === undefined || open.type === block.type ? block : open;
    const wasShown = shown;
    open = undefined;
    shown = false;
    refused ||= given.type === 'refusal';
    if (given.type !== 'toolCall' || isCallable(given)) return parts.close(given, wasShown);
    broken ??= given.name;
    return [];
  };
  const end = (): RawJson[] => (open === undefined ? [] : close(open));
  return {
    open(block) {
      const before = end();
      open = block;
      return before;
    },
    say(text) {
      const piece = open === undefined ? undefined : parts.piece(open, text);
      shown ||= piece !== undefined;
      return piece === undefined ? [] : [piece];
    },
    close,
    end,
    last: parts.end,
    seen: () => ({ refused, broken }),
  };
}

function loseCitations(block: Block, context: Context): void {
  if (block.type === 'text' && block.citations !== undefined && !isOwn(context)) context.ledger.lost('citations', 'citations of another format have no place');
}

function printPart(entries: readonly Entry[], block: Block, context: Context): RawJson {
  return printWithExtras(entries, isOwn(context) ? block.ext : undefined, '');
}

function printCall(block: ToolCallBlock, signature: string | undefined, context: Context): RawJson {
  const id = isMarked(block.ext, 'madeId') ? undefined : printString(block.id);
  const call = printWithExtras(
    [
      ['id', id],
      ['name', printString(block.name)],
      ['args', objectInput(block, 'content')],
    ],
    undefined,
    '',
  );
  return printPart(
    [
      ['functionCall', call],
      ['thoughtSignature', printOptional(signature)],
    ],
    block,
    context,
  );
}

function printOther(block: Block, context: Context): RawJson[] {
  if (block.type === 'opaque' && block.dialect === dialect) return [block.raw];
  const data =
    block.type === 'image' && block.source.kind === 'base64'
      ? block.source
      : block.type === 'audio'
        ? { mediaType: `audio/${block.format}`, data: block.data }
        : undefined;
  if (data !== undefined) {
    const inline = printWithExtras(
      [
        ['mimeType', printString(data.mediaType)],
        ['data', printString(data.data)],
      ],
      undefined,
      '',
    );
    return [printPart([['inlineData', inline]], block, context)];
  }
  const kind = block.type === 'opaque' ? block.kind : block.type;
  context.ledger.lost(`content.${kind}`, `an answer in ${dialect} cannot hold ${kind}`);
  return [];
}
