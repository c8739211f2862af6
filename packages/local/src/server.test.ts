import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { TestContext } from 'node:test';
import type { ChatAsk } from './chat-request.ts';
import type { Generator, Piece } from './generator.ts';
import { createChatServer } from './server.ts';
import { WireError } from './wire-error.ts';

const end = { finish: 'stop', promptTokens: 10, cachedTokens: 4, completionTokens: 3, reasoningTokens: 1 } as const;
const pieces: readonly Piece[] = [{ type: 'start' }, { type: 'text', text: 'Hel' }, { type: 'text', text: 'lo' }];

type Fake = { asks: ChatAsk[]; generator: Generator };

function fake(
  generate: Generator['generate'] = (_, { emit }) => {
    for (const piece of pieces) emit(piece);
    return Promise.resolve(end);
  },
): Fake {
  const asks: ChatAsk[] = [];
  const generator: Generator = {
    embed: ({ texts }) => Promise.resolve({ vectors: texts.map(() => [0.6, -0.8]), tokens: texts.length }),
    countTokens: (ask) => ask.turns.length * 7,
    generate(ask, options) {
      asks.push(ask);
      return generate(ask, options);
    },
  };
  return { asks, generator };
}

async function setup(t: TestContext, { asks, generator }: Fake = fake()) {
  const lines: string[] = [];
  const server = createChatServer({
    generator,
    model: 'm',
    key: 'k'.repeat(20),
    now: () => 1_700_000_000_500,
    createId: () => 'ID',
    log: (line) => lines.push(line),
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const call = (path: string, options: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${address.port}${path}`, { ...options, headers: { authorization: `Bearer ${'k'.repeat(20)}`, ...options.headers } });
  const post = (path: string, body: unknown, options: RequestInit = {}) =>
    call(path, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body), ...options });
  const chat = (body: Readonly<Record<string, unknown>>, options: RequestInit = {}) =>
    post('/v1/chat/completions', { model: 'm', messages: [{ role: 'user', content: 'hi' }], ...body }, options);
  return { call, post, chat, asks, lines };
}

async function events(response: Response): Promise<readonly string[]> {
  const text = await response.text();
  assert.ok(text.endsWith('\n\n'));
  return text
    .trimEnd()
    .split('\n\n')
    .map((event) => event.replace(/^data: /, ''));
}

suite('the chat server', () => {
  test('a whole answer has the full official shape', async (t) => {
    const { chat } = await setup(t);
    const response = await chat({});
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), {
      id: 'chatcmpl-ID',
      object: 'chat.completion',
      created: 1_700_000_000,
      model: 'm',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hello', refusal: null }, logprobs: null, finish_reason: 'stop' }],
      usage: {
        prompt_tokens: 10,
        completion_tokens: 3,
        total_tokens: 13,
        prompt_tokens_details: { cached_tokens: 4, audio_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 1, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
      },
    });
  });

  test('a stream: role first, finish last, usage only when asked, [DONE]', async (t) => {
    const { chat } = await setup(t);
    const response = await chat({ stream: true });
    assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
    const received = await events(response);
    assert.equal(received.at(-1), '[DONE]');
    const chunks = received.slice(0, -1).map((event) => JSON.parse(event));
    assert.deepEqual(
      chunks.map((chunk) => [chunk.choices[0].delta, chunk.choices[0].finish_reason]),
      [
        [{ role: 'assistant', content: '', refusal: null }, null],
        [{ content: 'Hel' }, null],
        [{ content: 'lo' }, null],
        [{}, 'stop'],
      ],
    );
    for (const chunk of chunks)
      assert.deepEqual([chunk.id, chunk.object, chunk.created, 'usage' in chunk], ['chatcmpl-ID', 'chat.completion.chunk', 1_700_000_000, false]);
    const withUsage = (await events(await chat({ stream: true, stream_options: { include_usage: true } }))).slice(0, -1).map((event) => JSON.parse(event));
    assert.deepEqual(
      withUsage.map((chunk) => chunk.usage?.total_tokens ?? null),
      [null, null, null, null, 13],
    );
    assert.deepEqual(withUsage.at(-1).choices, []);
  });

  test('calls and reasoning, whole and streamed', async (t) => {
    const { chat } = await setup(
      t,
      fake((_, { emit }) => {
        for (const piece of [
          { type: 'start' },
          { type: 'reasoning', text: 'hm' },
          { type: 'call', name: 'f' },
          { type: 'arguments', text: '{"a"' },
          { type: 'arguments', text: ':1}' },
        ] as const)
          emit(piece);
        return Promise.resolve({ ...end, finish: 'tool_calls' });
      }),
    );
    const { choices } = await (await chat({})).json();
    assert.deepEqual(choices[0].message, {
      role: 'assistant',
      content: null,
      refusal: null,
      reasoning_content: 'hm',
      tool_calls: [{ id: 'call_ID', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }],
    });
    assert.equal(choices[0].finish_reason, 'tool_calls');
    const chunks = (await events(await chat({ stream: true }))).slice(0, -1).map((event) => JSON.parse(event).choices[0].delta);
    assert.deepEqual(chunks.slice(1, -1), [
      { reasoning_content: 'hm' },
      { tool_calls: [{ index: 0, id: 'call_ID', type: 'function', function: { name: 'f', arguments: '' } }] },
      { tool_calls: [{ index: 0, function: { arguments: '{"a"' } }] },
      { tool_calls: [{ index: 0, function: { arguments: ':1}' } }] },
    ]);
  });

  test('models and tokenize', async (t) => {
    const { call, post } = await setup(t);
    const entry = { id: 'm', object: 'model', created: 0, owned_by: 'modelwire' };
    assert.deepEqual(await (await call('/v1/models')).json(), { object: 'list', data: [entry] });
    assert.deepEqual(await (await call('/v1/models/m')).json(), entry);
    assert.deepEqual(await (await post('/v1/tokenize', { messages: [{ role: 'user', content: 'hi' }] })).json(), { tokens: 7 });
  });

  test('embeddings, as numbers and as base64, and what cannot be embedded', async (t) => {
    const { post } = await setup(t);
    const embed = async (body: Readonly<Record<string, unknown>>) => await (await post('/v1/embeddings', { model: 'm', ...body })).json();
    const item = { object: 'embedding', index: 0, embedding: [0.6, -0.8] };
    assert.deepEqual(await embed({ input: 'a' }), { object: 'list', data: [item], model: 'm', usage: { prompt_tokens: 1, total_tokens: 1 } });
    const { data } = await embed({ input: ['a', 'b'], encoding_format: 'base64' });
    const floats = new Float32Array(new Uint8Array(Buffer.from(data[1].embedding, 'base64')).buffer);
    assert.deepEqual([data.length, data[1].index, [...floats]], [2, 1, [Math.fround(0.6), Math.fround(-0.8)]]);
    for (const [body, param] of [
      [{ input: [1, 2] }, 'input[0]'],
      [{ input: [[1, 2]] }, 'input[0]'],
      [{ input: '' }, 'input'],
      [{ input: [] }, 'input'],
      [{ input: 'a', encoding_format: 'int8' }, 'encoding_format'],
      [{ input: 'a', dimensions: 0 }, 'dimensions'],
    ] as const)
      assert.equal((await embed(body)).error.param, param);
  });

  test('no secret, no answer', async (t) => {
    const { call } = await setup(t);
    for (const authorization of ['', 'Bearer wrong', `Basic ${'k'.repeat(20)}`, `Bearer ${'k'.repeat(19)}`]) {
      const response = await call('/v1/models', { headers: { authorization } });
      assert.equal(response.status, 401);
      assert.equal((await response.json()).error.code, 'invalid_api_key');
    }
  });

  test('what is not served', async (t) => {
    const { call, post, chat } = await setup(t);
    assert.equal((await call('/v1/images/generations', { method: 'POST' })).status, 404);
    assert.equal((await call('/v1/chat/completions')).status, 404);
    assert.deepEqual((await (await chat({ model: 'gpt-5' })).json()).error, {
      message: "the model 'gpt-5' is not here; this server runs m",
      type: 'invalid_request_error',
      param: 'model',
      code: 'model_not_found',
    });
    assert.match((await (await post('/v1/chat/completions', '{"model":')).json()).error.message, /not valid JSON/);
    assert.equal((await post('/v1/chat/completions', '[]')).status, 400);
  });

  test('an error before the first byte is a status, with its retry-after', async (t) => {
    const { chat } = await setup(
      t,
      fake(() => Promise.reject(new WireError(503, 'busy', { code: 'queue_full', retryAfter: 7 }))),
    );
    for (const stream of [false, true]) {
      const response = await chat({ stream });
      assert.deepEqual([response.status, response.headers.get('retry-after')], [503, '7']);
      assert.deepEqual((await response.json()).error, { message: 'busy', type: 'server_error', param: null, code: 'queue_full' });
    }
  });

  test('an error after it is an event, and no [DONE] follows', async (t) => {
    const { chat, lines } = await setup(
      t,
      fake((_, { emit }) => {
        emit({ type: 'start' });
        return Promise.reject(new Error('secret detail'));
      }),
    );
    const received = await events(await chat({ stream: true }));
    assert.equal(JSON.parse(received.at(-1) ?? '').error.code, 'internal_error');
    assert.ok(!received.join().includes('secret detail'));
    assert.match(lines.join(), /secret detail/);
  });

  for (const stream of [false, true]) {
    test(`a client that leaves ends the generation, ${stream ? 'streamed' : 'whole'}`, async (t) => {
      let begun = () => {};
      let ended = () => {};
      const running = new Promise<void>((resolve) => (begun = resolve));
      const aborted = new Promise<void>((resolve) => (ended = resolve));
      const { chat, lines } = await setup(
        t,
        fake((_, { signal, emit }) => {
          emit({ type: 'start' });
          begun();
          return new Promise((_resolve, reject) =>
            signal.addEventListener('abort', () => {
              ended();
              reject(signal.reason);
            }),
          );
        }),
      );
      const client = new AbortController();
      const response = chat({ stream }, { signal: client.signal }).then((answer) => answer.text());
      await running;
      client.abort();
      await assert.rejects(response);
      await aborted;
      assert.deepEqual(lines, []);
    });
  }

  test('a body that is too large', async (t) => {
    const { chat } = await setup(t);
    const response = await chat({ messages: [{ role: 'user', content: 'x'.repeat(17 * 1024 * 1024) }] }).catch((error: unknown) => error);
    // The server answers and closes; a client that is still writing may see either.
    if (response instanceof Response) assert.equal(response.status, 413);
  });
});
