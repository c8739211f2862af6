import { callWithReasoning } from '../../core/call-bundle.ts';
import type { Context } from '../../core/dialect.ts';
import type { Block, Extra, Finish, RawJson, ReasoningBlock, Reply, ReplyHead, TextBlock, ToolCallBlock } from '../../core/ir.ts';
import { printObject, printString } from '../../core/json-print.ts';
import { mustReturn } from '../../core/reasoning-bundle.ts';
import { toCitations } from './citations.ts';
import { dialect, isMarked, isOwn, ownEntries } from './wire.ts';

/** How a caller is to be answered. */
export type AnswerStyle = { readonly context: Context };

/** Fields of another format that the answer had. */
export function loseForeign(ext: readonly Extra[] | undefined, { ledger }: Context): void {
  for (const extra of ext ?? []) {
    if (extra.dialect !== dialect && extra.loss !== 'nothing') ledger.lost(extra.path, extra.reason ?? `${dialect} has no such field`);
  }
}

/** An answer names no model: one that is not the asked one would go unseen. */
export function loseHead(head: ReplyHead, { context }: AnswerStyle): void {
  loseForeign(head.ext, context);
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

type Open = { kind: 'text' | 'thinking' | 'plan' | 'call' | 'hidden'; begun: boolean; length: number };

export function createTeller({ context }: AnswerStyle, sink: Sink): Teller {
  const own = isOwn(context);
  let open: Open | undefined;
  let current: Block | undefined;
  /** Where the block began in its part of the content. */
  let start = 0;
  let contents = 0;
  let calls = 0;
  let spoke = false;
  /** Thinking that must come back, for the id of the next call. */
  let waiting: ReasoningBlock[] = [];

  const begin = (): void => {
    if (open === undefined || open.begun || (open.kind !== 'text' && open.kind !== 'thinking')) return;
    open.begun = true;
    sink.begin(open.kind);
    contents++;
  };
  /** A call without arguments is `{}`, unless the answer broke off there: empty ones may be missing ones. */
  const settle = (isCutOff: boolean): void => {
    if (open?.kind === 'call') {
      if (open.length === 0 && !isCutOff) sink.piece('arguments', '{}');
      sink.end('call');
    } else if (open?.begun === true && (open.kind === 'text' || open.kind === 'thinking')) sink.end(open.kind);
    open = undefined;
  };
  const openCall = (call: ToolCallBlock): void => {
    const id = waiting.length === 0 ? call.id : callWithReasoning(call.id, waiting, context.target);
    waiting = [];
    calls++;
    sink.call(id, call);
  };
  const kindOf = (block: Block): Open['kind'] => {
    if (block.type === 'text' || block.type === 'refusal') return own && isMarked(block.ext, 'plan') ? 'plan' : 'text';
    if (block.type === 'reasoning') return 'thinking';
    return block.type === 'toolCall' ? 'call' : 'hidden';
  };
  const cite = (block: TextBlock): void => {
    if (block.citations === undefined || own || open?.kind !== 'text') return;
    begin();
    for (const citation of toCitations(block.citations, { text: block.text, start, index: contents - 1 }, context)) sink.cite(citation);
  };
  const closeOther = (block: Block): void => {
    if (block.type === 'opaque' && block.dialect === dialect) {
      sink.other(block.raw);
      contents++;
      return;
    }
    const kind = block.type === 'opaque' ? block.kind : block.type;
    context.ledger.lost(block.at ?? `content.${kind}`, `an answer in ${dialect} cannot hold ${kind}`);
  };

  /** Where a provider says in words why it refused, these are what it said, unless it said something already. */
  const explain = ({ reason, explanation = '' }: Finish): void => {
    if (reason !== 'filter' || explanation === '') return;
    if (spoke) {
      context.ledger.lost('finish.explanation', 'the answer has text already: why it was refused has no place');
      return;
    }
    settle(false);
    open = { kind: 'text', begun: false, length: explanation.length };
    begin();
    sink.piece('text', explanation);
  };

  return {
    open(block) {
      const kind = kindOf(block);
      current = block;
      // Text that follows text is one part: most clients read the first alone.
      if (open?.kind === 'text' && kind === 'text') start = open.length;
      else {
        settle(false);
        open = { kind, begun: false, length: 0 };
        start = 0;
        if (block.type === 'toolCall') openCall(block);
      }
    },
    say(text) {
      if (open === undefined || open.kind === 'hidden') return;
      begin();
      open.length += text.length;
      spoke ||= open.kind === 'text';
      sink.piece(open.kind === 'call' ? 'arguments' : open.kind, text);
    },
    close(block) {
      const given = current === undefined || current.type === block.type ? block : current;
      current = undefined;
      loseForeign(given.ext, context);
      if (given.type === 'text') cite(given);
      else if (given.type === 'reasoning' && !own && mustReturn(given, context.target)) waiting.push(given);
      else if (open?.kind === 'hidden') closeOther(given);
    },
    end(finish) {
      const { reason } = finish;
      explain(finish);
      settle(reason === 'length' || reason === 'contextFull' || reason === 'filter');
      for (const block of waiting) {
        if ((block.signature ?? '') !== '') context.ledger.lost('signature', 'no call follows that could bring it back');
        if (block.redacted !== undefined) context.ledger.lost('redacted', 'no call follows that could bring it back');
      }
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
