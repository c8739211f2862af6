import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from '../../core/errors.ts';
import type { ChatEvent } from '../../core/event.ts';
import type { Block, Extra } from '../../core/ir.ts';
import { openBlock } from '../../core/seal.ts';
import { accept, answer, contextFor, counted, ended, event, eventsOf, hi, notesOf, replied, say, shown, shownWhole, start, stop } from './fixtures/world.ts';

const last = (events: readonly ChatEvent[]): string => {
  const end = events.at(-1);
  return end?.type === 'fail' ? end.error.code : (end?.type ?? 'nothing');
};
const foreign = () => contextFor({ back: 'openai-chat' });

test('the reason is not the end: the usage comes after it', () => {
  const events = eventsOf([start, say('a'), stop(), ended(), counted]);
  assert.deepEqual(
    events.map(({ type }) => type),
    ['start', 'open', 'delta', 'close', 'usage', 'finish'],
  );
  assert.deepEqual(
    eventsOf([start, say('a'), stop(), ended()]).map(({ type }) => type),
    ['start', 'open', 'delta', 'close', 'finish'],
  );
});

test('a stream without its reason is a failure, wherever it ends', () => {
  for (const frames of [[], [start], [start, say('a')], [start, say('a'), stop()]]) assert.equal(last(eventsOf(frames)), 'upstream_stream_cut');
  assert.equal(last(eventsOf([start, say('a'), stop(), counted])), 'upstream_stream_cut');
});

test('an exception inside a 200 is the provider’s error, before the first delta and after', () => {
  const slow = event('throttlingException', { message: 'slow' });
  for (const frames of [[slow], [start, slow], [start, say('a'), slow, ended(), counted]]) assert.equal(last(eventsOf(frames)), 'rate_limit_exceeded');
  for (const [name, code] of [
    ['validationException', 'invalid_request'],
    ['modelStreamErrorException', 'upstream_error'],
    ['internalServerException', 'upstream_error'],
    ['serviceUnavailableException', 'overloaded'],
    ['modelTimeoutException', 'upstream_error'],
    ['someNewException', 'upstream_error'],
  ] as const)
    assert.equal(last(eventsOf([start, event(name, { message: 'x' })])), code, name);
  assert.equal(last(eventsOf([start, { event: '', data: '{"throttlingException":{"message":"x"}}' }])), 'rate_limit_exceeded');
});

test('an answer that broke off is none; one that the length cut is told as such', () => {
  assert.equal(last(eventsOf([start, say('a'), stop(), ended('malformed_tool_use'), counted])), 'upstream_error');
  const call = event('contentBlockStart', { contentBlockIndex: 0, start: { toolUse: { toolUseId: 't', name: 'f' } } });
  const half = event('contentBlockDelta', { contentBlockIndex: 0, delta: { toolUse: { input: '{"a":' } } });
  const cut = eventsOf([start, call, half, stop(), ended('max_tokens'), counted]);
  const end = cut.at(-1);
  assert.equal(end?.type === 'finish' ? end.finish.reason : '', 'length');
  assert.deepEqual(
    shown(cut, contextFor()).map(([name]) => name),
    ['messageStart', 'contentBlockStart', 'contentBlockDelta', 'contentBlockStop', 'messageStop', 'metadata'],
  );
});

test('padding is nobody’s, and the padded pieces are read all the same', () => {
  const padded = (text: string, p: string) => event('contentBlockDelta', { contentBlockIndex: 0, delta: { text }, p });
  const pieces = ['Hé', 'l"\\', 'lo', ' 😀', ',"p":"x"}}', '\n', 'end'];
  const context = contextFor();
  const events = eventsOf([start, ...pieces.map((piece, index) => padded(piece, 'abcdefgh'.slice(index))), stop(), ended(), counted], context);
  assert.deepEqual(
    events.flatMap((each) => (each.type === 'delta' ? [each.text] : [])),
    pieces,
  );
  assert.deepEqual(notesOf(context), []);
});

