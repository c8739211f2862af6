import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createFakeWorld, handFed, scriptedTransport, sentBody } from '../../../../test/support/fake-world.ts';
import type { Answer, Attempt } from './attempt.ts';
import { attemptCall } from './call.ts';
import { GatewayError } from './errors.ts';
import type { DialectName } from './ir.ts';
import { type Quirks, Secret, type Target } from './target.ts';
import { chatCall } from '../../../../test/support/chat-call.ts';

type Setting = {
  readonly front?: DialectName;
  readonly speaks?: readonly DialectName[];
  readonly quirks?: Quirks;
  readonly body?: object;
  readonly headers?: Record<string, string>;
};

const json = { 'content-type': 'application/json' };
const sse = { 'content-type': 'text/event-stream; charset=utf-8' };

async function attempt(setting: Setting, status: number, headers: Record<string, string>, ...chunks: readonly (string | Uint8Array)[]) {
  const { front = 'openai-chat', speaks = [front], quirks = {}, body = {} } = setting;
  const { transport, requests } = scriptedTransport(status, headers, ...chunks);
  const target: Target = {
    provider: 'lab',
    model: 'm',
    speaks: Object.fromEntries(speaks.map((name) => [name, { baseURL: 'http://lab/v1', auth: 'none' }])),
    quirks,
  };
  const stream = (body as { stream?: unknown }).stream === true;
  const asked = { model: 'asked', messages: [{ role: 'user', content: 'hi' }], max_tokens: 9, ...body };
  const call = chatCall(front, JSON.stringify(asked), { headers: setting.headers ?? {}, stream });
  const attempts: Attempt[] = [];
  const world = createFakeWorld(transport);
  const answer = await attemptCall(call, target, world, attempts).catch((error: unknown) => error as GatewayError);
  const made = attempts[0];
  assert.ok(made !== undefined);
  return { answer, attempt: made, request: requests[0], world };
}

function textOf(answer: Answer | GatewayError): string {
  assert.ok(!(answer instanceof GatewayError), answer instanceof GatewayError ? `${answer.code}: ${answer.message}` : '');
  const parts: string[] = [];
  const add = (chunk: Uint8Array | string): void => {
    parts.push(typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk));
  };
  if (answer.body.kind === 'whole') for (const chunk of answer.body.chunks) add(chunk);
  else answer.body.source.start({ data: add, end: () => parts.push('<end>'), reset: () => parts.push('<reset>') });
  return parts.join('');
}

