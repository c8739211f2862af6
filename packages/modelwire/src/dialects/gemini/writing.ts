import { accountForBlock, type Accounting } from '../../core/accounting.ts';
import type { Context } from '../../core/dialect.ts';
import type { NameMap } from '../../core/fit.ts';
import type { Block, ChatRequest, RawJson } from '../../core/ir.ts';
import { type Entry, printObject, printString } from '../../core/json-print.ts';
import type { Quirks } from '../../core/target.ts';
import { printWithExtras } from './wire.ts';

/** What one request's encoding knows. `own`: it came in this dialect, and goes out as it came but for what a quirk asks. */
export type Writing = Accounting & {
  readonly request: ChatRequest;
  readonly context: Context;
  readonly quirks: Quirks;
  readonly own: boolean;
  readonly names: NameMap;
};

/** One part's JSON with our own extras; everyone else's are accounted for. */
export function printPart(fields: readonly Entry[], block: Block, writing: Writing): RawJson {
  accountForBlock(block, writing);
  return printWithExtras(fields, block.ext, block.at ?? '');
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
