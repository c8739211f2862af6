import { EventStream } from './emitter.ts';
import { OpenAIError } from './errors-openai.ts';
import { openaiErrors } from './family-openai.ts';
import type { AbstractChatCompletionRunnerEvents } from './openai-runner-events.ts';
import type * as types from './openai-types.ts';

type Told = AbstractChatCompletionRunnerEvents;

/** A conversation that goes on by itself for one or more completions, and tells what happens. */
export class AbstractChatCompletionRunner<Events extends AbstractChatCompletionRunnerEvents, Parsed> extends EventStream<Events> {
  /** The conversation: what was asked, the answers, the results of tools. What is added here is sent with the next request. */
  messages: types.ChatCompletionMessageParam[] = [];
  readonly #completions: types.ParsedChatCompletion<Parsed>[] = [];

  constructor() {
    super(openaiErrors);
  }

  /** The completions so far. */
  allChatCompletions(): types.ParsedChatCompletion<Parsed>[] {
    return [...this.#completions];
  }

  /** The last completion. Rejects when the run fails, or ends without one. */
  async finalChatCompletion(): Promise<types.ParsedChatCompletion<Parsed>> {
    await this.done();
    const last = this.#completions.at(-1);
    if (last === undefined) throw new OpenAIError('The stream ended without a chat completion.');
    return last;
  }

  /** The text of the last message. */
  async finalContent(): Promise<string | null> {
    await this.done();
    return this.#finalMessage().content;
  }

  async finalMessage(): Promise<types.ChatCompletionMessage> {
    await this.done();
    return this.#finalMessage();
  }

  /** The last call of a function, if there was one. */
  async finalFunctionToolCall(): Promise<types.FunctionCall | undefined> {
    await this.done();
    return this.#finalCall();
  }

  /** The result of the last function that was run. */
  async finalFunctionToolCallResult(): Promise<string | undefined> {
    await this.done();
    return this.#finalResult();
  }

  /** The tokens of all completions together. */
  async totalUsage(): Promise<types.CompletionUsage> {
    await this.done();
    return this.#usage();
  }

  /** The events of the name, one after another, each as its arguments. Rejects when the run fails or is aborted. */
  events<Name extends keyof Events>(name: Name): AsyncIterableIterator<Events[Name] extends (...args: infer Args) => void ? Args : never> {
    type Args = Events[Name] extends (...args: infer Given) => void ? Given : never;
    const iterator = this.iterate<Args>(
      name,
      (...args) => args,
      () => undefined,
    );
    return {
      next: () => iterator.next(),
      return: async () => (await iterator.return?.()) ?? { value: undefined, done: true },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  /** Does the work, and tells what it came to. */
  protected perform(work: () => Promise<unknown>): void {
    this.run(async () => {
      await work();
      if (this.controller.signal.aborted) throw this.family.aborted();
      this.#tellFinals();
    });
  }

  /** Tells an event that every runner has. */
  protected tell<Name extends keyof Told>(name: Name, ...args: Parameters<Told[Name]>): void {
    // A subclass says more of its events, never less.
    Reflect.apply(this.emit, this, [name, ...args]);
  }

  protected addCompletion(completion: types.ParsedChatCompletion<Parsed>): types.ParsedChatCompletionMessage<Parsed> {
    this.#completions.push(completion);
    this.tell('chatCompletion', completion);
    const message = completion.choices[0]?.message;
    if (message === undefined) throw new OpenAIError('The completion has no message.');
    this.addMessage(message);
    return message;
  }

  protected addMessage(message: types.ChatCompletionMessageParam): void {
    this.messages.push(message);
    this.tell('message', message);
    if (message.role === 'tool' && typeof message.content === 'string' && message.content !== '') this.tell('functionToolCallResult', message.content);
    if (message.role !== 'assistant') return;
    for (const call of message.tool_calls ?? []) if (call.type === 'function') this.tell('functionToolCall', call.function);
  }

  #tellFinals(): void {
    const last = this.#completions.at(-1);
    if (last !== undefined) this.tell('finalChatCompletion', last);
    const message = this.#finalMessage();
    this.tell('finalMessage', message);
    if (message.content !== null && message.content !== '') this.tell('finalContent', message.content);
    const call = this.#finalCall();
    if (call !== undefined) this.tell('finalFunctionToolCall', call);
    const result = this.#finalResult();
    if (result !== undefined) this.tell('finalFunctionToolCallResult', result);
    if (this.#completions.some(({ usage }) => usage !== undefined && usage !== null)) this.tell('totalUsage', this.#usage());
  }

  #finalMessage(): types.ChatCompletionMessage {
    const last = this.messages.findLast((message) => message.role === 'assistant');
    if (last === undefined) throw new OpenAIError('The stream ended without a message of the assistant.');
    // What the assistant has said is one text; only a caller's own message has parts.
    const content = typeof last.content === 'string' ? last.content : null;
    return { ...last, content, refusal: last.refusal ?? null } as types.ChatCompletionMessage;
  }

  #calls(): types.ChatCompletionMessageFunctionToolCall[] {
    return this.messages.flatMap((message) => (message.role === 'assistant' ? (message.tool_calls ?? []) : [])).filter((call) => call.type === 'function');
  }

  #finalCall(): types.FunctionCall | undefined {
    return this.#calls().at(-1)?.function;
  }

  #finalResult(): string | undefined {
    const called = new Set(this.#calls().map(({ id }) => id));
    const last = this.messages.findLast((message) => message.role === 'tool' && typeof message.content === 'string' && called.has(message.tool_call_id));
    return typeof last?.content === 'string' ? last.content : undefined;
  }

  #usage(): types.CompletionUsage {
    const total = { completion_tokens: 0, prompt_tokens: 0, total_tokens: 0 };
    for (const { usage } of this.#completions) {
      total.completion_tokens += usage?.completion_tokens ?? 0;
      total.prompt_tokens += usage?.prompt_tokens ?? 0;
      total.total_tokens += usage?.total_tokens ?? 0;
    }
    return total;
  }
}
