/** Bytes after which what was read is collected. */
const enough = 24 * 1024 * 1024;

let spent = 0;
let collect: (() => void) | undefined;

/**
 * Told of each piece of memory that holds bytes from a socket for a short while. V8 sees such memory grow and answers with full
 * collections, which look through everything there is, though nearly all of it is young and dead: with bodies of megabytes they were a
 * third of all work. A collection of the young alone, every so often, frees it before that.
 */
export function countYoung(bytes: number): void {
  spent += bytes;
  if (spent < enough) return;
  spent = 0;
  collect ??= minorCollection();
  collect();
}

function minorCollection(): () => void {
  // Not imported: no start should wait for what only much traffic needs.
  process.getBuiltinModule('node:v8').setFlagsFromString('--expose-gc');
  const gc: unknown = process.getBuiltinModule('node:vm').runInNewContext('gc');
  return typeof gc === 'function' ? () => void gc({ type: 'minor' }) : () => undefined;
}
