import type { APIPromise } from './api-promise.ts';
import type { Connection } from './connection.ts';
import { ChatCompletionStream } from './openai-chat-stream.ts';
import { checkTools, type ExtractParsedContentFromParams, parseCompletion } from './openai-parse.ts';
import type { ChatCompletionStreamingToolRunnerParams, ChatCompletionToolRunnerParams, RunnerOptions } from './openai-tool-loop.ts';
import { ChatCompletionRunner, ChatCompletionStreamingRunner } from './openai-tool-runners.ts';
import type * as types from './openai-types.ts';
import { openaiVendor as vendor } from './openai-vendor.ts';
import { post } from './post.ts';
import { streamedReply, wholeReply } from './read-reply.ts';
import type { RequestOptions } from './session.ts';
import type { Stream } from './stream.ts';

export class Completions {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Asks for a completion. With `stream: true` the result is a `Stream` of chunks. */
  create(body: types.ChatCompletionCreateParamsNonStreaming, options?: RequestOptions): APIPromise<types.ChatCompletion>;
  create(body: types.ChatCompletionCreateParamsStreaming, options?: RequestOptions): APIPromise<Stream<types.ChatCompletionChunk>>;
  create(body: types.ChatCompletionCreateParamsBase, options?: RequestOptions): APIPromise<Stream<types.ChatCompletionChunk> | types.ChatCompletion>;
  create(
    body: types.ChatCompletionCreateParamsBase,
    options?: RequestOptions,
  ): APIPromise<types.ChatCompletion> | APIPromise<Stream<types.ChatCompletionChunk>> {
    const exchange = post(this.#connection, 'chat', body, options);
    return body.stream === true ? streamedReply<types.ChatCompletionChunk>(exchange, vendor) : wholeReply<types.ChatCompletion>(exchange, vendor);
  }

  /**
   * Asks for a completion and reads what it says by `response_format` and the tools: `message.parsed` and `parsed_arguments`. Rejects with
   * `LengthFinishReasonError` or `ContentFilterFinishReasonError` when the answer was cut. Function tools must be strict.
   */
  parse<Params extends types.ChatCompletionParseParams, Parsed = ExtractParsedContentFromParams<Params>>(
    body: Params,
    options?: RequestOptions,
  ): APIPromise<types.ParsedChatCompletion<Parsed>> {
    checkTools(body.tools);
    return wholeReply<types.ChatCompletion, types.ParsedChatCompletion<Parsed>>(post(this.#connection, 'chat', body, options), vendor, async (completion) =>
      parseCompletion<Parsed>(completion, body),
    );
  }

  /** A completion as it comes: events, chunks, and the whole at the end. What `response_format` and tools ask for is read, as by `parse()`. */
  stream<Params extends types.ChatCompletionStreamParams, Parsed = ExtractParsedContentFromParams<Params>>(
    body: Params,
    options?: RequestOptions,
  ): ChatCompletionStream<Parsed> {
    return ChatCompletionStream.ask<Parsed>((params, more) => this.create(params, more), body, options);
  }

  /**
   * Asks, runs the functions that the model calls, and asks again with their results, until it calls none. What a function's `parse` throws
   * is told to the model, what the function itself throws ends the run.
   */
  runTools<Params extends ChatCompletionToolRunnerParams, Parsed = ExtractParsedContentFromParams<Params>>(
    body: Params,
    options?: RunnerOptions,
  ): ChatCompletionRunner<Parsed>;
  runTools<Params extends ChatCompletionStreamingToolRunnerParams, Parsed = ExtractParsedContentFromParams<Params>>(
    body: Params,
    options?: RunnerOptions,
  ): ChatCompletionStreamingRunner<Parsed>;
  runTools(
    body: ChatCompletionToolRunnerParams | ChatCompletionStreamingToolRunnerParams,
    options?: RunnerOptions,
  ): ChatCompletionRunner<unknown> | ChatCompletionStreamingRunner<unknown> {
    if (body.stream === true) return ChatCompletionStreamingRunner.runTools<unknown>((params, more) => this.create(params, more), body, options);
    return ChatCompletionRunner.runTools<unknown>((params, more) => this.create(params, more), body, options);
  }
}
