import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messageStreamProblems } from '../../../../../test/support/official-anthropic.ts';
import { collect, explode } from '../../core/collect.ts';
import type { SseEvent } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import type { ChatEvent } from '../../core/event.ts';
import type { Block, Finish, Reply } from '../../core/ir.ts';
import { translation } from './translation.ts';
import { accept, contextFor, eventsOf, fixture, foreignRequest, frame, framesOf, pairs, plainRequest, replied, shown, streamed } from './fixtures/world.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** `start (open delta* close)* usage? (finish | fail)`; returns what is wrong. */
function grammarFault(events: readonly ChatEvent[]): string | undefined {
  let state: 'before' | 'between' | 'open' | 'usage' | 'over' = 'before';
  for (const { type } of events) {
    if (state === 'over') return `${type} after the end`;
    if (type === 'fail') state = 'over';
    else if (type === 'start' && state === 'before') state = 'between';
    else if (type === 'open' && state === 'between') state = 'open';
    else if (type === 'delta' && state === 'open') continue;
    else if (type === 'close' && state === 'open') state = 'between';
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
    return state % below;
  };
}

for (const name of pairs) {
  const frames = fixture(`${name}.frames.txt`);

  test(`${name}: the stream and the whole answer are the same reply`, () => {
    assert.deepEqual(streamed(frames), replied(fixture(`${name}.json`)));
  });

  test(`${name}: exploding and collecting gives the reply back`, () => {
    const reply = replied(fixture(`${name}.json`));
    assert.deepEqual(collect(explode(reply)), reply);
  });

  test(`${name}: the events obey the grammar and their pieces make up their blocks`, () => {
    const events = eventsOf(framesOf(bytesOf(frames)));
    assert.equal(grammarFault(events), undefined);
    let pieces = '';
    for (const event of events) {
      if (event.type === 'open') pieces = '';
      if (event.type === 'delta') pieces += event.text;
      if (event.type === 'close' && event.block.type === 'toolCall') assert.equal(pieces, event.block.arguments);
      if (event.type === 'close' && event.block.type === 'text') assert.equal(pieces, event.block.text);
    }
  });

  test(`${name}: any cut of the bytes gives the same events`, () => {
    const bytes = bytesOf(frames);
    const whole = JSON.stringify(framesOf(bytes));
    for (let cut = 1; cut < bytes.length; cut++) assert.equal(JSON.stringify(framesOf(bytes, [cut])), whole);
    assert.equal(
      JSON.stringify(
        framesOf(
          bytes,
          Array.from(bytes, (_, at) => at),
        ),
      ),
      whole,
    );
  });

  test(`${name}: cut after any event it fails, unless its end was known`, () => {
    const all = framesOf(bytesOf(frames));
    for (let count = 0; count < all.length; count++) {
      const events = eventsOf(all.slice(0, count));
      assert.equal(grammarFault(events), undefined);
      const last = events.at(-1);
      const ended = all.slice(0, count).some(({ data }) => /"stop_reason":"|"stop_reason": "/.test(data));
      if (ended) assert.equal(last?.type, 'finish');
      else assert.ok(last?.type === 'fail' && last.error.code === 'upstream_stream_cut');
    }
  });

  test(`${name}: to a caller of the same format it is legal, and says the same`, () => {
    const context = contextFor();
    const reply = streamed(frames);
    const text = shown(eventsOf(framesOf(bytesOf(frames)), context), context);
    if (!/compaction|server/.test(name)) assert.deepEqual(messageStreamProblems(framesOf(bytesOf(text))), []);
    const again = streamed(text);
    assert.deepEqual(again.blocks, reply.blocks);
    assert.deepEqual(again.finish, reply.finish);
    const { raw: _before, ...counts } = reply.usage ?? {};
    const { raw: _after, ...recounted } = again.usage ?? {};
    assert.deepEqual(recounted, counts);
  });
}

