import { decodeBase64, encodeBase64 } from '../../core/base64.ts';
import type { Block, ReasoningBlock } from '../../core/ir.ts';
import { isObject } from '../../core/json-text.ts';
import { bundledBlocks, bundleReasoning, originIn } from '../../core/reasoning-bundle.ts';
import { seal, sealMark } from '../../core/seal.ts';
import type { Target } from '../../core/target.ts';

/**
 * Ollama's messages have no place for a signature, and its own models need none. What other providers want back of the thinking that led
 * to a call (Anthropic refuses a turn without it) travels in the call's id, which clients send back with the call or leave out whole:
 * `mw1.<provider>.<base64 of {id, thinking}>`.
 */
export function sealCallId(id: string, thinking: readonly ReasoningBlock[], origin: Target): string {
  return seal(origin, encodeBase64(JSON.stringify({ id, thinking: bundleReasoning(thinking) })));
}

/** The id that a call had at its provider, and the thinking that its sealed id brought back. */
export type OpenedId = { readonly id: string; readonly thinking: readonly Block[] };

/** Something else under our mark is an id like any other. */
export function openCallId(id: string, at: string): OpenedId {
  const plain: OpenedId = { id, thinking: [] };
  if (!id.startsWith(sealMark)) return plain;
  const origin = originIn(id);
  const held = parse(decodeBase64(id.slice(origin.length)) ?? '');
  if (!isObject(held) || typeof held['id'] !== 'string' || typeof held['thinking'] !== 'string') return plain;
  return { id: held['id'], thinking: bundledBlocks(held['thinking'], origin, at) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
