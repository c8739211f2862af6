import { ChatCompletionStream, messageLine, type AskForChunks } from './openai-chat-stream.ts';
import { parseCompletion } from './openai-parse.ts';
import { AbstractChatCompletionRunner } from './openai-runner.ts';
import type { ChatCompletionRunnerEvents } from './openai-runner-events.ts';
import { type ChatCompletionStreamingToolRunnerParams, type ChatCompletionToolRunnerParams, runTools, type RunnerOptions } from './openai-tool-loop.ts';
import type * as types from './openai-types.ts';
import type { RequestOptions } from './session.ts';

/** Asks for a whole completion. */
export type AskForCompletion = (body: types.ChatCompletionCreateParamsNonStreaming, options: RequestOptions) => PromiseLike<types.ChatCompletion>;

/** A conversation in which the model's calls of functions are run, one whole completion after another. */
export class ChatCompletionRunner<Parsed = null> extends AbstractChatCompletionRunner<ChatCompletionRunnerEvents, Parsed> {
  static runTools<Parsed>(ask: AskForCompletion, params: ChatCompletionToolRunnerParams, options: RunnerOptions = {}): ChatCompletionRunner<Parsed> {
    const runner = new ChatCompletionRunner<Parsed>();
    const { tools: _, toolContext: __, ...asked } = params;
    runner.follow(options.signal);
    runner.perform(() =>
      runTools({
        runner,
        params,
        options,
        ask: (turn) => runner.#ask(ask, { ...asked, ...turn, stream: false }, options),
        add: (message) => runner.addMessage(message),
      }),
    );
    return runner;
  }

  async #ask(
    ask: AskForCompletion,
    body: types.ChatCompletionCreateParamsNonStreaming,
    options: RequestOptions,
  ): Promise<types.ParsedChatCompletionMessage<Parsed>> {
    const completion = await ask(body, { ...options, signal: this.controller.signal });
    this.tell('connect');
    return this.addCompletion(parseCompletion<Parsed>(completion, body));
  }

  protected override addMessage(message: types.ChatCompletionMessageParam): void {
    super.addMessage(message);
    if (message.role === 'assistant' && typeof message.content === 'string' && message.content !== '') this.emit('content', message.content);
  }
}

/** A conversation in which the model's calls of functions are run, each completion as it comes. */
export class ChatCompletionStreamingRunner<Parsed = null> extends ChatCompletionStream<Parsed> {
  static override fromReadableStream(readable: ReadableStream): ChatCompletionStreamingRunner<null> {
    const runner = new ChatCompletionStreamingRunner<null>(null);
    runner.perform(() => runner.replay(readable));
    return runner;
  }

  static runTools<Parsed>(
    ask: AskForChunks,
    params: ChatCompletionStreamingToolRunnerParams,
    options: RunnerOptions = {},
  ): ChatCompletionStreamingRunner<Parsed> {
    const { tools: _, toolContext: __, ...asked } = params;
    const runner = new ChatCompletionStreamingRunner<Parsed>(null);
    runner.follow(options.signal);
    runner.perform(() =>
      runTools({
        runner,
        params,
        options,
        ask: (turn) => runner.complete(ask, { ...asked, ...turn, stream: true }, options),
        add: (message) => runner.addMessage(message),
      }),
    );
    return runner;
  }

  /** The chunks and the results of tools as bytes, one JSON text a line. Cancelling it aborts the run. */
  override toReadableStream(): ReadableStream<Uint8Array> {
    const encoder = new TextEncoder();
    let last: types.ChatCompletionChunk | undefined;
    return new ReadableStream({
      start: (controller) => {
        const write = (item: object): void => controller.enqueue(encoder.encode(`${JSON.stringify(item)}\n`));
        this.on('chunk', (chunk) => {
          last = chunk;
          write(chunk);
        });
        this.on('message', (message) => {
          if (message.role === 'tool' && last !== undefined) write(messageLine(last, message, this.#callsBefore()));
        });
        this.done().then(
          () => controller.close(),
          (thrown: unknown) => controller.error(thrown),
        );
      },
      cancel: () => this.abort(),
    });
  }

  #callsBefore(): string[] {
    const asked = this.messages.findLast((message) => message.role === 'assistant');
    return asked?.role === 'assistant' ? (asked.tool_calls ?? []).flatMap((call) => (call.type === 'function' ? [call.id] : [])) : [];
  }
}
