import type { APIPromise } from './api-promise.ts';
import type { Connection } from './connection.ts';
import { checkTools, type ExtractParsedContentFromParams, parseCompletion } from './openai-parse.ts';
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
    return wholeReply<types.ChatCompletion, types.ParsedChatCompletion<Parsed>>(post(this.#connection, 'chat', body, options), vendor, (completion) =>
      parseCompletion<Parsed>(completion, body),
    );
  }
}
