import { describe } from 'node:test';
import type Official from '@anthropic-ai/sdk';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';
import * as theirHelpers from '@anthropic-ai/sdk/helpers/beta/standard-schema';
import { betaStandardSchemaOutputFormat } from '@anthropic-ai/sdk/helpers/beta/standard-schema';
import { jsonSchemaOutputFormat } from '@anthropic-ai/sdk/helpers/json-schema';
import { ToolError } from '@anthropic-ai/sdk/lib/tools/ToolError';
import * as z from 'zod';
import * as ourHelpers from 'modelwire/anthropic/helpers';
import { anthropicWire, handWritten, json, mute, named, type Script, silent, stream } from './support/scripted-server.ts';
import { describeError, type Hand, isOurs, plain, twin } from './support/twin.ts';

const { message, start, open, text, close, finish, stop, error } = anthropicWire;
const body = { model: 'claude-sonnet-5', max_tokens: 100, messages: [{ role: 'user' as const, content: 'Hi' }] };
const hello = [start, open, text('Hel'), text('lo'), close, finish, stop];

const delta = (index: number, of: object) => ({ type: 'content_block_delta', index, delta: of });
const opened = (index: number, content_block: object) => ({ type: 'content_block_start', index, content_block });
const closed = (index: number) => ({ type: 'content_block_stop', index });
const input = ['', '{"a"', ': "he', 'llo", "n": 12', '.5, "l": [1, 2', ', {"x": tr', 'ue}], "u": "\\u00', 'e9ü", "z": nu', 'll', '}'];
/** Every kind of block and delta. */
const rich = [
  start,
  opened(0, { type: 'thinking', thinking: '', signature: '' }),
  delta(0, { type: 'thinking_delta', thinking: 'hm' }),
  delta(0, { type: 'thinking_delta', thinking: 'm' }),
  delta(0, { type: 'signature_delta', signature: 'SIG' }),
  closed(0),
  { type: 'ping' },
  opened(1, { type: 'text', text: '', citations: [] }),
  delta(1, { type: 'text_delta', text: 'Grüße, ' }),
  delta(1, { type: 'citations_delta', citation: { type: 'char_location', cited_text: 'x', document_index: 0, document_title: null } }),
  delta(1, { type: 'text_delta', text: '世界 👋🏽' }),
  closed(1),
  opened(2, { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} }),
  ...input.map((partial_json) => delta(2, { type: 'input_json_delta', partial_json })),
  closed(2),
  opened(3, { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} }),
  delta(3, { type: 'input_json_delta', partial_json: '{"query":"q"}' }),
  closed(3),
  opened(4, { type: 'redacted_thinking', data: 'opaque' }),
  closed(4),
  opened(5, { type: 'text', text: '' }),
  delta(5, { type: 'text_delta', text: 'more' }),
  closed(5),
  {
    type: 'message_delta',
    delta: { stop_reason: 'tool_use', stop_sequence: null, container: { id: 'c_1', expires_at: 'later' } },
    usage: { output_tokens: 9, input_tokens: 4, cache_read_input_tokens: null, server_tool_use: { web_search_requests: 1 } },
  },
  stop,
];

/** The bytes in pieces of a size, each in a write of its own. */
function inPieces(content: string, size: number): Script {
  return async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'request-id': 'req_p' });
    const bytes = Buffer.from(content);
    for (let at = 0; at < bytes.length; at += size) {
      response.write(bytes.subarray(at, at + size));
      if (at % 256 === 0) await new Promise(setImmediate);
    }
    response.end();
  };
}

const eventNames = ['connect', 'streamEvent', 'text', 'thinking', 'inputJson', 'citation', 'signature', 'contentBlock', 'message', 'finalMessage'] as const;

type MessageStream = ReturnType<Official['messages']['stream']>;

/** Everything that a stream tells, as it stood when it was told. */
function listen(events: MessageStream): unknown[] {
  const told: unknown[] = [];
  for (const name of eventNames) events.on(name, (...args: unknown[]) => told.push([name, plain(args)]));
  events.on('error', (thrown: unknown) => told.push(['error', describeError(thrown)]));
  events.on('abort', (thrown: unknown) => told.push(['abort', describeError(thrown)]));
  events.on('end', () => told.push(['end']));
  return told;
}

async function failure(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    return { value: plain(await promise) };
  } catch (thrown) {
    return describeError(thrown);
  }
}

