import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from '../../core/errors.ts';
import type { ChatEvent } from '../../core/event.ts';
import type { Block } from '../../core/ir.ts';
import { chunk, contextFor, eventsOf, notesOf, shown } from './fixtures/world.ts';

const last = (events: readonly ChatEvent[]): string => {
  const end = events.at(-1);
  return end?.type === 'fail' ? end.error.code : (end?.type ?? 'nothing');
};
const stop = chunk([{ text: '' }], { finishReason: 'STOP' });

function blocksOf(events: readonly ChatEvent[]): unknown[] {
  return events
    .flatMap((event) => (event.type === 'close' ? [event.block] : []))
    .map((block) => (block.type === 'toolCall' ? [block.name, block.arguments] : block.type));
}

test('several parts a chunk, pieces over chunks, and text after a call begins a block', () => {
  const events = eventsOf([
    chunk([{ text: 'th', thought: true }]),
    chunk([{ text: 'ink', thought: true }, { text: 'a' }]),
    chunk([{ text: 'b' }, { functionCall: { name: 'f', args: {} } }, { functionCall: { name: 'f', args: { x: 1 } } }, { text: 'c' }]),
    stop,
  ]);
  assert.deepEqual(blocksOf(events), ['reasoning', 'text', ['f', '{}'], ['f', '{"x":1}'], 'text']);
  assert.equal(last(events), 'finish');
});

test('without a finish reason nothing has ended', () => {
  assert.equal(last(eventsOf([])), 'upstream_stream_cut');
  assert.equal(last(eventsOf([chunk([{ text: 'a' }])])), 'upstream_stream_cut');
  assert.equal(last(eventsOf([chunk([{ text: 'a' }]), { event: '', data: '[DONE]' }])), 'upstream_stream_cut');
});

test('an error in the middle is the provider’s own', () => {
  const error = { event: '', data: '{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}' };
  assert.equal(last(eventsOf([chunk([{ text: 'a' }]), error, stop])), 'overloaded');
  assert.equal(last(eventsOf([{ event: '', data: '{"torn' }])), 'upstream_invalid_response');
  assert.equal(last(eventsOf([chunk([{ text: 'a' }], { finishReason: 'MALFORMED_FUNCTION_CALL' })])), 'upstream_error');
});

test('a prompt that was blocked ends as a filter; usage counts up, and the last number wins', () => {
  const events = eventsOf([{ event: '', data: '{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":4}}' }]);
  assert.deepEqual(
    events.map(({ type }) => type),
    ['start', 'usage', 'finish'],
  );
  const counted = eventsOf([
    chunk([{ text: 'a' }], {}, { usageMetadata: { promptTokenCount: 4, candidatesTokenCount: 1 } }),
    chunk([{ text: '' }], { finishReason: 'STOP' }, { usageMetadata: { candidatesTokenCount: 9 } }),
  ]).find((event) => event.type === 'usage');
  assert.deepEqual([counted?.usage.input, counted?.usage.output], [4, 9]);
});

test('arguments that come piece by piece are one call', () => {
  const growing = (piece: object | undefined, more = true) =>
    chunk([{ functionCall: { ...(piece === undefined ? {} : { partialArgs: [piece] }), ...(more ? { willContinue: true } : {}) } }]);
  const events = eventsOf([
    chunk([{ functionCall: { name: 'f', willContinue: true } }]),
    growing({ jsonPath: '$.city', stringValue: 'Pa', willContinue: true }),
    growing({ jsonPath: '$.city', stringValue: 'ris' }),
    growing({ jsonPath: '$.days[0]', numberValue: 1 }),
    growing({ jsonPath: '$.days[1]', numberValue: 2 }),
    growing({ jsonPath: "$['odd key'].on", boolValue: true }),
    growing({ jsonPath: '$.none', nullValue: 'NULL_VALUE' }),
    growing(undefined, false),
    stop,
  ]);
  assert.deepEqual(blocksOf(events), [['f', '{"city":"Paris","days":[1,2],"odd key":{"on":true},"none":null}']]);
  assert.equal(last(eventsOf([chunk([{ functionCall: { name: 'f', willContinue: true } }]), stop])), 'upstream_invalid_response');
  assert.equal(
    last(eventsOf([chunk([{ functionCall: { name: 'f', willContinue: true, partialArgs: [{ jsonPath: 'x' }] } }]), stop])),
    'upstream_invalid_response',
  );
});

const head = { id: 'r', model: 'm', created: 1 };
const opened = (block: Block): ChatEvent[] => [
  { type: 'start', head },
  { type: 'open', block },
];
const foreign = () => contextFor({ back: 'openai-chat' });
type Chunk = { candidates?: { content: { parts: { text?: string }[] }; finishReason?: string }[]; error?: { code: number; status: string } };

test('the caller’s stream: pieces as they come, calls whole, the finish reason with the last chunk alone', () => {
  const call: Block = { type: 'toolCall', kind: 'function', id: 'c', name: 'f', arguments: '' };
  const chunks = shown(
    [
      ...opened({ type: 'text', text: '' }),
      { type: 'delta', text: 'a' },
      { type: 'delta', text: 'b' },
      { type: 'close', block: { type: 'text', text: 'ab' } },
      { type: 'open', block: call },
      { type: 'delta', text: '{"x"' },
      { type: 'delta', text: ':1}' },
      { type: 'close', block: { ...call, arguments: '{"x":1}' } },
      { type: 'usage', usage: { input: 1, output: 2 } },
      { type: 'finish', finish: { reason: 'toolCalls' } },
    ],
    foreign(),
  ) as Chunk[];
  assert.deepEqual(
    chunks.map(({ candidates }) => [candidates?.[0]?.content.parts, candidates?.[0]?.finishReason]),
    [
      [[{ text: 'a' }], undefined],
      [[{ text: 'b' }], undefined],
      // An empty bundle: Google wants a signature on the first call of a turn.
      [[{ functionCall: { id: 'c', name: 'f', args: { x: 1 } }, thoughtSignature: btoa('mw1.upstream.[]') }], undefined],
      [[{ text: '' }], 'STOP'],
    ],
  );
});

test('what breaks off ends in an error, never in a finish reason', () => {
  const events = [...opened({ type: 'text', text: '' }), { type: 'delta' as const, text: 'a' }];
  const ends = (more: readonly ChatEvent[]): unknown => (shown([...events, ...more], foreign()).at(-1) as Chunk).error?.status;
  assert.equal(ends([]), 'UNAVAILABLE');
  assert.equal(ends([{ type: 'fail', error: new GatewayError('overloaded', 'busy') }]), 'UNAVAILABLE');
  const broken: Block = { type: 'toolCall', kind: 'function', id: 'c', name: 'f', arguments: '{' };
  const closed: ChatEvent[] = [
    { type: 'open', block: broken },
    { type: 'close', block: broken },
  ];
  assert.equal(ends([...closed, { type: 'finish', finish: { reason: 'toolCalls' } }]), 'UNAVAILABLE');
  const context = foreign();
  const cut = shown([...events, ...closed, { type: 'finish', finish: { reason: 'length' } }], context).at(-1) as Chunk;
  assert.equal(cut.candidates?.[0]?.finishReason, 'MAX_TOKENS');
  assert.deepEqual(notesOf(context), ['dropped content.f']);
});
