import { OpenAIError, ContentFilterFinishReasonError, LengthFinishReasonError } from './errors-openai.ts';
import type * as types from './openai-types.ts';

/** A response format that reads what it asked for. What reads it is not enumerable, so that the format can be sent as it is. */
export type AutoParseableResponseFormat<Parsed> = types.ResponseFormatJSONSchema & Reader<Parsed, 'auto-parseable-response-format'>;

type Reader<Parsed, Brand extends string> = {
  /** The type alone: there is no such value. */
  __output: Parsed;
  $brand: Brand;
  $parseRaw(content: string): Parsed;
};

export type ToolOptions = { name: string; arguments: unknown; function?: ((args: never) => unknown) | undefined };

/** A function tool that reads its arguments, and may have the function that is run with them. */
export type AutoParseableTool<
  Options extends ToolOptions,
  HasFunction = Options['function'] extends (...args: never[]) => unknown ? true : false,
> = types.ChatCompletionFunctionTool & {
  /** Types alone: there are no such values. */
  __arguments: Options['arguments'];
  __name: Options['name'];
  __hasFunction: HasFunction;
  $brand: 'auto-parseable-tool';
  $callback: ((args: Options['arguments']) => unknown) | undefined;
  $parseRaw(args: string): Options['arguments'];
};

/** What `parsed` is, by the request: what its format reads, anything for a plain JSON Schema, else null. */
export type ExtractParsedContentFromParams<Params extends { response_format?: unknown }> = ParsedBy<Params['response_format']>;
type ParsedBy<Format> = [Format] extends [never]
  ? null
  : Format extends AutoParseableResponseFormat<infer Parsed>
    ? Parsed
    : Format extends types.ResponseFormatJSONSchema
      ? unknown
      : null;

/** What of a request says how its answer is read. */
export type Expected = {
  readonly response_format?: types.ChatCompletionCreateParamsBase['response_format'];
  readonly tools?: readonly types.ChatCompletionTool[] | undefined;
};

type ReadText = (text: string) => unknown;

/** Hides in a format or a tool how what it asks for is read. */
export function hide<Shown extends object, Hidden extends object>(shown: Shown, hidden: Hidden): Shown & Hidden {
  for (const [name, value] of Object.entries(hidden)) Object.defineProperty(shown, name, { value, enumerable: false });
  return shown as Shown & Hidden;
}

/** How a format's answer is read; undefined for one that is plain text. */
export function readerOfFormat(format: unknown): ReadText | undefined {
  if (typeof format !== 'object' || format === null) return undefined;
  if ('$parseRaw' in format && typeof format.$parseRaw === 'function') {
    const { $parseRaw: read } = format;
    return (text) => read.call(format, text);
  }
  return 'type' in format && format.type === 'json_schema' ? readJsonText : undefined;
}

/** How the arguments of a function are read: as its tool says, as JSON when it is strict, else not at all. */
export function readerOfTool(tools: Expected['tools'], name: string): ReadText | undefined {
  const tool = tools?.find((one) => one.type === 'function' && one.function.name === name);
  if (tool?.type !== 'function') return undefined;
  if ('$brand' in tool && tool.$brand === 'auto-parseable-tool') return readerOfFormat(tool);
  return tool.function.strict === true ? readJsonText : undefined;
}

/** JSON that a model wrote. Its text is not repeated in the error. */
export function readJsonText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SyntaxError('Error reading response: what the model wrote is not the JSON that was asked for.');
  }
}

/** Whether the request asks for anything that can be read. */
export function asksToParse({ response_format, tools }: Expected): boolean {
  return readerOfFormat(response_format) !== undefined || (tools ?? []).some((tool) => tool.type === 'function' && isReadable(tool));
}

function isReadable(tool: types.ChatCompletionFunctionTool): boolean {
  return readerOfTool([tool], tool.function.name) !== undefined;
}

/** Throws for function tools whose arguments would not be held to their schema. */
export function checkTools(tools: Expected['tools']): void {
  for (const tool of tools ?? []) {
    if (tool.type === 'custom') continue;
    if (tool.type !== 'function') throw new OpenAIError('Only `function` and `custom` tools can be used here.');
    if (tool.function.strict !== true) {
      throw new OpenAIError(`The tool ${tool.function.name} is not marked with \`strict: true\`, without which its arguments cannot be parsed.`);
    }
  }
}

/** Reads a completion by what was asked for. Throws when it was cut, or is not what was asked for. */
export function parseCompletion<Parsed>(completion: types.ChatCompletion, expected: Expected): types.ParsedChatCompletion<Parsed> {
  return { ...completion, choices: completion.choices.map((choice) => parseChoice<Parsed>(choice, expected)) };
}

/** A completion of which nothing is to be read. */
export function unparsed<Parsed>(completion: types.ChatCompletion): types.ParsedChatCompletion<Parsed> {
  return { ...completion, choices: completion.choices.map((choice) => ({ ...choice, message: { ...choice.message, parsed: null } })) };
}

function parseChoice<Parsed>(choice: types.ChatCompletionChoice, expected: Expected): types.ParsedChoice<Parsed> {
  if (choice.finish_reason === 'length') throw new LengthFinishReasonError();
  if (choice.finish_reason === 'content_filter') throw new ContentFilterFinishReasonError();
  const { message } = choice;
  const calls = message.tool_calls?.map((call) => parseCall(call, expected.tools));
  const parsed = contentToParse(message);
  const read = readerOfFormat(expected.response_format);
  return {
    ...choice,
    message: {
      ...message,
      ...(calls === undefined ? {} : { tool_calls: calls }),
      // What the reader makes is the caller's own type.
      parsed: parsed === undefined || read === undefined ? null : (read(parsed) as Parsed),
    },
  };
}

/** A refusal is not what was asked for, and an empty text beside tool calls is none. */
function contentToParse({ content, refusal, tool_calls, function_call }: types.ChatCompletionMessage): string | undefined {
  if (typeof content !== 'string' || (refusal ?? '') !== '') return undefined;
  const called = (tool_calls ?? []).length > 0 || (function_call !== undefined && function_call !== null);
  return content === '' && called ? undefined : content;
}

function parseCall(call: types.ChatCompletionMessageToolCall, tools: Expected['tools']): types.ParsedChatCompletionMessageToolCall {
  if (call.type === 'custom') return call;
  if (call.type !== 'function') throw new OpenAIError('The model called a tool that is neither a `function` nor `custom`.');
  const read = readerOfTool(tools, call.function.name);
  return { ...call, function: { ...call.function, parsed_arguments: read === undefined ? null : read(call.function.arguments) } };
}
