import type { DialectName, Extra } from './ir.ts';

/** Fields that a format shares with the caller's, by their common names, and the extras that are left to be accounted for. */
export type Shared = { readonly shared: ReadonlyMap<string, Extra>; readonly others: readonly Extra[] };

/** Takes out what callers of other formats sent of the fields that `dialect` has too. Its own caller's stand where they stood. */
export function takeShared(extras: readonly Extra[], dialect: DialectName, names: readonly string[]): Shared {
  const shared = new Map<string, Extra>();
  const others = extras.filter((extra) => {
    if (extra.common === undefined || extra.dialect === dialect || !names.includes(extra.common) || shared.has(extra.common)) return true;
    shared.set(extra.common, extra);
    return false;
  });
  return { shared, others };
}
