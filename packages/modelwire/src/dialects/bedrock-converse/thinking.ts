import { budgetForEffort } from '../../core/effort.ts';
import type { RawJson } from '../../core/ir.ts';
import { printObject, printOptional, printString } from '../../core/json-print.ts';
import { effortToAsk, goesOnUnthinking, unthinking } from '../../core/thinking.ts';
import { withheldFor } from './messages.ts';
import { nameOf, type Writing } from './writing.ts';

/** How much to think: `effort` is every model's, `thinking` Claude's own. Both may stay out. */
export type Thinking = { readonly effort?: RawJson; readonly thinking?: RawJson; /** Claude is made to think. */ readonly on: boolean };

/** The caller's own fields stand among the extras, and are changed where the model would refuse them. */
export function encodeThinking(writing: Writing): Thinking {
  const { request, context, quirks, own, ledger } = writing;
  const { reasoning } = request;
  if (reasoning === undefined) return { on: false };
  const off = reasoning.effort === 'none' || reasoning.mode === 'disabled';
  const path = nameOf(request, 'reasoning', 'reasoning');
  const wantsBudget = own ? reasoning.mode === 'enabled' : quirks.thinking === 'budget' && !off;
  if (wantsBudget && goesOnUnthinking(request.messages, (block) => withheldFor(block, writing) === undefined)) {
    ledger.drop(path, unthinking);
    return { thinking: disabled, on: false };
  }
  if (own) return { on: false };
  if (quirks.thinking === 'none' || context.target.info?.reasoning === false) {
    if (!off) ledger.drop(path, 'the model has no thinking');
    return { on: false };
  }
  if (off && (quirks.thinking === 'budget' || quirks.thinking === 'adaptive')) return { thinking: disabled, on: false };
  if (quirks.thinking === 'budget') return withBudget(writing, path);
  const effort = effortToAsk(request, context, path);
  const sent = effort === 'minimal' ? 'low' : effort;
  if (sent !== effort) ledger.note('changed', path, 'the lowest effort there is low');
  const asked = sent === undefined || sent === 'none' ? {} : { effort: printString(sent) };
  if (sent === 'none') ledger.drop(path, 'thinking cannot be switched off there');
  if (quirks.thinking !== 'adaptive') {
    if (reasoning.display !== undefined) ledger.note('carried', path, 'how thinking is shown cannot be chosen');
    return { ...asked, on: false };
  }
  return {
    ...asked,
    thinking: printObject([
      ['type', '"adaptive"'],
      ['display', printOptional(reasoning.display)],
    ]),
    on: true,
  };
}

const disabled: RawJson = '{"type":"disabled"}';
const smallestBudget = 1024;

function withBudget({ request, context, ledger }: Writing, path: string): Thinking {
  const { effort, budget: given, display } = request.reasoning ?? {};
  const limit = request.maxTokens ?? context.target.info?.maxOutput;
  const budget = given === undefined ? (limit === undefined ? undefined : budgetForEffort(effort ?? 'high', limit)) : Math.max(given, smallestBudget);
  if (budget === undefined || (limit !== undefined && budget >= limit)) {
    const name = nameOf(request, 'maxTokens', 'max_tokens');
    ledger.refuse(
      path,
      limit === undefined
        ? `without ${name} an effort says no budget of thinking`
        : `thinking needs ${budget ?? smallestBudget} tokens of its own below ${name}, which is ${limit}`,
      `${limit === undefined ? 'Send' : 'Raise'} ${name}, or turn reasoning off`,
    );
    return { on: false };
  }
  if (budget !== given || effort !== undefined) ledger.note('changed', path, `the model takes a thinking budget: ${budget} tokens`);
  return {
    thinking: printObject([
      ['type', '"enabled"'],
      ['budget_tokens', String(budget)],
      ['display', printOptional(display)],
    ]),
    on: true,
  };
}
