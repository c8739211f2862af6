import assert from 'node:assert/strict';
import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { run } from '../../../../test/support/run-command.ts';

const root = path.resolve(import.meta.dirname, '../../../..');

test('every field of the official types that are installed here has a verdict', async (context) => {
  const { code, out } = await run(context, ['fidelity', '--check'], { cwd: root });
  assert.equal(code, 0, out);
  assert.match(
    out,
    /^openai-chat {2}openai 7\.\d+\.\d+ {2}ok\nopenai-responses {2}openai 7\.\d+\.\d+ {2}ok\nanthropic-messages {2}@anthropic-ai\/sdk 1\.\d+\.\d+ {2}ok\ngemini {2}@google\/genai 3\.\d+\.\d+ {2}ok$/m,
  );
  const json = JSON.parse((await run(context, ['fidelity', '--json'], { cwd: root })).out);
  assert.equal(json.ok, true);
  assert.deepEqual(json.dialects[0].findings, []);
});

test('without the packages it says what to install', async (context) => {
  const { code, out, err } = await run(context, ['fidelity']);
  assert.deepEqual([code, out], [1, '']);
  assert.match(err, /^error\[not_installed\]: the official types are not here: .*openai.*@anthropic-ai\/sdk/);
  assert.match(err, /do {10}npm install --save-dev .*openai.*@anthropic-ai\/sdk/);
});

test('a format that has moved is named; only --check fails', async (context) => {
  const { cwd } = await run(context, ['--version']);
  await linkPackages(cwd);
  const file = path.join(cwd, 'node_modules/openai/resources/chat/completions/completions.d.ts');
  await writeFile(file, (await readFile(file, 'utf8')).replace('filename?: string;', "filename?: string; dpi?: 'low' | 'high';"));
  const told = await run(context, ['fidelity'], { cwd });
  assert.equal(told.code, 0, told.err);
  assert.match(told.out, /openai-chat .*1 to settle\n {2}no verdict {2}request messages\[\]\[role=user\]\.content\[\]\[type=file\]\.file\.dpi\n/);
  assert.equal((await run(context, ['fidelity', '--check'], { cwd })).code, 2);
});

/** The packages that are installed here, with types of openai's that can be changed. */
async function linkPackages(cwd: string): Promise<void> {
  const [from, to] = [path.join(root, 'node_modules'), path.join(cwd, 'node_modules')];
  await mkdir(path.join(to, 'openai/resources/chat/completions'), { recursive: true });
  for (const name of await readdir(from)) if (name !== 'openai') await symlink(path.join(from, name), path.join(to, name));
  for (const file of ['package.json', 'resources/shared.d.ts', 'resources/completions.d.ts', 'resources/chat/completions/completions.d.ts'])
    await cp(path.join(from, 'openai', file), path.join(to, 'openai', file));
  await symlink(path.join(from, 'openai/resources/responses'), path.join(to, 'openai/resources/responses'));
}
