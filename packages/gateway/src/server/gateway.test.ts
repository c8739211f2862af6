import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type LocalEngine, localModels } from '@modelwire/local';
import type { ProviderConfig } from 'modelwire/internal/providers/resolve';
import type { CallRecord } from 'modelwire/internal/runtime/record';
import { testConfig, testProvider } from '../../../../test/support/test-config.ts';
import type { EffectiveConfig } from '../config/config.ts';
import { hashKey } from '../keys/keys.ts';
import { type Gateway, type GatewayOptions, startGateway } from './gateway.ts';

const closers: (() => Promise<void>)[] = [];
after(async () => {
  await Promise.all(closers.map((close) => close()));
});

type Upstream = { readonly url: string; readonly seen: { request: IncomingMessage; body: string }[] };

async function upstream(answer: (request: IncomingMessage, response: ServerResponse, body: string) => void): Promise<Upstream> {
  const seen: Upstream['seen'] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    seen.push({ request, body });
    answer(request, response, body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

async function gateway(
  config: EffectiveConfig,
  options: Partial<GatewayOptions> = {},
): Promise<Gateway & { records: CallRecord[]; next(): Promise<CallRecord> }> {
  const records: CallRecord[] = [];
  const waiting: ((record: CallRecord) => void)[] = [];
  const started = await startGateway({
    config,
    version: 'test',
    env: {},
    log(_line, record) {
      records.push(record);
      waiting.shift()?.(record);
    },
    ...options,
  });
  closers.push(() => started.close({ graceMs: 0 }));
  return Object.assign(started, { records, next: () => new Promise<CallRecord>((resolve) => waiting.push(resolve)) });
}

const whole = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_700_000_000,
  model: 'm-2026',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello.', refusal: null }, logprobs: null, finish_reason: 'stop' }],
  usage: { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 },
};
const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const sse = { 'content-type': 'text/event-stream' };

function answerJson(response: ServerResponse, body: unknown, status = 200, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

const chat = { model: 'lab/m', messages: [{ role: 'user', content: 'hi' }] };
const post = (url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body), headers });

type ErrorBody = { error: { message: string; type: string; code: string | null; param: string | null } };
const errorOf = async (response: Response): Promise<ErrorBody['error']> => ((await response.json()) as ErrorBody).error;

