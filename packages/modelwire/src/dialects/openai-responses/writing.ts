import type { Context } from '../../core/dialect.ts';
import { fitId, type NameMap } from '../../core/fit.ts';
import type { Block, ChatRequest, RawJson } from '../../core/ir.ts';
import type { Entry } from '../../core/json-print.ts';
import { accountForExtras, cachePath, type Ledger } from '../../core/notes.ts';
import type { Quirks } from '../../core/target.ts';
import type { ItemStyle } from './print-items.ts';
import { callIdRule, dialect, ownEntries, printWithExtras } from './wire.ts';

/** What one request's encoding knows. `own`: it came in this dialect, and goes out as it came but for what a quirk asks. */
export type Writing = {
  readonly request: ChatRequest;
  readonly context: Context;
  readonly ledger: Ledger;
  readonly quirks: Quirks;
  readonly own: boolean;
  readonly names: NameMap;
  /** The ids of the calls of custom tools. */
  readonly customCalls: ReadonlySet<string>;
};

/** A part of a message or a result. Nothing but text has no `raw` until it is known that it does not stand as a plain string. */
export type Part = { readonly raw: RawJson; readonly text?: undefined } | { readonly raw?: undefined; readonly text: string };

/** Earlier calls and thinking as items. */
export function itemStyle({ context, names, own, quirks }: Writing): ItemStyle {
  return {
    where: 'input',
    context,
    toolName: (name) => ({ name: names.to(name) }),
    callId: (id) => (own && quirks.toolCallIds !== 'max40' ? id : fitId(id, callIdRule)),
  };
}

/** One part's JSON with our own extras; everyone else's are accounted for. */
export function printPart(entries: readonly Entry[], block: Block, writing: Writing): Part {
  accountForBlock(block, writing);
  return { raw: printWithExtras(entries, block.ext, block.at ?? '') };
}

/** What a block carries besides what it says. A mark of the cache goes to this dialect in its own spelling. */
export function accountForBlock(block: Block, { ledger }: Writing): void {
  accountForExtras(block.ext, dialect, ledger);
  if (block.cache === undefined || ownEntries(block.ext, block.at ?? '').some(([key]) => key === 'prompt_cache_breakpoint')) return;
  ledger.drop(cachePath(block, 'input'), 'prompt caching is automatic there');
}

/** The caller's own name of a field. */
export function nameOf(request: ChatRequest, field: string, otherwise: string): string {
  return request.names[field] ?? otherwise;
}
