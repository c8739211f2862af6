import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chunkStreamProblems } from '../../../../../test/support/official-openai.ts';
import { collect, explode } from '../../core/collect.ts';
import type { SseEvent } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import type { ChatEvent } from '../../core/event.ts';
import type { Block, Reply } from '../../core/ir.ts';
import { translation } from './translation.ts';
import { accept, chunk, contextFor, done, eventsOf, fixture, framesOf, pairs, plainRequest, replied, shown, streamed } from './fixtures/world.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** `start (open delta* close)* usage? (finish | fail)`; returns what is wrong. */
function grammarFault(events: readonly ChatEvent[]): string | undefined {
  let state: 'before' | 'between' | 'open' | 'usage' | 'over' = 'before';
  for (const event of events) {
    const { type } = event;
    if (state === 'over') return `${type} after the end`;
    if (type === 'fail') state = 'over';
    else if (type === 'start' && state === 'before') state = 'between';
    else if (type === 'open' && state === 'between') state = 'open';
    else if (type === 'delta' && state === 'open') {
      if (event.text === '') return 'an empty delta';
    } else if (type === 'close' && state === 'open') state = 'between';
    else if (type === 'usage' && state === 'between') state = 'usage';
    else if (type === 'finish' && (state === 'between' || state === 'usage')) state = 'over';
    else return `${type} while ${state}`;
  }
  return state === 'over' ? undefined : `ends while ${state}`;
}

/** A small generator of pseudo-random numbers: the same ones on every run. */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % below;
  };
}

const withoutRaw = (reply: Reply): Reply => (reply.usage === undefined ? reply : { ...reply, usage: { ...reply.usage, raw: '' } });

