import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type MockServer, startMockServer } from './support/mock-server.ts';

/** The snippets of docs/anthropic.md, executed as printed but for the model: a scripted one answers. */
const root = new URL('..', import.meta.url).pathname;
const snippets = [...readFileSync(join(root, 'docs/anthropic.md'), 'utf8').matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? '');
const expected = [
  ['echo', /^Say hello in five words\.\nend_turn, 5 tokens$/],
  ['json', /^string number$/],
  ['tool', /^weather returned Sunny in city$/],
] as const;

const folder = mkdtempSync(join(tmpdir(), 'modelwire-anthropic-docs-'));
symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
let server: MockServer;
before(async () => {
  server = await startMockServer();
});
after(async () => {
  rmSync(folder, { recursive: true, force: true });
  await server.close();
});

test('there is a snippet for each expectation', () => {
  assert.equal(snippets.length, expected.length);
});

for (const [index, [model, said]] of expected.entries()) {
  test(`snippet ${index + 1}`, async () => {
    const file = join(folder, `snippet-${index + 1}.ts`);
    writeFileSync(file, (snippets[index] ?? '').replace('claude-sonnet-5', model));
    const child = spawn('node', ['--conditions=modelwire-source', file], {
      env: { PATH: process.env['PATH'], ANTHROPIC_API_KEY: 'sk-ant', ANTHROPIC_BASE_URL: server.url },
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