describe('relay over real sockets', () => {
  test('bytes pass both ways but for the model name; the record knows the usage', async () => {
    const up = await upstream((_request, response) =>
      answerJson(response, whole, 200, { 'x-request-id': 'up-1', 'set-cookie': 'a=b', 'x-ratelimit-remaining-requests': '7' }),
    );
    const gw = await gateway(testConfig([testProvider('lab', up.url, ['openai-chat'])]));
    const record = gw.next();
    const response = await post(
      `${gw.url}/v1/chat/completions`,
      '{ "model":"lab/m","messages":[{"role":"user","content":"hi"}],"seed":9007199254740993, "x":1.0 }',
    );
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), whole);
    assert.equal(up.seen[0]?.body, '{ "model":"m","messages":[{"role":"user","content":"hi"}],"seed":9007199254740993, "x":1.0 }');
    assert.equal(up.seen[0]?.request.url, '/v1/chat/completions');
    assert.equal(up.seen[0]?.request.headers.authorization, 'Bearer sk-upstream-secret-key');
    assert.equal(response.headers.get('set-cookie'), null);
    assert.equal(response.headers.get('x-ratelimit-remaining-requests'), '7');
    assert.equal(response.headers.get('modelwire-upstream-request-id'), 'up-1');
    assert.equal(response.headers.get('modelwire-model'), 'lab/m');
    assert.ok(response.headers.get('x-request-id') === response.headers.get('request-id'));
    const { usage, served, outcome, attempts } = await record;
    assert.deepEqual([usage?.input, usage?.output, served, outcome, attempts[0]?.mode], [9, 2, 'lab/m', 'ok', 'relay']);
  });

  test('a stream passes; the usage that only we asked for is withheld', async () => {
    const frames = [chunk({ role: 'assistant', content: '' }), chunk({ content: 'Hé' }), chunk({ content: 'llo' }), chunk({}, 'stop')];
    const usage = `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], usage: whole.usage })}\n\n`;
    const up = await upstream((_request, response) => {
      response.writeHead(200, sse);
      response.end([...frames, usage, 'data: [DONE]\n\n'].join(''));
    });
    const gw = await gateway(testConfig([testProvider('lab', up.url, ['openai-chat'])]));
    const record = gw.next();
    const text = await (await post(`${gw.url}/v1/chat/completions`, { ...chat, stream: true })).text();
    assert.equal(text, [...frames, 'data: [DONE]\n\n'].join(''));
    assert.deepEqual((JSON.parse(up.seen[0]?.body ?? '') as { stream_options: unknown }).stream_options, { include_usage: true });
    assert.equal((await record).usage?.output, 2);
    const asked = await (await post(`${gw.url}/v1/chat/completions`, { ...chat, stream: true, stream_options: { include_usage: true } })).text();
    assert.equal(asked, [...frames, usage, 'data: [DONE]\n\n'].join(''));
  });

  test('a torn stream is an error event and no terminator; before content it is a 502', async () => {
    let frames = [chunk({ content: 'Hel' })];
    const up = await upstream((_request, response) => {
      response.writeHead(200, sse);
      response.end(frames.join(''));
    });
    const gw = await gateway(testConfig([testProvider('lab', up.url, ['openai-chat'])]));
    const text = await (await post(`${gw.url}/v1/chat/completions`, { ...chat, stream: true })).text();
    assert.match(text, /"error":\{/);
    assert.doesNotMatch(text, /\[DONE\]|finish_reason":"/);
    frames = [chunk({ role: 'assistant' })];
    assert.equal((await post(`${gw.url}/v1/chat/completions`, { ...chat, stream: true })).status, 502);
  });

  test('a 2 MB body passes byte for byte', async () => {
    const up = await upstream((_request, response) => answerJson(response, whole));
    const gw = await gateway(testConfig([testProvider('lab', up.url, ['openai-chat'])]));
    const image = 'A'.repeat(2 * 1024 * 1024);
    const sent = JSON.stringify({
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${image}` } }] }],
      model: 'lab/m',
    });
    assert.equal((await post(`${gw.url}/v1/chat/completions`, sent)).status, 200);
    assert.equal(up.seen[0]?.body, sent.replace('"lab/m"', '"m"'));
  });
});

describe('what goes wrong', () => {
  test('bad requests are 400 in the shape of the caller and name the field', async () => {
    const up = await upstream((_request, response) => answerJson(response, whole));
    const gw = await gateway(testConfig([testProvider('lab', up.url, ['openai-chat', 'anthropic-messages'])]));
    const bad: [unknown, string][] = [
      ['{"model":', ''],
      ['[]', ''],
      ['', ''],
      [`{"model":"lab/m","messages":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, ''],
      ['{"model":"lab/m","model":"lab/n","messages":[{"role":"user","content":"x"}]}', 'model'],
      [{ messages: chat.messages }, 'model'],
      [{ model: 'lab/m' }, 'messages'],
      [{ ...chat, messages: 'x' }, 'messages'],
      [{ ...chat, temperature: 3 }, 'temperature'],
      [{ ...chat, top_p: '1' }, 'top_p'],
      [{ ...chat, max_tokens: 0 }, 'max_tokens'],
      [{ ...chat, stream: 'yes' }, 'stream'],
    ];
    for (const [body, field] of bad) {
      const response = await post(`${gw.url}/v1/chat/completions`, body);
      assert.equal(response.status, 400, JSON.stringify(body).slice(0, 80));
      const error = await errorOf(response);
      assert.equal(error.type, 'invalid_request_error');
      if (field !== '') assert.equal(error.param, field);
      const other = await post(`${gw.url}/v1/messages`, typeof body === 'string' ? body : { max_tokens: 5, ...(body as object) });
      assert.equal(other.status, 400);
      const shape = (await other.json()) as { type: string; error: { type: string; message: string } };
      assert.deepEqual([shape.type, shape.error.type], ['error', 'invalid_request_error']);
      assert.ok(shape.error.message.includes(field));
    }
    assert.equal((await post(`${gw.url}/v1/messages`, chat)).status, 400, 'max_tokens is required');
    assert.equal(up.seen.length, 0);
  });

  test('unknown paths, methods and models; a body over the limit; odd spellings of a path', async () => {
    const up = await upstream((_request, response) => answerJson(response, whole));
    const config = testConfig([testProvider('lab', up.url, ['openai-chat'], { models: ['qwen3-big'] })]);
    const gw = await gateway({ ...config, server: { ...config.server, bodyLimit: 1000 } });
    assert.equal((await fetch(`${gw.url}/v1/nothing`)).status, 404);
    const method = await fetch(`${gw.url}/v1/chat/completions`);
    assert.deepEqual([method.status, method.headers.get('allow')], [405, 'POST']);
    const model = await post(`${gw.url}/v1/chat/completions`, { ...chat, model: 'qwen3-bgi' });
    assert.equal(model.status, 404);
    assert.match((await errorOf(model)).message, /qwen3-big/);
    assert.match((await errorOf(await post(`${gw.url}/v1/chat/completions`, { ...chat, model: 'gpt-4' }))).message, /OPENAI_API_KEY/);
    assert.equal((await post(`${gw.url}/v1/chat/completions`, { ...chat, x: 'x'.repeat(2000) })).status, 413);
    for (const path of ['/chat/completions', '/v1/v1/chat/completions', '/v1/chat/completions/', '/v1/chat/completions?beta=true']) {
      assert.equal((await post(gw.url + path, chat)).status, 200, path);
    }
    assert.equal((await fetch(`${gw.url}/`, { method: 'HEAD' })).status, 200);
    assert.equal((await fetch(`${gw.url}/`)).status, 200);
    assert.equal(await (await fetch(`${gw.url}/readyz`)).text(), 'ok\n');
    for (const path of ['/', '/livez', '/v1/models', '/v1/models/qwen3-big', '/v1/nothing', '/v1/messages']) {
      const { headers } = await fetch(gw.url + path);
      assert.ok(headers.get('x-request-id') !== null && headers.get('x-request-id') === headers.get('request-id'), path);
    }
  });

  test('keys: wrong and missing are 401, either header fits either format, models are limited', async () => {
    const up = await upstream((_request, response) => answerJson(response, whole));
    const keys = [{ name: 'ci', sha256: hashKey('sk-right').slice('sha256:'.length), models: ['lab/m'] }];
    const gw = await gateway(testConfig([testProvider('lab', up.url, ['openai-chat'])], { keys }));
    const url = `${gw.url}/v1/chat/completions`;
    for (const headers of [{}, { authorization: 'Bearer sk-wrong' }, { 'x-api-key': 'sk-wrong' }] as Record<string, string>[]) {
      const response = await post(url, chat, headers);
      assert.equal(response.status, 401);
      assert.doesNotMatch(JSON.stringify(await response.json()), /sk-wrong/);
    }
    for (const headers of [{ authorization: 'Bearer sk-right' }, { 'x-api-key': 'sk-right' }] as Record<string, string>[]) {
      assert.equal((await post(url, chat, headers)).status, 200);
      assert.equal((await post(url, { ...chat, model: 'lab/other' }, headers)).status, 403);
    }
    const list = await fetch(`${gw.url}/v1/models`, { headers: { 'x-api-key': 'sk-wrong' } });
    assert.equal(list.status, 401);
  });

  test('an upstream that is down, redirects, answers HTML, refuses our key, or is slow', async () => {
    const answers: { readonly [model: string]: (response: ServerResponse) => void } = {
      html: (response) => {
        response.writeHead(200, { 'content-type': 'text/html' });
        response.end('<html>Cloudflare</html>');
      },
      html403: (response) => {
        response.writeHead(403, { 'content-type': 'text/html' });
        response.end('<html>Cloudflare</html>');
      },
      redirect: (response) => {
        response.writeHead(307, { location: 'http://127.0.0.1:1/steal' });
        response.end();
      },
      key: (response) =>
        answerJson(
          response,
          { error: { message: 'Incorrect API key provided: sk-upstream-secret-key', type: 'invalid_request_error', code: 'invalid_api_key' } },
          401,
        ),
      limit: (response) => answerJson(response, { error: { message: 'slow down', type: 'rate_limit_error' } }, 429, { 'retry-after': '7' }),
      torn: (response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
        response.write('{"id":', () => response.socket?.end());
      },
      empty: (response) => answerJson(response, ''),
      null: (response) => answerJson(response, 'null'),
      inside: (response) => answerJson(response, { error: { message: 'overloaded', type: 'overloaded_error' } }),
      nocontent: (response) => {
        response.writeHead(204);
        response.end();
      },
      slow: () => undefined,
    };
    const up = await upstream((_request, response, body) => answers[(JSON.parse(body) as { model: string }).model]?.(response));
    const gw = await gateway(
      testConfig([testProvider('lab', up.url, ['openai-chat']), testProvider('down', 'http://127.0.0.1:9', ['openai-chat'])], {
        deadlines: { connect: 1000, headers: 1500, firstToken: 1500, idle: 1500, total: 5000 },
      }),
    );
    const status: { readonly [model: string]: [number, string] } = {
      html: [502, 'upstream_invalid_response'],
      html403: [502, 'upstream_auth'],
      redirect: [502, 'upstream_invalid_response'],
      key: [502, 'upstream_auth'],
      limit: [429, 'rate_limit_exceeded'],
      torn: [502, 'upstream_stream_cut'],
      empty: [502, 'upstream_invalid_response'],
      null: [502, 'upstream_invalid_response'],
      inside: [503, 'overloaded'],
      nocontent: [502, 'upstream_invalid_response'],
      slow: [504, 'deadline_headers'],
    };
    for (const [model, [expected, code]] of Object.entries(status)) {
      const response = await post(`${gw.url}/v1/chat/completions`, { ...chat, model: `lab/${model}` });
      const error = await errorOf(response);
      assert.deepEqual([response.status, error.code], [expected, code], `${model}: ${error.message}`);
      assert.doesNotMatch(error.message, /sk-upstream-secret-key|<html|127\.0\.0\.1/);
      if (model === 'limit') assert.equal(response.headers.get('retry-after'), '7');
      if (model === 'key') assert.equal(response.headers.get('x-should-retry'), 'false');
    }
    const down = await post(`${gw.url}/v1/messages`, { ...chat, model: 'down/m', max_tokens: 5 });
    assert.equal(down.status, 502);
    assert.equal(((await down.json()) as { type: string }).type, 'error');
  });

  test('the caller leaving aborts the provider', async () => {
    let closed: () => void = () => undefined;
    const gone = new Promise<void>((resolve) => (closed = resolve));
    const up = await upstream((_request, response) => {
      response.writeHead(200, sse);
      response.write(chunk({ content: 'x' }));
      response.on('close', closed);
    });
    const gw = await gateway(testConfig([testProvider('lab', up.url, ['openai-chat'])]));
    const record = gw.next();
    const abort = new AbortController();
    const response = await fetch(`${gw.url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify({ ...chat, stream: true }), signal: abort.signal });
    await response.body?.getReader().read();
    abort.abort();
    await gone;
    assert.equal((await record).outcome, 'client_gone');
  });

  test('a page of another site is refused without keys; a call that comes back to itself is seen', async () => {
    const config = testConfig([testProvider('lab', 'http://127.0.0.1:9', ['openai-chat'])]);
    const gw = await gateway(config);
    for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'Cross-Site' }, { origin: 'null' }] as Record<string, string>[]) {
      assert.equal((await post(`${gw.url}/v1/chat/completions`, chat, headers)).status, 403);
    }
    assert.match(await raw(gw.port, 'GET /v1/models HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n'), /^HTTP\/1\.1 403/);
    gw.apply(testConfig([testProvider('lab', gw.url, ['openai-chat'], { models: ['lab/m'] })], {}, [{ name: 'me', targets: ['lab/lab/m'] }]));
    const looped = await post(`${gw.url}/v1/chat/completions`, { ...chat, model: 'me' });
    assert.equal((await errorOf(looped)).code, 'loop_detected');
  });

  test('what is not legal HTTP gets a 4xx in JSON', async () => {
    const gw = await gateway(testConfig([]));
    assert.match(await raw(gw.port, 'GARBAGE\r\n\r\n'), /^HTTP\/1\.1 400[\s\S]*"error"/);
    assert.match(await raw(gw.port, `GET / HTTP/1.1\r\nHost: localhost\r\nx: ${'y'.repeat(70_000)}\r\n\r\n`), /^HTTP\/1\.1 431/);
    assert.match(
      await raw(gw.port, 'POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc'),
      /^HTTP\/1\.1 400/,
    );
  });

  test('packed bodies are unpacked within the limit', async () => {
    const up = await upstream((_request, response) => answerJson(response, whole));
    const config = testConfig([testProvider('lab', up.url, ['openai-chat'])]);
    const gw = await gateway({ ...config, server: { ...config.server, bodyLimit: 10_000 } });
    const send = (body: Uint8Array, encoding = 'gzip'): Promise<Response> =>
      fetch(`${gw.url}/v1/chat/completions`, { method: 'POST', body: Buffer.from(body), headers: { 'content-encoding': encoding } });
    for (const encoding of ['GZip', 'x-gzip']) assert.equal((await send(gzipSync(JSON.stringify(chat)), encoding)).status, 200);
    assert.equal(
      (await fetch(`${gw.url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify(chat), headers: { 'content-encoding': 'Identity' } })).status,
      200,
    );
    assert.equal((await send(gzipSync(JSON.stringify(chat)))).status, 200);
    assert.equal((await send(gzipSync(JSON.stringify({ ...chat, x: 'x'.repeat(1_000_000) })))).status, 413);
    assert.equal((await send(Buffer.from('not gzip'))).status, 400);
  });

  test('retries until it works, and says so; a used-up retry tells the SDK not to add its own', async () => {
    let failures = 1;
    const up = await upstream((_request, response) =>
      failures-- > 0 ? answerJson(response, { error: { message: 'busy' } }, 503, { 'retry-after-ms': '1' }) : answerJson(response, whole),
    );
    const gw = await gateway(testConfig([testProvider('lab', up.url, ['openai-chat'])], { retry: { attempts: 2 } }));
    const good = await post(`${gw.url}/v1/chat/completions`, chat);
    assert.deepEqual([good.status, good.headers.get('modelwire-attempts')], [200, '2']);
    failures = 9;
    const bad = await post(`${gw.url}/v1/chat/completions`, chat);
    assert.deepEqual([bad.status, bad.headers.get('x-should-retry')], [503, 'false']);
    assert.equal(up.seen.length, 4);
  });

  test('an embedded model that cannot be had says why and what to do, in both formats, and is not asked again in vain', async () => {
    const failed = { state: 'failed', code: 'model_unavailable', message: 'the file could not be fetched', hint: 'set MODELWIRE_LOCAL_MODEL_FILE' } as const;
    const [model] = localModels;
    assert.ok(model !== undefined);
    const local: LocalEngine = {
      model,
      status: () => failed,
      onStatus: () => () => undefined,
      start: () => Promise.reject(new Error(failed.message)),
      close: () => Promise.resolve(),
    };
    const provider: ProviderConfig = {
      name: 'local',
      speaks: { 'openai-chat': { baseURL: 'http://127.0.0.1/v1', auth: 'none' } },
      needsKey: false,
      keyNames: [],
    };
    const gw = await gateway(testConfig([provider], { retry: { attempts: 3 } }), { local });
    for (const [path, status] of [
      ['/v1/chat/completions', 503],
      ['/v1/messages', 529],
    ] as const) {
      for (const stream of [false, true]) {
        const response = await post(gw.url + path, { ...chat, model: 'auto', max_tokens: 5, stream });
        assert.equal(response.status, status);
        assert.equal(response.headers.get('x-should-retry'), 'false');
        const { message } = await errorOf(response);
        assert.match(message, /could not be fetched[\s\S]*MODELWIRE_LOCAL_MODEL_FILE/);
      }
    }
  });

  test('a route has policies of its own', async () => {
    const up = await upstream((_request, response) => answerJson(response, { error: { message: 'busy' } }, 503, { 'retry-after-ms': '1' }));
    const gw = await gateway(
      testConfig([testProvider('lab', up.url, ['openai-chat'])], { retry: { attempts: 1 } }, [
        { name: 'stubborn', targets: ['lab/m'], policies: { attempts: 3 } },
      ]),
    );
    await post(`${gw.url}/v1/chat/completions`, chat);
    assert.equal(up.seen.length, 1);
    await post(`${gw.url}/v1/chat/completions`, { ...chat, model: 'stubborn' });
    assert.equal(up.seen.length, 4);
  });

  test("the caller's own deadline caps all tries together", async () => {
    const up = await upstream(() => undefined);
    const gw = await gateway(testConfig([testProvider('lab', up.url, ['openai-chat'])], { retry: { attempts: 3 } }));
    const late = await post(`${gw.url}/v1/chat/completions`, chat, { 'x-stainless-timeout': '0.05' });
    assert.deepEqual([late.status, (await errorOf(late)).code], [504, 'deadline_total']);
    const answering = await upstream((_request, response) => answerJson(response, whole));
    gw.apply(testConfig([testProvider('lab', answering.url, ['openai-chat'])]));
    for (const seconds of ['600', '0', '-1', 'x', '', '1e9', 'Infinity']) {
      assert.equal((await post(`${gw.url}/v1/chat/completions`, chat, { 'x-stainless-timeout': seconds })).status, 200, seconds);
    }
  });

  test('a key that a provider echoes is in no byte of the records on disk', async (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'modelwire-canary-'));
    context.after(() => rmSync(folder, { recursive: true, force: true }));
    const up = await upstream((request, response) =>
      answerJson(response, { error: { message: `Incorrect API key provided: ${request.headers.authorization}`, code: 'invalid_api_key' } }, 401),
    );
    const gw = await gateway(
      testConfig([testProvider('lab', up.url, ['openai-chat'], { key: 'sk-canary-5f1d' })], { store: { file: join(folder, 'calls.db') } }),
    );
    const record = gw.next();
    assert.equal((await post(`${gw.url}/v1/chat/completions`, { ...chat, model: 'lab/canary-model' })).status, 502);
    await record;
    assert.equal((await gw.store).last(1).length, 1);
    const bytes = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'));
    assert.ok(
      bytes.some((text) => text.includes('canary-model')),
      'the call is on disk',
    );
    assert.ok(bytes.every((text) => !text.includes('sk-canary-5f1d')));
  });

  test('shutting down ends an endless stream with an error event', async () => {
    const up = await upstream((_request, response) => {
      response.writeHead(200, sse);
      response.write(chunk({ content: 'x' }));
    });
    const gw = await gateway(testConfig([testProvider('lab', up.url, ['openai-chat'])]));
    const response = await post(`${gw.url}/v1/chat/completions`, { ...chat, stream: true });
    const text = response.text();
    await gw.close({ graceMs: 20 });
    assert.match(await text, /shutting down/);
  });
});

function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (data) => (answer += String(data)));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}
