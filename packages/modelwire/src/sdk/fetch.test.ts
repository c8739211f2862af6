import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import AnthropicOfficial from '@anthropic-ai/sdk';
import OpenAIOfficial from 'openai';
import { all } from '../../../../test/support/all.ts';
import {
  anthropicWire,
  handWritten,
  json,
  mute,
  named,
  openaiWire,
  type Script,
  type ScriptedServer,
  silent,
  sse,
  startScriptedServer,
  stream,
} from '../../../../test/support/scripted-server.ts';
import { createFetch, type Fetch, type FetchConfig } from './fetch.ts';
import { version } from './version.ts';

const servers: ScriptedServer[] = [];
after(() => Promise.all(servers.map((server) => server.close())));

async function serve(...scripts: readonly Script[]): Promise<ScriptedServer> {
  const server = await startScriptedServer(...scripts);
  servers.push(server);
  return server;
}

type Dialect = 'openai-chat' | 'anthropic-messages';

function fetchTo(server: ScriptedServer, dialect: Dialect, more: FetchConfig = {}): Fetch {
  return createFetch({ env: {}, config: { ...more, providers: { lab: { speaks: [dialect], baseURL: server.url, key: 'lab-key' }, ...more.providers } } });
}

const openaiBody = { model: 'lab/m', messages: [{ role: 'user' as const, content: 'Hi' }] };
const anthropicBody = { ...openaiBody, max_tokens: 50 };
const { chunk, completion } = openaiWire;
const { message, start, open, text, close, finish, stop } = anthropicWire;
const openaiStream = sse(chunk({ role: 'assistant', content: '' }), chunk({ content: 'Hel' }), chunk({ content: 'lo' }), chunk({}, 'stop'), '[DONE]');
const anthropicStream = named(start, open, text('Hel'), text('lo'), close, finish, stop);

function post(fetch: Fetch, body: object, init: RequestInit = {}): Promise<Response> {
  return fetch('https://anywhere.invalid/v1/chat/completions', { method: 'POST', body: JSON.stringify(body), ...init });
}

describe('the official openai package', () => {
  test('reaches a server of its own format and of the other, whole', async () => {
    for (const [dialect, answer] of [
      ['openai-chat', completion],
      ['anthropic-messages', message],
    ] as const) {
      const server = await serve(json(answer));
      const client = new OpenAIOfficial({ apiKey: 'any', fetch: fetchTo(server, dialect) });
      const made = await client.chat.completions.create(openaiBody);
      assert.equal(made.choices[0]?.message.content, 'Hello');
      assert.ok(made._request_id?.startsWith('req_'));
      assert.equal(
        server.received[0]?.headers[dialect === 'openai-chat' ? 'authorization' : 'x-api-key'],
        dialect === 'openai-chat' ? 'Bearer lab-key' : 'lab-key',
      );
      assert.equal(JSON.parse(server.received[0]?.body ?? '').model, 'm');
    }
  });

  test('streams from both', async () => {
    for (const [dialect, answer] of [
      ['openai-chat', openaiStream],
      ['anthropic-messages', anthropicStream],
    ] as const) {
      const client = new OpenAIOfficial({ apiKey: 'any', fetch: fetchTo(await serve(stream(answer)), dialect) });
      const chunks = await all(await client.chat.completions.create({ ...openaiBody, stream: true }));
      assert.equal(chunks.map((each) => each.choices[0]?.delta.content ?? '').join(''), 'Hello');
      assert.equal(chunks.at(-1)?.choices[0]?.finish_reason, 'stop');
    }
  });

  test('gets errors as its own classes, and lists the models', async () => {
    const server = await serve(json(openaiWire.error('No'), { status: 400 }));
    const client = new OpenAIOfficial({ apiKey: 'any', fetch: fetchTo(server, 'openai-chat', { routes: { fast: { targets: ['lab/m'] } } }) });
    await assert.rejects(client.chat.completions.create(openaiBody), OpenAIOfficial.BadRequestError);
    await assert.rejects(client.chat.completions.create({ ...openaiBody, model: 'nobody/x' }), OpenAIOfficial.NotFoundError);
    assert.ok((await all(client.models.list())).some((model) => model.id === 'fast'));
    assert.equal(server.received.length, 1);
  });

  test('closes the connection when its stream is left', async () => {
    const server = await serve(silent(sse(chunk({ content: 'Hel' }))));
    const client = new OpenAIOfficial({ apiKey: 'any', fetch: fetchTo(server, 'openai-chat') });
    for await (const event of await client.chat.completions.create({ ...openaiBody, stream: true })) if (event) break;
    await server.received[0]?.left;
  });
});

