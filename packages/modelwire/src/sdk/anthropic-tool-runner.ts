import type { MessageStream } from './anthropic-message-stream.ts';
import type { HeaderParams } from './anthropic-params.ts';
import { type BetaRunnableTool, runTool } from './anthropic-runnable.ts';
import type * as types from './anthropic-types.ts';
import { deferred } from './emitter.ts';
import { anthropicErrors } from './family-anthropic.ts';
import type { RequestOptions } from './session.ts';

export type BetaToolRunnerParams = Omit<types.MessageCreateParamsBase, 'tools'> &
  HeaderParams & {
    /** Those with a `run` are run here; the others are sent only. */
    tools: (types.ToolUnion | BetaRunnableTool)[];
    /** Requests at most. Default: as many as the model asks for. */
    max_iterations?: number | undefined;
    /** The whole conversation is sent each time, so that every provider can be asked; the only choice. */
    thread?: false;
  };

export type BetaToolRunnerRequestOptions = Pick<RequestOptions, 'headers' | 'signal'>;

/** What the runner asks with. */
type Asking = {
  create(params: types.MessageCreateParamsNonStreaming & HeaderParams, options: RequestOptions): PromiseLike<types.Message>;
  stream(params: types.MessageCreateParamsBase & HeaderParams, options: RequestOptions): MessageStream;
};

type Turn<Streaming extends boolean> = Streaming extends true ? MessageStream : Streaming extends false ? types.Message : types.Message | MessageStream;

/**
 * Asks, runs the tools that the model calls, gives it their answers and asks again, until it calls none. Iterating gives each message (or
 * its stream) before its tools run; awaiting gives the last. A tool that throws, or is not known, answers the model with the error.
 */
export class BetaToolRunner<Streaming extends boolean> implements AsyncIterable<Turn<Streaming>>, PromiseLike<types.Message> {
  readonly #messages: Asking;
  readonly #finished = deferred();
  #params: BetaToolRunnerParams;
  #options: BetaToolRunnerRequestOptions;
  #begun = false;
  /** Whether the caller has changed what is asked since the last request. */
  #changed = false;
  #last: types.Message | undefined;
  /** The answers to the calls of a message: no tool runs twice. */
  #answered: { readonly content: unknown; readonly answer: Promise<types.UserMessageParam | null> } | undefined;

  constructor(messages: Asking, params: BetaToolRunnerParams, options: BetaToolRunnerRequestOptions = {}) {
    this.#messages = messages;
    this.#params = { ...params, messages: [...params.messages] };
    this.#options = options;
  }

  /** What the next request is made of. */
  get params(): Readonly<BetaToolRunnerParams> {
    return this.#params;
  }

  /**
   * Changes what the next request is made of. In the loop body the runner then leaves the message at hand out, with its tools: what is
   * asked is what you have set.
   */
  setMessagesParams(params: BetaToolRunnerParams | ((previous: BetaToolRunnerParams) => BetaToolRunnerParams)): void {
    this.#params = typeof params === 'function' ? params(this.#params) : params;
    this.#changed = true;
    this.#answered = undefined;
  }

  setRequestOptions(options: BetaToolRunnerRequestOptions | ((previous: BetaToolRunnerRequestOptions) => BetaToolRunnerRequestOptions)): void {
    this.#options = typeof options === 'function' ? options(this.#options) : options;
  }

  /** Adds to the conversation, by the rule of `setMessagesParams`. */
  pushMessages(...messages: types.MessageParam[]): void {
    this.setMessagesParams((params) => ({ ...params, messages: [...params.messages, ...messages] }));
  }

  /** Runs the tools that the message at hand calls, once, and gives the message that answers; null when it calls none. */
  async generateToolResponse(signal: AbortSignal | null | undefined = this.#options.signal): Promise<types.UserMessageParam | null> {
    const at = this.#changed ? undefined : this.#last;
    const message = at === undefined ? this.#params.messages.at(-1) : { role: at.role, content: at.content };
    return message === undefined ? null : await this.#answerTo(message, signal);
  }

