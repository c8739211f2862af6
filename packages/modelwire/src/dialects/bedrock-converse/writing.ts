import type { Context } from '../../core/dialect.ts';
import type { NameMap } from '../../core/fit.ts';
import type { Block, CacheMark, ChatRequest, RawJson, TextBlock } from '../../core/ir.ts';
import { type Entry, printObject, printOptional } from '../../core/json-print.ts';
import { accountForExtras, cachePath, type Ledger } from '../../core/notes.ts';
import type { Quirks } from '../../core/target.ts';
import { cacheTtls } from './verdicts.ts';
import { type Beside, dialect, parentPath, printWithExtras } from './wire.ts';

/** What one request's encoding knows. `own`: it came in this dialect, and goes out as it came but for what a quirk asks. */
export type Writing = {
  readonly request: ChatRequest;
  readonly context: Context;
  readonly ledger: Ledger;
  readonly quirks: Quirks;
  readonly own: boolean;
  readonly names: NameMap;
  /** A name for a document that no other of the request has. */
  documentName(name: string | undefined, at: string): string;
};

/** A block: its kind with what it holds, and what our own caller had put beside the kind. */
export function printKind(kind: string, inner: RawJson, at: string | undefined, beside: Beside | undefined): RawJson {
  const place = at === undefined || beside === undefined ? undefined : parentPath(at);
  const near = place === undefined ? undefined : beside?.get(place);
  return near === undefined || place === undefined ? printObject([[kind, inner]]) : printWithExtras([[kind, inner]], near, place);
}

/** A block whose kind holds an object, with our own extras; everyone else's are accounted for. */
export function printBlock(kind: string, fields: readonly Entry[], block: Block, { writing, beside }: Place): RawJson {
  accountForExtras(block.ext, dialect, writing.ledger);
  return printKind(kind, printWithExtras(fields, block.ext, block.at ?? ''), block.at, beside);
}

/** Where a block is printed. */
export type Place = { readonly writing: Writing; readonly beside: Beside | undefined };

/** The mark that stands after what is to be cached. Five minutes are what is meant when nothing is said, and not every model takes a time. */
export function printCachePoint(cache: CacheMark, owner: { readonly at?: string }, { writing, beside }: Place): RawJson {
  const { own, ledger } = writing;
  const at = cachePath({ ...owner, cache }, 'messages');
  const ttl = own || cache.ttl === undefined || cache.ttl !== '5m' ? fitTtl(cache.ttl, at, writing) : undefined;
  if (ttl === undefined && cache.ttl !== undefined) ledger.note('carried', at, 'the cache lives five minutes there unless another time is named');
  const inner = printWithExtras(
    [
      ['type', '"default"'],
      ['ttl', printOptional(ttl)],
    ],
    beside?.get(at),
    at,
  );
  return printKind('cachePoint', inner, at, beside);
}

/** The nearest time to live that is not shorter, or the longest there is. */
function fitTtl(ttl: string | undefined, at: string, { own, ledger }: Writing): string | undefined {
  if (ttl === undefined || own || cacheTtls.includes(ttl)) return ttl;
  ledger.note('changed', at, `the cache lives 1h instead of ${ttl.slice(0, 40)}`);
  return '1h';
}

export function loseCitations(block: TextBlock, { ledger, own }: Writing): void {
  if (block.citations !== undefined && !own) ledger.drop(`${block.at ?? 'messages'}.citations`, 'citations of another format have no place');
}

/** The caller's own name of a field. */
export function nameOf(request: ChatRequest, field: string, otherwise: string): string {
  return request.names[field] ?? otherwise;
}
