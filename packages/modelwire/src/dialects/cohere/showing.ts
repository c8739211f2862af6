import { createCallIds } from '../../core/call-id.ts';
import type { Context } from '../../core/dialect.ts';
import type { Block, Finish, RawJson, Reply, ReplyHead, TextBlock, ToolCallBlock } from '../../core/ir.ts';
import { printObject, printString } from '../../core/json-print.ts';
import { loseExtras } from '../../core/notes.ts';
import { toCitations } from './citations.ts';
import { dialect, isMarked, isOwn, ownEntries } from './wire.ts';

/** How a caller is to be answered. */
export type AnswerStyle = { readonly context: Context };

/** An answer names no model: one that is not the asked one would go unseen. */
export function loseHead(head: ReplyHead, { context }: AnswerStyle): void {
  loseExtras(head.ext, dialect, context.ledger);
  if (head.model !== context.target.model) context.ledger.lost('model', 'an answer names no model in this format');
}

export function loseTier(tier: Reply['serviceTier'], { context: { ledger } }: AnswerStyle): void {
  if (tier !== undefined && tier !== 'default' && tier !== 'standard') ledger.lost('service_tier', 'an answer names no service tier in this format');
}

/** Where the parts of a message go: into one object, or event by event. */
export type Sink = {
  /** A part of the content begins. */
  begin(kind: 'text' | 'thinking'): void;
  /** A piece of what began last; the plan has no beginning. */
  piece(kind: 'text' | 'thinking' | 'plan' | 'arguments', text: string): void;
  end(kind: 'text' | 'thinking' | 'call'): void;
  call(id: string, call: ToolCallBlock): void;
  /** A part of the content that only this dialect knows. */
  other(raw: RawJson): void;
  cite(citation: RawJson): void;
};

/** Tells the blocks of an answer, one after the other, in the parts that a message of Cohere's has. */
export type Teller = {
  open(block: Block): void;
  say(text: string): void;
  /** `block` is the whole one. */
  close(block: Block): void;
  /** Closes what is still open. */
  end(finish: Finish): void;
  called(): boolean;
};

type Kind = 'text' | 'thinking' | 'plan' | 'call' | 'hidden';

/** The part of a message that is open: its beginning waits for its first piece. */
type Part = {
  readonly kind: Kind | undefined;
  /** Characters so far. */
  readonly length: number;
  /** Where it stands in the content. */
  readonly index: number;
  open(kind: Kind): void;
  say(text: string): void;
  /** A call without arguments is `{}`, unless the answer broke off there: empty ones may be missing ones. */
  close(isCutOff: boolean): void;
  /** A whole part of another kind. */
  other(raw: RawJson): void;
};

function createPart(sink: Sink): Part {
  let kind: Kind | undefined;
  let begun = false;
  let length = 0;
  let index = -1;
  return {
    get kind() {
      return kind;
    },
    get length() {
      return length;
    },
    get index() {
      return index;
    },
    open(next) {
      kind = next;
      begun = false;
      length = 0;
    },
    say(text) {
      if (kind === undefined || kind === 'hidden') return;
      if (!begun && (kind === 'text' || kind === 'thinking')) {
        sink.begin(kind);
        index++;
      }
      begun = true;
      length += text.length;
      sink.piece(kind === 'call' ? 'arguments' : kind, text);
    },
    close(isCutOff) {
      if (kind === 'call') {
        if (length === 0 && !isCutOff) sink.piece('arguments', '{}');
        sink.end(kind);
      } else if (begun && (kind === 'text' || kind === 'thinking')) sink.end(kind);
      kind = undefined;
    },
    other(raw) {
      sink.other(raw);
      index++;
    },
  };
}