test('blocks are told apart by their index, also without stops and starts', () => {
  const events = eventsOf([
    start,
    say('a'),
    say('b', 1),
    event('contentBlockDelta', { contentBlockIndex: 2, delta: { reasoningContent: { text: 't' } } }),
    ended(),
    counted,
  ]);
  assert.deepEqual(
    events.flatMap((each) => (each.type === 'close' ? [each.block] : [])),
    [
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
      { type: 'reasoning', text: 't' },
    ],
  );
});

test('what Bedrock ran itself is kept whole, and no call of the caller’s', () => {
  const use = { toolUseId: 's', name: 'nova_grounding', type: 'server_tool_use' };
  const frames = [
    start,
    event('contentBlockStart', { contentBlockIndex: 0, start: { toolUse: use } }),
    event('contentBlockDelta', { contentBlockIndex: 0, delta: { toolUse: { input: '{"q":1}' } } }),
    stop(),
    event('contentBlockStart', { contentBlockIndex: 1, start: { toolResult: { toolUseId: 's', type: 'nova_grounding_result' } } }),
    event('contentBlockDelta', { contentBlockIndex: 1, delta: { toolResult: [{ text: 'found' }] } }),
    stop(1),
    say('It rains.', 2),
    stop(2),
    ended(),
    counted,
  ];
  const events = eventsOf(frames);
  const whole = [
    { toolUse: { ...use, input: { q: 1 } } },
    { toolResult: { toolUseId: 's', type: 'nova_grounding_result', content: [{ text: 'found' }] } },
    { text: 'It rains.' },
  ];
  assert.deepEqual(
    events.flatMap((each) => (each.type === 'close' ? [each.block] : [])),
    replied(answer(whole)).blocks,
  );
  assert.deepEqual(
    shown(events, contextFor()).map(([name, value]) => [name, value]),
    frames.map(({ data }) => Object.entries(JSON.parse(data) as object)[0]),
  );
});

test('an event that is not known is named and passed over; what is no JSON ends the stream', () => {
  const context = contextFor();
  assert.equal(last(eventsOf([start, event('somethingNew', { a: 1 }), say('a'), stop(), ended(), counted], context)), 'finish');
  assert.deepEqual(notesOf(context), ['dropped stream.somethingNew']);
  assert.equal(last(eventsOf([start, { event: '', data: '{"contentBlockDelta":' }])), 'upstream_invalid_response');
  assert.equal(last(eventsOf([start, { event: '', data: '7' }])), 'upstream_invalid_response');
  assert.equal(last(eventsOf([start, say('a'), start])), 'upstream_invalid_response');
});

const text = { type: 'text' as const, text: '' };
const head = { id: 'r', model: 'model-1', created: 0 };

test('a caller’s stream is legal whatever comes in', () => {
  const names = (events: readonly ChatEvent[]) => shown(events, foreign()).map(([name]) => name);
  assert.deepEqual(names([]), ['error modelStreamErrorException']);
  assert.deepEqual(names([{ type: 'start', head }]), ['messageStart', 'error modelStreamErrorException']);
  assert.deepEqual(names([{ type: 'finish', finish: { reason: 'end' } }]), ['messageStart', 'messageStop', 'metadata']);
  assert.deepEqual(
    names([
      { type: 'start', head },
      { type: 'open', block: text },
      { type: 'delta', text: 'a' },
      { type: 'finish', finish: { reason: 'end' } },
      { type: 'delta', text: 'late' },
    ]),
    ['messageStart', 'contentBlockDelta', 'contentBlockStop', 'messageStop', 'metadata'],
  );
  assert.deepEqual(
    names([
      { type: 'start', head },
      { type: 'fail', error: new GatewayError('rate_limit_exceeded', 'slow') },
    ]),
    ['messageStart', 'error throttlingException'],
  );
});

