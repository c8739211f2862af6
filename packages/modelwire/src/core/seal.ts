import { encodeBase64 } from './base64.ts';
import type { Target } from './target.ts';
import type { TopLevel } from './top-level.ts';

/**
 * Opaque provider state (a thinking signature) travels through a foreign dialect under a seal that names its origin:
 * `mw1.<provider>.<payload>`. Back at the same origin it is opened byte-exact; any other origin never sees it.
 */
export const sealMark = 'mw1.';

export function seal(origin: Target, payload: string): string {
  return `${sealMark}${originOf(origin)}.${payload}`;
}

/** A dot ends the origin, so a provider's name goes in without. */
function originOf(target: Target): string {
  return target.provider.replaceAll('.', '~');
}

export type Opened =
  /** Never sealed by us: the caller got it from the provider itself. */
  | { readonly kind: 'unsealed'; readonly payload: string }
  | { readonly kind: 'own'; readonly payload: string }
  | { readonly kind: 'foreign'; readonly origin: string };

export function unseal(text: string, target: Target): Opened {
  if (!text.startsWith(sealMark)) return { kind: 'unsealed', payload: text };
  const end = text.indexOf('.', sealMark.length);
  if (end === -1) return { kind: 'unsealed', payload: text };
  const origin = text.slice(sealMark.length, end);
  return origin === originOf(target) ? { kind: 'own', payload: text.slice(end + 1) } : { kind: 'foreign', origin };
}

/** What a relayed body must not hold: state under our seal, which only a translation can open. How such a string begins, in bytes. */
export const sealNeedle = `"${sealMark}`;

/** The same where the state must be base64. Three letters of the mark are four of base64, whatever follows. */
export const sealedBytesNeedle = `"${encodeBase64(sealMark).slice(0, 4)}`;

const backslash = 92;

/** Whether a string of the body begins so: before its quote stands no backslash. */
export function holdsSealedBytes({ bytes, indexOf }: TopLevel): boolean {
  for (let at = indexOf(sealedBytesNeedle, 0); at !== -1; at = indexOf(sealedBytesNeedle, at + 1)) if (bytes[at - 1] !== backslash) return true;
  return false;
}
