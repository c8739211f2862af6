import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import type { EffectiveConfig } from './config.ts';
import { loadConfig } from './load.ts';
import { ConfigError } from './problem.ts';
import { type ConfigWatch, watchConfig } from './watch.ts';

type Heard = { readonly config: EffectiveConfig; readonly restart: readonly string[] } | { readonly error: unknown };
type Bench = { readonly cwd: string; readonly watch: ConfigWatch; next(): Promise<Heard>; write(name: string, text: string): Promise<void> };

/** A watched folder; `next` resolves with what is reported next. */
async function bench(context: TestContext, first?: string): Promise<Bench> {
  const cwd = await mkdtemp(path.join(tmpdir(), 'modelwire-watch-'));
  const heard: Heard[] = [];
  const waiting: ((what: Heard) => void)[] = [];
  const hear = (what: Heard): void => {
    const taker = waiting.shift();
    if (taker === undefined) heard.push(what);
    else taker(what);
  };
  if (first !== undefined) await writeFile(path.join(cwd, 'modelwire.yaml'), first);
  const options = { env: {}, cwd, localInstalled: true };
  const watch = await watchConfig({
    ...options,
    started: await loadConfig(options),
    onChange: (config, restart) => hear({ config, restart }),
    onProblem: (error) => hear({ error }),
  });
  context.after(async () => {
    watch.close();
    await rm(cwd, { recursive: true });
  });
  return {
    cwd,
    watch,
    next: () => new Promise((resolve) => (heard.length > 0 ? resolve(heard.shift() ?? { error: 'nothing' }) : waiting.push(resolve))),
    write: (name, text) => writeFile(path.join(cwd, name), text),
  };
}

function changed(what: Heard): Extract<Heard, { config: EffectiveConfig }> {
  assert.ok('config' in what, 'error' in what ? String(what.error) : '');
  return what;
}

const route = (target: string): string => `routes: { fast: { targets: [${target}] } }\n`;
const target = (what: Heard): string | undefined => changed(what).config.directory.routes[0]?.targets[0];

test('a written file is in force, a broken one is reported and changes nothing', async (context) => {
  const { write, next } = await bench(context, route('openai/a'));
  await write('modelwire.yaml', route('openai/b'));
  assert.equal(target(await next()), 'openai/b');
  await write('modelwire.yaml', 'routes: [\n');
  const broken = await next();
  assert.ok('error' in broken && broken.error instanceof ConfigError);
  await write('modelwire.yaml', route('openai/c'));
  assert.equal(target(await next()), 'openai/c');
});

test('a file that is replaced, as editors do, is seen', async (context) => {
  const { cwd, write, next } = await bench(context, route('openai/a'));
  await write('modelwire.yaml.new', route('openai/b'));
  await rename(path.join(cwd, 'modelwire.yaml.new'), path.join(cwd, 'modelwire.yaml'));
  assert.equal(target(await next()), 'openai/b');
});

test('a link that is turned to another file, as mounted volumes do, is seen', async (context) => {
  const { cwd, write, next } = await bench(context);
  await write('one', route('openai/a'));
  await write('two', route('openai/b'));
  await symlink('one', path.join(cwd, 'modelwire.yaml'));
  assert.equal(target(await next()), 'openai/a');
  await symlink('two', path.join(cwd, 'link'));
  await rename(path.join(cwd, 'link'), path.join(cwd, 'modelwire.yaml'));
  assert.equal(target(await next()), 'openai/b');
});

test('a .env file turns a provider on, and its end turns it off', async (context) => {
  const { cwd, write, next } = await bench(context);
  await write('.env', 'GROQ_API_KEY=k\n');
  assert.ok(changed(await next()).config.directory.providers.has('groq'));
  await rm(path.join(cwd, '.env'));
  assert.ok(!changed(await next()).config.directory.providers.has('groq'));
});

test('what needs a restart is named; a reload on demand reports an unchanged file too', async (context) => {
  const { write, next, watch } = await bench(context, 'server: { port: 4000 }\n');
  await write('modelwire.yaml', 'server: { port: 4001 }\nstore: memory\n');
  assert.deepEqual(changed(await next()).restart, ['server.port', 'store']);
  const [again] = await Promise.all([next(), watch.reload()]);
  assert.deepEqual(changed(again).restart, ['server.port', 'store']);
});

test('a file that is gone or empty does not take its keys away', async (context) => {
  const { cwd, write, next } = await bench(context, `keys: [{ name: a, hash: "sha256:${'a'.repeat(64)}" }]\n`);
  await write('modelwire.yaml', '\n');
  const empty = await next();
  assert.ok('error' in empty && empty.error instanceof ConfigError);
  assert.match(empty.error.message, /modelwire\.yaml is empty/);
  await rm(path.join(cwd, 'modelwire.yaml'));
  const gone = await next();
  assert.ok('error' in gone && gone.error instanceof ConfigError);
  assert.match(gone.error.message, /modelwire\.yaml is gone/);
  await write('modelwire.yaml', 'store: memory\n');
  assert.equal(changed(await next()).config.keys.length, 0);
});

test('after close nothing is reported', async (context) => {
  const { write, watch } = await bench(context);
  watch.close();
  await write('modelwire.yaml', 'broken: [\n');
  await watch.reload();
});
