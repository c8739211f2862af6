import type { Block, ReasoningBlock } from '../../core/ir.ts';
import { isObject } from '../../core/json-text.ts';
import { type From, printBundle, readBundle, seal, sealMark } from '../../core/seal.ts';

/**
 * Ollama's messages have no place for a signature, and its own models need none. What other providers want back of the thinking that led
 * to a call (Anthropic refuses a turn without it) travels in the call's id, which clients send back with the call or leave out whole:
 * `mw1.<provider>.{"id":…,"thinking":"…"}`.
 */
export function sealCallId(id: string, thinking: readonly ReasoningBlock[], from: From): string {
  return seal(from.target, JSON.stringify({ id, thinking: printBundle(thinking, from.back) }));
}

/** The id that a call had at its provider, and the thinking that its sealed id brought back. */
export type OpenedId = { readonly id: string; readonly thinking: readonly Block[] };

/** Something else under our mark is an id like any other. */
export function openCallId(id: string, at: string): OpenedId {
  const plain: OpenedId = { id, thinking: [] };
  if (!id.startsWith(sealMark)) return plain;
  const origin = id.slice(0, id.indexOf('.', sealMark.length) + 1);
  const held = parsed(id.slice(origin.length));
  if (!isObject(held) || typeof held['id'] !== 'string') return plain;
  return { id: held['id'], thinking: typeof held['thinking'] === 'string' ? readBundle(origin + held['thinking'], at) : [] };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
