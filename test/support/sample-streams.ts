import assert from 'node:assert/strict';
import type { DialectName } from '../../packages/modelwire/src/core/ir.ts';
import type { Value } from '../../packages/modelwire/src/core/verdicts.ts';
import { type Leaf, type Sample, samplesOf } from './samples.ts';

/** The least request of a front, for answers. */
export const asked: { readonly [name in DialectName]: object } = {
  'openai-chat': { model: 'm', messages: [{ role: 'user', content: 'hi' }], stream: true, stream_options: { include_usage: true } },
  'openai-responses': { model: 'm', input: 'hi', include: ['reasoning.encrypted_content'], stream: true },
  'anthropic-messages': { model: 'm', max_tokens: 100, messages: [{ role: 'user', content: 'hi' }], stream: true },
  ollama: { model: 'm', messages: [{ role: 'user', content: 'hi' }] },
  gemini: { contents: [{ role: 'user', parts: [{ text: 'hi' }] }], generationConfig: { thinkingConfig: { includeThoughts: true } } },
  cohere: { model: 'm', messages: [{ role: 'user', content: 'hi' }], stream: true },
  'bedrock-converse': { messages: [{ role: 'user', content: [{ text: 'hi' }] }] },
};

export type Frames = readonly { readonly event: string; readonly data: string }[];

/** The sample of a stream of each format: the events in an order that is legal, each with everything that it can hold. */
export const sampleStreams: { readonly [name in DialectName]: (event: Value) => readonly Sample[] } = {
  // One chunk holds a whole answer. What goes along with a call is named as in one.
  'openai-chat': (event) =>
    samplesOf(event).map(({ value, leaves }) => ({
      value: [value],
      leaves: leaves.map((leaf) => ({ ...leaf, tags: leaf.path.replace('.delta.', '.message.'), steps: [0, ...leaf.steps] })),
    })),
  'openai-responses': (event) => [responsesStream(event)],
  'anthropic-messages': (event) => [anthropicStream(event)],
  // One chunk holds a whole answer.
  gemini: inOneEvent,
  // So may one line.
  ollama: inOneEvent,
  cohere: (event) => [cohereStream(event)],
  'bedrock-converse': (event) => bedrockStreams(event),
};

function inOneEvent(event: Value): readonly Sample[] {
  return samplesOf(event).map(({ value, leaves }) => ({ value: [value], leaves: leaves.map((leaf) => ({ ...leaf, steps: [0, ...leaf.steps] })) }));
}

/** Every block with a place of its own, then the deltas, each after the start of a block that it fits. */
function anthropicStream(event: Value): Sample {
  assert.ok(event.kind === 'union');
  const events: Record<string, unknown>[] = [];
  const leaves: Leaf[] = [];
  const put = ({ value, leaves: more }: Sample, changes: object = {}): void => {
    leaves.push(...more.filter(({ path }) => !Object.hasOwn(changes, path)).map((leaf) => ({ ...leaf, steps: [events.length, ...leaf.steps] })));
    events.push({ ...(value as object), ...changes });
  };
  const samples = (type: string): readonly Sample[] => {
    const shape = event.of.get(type);
    assert.ok(shape !== undefined);
    return samplesOf(shape, { salt: type });
  };
  const [start] = samples('message_start');
  assert.ok(start !== undefined);
  const { message } = start.value as { message: object };
  const toldLater = /^message\.(?:content|stop|usage|container|context_management|input_transformations)/;
  const opening = { ...message, content: [], stop_reason: null, stop_sequence: null, stop_details: null, container: null };
  put({ value: start.value, leaves: start.leaves.filter(({ path }) => !toldLater.test(path)) }, { message: opening });
  const fitting: Readonly<Record<string, { readonly type: string; readonly [field: string]: unknown }>> = {
    text_delta: { type: 'text', text: '' },
    citations_delta: { type: 'text', text: '' },
    input_json_delta: { type: 'tool_use', id: 'toolu_d', name: 'd', input: {}, caller: { type: 'direct' } },
    thinking_delta: { type: 'thinking', thinking: '', signature: '' },
    signature_delta: { type: 'thinking', thinking: '', signature: '' },
    compaction_delta: { type: 'compaction', content: null },
  };
  let index = 0;
  const close = (): void => void events.push({ type: 'content_block_stop', index: index++ });
  for (const sample of samples('content_block_start')) {
    put(sample, { index });
    close();
  }
  for (const sample of samples('content_block_delta')) {
    const { delta } = sample.value as { delta: { type: string } };
    events.push({ type: 'content_block_start', index, content_block: fitting[delta.type] });
    // A delta that only its own format knows goes with the block that it is of.
    const tags = `content.${String(fitting[delta.type]?.type)}`;
    put(
      { value: sample.value, leaves: sample.leaves.map((leaf) => (leaf.owner !== undefined && 'kind' in leaf.owner ? { ...leaf, tags } : leaf)) },
      delta.type === 'input_json_delta' ? { index, delta: { ...delta, partial_json: JSON.stringify({ note: Object.values(delta)[1] }) } } : { index },
    );
    close();
  }
  for (const sample of samples('message_delta')) put(sample);
  events.push({ type: 'message_stop' });
  return { value: events, leaves };
}

