import { Batches } from './anthropic-batches.ts';
import { MessageStream } from './anthropic-message-stream.ts';
import { type HeaderParams, split } from './anthropic-params.ts';
import {
  type ExtractParsedContentFromParams,
  type MessageParseParams,
  type MessageStreamParams,
  parsedMessage,
  type ParsedMessage,
  withFormat,
} from './anthropic-parse.ts';
import { BetaToolRunner, type BetaToolRunnerParams, type BetaToolRunnerRequestOptions } from './anthropic-tool-runner.ts';
import type * as types from './anthropic-types.ts';
import { vendor } from './anthropic-vendor.ts';
import type { APIPromise, Exchange } from './api-promise.ts';
import type { Connection } from './connection.ts';
import { post } from './post.ts';
import { streamedReply, wholeReply } from './read-reply.ts';
import type { RequestOptions } from './session.ts';
import type { Stream } from './stream.ts';

export class Messages {
  /** Many messages at half the price, answered within a day. */
  readonly batches: Batches;
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.batches = new Batches(connection);
  }

  /** Asks for a message. With `stream: true` the result is a `Stream` of events. */
  create(params: types.MessageCreateParamsNonStreaming & HeaderParams, options?: RequestOptions): APIPromise<types.Message>;
  create(params: types.MessageCreateParamsStreaming & HeaderParams, options?: RequestOptions): APIPromise<Stream<types.RawMessageStreamEvent>>;
  create(params: types.MessageCreateParamsBase & HeaderParams, options?: RequestOptions): APIPromise<Stream<types.RawMessageStreamEvent> | types.Message>;
  create(
    params: types.MessageCreateParamsBase & HeaderParams,
    options?: RequestOptions,
  ): APIPromise<types.Message> | APIPromise<Stream<types.RawMessageStreamEvent>> {
    const exchange = this.#chat(params, options);
    return params.stream === true ? streamedReply<types.RawMessageStreamEvent>(exchange, vendor) : wholeReply<types.Message>(exchange, vendor);
  }

  /** Asks for a message whose text is read as the `output_config.format` says: a format of the helpers, or any Standard Schema. */
  parse<Params extends MessageParseParams & HeaderParams>(
    params: Params,
    options?: RequestOptions,
  ): APIPromise<ParsedMessage<ExtractParsedContentFromParams<Params>>> {
    const sent = withFormat(params);
    const read = async (message: types.Message): Promise<ParsedMessage<ExtractParsedContentFromParams<Params>>> => parsedMessage(message, await sent);
    return wholeReply<types.Message, ParsedMessage<ExtractParsedContentFromParams<Params>>>(this.#chat(sent, options), vendor, read);
  }

  /** Asks for a message and tells what comes as it comes. */
  stream<Params extends MessageStreamParams & HeaderParams>(params: Params, options?: RequestOptions): MessageStream<ExtractParsedContentFromParams<Params>> {
    return MessageStream.createMessage<ExtractParsedContentFromParams<Params>>(params, options, (body, signal) =>
      streamedReply<types.RawMessageStreamEvent>(this.#chat({ ...body, stream: true }, { ...options, signal }), vendor),
    );
  }

  /** The size of a message in tokens; for another provider's model an estimate, which the header `modelwire-token-count` says. */
  countTokens(params: types.MessageCountTokensParams & HeaderParams, options?: RequestOptions): APIPromise<types.MessageTokensCount> {
    const [body, withHeaders] = split(params, options);
    return wholeReply<types.MessageTokensCount>(post(this.#connection, 'count_tokens', body, withHeaders), vendor);
  }

  async #chat(
    params: (MessageStreamParams & HeaderParams) | Promise<MessageStreamParams & HeaderParams>,
    options: RequestOptions | undefined,
  ): Promise<Exchange> {
    const [body, withHeaders] = split(await withFormat(await params), options);
    return await post(this.#connection, 'chat', body, withHeaders);
  }
}

/** Messages with what is not generally available yet: the parameter `betas` names it. */
export class BetaMessages extends Messages {
  /** Asks, runs the tools that the model calls, and asks again until it calls none: iterate over the messages, or await the last. */
  toolRunner(params: BetaToolRunnerParams & { stream?: false }, options?: BetaToolRunnerRequestOptions): BetaToolRunner<false>;
  toolRunner(params: BetaToolRunnerParams & { stream: true }, options?: BetaToolRunnerRequestOptions): BetaToolRunner<true>;
  toolRunner(params: BetaToolRunnerParams, options?: BetaToolRunnerRequestOptions): BetaToolRunner<boolean>;
  toolRunner(params: BetaToolRunnerParams, options?: BetaToolRunnerRequestOptions): BetaToolRunner<boolean> {
    return new BetaToolRunner<boolean>(this, params, options);
  }

  override parse<Params extends MessageParseParams & HeaderParams>(
    params: Params,
    options?: RequestOptions,
  ): APIPromise<ParsedMessage<ExtractParsedContentFromParams<Params>>> {
    return super.parse(withBeta(params, 'structured-outputs-2025-12-15'), options);
  }

  override countTokens(params: types.MessageCountTokensParams & HeaderParams, options?: RequestOptions): APIPromise<types.MessageTokensCount> {
    return super.countTokens(withBeta(params, 'token-counting-2024-11-01'), options);
  }
}

function withBeta<Params extends HeaderParams>(params: Params, beta: string): Params {
  return { ...params, betas: [...(params.betas ?? []), beta] };
}
