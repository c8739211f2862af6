import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import { startScriptedServer } from '../../../../test/support/scripted-server.ts';
import { startMockServer } from '../../../../test/support/mock-server.ts';
import { testConfig, testProvider } from '../../../../test/support/test-config.ts';
import { startGateway } from './gateway.ts';

/** A real caller, a real web server with the image, a provider that takes data only. */
test('an image by its address reaches a model of Ollama where the configuration allows its host, and is refused by name elsewhere', async (context) => {
  const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
  const web = await startScriptedServer((response) => response.writeHead(200, { 'content-type': 'image/png' }).end(png));
  const mock = await startMockServer();
  const config = testConfig([testProvider('o', mock.url, ['ollama'])]);
  const gateway = await startGateway({ config, version: 'test', env: {} });
  context.after(async () => {
    await gateway.close({ graceMs: 0 });
    await Promise.all([web.close(), mock.close()]);
  });
  const openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'none', maxRetries: 0 });
  const ask = () =>
    openai.chat.completions
      .create({
        model: 'o/echo',
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'What is this?' },
              { type: 'image_url', image_url: { url: `${web.url}/dot.png` } },
            ],
          },
        ],
      })
      .withResponse();

  await assert.rejects(ask(), (error) => error instanceof OpenAI.BadRequestError && error.code === 'unsupported_parameter' && /media/.test(error.message));
  gateway.apply({ ...config, media: { fetch: 'public', size: 1000 } });
  await assert.rejects(ask(), (error) => error instanceof OpenAI.BadRequestError && /not on the public internet|names a port/.test(error.message));
  assert.equal(mock.seen.length, 0);

  gateway.apply({ ...config, media: { fetch: ['127.0.0.1'], size: 1000 } });
  const { response } = await ask();
  assert.match(response.headers.get('modelwire-notes') ?? '', /emulated/);
  assert.equal(web.received.length, 1);
  assert.ok(mock.seen[0]?.body.includes(png.toString('base64')), mock.seen[0]?.body);
});
