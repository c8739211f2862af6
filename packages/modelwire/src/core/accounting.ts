import type { Block, DialectName, DocumentBlock, TextBlock } from './ir.ts';
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

/** What a document asks for besides being read. */
export function accountForDocument(block: DocumentBlock, { ledger }: Accounting): void {
  if (block.context !== undefined) ledger.drop(fieldPath(block, 'context', 'messages'), 'there is no place for the context of a document');
  if (block.cite === true) ledger.drop(fieldPath(block, 'citations', 'messages'), 'citations cannot be asked for there');
}
