/** The items in runs: each goes with the one right before it when `continues` says so. */
export function joinRuns<T>(items: readonly T[], continues: (last: T, item: T) => boolean): [T, ...T[]][] {
  const runs: [T, ...T[]][] = [];
  let last: T | undefined;
  for (const item of items) {
    const run = runs.at(-1);
    if (run !== undefined && last !== undefined && continues(last, item)) run.push(item);
    else runs.push([item]);
    last = item;
  }
  return runs;
}
