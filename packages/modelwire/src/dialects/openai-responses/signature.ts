import type { Context } from '../../core/dialect.ts';
import type { ReasoningBlock } from '../../core/ir.ts';
import { type Opened, seal, splitSeal, stateOf, unseal } from '../../core/seal.ts';
import type { Target } from '../../core/target.ts';

/**
 * `encrypted_content` is the one place for what another provider's thinking must come back with: its signature or, where that is all there
 * is, the secret itself. Under our seal a letter tells which, or
 * that it is what stood there in the first place: encrypted content of a provider whose state is not OpenAI's.
 */
type State = Pick<ReasoningBlock, 'signature' | 'redacted'>;

const letters = { signature: 's.', redacted: 'r.', encrypted: 'e.' } as const;

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

/** Encrypted content as it goes to the caller of a target whose state is its own; empty where there was none. */
export function coverOwn(content: string, target: Target): string {
  return seal(target, letters.encrypted + content);
}

/** Encrypted content of a request within the format. Under the seal of the target must be what it gave out as such. */
export function openOwn(content: string, target: Target): Opened {
  const opened = unseal(content, target);
  if (opened.kind !== 'own') return opened;
  return opened.payload.startsWith(letters.encrypted) ? { kind: 'own', payload: opened.payload.slice(letters.encrypted.length) } : { kind: 'foreign' };
}
