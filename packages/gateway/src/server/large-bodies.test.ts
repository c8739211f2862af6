import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { DialectName } from 'modelwire/internal/core/ir';
import { type MockServer, startMockServer } from '../../../../test/support/mock-server.ts';

/** Images of ten megabytes through a gateway whose heap is small: what a call held is let go of, however many come. */
const backs: readonly DialectName[] = ['openai-chat', 'anthropic-messages', 'gemini'];
const heapMb = 256;
/** With four calls of 10 MB under way at a time: the heap, and what sockets hold besides. */
const mostMb = 600;
let mock: MockServer;
let child: ChildProcess;
let folder: string;
let url: string;
let exit: Promise<unknown>;

before(async () => {
  mock = await startMockServer();
  folder = await mkdtemp(path.join(tmpdir(), 'modelwire-large-'));
  const providers = backs.map((dialect) => `  p-${dialect}: { speaks: [${dialect}], baseURL: "${mock.url}", key: none, models: [vision] }\n`);
  await writeFile(path.join(folder, 'modelwire.yaml'), `local: false\nstore: memory\nproviders:\n${providers.join('')}`);
  const main = fileURLToPath(new URL('../../../../scripts/modelwire.js', import.meta.url));
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, NODE_OPTIONS: `--max-old-space-size=${heapMb}` };
  const started = spawn(process.execPath, ['--conditions=modelwire-source', main, 'serve', '--port', '0'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child = started;
  exit = new Promise((resolve) => child.once('exit', resolve));
  url = await new Promise((resolve, reject) => {
    started.stdout.setEncoding('utf8').on('data', (text: string) => {
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0];
      if (found !== undefined) resolve(found);
    });
    void exit.then((code) => reject(new Error(`the gateway ended with ${String(code)}`)));
  });
});

after(async () => {
  child.kill('SIGKILL');
  await exit;
  await mock.close();
  await rm(folder, { recursive: true });
});

// The signature of a PNG, and ten megabytes of what looks like one.
const image = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(7_500_000, 'pixels')]).toString('base64');

const fronts: { readonly [name: string]: (model: string) => { readonly path: string; readonly body: object } } = {
  'openai-chat': (model) => ({
    path: '/v1/chat/completions',
    body: {
      model,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is it?' },
            { type: 'image_url', image_url: { url: `data:image/png;base64,${image}` } },
          ],
        },
      ],
    },
  }),
  'anthropic-messages': (model) => ({
    path: '/v1/messages',
    body: {
      model,
      max_tokens: 50,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is it?' },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: image } },
          ],
        },
      ],
    },
  }),
  gemini: (model) => ({
    path: `/v1beta/models/${model}:generateContent`,
    body: { contents: [{ role: 'user', parts: [{ text: 'What is it?' }, { inlineData: { mimeType: 'image/png', data: image } }] }] },
  }),
};

function peakMb(): number {
  return Number(/VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024;
}

const isLinux = process.platform === 'linux';

test('every pair passes four at a time, round after round', { timeout: 110_000 }, async () => {
  for (const [front, make] of Object.entries(fronts)) {
    for (const back of backs) {
      const { path: at, body } = make(`p-${back}/vision`);
      const text = JSON.stringify(body);
      const calls = Array.from({ length: 4 }, async () => {
        const response = await fetch(url + at, { method: 'POST', body: text });
        const answer = await response.text();
        assert.equal(response.status, 200, `${front} → ${back}: ${answer.slice(0, 500)}`);
        assert.match(answer, /image/);
      });
      await Promise.all(calls);
      if (isLinux) assert.ok(peakMb() < mostMb, `${front} → ${back}: ${Math.round(peakMb())} MB`);
    }
  }
});
