import { budgetForEffort } from '../../core/effort.ts';
import type { Effort, RawJson } from '../../core/ir.ts';
import { printObject, printString } from '../../core/json-print.ts';
import { nameOf, type Writing } from './writing.ts';

/** Every model that has levels takes these; `MINIMAL` and `XHIGH` only some do. */
const levels: { readonly [effort in Exclude<Effort, 'none'>]: string } = {
  minimal: 'LOW',
  low: 'LOW',
  medium: 'MEDIUM',
  high: 'HIGH',
  xhigh: 'HIGH',
  max: 'HIGH',
};

const smallestLevel = 'LOW';

/** How much to think, and whether to show it. The caller's own config stands among the extras. */
export function encodeThinking(writing: Writing): RawJson | undefined {
  const { request, context, quirks, own, ledger } = writing;
  const { reasoning } = request;
  if (reasoning === undefined || own) return undefined;
  const path = nameOf(request, 'reasoning', 'reasoning');
  const off = reasoning.effort === 'none' || reasoning.mode === 'disabled';
  if (quirks.thinking === 'none' || context.target.info?.reasoning === false) {
    if (!off) ledger.drop(path, 'the model has no thinking');
    return undefined;
  }
  if (off && reasoning.effort !== undefined && reasoning.effort !== 'none') ledger.drop(nameOf(request, 'effort', path), 'thinking is switched off');
  const amount = quirks.thinking === 'budget' ? budgetOf(writing, off, path) : levelOf(writing, off, path);
  const shown = off || reasoning.display === 'omitted' ? undefined : 'true';
  const raw = printObject([amount, ['includeThoughts', shown]]);
  return raw === '{}' ? undefined : raw;
}

type Amount = readonly [key: string, raw: RawJson | undefined];

function budgetOf({ request, context, ledger }: Writing, off: boolean, path: string): Amount {
  const { effort, budget } = request.reasoning ?? {};
  const key = 'thinkingBudget';
  if (off) return [key, '0'];
  if (budget !== undefined) {
    if (effort !== undefined) ledger.note('changed', path, 'of effort and budget, the budget is sent');
    return [key, String(budget)];
  }
  if (effort === undefined) return [key, undefined];
  const limit = request.maxTokens ?? context.target.info?.maxOutput;
  const tokens = limit === undefined ? undefined : budgetForEffort(effort, limit);
  if (tokens === undefined) {
    ledger.drop(path, limit === undefined ? 'without an output limit an effort says no budget' : 'the output limit leaves no room for thinking');
    return [key, undefined];
  }
  ledger.note('changed', path, `the model takes a thinking budget: ${tokens} of ${limit} tokens`);
  return [key, String(tokens)];
}

/** Budgets are taken by every model that thinks, so one is sent as it came. */
function levelOf({ request, ledger }: Writing, off: boolean, path: string): Amount {
  const { effort, budget } = request.reasoning ?? {};
  if (off) {
    ledger.drop(path, 'thinking cannot be switched off there: the least is asked for');
    return ['thinkingLevel', printString(smallestLevel)];
  }
  if (effort === undefined || effort === 'none') return ['thinkingBudget', budget === undefined ? undefined : String(budget)];
  if (budget !== undefined) ledger.note('changed', nameOf(request, 'budget', path), 'of effort and budget, the effort is sent');
  const level = levels[effort];
  if (level.toLowerCase() !== effort) ledger.note('changed', path, `the effort "${effort}" is sent as "${level}"`);
  return ['thinkingLevel', printString(level)];
}
