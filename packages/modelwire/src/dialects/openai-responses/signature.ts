import type { ReasoningBlock } from '../../core/ir.ts';
import { seal, sealMark } from '../../core/seal.ts';
import type { Target } from '../../core/target.ts';

/**
 * `encrypted_content` is the one place for what another provider's thinking must come back with: its signature or, where that is all there
 * is, the secret itself. Under our seal a letter tells which.
 */
type State = Pick<ReasoningBlock, 'signature' | 'redacted'>;

const letters = { signature: 's.', redacted: 'r.' } as const;

/** What goes into `encrypted_content`, for thinking of a provider of another format. */
export function coverState({ signature, redacted }: State, origin: Target): string | undefined {
  if (signature !== undefined) return seal(origin, letters.signature + signature);
  return redacted === undefined ? undefined : seal(origin, letters.redacted + redacted);
}

/** What stands in `encrypted_content`, each under its seal alone as in every other format; undefined for what is not under our seal. */
export function uncoverState(content: string): State | undefined {
  const origin = content.startsWith(sealMark) ? content.slice(0, content.indexOf('.', sealMark.length) + 1) : '';
  if (origin === '') return undefined;
  const payload = content.slice(origin.length);
  const rest = origin + payload.slice(letters.signature.length);
  if (payload.startsWith(letters.signature)) return { signature: rest };
  return payload.startsWith(letters.redacted) ? { redacted: rest } : undefined;
}