for (const name of pairs) {
  const frames = fixture(`${name}.frames.txt`);
  const whole = fixture(`${name}.json`);

  test(`${name}: the stream and the whole answer are the same reply`, () => {
    assert.deepEqual(streamed(frames), replied(whole));
  });

  test(`${name}: exploding and collecting gives the reply back`, () => {
    assert.deepEqual(collect(explode(replied(whole))), replied(whole));
  });

  test(`${name}: the events obey the grammar and their pieces make up their blocks`, () => {
    const events = eventsOf(framesOf(bytesOf(frames)));
    assert.equal(grammarFault(events), undefined);
    let pieces = '';
    for (const event of events) {
      if (event.type === 'open') pieces = '';
      if (event.type === 'delta') pieces += event.text;
      if (event.type === 'close') assert.equal(pieces, event.block.type === 'toolCall' ? event.block.arguments : 'text' in event.block ? event.block.text : '');
    }
  });

  test(`${name}: any cut of the bytes gives the same events`, () => {
    const bytes = bytesOf(frames);
    const all = JSON.stringify(eventsOf(framesOf(bytes)));
    for (let cut = 1; cut < bytes.length; cut += 7) assert.equal(JSON.stringify(eventsOf(framesOf(bytes, [cut]))), all);
    assert.equal(
      JSON.stringify(
        eventsOf(
          framesOf(
            bytes,
            Array.from(bytes, (_, at) => at),
          ),
        ),
      ),
      all,
    );
  });

  test(`${name}: cut after any event it fails, unless its finish reason was known`, () => {
    const all = framesOf(bytesOf(frames));
    for (let count = 0; count < all.length; count++) {
      const events = eventsOf(all.slice(0, count));
      assert.equal(grammarFault(events), undefined);
      const last = events.at(-1);
      const ended = all.slice(0, count).some(({ data }) => /"finish_reason": ?"/.test(data));
      if (ended) assert.equal(last?.type, 'finish');
      else assert.ok(last?.type === 'fail' && last.error.code === 'upstream_stream_cut' && last.error.status === 502);
    }
  });

  for (const includeUsage of [false, true]) {
    test(`${name}: to a caller of the same format it is legal, and says the same (usage ${includeUsage ? '' : 'not '}asked for)`, () => {
      const context = contextFor();
      const reply = streamed(frames);
      const text = shown(eventsOf(framesOf(bytesOf(frames)), context), context, {
        ...plainRequest,
        stream: true,
        stream_options: { include_usage: includeUsage },
      });
      // The official types know neither annotations in a stream nor another vendor's field in a call; a custom tool's input is no JSON.
      if (!/annotations|gemini|custom/.test(name))
        assert.deepEqual(chunkStreamProblems(framesOf(bytesOf(text)), { includeUsage: includeUsage && reply.usage !== undefined }), []);
      const again = streamed(text);
      assert.deepEqual(again.blocks, reply.blocks);
      assert.equal(again.finish.reason, reply.finish.reason);
      assert.equal(again.model, reply.model);
      assert.equal(again.created, reply.created);
      if (!includeUsage || reply.usage === undefined) assert.equal(again.usage, undefined);
      else
        assert.deepEqual(withoutRaw({ ...again, ...reply, usage: again.usage ?? reply.usage }).usage, {
          ...reply.usage,
          raw: '',
          ...(reply.usage.cacheRead === undefined ? {} : { cacheWrite: reply.usage.cacheWrite ?? 0 }),
        });
    });
  }
}

test('arguments, duplicate keys, big numbers and split escapes stay as the model wrote them', () => {
  const reply = streamed(fixture('openai-parallel-tools.frames.txt'));
  assert.deepEqual(
    reply.blocks.map((block) => block.type === 'toolCall' && block.arguments),
    ['{"city":"Paris \\uD83D\\uDE00","limit":9007199254740993}', '{"city":"Lyon","unit":"c","unit":"f"}'],
  );
});

test('random events keep the grammar, in and out', () => {
  const random = createRandom(11);
  const known = pairs.flatMap((name) => framesOf(bytesOf(fixture(`${name}.frames.txt`))));
  const garbage: SseEvent[] = [
    'null',
    '[]',
    '{}',
    '"x"',
    '7',
    '{',
    '<html>',
    '{"choices":null}',
    '{"choices":[]}',
    '{"choices":[null]}',
    '{"choices":[{}]}',
    '{"choices":[{"delta":null}]}',
    '{"choices":[{"index":1,"delta":{"content":"x"}}]}',
    '{"choices":[{"delta":{"tool_calls":[null,{},{"function":7},{"index":0,"function":{"arguments":"}"}}]}}]}',
    '{"choices":[{"delta":{"content":7,"refusal":{},"reasoning":[]}}]}',
    '{"choices":[{"delta":{"reasoning_details":[7,{"signature":"s"},{"data":"d","index":9}]}}]}',
    '{"usage":{"prompt_tokens":-1}}',
    '{"error":null}',
    '{"error":{"message":"x"}}',
    '{"object":"ping"}',
    '',
    ' ',
  ].map((data) => ({ event: '', data }));
  for (let round = 0; round < 3000; round++) {
    const frames = Array.from({ length: random(14) }, () => (random(3) === 0 ? garbage[random(garbage.length)] : known[random(known.length)])).filter(
      (item) => item !== undefined,
    );
    const context = contextFor();
    const events = eventsOf(frames, context);
    assert.equal(grammarFault(events), undefined, JSON.stringify(frames));
    checkShown(shown(events, context));
  }
});

/** A stream that ends well is legal; one that ends ill ends with an error, without a finish reason and without [DONE]. */
function checkShown(text: string): void {
  const frames = framesOf(bytesOf(text));
  const last = frames.at(-1)?.data ?? '';
  if (last === '[DONE]') {
    assert.equal(frames.filter(({ data }) => data === '[DONE]').length, 1);
    assert.equal(frames.filter(({ data }) => /"finish_reason":"/.test(data)).length, 1);
  } else {
    assert.ok(last.startsWith('{"error":{'), last);
    assert.ok(!text.includes('[DONE]') && !/"finish_reason":"/.test(text));
  }
}

test('the encoder emits nothing illegal, whatever events come', () => {
  const random = createRandom(5);
  const blocks: readonly Block[] = [
    { type: 'text', text: 'x' },
    { type: 'text', text: '', citations: '[{"type":"char_location"},7,{"type":"web_search_result_location","url":"u","title":"t"}]' },
    { type: 'reasoning', text: 'r', signature: 's' },
    { type: 'reasoning', text: '', redacted: 'd' },
    { type: 'toolCall', id: 'a', name: 'f', arguments: '', kind: 'function' },
    { type: 'toolCall', id: 'b', name: 'g', arguments: 'z', kind: 'custom' },
    { type: 'refusal', text: 'no' },
    { type: 'opaque', dialect: 'anthropic-messages', kind: 'server_tool_use', raw: '{}', loss: 'hint' },
    { type: 'image', source: { kind: 'url', url: 'u' } },
  ];
  const pool: ChatEvent[] = [
    { type: 'start', head: { id: 'msg_1', model: 'm', created: 1 } },
    { type: 'delta', text: 'd' },
    { type: 'usage', usage: { input: 1, output: 1 } },
    { type: 'finish', finish: { reason: 'toolCalls' }, serviceTier: 'batch' },
    { type: 'fail', error: new GatewayError('overloaded', 'busy') },
    ...blocks.flatMap((block): ChatEvent[] => [
      { type: 'open', block },
      { type: 'close', block },
    ]),
  ];
  for (const body of [
    { ...plainRequest, stream: true },
    { ...plainRequest, stream: true, functions: [{ name: 'f' }] },
  ]) {
    for (let round = 0; round < 3000; round++) {
      const events = Array.from({ length: random(16) }, (_, index) => (index === 0 && random(4) > 0 ? pool[0] : pool[random(pool.length)])).filter(
        (item) => item !== undefined,
      );
      checkShown(shown(events, contextFor({ back: 'anthropic-messages', fidelity: 'strict' }), body));
    }
  }
});

const reply = (frames: readonly SseEvent[], context = contextFor(), request = accept(plainRequest, context)): Reply =>
  collect(eventsOf(frames, context, request));
const failure = (frames: readonly SseEvent[], context = contextFor()): GatewayError => {
  const events = eventsOf(frames, context);
  assert.equal(grammarFault(events), undefined);
  const last = events.at(-1);
  assert.ok(last?.type === 'fail');
  return last.error;
};
const finishOf = (...frames: readonly SseEvent[]): string => reply(frames).finish.reason;
const call = { tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }] };

test('the finish reason is told from the parts where the word does not say it', () => {
  const text = chunk({ content: 'x' });
  assert.equal(finishOf(text, chunk({}, 'stop'), done), 'end');
  assert.equal(finishOf(chunk(call), chunk({}, 'stop'), done), 'toolCalls');
  assert.equal(finishOf(chunk(call), chunk({}, 'length'), done), 'length');
  assert.equal(finishOf(text, chunk({}, 'tool_calls'), done), 'end');
  assert.equal(finishOf(text, chunk({}, 'content_filter'), done), 'filter');
  assert.equal(finishOf(text, chunk({}, 'model_length'), done), 'contextFull');
  assert.equal(finishOf(text, chunk({}, 'stop')), 'end');
  const context = contextFor();
  const odd = reply([text, chunk({}, 'tired'), done], context);
  assert.deepEqual([odd.finish, context.ledger.notes[0]?.path], [{ reason: 'end', native: 'tired' }, 'choices[0].finish_reason']);
});

test('an answer without a finish reason is not finished, with and without [DONE]', () => {
  for (const frames of [[chunk({ content: 'x' })], [chunk(call)], [chunk({ content: 'x' }), chunk({}, 'stop'), chunk({ content: 'y' })]])
    for (const end of [[], [done]]) assert.equal(failure([...frames, ...end]).code, 'upstream_stream_cut');
});

test('an answer that goes on after its finish reason is not about to end', () => {
  const decoder = translation.prepare(accept(plainRequest), contextFor()).stream();
  const after = (frame: SseEvent): boolean => {
    decoder.push(frame, () => undefined);
    return decoder.finishing();
  };
  assert.deepEqual(
    [chunk({ content: 'a' }, 'stop'), chunk({ content: 'b' }), chunk({ content: '' }), chunk({ content: 'c' }, 'stop'), chunk({ content: null })].map(after),
    [true, false, false, true, true],
  );
});

test('an answer that broke off at the provider is a failure, whatever its word', () => {
  for (const word of ['error', 'network_error', 'insufficient_system_resource'])
    assert.equal(failure([chunk({ content: 'x' }), chunk({}, word), done]).code, 'upstream_error');
});

test('streams without an answer are failures', () => {
  assert.equal(failure([]).code, 'upstream_stream_cut');
  assert.equal(failure([done]).code, 'upstream_invalid_response');
  assert.equal(failure([chunk(undefined), done]).code, 'upstream_invalid_response');
  assert.equal(failure([chunk({ content: 'x' })]).code, 'upstream_stream_cut');
  for (const data of ['<html>', '{', '[1]', '7', '"x"', 'data'])
    assert.equal(failure([chunk({ content: 'x' }), { event: '', data }, done]).code, 'upstream_invalid_response');
});

test('errors in the stream are the provider’s, by every shape', () => {
  const error = (value: unknown, more: object = {}): SseEvent => ({ event: '', data: JSON.stringify({ error: value, ...more }) });
  assert.equal(failure([error({ message: 'slow', type: 'rate_limit_error' })]).code, 'rate_limit_exceeded');
  assert.equal(failure([chunk({ content: 'x' }), error({ message: 'busy', code: 503 })]).code, 'overloaded');
  assert.equal(
    failure([chunk({ content: 'x' }), error({ message: 'busy', code: 429 }, { choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }] })]).code,
    'rate_limit_exceeded',
  );
  assert.equal(failure([error('boom')]).message, 'upstream: boom');
  assert.equal(failure([{ event: 'error', data: '{"message":"boom"}' }]).message, 'upstream: boom');
  assert.equal(failure([{ event: 'error', data: 'boom' }]).code, 'upstream_error');
  const inside = { event: '', data: '{"base_resp":{"status_code":1004,"status_msg":"login fail"},"choices":null}' };
  assert.equal(failure([inside], contextFor({ quirks: { errorInside: 'base_resp' } })).message, 'upstream: login fail');
  assert.equal(failure([inside]).code, 'upstream_stream_cut');
});

