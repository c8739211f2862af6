import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ChatEvent } from '../../packages/modelwire/src/core/event.ts';
import type { DialectName } from '../../packages/modelwire/src/core/ir.ts';
import { parseJsonText } from '../../packages/modelwire/src/core/json-text.ts';
import { prepareFor } from '../../packages/modelwire/src/core/prepare.ts';
import { dialects } from '../support/dialects.ts';
import { decodeSse } from '../../packages/modelwire/src/framing/sse.ts';
import { contextTo } from '../support/context.ts';

/**
 * An event that is like the last one but for its text is read without being parsed. Law: that makes no difference. The same stream with
 * a number that counts in every event has no two events alike, so each of them is parsed.
 */
const question = { model: 'm', max_tokens: 5, stream: true, messages: [{ role: 'user', content: 'hi' }] };

type Told = { readonly events: readonly ChatEvent[]; readonly shown: string; readonly notes: unknown };

/** What a stream is to the IR and to callers of both dialects, cut into reads of `size` bytes. */
function told(back: DialectName, frames: readonly string[], size: number): Told {
  const context = contextTo(back);
  const encoders = (['openai-chat', 'anthropic-messages'] as const).map((front) => dialects[front].accept(parseJsonText(JSON.stringify(question)), context));
  const [accepted] = encoders;
  assert.ok(accepted);
  const decoder = prepareFor(dialects[back], { ...accepted.request, model: 'm' }, context).stream();
  const events: ChatEvent[] = [];
  let shown = '';
  const steps = encoders.map((front) => front.stream());
  const onEvent = (event: ChatEvent): void => {
    events.push(event);
    for (const step of steps) step.push(event, (text) => (shown += text));
  };
  const reader = decodeSse();
  const bytes = new TextEncoder().encode(frames.join(''));
  for (let from = 0; from < bytes.length; from += size) reader.push(bytes.subarray(from, from + size), (frame) => decoder.push(frame, onEvent));
  decoder.end(onEvent);
  return { events: JSON.parse(JSON.stringify(events)), shown, notes: context.ledger.notes };
}

type NamedEvent = { readonly type: string; readonly [field: string]: unknown };

/** Runs of pieces, so that many events in a row are alike. */
type Run = { readonly kind: string; readonly pieces: readonly string[]; readonly variant: number };

const piece = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.string({ unit: 'grapheme', maxLength: 4 }),
  fc.constantFrom(' the', '\n', '"', '\\', '{"a":', '"b"}', 'é', '😀', '\u0001'),
);
const runsOf = (...kinds: readonly string[]): fc.Arbitrary<Run[]> =>
  fc.array(fc.record({ kind: fc.constantFrom(...kinds), pieces: fc.array(piece, { maxLength: 6 }), variant: fc.nat({ max: 3 }) }), { maxLength: 6 });

const openaiRuns = runsOf('content', 'reasoning_content', 'reasoning', 'refusal', 'call', 'usage', 'odd');
const anthropicRuns = runsOf('text', 'thinking', 'tool_use', 'ping', 'odd');

function openaiDelta({ kind, variant }: Run, text: string, at: number): object {
  if (kind === 'call')
    return {
      tool_calls: [
        { index: variant, ...(at === 0 ? { id: `c${variant}`, type: 'function' } : {}), function: { ...(at === 0 ? { name: 'f' } : {}), arguments: text } },
      ],
    };
  if (kind === 'odd') return { content: text, reasoning_content: variant > 1 ? text : '', tool_calls: variant === 1 ? [] : null };
  return kind === 'usage' ? { content: text } : { [kind]: text };
}

function openaiEvents(runs: readonly Run[]): object[] {
  const chunk = (delta: object, more: object = {}): object => ({
    id: 'a',
    created: 1,
    model: 'm',
    choices: [{ index: 0, delta, finish_reason: null }],
    ...more,
  });
  const middle = runs.flatMap((run) =>
    run.pieces.map((text, at) =>
      chunk(openaiDelta(run, text, at), {
        ...(run.kind === 'usage' ? { usage: { prompt_tokens: 1, completion_tokens: run.variant > 1 ? at : 1 } } : {}),
        ...(run.variant === 2 ? { service_tier: 'flex' } : {}),
        ...(run.variant === 3 ? { obfuscation: 'x'.repeat(at) } : {}),
      }),
    ),
  );
  return [chunk({ role: 'assistant', content: '' }), ...middle, { id: 'a', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }];
}

