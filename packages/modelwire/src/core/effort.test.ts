import assert from 'node:assert/strict';
import { test } from 'node:test';
import { budgetForEffort, effortForBudget, efforts } from './effort.ts';

test('an effort is a share of the output limit, at least 1,024 tokens and below the limit', () => {
  assert.equal(budgetForEffort('low', 10_000), 2000);
  assert.equal(budgetForEffort('medium', 10_000), 5000);
  assert.equal(budgetForEffort('high', 10_000), 8000);
  assert.equal(budgetForEffort('minimal', 2000), 1024);
  assert.equal(budgetForEffort('max', 1025), 1024);
  assert.equal(budgetForEffort('high', 1024), undefined);
  assert.equal(budgetForEffort('none', 10_000), undefined);
});

test('a budget gives back the effort that it was made from', () => {
  for (const effort of efforts) {
    const budget = budgetForEffort(effort, 100_000);
    if (budget !== undefined) assert.equal(effortForBudget(budget, 100_000), effort);
  }
});

test('any budget has a nearest effort', () => {
  assert.equal(effortForBudget(1, 100_000), 'minimal');
  assert.equal(effortForBudget(35_000, 100_000), 'low');
  assert.equal(effortForBudget(36_000, 100_000), 'medium');
  assert.equal(effortForBudget(200_000, 100_000), 'max');
});