test('an error after the finish reason takes nothing back', () => {
  const context = contextFor();
  const made = reply(
    [
      chunk({ content: 'x' }),
      chunk({}, 'length'),
      { event: '', data: '{"error":{"message":"Token limit reached"},"usage":{"prompt_tokens":1,"completion_tokens":2}}' },
      done,
    ],
    context,
  );
  assert.deepEqual([made.finish.reason, made.usage?.output, context.ledger.notes[0]?.path], ['length', 2, 'error']);
});

test('keep-alives, unknown events, other choices and empty deltas are nothing', () => {
  const made = reply([
    { event: 'ping', data: '{}' },
    { event: '', data: '' },
    chunk(undefined),
    { event: '', data: 'null' },
    chunk({ role: 'assistant', content: '' }),
    { event: '', data: '{"choices":[{"index":1,"delta":{"content":"other"}}]}' },
    chunk({ content: 'x' }),
    chunk({ content: '' }, 'stop'),
    done,
  ]);
  assert.deepEqual(made.blocks, [{ type: 'text', text: 'x' }]);
});

test('the head comes from the first chunk that has one', () => {
  const empty = { event: '', data: '{"id":"","model":"","created":0,"choices":[]}' };
  assert.deepEqual(reply([empty, chunk({ content: 'x' }, 'stop'), done]).id, 'chatcmpl-1');
  const bare = reply([{ event: '', data: '{"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}' }, done]);
  assert.deepEqual([bare.id, bare.model, bare.created], ['', 'model-1', 1_790_000_000]);
});

