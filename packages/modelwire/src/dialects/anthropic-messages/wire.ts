import type { Context } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import { extrasIn } from '../../core/extras.ts';
import type { CacheMark, Extra, RawJson } from '../../core/ir.ts';
import { childPath, type Cursor, fieldOf, itemsOf, objectAt, optionalAt, rawOf, stringAt, textAt, valueAt, wrongType } from '../../core/json-cursor.ts';
import { type Entry, printObject, printOptional } from '../../core/json-print.ts';
import { isObject } from '../../core/json-text.ts';
import type { Shape } from '../../core/verdicts.ts';
import { cacheShape } from './verdicts.ts';

/** How Anthropic's messages JSON is read and what it holds that the IR has no name for. */
export const dialect = 'anthropic-messages';

/** The version whose field set we write. Both 2023-06-01 and 2026-10-21 are read. */
export const apiVersion = '2023-06-01';

/** Names of tools. */
export const toolNames = { pattern: /^[a-zA-Z0-9_-]{1,128}$/, max: 128 };

export const messagesPath = '/v1/messages';
export const countPath = '/v1/messages/count_tokens';

/** The object under a key; undefined when absent or null. */
export function childOf(cursor: Cursor, key: string): Cursor | undefined {
  return optionalAt(cursor, key, checkedObject);
}

/** The objects of the array under a key; undefined when absent or null. */
export function childrenOf(cursor: Cursor, key: string): Cursor[] | undefined {
  return optionalAt(cursor, key, itemsOf)?.map(checkedObject);
}

function checkedObject(cursor: Cursor): Cursor {
  objectAt(cursor);
  return cursor;
}

/** The value under a key, unread. */
export const valueOf = valueAt;

export function rawField(cursor: Cursor, key: string): RawJson {
  return rawOf(fieldOf(cursor, key));
}

export const textOf = textAt;

export function optionalText(cursor: Cursor, key: string): string | undefined {
  return optionalAt(cursor, key, stringAt);
}

/** Every field that the IR has no name for, and every null, as source text with its verdict. `unread`: fields whose value is not understood. */
export function extrasOf(cursor: Cursor, shape: Shape, unread?: readonly string[]): Extra[] {
  return extrasIn(cursor, shape, dialect, unread) ?? [];
}

/** A field whose value means the default: kept for a faithful return, never missed elsewhere. */
export function harmless(cursor: Cursor, key: string): Extra {
  return { dialect, path: childPath(cursor.path, key), key, raw: rawField(cursor, key), loss: 'nothing' };
}

/**
 * How a value was spelled where two spellings mean the same (a string for one text block, an absent content): only this dialect's
 * back reads it. A mark has no source text, so it is never printed.
 */
export function spelling(at: string, key: Spelling): Extra {
  return { dialect, path: at, key, raw: '', loss: 'nothing' };
}

type Spelling = 'string' | 'absent' | 'topLevel' | 'request';

export function isSpelled(extras: readonly Extra[] | undefined, key: Spelling): boolean {
  return extras?.some((extra) => extra.dialect === dialect && extra.raw === '' && extra.key === key) === true;
}

/** Our own extras that stand directly at `at`, ready to print. */
export function ownEntries(extras: readonly Extra[] | undefined, at: string): Entry[] {
  if (extras === undefined || extras.length === 0) return [];
  const own = extras.filter((extra) => extra.dialect === dialect && extra.raw !== '' && extra.path === childPath(at, extra.key));
  return own.map((extra) => [extra.key, extra.raw] as const);
}

/** An object of the entries and of our own extras at `at`, where no entry has the same key. */
export function printWithExtras(entries: readonly Entry[], extras: readonly Extra[] | undefined, at: string): RawJson {
  const own = ownEntries(extras, at).filter(([key]) => !entries.some(([taken, raw]) => taken === key && raw !== undefined));
  return printObject(own.length === 0 ? entries : [...entries, ...own]);
}

/** The cache mark of a block, tool or request, and what its object holds besides. */
export function decodeCache(cursor: Cursor): { readonly cache?: CacheMark; readonly ext: readonly Extra[] } {
  const control = childOf(cursor, 'cache_control');
  if (control === undefined) return { ext: [] };
  if (valueOf(control, 'type') !== 'ephemeral') throw wrongType(childPath(control.path, 'type'), '"ephemeral"');
  const ttl = optionalText(control, 'ttl');
  return { cache: ttl === undefined ? {} : { ttl }, ext: extrasOf(control, cacheShape) };
}

export function printCache(cache: CacheMark, extras: readonly Extra[] | undefined, at: string): RawJson {
  const entries: Entry[] = [
    ['type', '"ephemeral"'],
    ['ttl', printOptional(cache.ttl)],
  ];
  return printWithExtras(entries, extras, childPath(at, 'cache_control'));
}

/** One named event. The framing belongs to the format: every event of it has a name. */
export function encodeSse(event: string, data: RawJson): string {
  return `event: ${event}\ndata: ${data}\n\n`;
}

export function missing(cursor: Cursor, key: string): never {
  throw new GatewayError('invalid_request', `${childPath(cursor.path, key)} is required`, { param: childPath(cursor.path, key) });
}

/** An object that may hold nothing: kept as it is, so that it comes back as it was. */
export function emptyObject(cursor: Cursor, key: string): Extra[] {
  const value = valueOf(cursor, key);
  return isObject(value) && Object.keys(value).length === 0 ? [harmless(cursor, key)] : [];
}

/** Whether the answer came in this dialect, so that its own fields may go out again. */
export function isOwn(context: Context): boolean {
  return context.back === dialect;
}
