import { decodeBase64, encodeBase64 } from './base64.ts';
import type { Block, ReasoningBlock } from './ir.ts';
import { type From, printBundle, readBundle, seal, sealedBytesNeedle, sealMark } from './seal.ts';
import type { Target } from './target.ts';

/** A text under our seal, in base64: for fields that hold no other characters. */
export function cover(payload: string, origin: Target): string {
  return encodeBase64(seal(origin, payload));
}

/** The origin (the seal's mark and its name, with the dot after it) and the payload; undefined for a text that we did not cover. */
export function uncover(covered: string): { readonly origin: string; readonly payload: string } | undefined {
  if (!covered.startsWith(sealedBytesNeedle.slice(1))) return undefined;
  const text = decodeBase64(covered);
  if (text?.startsWith(sealMark) !== true) return undefined;
  const origin = text.slice(0, text.indexOf('.', sealMark.length) + 1);
  return { origin, payload: text.slice(origin.length) };
}

/**
 * The id of a tool call that brings back the thinking which led to it: for formats that have no other place for opaque state, and whose
 * clients send ids back as they came.
 */
export function callWithReasoning(id: string, blocks: readonly ReasoningBlock[], from: From): string {
  return cover(JSON.stringify([id, printBundle(blocks, from.back)]), from.target);
}

/** The call's own id and the thinking that came with it; undefined for an id that brings none. */
export function openCallId(id: string, at: string): { readonly id: string; readonly blocks: readonly Block[] } | undefined {
  const found = uncover(id);
  const [own, bundle] = found === undefined ? [] : pairIn(found.payload);
  return found === undefined || own === undefined || bundle === undefined ? undefined : { id: own, blocks: readBundle(found.origin + bundle, at) };
}

function pairIn(payload: string): readonly (string | undefined)[] {
  try {
    const value: unknown = JSON.parse(payload);
    return Array.isArray(value) ? value.map((item: unknown) => (typeof item === 'string' ? item : undefined)) : [];
  } catch {
    return [];
  }
}
