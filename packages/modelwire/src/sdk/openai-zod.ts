import type { AutoParseableResponseFormat } from './openai-parse.ts';
import { readJsonText } from './openai-parse.ts';
import {
  functionTool,
  responseFormat,
  responsesTool,
  type ResponseToolOf,
  type StandardResponsesToolOptions,
  type StandardToolOptions,
  textFormat,
  type ToolOf,
} from './openai-schema.ts';
import type { AutoParseableTextFormat } from './openai-responses-parse.ts';
import type { InferOutput, StandardSchemaV1 } from './standard-schema.ts';

/** A schema of zod 4: what does not fit it is told by zod's own error. */
export type ZodSchema = StandardSchemaV1 & { parse(data: unknown): unknown };

/** A `response_format` that a zod schema describes, and by which the answer is read. Throws zod's own error for what does not fit. */
export function zodResponseFormat<Schema extends ZodSchema>(
  schema: Schema,
  name: string,
  props?: { description?: string },
): AutoParseableResponseFormat<InferOutput<Schema>> {
  return responseFormat(name, props, { schema, read: readingBy(schema) });
}

/** A function tool whose parameters a zod schema describes, and by which its arguments are read. */
export function zodFunction<Parameters extends ZodSchema, Callback extends (args: InferOutput<Parameters>) => unknown>(
  options: StandardToolOptions<Parameters> & { function: Callback },
): ToolOf<Parameters, Callback>;
export function zodFunction<Parameters extends ZodSchema>(options: StandardToolOptions<Parameters> & { function?: undefined }): ToolOf<Parameters, undefined>;
export function zodFunction(options: StandardToolOptions<ZodSchema>): object {
  return functionTool(options, readingBy(options.parameters));
}

/** The same format as `text.format` of the Responses API. */
export function zodTextFormat<Schema extends ZodSchema>(
  schema: Schema,
  name: string,
  props?: { description?: string },
): AutoParseableTextFormat<InferOutput<Schema>> {
  return textFormat(name, props, { schema, read: readingBy(schema) });
}

/** The same tool for the Responses API. */
export function zodResponsesFunction<Parameters extends ZodSchema, Callback extends (args: InferOutput<Parameters>) => unknown>(
  options: StandardResponsesToolOptions<Parameters> & { function: Callback },
): ResponseToolOf<Parameters, Callback>;
export function zodResponsesFunction<Parameters extends ZodSchema>(
  options: StandardResponsesToolOptions<Parameters> & { function?: undefined },
): ResponseToolOf<Parameters, undefined>;
export function zodResponsesFunction(options: StandardResponsesToolOptions<ZodSchema>): object {
  return responsesTool(options, readingBy(options.parameters));
}

function readingBy(schema: ZodSchema): (text: string) => unknown {
  return (text) => schema.parse(readJsonText(text));
}
