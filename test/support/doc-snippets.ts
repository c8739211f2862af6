import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type MockServer, startMockServer } from './mock-server.ts';

const root = new URL('../..', import.meta.url).pathname;

export type DocPage = {
  readonly page: string;
  /** The model that its snippets name, in whose place the scripted ones answer. */
  readonly model: string;
  env(url: string): Readonly<Record<string, string>>;
  /** For each snippet in turn the scripted model, and what is printed. */
  readonly expected: readonly (readonly [string, RegExp])[];
};

/** Runs the snippets of a page as printed but for the model: a scripted one answers. */
export function testSnippets({ page, model, env, expected }: DocPage): void {
  const snippets = [...readFileSync(join(root, page), 'utf8').matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? '');
  const folder = mkdtempSync(join(tmpdir(), 'modelwire-docs-'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  let server: MockServer;
  before(async () => {
    server = await startMockServer();
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await server.close();
  });
  test(`${page} has a snippet for each expectation`, () => {
    assert.equal(snippets.length, expected.length);
  });
  for (const [index, [scripted, said]] of expected.entries()) {
    test(`${page}, snippet ${index + 1}`, async () => {
      const file = join(folder, `snippet-${index + 1}.ts`);
      writeFileSync(file, (snippets[index] ?? '').replace(model, scripted));
      const child = spawn('node', ['--conditions=modelwire-source', file], {
        env: { PATH: process.env['PATH'], ...env(server.url) },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let out = '';
      let complaints = '';
      child.stdout.on('data', (chunk) => (out += String(chunk)));
      child.stderr.on('data', (chunk) => (complaints += String(chunk)));
      const status = await new Promise((resolve) => child.on('close', resolve));
      assert.equal(status, 0, complaints);
      assert.match(out.trim(), said);
    });
  }
}
