import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';

/** The gateway as `npm start` runs it, and the real embedded model behind it. Fails when the model cannot be had: nothing is skipped. */
const root = new URL('../..', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'modelwire-e2e-'));
const keyless = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/_API_KEY$|_BASE_URL$|^MODELWIRE_(?:CONFIG|URL|KEY)$/.test(name)));
let gateway: ChildProcess;
let url = '';
let boot = '';

before(async () => {
  gateway = spawn('node', ['--conditions=modelwire-source', join(root, 'scripts/modelwire.js'), 'serve', '--port', '0'], {
    cwd: folder,
    env: { ...keyless, MODELWIRE_DATA: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  url = await new Promise<string>((resolve, reject) => {
    gateway.stdout?.on('data', (text) => {
      boot += String(text);
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(boot)?.[0];
      if (found !== undefined) resolve(found);
    });
    gateway.on('exit', (code) => reject(new Error(`the gateway ended with code ${code}: ${boot}`)));
  });
});

after(async () => {
  const ended = new Promise((resolve) => gateway.once('exit', resolve));
  gateway.kill('SIGTERM');
  await ended;
  rmSync(folder, { recursive: true, force: true });
});

const question = [{ role: 'user' as const, content: 'What is the capital of France?' }];

test('OpenAI format, whole: a true answer with true counts', { timeout: 300_000 }, async () => {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'any' });
  const completion = await client.chat.completions.create({ model: 'auto', messages: question });
  assert.match(completion.choices[0]?.message.content ?? '', /Paris/);
  assert.equal(completion.choices[0]?.finish_reason, 'stop');
  assert.ok((completion.usage?.prompt_tokens ?? 0) > 5 && (completion.usage?.completion_tokens ?? 0) > 2);
});

test('OpenAI format, streaming: the same words, in pieces', { timeout: 60_000 }, async () => {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'any' });
  let text = '';
  let chunks = 0;
  let tokens = 0;
  for await (const chunk of await client.chat.completions.create({
    model: 'local',
    messages: question,
    stream: true,
    stream_options: { include_usage: true },
  })) {
    text += chunk.choices[0]?.delta.content ?? '';
    chunks++;
    tokens = chunk.usage?.completion_tokens ?? tokens;
  }
  assert.match(text, /Paris/);
  assert.ok(chunks > 4 && tokens > 2);
});

test('Anthropic format, whole and streaming, and its token count', { timeout: 60_000 }, async () => {
  const client = new Anthropic({ baseURL: url, apiKey: 'any' });
  const message = await client.messages.create({ model: 'auto', max_tokens: 60, messages: question });
  const block = message.content[0];
  assert.ok(block?.type === 'text');
  assert.match(block.text, /Paris/);
  const streamed = await client.messages.stream({ model: 'auto', max_tokens: 60, messages: question }).finalMessage();
  assert.deepEqual(streamed.content, message.content);
  assert.equal(streamed.stop_reason, 'end_turn');
  const { input_tokens } = await client.messages.countTokens({ model: 'auto', messages: question });
  assert.equal(input_tokens, message.usage.input_tokens + (message.usage.cache_read_input_tokens ?? 0));
});

test('a forced tool call, in either format, comes with legal arguments', { timeout: 120_000 }, async () => {
  const parameters = { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] };
  const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'any' });
  const completion = await openai.chat.completions.create({
    model: 'auto',
    messages: [{ role: 'user', content: 'Weather in Paris?' }],
    tools: [{ type: 'function', function: { name: 'weather', parameters } }],
    tool_choice: 'required',
  });
  const call = completion.choices[0]?.message.tool_calls?.[0];
  assert.ok(call?.type === 'function' && call.function.name === 'weather');
  assert.equal(typeof (JSON.parse(call.function.arguments) as { city: unknown }).city, 'string');
  const anthropic = new Anthropic({ baseURL: url, apiKey: 'any' });
  const message = await anthropic.messages.create({
    model: 'auto',
    max_tokens: 100,
    messages: [{ role: 'user', content: 'Weather in Paris?' }],
    tools: [{ name: 'weather', input_schema: parameters }],
    tool_choice: { type: 'tool', name: 'weather' },
  });
  assert.equal(message.stop_reason, 'tool_use');
  assert.ok(message.content.some((block) => block.type === 'tool_use' && typeof (block.input as { city: unknown }).city === 'string'));
});

test('what the model cannot do is refused by name, and another name is never answered by it', { timeout: 60_000 }, async () => {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'any', maxRetries: 0 });
  await assert.rejects(
    client.chat.completions.create({
      model: 'auto',
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }] }],
    }),
    (error: unknown) => error instanceof OpenAI.BadRequestError && /content/.test(error.message),
  );
  await assert.rejects(
    client.chat.completions.create({ model: 'gpt-4', messages: question }),
    (error: unknown) => error instanceof OpenAI.NotFoundError && /OPENAI_API_KEY/.test(error.message),
  );
});

test('the boot text is short and says what is served', () => {
  const lines = boot.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
  assert.ok(lines.length <= 8, boot);
  assert.match(boot, /openai[\s\S]*anthropic[\s\S]*local/i);
});
