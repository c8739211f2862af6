import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import OpenAI from 'openai';
import { leastNode, nodeTooOld } from './node-version.ts';

const main = fileURLToPath(new URL('../../../../scripts/modelwire.js', import.meta.url));
const yaml = 'mock: true\nlocal: false\nstore: memory\nroutes: { fast: { targets: [mock/echo] } }\n';

type Started = {
  readonly child: ChildProcessWithoutNullStreams;
  readonly cwd: string;
  readonly ended: Promise<number | null>;
  read(stream: 'stdout' | 'stderr', until: RegExp): Promise<string>;
};

/** The command as a process of its own, in an empty folder. */
async function start(context: TestContext, argv: readonly string[], file = yaml): Promise<Started> {
  const cwd = await mkdtemp(path.join(tmpdir(), 'modelwire-process-'));
  await writeFile(path.join(cwd, 'modelwire.yaml'), file);
  const env = { PATH: process.env['PATH'] ?? '', HOME: cwd, MODELWIRE_DATA: cwd };
  const child = spawn(process.execPath, ['--conditions=modelwire-source', main, ...argv], { cwd, env });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const texts = { stdout: '', stderr: '' };
  const waiting = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text;
      for (const look of waiting) look();
    });
  }
  context.after(async () => {
    child.kill('SIGKILL');
    await ended;
    await rm(cwd, { recursive: true });
  });
  return {
    child,
    cwd,
    ended,
    read: (stream, until) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!until.test(texts[stream])) return;
          waiting.delete(look);
          resolve(texts[stream]);
        };
        waiting.add(look);
        void ended.then((code) => reject(new Error(`ended with ${code} before ${until}: ${texts.stdout}${texts.stderr}`)));
        look();
      }),
  };
}

