/** The name that was probably meant: the nearest by edit distance, if it is near enough (a third of what was asked may differ). */
export function nearestName(asked: string, names: Iterable<string>): string | undefined {
  if (asked === '' || asked.length > 100) return undefined;
  const wanted = asked.toLowerCase();
  let allowed = wanted.length < 3 ? 0 : Math.max(1, Math.floor(wanted.length / 3));
  let nearest: string | undefined;
  for (const name of names) {
    const distance = editDistance(wanted, name.toLowerCase(), allowed);
    if (distance > allowed) continue;
    nearest = name;
    if (distance === 0) break;
    allowed = distance - 1;
  }
  return nearest;
}

/**
 * Insertions, deletions, replacements and swaps of neighbours between two texts (optimal string alignment). Anything over `limit` is
 * only known to be over it.
 */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = nextRow(a, b, { i, last, beforeLast });
    if (Math.min(...row) > limit) return limit + 1;
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

type Rows = { readonly i: number; readonly last: readonly number[]; readonly beforeLast: readonly number[] };

function nextRow(a: string, b: string, { i, last, beforeLast }: Rows): number[] {
  const row = [i];
  for (let j = 1; j <= b.length; j++) {
    const same = a[i - 1] === b[j - 1];
    let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
    const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
    if (swapped) best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1);
    row.push(best);
  }
  return row;
}
