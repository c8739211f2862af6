import type { TopLevelEdit } from '../../core/dialect.ts';
import type { RawJson } from '../../core/ir.ts';
import { scanTopLevel, spliceTopLevel, type TopLevel } from '../../core/top-level.ts';

/** What is kept is text, and changed as such: numbers and the order of keys stay as they were written. */
export function scanText(raw: RawJson): TopLevel {
  return scanTopLevel(new TextEncoder().encode(raw));
}

export function edited(raw: RawJson, edits: readonly TopLevelEdit[]): RawJson {
  const decoder = new TextDecoder();
  return spliceTopLevel(scanText(raw), edits)
    .map((part) => (typeof part === 'string' ? part : decoder.decode(part)))
    .join('');
}
