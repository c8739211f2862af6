import { encodeBase64 } from '../../core/base64.ts';
import type { Context } from '../../core/dialect.ts';
import type { Extra, ReasoningBlock } from '../../core/ir.ts';
import { childPath } from '../../core/json-cursor.ts';
import { printString } from '../../core/json-print.ts';
import { printBundle, readBundle, seal, uncover } from '../../core/seal.ts';
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

export function bundle(blocks: readonly ReasoningBlock[], { target, back }: Context): string {
  return encodeBase64(seal(target, printBundle(blocks, back)));
}

export function isBundle(signature: string): boolean {
  return uncover(signature) !== undefined;
}

export function bundledBlocks(signature: string, at: string): readonly ReasoningBlock[] {
  return readBundle(uncover(signature) ?? '', at);
}
