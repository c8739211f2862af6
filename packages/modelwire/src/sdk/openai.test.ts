import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { all } from '../../../../test/support/all.ts';
import { handWritten, json, mute, silent, sse, startScriptedServer, stream, torn } from '../../../../test/support/scripted-server.ts';
import { APIConnectionError, APIConnectionTimeoutError, APIError, APIPromise, APIUserAbortError, OpenAI, OpenAIError, Stream } from './openai.ts';
import { serve, clientOf, body, streaming, chunk, completion, error, hello } from '../../../../test/support/openai-calls.ts';

describe('embeddings', () => {
  const list = { object: 'list', data: [{ object: 'embedding', index: 0, embedding: [0.5, 0.25] }], model: 'e', usage: { prompt_tokens: 1, total_tokens: 1 } };

  test('are the provider’s own, in its own kind', async () => {
    const server = await serve(json(list));
    const params = { model: 'text-embedding-3-small', input: [[1, 2], [3]], dimensions: 2 };
    assert.deepEqual((await clientOf(server).embeddings.create(params)).data[0]?.embedding, [0.5, 0.25]);
    assert.deepEqual([server.received[0]?.url, JSON.parse(server.received[0]?.body ?? '')], ['/v1/embeddings', params]);
  });

  test('are refused by name where there are none', async () => {
    process.env['ANTHROPIC_API_KEY'] = 'k';
    const asked = new OpenAI({ apiKey: 'k' }).embeddings.create({ model: 'anthropic/claude-sonnet-5', input: 'a' });
    await assert.rejects(asked, (thrown) => thrown instanceof APIError && thrown.status === 404 && thrown.param === 'model');
  });
});

describe('a whole answer', () => {
  test('is the provider’s, with its request id, and unknown fields both ways', async () => {
    const server = await serve(json(completion, { headers: { 'x-request-id': 'req_1' } }));
    const more = { ...body, vendor_field: { deep: [1] } };
    const made = await clientOf(server).chat.completions.create(more);
    assert.deepEqual({ ...made }, completion);
    assert.equal(made._request_id, 'req_1');
    assert.equal(Object.keys(made).includes('_request_id'), false);
    assert.equal(server.received[0]?.body, JSON.stringify(more));
  });

  test('is asked for with the headers of the options', async () => {
    const server = await serve(json(completion));
    const client = clientOf(server, {
      organization: 'org_1',
      project: 'proj_1',
      defaultHeaders: { 'X-Team': 'a', 'X-Gone': 'b' },
      defaultQuery: { 'api-version': '1' },
    });
    await client.chat.completions.create(body, { headers: { 'X-Call': 'c', 'X-Gone': null }, query: { trace: true }, idempotencyKey: 'once' });
    const [request] = server.received;
    assert.equal(request?.url, '/v1/chat/completions?api-version=1&trace=true');
    assert.equal(request?.headers.authorization, 'Bearer sk-test-key');
    assert.equal(request?.headers['openai-organization'], 'org_1');
    assert.equal(request?.headers['openai-project'], 'proj_1');
    assert.equal(request?.headers['x-team'], 'a');
    assert.equal(request?.headers['x-call'], 'c');
    assert.equal(request?.headers['x-gone'], undefined);
    assert.equal(request?.headers['idempotency-key'], 'once');
    assert.equal(request?.headers['content-type'], 'application/json');
  });

  test('comes with its response, or as the response alone', async () => {
    const server = await serve(json(completion, { headers: { 'x-request-id': 'req_1', 'x-ratelimit-limit-requests': '5', 'openai-organization': 'org' } }));
    const client = clientOf(server);
    const { data, response, request_id } = await client.chat.completions.create(body).withResponse();
    assert.equal(data.choices[0]?.message.content, 'Hello');
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('openai-organization'), 'org');
    assert.equal(request_id, 'req_1');
    const raw = await client.chat.completions.create(body).asResponse();
    assert.deepEqual(await raw.json(), completion);
  });

  test('of several megabytes is whole', async () => {
    const content = 'x'.repeat(3 * 1024 * 1024);
    const server = await serve(json({ ...completion, choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }] }));
    const made = await clientOf(server).chat.completions.create(body);
    assert.equal(made.choices[0]?.message.content, content);
  });

  test('a promise of it is a promise', async () => {
    const client = clientOf(await serve(json(completion)));
    const promise = client.chat.completions.create(body);
    assert.ok(promise instanceof Promise && promise instanceof APIPromise);
    const [first, second] = await Promise.all([promise, promise.then((made) => made.id)]);
    assert.equal(first.id, second);
    assert.equal(await promise.finally(() => undefined).then((made) => made.id), 'chatcmpl-1');
  });
});

