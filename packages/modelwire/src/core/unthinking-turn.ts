import type { Block, Message } from './ir.ts';
import { isToolCall } from './tool-pairs.ts';

/**
 * Whether tools are at work in a turn that another model began, or this one without thinking: a model of Anthropic's that is given a budget
 * to think with cannot begin to in the middle. `isSent`: the block goes to this target.
 */
export function goesOnUnthinking(messages: readonly Message[], isSent: (block: Block) => boolean): boolean {
  const end = messages.findLastIndex(({ role }) => role === 'assistant') + 1;
  const start = messages.slice(0, end).findLastIndex(({ role }) => role !== 'assistant') + 1;
  const sent = messages.slice(start, end).flatMap(({ blocks }) => blocks.filter(isSent));
  return sent.some(isToolCall) && sent[0]?.type !== 'reasoning';
}

export const unthinkingReason = 'tools are at work in a turn that was begun without thinking of this model: it goes on without';
