import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearestName } from './nearest-name.ts';

test('the nearest name within a third of the asked one', () => {
  const names = ['gpt-4o', 'gpt-4o-mini', 'claude-sonnet-5', 'deepseek-flash', 'port'];
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['gpt4o', 'gpt-4o'],
    ['gpt-4o', 'gpt-4o'],
    ['GPT-4O', 'gpt-4o'],
    ['gtp-4o-mini', 'gpt-4o-mini'],
    ['claude-sonet-5', 'claude-sonnet-5'],
    ['deepsek-flash', 'deepseek-flash'],
    ['prot', 'port'],
    ['llama', undefined],
    ['x', undefined],
    ['', undefined],
    ['a'.repeat(10_000), undefined],
  ];
  for (const [asked, expected] of cases) assert.equal(nearestName(asked, names), expected, asked.slice(0, 20));
});

test('of two equally near the first, and none of none', () => {
  assert.equal(nearestName('cat', ['bat', 'hat']), 'bat');
  assert.equal(nearestName('cat', []), undefined);
});
