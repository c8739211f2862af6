import { isGatewayError } from '../../packages/modelwire/src/core/errors.ts';
import type { Note } from '../../packages/modelwire/src/core/notes.ts';
import { isAbove, notesOf } from './named.ts';
import { type Leaf, type Sample, without } from './samples.ts';

/** What came out, and what was noted of it. */
export type Translated = { readonly text: string; readonly notes: readonly Note[] };

/** Leaves that are neither in the output nor named. What holds no text of its own must make a difference. */
export function lostLeaves({ value: whole, leaves }: Sample, translate: (body: unknown) => Translated): string[] {
  const { value, refused, translated } = withoutRefused(whole, translate);
  return leaves.flatMap((leaf) => {
    if (notesOf(leaf, translated.notes).length > 0 || refused.some((path) => leaf.path === path || isAbove(path, leaf.path))) return [];
    if (leaf.mark !== undefined) return isShown(leaf.mark, translated.text) ? [] : [`${leaf.path} (${leaf.mark})`];
    return isFelt(leaf, value, translated, translate) ? [] : [`${leaf.path} (no difference)`];
  });
}

/** State of another provider may stand in base64, as a format wants its own, or before the id of a call. */
function isShown(mark: string, text: string): boolean {
  return (
    text.includes(mark) ||
    [...text.matchAll(/"(?:mw1\.[^".]+\.)?([A-Za-z0-9+/_-]{8,}={0,2})[".]/g)].some(([, base64 = '']) =>
      Buffer.from(base64, 'base64').toString('latin1').includes(mark),
    )
  );
}

type Accepted = { readonly value: unknown; readonly refused: readonly string[]; readonly translated: Translated };

/** What cannot be had from any target is refused by name, however lenient the call is: the rest is tried without. */
function withoutRefused(value: unknown, translate: (body: unknown) => Translated, refused: readonly string[] = []): Accepted {
  try {
    return { value, refused, translated: translate(value) };
  } catch (error) {
    if (!isGatewayError(error) || error.param === undefined || refused.includes(error.param)) throw error;
    const { [error.param]: _refused, ...rest } = value as Record<string, unknown>;
    return withoutRefused(rest, translate, [...refused, error.param]);
  }
}

function isFelt(leaf: Leaf, value: unknown, whole: Translated, translate: (body: unknown) => Translated): boolean {
  return [true, false].some((keeps) => {
    const changed = without(value, leaf, keeps);
    if (JSON.stringify(changed) === JSON.stringify(value)) return false;
    let other: Translated;
    try {
      other = translate(changed);
    } catch {
      // It cannot be left out.
      return false;
    }
    return other.text !== whole.text || JSON.stringify(other.notes) !== JSON.stringify(whole.notes);
  });
}
