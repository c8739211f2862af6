import type { DialectName, Extra, ReasoningBlock } from './ir.ts';
import { printString } from './json-print.ts';
import { isObject } from './json-text.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';
import type { TopLevel } from './top-level.ts';
import type { Target } from './target.ts';

/**
 * Opaque provider state (a thinking signature) travels through a foreign dialect under a seal that names its origin:
 * `mw1.<provider>.<payload>`. Back at the same origin it is opened byte-exact; any other origin never sees it.
 */
export const sealMark = 'mw1.';

export function seal(origin: Target, payload: string): string {
  return `${sealMark}${originOf(origin)}.${payload}`;
}

/** A dot ends the origin, so a provider's name goes in without. */
function originOf(target: Target): string {
  return target.provider.replaceAll('.', '~');
}

export type Opened =
  /** Never sealed by us: the caller got it from the provider itself. */
  { readonly kind: 'unsealed'; readonly payload: string } | { readonly kind: 'own'; readonly payload: string } | { readonly kind: 'foreign' };

export function unseal(text: string, target: Target): Opened {
  const parts = splitSeal(text);
  if (parts === undefined) return { kind: 'unsealed', payload: text };
  return parts.origin === seal(target, '') ? { kind: 'own', payload: parts.payload } : { kind: 'foreign' };
}

/** The mark with the origin's name and the dot after it, and what is under the seal; undefined for a text that is not under ours. */
export function splitSeal(text: string): { readonly origin: string; readonly payload: string } | undefined {
  const end = text.startsWith(sealMark) ? text.indexOf('.', sealMark.length) + 1 : 0;
  return end === 0 ? undefined : { origin: text.slice(0, end), payload: text.slice(end) };
}

/** The text under our seal that stands in base64, in fields that hold no other characters; undefined for anything else. */
export function uncover(base64: string): string | undefined {
  if (!base64.startsWith(sealedBytesNeedle.slice(1))) return undefined;
  const text = decodeBase64(base64);
  return text === undefined || splitSeal(text) === undefined ? undefined : text;
}

/** What a relayed body must not hold: state under our seal, which only a translation can open. How such a string begins, in bytes. */
export const sealNeedle = `"${sealMark}`;

/** The same where the state must be base64. Three letters of the mark are four of base64, whatever follows. */
export const sealedBytesNeedle = `"${encodeBase64(sealMark).slice(0, 4)}`;

const backslash = 92;

/** Whether a string of the body begins so: before its quote stands no backslash. */
export function holdsSealedBytes({ bytes, indexOf }: TopLevel): boolean {
  for (let at = indexOf(sealedBytesNeedle, 0); at !== -1; at = indexOf(sealedBytesNeedle, at + 1)) if (bytes[at - 1] !== backslash) return true;
  return false;
}

/** Whose state it is: the target, and the dialect that it was spoken to in. */
export type From = { readonly target: Target; readonly back: DialectName };

/** A field of a block of thinking that its own dialect wants back with it (`id`, `format`), and the place that it had. */
type Kept = readonly [path: string, key: string, value: string];

function keptOf({ ext, signature, redacted }: ReasoningBlock, back: DialectName): readonly Kept[] {
  // Text alone is nothing that must come back as it was.
  if (signature === undefined && redacted === undefined) return [];
  return (ext ?? []).flatMap(({ dialect, loss, path, key, raw }): Kept[] => {
    const value: unknown = dialect === back && loss === 'nothing' && raw.startsWith('"') ? JSON.parse(raw) : undefined;
    return typeof value === 'string' ? [[path, key, value]] : [];
  });
}

/**
 * What a block of thinking bears besides its text, under seals: its signature (an empty one when it has none, so that clients have one
 * to send back) or its secret. The fields that its own dialect wants back with it go under the same seal.
 */
export function sealedState(block: ReasoningBlock, state: 'signature' | 'redacted', { target, back }: From): string {
  return seal(target, stateOf(block, state, back));
}

/** What goes under the seal. */
export function stateOf(block: ReasoningBlock, state: 'signature' | 'redacted', back: DialectName): string {
  return printState(block[state] ?? '', keptOf(block, back));
}

/** State that stands in the caller's own format, where the other fields of its block have places of their own. */
export function sealedAlone(state: string, target: Target): string {
  return seal(target, printState(state, []));
}

