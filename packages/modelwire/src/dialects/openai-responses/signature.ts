import type { Context } from '../../core/dialect.ts';
import type { ReasoningBlock } from '../../core/ir.ts';
import { sealedState, sealMark } from '../../core/seal.ts';

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
  const sealed = sealedState(block, kind, from);
  const start = sealed.indexOf('.', sealMark.length) + 1;
  return sealed.slice(0, start) + letters[kind] + sealed.slice(start);
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