test('random events keep the grammar', () => {
  const random = createRandom(7);
  const known = pairs.flatMap((name) => framesOf(bytesOf(fixture(`${name}.frames.txt`))));
  const garbage: SseEvent[] = [
    'null',
    '[]',
    '{}',
    '"x"',
    '{"type":5}',
    '{"type":"content_block_delta"}',
    '{"type":"content_block_stop","index":99}',
    '{"type":"content_block_start","content_block":{"type":"text"}}',
    '{"type":"message_delta"}',
    '{"type":"message_delta","delta":{"stop_reason":7}}',
    '{"type":"constructor"}',
    '[DONE]',
    '',
  ].map((data) => ({ event: '', data }));
  for (let round = 0; round < 2000; round++) {
    const frames = Array.from({ length: random(12) }, () => (random(4) === 0 ? garbage[random(garbage.length)] : known[random(known.length)])).filter(
      (item) => item !== undefined,
    );
    const events = eventsOf(frames);
    assert.equal(grammarFault(events), undefined, JSON.stringify(frames));
  }
});

test('any text in place of an event ends in the grammar', () => {
  const frames = framesOf(bytesOf(fixture('anthropic-thinking-tools.frames.txt')));
  for (const data of [
    '{',
    '<html>',
    '{"type":"content_block_start","content_block":7}',
    '{"type":"message_start","message":null}',
    '{"type":"content_block_start","index":9,"content_block":{"type":"tool_use"}}',
  ]) {
    for (const at of [0, 1, 5, frames.length - 2]) {
      const events = eventsOf(frames.with(at, { event: '', data }));
      assert.equal(grammarFault(events), undefined);
      const last = events.at(-1);
      assert.ok(last?.type === 'fail' && last.error.code === 'upstream_invalid_response' && last.error.status === 502, data);
    }
  }
});

const start = frame({
  type: 'message_start',
  message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [], usage: { input_tokens: 3, output_tokens: 1 } },
});
const end = [frame({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 5 } }), frame({ type: 'message_stop' })];
const piece = (index: number, delta: object): SseEvent => frame({ type: 'content_block_delta', index, delta });

function reply(frames: readonly SseEvent[], context = contextFor(), request = accept(plainRequest, context)): Reply {
  return collect(eventsOf(frames, context, request));
}

test('an error event is the provider’s failure, before and after the first content', () => {
  const error = { event: 'error', data: '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}' };
  for (const before of [[], [start], [start, piece(0, { type: 'text_delta', text: 'a' })]]) {
    const events = eventsOf([...before, error, ...end]);
    const last = events.at(-1);
    assert.equal(grammarFault(events), undefined);
    assert.ok(last?.type === 'fail' && last.error.code === 'overloaded' && last.error.status === 529 && last.error.message === 'upstream: Overloaded');
  }
});

test('errors in a stream are classed by their type, with and without an event name', () => {
  const codes = {
    rate_limit_error: 'rate_limit_exceeded',
    api_error: 'upstream_error',
    authentication_error: 'upstream_auth',
    invalid_request_error: 'invalid_request',
    timeout_error: 'upstream_error',
    billing_error: 'insufficient_quota',
  };
  for (const [type, code] of Object.entries(codes)) {
    const last = eventsOf([start, { event: '', data: JSON.stringify({ type: 'error', error: { type, message: 'no' } }) }]).at(-1);
    assert.ok(last?.type === 'fail' && last.error.code === code, type);
  }
  const bare = eventsOf([start, { event: '', data: '{"error":{"message":"no"}}' }]).at(-1);
  assert.ok(bare?.type === 'fail' && bare.error.code === 'upstream_error');
  const text = eventsOf([start, { event: 'error', data: 'upstream connect error' }]).at(-1);
  assert.ok(text?.type === 'fail');
});

test('a message_stop without a reason ends no answer', () => {
  for (const before of [[], [start], [start, piece(0, { type: 'text_delta', text: 'a' })], [start, frame({ type: 'message_delta', delta: {} })]])
    assert.throws(
      () => reply([...before, frame({ type: 'message_stop' })]),
      (error) => error instanceof GatewayError && error.code === 'upstream_stream_cut',
    );
});

