import { describe } from 'node:test';
import { json, mute, named, type Script, silent, stream } from './support/scripted-server.ts';
import { twin } from './support/anthropic-twin.ts';
import { begun, body, collected, endings, error, failure, hello, inPieces, message, rich, wording } from './support/anthropic-scripts.ts';

describe('create', () => {
  twin(
    'gives the message, its id and its response',
    () => [json(message, { headers: { 'request-id': 'req_1' } })],
    async (client) => {
      const sent = { ...body, user_profile_id: 'user_1', metadata: { user_id: 'me' }, system: [{ type: 'text' as const, text: 'Be brief' }] };
      const { data, request_id, response } = await client.messages.create(sent, { headers: { 'anthropic-beta': 'beta-1', 'x-mine': 'yes' } }).withResponse();
      return { data, request_id, status: response.status };
    },
  );

  // 499 is left out: ours asks again, since the caller that is said to be gone is still there.
  for (const status of [400, 401, 402, 403, 404, 408, 409, 412, 413, 418, 422, 429, 431, 500, 501, 503, 504, 529]) {
    const refusal = { type: 'error', error: { type: 'some_error', message: 'No', details: { error_code: 'cause' } }, request_id: 'req_9' };
    const script = json(refusal, { status, headers: { 'request-id': 'req_9', 'retry-after-ms': '1' } });
    twin(
      `${status} is the same error after the same tries`,
      () => [script],
      (client) => client.messages.create(body),
    );
  }

  for (const said of ['true', 'false']) {
    for (const status of [400, 429]) {
      const script = json({ type: 'error', error: { type: 'x', message: 'No' } }, { status, headers: { 'x-should-retry': said, 'retry-after-ms': '1' } });
      twin(
        `${status} with x-should-retry: ${said}`,
        () => [script, json(message)],
        (client) => client.messages.create(body),
      );
    }
  }

  twin(
    'what is no JSON is an error of the same kind',
    () => [plainText(502, '<html>Bad gateway</html>')],
    async (client) => {
      const { class: name, status } = (await failure(client.messages.create(body))) as { class: string; status: number };
      return [name, status];
    },
    { client: { maxRetries: 0 } },
  );
  twin(
    'silence times out',
    () => [mute],
    (client) => client.messages.create(body),
    { client: { timeout: 50, maxRetries: 0 } },
  );
  twin(
    'a connection that breaks is tried again',
    () => [broken, json(message)],
    (client) => client.messages.create(body, { headers: { 'retry-after-ms': '1' } }),
  );
  twin(
    'a signal aborts',
    () => [mute],
    (client) => client.messages.create(body, { signal: AbortSignal.timeout(50) }),
  );
  twin(
    'a signal that has aborted asks for nothing',
    () => [json(message)],
    (client) => client.messages.create(body, { signal: AbortSignal.abort() }),
  );
});

describe('create with stream: true', () => {
  const streaming = { ...body, stream: true as const };
  twin(
    'gives every event',
    () => [stream(named(...rich))],
    async (client) => await collected(await client.messages.create(streaming)),
  );
  for (const size of [1, 2, 3, 7, 64, 1000]) {
    twin(
      `however the bytes are cut: by ${size}`,
      () => [inPieces(named(...rich), size)],
      async (client) => await collected(await client.messages.create(streaming)),
    );
  }
  twin(
    'takes other line ends, comments and events in several lines',
    () => [
      stream(
        named(...hello)
          .replaceAll('\n', '\r\n')
          .replace('event: ping', ': hm\nevent: ping'),
      ),
    ],
    async (client) => await collected(await client.messages.create(streaming)),
  );
  twin(
    'tee gives it twice',
    () => [stream(named(...hello))],
    async (client) => {
      const [left, right] = (await client.messages.create(streaming)).tee();
      return await Promise.all([collected(left), collected(right)]);
    },
  );
  twin(
    'toReadableStream gives lines',
    () => [stream(named(...hello))],
    async (client) => {
      return await new Response((await client.messages.create(streaming)).toReadableStream() as ReadableStream).text();
    },
  );
  twin(
    'break aborts',
    () => [silent(named(...hello.slice(0, 3)))],
    async (client) => {
      const events = await client.messages.create(streaming);
      for await (const event of events) if (event.type === 'content_block_delta') break;
      return events.controller.signal.aborted;
    },
  );
  twin(
    'the controller ends it without an error',
    () => [silent(named(...hello.slice(0, 3)))],
    async (client) => {
      const events = await client.messages.create(streaming);
      const seen: string[] = [];
      for await (const event of events) {
        seen.push(event.type);
        if (event.type === 'content_block_delta') events.controller.abort();
      }
      return seen;
    },
  );
  for (const { name, end, said } of endings.filter(({ ofMessage }) => ofMessage !== true)) {
    twin(`${name} after content throws`, begun, async (client, hand) => {
      const seen: string[] = [];
      const thrown = await failure(
        (async () => {
          for await (const event of await client.messages.create(streaming)) {
            seen.push(event.type);
            if (event.type === 'content_block_delta') end(hand);
          }
        })(),
      );
      return [seen, wording(thrown, said)];
    });
  }
});