describe('the official @anthropic-ai/sdk package', () => {
  test('reaches a server of its own format and of the other, whole', async () => {
    for (const [dialect, answer] of [
      ['anthropic-messages', message],
      ['openai-chat', completion],
    ] as const) {
      const client = new AnthropicOfficial({ apiKey: 'any', fetch: fetchTo(await serve(json(answer)), dialect) });
      const made = await client.messages.create(anthropicBody);
      assert.equal(made.content[0]?.type === 'text' ? made.content[0].text : '', 'Hello');
      assert.equal(made.stop_reason, 'end_turn');
    }
  });

  test('streams from both', async () => {
    for (const [dialect, answer] of [
      ['anthropic-messages', anthropicStream],
      ['openai-chat', openaiStream],
    ] as const) {
      const client = new AnthropicOfficial({ apiKey: 'any', fetch: fetchTo(await serve(stream(answer)), dialect) });
      const made = await client.messages.stream(anthropicBody).finalMessage();
      assert.equal(made.content[0]?.type === 'text' ? made.content[0].text : '', 'Hello');
    }
  });

  test('counts tokens by estimate where the server cannot', async () => {
    const client = new AnthropicOfficial({ apiKey: 'any', fetch: fetchTo(await serve(mute), 'openai-chat') });
    assert.ok((await client.messages.countTokens({ model: 'lab/m', messages: openaiBody.messages })).input_tokens > 0);
  });
});

