import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { all } from '../../../../test/support/all.ts';
import { described, settled, twin } from '../../../../test/support/openai-twin.ts';
import { handWritten, json, openaiWire, type Script, silent, sse, stream } from '../../../../test/support/scripted-server.ts';

/** The same script through the official client and through ours: the same requests, results, error classes and fields. */
const { chunk, completion, error } = openaiWire;
const ask = { model: 'gpt-5', messages: [{ role: 'user' as const, content: 'Hi' }] };
const streaming = { ...ask, stream: true as const };
const hello = sse(chunk({ role: 'assistant', content: '' }), chunk({ content: 'Hel' }), chunk({ content: 'lo' }), chunk({}, 'stop'), '[DONE]');

function status(code: number, body: string, headers: Record<string, string> = {}): Script {
  return (response) => {
    response.writeHead(code, { 'content-type': 'application/json', 'x-request-id': 'req_1', ...headers });
    response.end(body);
  };
}

/** Bytes in these pieces, each in a packet of its own. */
function pieces(...parts: readonly (string | Uint8Array)[]): Script {
  return async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const part of parts) {
      response.write(part);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    response.end();
  };
}

describe('refusals', () => {
  const bodies: Readonly<Record<string, string>> = {
    'an error of the format': JSON.stringify(error('no', 'invalid_request_error', 'bad')),
    'an error without words': JSON.stringify({ error: { type: 'x', code: '7' } }),
    'an error that is a text': JSON.stringify({ error: 'no such thing' }),
    'a body without an error': JSON.stringify({ message: 'no', detail: [1] }),
    'an empty error': JSON.stringify({ error: {} }),
  };
  for (const code of [400, 401, 403, 404, 409, 418, 422, 429, 500, 503]) {
    for (const [name, body] of Object.entries(bodies)) {
      test(`${code} with ${name}`, async () => {
        await twin(
          () => [status(code, body)],
          async (client) => await client.chat.completions.create(ask),
        );
      });
    }
  }
});

describe('tries', () => {
  const again = { 'retry-after-ms': '1' };
  const runs: Readonly<Record<string, readonly Script[]>> = {
    '429 then an answer': [status(429, '{}', again), json(completion)],
    '500, 503, then an answer': [status(500, '{}', again), status(503, '{}', again), json(completion)],
    '408 and 409 then an answer': [status(408, '{}', again), status(409, '{}', again), json(completion)],
    'three times 500': [status(500, JSON.stringify(error('down')), again)],
    '400 is not tried again': [status(400, '{}', again), json(completion)],
    '400 that says so is': [status(400, '{}', { ...again, 'x-should-retry': 'true' }), json(completion)],
    '500 that says so is not': [status(500, '{}', { ...again, 'x-should-retry': 'false' }), json(completion)],
    '429 before a stream': [status(429, '{}', again), stream(hello)],
  };
  for (const [name, scripts] of Object.entries(runs)) {
    test(name, async () => {
      await twin(
        () => scripts,
        async (client) => (name.endsWith('stream') ? await all(await client.chat.completions.create(streaming)) : await client.chat.completions.create(ask)),
        { maxRetries: 2 },
      );
    });
  }
});

