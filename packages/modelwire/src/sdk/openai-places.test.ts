import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { all } from '../../../../test/support/all.ts';
import { anthropicWire, named, json, mute } from '../../../../test/support/scripted-server.ts';
import { APIConnectionTimeoutError, type ClientOptions, OpenAI, OpenAIError } from './openai.ts';
import { serve, clientOf, body, streaming, completion, error } from '../../../../test/support/openai-calls.ts';

describe('the environment', () => {
  test('gives the key, the address, the organisation and the project', async () => {
    const server = await serve(json(completion));
    Object.assign(process.env, { OPENAI_API_KEY: 'sk-env', OPENAI_BASE_URL: `${server.url}/v1`, OPENAI_ORG_ID: 'org_env', OPENAI_PROJECT_ID: 'proj_env' });
    const client = new OpenAI();
    await client.chat.completions.create(body);
    const { headers } = server.received[0] ?? {};
    assert.equal(headers?.authorization, 'Bearer sk-env');
    assert.equal(headers?.['openai-organization'], 'org_env');
    assert.equal(headers?.['openai-project'], 'proj_env');
    assert.equal(client.baseURL, `${server.url}/v1`);
  });

  test('without any key is an error that names the variables', () => {
    assert.throws(
      () => new OpenAI(),
      (thrown) =>
        thrown instanceof OpenAIError &&
        /OPENAI_API_KEY/.test(thrown.message) &&
        /ANTHROPIC_API_KEY/.test(thrown.message) &&
        /DEEPSEEK_API_KEY/.test(thrown.message),
    );
  });

  test('an address that is none is refused at once', () => {
    assert.throws(() => new OpenAI({ apiKey: 'k', baseURL: 'nowhere' }), OpenAIError);
  });

  test('a key may be a function, asked before every call', async () => {
    const server = await serve(json(completion));
    let count = 0;
    const client = clientOf(server, { apiKey: () => Promise.resolve(`sk-${++count}`) });
    await client.chat.completions.create(body);
    await client.chat.completions.create(body);
    assert.deepEqual(
      server.received.map((request) => request.headers.authorization),
      ['Bearer sk-1', 'Bearer sk-2'],
    );
    await assert.rejects(clientOf(server, { apiKey: () => Promise.reject(new Error('vault')) }).chat.completions.create(body), OpenAIError);
  });

  test('an authorization of the caller’s own replaces the key', async () => {
    const server = await serve(json(completion));
    await clientOf(server).chat.completions.create(body, { headers: { Authorization: 'Bearer mine' } });
    await clientOf(server).chat.completions.create(body, { headers: { Authorization: null } });
    assert.deepEqual(
      server.received.map((request) => request.headers.authorization),
      ['Bearer mine', undefined],
    );
  });
});

