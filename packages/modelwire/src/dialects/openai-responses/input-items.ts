import type { RawJson } from '../../core/ir.ts';
import { printArray } from '../../core/json-print.ts';
import type { TopLevel } from '../../core/top-level.ts';

/** What a request brings, as items: a text stands for one message of the user. */
export function inputItems(top: TopLevel): RawJson {
  const raw = top.raw('input') ?? '[]';
  return raw.startsWith('"') ? printArray([`{"type":"message","role":"user","content":${raw}}`]) : raw;
}
