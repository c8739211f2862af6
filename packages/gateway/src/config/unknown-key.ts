import { nearestName } from 'modelwire/internal/providers/nearest-name';

/** What to say of a key that is not known: not there yet, or what was probably meant. */
export function unknownKey(key: string, { known, later }: { readonly known: readonly string[]; readonly later: readonly string[] }): string {
  if (later.includes(key)) return 'not supported yet';
  const near = nearestName(key, known);
  return near === undefined ? `unknown key, expected one of ${known.join(', ')}` : `unknown key, did you mean "${near}"?`;
}