describe('where a call goes', () => {
  /** Answers every address, and says which were asked. */
  function everywhere(answer: object): { asked: { url: string; headers: Headers; body: string }[]; fetch: NonNullable<ClientOptions['fetch']> } {
    const asked: { url: string; headers: Headers; body: string }[] = [];
    return {
      asked,
      fetch: (url, init) => {
        asked.push({ url, headers: new Headers(init.headers), body: String(init.body) });
        return Promise.resolve(Response.json(answer));
      },
    };
  }

  test('a bare name, and openai/…, go to OpenAI', async () => {
    const { asked, fetch } = everywhere(completion);
    const client = new OpenAI({ apiKey: 'sk-home', fetch });
    await client.chat.completions.create(body);
    await client.chat.completions.create({ ...body, model: 'openai/gpt-5' });
    await client.chat.completions.create({ ...body, model: 'some-org/some-model' });
    assert.deepEqual(
      asked.map((call) => [call.url, JSON.parse(call.body).model]),
      [
        ['https://api.openai.com/v1/chat/completions', 'gpt-5'],
        ['https://api.openai.com/v1/chat/completions', 'gpt-5'],
        ['https://api.openai.com/v1/chat/completions', 'some-org/some-model'],
      ],
    );
  });

  test('provider/model goes to that provider, with its key and none of the caller’s headers', async () => {
    process.env['DEEPSEEK_API_KEY'] = 'sk-deepseek';
    const { asked, fetch } = everywhere(completion);
    const client = new OpenAI({ apiKey: 'sk-home', organization: 'org_1', defaultHeaders: { 'x-secret': 's' }, defaultQuery: { q: '1' }, fetch });
    await client.chat.completions.create({ ...body, model: 'deepseek/deepseek-chat' });
    assert.match(asked[0]?.url ?? '', /^https:\/\/api\.deepseek\.com\/(?:v1\/)?chat\/completions$/);
    assert.equal(asked[0]?.headers.get('authorization'), 'Bearer sk-deepseek');
    assert.equal(asked[0]?.headers.get('x-secret'), null);
    assert.equal(asked[0]?.headers.get('openai-organization'), null);
    assert.equal(JSON.parse(asked[0]?.body ?? '').model, 'deepseek-chat');
  });

  test('another format is translated, there and back', async () => {
    process.env['ANTHROPIC_API_KEY'] = 'sk-ant';
    const answer = {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'claude-sonnet-5',
      content: [{ type: 'text', text: 'Hello' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: 3, output_tokens: 1 },
    };
    const { asked, fetch } = everywhere(answer);
    const client = new OpenAI({ fetch });
    const { data, response } = await client.chat.completions.create({ ...body, seed: 7, model: 'anthropic/claude-sonnet-5' }).withResponse();
    assert.equal(asked[0]?.url, 'https://api.anthropic.com/v1/messages');
    assert.equal(asked[0]?.headers.get('x-api-key'), 'sk-ant');
    assert.equal(data.choices[0]?.message.content, 'Hello');
    assert.equal(data.object, 'chat.completion');
    assert.equal(response.headers.get('modelwire-model'), 'anthropic/claude-sonnet-5');
    assert.match(response.headers.get('modelwire-notes') ?? '', /worst=dropped/);
  });

  test('another format is translated in a stream too', async () => {
    process.env['ANTHROPIC_API_KEY'] = 'sk-ant';
    const { start, open, text, close, finish, stop } = anthropicWire;
    const answer = named(start, open, text('Hel'), text('lo'), close, finish, stop);
    const client = new OpenAI({
      fetch: () => Promise.resolve(new Response(answer, { headers: { 'content-type': 'text/event-stream', 'request-id': 'req_a' } })),
    });
    const call = client.chat.completions.create({ ...streaming, model: 'anthropic/claude-sonnet-5', stream_options: { include_usage: true } });
    const { data, request_id } = await call.withResponse();
    const chunks = await all(data);
    assert.equal(chunks.map((each) => each.choices[0]?.delta.content ?? '').join(''), 'Hello');
    assert.equal(chunks.at(-1)?.usage?.completion_tokens, 2);
    assert.equal(request_id, 'req_a');
  });

  test('a provider without a key is an error that names its variable', async () => {
    const client = new OpenAI({ apiKey: 'sk-home' });
    await assert.rejects(
      client.chat.completions.create({ ...body, model: 'anthropic/claude-sonnet-5' }),
      (thrown) => thrown instanceof OpenAI.NotFoundError && /ANTHROPIC_API_KEY/.test(thrown.message),
    );
  });

  test('a refused key of another format is still the caller’s own 401', async () => {
    process.env['ANTHROPIC_API_KEY'] = 'sk-ant';
    const client = new OpenAI({
      fetch: () =>
        Promise.resolve(
          Response.json(
            { type: 'error', error: { type: 'authentication_error', message: 'invalid x-api-key' } },
            { status: 401, headers: { 'request-id': 'req_a' } },
          ),
        ),
    });
    await assert.rejects(client.chat.completions.create({ ...body, model: 'anthropic/claude-sonnet-5' }), (thrown) => {
      assert.ok(thrown instanceof OpenAI.AuthenticationError);
      assert.equal(thrown.requestID, 'req_a');
      assert.match(thrown.message, /invalid x-api-key/);
      return true;
    });
  });

  test('an explicit base URL takes everything as it is', async () => {
    process.env['ANTHROPIC_API_KEY'] = 'sk-ant';
    const server = await serve(json(completion));
    await clientOf(server).chat.completions.create({ ...body, model: 'anthropic/claude-sonnet-5' });
    assert.equal(JSON.parse(server.received[0]?.body ?? '').model, 'anthropic/claude-sonnet-5');
  });
});

describe('models', () => {
  const model = { id: 'gpt-5', object: 'model', created: 1, owned_by: 'openai' };

  test('are the server’s, in a page and one by one', async () => {
    const server = await serve(json({ object: 'list', data: [model] }, { headers: { 'x-request-id': 'req_m' } }));
    const client = clientOf(server);
    const page = await client.models.list();
    assert.deepEqual(page.data, [model]);
    assert.deepEqual(await all(client.models.list()), [model]);
    assert.equal(page.hasNextPage(), false);
    assert.equal(server.received[0]?.method, 'GET');
    assert.equal(server.received[0]?.url, '/v1/models');
    assert.equal(server.received[0]?.headers.authorization, 'Bearer sk-test-key');
  });

  test('one is asked for by its name', async () => {
    const server = await serve(json(model, { headers: { 'x-request-id': 'req_m' } }));
    const made = await clientOf(server).models.retrieve('org/gpt 5');
    assert.equal(made.id, 'gpt-5');
    assert.equal(made._request_id, 'req_m');
    assert.equal(server.received[0]?.url, '/v1/models/org%2Fgpt%205');
  });

  test('retry, fail and time out like calls', async () => {
    const server = await serve(json(error('Later'), { status: 500, headers: { 'retry-after-ms': '1' } }), json(error('No'), { status: 404 }));
    await assert.rejects(clientOf(server).models.retrieve('x'), (thrown) => thrown instanceof OpenAI.NotFoundError && thrown.message === '404 No');
    assert.equal(server.received.length, 2);
    await assert.rejects(clientOf(await serve(mute), { timeout: 40, maxRetries: 0 }).models.list(), APIConnectionTimeoutError);
  });

  test('without a key of OpenAI’s are those that can answer', async () => {
    process.env['DEEPSEEK_API_KEY'] = 'sk-deepseek';
    const client = new OpenAI();
    const ids = (await all(client.models.list())).map((each) => each.id);
    assert.ok(ids.length > 0 && ids.every((id) => id.startsWith('deepseek/')));
    assert.equal((await client.models.retrieve(ids[0] ?? '')).object, 'model');
  });
});
