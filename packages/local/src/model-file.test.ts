import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import type { RequestListener, ServerResponse } from 'node:http';
import path from 'node:path';
import { suite, test } from 'node:test';
import type { TestContext } from 'node:test';
import { LocalError } from './local-error.ts';
import { resolveModelFile } from './model-file.ts';
import type { ModelFileContext } from './model-file.ts';
import { defaultModel } from './models.ts';
import type { ModelSource } from './models.ts';
import type { ModelPlan } from './settings.ts';
import { buildZip } from '../testing/zip.ts';
import { serve, temporaryFolder } from '../testing/workspace.ts';

const data = Buffer.concat([Buffer.from('GGUF'), randomBytes(300_000)]);
const sha256 = createHash('sha256').update(data).digest('hex');
const python = { kind: 'python-package', name: 'some-model', version: '1', member: 'm.gguf', bytes: 10 } as const;

function planOf(folder: string, sources: readonly ModelSource[]): ModelPlan {
  return { kind: 'cached', model: { ...defaultModel, bytes: data.length, sha256, sources }, path: path.join(folder, 'models', 'm.gguf') };
}

function contextOf(more: Partial<ModelFileContext> = {}) {
  const progress: (readonly [number, number])[] = [];
  const context: ModelFileContext = {
    fetch,
    run: () => Promise.reject(Object.assign(new Error('spawn ENOENT'), { code: 'ENOENT' })),
    env: {},
    signal: new AbortController().signal,
    onProgress: (received, total) => progress.push([received, total]),
    ...more,
  };
  return { context, progress };
}

/** A server that answers the nth request with the nth listener, and the last one from then on. */
async function serveInTurn(t: TestContext, ...listeners: readonly ((response: ServerResponse) => void)[]) {
  let count = 0;
  const listener: RequestListener = (_, response) => {
    listeners[Math.min(count, listeners.length - 1)]?.(response);
    count += 1;
  };
  const base = await serve(t, listener);
  return { url: `${base}/m.gguf?token=secret`, count: () => count };
}

const good = (response: ServerResponse) => void response.writeHead(200, { 'content-length': data.length }).end(data);
const wrong = (response: ServerResponse) => void response.end(Buffer.concat([Buffer.from('GGUF'), randomBytes(20)]));

async function onlyTheModel(plan: ModelPlan): Promise<void> {
  assert.deepEqual((await readdir(path.dirname(plan.path))).toSorted(), ['m.gguf', 'm.gguf.ok']);
  assert.ok((await readFile(plan.path)).equals(data));
}

suite('resolveModelFile, fetching', () => {
  test('from a URL, with progress; the second time from the cache', async (t) => {
    const server = await serveInTurn(t, good);
    const plan = planOf(await temporaryFolder(t), [{ kind: 'url', url: server.url }]);
    const { context, progress } = contextOf();
    assert.equal(await resolveModelFile(plan, context), plan.path);
    await onlyTheModel(plan);
    assert.deepEqual(progress[0], [0, data.length]);
    assert.deepEqual(progress.at(-1), [data.length, data.length]);
    await resolveModelFile(plan, context);
    assert.equal(server.count(), 1);
  });

  test('asks once more for bytes that are wrong', async (t) => {
    const server = await serveInTurn(t, wrong, good);
    const plan = planOf(await temporaryFolder(t), [{ kind: 'url', url: server.url }]);
    await resolveModelFile(plan, contextOf().context);
    await onlyTheModel(plan);
    assert.equal(server.count(), 2);
  });

  test('two at the same time leave one whole file', async (t) => {
    const server = await serveInTurn(t, good);
    const plan = planOf(await temporaryFolder(t), [{ kind: 'url', url: server.url }]);
    await Promise.all([resolveModelFile(plan, contextOf().context), resolveModelFile(plan, contextOf().context)]);
    await onlyTheModel(plan);
  });

  test('goes on to the next source, and unpacks a wheel', async (t) => {
    const server = await serveInTurn(t, (response) => void response.writeHead(404).end('no'));
    const run: ModelFileContext['run'] = async (command) => {
      const folder = command.find((each) => each.startsWith('--dest='))?.slice(7) ?? '';
      await writeFile(path.join(folder, 'w.whl'), buildZip([{ name: 'm.gguf', data }]));
      return { code: 0, output: '' };
    };
    const plan = planOf(await temporaryFolder(t), [{ kind: 'url', url: server.url }, python]);
    await resolveModelFile(plan, contextOf({ run }).context);
    await onlyTheModel(plan);
    assert.equal(server.count(), 1);
  });

  test('leaves nothing behind and says what was tried, why it failed and what to do', async (t) => {
    const cut = (response: ServerResponse) => {
      response.writeHead(200, { 'content-length': data.length });
      response.write(data.subarray(0, 1000), () => response.destroy());
    };
    const missing = await serveInTurn(t, (response) => void response.writeHead(404).end());
    const truncated = await serveInTurn(t, cut);
    const mixed = await serveInTurn(t, wrong);
    const large = await serveInTurn(t, (response) => void response.end(Buffer.concat([data, data])));
    const urls = [missing, truncated, mixed, large].map(({ url }) => ({ kind: 'url', url }) as const);
    const folder = await temporaryFolder(t);
    const plan = planOf(folder, [...urls, { kind: 'url', url: 'http://127.0.0.1:1/x' }, python]);
    const error = await resolveModelFile(plan, contextOf().context).then(assert.fail, (thrown: unknown) => thrown);
    assert.ok(error instanceof LocalError);
    assert.equal(error.code, 'model_unavailable');
    const bare = (url: string) => url.replace('?token=secret', '');
    for (const part of [
      `(1) ${plan.path}: absent; (2) ${bare(missing.url)}: HTTP 404; (3) ${bare(truncated.url)}: `,
      `; (4) ${bare(mixed.url)}: came with SHA-256 `,
      `; (5) ${bare(mixed.url)}: came with SHA-256 `,
      `; (6) ${bare(large.url)}: more than the expected ${data.length} bytes`,
      '(7) http://127.0.0.1:1/x: fetch failed (',
      '(8) Python package some-model 1: none of python3, python, py, pip3, pip, uvx is installed',
    ]) {
      assert.ok(error.message.includes(part), `${part} is not in ${error.message}`);
    }
    assert.ok(!error.message.includes('secret'));
    assert.match(error.hint, /MODELWIRE_LOCAL_MODEL_FILE.*MODELWIRE_LOCAL_MODEL_URL.*python3 with pip.*provider with a key/);
    assert.deepEqual(await readdir(path.join(folder, 'models')), []);
  });

  test('ends when aborted, and leaves nothing behind', async (t) => {
    const controller = new AbortController();
    const folder = await temporaryFolder(t);
    const server = await serveInTurn(t, (response) => {
      response.writeHead(200, { 'content-length': data.length });
      response.write(data.subarray(0, 1000), () => controller.abort(new Error('closed')));
    });
    const { context } = contextOf({ signal: controller.signal });
    await assert.rejects(resolveModelFile(planOf(folder, [{ kind: 'url', url: server.url }, python]), context), { message: 'closed' });
    assert.deepEqual(await readdir(path.join(folder, 'models')), []);
  });

  test('sweeps what a killed process left a day ago, not what another is doing now', async (t) => {
    const server = await serveInTurn(t, good);
    const folder = await temporaryFolder(t);
    const [old, fresh] = ['.fetching-1-old', '.fetching-2-new'].map((name) => path.join(folder, 'models', name));
    assert.ok(old !== undefined && fresh !== undefined);
    await mkdir(old, { recursive: true });
    await mkdir(fresh);
    const before = new Date(Date.now() - 2 * 24 * 3600 * 1000);
    await utimes(old, before, before);
    await resolveModelFile(planOf(folder, [{ kind: 'url', url: server.url }]), contextOf().context);
    assert.deepEqual((await readdir(path.join(folder, 'models'))).toSorted(), ['.fetching-2-new', 'm.gguf', 'm.gguf.ok']);
  });
});