type Ending = {
  readonly name: string;
  readonly end: (hand: Hand) => void;
  /** Whether the provider says it, so that its words must be the same. */
  readonly said?: true;
  /** Whether only a stream that makes a message of it can tell. */
  readonly ofMessage?: true;
};

/** How a stream that has begun ends ill. */
const endings: readonly Ending[] = [
  { name: 'an error event', end: (hand) => hand.write(named(error('overloaded_error', 'Too many'))), said: true },
  { name: 'an event out of order', end: (hand) => hand.write(named(start)), ofMessage: true },
  { name: 'an event that is no JSON', end: (hand) => hand.write('event: content_block_delta\ndata: {oops\n\n') },
  { name: 'a broken connection', end: (hand) => hand.break() },
];
/** What is not the provider's own word may be put otherwise, and in a class that says more. */
function wording(outcome: unknown, said: true | undefined): unknown {
  return said === true ? outcome : 'class' in (outcome as object);
}

const begun = (): Hand => handWritten(named(...hello.slice(0, 3)));

async function collected<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

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

const broken: Script = (response) => response.socket?.destroy();

function plainText(status: number, content: string): Script {
  return (response) => {
    response.writeHead(status, { 'content-type': 'text/html' });
    response.end(content);
  };
}

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

describe('stream', () => {
  const script = () => [stream(named(...rich))];
  twin('tells everything, in order', script, async (client) => {
    const events = client.messages.stream(body);
    const told = listen(events);
    await events.done();
    return {
      told,
      messages: events.messages,
      received: events.receivedMessages,
      current: events.currentMessage,
      id: events.request_id,
      ended: events.ended,
      errored: events.errored,
      aborted: events.aborted,
    };
  });
  for (const size of [1, 5]) {
    twin(
      `tells the same when the bytes are cut by ${size}`,
      () => [inPieces(named(...rich), size)],
      async (client) => {
        const events = client.messages.stream(body);
        const told = listen(events);
        await events.done();
        return told;
      },
    );
  }
  twin('gives the final message and text', script, async (client) => {
    const events = client.messages.stream(body);
    return [await events.finalMessage(), await events.finalText()];
  });
  twin(
    'without text has no final text',
    () => [stream(named(start, finish, stop))],
    async (client) => await client.messages.stream(body).finalText(),
  );
  // The official package goes on to change the first event's message while it waits to be read.
  twin('is iterated by its events', script, async (client) => (await collected(client.messages.stream(body))).slice(1));
  twin('gives its response', script, async (client) => {
    const events = client.messages.stream(body);
    const { data, response, request_id } = await events.withResponse();
    return [data === events, response.status, request_id, events.response?.status];
  });
  // For events of two arguments the official types and code disagree: ours holds to the types.
  twin('emitted waits for the next', script, async (client) => {
    const events = client.messages.stream(body);
    return await Promise.all([
      events.emitted('connect'),
      events.emitted('contentBlock'),
      events.emitted('signature'),
      events.emitted('message'),
      events.emitted('end'),
    ]);
  });
  twin('once and off', script, async (client) => {
    const events = client.messages.stream(body);
    const told: string[] = [];
    const never = (piece: string): unknown => told.push(`never ${piece}`);
    events
      .on('text', never)
      .once('text', (piece) => told.push(piece))
      .off('text', never);
    await events.done();
    return told;
  });
  twin('currentMessage is the message so far', script, async (client) => {
    const events = client.messages.stream(body);
    const seen: unknown[] = [];
    for await (const event of events) if (event.type === 'content_block_stop') seen.push(plain(events.currentMessage)?.constructor.name);
    return seen;
  });
  twin('goes through a ReadableStream and comes back', script, async (client) => {
    const events = client.messages.stream(body);
    const { constructor } = Object.getPrototypeOf(events) as { constructor: { fromReadableStream(from: ReadableStream): MessageStream } };
    const readable = events.toReadableStream() as ReadableStream;
    const again = constructor.fromReadableStream(readable);
    const told = listen(again);
    await again.done();
    return told;
  });

  for (const { name, end, said } of endings) {
    twin(`${name} after content rejects`, begun, async (client, hand) => {
      const events = client.messages.stream(body);
      const told = listen(events);
      events.once('text', () => end(hand));
      const outcomes = [await failure(events.done()), await failure(events.finalMessage())];
      return [outcomes.map((outcome) => wording(outcome, said)), told.slice(0, -2), events.errored, events.ended];
    });
  }
  twin(
    'a refusal rejects',
    () => [json(error('invalid_request_error', 'No'), { status: 400, headers: { 'request-id': 'req_8' } })],
    async (client) => {
      const events = client.messages.stream(body);
      const told = listen(events);
      return [await failure(events.done()), await failure(events.withResponse()), await failure(collected(client.messages.stream(body))), told];
    },
  );
  twin(
    'a tool input that is no JSON rejects',
    () => [
      stream(
        named(
          start,
          opened(0, { type: 'tool_use', id: 't', name: 'f', input: {} }),
          delta(0, { type: 'input_json_delta', partial_json: '{oops' }),
          closed(0),
          finish,
          stop,
        ),
      ),
    ],
    async (client) => {
      return await failure(client.messages.stream(body).finalMessage());
    },
  );
  twin(
    'a tool input cut by max_tokens keeps what is complete',
    () => [
      stream(
        named(
          start,
          opened(0, { type: 'tool_use', id: 't', name: 'f', input: {} }),
          delta(0, { type: 'input_json_delta', partial_json: '{"a":1,"b":"x' }),
          closed(0),
          finish,
          stop,
        ),
      ),
    ],
    async (client) => {
      return await client.messages.stream(body).finalMessage();
    },
  );
  twin('a listener that throws rejects', script, async (client) => {
    const events = client.messages.stream(body);
    events.on('text', () => {
      throw new TypeError('mine');
    });
    const told = listen(events);
    return [await failure(events.done()), (told.at(-1) as unknown[])[0]];
  });
  twin(
    'abort rejects with the abort',
    () => [silent(named(...hello.slice(0, 3)))],
    async (client) => {
      const events = client.messages.stream(body);
      const told = listen(events);
      events.on('text', () => events.abort());
      return [await failure(events.done()), told, events.aborted, events.errored, events.ended];
    },
  );
  twin(
    'a signal aborts it',
    () => [silent(named(...hello.slice(0, 3)))],
    async (client) => {
      const controller = new AbortController();
      const events = client.messages.stream(body, { signal: controller.signal });
      const told = listen(events);
      events.on('text', () => controller.abort());
      return [await failure(events.finalMessage()), told];
    },
  );
  twin(
    'a signal that has aborted asks for nothing',
    () => [stream(named(...hello))],
    async (client) => {
      const events = client.messages.stream(body, { signal: AbortSignal.abort() });
      const told = listen(events);
      return [await failure(events.done()), told];
    },
  );
  twin(
    'break aborts',
    () => [silent(named(...hello.slice(0, 3)))],
    async (client) => {
      const events = client.messages.stream(body);
      for await (const event of events) if (event.type === 'content_block_delta') break;
      return [await failure(events.done()), events.aborted, events.controller.signal.aborted];
    },
  );
  twin(
    'silence before the head times out',
    () => [mute],
    (client) => client.messages.stream(body).done(),
    { client: { timeout: 50, maxRetries: 0 } },
  );
});