test('a stream that never began is begun by its first content', () => {
  const made = reply([piece(0, { type: 'text_delta', text: 'a' }), ...end]);
  assert.equal(made.model, 'model-1');
  assert.equal(made.id, 'msg_1');
});

test('a second answer within the first is a failure; a repeated head is not', () => {
  assert.throws(() => reply([start, piece(0, { type: 'text_delta', text: 'a' }), start, ...end]), /a second answer began/);
  assert.equal(reply([start, start, ...end]).id, 'msg_1');
});

test('an index used twice makes two blocks, and a start closes what is open at its index', () => {
  const block = (index: number, text: string): SseEvent[] => [
    frame({ type: 'content_block_start', index, content_block: { type: 'text', text: '' } }),
    piece(index, { type: 'text_delta', text }),
  ];
  const made = reply([start, ...block(0, 'a'), frame({ type: 'content_block_stop', index: 0 }), ...block(0, 'b'), ...block(0, 'c'), ...end]);
  assert.deepEqual(
    made.blocks.map((item) => item.type === 'text' && item.text),
    ['a', 'b', 'c'],
  );
});

test('text and thinking that begin with text keep it; another kind at the same index is another block', () => {
  const made = reply([
    start,
    frame({ type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: 'I ' } }),
    piece(0, { type: 'thinking_delta', thinking: 'think' }),
    piece(0, { type: 'signature_delta', signature: '' }),
    piece(0, { type: 'text_delta', text: 'so' }),
    ...end,
  ]);
  assert.deepEqual(made.blocks, [
    { type: 'reasoning', text: 'I think' },
    { type: 'text', text: 'so' },
  ]);
});

test('arguments for a call that never began are no answer', () => {
  assert.throws(() => reply([start, piece(0, { type: 'input_json_delta', partial_json: '{' }), ...end]), /never began/);
});

test('unknown events, deltas and blocks are noted, and pass where they can', () => {
  const context = contextFor();
  const made = reply(
    [
      start,
      frame({ type: 'news' }),
      frame({ type: 'content_block_start', index: 0, content_block: { type: 'hologram', x: 1 } }),
      piece(0, { type: 'hologram_delta', y: 2 }),
      piece(5, { type: 'what' }),
      ...end,
    ],
    context,
  );
  assert.deepEqual(made.blocks, [{ type: 'opaque', dialect: 'anthropic-messages', kind: 'hologram', raw: '{"type":"hologram","x":1,"y":2}', loss: 'hint' }]);
  assert.deepEqual(
    context.ledger.notes.map(({ path }) => path),
    ['stream.news', 'stream.what'],
  );
});

test('the last count wins, a null takes nothing back, and nonsense is not believed', () => {
  const usage = (...more: object[]): unknown =>
    reply([start, ...more.map((item) => frame({ type: 'message_delta', delta: {}, usage: item })), ...end]).usage?.output;
  assert.equal(usage({ output_tokens: 3 }, { output_tokens: 4 }), 5);
  const late = reply([
    start,
    frame({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { input_tokens: null, output_tokens: 9, cache_read_input_tokens: -1 } }),
  ]);
  assert.deepEqual({ ...late.usage, raw: undefined }, { input: 3, output: 9, raw: undefined });
});

test('a custom tool’s text comes out of the object that it travelled in', () => {
  const context = contextFor();
  const request = foreignRequest({ tools: [{ kind: 'custom', name: 'patch' }] });
  const call = frame({ type: 'content_block_start', index: 0, content_block: { type: 'tool_use', id: 'toolu_1', name: 'patch', input: {} } });
  const made = reply(
    [
      start,
      call,
      piece(0, { type: 'input_json_delta', partial_json: '{"input":"*** Be' }),
      piece(0, { type: 'input_json_delta', partial_json: 'gin\\n\\ud83d\\ude00"}' }),
      ...end,
    ],
    context,
    request,
  );
  assert.deepEqual(made.blocks, [{ type: 'toolCall', kind: 'custom', id: 'toolu_1', name: 'patch', arguments: '*** Begin\n😀' }]);
  assert.equal(made.finish.reason, 'toolCalls');
});

