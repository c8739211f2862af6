import { cover, uncover } from '../../core/call-bundle.ts';
import type { Block, Extra, ReasoningBlock } from '../../core/ir.ts';
import { childPath } from '../../core/json-cursor.ts';
import { printString } from '../../core/json-print.ts';
import { bundledBlocks, bundleReasoning, parseSealed } from '../../core/reasoning-bundle.ts';
import type { Target } from '../../core/target.ts';
import { dialect } from './wire.ts';

/**
 * A `thoughtSignature` is base64, and clients send back those of calls and of the last text, while many leave thoughts out of the
 * history. So the thinking of a provider of another format travels whole, text and signature, under our seal in the signature of the
 * call that it led to.
 */

/** Google's word for a call whose signature is not there. https://ai.google.dev/gemini-api/docs/thought-signatures */
export const missingSignature = 'skip_thought_signature_validator';

/** A signature as it stands on a part at `at`. */
export function signatureExtra(at: string, signature: string): Extra {
  return { dialect, path: childPath(at, 'thoughtSignature'), key: 'thoughtSignature', raw: printString(signature), loss: 'nothing' };
}

export function bundle(blocks: readonly ReasoningBlock[], origin: Target): string {
  return cover(bundleReasoning(blocks), origin);
}

export function isBundle(signature: string): boolean {
  return uncover(signature) !== undefined;
}

export function blocksOfBundle(signature: string, at: string): readonly Block[] {
  const { origin, payload } = uncover(signature) ?? { origin: '', payload: '' };
  return bundledBlocks(parseSealed(payload), origin, at);
}
