import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { suite, test } from 'node:test';
import type { TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { createLocalEngine } from './engine.ts';
import type { LocalEngine, LocalStatus } from './engine.ts';
import { LocalError } from './local-error.ts';
import type { LocalOptions } from './settings.ts';
import { serve, temporaryFolder } from '../testing/workspace.ts';

// What the real child does, less the model: it answers its orders, serves nothing, and dies with its parent.
const behaviours = {
  ready: `process.once('message', (order) => process.send({ type: 'ready', port: order.slots + 4000 }));`,
  dies: `process.once('message', () => { console.error('out of memory'); process.exit(3); });`,
  refuses: `process.once('message', () => process.send({ type: 'failed', code: 'engine_unavailable', message: 'no binary', hint: 'install it' }));`,
  hangs: `process.once('message', () => {}); setInterval(() => {}, 1000);`,
  tells: `process.once('message', (order) => { console.log(JSON.stringify({ order, env: process.env, execArgv: process.execArgv })); process.send({ type: 'ready', port: 1 }); });`,
  crashes: `process.once('message', () => process.send({ type: 'ready', port: process.pid }, () => setTimeout(() => process.abort(), 20)));`,
};

type Setup = { readonly engine: LocalEngine; readonly statuses: LocalStatus[]; readonly lines: string[]; readonly clock: { now: number } };

async function setup(t: TestContext, behaviour: keyof typeof behaviours, options: LocalOptions = {}): Promise<Setup> {
  const folder = await temporaryFolder(t);
  const script = path.join(folder, 'child.mjs');
  const modelFile = path.join(folder, 'tiny.gguf');
  await writeFile(script, `process.once('disconnect', () => process.exit(0));\n${behaviours[behaviour]}`);
  await writeFile(modelFile, 'GGUF and the weights');
  const clock = { now: 1000 };
  const lines: string[] = [];
  const engine = createLocalEngine({
    childEntry: pathToFileURL(script),
    modelFile,
    env: { PATH: process.env['PATH'], OPENAI_API_KEY: 'sk-secret' },
    now: () => clock.now,
    log: (line) => lines.push(line),
    ...options,
  });
  t.after(() => engine.close());
  const statuses: LocalStatus[] = [];
  engine.onStatus((status) => statuses.push(status));
  return { engine, statuses, lines, clock };
}

const codeOf = (error: unknown) => (error instanceof LocalError ? error.code : error);
const statesOf = (statuses: readonly LocalStatus[]) => statuses.map((status) => status.state);

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

suite('createLocalEngine', () => {
  test('is at rest until it is started; then ready, with an address and a secret of its own', async (t) => {
    const { engine, statuses } = await setup(t, 'ready', { slots: 3 });
    assert.deepEqual([engine.status(), engine.model.id], [{ state: 'absent' }, 'tiny']);
    const endpoint = await engine.start();
    assert.equal(endpoint.baseURL, 'http://127.0.0.1:4003/v1');
    assert.match(endpoint.key, /^[\w-]{43}$/);
    assert.deepEqual(statesOf(statuses), ['loading', 'ready']);
  });

  test('callers at the same time and later ones share one child', async (t) => {
    const { engine, statuses } = await setup(t, 'ready');
    const [one, two] = await Promise.all([engine.start(), engine.start()]);
    assert.equal(one, two);
    assert.equal(await engine.start(), one);
    assert.deepEqual(statesOf(statuses), ['loading', 'ready']);
  });

  test("the child gets its orders and this process's module conditions, and no key of anyone", async (t) => {
    const { engine, lines } = await setup(t, 'tells', { threads: 1, contextSize: 512 });
    const { key } = await engine.start();
    await until(() => lines.some((line) => line.startsWith('{')));
    const told = JSON.parse(lines.find((line) => line.startsWith('{')) ?? '');
    assert.deepEqual({ ...told.order, model: told.order.model.id }, { type: 'start', key, threads: 1, contextSize: 512, slots: 2, queue: 16, model: 'tiny' });
    assert.ok(!lines.join().includes('sk-secret'));
    assert.ok(!told.execArgv.includes('--test'));
  });

  test('a failure is told to all, held for ten seconds, then tried again', async (t) => {
    const { engine, statuses, clock } = await setup(t, 'refuses');
    const results = await Promise.allSettled([engine.start(), engine.start()]);
    assert.deepEqual(
      results.map((result) => result.status === 'rejected' && codeOf(result.reason)),
      ['engine_unavailable', 'engine_unavailable'],
    );
    assert.deepEqual(engine.status(), { state: 'failed', code: 'engine_unavailable', message: 'no binary', hint: 'install it' });
    clock.now += 9_999;
    await assert.rejects(engine.start(), { message: 'no binary' });
    assert.deepEqual(statesOf(statuses), ['loading', 'failed']);
    clock.now += 1;
    await assert.rejects(engine.start(), { message: 'no binary' });
    assert.deepEqual(statesOf(statuses), ['loading', 'failed', 'loading', 'failed']);
  });

  test('a child that dies while it loads is reported with its last words', async (t) => {
    const { engine } = await setup(t, 'dies');
    await assert.rejects(engine.start(), { code: 'engine_failed', message: /ended with code 3 \| out of memory/ });
  });

  test('after a crash the next call starts a new child', async (t) => {
    const { engine, statuses } = await setup(t, 'crashes');
    const first = await engine.start();
    await until(() => engine.status().state === 'failed');
    const failed = engine.status();
    assert.ok(failed.state === 'failed' && failed.code === 'engine_crashed' && /was ended by SIGABRT/.test(failed.message));
    const second = await engine.start();
    assert.notEqual(second.baseURL, first.baseURL);
    assert.notEqual(second.key, first.key);
    assert.deepEqual(statesOf(statuses).slice(0, 5), ['loading', 'ready', 'failed', 'loading', 'ready']);
  });

  test('close ends the child, and start says so afterwards', async (t) => {
    const { engine } = await setup(t, 'ready');
    await engine.start();
    await engine.close();
    await engine.close();
    assert.deepEqual(engine.status(), { state: 'absent' });
    await assert.rejects(engine.start(), { code: 'engine_closed' });
  });

  test('close ends a start in progress', async (t) => {
    const { engine, statuses } = await setup(t, 'hangs');
    const started = engine.start();
    const rejected = assert.rejects(started, { code: 'engine_closed' });
    await until(() => statuses.length > 0);
    await engine.close();
    await rejected;
    assert.deepEqual(engine.status(), { state: 'absent' });
  });

  test('a listener hears nothing once it has left', async (t) => {
    const { engine } = await setup(t, 'ready');
    let heard = 0;
    const leave = engine.onStatus(() => (heard += 1));
    leave();
    await engine.start();
    assert.equal(heard, 0);
  });
});

suite('createLocalEngine, fetching', () => {
  const fast: LocalOptions = { modelFile: undefined, sha256: 'e'.repeat(64) };

  test('shows at most ten steps a second, the first and the last among them, and fails when nothing fits', async (t) => {
    const base = await serve(t, (_, response) => {
      response.writeHead(200, { 'content-length': 1_000_000 });
      for (let sent = 0; sent < 100; sent += 1) response.write(Buffer.alloc(10_000));
      response.end();
    });
    const cacheDir = await temporaryFolder(t);
    const { engine, statuses } = await setup(t, 'ready', { ...fast, cacheDir, modelURL: `${base}/m.gguf` });
    await assert.rejects(engine.start(), { code: 'model_unavailable', message: /came with SHA-256/ });
    const shown = statuses.filter((status) => status.state === 'downloading');
    assert.deepEqual(shown[0], { state: 'downloading', received: 0, total: 1_000_000 });
    assert.deepEqual(shown.at(-1), { state: 'downloading', received: 1_000_000, total: 1_000_000 });
    // The clock of this test stands still: of each of the two attempts only the ends are shown.
    assert.ok(shown.length <= 4, `${shown.length} steps`);
    assert.equal(engine.status().state, 'failed');
  });

  test('close ends a download', async (t) => {
    const base = await serve(t, (_, response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write('GGUF');
    });
    const cacheDir = await temporaryFolder(t);
    const { engine, statuses } = await setup(t, 'ready', { ...fast, cacheDir, modelURL: `${base}/m.gguf` });
    const rejected = assert.rejects(engine.start(), { code: 'engine_closed' });
    await until(() => statesOf(statuses).includes('downloading'));
    await engine.close();
    await rejected;
  });
});