describe('the fetch itself', () => {
  test('routes by path whatever the host, with or without a version', async () => {
    const fetch = fetchTo(await serve(json(completion)), 'openai-chat');
    for (const url of ['https://api.openai.com/v1/chat/completions', 'http://x.invalid/chat/completions/', '/v1/v1/chat/completions']) {
      const response = await fetch(url, { method: 'POST', body: JSON.stringify(openaiBody) });
      assert.equal(response.status, 200);
      assert.equal(response.headers.get('modelwire-model'), 'lab/m');
    }
    assert.equal((await fetch('https://x.invalid/v1/embeddings', { method: 'POST', body: '{}' })).status, 400);
    assert.equal((await fetch('https://x.invalid/v1/nothing', { method: 'POST', body: '{}' })).status, 404);
    assert.equal((await fetch('https://x.invalid/v1/models')).status, 200);
  });

  test('takes a Request, and any body', async () => {
    const server = await serve(json(completion));
    const fetch = fetchTo(server, 'openai-chat');
    const request = new Request('https://x.invalid/v1/chat/completions', { method: 'POST', body: JSON.stringify(openaiBody) });
    assert.equal((await fetch(request)).status, 200);
    const bytes = new TextEncoder().encode(JSON.stringify(openaiBody));
    assert.equal((await post(fetch, openaiBody, { body: new Blob([bytes]) })).status, 200);
    assert.deepEqual(
      server.received.map((each) => JSON.parse(each.body).model),
      ['m', 'm'],
    );
  });

  test('follows a route to its first target that can answer', async () => {
    const server = await serve(json(completion));
    const fetch = fetchTo(server, 'openai-chat', {
      routes: { 'claude-*': { targets: ['nokey/x', { model: 'lab/*' }] } },
      providers: { nokey: { baseURL: server.url, key: '' } },
    });
    const response = await post(fetch, { ...openaiBody, model: 'claude-anything' });
    assert.equal(response.status, 200);
    assert.equal(JSON.parse(server.received[0]?.body ?? '').model, 'claude-anything');
  });

  test('finds keys in the environment it is given', async () => {
    const asked: string[] = [];
    const fetch = createFetch({
      env: { DEEPSEEK_API_KEY: 'sk-d' },
      fetch: (url, init) => {
        asked.push(`${url} ${new Headers(init.headers).get('authorization')}`);
        return Promise.resolve(Response.json(completion));
      },
    });
    assert.equal((await post(fetch, { ...openaiBody, model: 'deepseek/deepseek-chat' })).status, 200);
    assert.match(asked[0] ?? '', /^https:\/\/api\.deepseek\.com\/.* Bearer sk-d$/);
    const refused = await post(fetch, { ...openaiBody, model: 'anthropic/claude-sonnet-5' });
    assert.equal(refused.status, 404);
    assert.match(await refused.text(), /ANTHROPIC_API_KEY/);
  });

  test('obeys its signal before, during and in the body', async () => {
    const fetch = fetchTo(await serve(mute, silent(sse(chunk({ content: 'Hel' })))), 'openai-chat');
    await assert.rejects(post(fetch, openaiBody, { signal: AbortSignal.abort() }), { name: 'AbortError' });
    const during = new AbortController();
    const pending = post(fetch, openaiBody, { signal: during.signal });
    setTimeout(() => during.abort(), 20);
    await assert.rejects(pending, { name: 'AbortError' });
    const inBody = new AbortController();
    const response = await post(fetch, { ...openaiBody, stream: true }, { signal: inBody.signal });
    const reader = response.body?.getReader();
    await reader?.read();
    inBody.abort();
    await assert.rejects(async () => await reader?.read(), { name: 'AbortError' });
    await servers.at(-1)?.received[1]?.left;
  });

  test('a cancelled body closes the connection', async () => {
    const server = await serve(silent(sse(chunk({ content: 'Hel' }))));
    const response = await post(fetchTo(server, 'openai-chat'), { ...openaiBody, stream: true });
    await response.body?.cancel();
    await server.received[0]?.left;
  });

  test('a slow reader holds the provider back', async () => {
    const line = sse(chunk({ content: 'x'.repeat(64 * 1024) }));
    let written = 0;
    const server = await serve((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const more = (): void => {
        while (written < 400) {
          written++;
          if (!response.write(line)) return;
        }
        response.end(sse(chunk({}, 'stop'), '[DONE]'));
      };
      response.on('drain', more);
      more();
    });
    const response = await post(fetchTo(server, 'openai-chat'), { ...openaiBody, stream: true });
    const reader = response.body?.getReader();
    await reader?.read();
    // Until the pipe between the two is full, nothing holds the server: sockets and buffers take some of it, far from all of it.
    for (let before = -1; before !== written;) {
      before = written;
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    assert.ok(written < 300, `${written} of 400 pieces went out unread`);
    let bytes = 0;
    for (let piece = await reader?.read(); piece?.done === false; piece = await reader?.read()) bytes += piece.value.length;
    assert.equal(written, 400);
    assert.ok(bytes > 300 * 64 * 1024);
  });

  test('a stream that breaks ends with the error in the caller’s format', async () => {
    const hand = handWritten(named(start, open, text('Hel')));
    const response = await post(fetchTo(await serve(hand.script), 'anthropic-messages'), { ...openaiBody, stream: true });
    hand.break();
    assert.match(await response.text(), /data: \{"error":\{"message":/);
  });
});

describe('a configuration that cannot work', () => {
  const faults: readonly (readonly [string, unknown, RegExp])[] = [
    ['a slip in a key', { provider: {} }, /config\.provider is not known, did you mean "providers"/],
    ['a slip in a name', { providers: { deepsek: {} } }, /config\.providers\.deepsek.*(?:did you mean "deepseek"|key)/],
    ['no address', { providers: { lab: { key: 'k' } } }, /config\.providers\.lab is not in the catalogue.*baseURL/],
    ['no key', { providers: { lab: { baseURL: 'http://127.0.0.1:1' } } }, /config\.providers\.lab\.key is missing/],
    [
      'no such format',
      { providers: { lab: { baseURL: 'http://127.0.0.1:1', key: 'none', speaks: ['smoke'] } } },
      /config\.providers\.lab\.speaks holds "smoke"/,
    ],
    ['no address at all', { providers: { lab: { baseURL: 'nowhere', key: 'none' } } }, /baseURL must be an http/],
    ['a route to nowhere', { routes: { fast: { targets: [] } } }, /config\.routes\.fast\.targets must be a list/],
    ['a target without a name', { routes: { fast: { targets: [{}] } } }, /config\.routes\.fast\.targets\[0\] must be/],
  ];
  for (const [name, config, message] of faults) {
    test(`says so at once: ${name}`, () => {
      assert.throws(() => createFetch({ env: {}, config: config as FetchConfig }), message);
    });
  }
});

test('the version is the package’s', () => {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  assert.ok(typeof manifest === 'object' && manifest !== null && 'version' in manifest && manifest.version === version);
});

describe('turns that a caller leaves to the server', () => {
  test('a response goes on from another, and names an item of it, on a target of another format', async () => {
    const server = await serve(json(completion));
    const client = new OpenAIOfficial({ apiKey: 'any', fetch: fetchTo(server, 'openai-chat') });
    const first = await client.responses.create({ model: 'lab/m', input: 'Hi' });
    const second = await client.responses.create({ model: 'lab/m', input: 'And now?', previous_response_id: first.id });
    assert.equal(second.output_text, 'Hello');
    const [item] = first.output;
    await client.responses.create({
      model: 'lab/m',
      input: [
        { type: 'item_reference', id: item?.id ?? '' },
        { role: 'user', content: 'So?' },
      ],
    });
    const asked = server.received.map(({ body }) => (JSON.parse(body) as { messages: { role: string; content: unknown }[] }).messages.map(({ role }) => role));
    assert.deepEqual(asked, [['user'], ['user', 'assistant', 'user'], ['assistant', 'user']]);
    assert.equal((await client.responses.retrieve(first.id)).id, first.id);
    await client.responses.delete(first.id);
    await assert.rejects(client.responses.retrieve(first.id), OpenAIOfficial.NotFoundError);
  });

  test('another fetch knows nothing of them', async () => {
    const server = await serve(json(completion));
    const first = await new OpenAIOfficial({ apiKey: 'any', fetch: fetchTo(server, 'openai-chat') }).responses.create({ model: 'lab/m', input: 'Hi' });
    const other = new OpenAIOfficial({ apiKey: 'any', fetch: fetchTo(server, 'openai-chat') });
    await assert.rejects(other.responses.create({ model: 'lab/m', input: 'x', previous_response_id: first.id }), OpenAIOfficial.BadRequestError);
  });
});