test('text and calls in one chunk are two blocks, text after a call is a third', () => {
  const made = reply([chunk({ content: 'a', ...call }), chunk({ content: 'b' }), chunk({}, 'stop'), done]);
  assert.deepEqual(
    made.blocks.map((block) => block.type),
    ['text', 'toolCall', 'text'],
  );
});

test('thinking in any field is one block, said once', () => {
  assert.deepEqual(reply([chunk({ reasoning: 'a', reasoning_content: 'a' }), chunk({ reasoning: 'b' }), chunk({ content: 'x' }, 'stop'), done]).blocks, [
    { type: 'reasoning', text: 'ab' },
    { type: 'text', text: 'x' },
  ]);
  const again = reply([
    chunk({ reasoning_content: 'ab' }),
    chunk({ reasoning_details: [{ type: 'reasoning.text', text: 'ab', signature: 's' }] }),
    chunk({}, 'stop'),
    done,
  ]).blocks;
  assert.equal(again.length, 1);
  assert.ok(again[0]?.type === 'reasoning' && again[0].text === 'ab' && again[0].signature === 's');
});

test('of repeated usage the last counts; null and nonsense are nothing', () => {
  const usage = (value: unknown): object => ({ usage: value });
  const made = reply([
    chunk({ content: 'x' }, null, usage({ prompt_tokens: 5, completion_tokens: 1 })),
    chunk({ content: 'y' }, 'stop', usage({ prompt_tokens: 5, completion_tokens: 2 })),
    chunk(undefined, null, usage(null)),
    done,
  ]);
  assert.deepEqual({ ...made.usage, raw: '' }, { input: 5, output: 2, raw: '' });
  assert.equal(reply([chunk({ content: 'x' }, 'stop', usage('many')), done]).usage, undefined);
  assert.equal(reply([chunk({ content: 'x' }, 'stop', usage({ prompt_tokens: -1, completion_tokens: '7' })), done]).usage, undefined);
});

