import type { Asked, Context, Operation } from '../../core/dialect.ts';
import { extrasIn } from '../../core/extras.ts';
import type { Extra, RawJson } from '../../core/ir.ts';
import { childPath, type Cursor, fieldOf, isGiven, objectAt, optionalAt, rawOf, stringAt } from '../../core/json-cursor.ts';
import { type Entry, printObject } from '../../core/json-print.ts';
import type { Shape } from '../../core/verdicts.ts';

/** How Google's generateContent JSON is read and written. */
export const dialect = 'gemini';

/** The method's path. The model may come with the name of its collection. */
export function methodPath(operation: Operation, { model, stream }: Asked): string {
  const name = /^(?:models|tunedModels)\//.test(model) ? model : `models/${model}`;
  const path = `/v1beta/${name.split('/').map(encodeURIComponent).join('/')}`;
  if (operation === 'count_tokens') return `${path}:countTokens`;
  return stream ? `${path}:streamGenerateContent?alt=sse` : `${path}:generateContent`;
}

/** The object under a key; undefined when absent or null. */
export function childOf(cursor: Cursor, key: string): Cursor | undefined {
  return optionalAt(cursor, key, (field) => {
    objectAt(field);
    return field;
  });
}

export function optionalText(cursor: Cursor, key: string): string | undefined {
  return optionalAt(cursor, key, stringAt);
}

/** Names of functions. */
export const toolNames = { pattern: /^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$/, max: 128 };

/** The fields that the IR has no name for, with what their loss costs. */
export function extrasOf(cursor: Cursor, shape: Shape, unread?: readonly string[]): readonly Extra[] {
  return extrasIn(cursor, shape, dialect, unread) ?? [];
}

/** A field that has been understood, kept besides in the caller's own spelling: only this dialect's back reads it. */
export function spelled(cursor: Cursor, key: string): Extra[] {
  const field = fieldOf(cursor, key);
  return isGiven(field) ? [{ dialect, path: field.path, key, raw: rawOf(field), loss: 'nothing' }] : [];
}

/** What one of our own messages, blocks or calls was besides. A mark has no source text, so it is never printed. */
export function mark(at: string, key: Mark): Extra {
  return { dialect, path: at, key, raw: '', loss: 'nothing' };
}

/** `request`: it came in this dialect. `madeId`: the call or its result came without an id. */
type Mark = 'request' | 'madeId';

export function isMarked(extras: readonly Extra[] | undefined, key: Mark): boolean {
  return extras?.some((extra) => extra.dialect === dialect && extra.raw === '' && extra.key === key) === true;
}

/** Our own extras that stand directly at `at`, ready to print. */
export function ownEntries(extras: readonly Extra[] | undefined, at: string): Entry[] {
  if (extras === undefined || extras.length === 0) return [];
  const own = extras.filter((extra) => extra.dialect === dialect && extra.raw !== '' && extra.path === childPath(at, extra.key));
  return own.map((extra) => [extra.key, extra.raw] as const);
}

/** An object of the entries and of our own extras at `at`; where both have a key, what the caller wrote stands. */
export function printWithExtras(entries: readonly Entry[], extras: readonly Extra[] | undefined, at: string): RawJson {
  const own = ownEntries(extras, at);
  if (own.length === 0) return printObject(entries);
  const taken = new Map(own);
  const keys = new Set(entries.map(([key]) => key));
  return printObject([...entries.map(([key, raw]): Entry => [key, taken.get(key) ?? raw]), ...own.filter(([key]) => !keys.has(key))]);
}

/** Whether the answer came in this dialect, so that its own fields may go out again. */
export function isOwn(context: Context): boolean {
  return context.back === dialect;
}
