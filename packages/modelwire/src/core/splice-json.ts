import type { RawJson } from './ir.ts';
import { printString } from './json-print.ts';
import type { JsonText, Path } from './json-text.ts';

/** A field of the object at `at` that is given another value, or added at its end. */
export type FieldChange = { readonly at: Path; readonly key: string; readonly raw: RawJson };

/** The text with the fields changed, and every other character as it was. No field is named twice, and none lies in another. */
export function spliceFields(json: JsonText, changes: readonly FieldChange[]): RawJson {
  const cuts = changes.flatMap((change) => cutFor(json, change)).sort((a, b) => a.start - b.start);
  let text = '';
  let from = 0;
  for (const { start, end, raw } of cuts) {
    text += json.text.slice(from, start) + raw;
    from = end;
  }
  return text + json.text.slice(from);
}

type Cut = { readonly start: number; readonly end: number; readonly raw: RawJson };

function cutFor(json: JsonText, { at, key, raw }: FieldChange): Cut[] {
  const field = json.span([...at, key]);
  if (field !== undefined) return [{ ...field, raw }];
  const object = json.span(at);
  if (object === undefined) return [];
  const brace = object.end - 1;
  const isEmpty = json.text.slice(object.start + 1, brace).trim() === '';
  return [{ start: brace, end: brace, raw: `${isEmpty ? '' : ','}${printString(key)}:${raw}` }];
}
