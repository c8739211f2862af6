import type { Note } from '../../packages/modelwire/src/core/notes.ts';
import type { Leaf } from './samples.ts';

/** The notes that say what became of a leaf: its own, and those of what it stood in that did not go along. */
export function notesOf(leaf: Leaf, notes: readonly Note[]): readonly Note[] {
  return notes.filter((note) => note.path === leaf.path || note.path === leaf.tags || (isGone(note) && isAbove(note.path, leaf.path)));
}

function isGone({ verdict }: Note): boolean {
  return verdict === 'dropped' || verdict === 'carried' || verdict === 'rejected';
}

export function isAbove(above: string, path: string): boolean {
  return path.startsWith(above) && /^[.[]/.test(path.slice(above.length));
}