describe('streams', () => {
  const bytes = new TextEncoder().encode(sse(chunk({ role: 'assistant', content: 'é–🎉' }), chunk({}, 'stop'), '[DONE]'));
  const wires: Readonly<Record<string, Script>> = {
    'as they usually come': stream(hello),
    'byte by byte': pieces(...[...bytes].map((byte) => Uint8Array.of(byte))),
    'with carriage returns': stream(hello.replaceAll('\n', '\r\n')),
    'with comments, ids and other fields': stream(`: hi\n\nid: 7\nretry: 10\n${hello.replace('data: ', 'data:')}`),
    'with data over several lines': stream(`data: ${JSON.stringify(chunk({ content: 'a' })).replace(',', ',\ndata: ')}\n\n${hello}`),
    'with something after the end': stream(`${hello}data: {"choices":[{"delta":{"content":"late"}}]}\n\n`),
    'with a mark at the beginning': stream(`\uFEFF${hello}`),
  };
  for (const [name, script] of Object.entries(wires)) {
    test(name, async () => {
      await twin(
        () => [script],
        async (client) => await all(await client.chat.completions.create(streaming)),
      );
    });
  }

  test('in two by tee(), and as bytes', async () => {
    await twin(
      () => [stream(hello)],
      async (client) => {
        const [left, right] = (await client.chat.completions.create(streaming)).tee();
        const first = await all(left);
        return { first, second: await all(right) };
      },
    );
    await twin(
      () => [stream(hello)],
      async (client) => await new Response((await client.chat.completions.create(streaming)).toReadableStream()).text(),
    );
  });

  test('left by break, aborted by their controller or by the caller’s signal', async () => {
    const begun = sse(chunk({ role: 'assistant', content: 'Hel' }));
    await twin(
      () => [silent(begun)],
      async (client, { received }) => {
        const seen: unknown[] = [];
        const left = await client.chat.completions.create(streaming);
        for await (const one of left) {
          seen.push(one);
          break;
        }
        await received[0]?.left;
        const aborted = await client.chat.completions.create(streaming);
        for await (const one of aborted) {
          seen.push(one);
          aborted.controller.abort();
        }
        await received[1]?.left;
        const stop = new AbortController();
        const signalled = await client.chat.completions.create(streaming, { signal: stop.signal });
        for await (const one of signalled) {
          seen.push(one);
          stop.abort();
        }
        await received[2]?.left;
        return { seen, aborted: [left.controller.signal.aborted, aborted.controller.signal.aborted] };
      },
    );
  });

  test('iterated twice are refused', async () => {
    await twin(
      () => [stream(hello)],
      async (client) => {
        const once = await client.chat.completions.create(streaming);
        await all(once);
        return await settled(() => all(once));
      },
    );
  });

  test('with an error in them that comes late', async () => {
    for (const late of [sse(error('boom', 'server_error', 'x')), `event: error\n${sse({ error: { message: 'boom' } })}`]) {
      const hand = handWritten(sse(chunk({ role: 'assistant', content: 'Hel' })));
      await twin(
        () => [hand.script],
        async (client) => {
          const seen: unknown[] = [];
          try {
            for await (const one of await client.chat.completions.create(streaming)) {
              seen.push(one);
              hand.write(late);
              hand.end();
            }
          } catch (thrown) {
            return { seen, thrown: described(thrown) };
          }
          return { seen };
        },
      );
    }
  });
});

describe('aborts and timeouts', () => {
  test('before, while and after', async () => {
    await twin(
      () => [() => undefined],
      async (client) => {
        const stop = new AbortController();
        setTimeout(() => stop.abort(), 30);
        return [
          await settled(() => client.chat.completions.create(ask, { signal: AbortSignal.abort() })),
          await settled(() => client.chat.completions.create(ask, { signal: stop.signal })),
          await settled(() => client.chat.completions.create(ask, { timeout: 30 })),
        ];
      },
    );
  });
});

describe('lists', () => {
  test('walked and by pages', async () => {
    const model = (id: string): object => ({ id, object: 'model', created: 1, owned_by: 'o' });
    await twin(
      () => [json({ object: 'list', data: [model('a'), model('b')] }), json(model('c/d')), status(404, JSON.stringify(error('no')))],
      async (client) => {
        const ids: string[] = [];
        for await (const each of client.models.list()) ids.push(each.id);
        return { ids, one: await client.models.retrieve('c/d'), missing: await settled(() => client.models.retrieve('x')) };
      },
    );
  });
});

test('a whole answer comes with its response, or as the response alone', async () => {
  const { outcome } = await twin(
    () => [json(completion, { headers: { 'x-request-id': 'req_9' } })],
    async (client) => {
      const { data, response, request_id } = await client.chat.completions.create(ask, { headers: { 'x-a': 'b' }, query: { q: 1 } }).withResponse();
      const raw = await client.chat.completions.create(ask).asResponse();
      const promise = client.chat.completions.create(ask);
      return { data, status: response.status, request_id, raw: await raw.json(), twice: [await promise, await promise] };
    },
  );
  assert.equal((outcome as { result: { request_id: string } }).result.request_id, 'req_9');
});
