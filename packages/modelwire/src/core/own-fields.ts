import type { Context } from './dialect.ts';
import { extrasIn } from './extras.ts';
import type { DialectName, Extra, RawJson } from './ir.ts';
import { childPath, type Cursor, fieldOf, isGiven, rawOf } from './json-cursor.ts';
import { type Entry, printObject } from './json-print.ts';
import type { Shape } from './verdicts.ts';

/**
 * `request`: it came in this dialect. `madeId`: the call or its result came without an id. `string`: the content came as a string, not as
 * a list of parts. `plan`: the text is the plan of the calls that follow it.
 */
type Mark = 'request' | 'madeId' | 'string' | 'plan';

/** How a dialect keeps its own fields that the IR has no name for, and writes them back where they stood. */
export type OwnFields = {
  /** The fields that the IR has no name for, with what their loss costs. */
  extrasOf(cursor: Cursor, shape: Shape, unread?: readonly string[]): readonly Extra[];
  /** A field that has been understood, kept besides in the caller's own spelling: only this dialect's back reads it. */
  spelled(cursor: Cursor, key: string): Extra[];
  /** What one of our own messages, blocks or calls was besides. A mark has no source text, so it is never printed. */
  mark(at: string, key: Mark): Extra;
  isMarked(extras: readonly Extra[] | undefined, key: Mark): boolean;
  /** Our own extras that stand directly at `at`, ready to print. */
  ownEntries(extras: readonly Extra[] | undefined, at: string): Entry[];
  /** An object of the entries and of our own extras at `at`; where both have a key, what the caller wrote stands. */
  printWithExtras(entries: readonly Entry[], extras: readonly Extra[] | undefined, at: string): RawJson;
  /** Whether the answer came in this dialect, so that its own fields may go out again. */
  isOwn(context: Context): boolean;
};

export function ownFields(dialect: DialectName): OwnFields {
  const ownEntries = (extras: readonly Extra[] | undefined, at: string): Entry[] => {
    const own: Entry[] = [];
    for (const extra of extras ?? [])
      if (extra.dialect === dialect && extra.raw !== '' && extra.path.startsWith(at) && extra.path === childPath(at, extra.key))
        own.push([extra.key, extra.raw]);
    return own;
  };
  return {
    extrasOf: (cursor, shape, unread) => extrasIn(cursor, shape, dialect, unread) ?? [],
    spelled(cursor, key) {
      const field = fieldOf(cursor, key);
      return isGiven(field) ? [{ dialect, path: field.path, key, raw: rawOf(field), loss: 'nothing' }] : [];
    },
    mark: (at, key) => ({ dialect, path: at, key, raw: '', loss: 'nothing' }),
    isMarked: (extras, key) => extras?.some((extra) => extra.dialect === dialect && extra.raw === '' && extra.key === key) === true,
    ownEntries,
    printWithExtras(entries, extras, at) {
      const own = ownEntries(extras, at);
      if (own.length === 0) return printObject(entries);
      const taken = new Map(own);
      const keys = new Set(entries.map(([key]) => key));
      return printObject([...entries.map(([key, raw]): Entry => [key, taken.get(key) ?? raw]), ...own.filter(([key]) => !keys.has(key))]);
    },
    isOwn: (context) => context.back === dialect,
  };
}