describe('a stream', () => {
  test('gives its chunks and ends', async () => {
    const server = await serve(stream(hello, sse('[DONE]')));
    const events = await clientOf(server).chat.completions.create(streaming);
    assert.ok(events instanceof Stream);
    const text: string[] = [];
    for await (const event of events) {
      text.push(event.choices[0]?.delta.content ?? '');
      assert.notEqual(event.choices[0]?.finish_reason, undefined);
    }
    assert.equal(text.join(''), 'Hello');
    await assert.rejects(async () => {
      for await (const event of events) assert.fail(JSON.stringify(event));
    }, OpenAIError);
  });

  test('has its finish reason null where a server leaves it out', async () => {
    const server = await serve(stream(sse({ ...chunk({ content: 'Hi' }), choices: [{ index: 0, delta: { content: 'Hi' } }] }, chunk({}, 'stop'), '[DONE]')));
    const [first] = await all(await clientOf(server).chat.completions.create(streaming));
    assert.equal(first?.choices[0]?.finish_reason, null);
  });

  /** Reads the stream, goes on as the test says after its first chunk, and gives what was thrown. */
  async function failureOf(go: (hand: ReturnType<typeof handWritten>) => void): Promise<unknown> {
    const hand = handWritten(sse(chunk({ content: 'Hel' })));
    const server = await serve(hand.script);
    const seen: string[] = [];
    try {
      for await (const event of await clientOf(server).chat.completions.create(streaming)) {
        seen.push(event.choices[0]?.delta.content ?? '');
        go(hand);
      }
    } catch (thrown) {
      assert.deepEqual(seen, ['Hel']);
      assert.equal(server.received.length, 1);
      return thrown;
    }
    return assert.fail('the stream ended');
  }

  test('that breaks off throws', async () => {
    const thrown = await failureOf((hand) => hand.break());
    assert.ok(thrown instanceof APIError);
    assert.match(thrown.message, /broke/);
  });

  test('that ends too early throws', async () => {
    assert.ok((await failureOf((hand) => hand.end())) instanceof APIError);
  });

  test('with an error event throws it', async () => {
    const thrown = await failureOf((hand) => hand.write(sse(error('The server is on fire', 'server_error', 'fire'))));
    assert.ok(thrown instanceof APIError);
    assert.equal(thrown.message, 'The server is on fire');
    assert.equal(thrown.type, 'server_error');
    assert.equal(thrown.code, 'fire');
    assert.equal(thrown.status, undefined);
    assert.equal(thrown.requestID, 'req_stream');
  });

  test('with an event that is not JSON throws', async () => {
    assert.ok((await failureOf((hand) => hand.write(sse('{"half":')))) instanceof APIError);
    assert.ok((await failureOf((hand) => hand.write(sse('{"half": nonsense}')))) instanceof APIError);
  });

  test('that breaks off after its finish reason is whole', async () => {
    const server = await serve(torn(hello));
    assert.equal((await all(await clientOf(server).chat.completions.create(streaming))).length, 4);
  });

  test('that fails before its first content is tried again', async () => {
    const server = await serve(stream(sse(error('overloaded', 'overloaded_error'))), stream(hello, sse('[DONE]')));
    assert.equal((await all(await clientOf(server).chat.completions.create(streaming))).length, 4);
    assert.equal(server.received.length, 2);
  });

  test('that falls silent times out', async () => {
    const server = await serve(silent(sse(chunk({ content: 'Hel' }))));
    const events = await clientOf(server, { timeout: 60 }).chat.completions.create(streaming);
    await assert.rejects(all(events), APIConnectionTimeoutError);
    await server.received[0]?.left;
  });

  test('that is left closes the connection', async () => {
    const server = await serve(silent(hello));
    for await (const event of await clientOf(server).chat.completions.create(streaming)) {
      assert.ok(event);
      break;
    }
    await server.received[0]?.left;
  });

  test('that is aborted ends, and closes the connection', async () => {
    const server = await serve(silent(hello));
    const events = await clientOf(server).chat.completions.create(streaming);
    const caller = new AbortController();
    const other = await clientOf(server).chat.completions.create(streaming, { signal: caller.signal });
    let count = 0;
    for await (const event of events) if (event && ++count === 2) events.controller.abort();
    for await (const event of other) if (event && ++count === 4) caller.abort();
    assert.equal(count, 4);
    await Promise.all(server.received.map((request) => request.left));
  });

  test('splits in two', async () => {
    const server = await serve(stream(hello, sse('[DONE]')));
    const [left, right] = (await clientOf(server).chat.completions.create(streaming)).tee();
    const events = await all(left);
    assert.equal(events.length, 4);
    assert.deepEqual(await all(right), events);
  });

  test('whose two halves are both left closes the connection', async () => {
    const server = await serve(silent(hello));
    const halves = (await clientOf(server).chat.completions.create(streaming)).tee();
    for (const half of halves) for await (const event of half) if (event) break;
    await server.received[0]?.left;
  });

  test('becomes bytes, a line an event', async () => {
    const server = await serve(stream(hello, sse('[DONE]')));
    const readable = (await clientOf(server).chat.completions.create(streaming)).toReadableStream();
    const lines = (await new Response(readable).text()).trimEnd().split('\n');
    assert.equal(lines.map((line) => JSON.parse(line).choices[0].delta.content ?? '').join(''), 'Hello');
  });
});

