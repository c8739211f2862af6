import { OpenAIError } from './errors-openai.ts';
import { type Expected, readerOfFormat, readerOfTool } from './openai-parse.ts';
import type {
  ChatCompletionSnapshot,
  ChatCompletionSnapshotChoice,
  ChatCompletionSnapshotMessage,
  ChatCompletionSnapshotToolCall,
} from './openai-runner-events.ts';
import type * as types from './openai-types.ts';
import { parsePartialJson } from './partial-json.ts';

/** A choice as far as it has come, with its tool calls by their numbers. */
export type GrowingChoice = { readonly choice: ChatCompletionSnapshotChoice; readonly calls: ReadonlyMap<number, ChatCompletionSnapshotToolCall> };

export type Snapshot = {
  readonly value: ChatCompletionSnapshot;
  add(chunk: types.ChatCompletionChunk): void;
  choiceAt(index: number): GrowingChoice | undefined;
  /** The whole completion. Throws when it has not come to an end. */
  complete(): types.ChatCompletion;
};

/** Puts the chunks of a stream together again. */
export function createSnapshot(first: types.ChatCompletionChunk, expected: Expected): Snapshot {
  const value: ChatCompletionSnapshot = { ...first, choices: [] };
  const growing = new Map<number, ReturnType<typeof createChoice>>();
  return {
    value,
    add({ choices, ...head }) {
      copyKnown(value, head);
      for (const piece of choices) {
        const known = growing.get(piece.index) ?? createChoice(piece.index, expected);
        if (!growing.has(piece.index)) {
          growing.set(piece.index, known);
          value.choices.push(known.choice);
          value.choices.sort((a, b) => a.index - b.index);
        }
        known.add(piece);
      }
    },
    choiceAt: (index) => growing.get(index),
    complete: () => ({ ...value, object: 'chat.completion', choices: value.choices.map(completeChoice) }),
  };
}

function createChoice(index: number, expected: Expected) {
  const message = createMessage(expected);
  const calls = new Map<number, ChatCompletionSnapshotToolCall>();
  const choice: ChatCompletionSnapshotChoice = { finish_reason: null, index, message, logprobs: null };
  return {
    choice,
    calls,
    add(piece: types.ChatCompletionChunkChoice): void {
      const { delta = {}, finish_reason, logprobs, index: _, ...more } = piece;
      copyKnown(choice, more);
      if (finish_reason !== null) choice.finish_reason = finish_reason;
      if (logprobs !== null && logprobs !== undefined) choice.logprobs = joinLogprobs(choice.logprobs, logprobs);
      addDelta(message, delta);
      for (const part of delta.tool_calls ?? []) {
        const call = calls.get(part.index) ?? createCall(part, expected);
        if (!calls.has(part.index)) {
          calls.set(part.index, call);
          message.tool_calls = [...calls].toSorted(([a], [b]) => a - b).map(([, one]) => one);
        }
        addToCall(call, part);
      }
    },
  };
}

/** What can be read so far is read when it is asked for: reading each time would cost the square of the answer's length. */
function createMessage({ response_format }: Expected): ChatCompletionSnapshotMessage {
  if (readerOfFormat(response_format) === undefined) return {};
  return {
    get parsed() {
      return readSoFar(this.content ?? '') ?? null;
    },
  };
}

function readSoFar(text: string): unknown {
  try {
    return parsePartialJson(text, true);
  } catch {
    // What the model writes is no JSON. That is said at the end, when all of it is there.
    return undefined;
  }
}

function addDelta(message: ChatCompletionSnapshotMessage, delta: types.ChatCompletionDelta): void {
  const { content, refusal, role, function_call, tool_calls: _, audio, ...more } = delta;
  message.role ??= role ?? 'assistant';
  if (content !== null && content !== undefined) message.content = (message.content ?? '') + content;
  if (refusal !== null && refusal !== undefined) message.refusal = (message.refusal ?? '') + refusal;
  if (function_call !== undefined && function_call !== null) {
    const { name = message.function_call?.name ?? '', arguments: piece = '' } = function_call;
    message.function_call = { name, arguments: (message.function_call?.arguments ?? '') + piece };
  }
  if (audio !== undefined && audio !== null) message.audio = joinAudio(message.audio ?? {}, audio);
  addThoughts(message, more);
}

