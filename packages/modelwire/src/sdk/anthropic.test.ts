import assert from 'node:assert/strict';
import { after, afterEach, beforeEach, describe, test } from 'node:test';
import { all } from '../../../../test/support/all.ts';
import {
  anthropicWire,
  handWritten,
  json,
  mute,
  named,
  type Script,
  type ScriptedServer,
  silent,
  startScriptedServer,
  stream,
} from '../../../../test/support/scripted-server.ts';
import { Anthropic, AnthropicError, APIConnectionTimeoutError, APIError, type ClientOptions } from './anthropic.ts';

const servers: ScriptedServer[] = [];
after(() => Promise.all(servers.map((server) => server.close())));

async function serve(...scripts: readonly Script[]): Promise<ScriptedServer> {
  const server = await startScriptedServer(...scripts);
  servers.push(server);
  return server;
}

function clientOf(server: ScriptedServer, options: ClientOptions = {}): Anthropic {
  return new Anthropic({ apiKey: 'sk-ant-test', baseURL: server.url, ...options });
}

const body = { model: 'claude-sonnet-5', max_tokens: 100, messages: [{ role: 'user' as const, content: 'Hi' }] };
const streaming = { ...body, stream: true as const };
const { message, start, open, text, close, finish, stop, error } = anthropicWire;
const hello = named(start, open, text('Hel'), { type: 'ping' }, text('lo'), close, finish);

const kept = { ...process.env };
beforeEach(() => {
  for (const name of Object.keys(process.env)) if (/_(?:API_KEY|KEY|TOKEN|BASE_URL)$/.test(name)) delete process.env[name];
});
afterEach(() => {
  process.env = { ...kept };
});

describe('a whole message', () => {
  test('is the provider’s, with its request id', async () => {
    const server = await serve(json(message, { headers: { 'request-id': 'req_1' } }));
    const { data, request_id } = await clientOf(server)
      .messages.create({ ...body, user_profile_id: 'user_1' }, { headers: { 'anthropic-beta': 'beta-1' } })
      .withResponse();
    assert.deepEqual({ ...data }, message);
    assert.equal(request_id, 'req_1');
    const [request] = server.received;
    assert.equal(request?.url, '/v1/messages');
    assert.equal(request?.body, JSON.stringify(body));
    assert.equal(request?.headers['x-api-key'], 'sk-ant-test');
    assert.equal(request?.headers.authorization, undefined);
    assert.equal(request?.headers['anthropic-version'], '2026-10-21');
    assert.equal(request?.headers['anthropic-beta'], 'beta-1');
    assert.equal(request?.headers['anthropic-user-profile-id'], 'user_1');
  });

  test('may be asked for with a token instead of a key', async () => {
    const server = await serve(json(message));
    await clientOf(server, { apiKey: null, authToken: 'token' }).messages.create(body);
    assert.equal(server.received[0]?.headers.authorization, 'Bearer token');
    assert.equal(server.received[0]?.headers['x-api-key'], undefined);
  });

  test('a key from a function is sent as a token', async () => {
    const server = await serve(json(message));
    await clientOf(server, { apiKey: () => Promise.resolve('fresh') }).messages.create(body);
    assert.equal(server.received[0]?.headers.authorization, 'Bearer fresh');
    assert.equal(server.received[0]?.headers['x-api-key'], undefined);
  });

  test('a system message within the list, and a thread, pass as they are', async () => {
    const server = await serve(json(message));
    const more = { ...body, thread: { type: 'create' }, messages: [...body.messages, { role: 'system' as const, content: 'Be brief' }] };
    await clientOf(server).messages.create(more);
    assert.equal(server.received[0]?.body, JSON.stringify(more));
  });
});

describe('a stream', () => {
  test('gives its events and ends after the last', async () => {
    const server = await serve(stream(hello, named(stop)));
    const events = await all(await clientOf(server).messages.create(streaming));
    assert.deepEqual(events, [start, open, text('Hel'), text('lo'), close, finish, stop]);
  });

  test('that ends too early, or with an error event, throws', async () => {
    for (const last of ['', named(error('overloaded_error', 'Too many'))]) {
      const hand = handWritten(named(start, open, text('Hel')));
      const client = clientOf(await serve(hand.script));
      const seen: string[] = [];
      const thrown = await assert.rejects(async () => {
        for await (const event of await client.messages.create(streaming)) {
          seen.push(event.type);
          if (event.type !== 'content_block_delta') continue;
          if (last !== '') hand.write(last);
          hand.end();
        }
      }, APIError);
      assert.equal(thrown, undefined);
      assert.deepEqual(seen, ['message_start', 'content_block_start', 'content_block_delta']);
    }
  });

  test('tells the error event’s category', async () => {
    const hand = handWritten(named(start, open, text('Hel')));
    const events = await clientOf(await serve(hand.script)).messages.create(streaming);
    hand.write(named(error('overloaded_error', 'Too many')));
    await assert.rejects(
      all(events),
      (thrown) => thrown instanceof APIError && thrown.type === 'overloaded_error' && thrown.apiMessage === 'Too many' && thrown.requestID === 'req_stream',
    );
  });

  test('that is left closes the connection', async () => {
    const server = await serve(silent(hello));
    for await (const event of await clientOf(server).messages.create(streaming)) if (event.type === 'content_block_delta') break;
    await server.received[0]?.left;
  });
});