test('thinking of another format is sealed, and a call without arguments has an empty object', () => {
  const call = { type: 'toolCall' as const, kind: 'function' as const, id: 'c:1', name: 'f', arguments: '' };
  const events = shown(
    [
      { type: 'start', head },
      { type: 'open', block: { type: 'reasoning', text: '' } },
      { type: 'delta', text: 't' },
      { type: 'close', block: { type: 'reasoning', text: 't', signature: 'sig', redacted: 'secret' } },
      { type: 'open', block: call },
      { type: 'close', block: call },
      { type: 'finish', finish: { reason: 'toolCalls' } },
    ],
    foreign(),
  );
  const said = events.map(([, value]) => JSON.stringify(value)).join('\n');
  assert.ok(said.includes('"signature":"mw1.upstream.sig"'));
  assert.ok(said.includes(`"redactedContent":"${btoa('mw1.upstream.secret')}"`));
  assert.match(said, /"toolUseId":"tooluse_[0-9a-f]+"/);
  assert.ok(said.includes('{"toolUse":{"input":"{}"}}'));
});

test('what its own format wants back with thinking goes under the same seal', () => {
  const context = contextFor({ back: 'openai-chat' });
  const ext: readonly Extra[] = [{ dialect: 'openai-chat', path: 'reasoning_details.id', key: 'id', raw: '"rs_1"', loss: 'nothing' }];
  const blocks: readonly Block[] = [
    { type: 'reasoning', text: 'hm', signature: 'sig', ext },
    { type: 'reasoning', text: '', redacted: 'secret', ext },
  ];
  const answer = shownWhole({ ...head, blocks, finish: { reason: 'end' } }, context) as { output: { message: object } };
  const [, turn] = accept({ messages: [hi, answer.output.message, hi] }, context).messages;
  assert.deepEqual(
    turn?.blocks.map((block) => {
      const opened = block.type === 'reasoning' ? openBlock(block, context) : undefined;
      return opened?.kind === 'own' && [opened.block.signature ?? opened.block.redacted, opened.block.ext];
    }),
    [
      ['sig', ext],
      ['secret', ext],
    ],
  );
});

test('an answer in full shape: the time it took, the sum of its tokens, and a model that is another', () => {
  const usage = { input: 3, cacheRead: 2, cacheWrite: 1, cacheWriteTtl: { '5m': 0, '1h': 1 }, output: 4, reasoning: 5 };
  const body = shownWhole({ ...head, model: 'model-2', blocks: [{ type: 'text', text: 'a' }], finish: { reason: 'end' }, usage }, foreign());
  assert.deepEqual(body, {
    output: { message: { role: 'assistant', content: [{ text: 'a' }] } },
    stopReason: 'end_turn',
    usage: {
      inputTokens: 3,
      outputTokens: 9,
      totalTokens: 15,
      cacheReadInputTokens: 2,
      cacheWriteInputTokens: 1,
      cacheDetails: [{ ttl: '1h', inputTokens: 1 }],
    },
    metrics: { latencyMs: 0 },
    trace: { promptRouter: { invokedModelId: 'model-2' } },
  });
});

test('what was cached is counted once, whichever way the model counts it', () => {
  const usage = (more: object) =>
    replied(answer([{ text: 'a' }], { usage: { outputTokens: 2, cacheReadInputTokens: 10, cacheWriteInputTokens: 5, ...more } })).usage;
  assert.equal(usage({ inputTokens: 3, totalTokens: 20 })?.input, 3);
  assert.equal(usage({ inputTokens: 18, totalTokens: 20 })?.input, 3);
  assert.equal(usage({ inputTokens: 3 })?.input, 3);
  assert.equal(usage({ inputTokens: -1, totalTokens: 1e300 })?.input, 0);
});

test('what is no answer says so', () => {
  for (const [given, code] of [
    ['<html>', 'upstream_invalid_response'],
    ['{}', 'upstream_invalid_response'],
    [answer([], { stopReason: undefined }), 'upstream_invalid_response'],
    [{ output: { message: {} }, stopReason: 'end_turn' }, 'upstream_invalid_response'],
    [answer([{}]), 'upstream_invalid_response'],
    [{ message: 'Too many requests', __type: 'ThrottlingException' }, 'rate_limit_exceeded'],
  ] as const)
    assert.throws(() => replied(given), { code });
});
