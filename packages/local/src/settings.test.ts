import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { suite, test } from 'node:test';
import { defaultModel } from './models.ts';
import { cacheDirectory, defaultThreads, resolveSettings } from './settings.ts';
import { temporaryFolder } from '../testing/workspace.ts';

const sha256 = 'ab'.repeat(32);

suite('cacheDirectory', () => {
  const home = path.join(path.sep, 'home', 'me');
  const cases = [
    ['linux', {}, path.join(home, '.cache', 'modelwire')],
    ['linux', { XDG_CACHE_HOME: '/x' }, path.join('/x', 'modelwire')],
    ['darwin', {}, path.join(home, 'Library', 'Caches', 'modelwire')],
    ['win32', {}, path.join(home, 'AppData', 'Local', 'modelwire', 'Cache')],
    ['win32', { LOCALAPPDATA: '/l' }, path.join('/l', 'modelwire', 'Cache')],
    ['linux', { MODELWIRE_CACHE_DIR: '/m', XDG_CACHE_HOME: '/x' }, path.resolve('/m')],
    ['linux', { MODELWIRE_CACHE_DIR: ' ' }, path.join(home, '.cache', 'modelwire')],
  ] as const;
  for (const [platform, env, expected] of cases) {
    test(`${platform} ${JSON.stringify(env)}`, () => assert.equal(cacheDirectory(env, platform, home), expected));
  }
});

suite('resolveSettings', () => {
  test('defaults: the default model in the cache, bounded by the context', () => {
    const { plan, contextSize, slots } = resolveSettings({ env: {}, cacheDir: '/c' });
    assert.equal(plan.kind, 'cached');
    assert.equal(plan.path, path.join('/c', 'models', defaultModel.file));
    assert.deepEqual([contextSize, slots, plan.model.contextLength, plan.model.id], [4096, 2, 4096, 'smollm2-135m-instruct']);
  });

  test('options win over the environment', () => {
    const env = { MODELWIRE_LOCAL_CONTEXT: '1024', MODELWIRE_LOCAL_THREADS: '3', MODELWIRE_LOCAL_SLOTS: '5' };
    const settings = resolveSettings({ env, contextSize: 2048 });
    assert.deepEqual([settings.contextSize, settings.threads, settings.slots], [2048, 3, 5]);
  });

  test('a file of the person is its own model', async (t) => {
    const file = path.join(await temporaryFolder(t), 'Qwen3 0.6B-Q4_K_M.gguf');
    await writeFile(file, 'GGUF');
    const { plan } = resolveSettings({ env: { MODELWIRE_LOCAL_MODEL_FILE: file }, contextSize: 3000 });
    assert.equal(plan.kind, 'file');
    const { id, bytes, sha256: sum, contextLength, licence, prompt } = plan.model;
    assert.deepEqual([id, bytes, sum, contextLength, licence, prompt], ['qwen3-0.6b-q4_k_m', 4, '', 3000, 'unknown', undefined]);
  });

  test('a URL without a checksum is a mirror of the default model', () => {
    const { model } = resolveSettings({ env: { MODELWIRE_LOCAL_MODEL_URL: 'https://mirror.test/m.gguf' } }).plan;
    assert.equal(model.id, defaultModel.id);
    assert.deepEqual(model.sources, [{ kind: 'url', url: 'https://mirror.test/m.gguf' }, ...defaultModel.sources]);
  });

  test('a URL with another checksum is another model, with one source', () => {
    const { model, path: file } = resolveSettings({ env: {}, modelURL: 'https://mirror.test/a/My%20Model.gguf?sig=1', sha256 }).plan;
    assert.equal(model.id, 'my_model');
    assert.equal(path.basename(file), `${sha256.slice(0, 12)}-My_Model.gguf`);
    assert.equal(model.sources.length, 1);
  });

  test('what cannot be meant is refused with the name of the variable', () => {
    const refused = (env: Readonly<Record<string, string>>, message: RegExp) =>
      assert.throws(
        () => resolveSettings({ env }),
        (error: Error) => 'code' in error && error.code === 'invalid_option' && message.test(error.message),
      );
    refused({ MODELWIRE_LOCAL_THREADS: 'many' }, /MODELWIRE_LOCAL_THREADS=many is not a whole number of at least 1/);
    refused({ MODELWIRE_LOCAL_CONTEXT: '16' }, /at least 256/);
    refused({ MODELWIRE_LOCAL_MODEL_URL: 'ftp://x/y' }, /not an http or https URL/);
    refused({ MODELWIRE_LOCAL_MODEL_SHA256: 'abc' }, /64 hexadecimal digits/);
  });

  test('threads', () => assert.deepEqual([1, 2, 3, 4, 8, 16].map(defaultThreads), [1, 1, 1, 2, 4, 8]));
});
