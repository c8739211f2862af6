import { describe } from 'node:test';
import type Official from '@anthropic-ai/sdk';
import { betaStandardSchemaOutputFormat } from '@anthropic-ai/sdk/helpers/beta/standard-schema';
import { jsonSchemaOutputFormat } from '@anthropic-ai/sdk/helpers/json-schema';
import * as z from 'zod';
import * as ourHelpers from 'modelwire/anthropic/helpers';
import { json, mute, named, type Script, silent, stream } from './support/scripted-server.ts';
import { isOurs, twin } from './support/anthropic-twin.ts';
import { plain } from './support/plain.ts';
import {
  type MessageStream,
  begun,
  body,
  close,
  closed,
  collected,
  delta,
  endings,
  error,
  failure,
  finish,
  hello,
  inPieces,
  listen,
  message,
  open,
  opened,
  rich,
  start,
  stop,
  text,
  wording,
} from './support/anthropic-scripts.ts';

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
