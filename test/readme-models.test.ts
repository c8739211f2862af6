import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findModelInfo } from '../packages/modelwire/src/providers/model-info.ts';
import { createDirectory, providersFromEnv, resolveModel } from '../packages/modelwire/src/providers/resolve.ts';

/** The rows of the table of providers: the key's variable and the model to try. */
function rowsOf(page: string): readonly (readonly [variable: string, model: string])[] {
  const text = readFileSync(join(import.meta.dirname, '..', page), 'utf8');
  return [...text.matchAll(/^\|[^|]+\| `([A-Z_]+)` \| `([^`]+)` \|/gm)].map((row) => [row[1] ?? '', row[2] ?? '']);
}

for (const page of ['README.md', 'README.zh-CN.md']) {
  test(`${page}: every model to try is one that the catalogue knows, of the provider whose key is named`, () => {
    const rows = rowsOf(page);
    assert.ok(rows.length >= 5);
    for (const [variable, model] of rows) {
      const { on } = providersFromEnv({ [variable]: 'x' });
      assert.equal(on.length, 1, variable);
      const [target] = resolveModel(model, createDirectory({ providers: on })).targets;
      assert.equal(target?.provider, on[0]?.name, model);
      assert.ok(findModelInfo(target?.provider ?? '', target?.model ?? '') !== undefined, `${model} is not in the catalogue`);
    }
  });
}
