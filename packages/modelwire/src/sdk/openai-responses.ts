import type { SseEvent } from '../core/dialect.ts';
import { isObject } from '../core/json-text.ts';
import { dialectNamed } from '../dialects/index.ts';
import type { APIPromise, Exchange } from './api-promise.ts';
import type { Connection } from './connection.ts';
import { openaiErrors } from './family-openai.ts';
import { ResponseStream, type ResponseStreamParams } from './openai-response-stream.ts';
import { type ExpectedResponse, type ExtractParsedResponse, parseResponse, withOutputText } from './openai-responses-parse.ts';
import type * as types from './openai-responses-types.ts';
import { openaiVendor as vendor } from './openai-vendor.ts';
import { post } from './post.ts';
import { anyReply, streamedReply, wholeReply } from './read-reply.ts';
import { pathStep, request } from './request.ts';
import type { RequestOptions } from './session.ts';
import type { Reading, Stream } from './stream.ts';

/** The events of a response that is being made: one that the provider gives up is an error, like any other call that fails. */
const made = { ...vendor, format: { ...vendor.format, read: readMade } };
/** The events of a kept one: that it was given up is part of what is told. */
const kept = { ...vendor, format: { ...vendor.format, read: readKept } };

/** Events after which nothing comes. */
const terminal: ReadonlySet<unknown> = new Set(['response.completed', 'response.incomplete', 'response.failed']);

function readKept({ event, data }: SseEvent, headers: Headers): Reading {
  if (data === '[DONE]') return { kind: 'skip' };
  const item: unknown = JSON.parse(data);
  const type = isObject(item) ? item['type'] : undefined;
  if (event === 'error' || type === 'error' || type === undefined) return { kind: 'error', error: openaiErrors.inStream(item, headers) };
  return { kind: terminal.has(type) ? 'last' : 'item', item };
}

function readMade(event: SseEvent, headers: Headers): Reading {
  const reading = readKept(event, headers);
  if (reading.kind !== 'last' || !isObject(reading.item) || reading.item['type'] !== 'response.failed') return reading;
  return { kind: 'error', error: openaiErrors.inStream(reading.item['response'], headers) };
}

/** The Responses API, on whatever provider the model is. */
export class Responses {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Asks for a response. With `stream: true` the result is a `Stream` of events. */
  create(body: types.ResponseCreateParamsNonStreaming, options?: RequestOptions): APIPromise<types.Response>;
  create(body: types.ResponseCreateParamsStreaming, options?: RequestOptions): APIPromise<Stream<types.ResponseStreamEvent>>;
  create(body: types.ResponseCreateParamsBase, options?: RequestOptions): APIPromise<Stream<types.ResponseStreamEvent> | types.Response>;
  create(body: types.ResponseCreateParamsBase, options?: RequestOptions): APIPromise<types.Response> | APIPromise<Stream<types.ResponseStreamEvent>> {
    const exchange = this.#post(body, options);
    if (body.stream === true) return streamedReply<types.ResponseStreamEvent>(exchange, made);
    return wholeReply<types.Response>(exchange, vendor, async (response) => withOutputText(response));
  }

  /** Asks for a response and reads what it says by `text.format` and the tools: `output_parsed`, `parsed` and `parsed_arguments`. */
  parse<Params extends types.ResponseCreateParamsNonStreaming, Parsed = ExtractParsedResponse<Params>>(
    body: Params,
    options?: RequestOptions,
  ): APIPromise<types.ParsedResponse<Parsed>> {
    const expected: ExpectedResponse = body;
    return wholeReply<types.Response, types.ParsedResponse<Parsed>>(this.#post(body, options), vendor, async (response) =>
      parseResponse<Parsed>(response, expected),
    );
  }

  /** A response as it comes: events, and the whole at the end. With `response_id`, of one that has been asked for. */
  stream<Params extends ResponseStreamParams, Parsed = ExtractParsedResponse<Params>>(body: Params, options?: RequestOptions): ResponseStream<Parsed> {
    const given: ResponseStreamParams = body;
    return ResponseStream.ask<Parsed>(
      (more) => ('response_id' in given ? this.retrieve(given.response_id, { stream: true }, more) : this.create({ ...given, stream: true }, more)),
      given,
      options,
    );
  }

  /** A response that was kept, where the vendor or the base URL keeps them. */
  retrieve(id: string, query?: types.ResponseRetrieveParamsNonStreaming, options?: RequestOptions): APIPromise<types.Response>;
  retrieve(id: string, query: types.ResponseRetrieveParamsStreaming, options?: RequestOptions): APIPromise<Stream<types.ResponseStreamEvent>>;
  retrieve(
    id: string,
    query: types.ResponseRetrieveParamsBase = {},
    options?: RequestOptions,
  ): APIPromise<types.Response> | APIPromise<Stream<types.ResponseStreamEvent>> {
    const exchange = request(this.#connection, { method: 'GET', path: this.#path(id), query }, options);
    if (query.stream === true) return streamedReply<types.ResponseStreamEvent>(exchange, kept);
    return wholeReply<types.Response>(exchange, vendor, async (response) => withOutputText(response));
  }

  /** Has a kept response forgotten. */
  delete(id: string, options?: RequestOptions): APIPromise<void> {
    return anyReply(request(this.#connection, { method: 'DELETE', path: this.#path(id) }, options), vendor) as APIPromise<void>;
  }

  /** Ends a response that is being made in the background. */
  cancel(id: string, options?: RequestOptions): APIPromise<types.Response> {
    return wholeReply<types.Response>(request(this.#connection, { method: 'POST', path: `${this.#path(id)}/cancel` }, options), vendor);
  }

  #path(id: string): string {
    return `/responses/${pathStep(this.#connection, id)}`;
  }

  /** The dialect is read when it is first spoken: most programs never do. */
  async #post(body: types.ResponseCreateParamsBase, options?: RequestOptions): Promise<Exchange> {
    // Without a model it is in a prompt that the vendor keeps, so that only the vendor can be asked.
    const { model } = body;
    if (model === undefined) return await request(this.#connection, { method: 'POST', path: '/responses', body }, options);
    const front = await dialectNamed('openai-responses');
    return await post({ ...this.#connection, vendor: { ...vendor, front } }, 'chat', { ...body, model }, options);
  }
}
