import type { RawJson } from './ir.ts';
import { type Entry, printObject } from './json-print.ts';

/** The same schema, and null besides: what OpenAPI's `nullable` means. */
export function withNull(entries: readonly Entry[]): RawJson {
  const type = entries.find(([key]) => key === 'type')?.[1];
  const choices = entries.find(([key]) => key === 'enum')?.[1];
  if (type === undefined || !type.startsWith('"')) return `{"anyOf":[${printObject(entries)},{"type":"null"}]}`;
  return printObject(
    entries.map(([key, raw]) => {
      if (key === 'type') return [key, `[${type},"null"]`];
      // A list of what a value may be must name the null too.
      return key === 'enum' && choices?.endsWith(']') === true ? [key, `${choices.slice(0, -1)},null]`] : [key, raw];
    }),
  );
}