describe('errors', () => {
  const cases = [
    [400, 'BadRequestError'],
    [401, 'AuthenticationError'],
    [403, 'PermissionDeniedError'],
    [404, 'NotFoundError'],
    [422, 'UnprocessableEntityError'],
  ] as const;
  for (const [status, name] of cases) {
    test(`${status} is ${name}, with the provider's own words`, async () => {
      const server = await serve(json(error('No such thing', 'some_type', 'some_code'), { status, headers: { 'x-request-id': 'req_9' } }));
      await assert.rejects(clientOf(server).chat.completions.create(body), (thrown) => {
        assert.ok(thrown instanceof OpenAI[name] && thrown instanceof APIError && thrown instanceof OpenAIError && thrown instanceof Error);
        assert.equal(thrown.name, name);
        assert.equal(thrown.message, `${status} No such thing`);
        assert.equal(thrown.status, status);
        assert.deepEqual(thrown.error, error('No such thing', 'some_type', 'some_code').error);
        assert.equal(thrown.code, 'some_code');
        assert.equal(thrown.type, 'some_type');
        assert.equal(thrown.param, 'messages');
        assert.equal(thrown.requestID, 'req_9');
        assert.equal(thrown.headers?.get('content-type'), 'application/json');
        return true;
      });
      assert.equal(server.received.length, 1);
    });
  }

  test('a body that is not JSON is described, not repeated', async () => {
    const server = await serve((response) => response.writeHead(403, { 'content-type': 'text/html' }).end('<html>secret page</html>'));
    await assert.rejects(clientOf(server).chat.completions.create(body), (thrown) => {
      assert.ok(thrown instanceof OpenAI.PermissionDeniedError);
      assert.match(thrown.message, /^403 .*HTML came/);
      assert.doesNotMatch(thrown.message, /secret/);
      return true;
    });
  });

  test('a page where an answer was expected is an error', async () => {
    const server = await serve((response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html></html>'));
    await assert.rejects(clientOf(server, { maxRetries: 0 }).chat.completions.create(body), /HTML came/);
  });

  test('a redirect is not followed', async () => {
    const server = await serve((response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end());
    await assert.rejects(clientOf(server, { maxRetries: 0 }).chat.completions.create(body), /redirect/);
  });

  test('an address where nobody is names it', async () => {
    const server = await startScriptedServer(mute);
    await server.close();
    await assert.rejects(clientOf(server, { maxRetries: 0 }).chat.completions.create(body), (thrown) => {
      assert.ok(thrown instanceof APIConnectionError);
      assert.ok(thrown.message.includes(server.url));
      assert.equal(thrown.status, undefined);
      assert.ok(thrown.cause instanceof Error);
      return true;
    });
  });

  test('a connection that breaks in the answer is a connection error', async () => {
    const server = await serve((response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{"id":');
      setImmediate(() => response.socket?.destroySoon());
    });
    await assert.rejects(clientOf(server, { maxRetries: 0 }).chat.completions.create(body), APIConnectionError);
  });

  test('silence times out, and the attempt is closed', async () => {
    const server = await serve(mute);
    await assert.rejects(
      clientOf(server, { timeout: 40, maxRetries: 0 }).chat.completions.create(body),
      (thrown) => thrown instanceof APIConnectionTimeoutError && thrown instanceof APIConnectionError,
    );
    await server.received[0]?.left;
  });

  test('a body that falls silent times out too', async () => {
    const server = await serve((response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"id":');
    });
    await assert.rejects(clientOf(server).chat.completions.create(body, { timeout: 40, maxRetries: 0 }), APIConnectionTimeoutError);
    await server.received[0]?.left;
  });

  test('an abort is its own error, before and during the call', async () => {
    const server = await serve(mute);
    const caller = new AbortController();
    const call = clientOf(server).chat.completions.create(body, { signal: caller.signal });
    setTimeout(() => caller.abort(), 30);
    await assert.rejects(call, APIUserAbortError);
    await server.received[0]?.left;
    await assert.rejects(clientOf(server).chat.completions.create(body, { signal: AbortSignal.abort() }), APIUserAbortError);
    assert.equal(server.received.length, 1);
  });
});

describe('retries', () => {
  const soon = { 'retry-after-ms': '1' };

  for (const status of [408, 409, 429, 500, 503]) {
    test(`${status} is tried again twice`, async () => {
      const server = await serve(json(error('Later'), { status, headers: soon }), json(error('Later'), { status, headers: soon }), json(completion));
      assert.equal((await clientOf(server).chat.completions.create(body)).id, 'chatcmpl-1');
      assert.equal(server.received.length, 3);
      assert.equal(new Set(server.received.map((request) => request.body)).size, 1);
    });
  }

  test('end with the error of the last try', async () => {
    const server = await serve(json(error('Later', 'requests', 'rate_limit_exceeded'), { status: 429, headers: soon }));
    await assert.rejects(
      clientOf(server).chat.completions.create(streaming),
      (thrown) => thrown instanceof OpenAI.RateLimitError && thrown.code === 'rate_limit_exceeded',
    );
    assert.equal(server.received.length, 3);
  });

  test('are as many as maxRetries says, the call over the client', async () => {
    const server = await serve(json(error('Later'), { status: 500, headers: soon }));
    await assert.rejects(clientOf(server, { maxRetries: 1 }).chat.completions.create(body), OpenAI.InternalServerError);
    assert.equal(server.received.length, 2);
    await assert.rejects(clientOf(server).chat.completions.create(body, { maxRetries: 0 }), OpenAI.InternalServerError);
    assert.equal(server.received.length, 3);
  });

  test('do not happen when the server says so, and do when it says so', async () => {
    const server = await serve(json(error('Never'), { status: 500, headers: { ...soon, 'x-should-retry': 'false' } }));
    await assert.rejects(clientOf(server).chat.completions.create(body), OpenAI.InternalServerError);
    assert.equal(server.received.length, 1);
    const willing = await serve(json(error('Once more'), { status: 400, headers: { ...soon, 'x-should-retry': 'true' } }), json(completion));
    assert.equal((await clientOf(willing).chat.completions.create(body)).id, 'chatcmpl-1');
  });

  test('wait as long as retry-after says', async () => {
    const server = await serve(json(error('Later'), { status: 429, headers: { 'retry-after-ms': '80' } }), json(completion));
    const from = performance.now();
    await clientOf(server).chat.completions.create(body);
    assert.ok(performance.now() - from >= 75);
  });

  test('follow a connection that broke before anything came, in a stream too', async () => {
    const server = await serve(torn(), stream(hello, sse('[DONE]')));
    assert.equal((await all(await clientOf(server).chat.completions.create(streaming))).length, 4);
    assert.equal(server.received.length, 2);
  });

  test('are cut short by an abort', async () => {
    const server = await serve(json(error('Later'), { status: 500, headers: { 'retry-after': '30' } }));
    const caller = new AbortController();
    const call = clientOf(server).chat.completions.create(body, { signal: caller.signal });
    setTimeout(() => caller.abort(), 60);
    await assert.rejects(call, APIUserAbortError);
  });
});
