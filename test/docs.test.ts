import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

const root = new URL('..', import.meta.url).pathname;
const pages = [
  ...readdirSync(root),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => `docs/${name}`),
  'packages/local/README.md',
  'packages/modelwire/README.md',
].filter((name) => name.endsWith('.md'));

test('the pages that are made from code are up to date', () => {
  const { status, stderr } = spawnSync('node', ['--conditions=modelwire-source', 'scripts/write-docs.ts', '--check'], { cwd: root, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
});

test('links between pages lead somewhere', () => {
  for (const page of pages) {
    const text = readFileSync(join(root, page), 'utf8');
    for (const [, link = ''] of text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)) {
      assert.ok(existsSync(join(root, dirname(page), link)), `${page} links to ${link}`);
    }
  }
});
