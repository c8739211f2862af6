import { OpenAIError } from './errors-openai.ts';
import type { AutoParseableTool } from './openai-parse.ts';
import type { ChatCompletionRunner, ChatCompletionStreamingRunner } from './openai-tool-runners.ts';
import type * as types from './openai-types.ts';
import type { RequestOptions } from './session.ts';

export type RunnerOptions = RequestOptions & {
  /** How often the model is asked at most. Default 10. */
  maxChatCompletions?: number;
  /** Is awaited after each completion and the tools that it called. What it adds to `messages` is sent with the next request. */
  afterCompletion?: (completion: types.ChatCompletion, runner: ChatCompletionRunnerContext) => void | Promise<void>;
};

export type ChatCompletionRunnerContext = { messages: types.ChatCompletionMessageParam[]; abort(): void };

/** The run that calls a function: the function may look at it, or abort it. */
type Runner = ChatCompletionRunner<unknown> | ChatCompletionStreamingRunner<unknown>;
type Described = {
  /** A JSON Schema. */
  parameters: object;
  description: string;
  /** Default: the function's own name. */
  name?: string | undefined;
  strict?: boolean | undefined;
};

/** A function that is given what `parse` makes of the arguments. What it returns is told to the model: a text as it is, else as JSON. */
export type RunnableFunctionWithParse<Args extends object, Context = unknown> = Described & {
  function: (args: Args, runner: Runner, toolContext: Context) => unknown;
  parse: (input: string) => Args | Promise<Args>;
};

/** A function that is given the text of the arguments. */
export type RunnableFunctionWithoutParse<Context = unknown> = Described & {
  function: (args: string, runner: Runner, toolContext: Context) => unknown;
};

export type RunnableToolFunctionWithParse<Args extends object, Context = unknown> = { type: 'function'; function: RunnableFunctionWithParse<Args, Context> };
export type RunnableToolFunctionWithoutParse<Context = unknown> = { type: 'function'; function: RunnableFunctionWithoutParse<Context> };

/** Any function that can be run, whatever its arguments: only the model decides what they are. */
export type RunnableTool<Context = unknown> =
  | {
      type: 'function';
      function: Described & {
        // oxlint-disable-next-line typescript/no-explicit-any -- A list of tools has functions of different arguments, each told by its own `parse`.
        function: (args: any, runner: Runner, toolContext: Context) => unknown;
        // oxlint-disable-next-line typescript/no-explicit-any -- See above.
        parse?: (input: string) => any;
      };
    }
  // oxlint-disable-next-line typescript/no-explicit-any -- See above.
  | AutoParseableTool<any, true>;

type RunnerParams<Params, Context> = Omit<Params, 'tools'> & {
  tools: readonly (RunnableTool<Context> | types.ChatCompletionCustomTool)[];
  /** Is given to each function as it is. */
  toolContext?: Context;
};
export type ChatCompletionToolRunnerParams<Context = unknown> = RunnerParams<types.ChatCompletionCreateParamsNonStreaming, Context>;
export type ChatCompletionStreamingToolRunnerParams<Context = unknown> = RunnerParams<types.ChatCompletionCreateParamsStreaming, Context>;

/** A function tool whose `function` takes what its `parse` gives, which its type holds it to. */
export class ParsingToolFunction<Args extends object, Context = unknown> {
  readonly type = 'function' as const;
  readonly function: RunnableFunctionWithParse<Args, Context>;

  constructor(input: RunnableFunctionWithParse<Args, Context>) {
    this.function = input;
  }
}

/** A tool as it is run. */
type Runnable = {
  readonly tool: types.ChatCompletionTool;
  readonly name: string;
  readonly run?: (args: unknown, runner: Runner, context: unknown) => unknown;
  readonly parse?: ((input: string) => unknown) | undefined;
};

export type Loop = {
  readonly runner: Runner;
  readonly params: ChatCompletionToolRunnerParams | ChatCompletionStreamingToolRunnerParams;
  readonly options: RunnerOptions;
  /** Asks once. */
  ask(asked: Pick<types.ChatCompletionCreateParamsBase, 'messages' | 'tools' | 'tool_choice'>): Promise<types.ParsedChatCompletionMessage<unknown>>;
  add(message: types.ChatCompletionMessageParam): void;
};

