import { extrasIn } from '../../core/extras.ts';
import { ownFields } from '../../core/own-fields.ts';
import type { CacheMark, Extra } from '../../core/ir.ts';
import { childPath, type Cursor, fieldOf, rawOf, valueAt } from '../../core/json-cursor.ts';
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

/** Of what the other dialects share: extras, spellings and marks are this one's own, since its items move between places. */
export const { ownEntries, printWithExtras, isOwn } = ownFields(dialect);

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

/** The cache mark of a part. Its own spelling is kept besides, for targets of this dialect. */
export function cacheOf(cursor: Cursor): CacheMark | undefined {
  const { value, path } = fieldOf(cursor, 'prompt_cache_breakpoint');
  if (!isObject(value)) return undefined;
  const { ttl } = value;
  return { at: path, ...(typeof ttl === 'string' ? { ttl } : {}) };
}