const whole = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello', refusal: null }, logprobs: null, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
});
const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const done = 'data: [DONE]\n\n';
const stream = { stream: true };
const named = (type: string, data: object): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
const anthropicEvents = [
  named('message_start', {
    message: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 3, output_tokens: 1 },
    },
  }),
  named('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
  named('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'Hi' } }),
  named('content_block_stop', { index: 0 }),
  named('message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 2 } }),
  named('message_stop', {}),
];

describe('relay', () => {
  test('what a quirk asks of the top level is spliced, with a note for what goes', async () => {
    const { request, attempt: made } = await attempt(
      { quirks: { refuses: ['seed'], maxTokensField: 'max_completion_tokens' }, body: { seed: 1, x: 1 } },
      200,
      json,
      whole,
    );
    assert.equal(sentBody(request), '{"model":"m","messages":[{"role":"user","content":"hi"}],"max_completion_tokens":9,"x":1}');
    assert.equal(made.mode, 'relay');
    assert.deepEqual(
      made.notes.map((note) => [note.path, note.verdict]),
      [['seed', 'dropped']],
    );
  });

  test('a whole answer over 1 MiB passes as it comes, and a fault in it resets', async () => {
    const long = JSON.stringify({ ...JSON.parse(whole), padding: 'x'.repeat(1_200_000) });
    const { answer } = await attempt({}, 200, json, long.slice(0, 1_100_000), long.slice(1_100_000));
    assert.ok(!(answer instanceof GatewayError), String(answer));
    assert.ok(answer.body.kind === 'stream');
    assert.equal(textOf(answer), `${long}<end>`);
  });

  test('line ends of every kind, comments and events in pieces pass as they are', async () => {
    for (const eol of ['\n', '\r\n', '\r']) {
      const text = [': OPENROUTER PROCESSING\n\n', chunk({ content: 'Hé😀' }), chunk({}, 'stop'), done].join('').replaceAll('\n', eol);
      const bytes = new TextEncoder().encode(text);
      const pieces = Array.from({ length: bytes.length }, (_, i) => bytes.subarray(i, i + 1));
      const { answer, attempt: made } = await attempt({ body: stream }, 200, sse, ...pieces);
      assert.equal(textOf(answer), `${text}<end>`, JSON.stringify(eol));
      assert.equal(made.finish, 'stop');
    }
  });

  test('finished without [DONE]: the terminator is added; without a finish: an error event', async () => {
    const finished = await attempt({ body: stream }, 200, sse, chunk({ content: 'a' }), chunk({}, 'stop'));
    assert.equal(textOf(finished.answer), `${chunk({ content: 'a' })}${chunk({}, 'stop')}${done}<end>`);
    const torn = await attempt({ body: stream }, 200, sse, chunk({ content: 'a' }), chunk({ content: 'b' }).slice(0, 20));
    assert.match(textOf(torn.answer), /^data: \{"id".*\n\ndata: \{"error":\{.*\n\n<end>$/);
    assert.equal(torn.attempt.error?.code, 'upstream_stream_cut');
  });

  test('HTML in the middle of a stream ends it with an error event; the HTML does not pass', async () => {
    const { answer } = await attempt({ body: stream }, 200, sse, chunk({ content: 'a' }), 'data: <html>oops</html>\n\n', done);
    const text = textOf(answer);
    assert.doesNotMatch(text, /<html>|\[DONE\]/);
    assert.match(text, /"error":/);
  });

  test('an error event first is a status; later it passes, and nothing after it', async () => {
    const event = 'data: {"error":{"message":"overloaded","type":"overloaded_error"}}\n\n';
    const first = await attempt({ body: stream }, 200, sse, event);
    assert.ok(first.answer instanceof GatewayError && first.answer.code === 'overloaded');
    const later = await attempt({ body: stream }, 200, sse, chunk({ content: 'a' }), event, done);
    assert.match(textOf(later.answer), /^data: \{"id".*\n\ndata: \{"error":\{"message":"lab: overloaded".*\n\n<end>$/);
    assert.equal(later.attempt.error?.code, 'overloaded');
  });

  test('cut at any byte: the whole answer, or an error, and never an end that did not come', async () => {
    for (const front of ['openai-chat', 'anthropic-messages'] as const) {
      const events = front === 'openai-chat' ? [chunk({ content: 'a' }), chunk({ content: 'b' }), chunk({ content: 'c' }, 'stop'), done] : anthropicEvents;
      const bytes = new TextEncoder().encode(events.join(''));
      const finishAt = bytes.length - new TextEncoder().encode(events.slice(-1).join('')).length;
      const terminator = front === 'openai-chat' ? '[DONE]' : 'message_stop';
      for (let end = 1; end < bytes.length; end++) {
        const { answer } = await attempt({ front, body: stream }, 200, sse, bytes.subarray(0, Math.min(end, 200)), bytes.subarray(Math.min(end, 200), end));
        if (answer instanceof GatewayError) continue;
        const text = textOf(answer);
        assert.equal(text.includes(terminator), end >= finishAt, `${front} cut at ${end}: ${text.slice(-200)}`);
        assert.equal(text.includes('"error"'), end < finishAt, `${front} cut at ${end}`);
      }
    }
  });

  test("an error event in the middle goes out as ours: without the key that the provider's words repeat", async () => {
    const { transport } = scriptedTransport(200, sse, chunk({ content: 'a' }), 'data: {"error":{"message":"bad key sk-very-secret-key-123456"}}\n\n');
    const target: Target = {
      provider: 'lab',
      model: 'm',
      key: new Secret('sk-very-secret-key-123456'),
      speaks: { 'openai-chat': { baseURL: 'http://lab', auth: 'bearer' } },
      quirks: {},
    };
    const body = '{"model":"m","stream":true,"messages":[{"role":"user","content":"x"}]}';
    const call = chatCall('openai-chat', body, { stream: true, wantUsage: false });
    const text = textOf(await attemptCall(call, target, createFakeWorld(transport), []));
    assert.doesNotMatch(text, /very-secret/);
    assert.match(text, /"error":\{"message":"lab: bad key \[redacted\]/);
  });

  test('comments without end are not held without end', async () => {
    const flood = Array.from({ length: 100 }, () => `: ${'x'.repeat(100_000)}\n\n`);
    const { answer } = await attempt({ body: stream }, 200, sse, ...flood);
    assert.ok(answer instanceof GatewayError && answer.code === 'upstream_invalid_response');
  });

  test('an event of megabytes in small reads is looked through once', async () => {
    const big = new TextEncoder().encode(chunk({ content: 'x'.repeat(8_000_000) }));
    const reads = Array.from({ length: Math.ceil(big.length / 16_384) }, (_, i) => big.subarray(i * 16_384, (i + 1) * 16_384));
    const before = performance.now();
    const { answer } = await attempt({ body: stream }, 200, sse, ...reads, chunk({}, 'stop'), done);
    assert.equal(textOf(answer).length, big.length + chunk({}, 'stop').length + done.length + '<end>'.length);
    assert.ok(performance.now() - before < 2000, `${performance.now() - before} ms`);
  });

  test('a page where an answer was expected is refused, however long', async () => {
    const { answer } = await attempt({}, 200, json, ' '.repeat(1_100_000), `<html>${'x'.repeat(100_000)}</html>`);
    assert.ok(answer instanceof GatewayError && answer.code === 'upstream_invalid_response');
  });

  test('broken JSON in an event does not pass', async () => {
    const { answer } = await attempt({ body: stream }, 200, sse, chunk({ content: 'a' }), 'data: {"x": not json}\n\n', done);
    const text = textOf(answer);
    assert.doesNotMatch(text, /not json"|\[DONE\]/);
    assert.match(text, /"error":/);
  });

  test('the shape that was asked comes out, whichever came in', async () => {
    const asked = await attempt({ body: stream }, 200, json, whole);
    assert.match(textOf(asked.answer), /"delta":\{"content":"Hello"\}[\s\S]*"finish_reason":"stop"[\s\S]*\[DONE\]/);
    const unasked = await attempt({}, 200, sse, chunk({ role: 'assistant', content: 'Hel' }), chunk({ content: 'lo' }), chunk({}, 'stop'), done);
    const reply = JSON.parse(textOf(unasked.answer)) as { choices: { message: { content: string } }[] };
    assert.equal(reply.choices[0]?.message.content, 'Hello');
  });
});

test('a stream where JSON was asked ends with its finish reason, though the socket stays open', async () => {
  const body = handFed();
  const world = createFakeWorld(() => Promise.resolve({ status: 200, headers: sse, body }));
  const target: Target = { provider: 'lab', model: 'm', speaks: { 'openai-chat': { baseURL: 'http://lab', auth: 'none' } }, quirks: {} };
  const call = chatCall('openai-chat', '{"model":"m","messages":[{"role":"user","content":"x"}]}', { wantUsage: false });
  const answer = attemptCall(call, target, world, []);
  await new Promise((resolve) => setImmediate(resolve));
  body.feed(chunk({ content: 'Hello' }) + chunk({}, 'stop'));
  world.pass(1000);
  assert.match(textOf(await answer), /"content":"Hello"/);
  world.pass(1000);
  assert.equal(body.state.aborted, true);
  assert.equal(world.timers(), 0);
});

describe('translation', () => {
  test('the caller of one format is answered from the other, with the notes of both ways', async () => {
    const {
      answer,
      attempt: made,
      request,
    } = await attempt({ front: 'anthropic-messages', speaks: ['openai-chat'], body: { top_k: 5 }, headers: { 'anthropic-beta': 'x-2026' } }, 200, json, whole);
    assert.equal(request?.url, 'http://lab/v1/chat/completions');
    assert.equal(made.mode, 'translate');
    assert.deepEqual((JSON.parse(textOf(answer)) as { content: unknown }).content, [{ type: 'text', text: 'Hello', citations: null }]);
    assert.deepEqual(made.notes.map((note) => note.path).toSorted(), ['anthropic-beta', 'top_k']);
    assert.equal(made.usage?.input, 3);
  });

  test("a same-dialect translation keeps the caller's version and features", async () => {
    const { request, attempt: made } = await attempt(
      {
        front: 'anthropic-messages',
        body: {
          messages: [
            { role: 'user', content: 'hi' },
            {
              role: 'assistant',
              content: [
                { type: 'thinking', thinking: 'x', signature: 'mw1.other.s' },
                { type: 'text', text: 'y' },
              ],
            },
            { role: 'user', content: 'z' },
          ],
        },
        headers: { 'anthropic-version': '2026-10-21', 'anthropic-beta': 'x-2026' },
      },
      500,
      json,
      '{}',
    );
    assert.equal(made.mode, 'translate');
    assert.equal(request?.headers['anthropic-version'], '2026-10-21');
    assert.equal(request?.headers['anthropic-beta'], 'x-2026');
    assert.doesNotMatch(sentBody(request), /mw1\./);
  });

  test('a torn upstream is an error event in the other format, never an end', async () => {
    const { answer } = await attempt({ front: 'anthropic-messages', speaks: ['openai-chat'], body: stream }, 200, sse, chunk({ content: 'a' }));
    const text = textOf(answer);
    assert.match(text, /event: error\n/);
    assert.doesNotMatch(text, /message_delta|message_stop|end_turn/);
  });

  test('what cannot be kept is refused before anything is sent', async () => {
    const { answer, request } = await attempt({ front: 'openai-chat', speaks: ['anthropic-messages'], body: { n: 2 } }, 200, json, whole);
    assert.ok(answer instanceof GatewayError && answer.code === 'unsupported_parameter' && answer.param === 'n');
    assert.equal(request, undefined);
  });

  test('invalid UTF-8 is the caller’s fault, and says so', async () => {
    const { transport } = scriptedTransport(200, json, whole);
    const bytes = new Uint8Array([
      ...new TextEncoder().encode('{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"'),
      0xff,
      ...new TextEncoder().encode('"}]}'),
    ]);
    const call = chatCall('anthropic-messages', bytes);
    const target: Target = { provider: 'lab', model: 'm', speaks: { 'openai-chat': { baseURL: 'http://lab', auth: 'none' } }, quirks: {} };
    await assert.rejects(
      attemptCall(call, target, createFakeWorld(transport), []),
      (error: unknown) => error instanceof GatewayError && error.code === 'invalid_request' && /UTF-8/.test(error.message),
    );
  });
});