/** Asks, runs the functions that the model calls, and asks again with their results, until it calls none. */
export async function runTools({ runner, params, options, ask, add }: Loop): Promise<void> {
  const { tool_choice = 'auto', toolContext, n } = params;
  const { maxChatCompletions = 10, afterCompletion } = options;
  const runnables = params.tools.map(runnableOf);
  const tools = runnables.map(({ tool }) => tool);
  runner.messages.push(...params.messages);
  if (n !== undefined && n !== null && n > 1) throw new OpenAIError('Only one choice (n: 1) can be gone on with. Use create() for more.');
  // A choice of one function would have it called for ever.
  const only = typeof tool_choice === 'object' && tool_choice.type === 'function' ? tool_choice.function.name : undefined;
  for (let asked = 0; asked < maxChatCompletions; asked++) {
    const message = await ask({ messages: runner.messages.map(asSent), tools, tool_choice });
    let ran = false;
    for (const call of message.tool_calls ?? []) {
      if (call.type !== 'function') continue;
      const content = await runCall(call.function, { runner, runnables, only, toolContext });
      add({ role: 'tool', tool_call_id: call.id, content });
      if (runner.controller.signal.aborted) return;
      ran = true;
      if (only !== undefined) break;
    }
    const completion = runner.allChatCompletions().at(-1);
    if (completion !== undefined) await afterCompletion?.(completion, runner);
    if (runner.controller.signal.aborted || (message.tool_calls ?? []).length === 0 || (ran && only !== undefined)) return;
  }
}

function runnableOf(given: ChatCompletionToolRunnerParams['tools'][number]): Runnable {
  if (given.type === 'custom') return { tool: given, name: given.custom.name };
  if ('$brand' in given) {
    const { name, description, parameters, strict } = given.function;
    if (given.$callback === undefined) throw new OpenAIError(`The tool ${name} has no function that runTools() could call.`);
    return {
      // Without a description the official package sends an empty one.
      tool: { type: 'function', function: defined({ name, description: description ?? '', parameters, strict }) },
      name,
      run: given.$callback,
      parse: (input) => given.$parseRaw(input),
    };
  }
  const { function: run, parse, parameters, description, strict, name = run.name } = given.function;
  const described = defined({ name, description, parameters: { ...parameters }, strict });
  return { tool: { type: 'function', function: described }, name, run, parse };
}

/** Without what is undefined. */
function defined(described: { readonly [Name in keyof types.FunctionDefinition]: types.FunctionDefinition[Name] | undefined }): types.FunctionDefinition {
  return Object.fromEntries(Object.entries(described).filter(([, value]) => value !== undefined)) as types.FunctionDefinition;
}

type Running = {
  readonly runner: Runner;
  readonly runnables: readonly Runnable[];
  readonly only: string | undefined;
  readonly toolContext: unknown;
};

/** What the model is told of its call. What it did wrong it may mend; what the function throws ends the run. */
async function runCall({ name, arguments: input }: types.FunctionCall, { runner, runnables, only, toolContext }: Running): Promise<string> {
  const called = runnables.find((one) => one.name === name && one.run !== undefined);
  if (called?.run === undefined) return `Invalid tool_call: ${JSON.stringify(name)}. Available options are: ${namesOf(runnables)}. Please try again`;
  if (only !== undefined && only !== name) return `Invalid tool_call: ${JSON.stringify(name)}. ${JSON.stringify(only)} requested. Please try again`;
  let args: unknown = input;
  if (called.parse !== undefined) {
    try {
      args = await called.parse(input);
    } catch (thrown) {
      return thrown instanceof Error ? thrown.message : String(thrown);
    }
  }
  const result = await called.run(args, runner, toolContext);
  return typeof result === 'string' ? result : (JSON.stringify(result) ?? 'undefined');
}

function namesOf(runnables: readonly Runnable[]): string {
  return runnables
    .filter(({ run }) => run !== undefined)
    .map(({ name }) => JSON.stringify(name))
    .join(', ');
}

/**
 * A message as it is sent back: without what was read of it here. What a provider has said beyond the format (its thinking, a signature)
 * goes back to it.
 */
function asSent(message: types.ChatCompletionMessageParam): types.ChatCompletionMessageParam {
  if (message.role !== 'assistant') return message;
  const {
    parsed: _,
    annotations: __,
    audio,
    tool_calls,
    ...said
  } = message as types.ChatCompletionAssistantMessageParam & {
    parsed?: unknown;
    annotations?: unknown;
  };
  for (const name of ['refusal', 'function_call'] as const) if (said[name] === null) delete said[name];
  return {
    ...said,
    ...(audio === undefined || audio === null ? {} : { audio: { id: audio.id } }),
    ...(tool_calls === undefined ? {} : { tool_calls: tool_calls.map(callAsSent) }),
  };
}

function callAsSent(call: types.ChatCompletionMessageToolCall): types.ChatCompletionMessageToolCall {
  if (call.type !== 'function') return call;
  const { parsed_arguments: _, ...called }: types.ParsedFunction = call.function;
  return { ...call, function: called };
}