describe('parse', () => {
  const answer = (content: string): Script =>
    json({ ...message, content: [{ type: 'text', text: content, citations: null }] }, { headers: { 'request-id': 'req_1' } });
  const person = z.object({
    name: z.string().min(2).describe('The whole name'),
    age: z.number().int().optional(),
    tags: z.array(z.enum(['a', 'b'])).min(1),
    when: z.iso.datetime().nullable(),
  });
  const written = JSON.stringify({ name: 'Ada', tags: ['a'], when: null });
  const formats = [
    ['a Standard Schema', () => betaStandardSchemaOutputFormat(person)],
    ['a JSON Schema', () => jsonSchemaOutputFormat({ type: 'object', properties: { name: { type: 'string', maxLength: 9 } }, required: ['name'] })],
  ] as const;
  const ours = [
    () => ourHelpers.betaStandardSchemaOutputFormat(person),
    () => ourHelpers.jsonSchemaOutputFormat({ type: 'object', properties: { name: { type: 'string', maxLength: 9 } }, required: ['name'] }),
  ];
  formats.forEach(([name, theirs], at) => {
    const formatFor = (client: Official): ReturnType<typeof theirs> => (isOurs(client) ? ours[at]?.() : theirs()) as ReturnType<typeof theirs>;
    twin(
      `reads the answer as ${name} says`,
      () => [answer(written)],
      async (client) => {
        const parsed = await client.messages.parse({ ...body, output_config: { format: formatFor(client) } });
        return [parsed, Object.keys(parsed.content[0] ?? {})];
      },
    );
    twin(
      `reads a stream as ${name} says`,
      () => [stream(named(start, open, ...written.split(/(?<=,)/).map((piece) => text(piece)), close, finish, stop))],
      async (client) => await client.messages.stream({ ...body, output_config: { format: formatFor(client) } }).finalMessage(),
    );
    twin(
      `an answer that is no JSON is an error: ${name}`,
      () => [answer('Sure! {')],
      (client) => client.messages.parse({ ...body, output_config: { format: formatFor(client) } }),
    );
  });
  twin(
    'an answer that does not fit is an error',
    () => [answer('{"name":1}')],
    (client) =>
      client.messages.parse({
        ...body,
        output_config: { format: isOurs(client) ? (ourHelpers.zodOutputFormat(person) as never) : betaStandardSchemaOutputFormat(person) },
      }),
  );
  twin(
    'without a format nothing is read',
    () => [answer('Hello')],
    async (client) => await client.messages.parse(body),
  );
  twin(
    'the beta one says so',
    () => [answer('{}')],
    async (client) => await client.beta.messages.parse({ ...body, betas: ['b-1'] }),
  );
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

const noContent: Script = (response) => {
  response.writeHead(204);
  response.end();
};

describe('toolRunner', () => {
  const call = (id: string, name: string, given: unknown) => ({ type: 'tool_use', id, name, input: given });
  const turn = (id: string, content: readonly object[], stop_reason = 'tool_use', more: object = {}) => ({ ...message, id, content, stop_reason, ...more });
  const said = (words: string) => ({ type: 'text', text: words, citations: null });
  const turns = () => [
    turn(
      '1',
      [
        said('Let me see'),
        call('a', 'weather', { city: 'Paris' }),
        call('b', 'weather', { city: 'nowhere' }),
        call('c', 'unknown', {}),
        call('d', 'weather', { city: 1 }),
        call('e', 'picture', {}),
      ],
      'tool_use',
      { container: { id: 'c_1', expires_at: 'later' } },
    ),
    turn('2', [said('Sunny')], 'end_turn'),
  ];
  /** A message as the events of a stream. */
  const eventsOf = (whole: ReturnType<typeof turn>): string => {
    const blocks = whole.content.flatMap((block, index) =>
      'text' in block
        ? [opened(index, { type: 'text', text: '', citations: null }), delta(index, { type: 'text_delta', text: block.text }), closed(index)]
        : [
            opened(index, { ...block, input: {} }),
            delta(index, { type: 'input_json_delta', partial_json: JSON.stringify((block as { input: unknown }).input) }),
            closed(index),
          ],
    );
    const { container } = whole as { container?: object };
    const last = {
      type: 'message_delta',
      delta: { stop_reason: whole.stop_reason, stop_sequence: null, container: container ?? null },
      usage: { output_tokens: 2 },
    };
    const first: { readonly type: string } = Object.assign({ ...start }, { message: { ...start.message, id: whole.id } });
    return named(first, ...blocks, last, stop);
  };
  const params = (client: Official) => {
    const helpers = isOurs(client) ? (ourHelpers as unknown as typeof theirHelpers) : theirHelpers;
    const weather = helpers.betaStandardSchemaTool({
      name: 'weather',
      description: 'Tells the weather',
      inputSchema: z.object({ city: z.string() }),
      strict: true,
      run: ({ city }, context) => {
        if (city === 'nowhere') throw new Error('no such city');
        return `Sunny in ${city}, asked by ${context?.toolUse.id}`;
      },
    });
    const Failure = isOurs(client) ? ourHelpers.ToolError : ToolError;
    const picture = (isOurs(client) ? (ourHelpers.betaTool as unknown as typeof betaTool) : betaTool)({
      name: 'picture',
      description: 'Draws',
      inputSchema: { type: 'object', properties: {} },
      run: () => {
        throw new Failure([{ type: 'text', text: 'no paper' }]);
      },
    });
    return { ...body, tools: [weather, picture, { type: 'web_search_20250305' as const, name: 'web_search' as const }], thread: false as const };
  };
  const whole = () => turns().map((one) => json(one));

  twin('runs the tools until none is called', whole, async (client) => {
    const runner = client.beta.messages.toolRunner(params(client));
    const seen: string[] = [];
    for await (const given of runner) seen.push(given.id);
    return [seen, (await runner.done()).id, runner.params.messages];
  });
  twin('may be awaited', whole, async (client) => {
    const runner = client.beta.messages.toolRunner({ ...params(client), betas: ['b-1'] });
    return [(await runner).id, (await runner.runUntilDone()).id];
  });
  twin(
    'streams',
    () => turns().map((one) => stream(eventsOf(one))),
    async (client) => {
      const runner = client.beta.messages.toolRunner({ ...params(client), stream: true });
      const seen: unknown[] = [];
      for await (const given of runner) seen.push((await given.finalMessage()).id);
      return [seen, (await runner.done()).id];
    },
  );
  twin(
    'streams that nobody reads are read',
    () => turns().map((one) => stream(eventsOf(one))),
    async (client) => (await client.beta.messages.toolRunner({ ...params(client), stream: true }).runUntilDone()).id,
  );
  twin('max_iterations ends it', whole, async (client) => (await client.beta.messages.toolRunner({ ...params(client), max_iterations: 1 })).id);
  twin(
    'a pause goes on',
    () => [json(turn('1', [said('Hm')], 'pause_turn')), json(turn('2', [said('Ah')], 'end_turn'))],
    async (client) => (await client.beta.messages.toolRunner(params(client))).id,
  );
  twin(
    'a message cut short runs nothing',
    () => [json(turn('1', [call('a', 'weather', { city: 'P' })], 'max_tokens'))],
    async (client) => (await client.beta.messages.toolRunner(params(client))).id,
  );
  twin(
    'messages that are pushed are asked instead',
    () => [json(turn('1', [said('a')], 'end_turn')), json(turn('2', [said('b')], 'end_turn'))],
    async (client) => {
      const runner = client.beta.messages.toolRunner(params(client));
      const seen: string[] = [];
      for await (const given of runner)
        if (seen.push(given.id) === 1) runner.pushMessages({ role: 'assistant', content: given.content as never }, { role: 'user', content: 'More' });
      return [seen, runner.params.messages.length];
    },
  );
  twin(
    'calls that are pushed are run',
    () => [json(turn('1', [said('a')], 'end_turn')), json(turn('2', [said('b')], 'end_turn'))],
    async (client) => {
      const runner = client.beta.messages.toolRunner(params(client));
      let seen = 0;
      for await (const _ of runner) if (++seen === 1) runner.pushMessages({ role: 'assistant', content: [call('z', 'weather', { city: 'Rome' }) as never] });
      return seen;
    },
  );
  twin('parameters that are set are asked with', whole, async (client) => {
    const runner = client.beta.messages.toolRunner(params(client));
    let seen = 0;
    for await (const _ of runner) if (++seen === 1) runner.setMessagesParams((before) => ({ ...before, max_tokens: 7 }));
    return seen;
  });
  twin('options that are set are asked with', whole, async (client) => {
    const runner = client.beta.messages.toolRunner(params(client));
    runner.setRequestOptions({ headers: { 'x-mine': 'yes' } });
    return (await runner).id;
  });
  twin('the answers of the tools can be had, and no tool runs twice', whole, async (client) => {
    const runner = client.beta.messages.toolRunner(params(client));
    const answers: unknown[] = [];
    for await (const _ of runner) answers.push(await runner.generateToolResponse());
    return answers;
  });
  twin(
    'a refusal ends it',
    () => [json(turns()[0]), json(error('invalid_request_error', 'No'), { status: 400 })],
    async (client) => {
      const runner = client.beta.messages.toolRunner(params(client));
      const done = failure(runner.done());
      return [await failure(collected(runner)), await done];
    },
  );
  twin(
    'it can be iterated once',
    () => [json(turn('1', [said('a')], 'end_turn'))],
    async (client) => {
      const runner = client.beta.messages.toolRunner(params(client));
      await collected(runner);
      return await failure(collected(runner));
    },
  );
  twin('a signal ends it', whole, async (client) => {
    const runner = client.beta.messages.toolRunner(params(client), { signal: AbortSignal.abort() });
    return await failure(runner);
  });
});
