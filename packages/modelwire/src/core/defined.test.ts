import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defined } from './defined.ts';

test('only what is undefined goes', () => {
  const value: { a: number; b?: string; c: null; d: number; e: string; f: boolean } = defined({
    a: 1,
    b: undefined as string | undefined,
    c: null,
    d: 0,
    e: '',
    f: false,
  });
  assert.deepEqual(Object.keys(value), ['a', 'c', 'd', 'e', 'f']);
});
