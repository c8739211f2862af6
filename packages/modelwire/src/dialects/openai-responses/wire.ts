import type { Context } from '../../core/dialect.ts';
import { extrasIn } from '../../core/extras.ts';
import type { CacheMark, Extra, RawJson } from '../../core/ir.ts';
import { childPath, type Cursor, fieldOf, rawOf, valueAt } from '../../core/json-cursor.ts';
import { type Entry, printObject } from '../../core/json-print.ts';
import { isObject } from '../../core/json-text.ts';
import type { Shape } from '../../core/verdicts.ts';

/** How OpenAI's Responses JSON is read and written. https://developers.openai.com/api/reference/resources/responses */
export const dialect = 'openai-responses';

export const responsesPath = '/responses';
export const countPath = '/responses/input_tokens';

/** Names of functions and custom tools. */
export const nameLimit = { pattern: /^[a-zA-Z0-9_-]{1,64}$/, max: 64 };

/** Call ids: at most 64 characters. */
export const callIdRule = { pattern: /^[\x21-\x7e]{1,64}$/, make: (hash: string): string => `call_${hash}` };

/** The fields that the IR has no name for, with what their loss costs. `base`: where they are said to stand; by default, where they stand. */
export function extrasOf(cursor: Cursor, shape: Shape, base: string = cursor.path): Extra[] {
  const extras = extrasIn(cursor, shape, dialect) ?? [];
  return base === cursor.path ? extras : extras.map((extra) => ({ ...extra, path: childPath(base, extra.key) }));
}

/** A field that has been understood, kept besides in the caller's own spelling: only this dialect's back reads it. */
export function spelled(cursor: Cursor, key: string, base: string = cursor.path): Extra[] {
  const value = valueAt(cursor, key);
  if (value === undefined || value === null) return [];
  // Hardly anybody spells a word in two ways, and every item has some.
  const raw = typeof value === 'string' && plainWord.test(value) ? `"${value}"` : rawOf(fieldOf(cursor, key));
  return [{ dialect, path: childPath(base, key), key, raw, loss: 'nothing' }];
}

const plainWord = /^[\w-]{1,40}$/;

/** What one of our own requests, items or parts was besides. A mark has no source text, so it is never printed. */
export function mark(at: string, key: Mark): Extra {
  return { dialect, path: at, key, raw: '', loss: 'nothing' };
}

/**
 * `request`: it came in this dialect. `item`: a message item begins, whose path is the mark's. `string`: the content was a plain string.
 * `empty`: it was an empty list. `part`: what nobody understands stood in a message, not beside it.
 */
type Mark = 'request' | 'item' | 'string' | 'empty' | 'part';

export function markOf(extras: readonly Extra[] | undefined, key: Mark): Extra | undefined {
  return extras?.find((extra) => extra.dialect === dialect && extra.raw === '' && extra.key === key);
}

/** Our own extras that stand directly at `at`, ready to print. */
export function ownEntries(extras: readonly Extra[] | undefined, at: string): Entry[] {
  const own: Entry[] = [];
  for (const extra of extras ?? [])
    if (extra.dialect === dialect && extra.raw !== '' && extra.path.startsWith(at) && extra.path === childPath(at, extra.key)) own.push([extra.key, extra.raw]);
  return own;
}

/** An object of the entries and of our own extras at `at`; where both have a key, what was written stands. */
export function printWithExtras(entries: readonly Entry[], extras: readonly Extra[] | undefined, at: string): RawJson {
  const own = ownEntries(extras, at);
  if (own.length === 0) return printObject(entries);
  const written = (key: string): RawJson | undefined => own.find(([name]) => name === key)?.[1];
  const named = entries.map(([key, raw]): Entry => [key, written(key) ?? raw]);
  return printObject([...named, ...own.filter(([key]) => !entries.some(([name]) => name === key))]);
}

/** The cache mark of a part. Its own spelling is kept besides, for targets of this dialect. */
export function cacheOf(cursor: Cursor): CacheMark | undefined {
  const breakpoint = valueAt(cursor, 'prompt_cache_breakpoint');
  if (!isObject(breakpoint)) return undefined;
  const { ttl } = breakpoint;
  return typeof ttl === 'string' ? { ttl } : {};
}

/** Whether both sides speak this dialect, so that what was kept of it goes out again. */
export function isOwn(context: Context): boolean {
  return context.back === dialect;
}