function anthropicEvents(runs: readonly Run[]): NamedEvent[] {
  const middle = runs.flatMap(({ kind, pieces, variant }, index) => {
    if (kind === 'ping') return [{ type: 'ping' }];
    const type = kind === 'odd' ? 'text' : kind;
    const block = { text: { type, text: '' }, thinking: { type, thinking: '', signature: '' }, tool_use: { type, id: `t${index}`, name: 'f', input: {} } }[
      type
    ];
    const key = { text: 'text', thinking: 'thinking', tool_use: 'partial_json' }[type] ?? 'text';
    const names = { text: 'text_delta', thinking: 'thinking_delta', partial_json: 'input_json_delta' } as const;
    const deltas = pieces.map((text) => ({
      type: 'content_block_delta',
      index: kind === 'odd' && variant > 1 ? index + 1 : index,
      delta: { type: names[key as 'text'], [key]: text, ...(kind === 'odd' && variant === 1 ? { more: text } : {}) },
    }));
    return [{ type: 'content_block_start', index, content_block: block }, ...deltas, { type: 'content_block_stop', index }];
  });
  const message = { id: 'm', type: 'message', role: 'assistant', model: 'm', content: [], stop_reason: null, usage: { input_tokens: 1, output_tokens: 1 } };
  return [
    { type: 'message_start', message },
    ...middle,
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } },
    { type: 'message_stop' },
  ];
}

const openaiFrames = (events: readonly object[]): string[] => [...events.map((event) => `data: ${JSON.stringify(event)}\n\n`), 'data: [DONE]\n\n'];
const anthropicFrames = (events: readonly NamedEvent[]): string[] => events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
const counted = <T extends object>(events: readonly T[]): T[] => events.map((event, seq) => ({ seq, ...event }));

test('law: openai-chat events that are not parsed mean what they mean parsed, cut anywhere', () => {
  fc.assert(
    fc.property(openaiRuns, fc.integer({ min: 1, max: 400 }), (runs, size) => {
      const events = openaiEvents(runs);
      const parsed = told('openai-chat', openaiFrames(counted(events)), 1 << 20);
      assert.deepEqual(told('openai-chat', openaiFrames(events), size), parsed);
    }),
    { numRuns: 200 },
  );
});

test('law: anthropic-messages events that are not parsed mean what they mean parsed, cut anywhere', () => {
  fc.assert(
    fc.property(anthropicRuns, fc.integer({ min: 1, max: 400 }), (runs, size) => {
      const events = anthropicEvents(runs);
      const parsed = told('anthropic-messages', anthropicFrames(counted(events)), 1 << 20);
      assert.deepEqual(told('anthropic-messages', anthropicFrames(events), size), parsed);
    }),
    { numRuns: 200 },
  );
});

const cohereRuns = runsOf('text', 'thinking', 'plan', 'call', 'odd');

function cohereEvents(runs: readonly Run[]): NamedEvent[] {
  const said = (type: string, index: number, message: object): NamedEvent => ({ type, index, delta: { message } });
  const middle = runs.flatMap(({ kind, pieces, variant }, index): NamedEvent[] => {
    if (kind === 'plan') return pieces.map((text) => said('tool-plan-delta', 0, { tool_plan: text }));
    if (kind === 'call') {
      const begin = said('tool-call-start', index, { tool_calls: { id: `c${index}`, type: 'function', function: { name: 'f', arguments: '' } } });
      const deltas = pieces.map((text) => said('tool-call-delta', index, { tool_calls: { function: { arguments: text } } }));
      return [begin, ...deltas, { type: 'tool-call-end', index }];
    }
    const key = kind === 'thinking' ? 'thinking' : 'text';
    const deltas = pieces.map((text) =>
      said('content-delta', kind === 'odd' ? variant : index, { content: { [key]: text, ...(kind === 'odd' && variant === 1 ? { more: text } : {}) } }),
    );
    return [said('content-start', index, { content: { type: key, [key]: '' } }), ...deltas, { type: 'content-end', index }];
  });
  return [{ type: 'message-start', id: 'm' }, ...middle, { type: 'message-end', delta: { finish_reason: 'COMPLETE' } }];
}

/** `spaced`: no two events in a row are alike, for the spaces at their ends. */
const cohereFrames = (events: readonly NamedEvent[], spaced: boolean): string[] =>
  events.map((event, at) => `event: ${event.type}\ndata: ${JSON.stringify(event).replace(/}$/, `${spaced ? ' '.repeat(at) : ''}}`)}\n\n`);

test('law: cohere events that are not parsed mean what they mean parsed, cut anywhere', () => {
  fc.assert(
    fc.property(cohereRuns, fc.integer({ min: 1, max: 400 }), (runs, size) => {
      const events = cohereEvents(runs);
      const parsed = told('cohere', cohereFrames(events, true), 1 << 20);
      assert.deepEqual(told('cohere', cohereFrames(events, false), size), parsed);
    }),
    { numRuns: 200 },
  );
});