function printState(payload: string, kept: readonly unknown[]): string {
  return kept.length === 0 && !payload.startsWith('{') ? payload : JSON.stringify({ state: payload, kept });
}

export type OpenedBlock = { readonly kind: 'unsealed' | 'own'; readonly block: ReasoningBlock } | { readonly kind: 'foreign' };

/** The block as its origin gave it. `own` has what was under our seal; one that was never sealed is as it came. */
export function openBlock(block: ReasoningBlock, { target, back }: From): OpenedBlock {
  const opened = [block.signature, block.redacted].map((state) => (state === undefined ? undefined : unseal(state, target)));
  if (opened.some((state) => state?.kind === 'foreign')) return { kind: 'foreign' };
  if (!opened.some((state) => state?.kind === 'own')) return { kind: 'unsealed', block };
  const [signature, redacted] = opened.map((state) => (state === undefined || state.kind === 'foreign' ? undefined : readState(state.payload, back)));
  const { signature: _signature, redacted: _redacted, ...rest } = block;
  const ext = [...(block.ext ?? []), ...(signature?.ext ?? []), ...(redacted?.ext ?? [])];
  return {
    kind: 'own',
    block: {
      ...rest,
      ...(signature === undefined || signature.payload === '' ? {} : { signature: signature.payload }),
      ...(redacted === undefined ? {} : { redacted: redacted.payload }),
      ...(ext.length === 0 ? {} : { ext }),
    },
  };
}

type State = { readonly payload: string; readonly ext: readonly Extra[] };

/** It has been in the caller's hands: only strings are taken, and printed anew. */
function readState(text: string, dialect: DialectName): State {
  const value = text.startsWith('{') ? parsed(text) : undefined;
  if (!isObject(value) || typeof value['state'] !== 'string') return { payload: text, ext: [] };
  const kept: readonly unknown[] = Array.isArray(value['kept']) ? value['kept'] : [];
  const ext = kept.flatMap((item): Extra[] => {
    const [path, key, told]: readonly unknown[] = Array.isArray(item) ? item : [];
    if (typeof path !== 'string' || typeof key !== 'string' || typeof told !== 'string') return [];
    return [{ dialect, path, key, raw: printString(told), loss: 'nothing' }];
  });
  return { payload: value['state'], ext };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not what we wrote: then it is the state itself.
    return undefined;
  }
}

/** Thinking that is signed, or that its provider wants to see again. */
export function mustReturn({ signature, redacted, text }: ReasoningBlock, { target }: From): boolean {
  return signature !== undefined || redacted !== undefined || (text !== '' && (target.quirks.reasoningHistory ?? 'never') !== 'never');
}

/**
 * Thinking as a whole, text and state in one text to be put under a seal, for formats in which clients send back what is opaque and leave
 * the thoughts out.
 */
export function printBundle(blocks: readonly ReasoningBlock[], back: DialectName): string {
  const items = blocks.map((block) => {
    const { text, signature, redacted } = block;
    const kept = keptOf(block, back);
    return {
      ...(text === '' ? {} : { text }),
      ...(signature === undefined ? {} : { signature }),
      ...(redacted === undefined ? {} : { redacted }),
      ...(kept.length === 0 ? {} : { kept }),
    };
  });
  return JSON.stringify(items);
}

/** The blocks of a sealed bundle, each with its own seal again, as in every other format. Something else than we wrote brings nothing back. */
export function readBundle(bundle: string, at: string): readonly ReasoningBlock[] {
  const { origin, payload } = splitSeal(bundle) ?? { origin: '', payload: '' };
  const value = parsed(payload);
  const items = Array.isArray(value) ? value.filter(isObject) : [];
  return items.map(({ text, signature, redacted, kept }) => {
    const sealed = (state: unknown): string | undefined =>
      typeof state === 'string' ? origin + printState(state, Array.isArray(kept) ? kept : []) : undefined;
    const secret = sealed(redacted);
    // Text alone is its origin's too.
    const signed = sealed(secret === undefined ? (signature ?? '') : signature);
    return {
      type: 'reasoning',
      text: typeof text === 'string' ? text : '',
      at,
      ...(signed === undefined ? {} : { signature: signed }),
      ...(secret === undefined ? {} : { redacted: secret }),
    };
  });
}