describe('models and batches', () => {
  const info = (id: string) => ({ id, type: 'model', display_name: id });
  const pages = (...of: readonly object[][]): Script[] =>
    of.map((data, at) => json({ data, has_more: at < of.length - 1, first_id: `f${at}`, last_id: `l${at}` }));
  twin(
    'a list goes on through its pages',
    () => pages([info('a'), info('b')], [info('c')]),
    async (client) => await collected(client.models.list({ limit: 2 })),
  );
  twin(
    'backwards too',
    () => pages([info('a')], [info('b')]),
    async (client) => await collected(client.models.list({ limit: 1, before_id: 'x' })),
  );
  twin(
    'page by page',
    () => pages([info('a')], [info('b')]),
    async (client) => {
      const first = await client.models.list({ limit: 1 });
      const second = await first.getNextPage();
      return [first.data, first.hasNextPage(), second.getPaginatedItems(), second.hasNextPage(), first.last_id];
    },
  );
  twin(
    'one model',
    () => [json(info('claude-sonnet-5'))],
    async (client) => await client.models.retrieve('claude-sonnet-5'),
  );
  twin(
    'a count of tokens',
    () => [json({ input_tokens: 4 })],
    async (client) => [
      await client.messages.countTokens({ model: body.model, messages: body.messages }),
      await client.beta.messages.countTokens({ model: body.model, messages: body.messages, betas: ['b-1'] }),
    ],
  );

  const batch = {
    id: 'msgbatch_1',
    type: 'message_batch',
    processing_status: 'ended',
    results_url: 'https://api.anthropic.com/v1/messages/batches/msgbatch_1/results',
  };
  const results = [
    { custom_id: '1', result: { type: 'succeeded', message } },
    { custom_id: 'grüße', result: { type: 'expired' } },
  ];
  twin(
    'a batch is made, read, cancelled and deleted',
    () => [json(batch)],
    async (client) => {
      const { batches } = client.messages;
      const made = await batches.create({ requests: [{ custom_id: '1', params: body }], user_profile_id: 'user_1' }, { headers: { 'x-mine': 'yes' } });
      return [made, await batches.retrieve('odd/id'), await batches.cancel('msgbatch_1', { workspace_id: 'ws_1' }), await batches.delete('msgbatch_1')];
    },
  );
  twin(
    'batches are listed',
    () => pages([batch], [batch]),
    async (client) => await collected(client.messages.batches.list({ limit: 1 })),
  );
  twin(
    'a batch under way has no results',
    () => [json({ ...batch, results_url: null, processing_status: 'in_progress' })],
    (client) => client.messages.batches.results('msgbatch_1'),
  );
  for (const size of [1, 3, 1000]) {
    // The official package would take the key to whatever address the batch names: here to the same server.
    const lines = results.map((result) => JSON.stringify(result)).join('\n');
    twin(
      `results come line by line, cut by ${size}`,
      () => [resultsAt(batch), inPieces(lines, size)],
      async (client) => await collected(await client.messages.batches.results('msgbatch_1')),
    );
  }
  twin(
    'a line that is no JSON is an error',
    () => [resultsAt(batch), stream('{"custom_id":"1","result":{"type":"expired"}}\n{"oops')],
    async (client) => {
      const seen: unknown[] = [];
      const outcome = await failureOf(async () => {
        for await (const result of await client.messages.batches.results('msgbatch_1')) seen.push(result);
      });
      return [seen, outcome];
    },
  );
  twin(
    'results that are refused are the same error',
    () => [resultsAt(batch), json({ type: 'error', error: { type: 'not_found_error', message: 'Gone' } }, { status: 404 })],
    (client) => client.messages.batches.results('msgbatch_1'),
  );
});

describe('any other path', () => {
  const ok = () => [json({ ok: true }, { headers: { 'request-id': 'req_p' } })];
  twin('get, with a query', ok, async (client) => await client.get('/v1/files', { query: { limit: 2, scope: 'all' }, headers: { 'x-mine': 'yes' } }));
  twin('post, put, patch and delete', ok, async (client) => [
    await client.post('/v1/things', { body: { a: 1 } }),
    await client.put('/v1/things/1', { body: { a: 2 } }),
    await client.patch('/v1/things/1', { body: { a: 3 } }),
    await client.delete('/v1/things/1'),
  ]);
  twin('the id of the request is there', ok, async (client) => ((await client.get('/v1/files')) as { _request_id?: string })._request_id);
  twin(
    'text is text',
    () => [plainText(200, 'hello')],
    async (client) => await client.get('/v1/files/1/content'),
  );
  twin(
    'nothing is null',
    () => [noContent],
    async (client) => (await client.delete('/v1/things/1')) === null,
  );
  twin(
    'a stream',
    () => [stream(named(...hello))],
    async (client) => await collected((await client.post('/v1/messages', { body: { ...body, stream: true }, stream: true })) as AsyncIterable<unknown>),
  );
  twin(
    'a refusal',
    () => [json(error('not_found_error', 'No'), { status: 404 })],
    (client) => client.get('/v1/nothing'),
  );
  twin('a response', ok, async (client) => (await client.get('/v1/files').asResponse()).status);
});

const broken: Script = (response) => response.socket?.destroy();

function plainText(status: number, content: string): Script {
  return (response) => {
    response.writeHead(status, { 'content-type': 'text/html' });
    response.end(content);
  };
}

/** A batch whose results are at the server that is asked. */
function resultsAt(batch: object): Script {
  return (response, request) => json({ ...batch, results_url: `http://${request.headers.host}/v1/messages/batches/msgbatch_1/results` })(response, request);
}

async function failureOf(run: () => Promise<void>): Promise<boolean> {
  return await run().then(
    () => false,
    () => true,
  );
}

const noContent: Script = (response) => {
  response.writeHead(204);
  response.end();
};