export function createTeller({ context }: AnswerStyle, sink: Sink): Teller {
  const own = isOwn(context);
  const ids = createCallIds(dialect, context);
  const part = createPart(sink);
  let current: Block | undefined;
  /** Where the block began in its part. */
  let start = 0;
  let calls = 0;
  let spoke = false;

  const kindOf = (block: Block): Kind => {
    if (block.type === 'text' || block.type === 'refusal') return own && isMarked(block.ext, 'plan') ? 'plan' : 'text';
    if (block.type === 'reasoning') return 'thinking';
    return block.type === 'toolCall' ? 'call' : 'hidden';
  };
  const cite = ({ text, citations }: TextBlock): void => {
    if (citations === undefined || own) return;
    if (part.kind !== 'text' || text === '') return context.ledger.lost('citations', 'citations stand with a text alone');
    for (const citation of toCitations(citations, { text, start, index: part.index }, context)) sink.cite(citation);
  };
  const closeOther = (block: Block): void => {
    if (block.type === 'opaque' && block.dialect === dialect) return part.other(block.raw);
    const kind = block.type === 'opaque' ? block.kind : block.type;
    context.ledger.lost(block.at ?? `content.${kind}`, `an answer in ${dialect} cannot hold ${kind}`);
  };
  /** Where a provider says in words why it refused, these are what it said, unless it said something already. */
  const explain = ({ reason, explanation = '' }: Finish): void => {
    if (reason !== 'filter' || explanation === '') return;
    if (spoke) return context.ledger.lost('finish.explanation', 'the answer has text already: why it was refused has no place');
    part.close(false);
    part.open('text');
    part.say(explanation);
  };

  return {
    open(block) {
      const kind = kindOf(block);
      current = block;
      // Text that follows text is one part: most clients read the first alone.
      start = part.kind === 'text' && kind === 'text' ? part.length : 0;
      if (part.kind === 'text' && kind === 'text') return;
      part.close(false);
      part.open(kind);
      if (block.type !== 'toolCall') return;
      calls++;
      sink.call(ids.idOf(block), block);
    },
    say(text) {
      spoke ||= part.kind === 'text';
      part.say(text);
    },
    close(block) {
      const given = current === undefined || current.type === block.type ? block : current;
      current = undefined;
      loseExtras(given.ext, dialect, context.ledger);
      if (given.type === 'text') cite(given);
      else if (given.type === 'reasoning') ids.think(given);
      else if (part.kind === 'hidden') closeOther(given);
    },
    end(finish) {
      explain(finish);
      part.close(finish.reason === 'length' || finish.reason === 'contextFull' || finish.reason === 'filter');
      ids.end();
    },
    called: () => calls > 0,
  };
}

/** The parts of a message, as JSON. */
export type Collected = { readonly content: RawJson[]; plan: string; readonly calls: RawJson[]; readonly citations: RawJson[] };

export function collectMessage(blocks: readonly Block[], finish: Finish, style: AnswerStyle): Collected {
  const message: Collected = { content: [], plan: '', calls: [], citations: [] };
  let pieces: string[] = [];
  let call: { readonly id: string; readonly block: ToolCallBlock } | undefined;
  const take = (): RawJson => {
    const text = pieces.join('');
    pieces = [];
    return printString(text);
  };
  const teller = createTeller(style, {
    begin: () => undefined,
    piece(kind, text) {
      if (kind === 'plan') message.plan += text;
      else pieces.push(text);
    },
    end(kind) {
      if (kind !== 'call') message.content.push(`{"type":"${kind}","${kind}":${take()}}`);
      else if (call !== undefined) message.calls.push(printCall(call.id, call.block, take(), style));
    },
    call(id, block) {
      call = { id, block };
    },
    other: (raw) => void message.content.push(raw),
    cite: (citation) => void message.citations.push(citation),
  });
  for (const block of blocks) {
    teller.open(block);
    const text = block.type === 'toolCall' ? block.arguments : 'text' in block ? block.text : '';
    if (text !== '') teller.say(text);
    teller.close(block);
  }
  teller.end(finish);
  return message;
}

/** `written` is the JSON string of the arguments. */
export function printCall(id: string, call: ToolCallBlock, written: RawJson, { context }: AnswerStyle): RawJson {
  return printObject([
    ['id', printString(id)],
    ['type', '"function"'],
    [
      'function',
      printObject([
        ['name', printString(call.name)],
        ['arguments', written],
      ]),
    ],
    ...(isOwn(context) ? ownEntries(call.ext, '') : []),
  ]);
}