/** Every kind of part in the order in which models make them; the end is no failure. What goes along is named as in a whole answer. */
function cohereStream(event: Value): Sample {
  assert.ok(event.kind === 'union');
  const events: Record<string, unknown>[] = [];
  const leaves: Leaf[] = [];
  const samples = (type: string): readonly Sample[] => {
    const shape = event.of.get(type);
    assert.ok(shape !== undefined);
    return samplesOf(shape, { salt: type });
  };
  const put = (type: string, changes: object = {}): void => {
    for (const { value, leaves: more } of samples(type)) {
      leaves.push(...more.map((leaf) => ({ ...leaf, tags: leaf.path.replace(/^delta\./, ''), steps: [events.length, ...leaf.steps] })));
      events.push({ ...(value as object), ...changes });
    }
  };
  put('message-start');
  put('debug');
  put('content-start');
  put('content-delta');
  events.push({ type: 'content-end', index: 0 });
  put('citation-start');
  events.push({ type: 'citation-end', index: 0 });
  put('tool-plan-delta');
  put('tool-call-start');
  events.push({ type: 'tool-call-end', index: 0 });
  events.push({
    type: 'tool-call-start',
    index: 1,
    delta: { message: { tool_calls: { id: 'call_1', type: 'function', function: { name: 'f', arguments: '' } } } },
  });
  put('tool-call-delta', { index: 1 });
  events.push({ type: 'tool-call-end', index: 1 });
  put('message-end');
  return { value: events, leaves };
}

/** A stream for each form of an event, with those around it that make it legal. */
function bedrockStreams(event: Value): Sample[] {
  const start = { messageStart: { role: 'assistant' } };
  const stop = { messageStop: { stopReason: 'end_turn' } };
  const end = { metadata: { usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 }, metrics: { latencyMs: 1 } } };
  /** Where it stands among the others, and what an answer calls its place. */
  const around = (value: object): { readonly before: readonly object[]; readonly after: readonly object[]; readonly tags?: string } | undefined => {
    const [kind = ''] = Object.keys(value);
    const place = { contentBlockIndex: 0 };
    const rest = [{ contentBlockStop: place }, stop, end];
    if (kind === 'messageStart') return { before: [], after: [stop, end] };
    if (kind === 'messageStop') return { before: [start], after: [end] };
    if (kind === 'metadata') return { before: [start, stop], after: [] };
    if (kind === 'contentBlockStart') {
      const [of = ''] = Object.keys((value as { contentBlockStart: { start: object } }).contentBlockStart.start);
      const bytes = { contentBlockDelta: { ...place, delta: { image: { source: { bytes: 'aaaa' } } } } };
      return { before: [start], after: [...(of === 'image' ? [bytes] : []), ...rest], tags: `content.${of}` };
    }
    if (kind !== 'contentBlockDelta') return undefined;
    const [of = ''] = Object.keys((value as { contentBlockDelta: { delta: object } }).contentBlockDelta.delta);
    const opening: Readonly<Record<string, object>> = {
      toolUse: { toolUse: { toolUseId: 'tooluse_d', name: 'd' } },
      toolResult: { toolResult: { toolUseId: 'tooluse_d', type: 'kind' } },
      image: { image: { format: 'png' } },
    };
    const opened = opening[of];
    return { before: [start, ...(opened === undefined ? [] : [{ contentBlockStart: { ...place, start: opened } }])], after: rest, tags: `content.${of}` };
  };
  assert.ok(event.kind === 'object');
  const samples = [...event.fields].flatMap(([kind, field]) =>
    samplesOf(field.value).map(({ value, leaves }) => ({
      value: { [kind]: value },
      leaves: leaves.map((leaf) => ({ ...leaf, path: `${kind}.${leaf.path}`, steps: [kind, ...leaf.steps] })),
    })),
  );
  return samples.flatMap(withCallersUse).flatMap(({ value, leaves }) => {
    const places = around(value as object);
    // What an exception says is an error's, not an answer's.
    if (places === undefined || Object.keys(value as object)[0] === 'contentBlockStop') return [];
    const { before, after, tags } = places;
    const moved = leaves.map((leaf) => ({
      ...leaf,
      ...(tags === undefined ? {} : { tags: leaf.path.endsWith('.error') ? `output.message.${tags}.error` : tags }),
      steps: [before.length, ...leaf.steps],
    }));
    return [{ value: [...before, asObject(value), ...after], leaves: moved }];
  });
}

/** A use that says its type is the provider's own; without one it is a call of the caller's. */
function withCallersUse(sample: Sample): readonly Sample[] {
  const { contentBlockStart: begun } = sample.value as { readonly contentBlockStart?: { readonly start: { readonly toolUse?: { readonly type?: string } } } };
  if (begun?.start.toolUse === undefined) return [sample];
  const { type: _type, ...toolUse } = begun.start.toolUse;
  const value = { contentBlockStart: { ...begun, start: { toolUse } } };
  return [sample, { value, leaves: sample.leaves.filter(({ path }) => !path.endsWith('.type')) }];
}

