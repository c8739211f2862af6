import type { Quirks } from '../core/target.ts';
import { findProvider } from './catalog.ts';

/** The quirks that the catalogue knows for a model of a provider; an unknown provider has none. */
export function quirksFor(provider: string, model: string): Quirks {
  const entry = findProvider(provider);
  if (entry === undefined) return {};
  if (entry.quirksByModel === undefined) return entry.quirks;
  const name = model.toLowerCase();
  const matching = entry.quirksByModel.filter(({ match }) => globMatch(match.toLowerCase(), name));
  return matching.reduce<Quirks>((merged, { quirks }) => ({ ...merged, ...quirks }), entry.quirks);
}

/**
 * Whether the name fits the pattern, where `*` stands for any run of characters. Each piece between two stars is looked for once, left
 * to right from where the one before ended, so that no pattern makes it go back.
 */
export function globMatch(pattern: string, name: string): boolean {
  const pieces = pattern.split('*');
  const first = pieces[0] ?? '';
  const last = pieces.at(-1) ?? '';
  if (pieces.length === 1) return pattern === name;
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false;
  const end = name.length - last.length;
  let from = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = name.indexOf(piece, from);
    if (found === -1 || found + piece.length > end) return false;
    from = found + piece.length;
  }
  return true;
}
