import type { Context } from '../../core/dialect.ts';
import type { NameMap } from '../../core/fit.ts';
import type { Block, ChatRequest, RawJson, TextBlock } from '../../core/ir.ts';
import { type Entry, printObject, printString } from '../../core/json-print.ts';
import { accountForExtras, cachePath, type Ledger } from '../../core/notes.ts';
import type { Quirks } from '../../core/target.ts';
import { dialect, printWithExtras } from './wire.ts';

/** What one request's encoding knows. `own`: it came in this dialect, and goes out as it came but for what a quirk asks. */
export type Writing = {
  readonly request: ChatRequest;
  readonly context: Context;
  readonly ledger: Ledger;
  readonly quirks: Quirks;
  readonly own: boolean;
  readonly names: NameMap;
};

/** One part's JSON with our own extras; everyone else's are accounted for. */
export function printPart(fields: readonly Entry[], block: Block, writing: Writing): RawJson {
  accountForBlock(block, writing);
  return printWithExtras(fields, block.ext, block.at ?? '');
}

/** What a block carries besides what it says. */
export function accountForBlock(block: Block, { ledger }: Writing): void {
  accountForExtras(block.ext, dialect, ledger);
  if (block.cache !== undefined) ledger.drop(cachePath(block, 'contents'), 'prompt caching is automatic there');
}

export function loseCitations(block: TextBlock, { ledger }: Writing): void {
  if (block.citations !== undefined) ledger.drop(`${block.at ?? 'contents'}.citations`, 'citations have no place in the history');
}

/** Text that stands for a block of another kind. */
export function printTextPart(text: string, block: Block, writing: Writing): RawJson {
  accountForBlock(block, writing);
  return printObject([['text', printString(text)]]);
}

/** The caller's own name of a field. */
export function nameOf(request: ChatRequest, field: string, otherwise: string): string {
  return request.names[field] ?? otherwise;
}