  /** The last message, once the loop that someone else runs has ended. */
  async done(): Promise<types.Message> {
    await this.#finished.promise;
    if (this.#last === undefined) throw anthropicErrors.misuse('The tool runner ended without a message.');
    return this.#last;
  }

  /** Runs the loop, unless it has begun, and gives the last message. */
  async runUntilDone(): Promise<types.Message> {
    if (!this.#begun) {
      for await (const turn of this) if (!('role' in turn)) await turn.done();
    }
    return await this.done();
  }

  // oxlint-disable-next-line unicorn/no-thenable -- Awaiting the runner runs it, as in the official package.
  then<Done = types.Message, Failed = never>(
    onfulfilled?: ((message: types.Message) => Done | PromiseLike<Done>) | null,
    onrejected?: ((reason: unknown) => Failed | PromiseLike<Failed>) | null,
  ): Promise<Done | Failed> {
    return this.runUntilDone().then(onfulfilled, onrejected);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Turn<Streaming>, void, undefined> {
    if (this.#begun) throw anthropicErrors.misuse('A tool runner can be iterated once.');
    this.#begun = true;
    let outcome: unknown = anthropicErrors.misuse('The loop of the tool runner was left before its end.');
    try {
      // What a turn is, `stream` of the first parameters says.
      yield* this.#turns() as AsyncGenerator<Turn<Streaming>, void, undefined>;
      outcome = undefined;
    } catch (thrown) {
      outcome = thrown;
      throw thrown;
    } finally {
      if (outcome === undefined) this.#finished.resolve();
      else this.#finished.reject(outcome);
    }
  }

  async *#turns(): AsyncGenerator<types.Message | MessageStream, void, undefined> {
    for (let asked = 0; asked < (this.#params.max_iterations || Number.POSITIVE_INFINITY); asked++) {
      this.#changed = false;
      this.#answered = undefined;
      const message = yield* this.#ask();
      this.#last = message;
      if (!this.#changed) this.#append({ role: 'assistant', content: message.content });
      if (!this.#changed && message.stop_reason !== 'tool_use' && message.stop_reason !== 'pause_turn') return;
      const answer = message.stop_reason === 'tool_use' || this.#changed ? await this.#answerToLast() : null;
      if (answer !== null) this.#append(answer);
      else if (message.stop_reason === 'tool_use' && !this.#changed) return;
    }
  }

  async *#ask(): AsyncGenerator<types.Message | MessageStream, types.Message, undefined> {
    const { max_iterations: _iterations, thread: _thread, stream, ...params } = this.#params;
    if (stream !== true) {
      const message = await this.#messages.create({ ...params, stream: false }, this.#options);
      this.#hold(message);
      yield message;
      return message;
    }
    const turn = this.#messages.stream(params, this.#options);
    const whole = turn.finalMessage();
    // Whoever reads the stream hears of it too.
    whole.catch(() => undefined);
    turn.on('message', (message) => this.#hold(message));
    let left = true;
    try {
      yield turn;
      left = false;
    } finally {
      if (left) turn.abort();
    }
    return await whole;
  }

  #hold(message: types.Message): void {
    this.#last = message;
    const { container } = message;
    if (container !== null && container !== undefined && !this.#changed) this.#params = { ...this.#params, container: this.#params.container ?? container.id };
  }

  #append(message: types.MessageParam): void {
    this.#params = { ...this.#params, messages: [...this.#params.messages, message] };
  }

  async #answerToLast(): Promise<types.UserMessageParam | null> {
    const message = this.#params.messages.at(-1);
    return message === undefined ? null : await this.#answerTo(message, this.#options.signal);
  }

  #answerTo({ role, content }: types.MessageParam, signal: AbortSignal | null | undefined): Promise<types.UserMessageParam | null> {
    if (role !== 'assistant' || typeof content === 'string') return Promise.resolve(null);
    if (this.#answered?.content !== content) this.#answered = { content, answer: this.#run(content, signal) };
    return this.#answered.answer;
  }

  async #run(content: readonly types.ContentBlockParam[], signal: AbortSignal | null | undefined): Promise<types.UserMessageParam | null> {
    const calls = content.filter((block): block is types.ToolUseBlock => block.type === 'tool_use');
    if (calls.length === 0) return null;
    const tools = this.#params.tools.filter((tool): tool is BetaRunnableTool => 'run' in tool);
    const named = (call: types.ToolUseBlock): BetaRunnableTool | undefined => tools.find((tool) => tool.name === call.name);
    return { role: 'user', content: await Promise.all(calls.map((call) => runTool(named(call), call, signal))) };
  }
}