// The caller's side.

const head = { id: 'chatcmpl-1', model: 'gpt-x', created: 1 };
const finish = (reason: Finish['reason'], more: object = {}): ChatEvent => ({ type: 'finish', finish: { reason, ...more } });

function shownBlocks(blocks: readonly Block[], reason: Finish['reason'] = 'end'): string {
  return shown(
    explode({ ...head, blocks, finish: { reason }, usage: { input: 10, cacheRead: 4, output: 7, reasoning: 3 } }),
    contextFor({ back: 'openai-chat' }),
  );
}

test('another format’s answer is shown as a legal stream in full official shape', () => {
  const text = shownBlocks(
    [
      { type: 'reasoning', text: 'hm', signature: 'sig' },
      { type: 'text', text: 'Hello' },
      { type: 'toolCall', kind: 'function', id: 'call_1', name: 'f', arguments: '{"a":9007199254740993}' },
      { type: 'toolCall', kind: 'function', id: 'functions.g:1', name: 'g', arguments: '' },
      { type: 'toolCall', kind: 'custom', id: 'call_3', name: 'patch', arguments: 'a"\n😀' },
      { type: 'text', text: 'and after' },
    ],
    'toolCalls',
  );
  const frames = framesOf(bytesOf(text));
  assert.deepEqual(messageStreamProblems(frames), []);
  assert.match(text, /"id":"msg_chatcmpl-1"/);
  assert.match(text, /"signature":"mw1.upstream.sig"/);
  assert.match(text, /"partial_json":"\{\\"a\\":9007199254740993\}"/);
  const made = streamed(text);
  assert.deepEqual(
    made.blocks.filter((block) => block.type === 'toolCall').map((block) => block.arguments),
    ['{"a":9007199254740993}', '{}', '{"input":"a\\"\\n😀"}'],
  );
  assert.deepEqual({ ...made.usage, raw: 0 }, { input: 10, cacheRead: 4, output: 7, reasoning: 3, raw: 0 });
  assert.equal(made.finish.reason, 'toolCalls');
});

test('thinking without a signature gets a seal of its own, exactly one', () => {
  const text = shownBlocks([
    { type: 'reasoning', text: '' },
    { type: 'reasoning', text: 'x', redacted: 'secret' },
    { type: 'reasoning', text: '', redacted: 'only' },
  ]);
  assert.deepEqual(messageStreamProblems(framesOf(bytesOf(text))), []);
  assert.deepEqual(streamed(text).blocks, [
    { type: 'reasoning', text: '', signature: 'mw1.upstream.' },
    { type: 'reasoning', text: 'x', signature: 'mw1.upstream.' },
    { type: 'reasoning', text: '', redacted: 'mw1.upstream.secret' },
    { type: 'reasoning', text: '', redacted: 'mw1.upstream.only' },
  ]);
});

test('arguments that are no object end in an error event, unless the answer’s length cut them', () => {
  const call: Block = { type: 'toolCall', kind: 'function', id: 'c', name: 'f', arguments: '{"a":' };
  const broken = shownBlocks([call], 'toolCalls');
  assert.match(broken, /event: error\ndata: .*the tool call \\"f\\"/);
  assert.doesNotMatch(broken, /message_delta|message_stop/);
  const cut = shownBlocks([call], 'length');
  assert.match(cut, /"stop_reason":"max_tokens"/);
  assert.match(cut, /event: message_stop/);
});

