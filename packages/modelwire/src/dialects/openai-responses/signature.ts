import type { Context } from '../../core/dialect.ts';
import type { ReasoningBlock } from '../../core/ir.ts';
import { seal, splitSeal, stateOf } from '../../core/seal.ts';

/**
 * `encrypted_content` is the one place for what another provider's thinking must come back with: its signature or, where that is all there
 * is, the secret itself. Under our seal a letter tells which.
 */
type State = Pick<ReasoningBlock, 'signature' | 'redacted'>;

const letters = { signature: 's.', redacted: 'r.' } as const;

/** What goes into `encrypted_content`, for thinking of a provider of another format. Without a signature it bears its origin's name alone. */
export function coverState(block: ReasoningBlock, from: Context): string | undefined {
  if (block.signature === undefined && block.redacted === undefined && block.text === '') return undefined;
  const kind = block.signature === undefined && block.redacted !== undefined ? 'redacted' : 'signature';
  return seal(from.target, letters[kind] + stateOf(block, kind, from.back));
}

/** What stands in `encrypted_content`, each under its seal alone as in every other format; undefined for what is not under our seal. */
export function uncoverState(content: string): State | undefined {
  const parts = splitSeal(content);
  if (parts === undefined) return undefined;
  const { origin, payload } = parts;
  const rest = origin + payload.slice(letters.signature.length);
  if (payload.startsWith(letters.signature)) return { signature: rest };
  return payload.startsWith(letters.redacted) ? { redacted: rest } : undefined;
}
