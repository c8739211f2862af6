import { isObject } from '../core/json-text.ts';
import type { APIPromise } from './api-promise.ts';
import { LengthFinishReasonError, ContentFilterFinishReasonError, OpenAIError } from './errors-openai.ts';
import { linesOf } from './jsonl.ts';
import { asksToParse, type Expected, parseCompletion, readerOfFormat, readerOfTool, unparsed } from './openai-parse.ts';
import { AbstractChatCompletionRunner } from './openai-runner.ts';
import type { ChatCompletionSnapshot, ChatCompletionSnapshotToolCall, ChatCompletionStreamEvents } from './openai-runner-events.ts';
import { createSnapshot, type GrowingChoice, type Snapshot } from './openai-snapshot.ts';
import type * as types from './openai-types.ts';
import type { RequestOptions } from './session.ts';
import { Stream } from './stream.ts';

/** Asks for a stream of chunks. */
export type AskForChunks = (body: types.ChatCompletionCreateParamsStreaming, options: RequestOptions) => APIPromise<Stream<types.ChatCompletionChunk>>;

/** What has been told of a choice: which text and which calls are over. */
type Telling = { textDone: boolean; current: number | undefined; readonly done: Set<number> };

/**
 * A completion as it comes: events for whoever listens, chunks for whoever iterates, the whole for whoever waits. A failed, torn or
 * timed-out stream rejects them all.
 */
