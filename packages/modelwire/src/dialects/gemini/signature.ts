import { decodeBase64, encodeBase64 } from '../../core/base64.ts';
import type { Block, Extra, ReasoningBlock } from '../../core/ir.ts';
import { childPath } from '../../core/json-cursor.ts';
import { printString } from '../../core/json-print.ts';
import { isObject } from '../../core/json-text.ts';
import { seal, sealedBytesNeedle, sealMark } from '../../core/seal.ts';
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

type Bundled = { readonly text?: string; readonly signature?: string; readonly redacted?: string };

export function bundle(blocks: readonly ReasoningBlock[], origin: Target): string {
  const items = blocks.map(({ text, signature, redacted }): Bundled => ({
    ...(text === '' ? {} : { text }),
    ...(signature === undefined ? {} : { signature }),
    ...(redacted === undefined ? {} : { redacted }),
  }));
  return encodeBase64(seal(origin, JSON.stringify(items)));
}

export function isBundle(signature: string): boolean {
  return signature.startsWith(sealedBytesNeedle.slice(1)) && decodeBase64(signature)?.startsWith(sealMark) === true;
}

/** The blocks of a bundle, each with its own seal again, as in every other format. */
export function bundledBlocks(signature: string, at: string): readonly Block[] {
  const text = decodeBase64(signature) ?? '';
  const origin = text.slice(0, text.indexOf('.', sealMark.length) + 1);
  const sealed = (payload: unknown): string | undefined => (typeof payload === 'string' ? origin + payload : undefined);
  return itemsIn(text.slice(origin.length)).map((item) => {
    const own = sealed(item['signature']);
    const secret = sealed(item['redacted']);
    return {
      type: 'reasoning',
      text: typeof item['text'] === 'string' ? item['text'] : '',
      at,
      ...(own === undefined ? {} : { signature: own }),
      ...(secret === undefined ? {} : { redacted: secret }),
    };
  });
}

/** Something else under our mark brings nothing back. */
function itemsIn(payload: string): readonly { readonly [key: string]: unknown }[] {
  try {
    const value: unknown = JSON.parse(payload);
    return Array.isArray(value) ? value.filter(isObject) : [];
  } catch {
    return [];
  }
}
