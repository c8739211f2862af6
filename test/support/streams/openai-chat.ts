import { isObject, type JsonObject } from '../../../packages/modelwire/src/core/json-text.ts';
import {
  between,
  changing,
  type Cut,
  dropping,
  type Frame,
  frame,
  missing,
  objectIn,
  objects,
  type Oddity,
  type Streaming,
  valueOf,
  without,
} from './frames.ts';

/** Fields of text come in pieces, all others in one; calls one after the other. */
function make({ choices, usage, ...head }: JsonObject, cut: Cut): readonly Frame[] {
  const chunk = (more: object, lane?: string): Frame => frame({ ...head, object: 'chat.completion.chunk', ...more }, '', lane);
  const delta = (value: object, lane?: string): Frame => chunk({ choices: [{ index: 0, delta: value, finish_reason: null }] }, lane);
  const [choice = {}] = objects(choices);
  const { message, ...rest } = choice;
  const { tool_calls: calls, function_call: called, content, annotations, role, ...fields } = isObject(message) ? message : {};
  const inPieces = (key: string, value: unknown): readonly Frame[] =>
    typeof value === 'string' ? cut(value).map((piece) => delta({ [key]: piece })) : value === undefined ? [] : [delta({ [key]: value })];
  return [
    delta({ role: role ?? 'assistant', content: '' }),
    // Thinking comes first, then what is said, then what is called.
    ...Object.entries(fields).flatMap(([key, value]) => (key.startsWith('reasoning') ? inPieces(key, value) : [])),
    ...inPieces('content', content),
    ...(annotations === undefined ? [] : [delta({ annotations })]),
    ...Object.entries(fields).flatMap(([key, value]) => (key.startsWith('reasoning') ? [] : inPieces(key, value))),
    ...objects(calls).flatMap((call, index) => callDeltas(call, index, cut).map((value) => delta({ tool_calls: [value] }, String(index)))),
    ...inPieces('function_call', called),
    chunk({ choices: [{ ...rest, index: 0, delta: {} }] }),
    ...(usage === undefined ? [] : [chunk({ choices: [], usage })]),
    { event: '', data: '[DONE]' },
  ];
}

function callDeltas(call: JsonObject, index: number, cut: Cut): readonly object[] {
  const kind = isObject(call['custom']) ? 'custom' : 'function';
  const inner = isObject(call[kind]) ? call[kind] : {};
  const key = kind === 'custom' ? 'input' : 'arguments';
  const text = typeof inner[key] === 'string' ? inner[key] : '';
  return [{ ...call, index, [kind]: { ...inner, [key]: '' } }, ...cut(text).map((piece) => ({ index, [kind]: { [key]: piece } }))];
}

function choiceOf(value: JsonObject): JsonObject {
  return objects(value['choices'])[0] ?? {};
}

function isEnd(given: Frame): boolean {
  const reason = choiceOf(valueOf(given))['finish_reason'];
  return given.data === '[DONE]' || (typeof reason === 'string' && reason !== '');
}

/** The delta of every chunk, changed. */
function deltas(change: (delta: JsonObject) => JsonObject): Oddity {
  return changing((value) => {
    const choice = choiceOf(value);
    return isObject(choice['delta']) ? { ...value, choices: [{ ...choice, delta: change(choice['delta']) }] } : value;
  });
}

/** Every piece of a call, changed. */
function calls(change: (call: JsonObject) => JsonObject): Oddity {
  return deltas((delta) => (Array.isArray(delta['tool_calls']) ? { ...delta, tool_calls: objects(delta['tool_calls']).map(change) } : delta));
}

/** Usage stands with the reason, and no chunk of its own comes after it. */
const usageWithReason: Oddity = (frames) => {
  const { usage } = valueOf(frames.at(-2) ?? { event: '', data: '' });
  if (usage === undefined) return frames;
  return [...frames.slice(0, -3), ...frames.slice(-3, -2).map((given) => frame({ ...valueOf(given), usage })), ...frames.slice(-1)];
};

/** Counts that grow with every chunk: the last hold. */
const usageEverywhere: Oddity = (frames) => {
  const { usage } = valueOf(frames.at(-2) ?? { event: '', data: '' });
  if (usage === undefined) return frames;
  const early = { prompt_tokens: 1, completion_tokens: 0, total_tokens: 1 };
  return changing((value, _given, index) => (index < frames.length - 2 ? { ...value, usage: early } : value))(frames);
};

/** Every piece of a call names it again. */
const namedAgain: Oddity = (frames) => {
  const known = new Map<unknown, JsonObject>();
  return calls((call) => {
    const first = known.get(call['index']) ?? call;
    known.set(call['index'], first);
    return { ...call, id: first['id'], type: first['type'] };
  })(frames);
};

export const openaiChat: Streaming = {
  make,
  isEnd,
  // Audio has a place in whole answers alone: the verdict tables say so.
  tellable: dropping('audio'),
  oddities: {
    'no [DONE]': missing(({ data }) => data === '[DONE]'),
    'usage with the reason': usageWithReason,
    'usage in every chunk': usageEverywhere,
    'calls without an index': calls((call) => without(call, 'index')),
    'the id in every piece of a call': namedAgain,
    'no role': deltas((delta) => without(delta, 'role')),
    'the role in every chunk': deltas((delta) => ({ ...delta, role: 'assistant' })),
    'every field, empty': deltas((delta) => ({ content: null, reasoning_content: null, refusal: null, tool_calls: null, ...delta })),
    'an empty reason in every chunk': changing((value) => {
      const choice = choiceOf(value);
      return choice['finish_reason'] === null ? { ...value, choices: [{ ...choice, finish_reason: '' }] } : value;
    }),
    'choices without an index': changing((value) => ({ ...value, choices: objects(value['choices']).map((choice) => without(choice, 'index')) })),
    'chunks without a choice between': between(frame({ choices: [] })),
    'null between': between({ event: '', data: 'null' }),
    'a first chunk of filter results': (frames) => [frame({ id: '', model: '', created: 0, choices: [], prompt_filter_results: [] }), ...frames],
    'a last chunk that repeats the reason': (frames) => frames.flatMap((given) => (isEnd(given) && given.data !== '[DONE]' ? [given, given] : [given])),
    'more after the end': (frames) => [...frames, frame({ choices: [{ index: 0, delta: { content: 'late' } }] })],
    'arguments as they come, empty at first': calls((call) => {
      const inner = objectIn(call, 'function');
      return inner['arguments'] === '' ? { ...call, function: without(inner, 'arguments') } : call;
    }),
  },
};
