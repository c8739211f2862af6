import type { Effort } from './ir.ts';

/** The one public table between an effort and a share of the output limit; at least 1,024 tokens. */
const shares: readonly (readonly [Effort, number])[] = [
  ['minimal', 0.1],
  ['low', 0.2],
  ['medium', 0.5],
  ['high', 0.8],
  ['xhigh', 0.9],
  ['max', 0.95],
];

const smallestBudget = 1024;

export const efforts: readonly Effort[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

/** Thinking tokens for an effort out of `outputLimit` tokens; undefined for `none`, or when the limit leaves no room for 1,024. */
export function budgetForEffort(effort: Effort, outputLimit: number): number | undefined {
  const share = shares.find(([name]) => name === effort)?.[1];
  if (share === undefined || outputLimit <= smallestBudget) return undefined;
  return Math.min(Math.max(Math.floor(outputLimit * share), smallestBudget), outputLimit - 1);
}

/** The effort whose share is nearest to the budget's share of `outputLimit`. */
export function effortForBudget(budget: number, outputLimit: number): Effort {
  const share = budget / outputLimit;
  return shares.reduce((best, row) => (Math.abs(row[1] - share) < Math.abs(best[1] - share) ? row : best))[0];
}