/** The arguments of a call are JSON of their own. */
function asObject(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (key, inner: unknown) =>
    key === 'input' && typeof inner === 'string' ? JSON.stringify({ note: inner }) : inner,
  ) as unknown;
}

/** Events that the sample does not show as they are: what begins and ends it, and what others say as well. */
const untold =
  /^(?:error|response\.(?:created|queued|in_progress|completed|incomplete|failed|output_item\..*|content_part\.added|reasoning_summary_part\..*|output_text\.annotation\.added))$/;

/**
 * Every kind of item with everything that it can hold, told once it is done as some servers tell it; then every event of a text or a call
 * within an item that it is of, and those of the provider's own tools.
 */
function responsesStream(event: Value): Sample {
  assert.ok(event.kind === 'union');
  const { of: shapes } = event;
  const events: Record<string, unknown>[] = [];
  const leaves: Leaf[] = [];
  const put = ({ value, leaves: more }: Sample, changes: object = {}): void => {
    leaves.push(...more.map((leaf) => ({ ...leaf, steps: [events.length, ...leaf.steps] })));
    events.push({ ...(value as object), ...changes });
  };
  const samples = (type: string): readonly Sample[] => {
    const shape = shapes.get(type);
    assert.ok(shape !== undefined, type);
    return samplesOf(shape, { salt: type });
  };
  const [opening] = samples('response.created');
  const [ending] = samples('response.incomplete');
  assert.ok(opening !== undefined && ending !== undefined);
  const { response } = opening.value as { response: { model: string } };
  const begun = { ...response, output: [], status: 'in_progress', incomplete_details: null, usage: null };
  put({ value: opening.value, leaves: opening.leaves.filter(({ path }) => path === 'response.model').map(inAnswer) }, { response: begun });
  let index = 0;
  for (const sample of samples('response.output_item.done')) {
    const { item } = sample.value as { item: { type: string } };
    // What an item holds is named as in a whole answer.
    put(
      { value: sample.value, leaves: sample.leaves.map((leaf) => ({ ...leaf, tags: leaf.tags.replace(/^item/, `output.${item.type}`) })) },
      { output_index: index++ },
    );
  }
  const place = { content_index: 0, summary_index: 0, item_id: 'x' };
  for (const type of [...shapes.keys()].filter((name) => !untold.test(name))) {
    for (const sample of samples(type)) {
      const item = itemFor(type, sample.value);
      if (item !== undefined) events.push({ type: 'response.output_item.added', output_index: index, item });
      const tags = (leaf: Leaf): string =>
        /^part\b/.test(leaf.tags) ? leaf.tags.replace('part', `output.message.content.${partIn(sample.value)}`) : `stream.${type}`;
      put(
        { value: withArguments(type, sample.value), leaves: sample.leaves.map((leaf) => ({ ...leaf, tags: tags(leaf) })) },
        { ...place, output_index: index },
      );
      if (item !== undefined) index++;
    }
  }
  const told = ending.leaves.filter(({ path }) => !/^response\.(?:output|model)\b/.test(path)).map(inAnswer);
  put({ value: ending.value, leaves: told }, { response: { ...(ending.value as { response: object }).response, model: response.model, output: [] } });
  return { value: events, leaves };
}

/** An item that an event of that type is of, as it begins. */
function itemFor(type: string, value: unknown): object | undefined {
  const of = (start: string): boolean => type.startsWith(`response.${start}.`);
  if (of('function_call_arguments')) return { type: 'function_call', id: 'fc_p', call_id: `call_${type}`, name: 'p', arguments: '' };
  if (of('custom_tool_call_input')) return { type: 'custom_tool_call', id: 'ctc_p', call_id: `call_${type}`, name: 'q', input: '' };
  if (of('reasoning_text') || of('reasoning_summary_text') || partIn(value) === 'reasoning_text') return { type: 'reasoning', id: 'rs_p', summary: [] };
  const isProse = of('output_text') || of('refusal') || of('content_part');
  return isProse ? { type: 'message', id: 'msg_p', role: 'assistant', status: 'in_progress', content: [] } : undefined;
}

function partIn(value: unknown): string {
  const { part } = value as { part?: { type: string } };
  return part?.type ?? '';
}

/** The arguments of a function are JSON. */
function withArguments(type: string, value: unknown): unknown {
  if (!type.startsWith('response.function_call_arguments.')) return value;
  const key = type.endsWith('.delta') ? 'delta' : 'arguments';
  return { ...(value as object), [key]: JSON.stringify({ note: (value as Record<string, unknown>)[key] }) };
}

/** The answer that an event holds is named as a whole one. */
function inAnswer(leaf: Leaf): Leaf {
  return { ...leaf, path: leaf.path.replace(/^response\./, ''), tags: leaf.tags.replace(/^response\./, '') };
}

export function framesOf(back: DialectName, events: readonly unknown[]): Frames {
  const frames = events.map((event) => ({ event: '', data: JSON.stringify(event) }));
  return back === 'openai-chat' ? [...frames, { event: '', data: '[DONE]' }] : frames;
}
