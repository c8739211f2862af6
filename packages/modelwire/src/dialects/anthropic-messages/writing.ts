import type { Context } from '../../core/dialect.ts';
import type { NameMap } from '../../core/fit.ts';
import type { Block, ChatRequest, RawJson, Tool } from '../../core/ir.ts';
import { type Entry, printString } from '../../core/json-print.ts';
import { accountForExtras, type Ledger } from '../../core/notes.ts';
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
  /** Prints the cache mark of a block or tool, unless there are more marks than the provider takes: then only the last ones. */
  mark(item: { readonly cache?: Tool['cache']; readonly ext?: Tool['ext']; readonly at?: string }): RawJson | undefined;
};

/** One block's JSON: its type, its fields, its cache mark and our own extras; everyone else's are accounted for. */
export function printBlock(type: string, fields: readonly Entry[], block: Block, writing: Writing): RawJson {
  accountForExtras(block.ext, dialect, writing.ledger);
  return printWithExtras([['type', printString(type)], ...fields, ['cache_control', writing.mark(block)]], block.ext, block.at ?? '');
}
