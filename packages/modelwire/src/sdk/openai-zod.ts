import type { AutoParseableResponseFormat } from './openai-parse.ts';
import { readJsonText } from './openai-parse.ts';
import { functionTool, responseFormat, type StandardToolOptions, type ToolOf } from './openai-schema.ts';
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

function readingBy(schema: ZodSchema): (text: string) => unknown {
  return (text) => schema.parse(readJsonText(text));
}
