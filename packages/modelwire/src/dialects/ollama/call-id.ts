import type { Block, ReasoningBlock } from '../../core/ir.ts';
import { printObject, printString } from '../../core/json-print.ts';
import { isObject } from '../../core/json-text.ts';
import { bundledBlocks, bundleReasoning, originIn, parseSealed } from '../../core/reasoning-bundle.ts';
import { seal, sealMark } from '../../core/seal.ts';
import type { Target } from '../../core/target.ts';

/**
 * Ollama's messages have no place for a signature, and its own models need none. What other providers want back of the thinking that led
 * to a call (Anthropic refuses a turn without it) travels in the call's id, which clients send back with the call or leave out whole:
 * `mw1.<provider>.{"id":…,"thinking":[…]}`.
 */
export function sealCallId(id: string, thinking: readonly ReasoningBlock[], origin: Target): string {
  return seal(
    origin,
    printObject([
      ['id', printString(id)],
      ['thinking', bundleReasoning(thinking)],
    ]),
  );
}

/** The id that a call had at its provider, and the thinking that its sealed id brought back. */
export type OpenedId = { readonly id: string; readonly thinking: readonly Block[] };

/** Something else under our mark is an id like any other. */
export function openCallId(id: string, at: string): OpenedId {
  const plain: OpenedId = { id, thinking: [] };
  if (!id.startsWith(sealMark)) return plain;
  const origin = originIn(id);
  const held = parseSealed(id.slice(origin.length));
  if (!isObject(held) || typeof held['id'] !== 'string') return plain;
  return { id: held['id'], thinking: bundledBlocks(held['thinking'], origin, at) };
}