suite('resolveModelFile, the cache', () => {
  async function cached(t: TestContext, content: Buffer) {
    const server = await serveInTurn(t, good);
    const plan = planOf(await temporaryFolder(t), [{ kind: 'url', url: server.url }]);
    await mkdir(path.dirname(plan.path));
    await writeFile(plan.path, content);
    return { server, plan };
  }

  test('a file without a marker is hashed once and marked', async (t) => {
    const { server, plan } = await cached(t, data);
    await resolveModelFile(plan, contextOf().context);
    assert.equal(server.count(), 0);
    await onlyTheModel(plan);
  });

  test('a damaged file is fetched again', async (t) => {
    const { server, plan } = await cached(t, Buffer.from('GGUF'));
    await resolveModelFile(plan, contextOf().context);
    assert.equal(server.count(), 1);
    await onlyTheModel(plan);
  });

  test('a file that changed after it was marked is hashed again', async (t) => {
    const { server, plan } = await cached(t, data);
    await resolveModelFile(plan, contextOf().context);
    await writeFile(plan.path, Buffer.alloc(data.length));
    const later = new Date(Date.now() + 5000);
    await utimes(plan.path, later, later);
    await resolveModelFile(plan, contextOf().context);
    assert.equal(server.count(), 1);
    await onlyTheModel(plan);
  });

  test('a marked file is not read again', async (t) => {
    const { server, plan } = await cached(t, data);
    const written = new Date(1_700_000_000_000);
    await utimes(plan.path, written, written);
    await resolveModelFile(plan, contextOf().context);
    await writeFile(plan.path, Buffer.alloc(data.length));
    await utimes(plan.path, written, written);
    await resolveModelFile(plan, contextOf().context);
    assert.equal(server.count(), 0);
  });
});

suite('resolveModelFile, a file of the person', () => {
  async function named(t: TestContext, content: Buffer | undefined, sum = '') {
    const file = path.join(await temporaryFolder(t), 'mine.gguf');
    if (content !== undefined) await writeFile(file, content);
    return resolveModelFile({ kind: 'file', model: { ...defaultModel, sha256: sum }, path: file }, contextOf().context);
  }

  test('is taken as it is, or held to the checksum that came with it', async (t) => {
    assert.match(await named(t, data), /mine\.gguf$/);
    assert.match(await named(t, data, sha256), /mine\.gguf$/);
  });

  test('is never replaced by a fetched one', async (t) => {
    const refused = (message: RegExp) => (error: unknown) => error instanceof LocalError && error.code === 'model_unavailable' && message.test(error.message);
    await assert.rejects(named(t, undefined), refused(/mine\.gguf cannot be used: ENOENT/));
    await assert.rejects(named(t, Buffer.from('PK')), refused(/it is not a GGUF file/));
    await assert.rejects(named(t, data, 'f'.repeat(64)), refused(/its SHA-256 is/));
  });
});