test('a finished stream is finishing: a socket left open is not waited for', () => {
  const context = contextFor();
  const decoder = translation.prepare(accept(plainRequest, context), context).stream();
  decoder.push(chunk({ content: 'x' }), () => undefined);
  assert.equal(decoder.finishing(), false);
  decoder.push(chunk({}, 'stop'), () => undefined);
  assert.equal(decoder.finishing(), true);
});

test('everything after the terminal event is nobody’s', () => {
  assert.deepEqual(eventsOf([chunk({ content: 'x' }, 'stop'), done, chunk({ content: 'y' }), done]).filter(({ type }) => type === 'finish').length, 1);
});

test('what a translated stream cannot carry is said once', () => {
  const context = contextFor();
  const logprobs = { event: '', data: '{"choices":[{"index":0,"delta":{"content":"x","audio":{"id":"a"}},"logprobs":{"content":[]},"finish_reason":null}]}' };
  reply([logprobs, logprobs, chunk({}, 'stop'), done], context);
  assert.deepEqual(
    context.ledger.notes.map(({ path, verdict }) => [path, verdict]),
    [
      ['choices[0].delta.audio', 'dropped'],
      ['choices[0].logprobs', 'dropped'],
    ],
  );
});

const start: ChatEvent = { type: 'start', head: { id: 'msg_1', model: 'claude', created: 7 } };
const wholeBlock = (block: Block, text = ''): ChatEvent[] => [
  { type: 'open', block },
  ...(text === '' ? [] : [{ type: 'delta' as const, text }]),
  { type: 'close', block },
];
const end: ChatEvent = { type: 'finish', finish: { reason: 'end' } };
const datas = (text: string): Record<string, unknown>[] =>
  framesOf(bytesOf(text))
    .slice(0, -1)
    .map(({ data }) => JSON.parse(data));
const deltas = (text: string): unknown[] => datas(text).map((item) => (item['choices'] as { delta: unknown }[])[0]?.delta);

test('the first chunk has the role, and a foreign id gets a name of ours', () => {
  const [first] = datas(shown([start, end], contextFor({ back: 'anthropic-messages' })));
  assert.deepEqual(first, {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 7,
    model: 'claude',
    choices: [{ index: 0, delta: { role: 'assistant', content: '', refusal: null }, logprobs: null, finish_reason: null }],
  });
});

test('a signature of another dialect goes under seal, one of our own as it is', () => {
  const events = [
    start,
    ...wholeBlock({ type: 'reasoning', text: 'hm', signature: 'Sig' }, 'hm'),
    ...wholeBlock({ type: 'reasoning', text: '', redacted: 'Enc' }),
    end,
  ];
  const details = (text: string): unknown[] => deltas(text).flatMap((delta) => (delta as { reasoning_details?: unknown[] }).reasoning_details ?? []);
  assert.deepEqual(details(shown(events, contextFor({ back: 'anthropic-messages', provider: 'anthropic' }))), [
    { type: 'reasoning.text', text: 'hm', signature: 'mw1.anthropic.Sig', format: 'modelwire', index: 0 },
    { type: 'reasoning.encrypted', data: 'mw1.anthropic.Enc', format: 'modelwire', index: 1 },
  ]);
  assert.deepEqual(details(shown(events, contextFor()))[0], { type: 'reasoning.text', text: 'hm', signature: 'Sig', index: 0 });
});

