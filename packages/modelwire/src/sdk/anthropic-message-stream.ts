import { createAccumulator } from './anthropic-accumulate.ts';
import { type MessageStreamParams, type ParsedMessage, parsedMessage, withFormat } from './anthropic-parse.ts';
import type { ContentBlock, Message, MessageParam, MessageStreamEvent, TextCitation } from './anthropic-types.ts';
import type { APIPromise } from './api-promise.ts';
import { deferred, EventStream } from './emitter.ts';
import { type AnthropicError, APIConnectionError, type APIUserAbortError } from './errors-anthropic.ts';
import { anthropicErrors } from './family-anthropic.ts';
import type { RequestOptions } from './session.ts';
import { Stream } from './stream.ts';

/** What a `MessageStream` tells. A piece comes with what its block has come to. */
export type MessageStreamEvents<ParsedT = null> = {
  /** The answer has begun. */
  connect: () => void;
  streamEvent: (event: MessageStreamEvent, snapshot: Message) => void;
  text: (textDelta: string, textSnapshot: string) => void;
  citation: (citation: TextCitation, citationsSnapshot: TextCitation[]) => void;
  /** A piece of a tool's input, and what is complete of the input. */
  inputJson: (partialJson: string, jsonSnapshot: unknown) => void;
  thinking: (thinkingDelta: string, thinkingSnapshot: string) => void;
  signature: (signature: string) => void;
  contentBlock: (content: ContentBlock) => void;
  message: (message: ParsedMessage<ParsedT>) => void;
  finalMessage: (message: ParsedMessage<ParsedT>) => void;
  error: (error: AnthropicError) => void;
  abort: (error: APIUserAbortError) => void;
  end: () => void;
};

/** Asks for the stream; resolves once the answer is certain. */
export type OpenStream = (params: MessageStreamParams, signal: AbortSignal) => APIPromise<Stream<MessageStreamEvent>>;

/**
 * A message as it comes: events by `on`, the events of the wire by iterating, the whole by `finalMessage`. However it is read, a stream
 * that fails, breaks off or ends too early rejects.
 */
export class MessageStream<ParsedT = null> extends EventStream<MessageStreamEvents<ParsedT>> implements AsyncIterable<MessageStreamEvent> {
  /** Those that were asked with, and the answer once it is complete. */
  readonly messages: MessageParam[];
  /** The answer once it is complete. */
  readonly receivedMessages: ParsedMessage<ParsedT>[] = [];
  #params: MessageStreamParams | null;
  readonly #connected = deferred();
  readonly #accumulator = createAccumulator();
  #response: Response | undefined;

  constructor(params: MessageStreamParams | null) {
    super(anthropicErrors);
    this.#params = params;
    this.messages = [...(params?.messages ?? [])];
  }

