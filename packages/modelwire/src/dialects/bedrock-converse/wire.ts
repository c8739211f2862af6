import type { Asked, Context, Operation } from '../../core/dialect.ts';
import { extrasIn } from '../../core/extras.ts';
import type { Extra, RawJson } from '../../core/ir.ts';
import { childPath, type Cursor, fieldOf, isGiven, objectAt, optionalAt, rawOf, stringAt } from '../../core/json-cursor.ts';
import { type Entry, printObject } from '../../core/json-print.ts';
import type { Shape } from '../../core/verdicts.ts';

/** How the JSON of Bedrock's Converse is read and written. Bytes are base64 on the wire. */
export const dialect = 'bedrock-converse';

/** Names of tools. */
export const toolNames = { pattern: /^[a-zA-Z0-9_-]{1,64}$/, max: 64 };

/** Ids of calls: at most 64 letters, digits, `_` and `-`. */
export const callIdRule = { pattern: /^[a-zA-Z0-9_-]{1,64}$/, make: (hash: string): string => `tooluse_${hash}` };

/** The path of a call. A model may be an ARN, with slashes and colons. */
export function conversePath(operation: Operation, { model, stream }: Asked): string {
  const name = encodeURIComponent(model).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  return `/model/${name}/${operation === 'count_tokens' ? 'count-tokens' : stream ? 'converse-stream' : 'converse'}`;
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

/** The fields that the IR has no name for, with what their loss costs. */
export function extrasOf(cursor: Cursor, shape: Shape, unread?: readonly string[]): readonly Extra[] {
  return extrasIn(cursor, shape, dialect, unread) ?? [];
}

/** A field that has been understood, kept besides in the caller's own spelling: only this dialect's back reads it. */
export function spelled(cursor: Cursor, key: string): Extra[] {
  const field = fieldOf(cursor, key);
  return isGiven(field) ? [{ dialect, path: field.path, key, raw: rawOf(field), loss: 'nothing' }] : [];
}

/** What one of our own requests or blocks was besides. A mark has no source text, so it is never printed. */
export function mark(at: string, key: Mark): Extra {
  return { dialect, path: at, key, raw: '', loss: 'nothing' };
}

/** `request`: it came in this dialect. `absent`: without messages. `json`: the text of a result is the source of a JSON value. */
type Mark = 'request' | 'absent' | 'json';

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

/** Extras by the place of the object that they stand in: found at once, however many there are. */
export type Beside = ReadonlyMap<string, readonly Extra[]>;

export function besideOf(extras: readonly Extra[] | undefined): Beside | undefined {
  const own = extras?.filter((extra) => extra.dialect === dialect && extra.raw !== '') ?? [];
  if (own.length === 0) return undefined;
  const places = new Map<string, Extra[]>();
  for (const extra of own) {
    const place = parentPath(extra.path, extra.key);
    const known = places.get(place);
    if (known === undefined) places.set(place, [extra]);
    else known.push(extra);
  }
  return places;
}

/** The path of the object that a path is a field of. A key may hold a dot. */
export function parentPath(path: string, key?: string): string {
  if (key !== undefined && path.endsWith(`.${key}`)) return path.slice(0, -key.length - 1);
  return path.slice(0, Math.max(0, path.lastIndexOf('.')));
}

/** Whether the answer came in this dialect, so that its own fields may go out again. */
export function isOwn(context: Context): boolean {
  return context.back === dialect;
}