test('a call without arguments is {}, unless the answer broke off there', () => {
  const bare: Block = { type: 'toolCall', id: 'a', name: 'f', arguments: '', kind: 'function' };
  const args = (finish: ChatEvent, ...blocks: readonly Block[]): string[] => {
    const texts: string[] = [];
    for (const delta of deltas(shown([start, ...blocks.flatMap((block) => wholeBlock(block)), finish], contextFor()))) {
      for (const item of (delta as { tool_calls?: { index: number; function: { arguments: string } }[] }).tool_calls ?? [])
        texts[item.index] = (texts[item.index] ?? '') + item.function.arguments;
    }
    return texts;
  };
  const length: ChatEvent = { type: 'finish', finish: { reason: 'length' } };
  assert.deepEqual(args({ type: 'finish', finish: { reason: 'toolCalls' } }, bare, bare), ['{}', '{}']);
  assert.deepEqual(args(length, bare, bare), ['{}', '']);
  assert.deepEqual(args(length, bare, { type: 'text', text: '' }), ['{}']);
});

test('callers of functions get one function_call', () => {
  const context = contextFor();
  const one: Block = { type: 'toolCall', id: 'a', name: 'f', arguments: '{"n":1}', kind: 'function' };
  const text = shown(
    [start, ...wholeBlock(one, '{"n":1}'), ...wholeBlock({ ...one, id: 'b' }, '{"n":2}'), { type: 'finish', finish: { reason: 'toolCalls' } }],
    context,
    { ...plainRequest, stream: true, functions: [{ name: 'f' }] },
  );
  assert.deepEqual(deltas(text).slice(1), [{ function_call: { name: 'f', arguments: '' } }, { function_call: { arguments: '{"n":1}' } }, {}]);
  assert.ok(text.includes('"finish_reason":"function_call"'));
  assert.equal(context.ledger.notes[0]?.path, 'choices[0].delta.tool_calls[1]');
});

test('what has no place in this format is noted, in strict calls too', () => {
  const context = contextFor({ back: 'anthropic-messages', fidelity: 'strict' });
  const opaque: Block = { type: 'opaque', dialect: 'anthropic-messages', kind: 'server_tool_use', raw: '{}', loss: 'demand' };
  const cited: Block = {
    type: 'text',
    text: 'ab',
    citations: '[{"type":"char_location","document_index":0},{"type":"web_search_result_location","url":"https://x.y","title":"T","cited_text":"c"}]',
  };
  const text = shown(
    [
      start,
      ...wholeBlock({ type: 'text', text: 'xyz' }, 'xyz'),
      ...wholeBlock(opaque),
      ...wholeBlock(cited, 'ab'),
      { type: 'usage', usage: { input: 1, output: 1 } },
      { type: 'finish', finish: { reason: 'pause' }, serviceTier: 'batch' },
    ],
    context,
  );
  assert.deepEqual(
    context.ledger.notes.map(({ path }) => path),
    ['content.server_tool_use', 'citations', 'citations', 'service_tier', 'choices[0].finish_reason'],
  );
  assert.deepEqual(deltas(text).at(-2), {
    annotations: [{ type: 'url_citation', url_citation: { start_index: 3, end_index: 5, title: 'T', url: 'https://x.y' } }],
  });
});

test('a failure is one error event and nothing after it', () => {
  const error = new GatewayError('upstream_stream_cut', 'gone');
  assert.equal(
    shown([start, { type: 'fail', error }, end], contextFor())
      .split('\n\n')
      .at(-2),
    'data: {"error":{"message":"gone","type":"api_error","param":null,"code":"upstream_stream_cut"}}',
  );
  assert.match(shown([], contextFor()), /^data: \{"error":/);
});

test('lone surrogates come out escaped, never broken', () => {
  assert.ok(shown([start, ...wholeBlock({ type: 'text', text: 'a\ud83d' }, 'a\ud83d'), end], contextFor()).includes('"a\\ud83d"'));
});