describe('errors', () => {
  const cases = [
    [400, 'BadRequestError'],
    [401, 'AuthenticationError'],
    [403, 'PermissionDeniedError'],
    [404, 'NotFoundError'],
    [429, 'RateLimitError'],
    [500, 'InternalServerError'],
    [529, 'OverloadedError'],
  ] as const;
  for (const [status, name] of cases) {
    test(`${status} is ${name}, with the provider's own words`, async () => {
      const answer = { type: 'error', error: { type: 'some_error', message: 'No', details: { error_code: 'the_cause', more: 1 } }, request_id: 'req_9' };
      const server = await serve(json(answer, { status, headers: { 'request-id': 'req_9', 'anthropic-workspace-id': 'ws_1', 'retry-after-ms': '1' } }));
      await assert.rejects(clientOf(server).messages.create(body), (thrown) => {
        assert.ok(thrown instanceof Anthropic[name] && thrown instanceof APIError && thrown instanceof AnthropicError);
        assert.equal(thrown.name, name);
        assert.equal(thrown.status, status);
        assert.deepEqual(thrown.error, answer);
        assert.equal(thrown.message, `${status} ${JSON.stringify(answer)}`);
        assert.equal(thrown.type, 'some_error');
        assert.equal(thrown.apiMessage, 'No');
        assert.equal(thrown.errorCode, 'the_cause');
        assert.deepEqual(thrown.details, { error_code: 'the_cause', more: 1 });
        assert.equal(thrown.requestID, 'req_9');
        assert.equal(thrown.workspaceID, 'ws_1');
        return true;
      });
      assert.equal(server.received.length, status === 429 || status >= 500 ? 3 : 1);
    });
  }

  test('silence times out', async () => {
    await assert.rejects(clientOf(await serve(mute), { timeout: 40, maxRetries: 0 }).messages.create(body), APIConnectionTimeoutError);
  });
});

describe('the environment', () => {
  test('gives key, token and address', async () => {
    const server = await serve(json(message));
    Object.assign(process.env, { ANTHROPIC_API_KEY: 'sk-env', ANTHROPIC_BASE_URL: server.url });
    await new Anthropic().messages.create(body);
    delete process.env['ANTHROPIC_API_KEY'];
    process.env['ANTHROPIC_AUTH_TOKEN'] = 'token-env';
    await new Anthropic().messages.create(body);
    assert.deepEqual(
      server.received.map(({ headers }) => [headers['x-api-key'], headers.authorization]),
      [
        ['sk-env', undefined],
        [undefined, 'Bearer token-env'],
      ],
    );
  });

  test('without any key is an error that names the variables', () => {
    assert.throws(
      () => new Anthropic(),
      (thrown) => thrown instanceof AnthropicError && /ANTHROPIC_API_KEY/.test(thrown.message) && /OPENAI_API_KEY/.test(thrown.message),
    );
  });
});

describe('another provider’s model', () => {
  const completion = {
    id: 'c1',
    object: 'chat.completion',
    created: 1,
    model: 'gpt-5',
    choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
  };

  test('is translated, there and back', async () => {
    process.env['OPENAI_API_KEY'] = 'sk-oai';
    const asked: string[] = [];
    const client = new Anthropic({
      fetch: (url) => {
        asked.push(url);
        return Promise.resolve(Response.json(completion, { headers: { 'x-request-id': 'req_o' } }));
      },
    });
    const made = await client.messages.create({ ...body, model: 'openai/gpt-5' });
    assert.deepEqual(asked, ['https://api.openai.com/v1/chat/completions']);
    assert.equal(made.content[0]?.type === 'text' ? made.content[0].text : '', 'Hello');
    assert.equal(made.stop_reason, 'end_turn');
    assert.equal(made._request_id, 'req_o');
  });

  test('is counted by an estimate that says so', async () => {
    process.env['OPENAI_API_KEY'] = 'sk-oai';
    const { data, response } = await new Anthropic({ fetch: () => assert.fail('no call is needed') }).messages
      .countTokens({ model: 'openai/gpt-5', messages: body.messages })
      .withResponse();
    assert.ok(data.input_tokens > 0);
    assert.equal(response.headers.get('modelwire-token-count'), 'estimate');
  });
});

describe('tokens and models', () => {
  test('tokens are counted by the provider', async () => {
    const server = await serve(json({ input_tokens: 42 }, { headers: { 'request-id': 'req_c' } }));
    const count = await clientOf(server).messages.countTokens({ model: 'claude-sonnet-5', messages: body.messages });
    assert.equal(count.input_tokens, 42);
    assert.equal(count._request_id, 'req_c');
    assert.equal(server.received[0]?.url, '/v1/messages/count_tokens');
  });

  test('a list goes on through its pages', async () => {
    const info = (id: string) => ({ id, type: 'model', display_name: id });
    const server = await serve(
      json({ data: [info('a'), info('b')], has_more: true, first_id: 'a', last_id: 'b' }),
      json({ data: [info('c')], has_more: false, first_id: 'c', last_id: 'c' }),
    );
    const ids = (await all(clientOf(server).models.list({ limit: 2, lifecycle: ['active'] }))).map((model) => model.id);
    assert.deepEqual(ids, ['a', 'b', 'c']);
    assert.deepEqual(
      server.received.map((request) => decodeURIComponent(request.url)),
      ['/v1/models?limit=2&lifecycle[]=active', '/v1/models?limit=2&lifecycle[]=active&after_id=b'],
    );
    assert.equal(server.received[0]?.headers['x-api-key'], 'sk-ant-test');
    assert.equal(server.received[0]?.headers['anthropic-version'], '2026-10-21');
  });

  test('one model is asked for by its name', async () => {
    const server = await serve(json({ id: 'claude-sonnet-5', type: 'model' }));
    assert.equal((await clientOf(server).models.retrieve('claude-sonnet-5')).id, 'claude-sonnet-5');
    assert.equal(server.received[0]?.url, '/v1/models/claude-sonnet-5');
  });
});
