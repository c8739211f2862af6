import type { RawJson } from './ir.ts';

/** JSON source text put together from source text: nothing that a caller or provider wrote is parsed and printed again. */
export type Entry = readonly [key: string, raw: RawJson | undefined];

/** An entry may say more than is printed: only its key and its text are looked at. */
type Printed = readonly [key: string, raw: RawJson | undefined, ...rest: readonly unknown[]];

/** An object of the entries in their order; an entry whose text is undefined is left out. Keys may be anything, `__proto__` too. */
export function printObject(entries: readonly Printed[]): RawJson {
  let text = '';
  for (const entry of entries) {
    const raw = entry[1];
    if (raw !== undefined) text += `${text === '' ? '{' : ','}${printString(entry[0])}:${raw}`;
  }
  return text === '' ? '{}' : `${text}}`;
}

export function printArray(items: readonly RawJson[]): RawJson {
  return `[${items.join(',')}]`;
}

/** The items of several lists in one. */
export function joinLists(lists: readonly RawJson[]): RawJson {
  return printArray(lists.map((list) => list.trim().slice(1, -1)).filter((items) => items.trim() !== ''));
}

/** A string as JSON; lone surrogates come out escaped. */
export function printString(text: string): RawJson {
  // The pieces of a stream are short and plain: a look at them is cheaper than the serializer's start.
  return text.length <= shortText && !escaped.test(text) ? `"${text}"` : JSON.stringify(text);
}

const shortText = 40;
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const escaped = /[\u0000-\u001f"\\\ud800-\udfff]/;

/** The value as JSON, or undefined when there is none: for the optional entries of `printObject`. */
export function printOptional(value: string | number | boolean | undefined): RawJson | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}