function joinAudio(
  known: Partial<types.ChatCompletionAudio>,
  { data, transcript, ...more }: Partial<types.ChatCompletionAudio>,
): Partial<types.ChatCompletionAudio> {
  return {
    ...known,
    ...more,
    ...(data === undefined ? {} : { data: (known.data ?? '') + data }),
    ...(transcript === undefined ? {} : { transcript: (known.transcript ?? '') + transcript }),
  };
}

/** Where providers tell their thinking, which comes in pieces like the text. Of any other field the last piece counts. */
const thoughts: ReadonlySet<string> = new Set(['reasoning', 'reasoning_content', 'reasoning_details']);

function addThoughts(message: object, more: object): void {
  for (const [name, piece] of Object.entries(more) as [string, unknown][]) {
    const before: unknown = thoughts.has(name) ? Object.getOwnPropertyDescriptor(message, name)?.value : undefined;
    if (typeof before === 'string' && typeof piece === 'string') copyKnown(message, { [name]: before + piece });
    else if (Array.isArray(before) && Array.isArray(piece)) copyKnown(message, { [name]: [...before, ...piece] });
    else copyKnown(message, { [name]: piece });
  }
}

function createCall({ id, type, custom }: types.ChatCompletionDeltaToolCall, { tools }: Expected): ChatCompletionSnapshotToolCall {
  // Without its id a call cannot be answered; some servers leave it out.
  const call = { id: id ?? `call_${crypto.randomUUID()}` };
  if (type === 'custom' || (type === undefined && custom !== undefined)) return { ...call, type: 'custom', custom: { name: '', input: '' } };
  return {
    ...call,
    type: 'function',
    function: {
      name: '',
      arguments: '',
      get parsed_arguments() {
        return readerOfTool(tools, this.name) === undefined ? undefined : readSoFar(this.arguments);
      },
    },
  };
}

function addToCall(call: ChatCompletionSnapshotToolCall, { id, custom, function: called }: types.ChatCompletionDeltaToolCall): void {
  if (id !== undefined && id !== '') call.id = id;
  if (call.type === 'custom') {
    if (custom?.name !== undefined) call.custom.name = custom.name;
    call.custom.input += custom?.input ?? '';
    return;
  }
  if (called?.name !== undefined && called.name !== null) call.function.name = called.name;
  call.function.arguments += called?.arguments ?? '';
}

function joinLogprobs(known: types.ChatCompletionLogprobs | null, { content, refusal, ...more }: types.ChatCompletionLogprobs): types.ChatCompletionLogprobs {
  return { ...known, ...more, content: joinLists(known?.content, content), refusal: joinLists(known?.refusal, refusal) };
}

function joinLists<Item>(known: Item[] | null | undefined, more: Item[] | null | undefined): Item[] | null {
  return more === null || more === undefined ? (known ?? null) : [...(known ?? []), ...more];
}

/** Copies fields, whatever their names; what says nothing leaves what is known. */
function copyKnown(onto: object, fields: object): void {
  for (const [name, value] of Object.entries(fields)) {
    if ((value === null || value === undefined) && Object.hasOwn(onto, name)) continue;
    Object.defineProperty(onto, name, { value, enumerable: true, writable: true, configurable: true });
  }
}

function completeChoice({ finish_reason, index, logprobs, message, ...more }: ChatCompletionSnapshotChoice): types.ChatCompletionChoice {
  if (finish_reason === null) throw new OpenAIError(`The stream ended before choice ${index} was finished (missing finish_reason for choice ${index}).`);
  const { parsed: _, tool_calls, content = null, refusal = null, function_call, audio, ...said } = message;
  return {
    ...more,
    finish_reason,
    index,
    logprobs,
    message: {
      ...said,
      role: 'assistant',
      // All its pieces are there.
      ...(audio === undefined ? {} : { audio: audio as types.ChatCompletionAudio | null }),
      content,
      refusal,
      ...(function_call === undefined ? {} : { function_call: { name: function_call.name ?? '', arguments: function_call.arguments ?? '' } }),
      ...(tool_calls === undefined ? {} : { tool_calls: tool_calls.map(completeCall) }),
    },
  };
}

function completeCall(call: ChatCompletionSnapshotToolCall): types.ChatCompletionMessageToolCall {
  if (call.type === 'custom') return { ...call, custom: { ...call.custom } };
  const { name, arguments: text } = call.function;
  return { ...call, function: { name, arguments: text } };
}