  /** The stream of a call. */
  static createMessage<ParsedT>(params: MessageStreamParams, options: RequestOptions | undefined, open: OpenStream): MessageStream<ParsedT> {
    const stream = new MessageStream<ParsedT>(params);
    stream.follow(options?.signal);
    stream.#begin(async () => {
      stream.#params = await withFormat(params);
      const { data, response } = await open(stream.#params, stream.controller.signal).withResponse();
      stream.#response = response;
      return data;
    });
    return stream;
  }

  /** The stream that `toReadableStream` was made of, elsewhere: in a browser, say. */
  static fromReadableStream(readable: ReadableStream<Uint8Array | string>): MessageStream {
    const stream = new MessageStream(null);
    stream.#begin(() => Promise.resolve(Stream.fromReadableStream<MessageStreamEvent>(readable, stream.controller)));
    return stream;
  }

  /** Null before the answer has begun, and for a stream that came another way than by a call. */
  get response(): Response | null {
    return this.#response ?? null;
  }

  /** The provider's `request-id`. */
  get request_id(): string | null {
    return this.#response?.headers.get('request-id') ?? null;
  }

  get workspace_id(): string | null {
    return this.#response?.headers.get('anthropic-workspace-id') ?? null;
  }

  /** This stream, the `Response` it comes in and the provider's request id, once the answer has begun. */
  async withResponse(): Promise<{ data: MessageStream<ParsedT>; response: Response; request_id: string | null; workspace_id: string | null }> {
    this.heed();
    await this.#connected.promise;
    if (this.#response === undefined) throw anthropicErrors.misuse('This stream did not come by a call, so that it has no response.');
    return { data: this, response: this.#response, request_id: this.request_id, workspace_id: this.workspace_id };
  }

  /** The message so far; none before its first event, or once it is complete. */
  get currentMessage(): Message | undefined {
    return this.#accumulator.current();
  }

  /** The whole message, with `parsed_output` where a format was given. */
  async finalMessage(): Promise<ParsedMessage<ParsedT>> {
    await this.done();
    return this.#final();
  }

  /** The texts of the whole message, with a space between two. */
  async finalText(): Promise<string> {
    const { content } = await this.finalMessage();
    const texts = content.flatMap((block) => (block.type === 'text' ? [block.text] : []));
    if (texts.length === 0) throw anthropicErrors.misuse('The message has no text.');
    return texts.join(' ');
  }

  [Symbol.asyncIterator](): AsyncIterator<MessageStreamEvent> {
    return this.iterate<MessageStreamEvent>('streamEvent');
  }

  /** The events as bytes, one JSON text a line. Cancelling it aborts the call. */
  toReadableStream(): ReadableStream<Uint8Array> {
    return new Stream(() => this[Symbol.asyncIterator](), this.controller).toReadableStream();
  }

  #begin(open: () => Promise<Stream<MessageStreamEvent>>): void {
    this.run(async () => {
      let events: Stream<MessageStreamEvent>;
      try {
        events = await open();
      } catch (thrown) {
        this.#connected.reject(thrown);
        throw thrown;
      }
      this.#connected.resolve();
      if (this.#response !== undefined) this.emit('connect');
      for await (const event of events) this.#take(event);
      if (this.controller.signal.aborted) throw anthropicErrors.aborted();
      this.emit('finalMessage', this.#final());
    });
  }

  #final(): ParsedMessage<ParsedT> {
    const message = this.receivedMessages.at(-1);
    if (message === undefined) throw new APIConnectionError({ message: 'The stream ended before the message was complete.' });
    return message;
  }

  #take(event: MessageStreamEvent): void {
    const message = this.#accumulator.add(event);
    this.emit('streamEvent', event, message);
    if (event.type === 'content_block_delta') this.#tellDelta(event.delta, message.content[event.index]);
    else if (event.type === 'content_block_stop') {
      const block = message.content[event.index];
      if (block !== undefined) this.emit('contentBlock', block);
    } else if (event.type === 'message_stop') {
      this.messages.push(message);
      const parsed = parsedMessage<ParsedT>(message, this.#params);
      this.receivedMessages.push(parsed);
      this.emit('message', parsed);
    }
  }

  #tellDelta(delta: Extract<MessageStreamEvent, { type: 'content_block_delta' }>['delta'], block: ContentBlock | undefined): void {
    if (delta.type === 'text_delta' && block?.type === 'text') this.emit('text', delta.text, block.text);
    else if (delta.type === 'thinking_delta' && block?.type === 'thinking') this.emit('thinking', delta.thinking, block.thinking);
    else if (delta.type === 'signature_delta') this.emit('signature', delta.signature);
    else if (delta.type === 'citations_delta' && block?.type === 'text') this.emit('citation', delta.citation, block.citations ?? []);
    // The input so far takes time to read.
    else if (delta.type === 'input_json_delta' && block !== undefined && 'input' in block && this.isHeard('inputJson')) {
      this.emit('inputJson', delta.partial_json, block.input);
    }
  }
}
