import { nearestName } from 'modelwire/internal/providers/nearest-name';

/** One line per unknown key, in their order: not there yet, or what was probably meant. */
export function unknownKeys(keys: readonly string[], names: { readonly known: readonly string[]; readonly later: readonly string[] }): string {
  return keys.map((key) => unknownKey(key, names)).join('\n');
}

function unknownKey(key: string, { known, later }: { readonly known: readonly string[]; readonly later: readonly string[] }): string {
  if (later.includes(key)) return 'not supported yet';
  const near = nearestName(key, known);
  return near === undefined ? `unknown key, expected one of ${known.join(', ')}` : `unknown key, did you mean "${near}"?`;
}