test('refusals and filters stop with a refusal', () => {
  const filtered = shownBlocks([{ type: 'text', text: 'a' }], 'filter');
  const refused = shownBlocks([{ type: 'refusal', text: 'No.' }]);
  for (const text of [filtered, refused]) {
    assert.deepEqual(messageStreamProblems(framesOf(bytesOf(text))), []);
    assert.match(text, /"stop_reason":"refusal","stop_sequence":null,"stop_details":\{"type":"refusal","category":null,"explanation":null\}/);
  }
});

test('what an answer here cannot hold is left out with a note', () => {
  const context = contextFor({ back: 'openai-chat', fidelity: 'strict' });
  const text = shown(
    explode({
      ...head,
      ext: [{ dialect: 'openai-chat', path: 'x', key: 'x', raw: '1', loss: 'hint' }],
      blocks: [
        { type: 'opaque', dialect: 'openai-chat', kind: 'audio', raw: '{}', loss: 'hint' },
        { type: 'audio', format: 'wav', data: '' },
        { type: 'text', text: 'a', citations: '[1]' },
      ],
      finish: { reason: 'end' },
    }),
    context,
  );
  assert.deepEqual(messageStreamProblems(framesOf(bytesOf(text))), []);
  assert.deepEqual(
    context.ledger.notes.map(({ path }) => path),
    ['x', 'content.audio', 'content.audio', 'citations'],
  );
});

test('a failure and an end without one are an error event and nothing more', () => {
  const failing: ChatEvent[] = [{ type: 'start', head }, { type: 'fail', error: new GatewayError('overloaded', 'x: busy') }, finish('end')];
  const failed = shown(failing, contextFor());
  assert.match(failed, /event: error\ndata: \{"type":"error","error":\{"type":"overloaded_error","message":"x: busy"/);
  assert.doesNotMatch(failed, /message_stop/);
  assert.match(failed, /"request_id":"req_1"\}\n\n$/);
  assert.match(shown([{ type: 'start', head }], contextFor()), /upstream_stream_cut/);
});

test('an illegal sequence of events makes no illegal stream', () => {
  const random = createRandom(11);
  const blocks: Block[] = [
    { type: 'text', text: 'ab' },
    { type: 'reasoning', text: 'cd', signature: 's' },
    { type: 'reasoning', text: '', redacted: 'r' },
    { type: 'toolCall', kind: 'function', id: 'c', name: 'f', arguments: '{"a":1}' },
    { type: 'toolCall', kind: 'custom', id: 'd', name: 'g', arguments: 'x' },
    { type: 'refusal', text: 'no' },
  ];
  const pick = (): Block => blocks[random(blocks.length)] ?? { type: 'text', text: '' };
  for (let round = 0; round < 2000; round++) {
    const events: ChatEvent[] = Array.from({ length: random(10) }, (): ChatEvent => {
      const kind = random(6);
      if (kind === 0) return { type: 'start', head };
      if (kind === 1) return { type: 'open', block: pick() };
      if (kind === 2) return { type: 'delta', text: 'ab' };
      if (kind === 3) return { type: 'usage', usage: { input: 1, output: 2 } };
      return { type: 'close', block: pick() };
    });
    const text = shown([...events, finish('length')], contextFor({ back: 'openai-chat' }));
    const problems = messageStreamProblems(framesOf(bytesOf(text))).filter((problem) => !/the input is not/.test(problem));
    assert.deepEqual(problems, [], JSON.stringify(events));
  }
});

test('once the reason is known, the end is not waited for', () => {
  const decoder = translation.prepare(accept(plainRequest), contextFor()).stream();
  const seen = [start, piece(0, { type: 'text_delta', text: 'a' }), ...end].map((item) => {
    decoder.push(item, () => undefined);
    return decoder.finishing();
  });
  assert.deepEqual(seen, [false, false, true, true]);
});

test('after its end a stream says nothing more', () => {
  const events = eventsOf([start, ...end, piece(0, { type: 'text_delta', text: 'late' }), ...end]);
  assert.deepEqual(
    events.map(({ type }) => type),
    ['start', 'usage', 'finish'],
  );
});
