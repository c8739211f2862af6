import { indexOfBytes } from './bytes.ts';
import type { Context } from './dialect.ts';
import { effortForBudget } from './effort.ts';
import type { Block, ChatRequest, Effort, Message } from './ir.ts';
import { isToolCall } from './tool-pairs.ts';
import type { TopLevel } from './top-level.ts';

/**
 * Whether tools are at work in a turn that another model began, or this one without thinking: Claude cannot begin to think in the middle.
 * `goes`: whether a block is sent at all.
 */
export function goesOnUnthinking(messages: readonly Message[], goes: (block: Block) => boolean): boolean {
  const end = messages.findLastIndex(({ role }) => role === 'assistant') + 1;
  const start = messages.slice(0, end).findLastIndex(({ role }) => role !== 'assistant') + 1;
  const sent = messages.slice(start, end).flatMap(({ blocks }) => blocks.filter(goes));
  return sent.some(isToolCall) && sent[0]?.type !== 'reasoning';
}

/** The same of a body that is not read: the last message of the assistant has the one word, and not the other. A message reaches from one `role` to the next. */
export function mayGoOnUnthinking(top: TopLevel, words: { readonly call: string; readonly thought: string }): boolean {
  const { bytes } = top;
  let called: Uint8Array | undefined;
  for (let from = top.indexOf('"role"'); from !== -1;) {
    const next = top.indexOf('"role"', from + 1);
    const message = bytes.subarray(from, next === -1 ? bytes.length : next);
    if (indexOfBytes(message, '"assistant"') !== -1) called = indexOfBytes(message, words.call) === -1 ? undefined : message;
    from = next;
  }
  return called !== undefined && indexOfBytes(called, words.thought) === -1;
}

/** The receipt of thinking that is switched off for a turn. */
export const unthinking = 'tools are at work in a turn that was begun without thinking of this model: it goes on without';

/** The effort to ask of a target that knows no other measure of thinking; undefined when there is nothing to send. `path` is the caller's field. */
export function effortToAsk(request: ChatRequest, { ledger, target }: Context, path: string): Effort | undefined {
  const { effort, budget, mode } = request.reasoning ?? {};
  const doesNotThink = target.info?.reasoning === false;
  if (mode === 'disabled' || effort === 'none') {
    if (effort !== undefined && effort !== 'none') ledger.note('changed', request.names['effort'] ?? path, 'thinking is off: its effort is not sent');
    if (doesNotThink) return undefined;
    if (effort === 'none' || target.info?.reasoning === true) return 'none';
    ledger.drop(path, 'it is not known how this model’s thinking is switched off');
    return undefined;
  }
  if (doesNotThink) {
    ledger.drop(path, 'the model does not think');
    return undefined;
  }
  if (effort !== undefined) {
    if (budget !== undefined) ledger.note('changed', request.names['budget'] ?? path, 'of effort and budget, the effort is sent');
    return effort;
  }
  const limit = request.maxTokens ?? target.info?.maxOutput;
  if (budget === undefined) {
    if (mode !== undefined) ledger.note('changed', path, 'how much the model thinks is left to it');
    return undefined;
  }
  if (limit === undefined) {
    ledger.drop(path, 'without an output limit a budget says no effort');
    return undefined;
  }
  const nearest = effortForBudget(budget, limit);
  ledger.note('changed', path, `a budget of ${budget} tokens is sent as the effort "${nearest}"`);
  return nearest;
}
