import type { Block, DialectName, DocumentBlock, Message, TextBlock } from './ir.ts';
import { accountForExtras, cachePath, fieldPath, type Ledger } from './notes.ts';

/** Who accounts for what a request's blocks carry besides what they say, for formats where prompt caching is automatic. */
export type Accounting = { readonly ledger: Ledger; readonly dialect: DialectName };

export function accountForBlock(block: Block, { ledger, dialect }: Accounting): void {
  accountForExtras(block.ext, dialect, ledger);
  if (block.cache !== undefined) ledger.drop(cachePath(block, 'messages'), 'prompt caching is automatic there');
}

export function loseCitations(block: TextBlock, { ledger }: Accounting): void {
  if (block.citations !== undefined) ledger.drop(`${block.at ?? 'messages'}.citations`, 'citations have no place in the history');
}

const places: { readonly [type in Block['type']]?: number } = { reasoning: 0, toolCall: 2 };

/** For formats whose messages have their thinking, their text and their calls in fields of their own: an order that none of them tells. */
export function accountForOrder({ blocks, at = 'messages' }: Message, ledger: Ledger): void {
  const order = blocks.map(({ type }) => places[type] ?? 1);
  if (order.some((place, index) => place < (order[index - 1] ?? 0))) ledger.note('changed', at, 'text stands before the calls there, and thinking before both');
}

/** What a document asks for besides being read. */
export function accountForDocument(block: DocumentBlock, { ledger }: Accounting): void {
  if (block.context !== undefined) ledger.drop(fieldPath(block, 'context', 'messages'), 'there is no place for the context of a document');
  if (block.cite === true) ledger.drop(fieldPath(block, 'citations', 'messages'), 'citations cannot be asked for there');
}
