import type { Note } from '../../packages/modelwire/src/core/notes.ts';
import type { Shape } from '../../packages/modelwire/src/core/verdicts.ts';
import type { Leaf } from './samples.ts';

/** The notes that say what became of a leaf: its own, and those of what it stood in that did not go along. */
export function notesOf(leaf: Leaf, notes: readonly Note[]): readonly Note[] {
  const others = otherNames(leaf);
  return notes.filter(
    ({ path, verdict }) =>
      path === leaf.path || path === leaf.tags || others.includes(path) || (isGone(verdict) && (isAbove(path, leaf.path) || isAbove(path, leaf.tags))),
  );
}

/** What the caller's format has no name for goes by the IR's; an extra of an answer's block, whose place streams do not tell, by its own. */
function otherNames({ owner, steps }: Leaf): readonly string[] {
  if (owner === undefined) return [];
  if (!('becomes' in owner)) return kindsOf(owner);
  return owner.becomes === 'ir' ? [owner.name] : [String(steps.at(-1))];
}

function kindsOf({ fields }: Shape): readonly string[] {
  return [...fields.values()].flatMap(({ value }) => (value.kind === 'word' ? value.words.map((kind) => `content.${kind}`) : []));
}

function isGone(verdict: Note['verdict']): boolean {
  return verdict === 'dropped' || verdict === 'carried' || verdict === 'rejected';
}

export function isAbove(above: string, path: string): boolean {
  return path.startsWith(above) && /^[.[]/.test(path.slice(above.length));
}
