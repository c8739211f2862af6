/**
 * The packages as people get them: packed, installed into an empty project, loaded and run. Expects `npm run build` to have been run.
 * Prints one line a check and, last, `N passed, N failed`. `--update` writes api.txt anew.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = new URL('../..', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'modelwire-packed-'));
const project = join(folder, 'project');
let passed = 0;
let failed = 0;

async function check(name: string, run: () => void | Promise<void>): Promise<void> {
  try {
    await run();
    passed++;
    console.log(`ok    ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAIL  ${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function run(command: string, args: readonly string[], cwd = project, input?: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', timeout: 120_000, ...(input === undefined ? {} : { input }) });
  assert.equal(status, 0, `${command} ${args.join(' ')}: exit ${status}\n${stdout.slice(-1000)}\n${stderr.slice(-2000)}`);
  return stdout;
}

/** Packs a workspace; the names of the files in the tarball. */
function pack(workspace: string): { file: string; files: string[]; size: number } {
  const said: unknown = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', folder, '-w', workspace], root));
  const entry = (Array.isArray(said) ? said[0] : Object.values(said as object)[0]) as { filename: string; size: number; files: { path: string }[] };
  return { file: join(folder, entry.filename.replace('@', '').replace('/', '-')), files: entry.files.map((file) => file.path), size: entry.size };
}

function folderSize(path: string): number {
  return readdirSync(path, { recursive: true, withFileTypes: true }).reduce(
    (sum, entry) => sum + (entry.isFile() ? statSync(join(entry.parentPath, entry.name)).size : 0),
    0,
  );
}

/** Every Node on the PATH, once a version: the one the repository brings, and the machine's own. */
function nodes(): string[] {
  const found = new Map<string, string>();
  for (const place of (process.env['PATH'] ?? '').split(':')) {
    const path = join(place, 'node');
    const { status, stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' });
    if (status === 0 && !found.has(stdout)) found.set(stdout, path);
  }
  return [...found.values()];
}

const library = pack('modelwire');
const gateway = pack('@modelwire/gateway');
const local = pack('@modelwire/local');
mkdirSync(project);
writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'empty', private: true, type: 'module' }));

await check('the tarballs hold what they should and nothing else', () => {
  for (const { files } of [library, gateway, local]) {
    assert.ok(files.includes('LICENSE') && files.includes('package.json'));
    const odd = files.filter(
      (file) => !/^(?:dist\/.+\.(?:js|d\.ts)|bin\/modelwire\.js|schema\/.+\.json|LICENSE|README\.md|package\.json)$/.test(file) || /test|fixtures/.test(file),
    );
    assert.deepEqual(odd, []);
  }
  // Every format that is spoken has its price; what is common to all does not grow with them.
  const formats = new Set(library.files.flatMap((file) => /^dist\/dialects\/([^/]+)\//.exec(file)?.[1] ?? []));
  assert.ok(library.size < 80_000 + 75_000 * formats.size, `the library is ${library.size} bytes packed, with ${formats.size} formats`);
});

await check('the library installs alone: one package, no dependency', () => {
  run('npm', ['install', '--no-audit', '--no-fund', library.file]);
  assert.deepEqual(
    readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.')),
    ['modelwire'],
  );
});

const faces = [
  'modelwire/openai',
  'modelwire/openai/helpers/standard-schema',
  'modelwire/openai/helpers/zod',
  'modelwire/anthropic',
  'modelwire/anthropic/helpers',
  'modelwire/anthropic/helpers/beta/zod',
  'modelwire/fetch',
];

for (const node of nodes()) {
  await check(`every face loads by import and by require on ${run(node, ['--version'], root).trim()}`, () => {
    for (const face of faces) {
      run(node, ['--input-type=module', '-e', `const face = await import('${face}'); if (Object.keys(face).length === 0) process.exit(1);`]);
      run(node, ['--input-type=commonjs', '-e', `const face = require('${face}'); if (Object.keys(face).length === 0) process.exit(1);`]);
    }
  });
}

await check('the public names are those of api.txt', () => {
  const names = faces.flatMap((face) =>
    run('node', ['--input-type=module', '-e', `console.log(Object.keys(await import('${face}')).sort().join('\\n'))`])
      .trim()
      .split('\n')
      .map((name) => `${face} ${name}`),
  );
  const path = join(root, 'test/package/api.txt');
  const text = `${names.join('\n')}\n`;
  if (process.argv.includes('--update')) writeFileSync(path, text);
  assert.equal(text, readFileSync(path, 'utf8'));
});

await check('its types serve a strict project without skipLibCheck', () => {
  writeFileSync(
    join(project, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        module: 'nodenext',
        target: 'es2023',
        lib: ['es2023', 'dom', 'dom.iterable', 'dom.asynciterable'],
        strict: true,
        noEmit: true,
        types: [],
      },
      include: ['use.ts'],
    }),
  );
  writeFileSync(
    join(project, 'use.ts'),
    `import OpenAI from 'modelwire/openai';
import Anthropic from 'modelwire/anthropic';
import { createFetch } from 'modelwire/fetch';
const client = new OpenAI({ apiKey: 'k', baseURL: 'http://127.0.0.1:1/v1' });
export async function use(): Promise<string> {
  const whole = await client.chat.completions.create({ model: 'm', messages: [{ role: 'user', content: 'hi' }] });
  for await (const chunk of await client.chat.completions.create({ model: 'm', messages: [], stream: true })) void chunk.choices[0]?.delta.content;
  const message = await new Anthropic({ apiKey: 'k', fetch: createFetch() }).messages.create({ model: 'm', max_tokens: 1, messages: [{ role: 'user', content: 'hi' }] });
  const block = message.content[0];
  // @ts-expect-error a whole completion has no delta
  void whole.choices[0]?.delta;
  return (whole.choices[0]?.message.content ?? '') + (block?.type === 'text' ? block.text : '');
}
`,
  );
  run(join(root, 'node_modules/.bin/tsc'), ['-p', project]);
});