export class ChatCompletionStream<Parsed = null>
  extends AbstractChatCompletionRunner<ChatCompletionStreamEvents<Parsed>, Parsed>
  implements AsyncIterable<types.ChatCompletionChunk>
{
  #expected: Expected;
  #snapshot: Snapshot | undefined;
  #telling = new Map<number, Telling>();

  constructor(params: Expected | null) {
    super();
    this.#expected = params ?? {};
  }

  /** The stream of one request. */
  static ask<Parsed>(ask: AskForChunks, params: types.ChatCompletionStreamParams, options: RequestOptions = {}): ChatCompletionStream<Parsed> {
    const stream = new ChatCompletionStream<Parsed>(params);
    stream.messages.push(...params.messages);
    stream.follow(options.signal);
    stream.perform(() => stream.complete(ask, { ...params, stream: true }, options));
    return stream;
  }

  /** A stream that `toReadableStream()` has written elsewhere. What was asked is not in it. */
  static fromReadableStream(readable: ReadableStream): ChatCompletionStream<null> {
    const stream = new ChatCompletionStream<null>(null);
    stream.perform(() => stream.replay(readable));
    return stream;
  }

  /** The completion as far as it has come; undefined before it begins and when it is over. */
  get currentChatCompletionSnapshot(): ChatCompletionSnapshot | undefined {
    return this.#snapshot?.value;
  }

  /** The chunks. Leaving the loop aborts the call. */
  [Symbol.asyncIterator](): AsyncIterator<types.ChatCompletionChunk> {
    return this.iterate('chunk');
  }

  /** The chunks as bytes, one JSON text a line. Cancelling it aborts the call. */
  toReadableStream(): ReadableStream<Uint8Array> {
    return new Stream(() => this[Symbol.asyncIterator](), this.controller).toReadableStream();
  }

  /** Asks, and takes the answer in. */
  protected async complete(
    ask: AskForChunks,
    params: types.ChatCompletionCreateParamsStreaming,
    options: RequestOptions,
  ): Promise<types.ParsedChatCompletionMessage<Parsed>> {
    this.#expected = params;
    const chunks = await ask(params, { ...options, signal: this.controller.signal });
    this.tell('connect');
    for await (const chunk of chunks) this.#take(chunk);
    return this.#finish();
  }

  protected async replay(readable: ReadableStream): Promise<void> {
    this.tell('connect');
    let id: string | undefined;
    for await (const line of linesOf({ body: readable })) {
      if (this.controller.signal.aborted) return;
      if (line.trim() === '') continue;
      const item = readLine(line);
      const told = messageIn(item);
      if (this.#snapshot !== undefined && (told !== undefined || (id !== undefined && item['id'] !== id))) this.#finish();
      if (told !== undefined) this.#restore(told);
      else this.#take(item as unknown as types.ChatCompletionChunk);
      id = typeof item['id'] === 'string' && told === undefined ? item['id'] : undefined;
    }
    if (this.#snapshot !== undefined || this.allChatCompletions().length === 0) this.#finish();
  }

  /** A tool's result, and the ids of the calls before it where they had been made up. */
  #restore({ message, tool_call_ids: ids }: ToldMessage): void {
    const asked = this.messages.findLast((one) => one.role === 'assistant');
    const calls = asked?.role === 'assistant' ? (asked.tool_calls ?? []).filter((call) => call.type === 'function') : [];
    for (const [at, call] of calls.entries()) call.id = ids?.[at] ?? call.id;
    this.addMessage(message);
  }

  #take(chunk: types.ChatCompletionChunk): void {
    if (this.ended) return;
    this.#snapshot ??= createSnapshot(chunk, this.#expected);
    const snapshot = this.#snapshot;
    snapshot.add(chunk);
    for (const { finish_reason } of chunk.choices) if (finish_reason !== null && asksToParse(this.#expected)) throwIfCut(finish_reason);
    this.emit('chunk', chunk, snapshot.value);
    for (const piece of chunk.choices) {
      const growing = snapshot.choiceAt(piece.index);
      if (growing !== undefined) this.#tellChoice(piece, growing);
    }
  }

  #tellChoice(piece: types.ChatCompletionChunkChoice, growing: GrowingChoice): void {
    const telling = this.#telling.get(piece.index) ?? { textDone: false, current: undefined, done: new Set() };
    this.#telling.set(piece.index, telling);
    this.#tellText(piece, growing);
    const parts = piece.delta?.tool_calls ?? [];
    for (const [at, { index, function: called }] of parts.entries()) {
      const { current } = telling;
      if (current !== index) {
        this.#endText(growing, telling);
        // The pieces of several calls may be mixed: one that cannot be whole yet waits for the end.
        const goesOn = parts.slice(at).some((part) => part.index === current);
        if (current !== undefined && !goesOn && isWhole(growing.calls.get(current))) this.#endCall(current, growing, telling);
        telling.current = index;
      }
      const call = growing.calls.get(index);
      if (call?.type === 'function') this.#tellArguments(index, call, called?.arguments ?? '');
    }
    if (piece.finish_reason === null) return;
    this.#endText(growing, telling);
    for (const index of [...growing.calls.keys()].toSorted((a, b) => a - b)) this.#endCall(index, growing, telling);
  }

  #tellText({ delta, logprobs: pieces }: types.ChatCompletionChunkChoice, { choice: { message, logprobs } }: GrowingChoice): void {
    if (isText(delta?.content) && isText(message.content)) {
      this.emit('content', delta.content, message.content);
      if (this.isHeard('content.delta')) {
        const parsed = readerOfFormat(this.#expected.response_format) === undefined ? {} : { parsed: message.parsed };
        this.emit('content.delta', { delta: delta.content, snapshot: message.content, ...parsed } as Parameters<Heard<Parsed>['content.delta']>[0]);
      }
    }
    if (isText(delta?.refusal) && isText(message.refusal)) this.emit('refusal.delta', { delta: delta.refusal, snapshot: message.refusal });
    if (isList(pieces?.content)) this.emit('logprobs.content.delta', { content: pieces.content, snapshot: logprobs?.content ?? [] });
    if (isList(pieces?.refusal)) this.emit('logprobs.refusal.delta', { refusal: pieces.refusal, snapshot: logprobs?.refusal ?? [] });
  }

  #tellArguments(index: number, { function: called }: FunctionCall, piece: string): void {
    const name = 'tool_calls.function.arguments.delta';
    if (!this.isHeard(name)) return;
    const { parsed_arguments } = called;
    this.emit(name, { name: called.name, index, arguments: called.arguments, parsed_arguments, arguments_delta: piece });
  }

  #endText({ choice: { message, logprobs } }: GrowingChoice, telling: Telling): void {
    if (telling.textDone) return;
    telling.textDone = true;
    if (typeof message.content === 'string') {
      const read = message.content === '' || isText(message.refusal) ? undefined : readerOfFormat(this.#expected.response_format);
      // What the reader makes is the caller's own type.
      this.emit('content.done', { content: message.content, parsed: read === undefined ? null : (read(message.content) as Parsed) });
    }
    if (isText(message.refusal)) this.emit('refusal.done', { refusal: message.refusal });
    if (isList(logprobs?.content)) this.emit('logprobs.content.done', { content: logprobs.content });
    if (isList(logprobs?.refusal)) this.emit('logprobs.refusal.done', { refusal: logprobs.refusal });
  }

  #endCall(index: number, { calls }: GrowingChoice, { done }: Telling): void {
    const call = calls.get(index);
    if (done.has(index) || call?.type !== 'function') return;
    done.add(index);
    const { name, arguments: text } = call.function;
    const read = readerOfTool(this.#expected.tools, name);
    this.emit('tool_calls.function.arguments.done', { name, index, arguments: text, parsed_arguments: read === undefined ? null : read(text) });
  }

  #finish(): types.ParsedChatCompletionMessage<Parsed> {
    if (this.controller.signal.aborted) throw this.family.aborted();
    const snapshot = this.#snapshot;
    if (snapshot === undefined) throw new OpenAIError('The stream ended before its first chunk.');
    this.#snapshot = undefined;
    this.#telling = new Map();
    const completion = snapshot.complete();
    return this.addCompletion(asksToParse(this.#expected) ? parseCompletion<Parsed>(completion, this.#expected) : unparsed<Parsed>(completion));
  }
}

type Heard<Parsed> = ChatCompletionStreamEvents<Parsed>;
type FunctionCall = ChatCompletionSnapshotToolCall & { type: 'function' };

function throwIfCut(finish: types.FinishReason): void {
  if (finish === 'length') throw new LengthFinishReasonError();
  if (finish === 'content_filter') throw new ContentFilterFinishReasonError();
}

function isText(value: string | null | undefined): value is string {
  return value !== null && value !== undefined && value !== '';
}

function isList<Item>(value: readonly Item[] | null | undefined): value is readonly Item[] {
  return value !== null && value !== undefined;
}

function isWhole(call: ChatCompletionSnapshotToolCall | undefined): boolean {
  if (call?.type !== 'function') return true;
  try {
    JSON.parse(call.function.arguments);
    return true;
  } catch {
    return false;
  }
}

// What a stream of several completions has between them, in lines that readers of chunks pass over.

/** A message of the conversation, and the ids of the calls that it answers. */
type ToldMessage = { readonly type: 'message'; readonly message: types.ChatCompletionMessageParam; readonly tool_call_ids?: readonly string[] };

const mark = 'chat.completion.chunk.message:';

/** A message as a chunk without choices, whose kind has the message. */
export function messageLine(
  { id, created, model }: types.ChatCompletionChunk,
  message: types.ChatCompletionMessageParam,
  tool_call_ids: readonly string[],
): object {
  const told: ToldMessage = { type: 'message', message, ...(tool_call_ids.length === 0 ? {} : { tool_call_ids }) };
  return { id, choices: [], created, model, object: `${mark}${JSON.stringify(told)}` };
}

function messageIn(item: Readonly<Record<string, unknown>>): ToldMessage | undefined {
  const { object } = item;
  const told = typeof object === 'string' && object.startsWith(mark) ? readLine(object.slice(mark.length)) : item;
  return told['type'] === 'message' && isObject(told['message']) ? (told as unknown as ToldMessage) : undefined;
}

function readLine(line: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new OpenAIError('A line of the stream is not JSON.', { cause });
  }
  if (!isObject(value)) throw new OpenAIError('A line of the stream is not a chunk.');
  return value;
}
