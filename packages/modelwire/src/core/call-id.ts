import { decodeBase64, encodeBase64 } from './base64.ts';
import type { Context } from './dialect.ts';
import type { Block, DialectName, ReasoningBlock, ToolCallBlock } from './ir.ts';
import { type From, mustReturn, printBundle, readBundle, seal, splitSeal } from './seal.ts';

/**
 * Some formats have no place for what a provider of another wants back of its thinking, and many clients send nothing back of a message
 * but its text and its calls. So the id of a call bears the thinking that led to it: clients send ids back as they came.
 */

/** `mw1.<provider>.<thinking>.<id>`, the thinking as base64 in the alphabet of URLs. */
export function sealedCallId(id: string, thoughts: readonly ReasoningBlock[], { target, back }: From): string {
  return seal(target, `${toUrl(encodeBase64(printBundle(thoughts, back)))}.${id}`);
}

function toUrl(base64: string): string {
  return base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

export type OpenedId = { readonly id: string; readonly thoughts: readonly ReasoningBlock[] };

/** The id that the provider gave, and the thinking that came with it. Something else under our mark is an id like any other. */
export function openCallId(given: string, at: string): OpenedId {
  const { origin, payload } = splitSeal(given) ?? { origin: '', payload: '' };
  const end = payload.indexOf('.');
  const bundle = end === -1 ? undefined : decodeBase64(payload.slice(0, end));
  if (bundle === undefined) return { id: given, thoughts: [] };
  return { id: payload.slice(end + 1), thoughts: readBundle(origin + bundle, at) };
}

/** Gives the calls of one answer the ids that the caller sees, in their order. */
export type CallIds = {
  /** What was thought waits for the call that it led to, if it must come back. */
  think(block: ReasoningBlock): void;
  idOf(call: ToolCallBlock): string;
  /** The answer is over, and only ids could bear what still waits. */
  end(): void;
};

/** `longest`: most characters of an id; thinking that makes a longer one stays out of it. Default: any length. */
export function createCallIds(dialect: DialectName, context: Context, longest = Infinity): CallIds {
  let waiting: ReasoningBlock[] = [];
  return {
    think(block) {
      if (context.back !== dialect && mustReturn(block, context)) waiting.push(block);
    },
    idOf({ id }) {
      const thoughts = waiting;
      waiting = [];
      if (thoughts.length === 0) return id;
      const sealed = sealedCallId(id, thoughts, context);
      return sealed.length > longest ? id : sealed;
    },
    end() {
      for (const { signature, redacted } of waiting) {
        if ((signature ?? '') !== '') context.ledger.lost('signature', 'only the id of a call can bear the signature of the thinking before it');
        if (redacted !== undefined) context.ledger.lost('redacted', 'only the id of a call can bear the thinking before it that is not shown');
        if ((redacted ?? signature ?? '') === '') context.ledger.lost('thinking', 'only the id of a call can bear whose the thinking before it is');
      }
      waiting = [];
    },
  };
}

/** A call as its caller sent it back, with the thinking that its id bore. */
export type BearingCall = { readonly call: ToolCallBlock; readonly thoughts: readonly ReasoningBlock[] };

/** A turn in the order in which the model made it: thinking, what it said, and the calls, before each of them what was thought of it. */
export function turnOf(said: readonly Block[], made: readonly BearingCall[]): Block[] {
  return [...(made[0]?.thoughts ?? []), ...said, ...made.flatMap(({ thoughts, call }, index) => (index === 0 ? [call] : [...thoughts, call]))];
}
