import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

/** The snippets of the library's README, executed as printed. `test/support/stand-in-providers.ts` answers in the place of the network. */
const root = new URL('..', import.meta.url).pathname;
const readme = readFileSync(join(root, 'packages/modelwire/README.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'modelwire-package-readme-'));
symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
after(() => rmSync(folder, { recursive: true, force: true }));

const keys = { OPENAI_API_KEY: 'sk-openai', ANTHROPIC_API_KEY: 'sk-ant' };
const expected = [/^Hello req_1$/, /^Hello$/, /^Hello\n\d+; worst=dropped$/, /^Hello$/, /^AuthenticationError 401 401 Incorrect API key provided req_2$/];

const snippets = [...readme.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? '');

test('the README has a snippet for each expectation', () => {
  assert.equal(snippets.length, expected.length);
});

for (const [index, code] of snippets.entries()) {
  test(`snippet ${index + 1}`, async () => {
    const file = join(folder, `snippet-${index + 1}.ts`);
    writeFileSync(file, code);
    const standIn = join(root, 'test/support/stand-in-providers.ts');
    const child = spawn('node', ['--conditions=modelwire-source', '--import', standIn, file], {
      env: { PATH: process.env['PATH'], ...keys },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    let complaints = '';
    child.stdout.on('data', (chunk) => (said += String(chunk)));
    child.stderr.on('data', (chunk) => (complaints += String(chunk)));
    const status = await new Promise((resolve) => child.on('close', resolve));
    assert.equal(status, 0, complaints);
    assert.match(said.trim(), expected[index] ?? /^$/);
  });
}
