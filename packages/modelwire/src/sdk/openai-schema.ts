import { openaiErrors } from './family-openai.ts';
import { type AutoParseableResponseFormat, type AutoParseableTool, hide, readJsonText } from './openai-parse.ts';
import { strictSchema } from './openai-strict-schema.ts';
import type { AutoParseableResponseTool, AutoParseableTextFormat } from './openai-responses-parse.ts';
import type { ChatCompletionFunctionTool, ResponseFormatJSONSchema } from './openai-types.ts';
import { type InferOutput, jsonSchemaOf, type StandardSchemaV1, validated } from './standard-schema.ts';

/** More of a format: its description; and the JSON Schema of a schema that cannot tell its own. */
export type StandardResponseFormatProps = { description?: string; schema?: FormatSchema | undefined };
type FormatSchema = { [key: string]: unknown };

export type StandardToolOptions<Parameters extends StandardSchemaV1> = {
  name: string;
  parameters: Parameters;
  description?: string | undefined;
  /** The JSON Schema of parameters that cannot tell their own. */
  schema?: FormatSchema | undefined;
  /** What `runTools()` calls with the arguments. */
  function?: ((args: InferOutput<Parameters>) => unknown) | undefined;
};

export type ToolOf<Parameters extends StandardSchemaV1, Callback> = AutoParseableTool<OptionsOf<Parameters, Callback>>;
export type ResponseToolOf<Parameters extends StandardSchemaV1, Callback> = AutoParseableResponseTool<OptionsOf<Parameters, Callback>>;
type OptionsOf<Parameters extends StandardSchemaV1, Callback> = {
  arguments: InferOutput<Parameters>;
  name: string;
  function: Callback extends (...args: never[]) => unknown ? Callback : undefined;
};

/** More of a tool of the Responses API. */
export type StandardResponsesToolOptions<Parameters extends StandardSchemaV1> = StandardToolOptions<Parameters> & {
  /** Whether the model finds it by a search for tools only. */
  defer_loading?: boolean | undefined;
};

/** A `response_format` that a schema of any library describes, and by which `parse()`, `stream()` and `runTools()` read the answer. */
export function standardResponseFormat<Schema extends StandardSchemaV1>(
  schema: Schema,
  name: string,
  props?: StandardResponseFormatProps,
): AutoParseableResponseFormat<InferOutput<Schema>> {
  return responseFormat(name, props, { schema, read: readingBy(schema) });
}

/** A function tool whose parameters a schema of any library describes, and by which its arguments are read. */
export function standardFunction<Parameters extends StandardSchemaV1, Callback extends (args: InferOutput<Parameters>) => unknown>(
  options: StandardToolOptions<Parameters> & { function: Callback },
): ToolOf<Parameters, Callback>;
export function standardFunction<Parameters extends StandardSchemaV1>(
  options: StandardToolOptions<Parameters> & { function?: undefined },
): ToolOf<Parameters, undefined>;
export function standardFunction(options: StandardToolOptions<StandardSchemaV1>): object {
  return functionTool(options, readingBy(options.parameters));
}

/** The vocabulary that the vendor's own package asks for. */
const target = 'draft-07';

/** The same format as `text.format` of the Responses API. */
export function standardTextFormat<Schema extends StandardSchemaV1>(
  schema: Schema,
  name: string,
  props?: StandardResponseFormatProps,
): AutoParseableTextFormat<InferOutput<Schema>> {
  return textFormat(name, props, { schema, read: readingBy(schema) });
}

/** The same tool for the Responses API. */
export function standardResponsesFunction<Parameters extends StandardSchemaV1, Callback extends (args: InferOutput<Parameters>) => unknown>(
  options: StandardResponsesToolOptions<Parameters> & { function: Callback },
): ResponseToolOf<Parameters, Callback>;
export function standardResponsesFunction<Parameters extends StandardSchemaV1>(
  options: StandardResponsesToolOptions<Parameters> & { function?: undefined },
): ResponseToolOf<Parameters, undefined>;
export function standardResponsesFunction(options: StandardResponsesToolOptions<StandardSchemaV1>): object {
  return responsesTool(options, readingBy(options.parameters));
}

/** How a schema reads what a model wrote. */
type Described = { readonly schema: StandardSchemaV1; readonly read: (text: string) => unknown };

export function responseFormat<Parsed>(
  name: string,
  props: StandardResponseFormatProps | undefined,
  described: Described,
): AutoParseableResponseFormat<Parsed> {
  const format: ResponseFormatJSONSchema = { type: 'json_schema', json_schema: jsonFormat(name, props, described) };
  return hide(format, { $brand: 'auto-parseable-response-format', $parseRaw: described.read }) as AutoParseableResponseFormat<Parsed>;
}

export function textFormat<Parsed>(name: string, props: StandardResponseFormatProps | undefined, described: Described): AutoParseableTextFormat<Parsed> {
  const format = { type: 'json_schema', ...jsonFormat(name, props, described) };
  return hide(format, { $brand: 'auto-parseable-response-format', $parseRaw: described.read }) as AutoParseableTextFormat<Parsed>;
}

function jsonFormat(name: string, { schema: given, ...more }: StandardResponseFormatProps = {}, { schema }: Described) {
  return { ...more, name, strict: true, schema: strictSchema(given ?? jsonSchemaOf(schema, openaiErrors, target)) };
}

/** What a function tool is made of. */
type ToolParts = {
  readonly name: string;
  readonly parameters: StandardSchemaV1;
  readonly description?: string | undefined;
  readonly schema?: FormatSchema | undefined;
  readonly function?: unknown;
  readonly defer_loading?: boolean | undefined;
};

export function functionTool(options: ToolParts, read: Described['read']): object {
  const tool: ChatCompletionFunctionTool = { type: 'function', function: definition(options) };
  return hide(tool, { $brand: 'auto-parseable-tool', $parseRaw: read, $callback: options.function });
}

export function responsesTool(options: ToolParts, read: Described['read']): object {
  const { defer_loading } = options;
  const tool = { type: 'function', ...definition(options), ...(defer_loading === undefined ? {} : { defer_loading }) };
  return hide(tool, { $brand: 'auto-parseable-tool', $parseRaw: read, $callback: options.function });
}

function definition({ name, parameters, description, schema }: ToolParts) {
  return {
    name,
    parameters: strictSchema(schema ?? jsonSchemaOf(parameters, openaiErrors, target)),
    strict: true,
    ...(description === undefined ? {} : { description }),
  };
}

function readingBy(schema: StandardSchemaV1): Described['read'] {
  return (text) => validated(schema, readJsonText(text), openaiErrors);
}