const ask = (url: string, model: string): Promise<Response> =>
  fetch(`${url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hello' }] }) });

test('serve prints the boot text first, then one JSON line a call, reloads, and ends with 0 on SIGTERM', async (context) => {
  const { child, cwd, read, ended } = await start(context, ['serve', '--port', '0']);
  const boot = await read('stdout', /\n {2}try .*\n/);
  assert.match(boot, /^modelwire \d+\.\d+\.\d+ {2}ready in \d+ ms\n {2}api {6}http:\/\/127\.0\.0\.1:\d+\/v1/);
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(boot)?.[0] ?? '';
  assert.equal((await ask(url, 'fast')).status, 200);
  const line = JSON.parse((await read('stdout', /\n\{.*\}\n/)).split('\n').find((each) => each.startsWith('{')) ?? '');
  assert.deepEqual([line.asked, line.served, line.status], ['fast', 'mock/echo', 200]);
  await writeFile(path.join(cwd, 'modelwire.yaml'), `${yaml}rutes: {}\n`);
  assert.match(await read('stderr', /stays in force/), /error\[invalid_config\]: modelwire\.yaml:5:1 rutes: unknown key, did you mean "routes"\?/);
  assert.equal((await ask(url, 'fast')).status, 200);
  await writeFile(path.join(cwd, 'modelwire.yaml'), yaml.replace('fast', 'quick'));
  await read('stderr', /configuration reloaded: modelwire\.yaml, 1 route\n/);
  assert.deepEqual([(await ask(url, 'quick')).status, (await ask(url, 'fast')).status], [200, 404]);
  child.kill('SIGHUP');
  await read('stderr', /reloaded[^]*reloaded/);
  child.kill('SIGTERM');
  assert.equal(await ended, 0);
});

test('an answer in the background that a crash has lost is told as one that failed', async (context) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'modelwire-lost-'));
  context.after(() => rm(folder, { recursive: true }));
  const file = `${yaml}conversations: { file: ${JSON.stringify(path.join(folder, 'kept.sqlite'))} }\n`;
  const serve = async (): Promise<Started & { readonly client: OpenAI }> => {
    const started = await start(context, ['serve', '--port', '0'], file);
    const url = /http:\/\/127\.0\.0\.1:\d+\/v1/.exec(await started.read('stdout', /\n {2}try .*\n/))?.[0] ?? '';
    return { ...started, client: new OpenAI({ baseURL: url, apiKey: 'any', maxRetries: 0 }) };
  };
  const first = await serve();
  const { id } = await first.client.responses.create({ model: 'mock/text-500+drip-50', input: 'a long story', background: true });
  const { id: whole } = await first.client.responses.create({ model: 'mock/echo', input: 'a short one' });
  assert.match((await first.client.responses.retrieve(id)).status ?? '', /queued|in_progress/);
  first.child.kill('SIGKILL');
  await first.ended;
  const { client } = await serve();
  const lost = await client.responses.retrieve(id);
  assert.equal(lost.status, 'failed');
  assert.deepEqual([lost.error?.code, /started again/.test(lost.error?.message ?? '')], ['server_error', true]);
  assert.equal((await client.responses.cancel(id)).status, 'failed');
  const [item] = (await client.responses.inputItems.list(id)).data;
  assert.equal(item?.type, 'message');
  await assert.rejects(client.responses.create({ model: 'mock/echo', previous_response_id: id, input: 'x' }), /is failed/);
  assert.equal((await client.responses.retrieve(whole)).output_text, 'a short one');
  await client.responses.delete(id);
  await assert.rejects(client.responses.retrieve(id), { status: 404 });
});

test('serve ends with 130 on SIGINT', async (context) => {
  const { child, read, ended } = await start(context, ['--port', '0']);
  await read('stdout', /\n {2}try /);
  child.kill('SIGINT');
  assert.equal(await ended, 130);
});

test('a taken port that was chosen is an error', async (context) => {
  const first = await start(context, ['serve', '--port', '0']);
  const port = /:(\d+)\/v1/.exec(await first.read('stdout', /\n {2}try /))?.[1] ?? '';
  const second = await start(context, ['serve', '--port', port]);
  assert.equal(await second.ended, 1);
  await assert.rejects(second.read('stderr', /never/), new RegExp(`error\\[port_taken\\]: port ${port} of 127\\.0\\.0\\.1 is taken \\(chosen by --port\\)`));
});

for (const argv of [['models'], ['ask', '-m', 'fast', 'hi'], ['ask', '--json', '-m', 'fast', 'hi']]) {
  test(`a full disk is a failure: ${argv.join(' ')}`, async (context) => {
    // Other systems have no such device.
    if (process.platform !== 'linux') return;
    const cwd = await mkdtemp(path.join(tmpdir(), 'modelwire-full-'));
    await writeFile(path.join(cwd, 'modelwire.yaml'), yaml);
    const full = await open('/dev/full', 'w');
    context.after(async () => {
      await full.close();
      await rm(cwd, { recursive: true });
    });
    const env = { PATH: process.env['PATH'] ?? '', HOME: cwd, MODELWIRE_DATA: cwd };
    const child = spawn(process.execPath, ['--conditions=modelwire-source', main, ...argv], { cwd, env, stdio: ['ignore', full.fd, 'pipe'] });
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
    const [code] = await once(child, 'close');
    assert.match(said, /^error\[failed\]: the output could not be written: .*ENOSPC.*\n$/);
    assert.equal(code, 1);
  });
}

test('a reader that leaves early is no failure', async (context) => {
  const { child, ended } = await start(context, ['help', 'errors']);
  child.stdout.destroy();
  assert.equal(await ended, 0);
});

test('bin/modelwire.js asks for the same Node as the code, in words that an old one can read', () => {
  const text = readFileSync(new URL('../../bin/modelwire.js', import.meta.url), 'utf8');
  assert.ok(text.includes(`var least = [${leastNode.join(', ')}];`));
  assert.ok(readFileSync(main, 'utf8').includes(`needs Node ${leastNode.join('.')} or newer`));
  assert.doesNotMatch(text.replace(/^\/\/.*$/gm, ''), /\b(?:const|let|await)\b|=>|`|\?\./);
  assert.equal(nodeTooOld('v22.19.0'), undefined);
  assert.equal(nodeTooOld('v24.0.0'), undefined);
  for (const old of ['v22.18.9', 'v20.20.2', 'v8.0.0']) assert.match(nodeTooOld(old) ?? '', /needs Node 22\.19 or newer; this is v/);
});
