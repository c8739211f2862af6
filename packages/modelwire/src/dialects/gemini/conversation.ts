import type { Context } from '../../core/dialect.ts';
import type { Block, Message, ReasoningBlock } from '../../core/ir.ts';
import { joinRuns } from '../../core/runs.ts';
import type { Decoded, DecodedContent } from './content.ts';
import { missingSignature, signatureExtra } from './signature.ts';
import { isOwn } from './wire.ts';

/** The contents as messages: one each for Google, in turns for everybody else. */
export function toMessages(contents: readonly DecodedContent[], context: Context): Message[] {
  const turns = joinRuns(contents, (last, content) => last.role === 'assistant' && content.role === 'assistant');
  return isOwn(context) ? turns.flatMap((turn) => withoutForeign(turn, context)) : turns.map(toTurn);
}

/** A turn for Google, without the thinking of another's provider: what a signature bears, and the thoughts that were shown of it. */
function withoutForeign(turn: readonly DecodedContent[], context: Context): Message[] {
  const withheld = new Set<Decoded>();
  let shown: Decoded[] = [];
  for (const part of turn.flatMap(({ parts }) => parts)) {
    if (part.bundle === undefined) {
      if (isThought(part.block)) shown.push(part);
      continue;
    }
    for (const thought of shown) withheld.add(thought);
    // The part that bore it may hold nothing else.
    if (part.block.type === 'text' && part.block.text === '') withheld.add(part);
    shown = [];
  }
  return turn.flatMap((content) => {
    const blocks = content.parts.flatMap((part) => {
      const block = withoutBundle(part, context);
      return withheld.has(part) ? [] : [block];
    });
    return blocks.length === 0 && content.parts.length > 0 ? [] : [messageOf(content, blocks)];
  });
}

function messageOf({ role, at, ext }: DecodedContent, blocks: readonly Block[]): Message {
  return { role, blocks, at, ...(ext.length === 0 ? {} : { ext }) };
}

/** Thinking of another format's provider is not for Google, and the call that bore it must be signed by somebody. */
function withoutBundle({ block, bundle }: Decoded, { ledger, target }: Context): Block {
  if (bundle === undefined) return block;
  if (bundle.length > 0) ledger.drop(`${block.at ?? 'contents'}.thoughtSignature`, 'reasoning of another origin is withheld');
  if (block.type !== 'toolCall' || target.quirks.callSignatures !== true) return block;
  return { ...block, ext: [...(block.ext ?? []), signatureExtra(block.at ?? '', missingSignature)] };
}

/** Clients keep each chunk of a stream as a content of its own: together they are one turn, and their pieces one text. */
function toTurn(run: readonly [DecodedContent, ...DecodedContent[]]): Message {
  const [first] = run;
  const parts = run.flatMap((content) => content.parts);
  const turn = { ...first, ext: run.flatMap((content) => content.ext) };
  return messageOf(turn, first.role === 'user' ? parts.map(({ block }) => block) : joinPieces(placeBundles(parts)));
}

/** Thinking that a signature brought back stands for the thoughts that were shown of it. It goes where it was: before the text and call that it led to. */
function placeBundles(parts: readonly Decoded[]): Block[] {
  const placed: Block[] = [];
  let since: Block[] = [];
  for (const { block, bundle } of parts) {
    if (bundle === undefined) since.push(block);
    else {
      placed.push(...bundle, ...since.filter((other) => !isThought(other)));
      // The part that bore the signature may hold nothing else.
      if (block.type !== 'text' || block.text !== '') placed.push(block);
      since = [];
    }
  }
  return [...placed, ...since];
}

/** A thought without a signature of its own. */
function isThought(block: Block): block is ReasoningBlock {
  return block.type === 'reasoning' && block.signature === undefined && block.redacted === undefined;
}

function joinPieces(blocks: readonly Block[]): Block[] {
  return joinRuns(blocks, isContinued).map((run) => {
    const [first] = run;
    if (run.length === 1 || (first.type !== 'text' && first.type !== 'reasoning')) return first;
    const ext = run.flatMap((block) => block.ext ?? []);
    return { ...first, text: run.map((block) => ('text' in block ? block.text : '')).join(''), ...(ext.length === 0 ? {} : { ext }) };
  });
}

function isContinued(last: Block, block: Block): boolean {
  return (last.type === 'text' && block.type === 'text') || (isThought(last) && isThought(block));
}