await check('the gateway installs small, and its command works', () => {
  run('npm', ['install', '--no-audit', '--no-fund', '--omit=optional', gateway.file]);
  const packages = (JSON.parse(run('npm', ['ls', '--all', '--json', '--depth=10'])) as { dependencies: object }).dependencies;
  assert.ok((JSON.stringify(packages).match(/"version"/g)?.length ?? 0) <= 60);
  const size = folderSize(join(project, 'node_modules'));
  assert.ok(size < 40_000_000, `${size} bytes installed`);
  assert.match(run('npx', ['modelwire', '--version']), /\d+\.\d+\.\d+/);
  writeFileSync(join(project, 'modelwire.yaml'), 'mock: true\nlocal: false\nstore: memory\n');
  run('npx', ['modelwire', 'check']);
  assert.match(run('npx', ['modelwire', 'ask', '-m', 'mock/echo', 'packed and well']), /packed and well/);
});

await check('the installed gateway serves both formats', async () => {
  const server = spawn('npx', ['modelwire', 'serve', '--port', '0'], { cwd: project, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  try {
    const url = await new Promise<string>((resolve, reject) => {
      let said = '';
      server.stdout.on('data', (text) => {
        said += String(text);
        const found = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0];
        if (found !== undefined) resolve(found);
      });
      server.on('exit', (code) => reject(new Error(`exit ${code}: ${said}`)));
    });
    const ask = async (path: string, stream: boolean): Promise<string> => {
      const response = await fetch(url + path, {
        method: 'POST',
        body: JSON.stringify({ model: 'mock/echo', max_tokens: 50, stream, messages: [{ role: 'user', content: 'well packed' }] }),
      });
      assert.equal(response.status, 200);
      return await response.text();
    };
    assert.match(await ask('/v1/chat/completions', false), /well packed/);
    assert.match(await ask('/v1/chat/completions', true), /\[DONE\]/);
    assert.match(await ask('/v1/messages', false), /well packed/);
    assert.match(await ask('/v1/messages', true), /message_stop/);
  } finally {
    if (server.pid !== undefined) process.kill(-server.pid, 'SIGTERM');
  }
});

rmSync(folder, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
