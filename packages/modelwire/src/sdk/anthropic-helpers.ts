/**
 * Output formats and tools from schemas, for `messages.parse`, `messages.stream` and `beta.messages.toolRunner`. A zod schema is one of
 * many: every Standard Schema that tells its JSON Schema will do, under whichever of the official names.
 */

import type { JsonObject } from '../core/json-text.ts';
import type { AutoParseableOutputFormat } from './anthropic-parse.ts';
import type { BetaRunnableTool, RunnableOptions, ToolResultContent } from './anthropic-runnable.ts';
import { heldSchema } from './anthropic-schema.ts';
import type { MemoryTool, Tool } from './anthropic-types.ts';
import { anthropicErrors } from './family-anthropic.ts';
import type { FromSchema, JSONSchema } from './json-schema-type.ts';
import { type InferOutput, jsonSchemaOf, type StandardSchemaV1, validated } from './standard-schema.ts';

export type { AutoParseableOutputFormat } from './anthropic-parse.ts';
export { type BetaRunnableTool, type BetaToolRunContext, ToolError } from './anthropic-runnable.ts';
export type { FromSchema, JSONSchema } from './json-schema-type.ts';
export type { StandardSchemaV1 } from './standard-schema.ts';

export type SchemaOptions = {
  /** Sent instead of what the schema tells of itself. */
  jsonSchema?: JsonObject | undefined;
};

/** A format whose answers come as the schema reads them, as `parsed_output`. */
export function standardSchemaOutputFormat<Schema extends StandardSchemaV1>(
  schema: Schema,
  { jsonSchema }: SchemaOptions = {},
): AutoParseableOutputFormat<InferOutput<Schema>> {
  return {
    type: 'json_schema',
    schema: heldSchema(jsonSchema ?? jsonSchemaOf(schema, anthropicErrors)),
    parse: (content) => validated(schema, readJson(content), anthropicErrors),
  };
}

/** The same for a JSON Schema. What the answer is, its type says; it is not checked again here. */
export function jsonSchemaOutputFormat<const Schema extends JSONSchema & { readonly type: 'object' }>(
  schema: Schema,
  { transform = true }: { /** Whether what the API does not hold answers to moves into descriptions. Default true. */ transform?: boolean } = {},
): AutoParseableOutputFormat<FromSchema<Schema>> {
  return {
    type: 'json_schema',
    schema: transform ? heldSchema(schema) : { ...schema },
    parse: (content) => readJson(content) as FromSchema<Schema>,
  };
}

/** A tool whose input is what the schema reads. */
export function betaStandardSchemaTool<Schema extends StandardSchemaV1>({
  inputSchema,
  jsonSchema,
  ...tool
}: RunnableOptions<InferOutput<Schema>> & SchemaOptions & { inputSchema: Schema }): BetaRunnableTool<InferOutput<Schema>> {
  const schema = jsonSchema ?? jsonSchemaOf(inputSchema, anthropicErrors);
  return { type: 'custom', ...tool, input_schema: objectSchema(tool.name, schema), parse: (input) => validated(inputSchema, input, anthropicErrors) };
}

/** A tool whose input is what a JSON Schema says. It is not checked here. */
export function betaTool<const Schema extends JSONSchema & { readonly type: 'object' }>({
  inputSchema,
  ...tool
}: RunnableOptions<FromSchema<Schema>> & { inputSchema: Schema }): BetaRunnableTool<FromSchema<Schema>> {
  return { type: 'custom', ...tool, input_schema: objectSchema(tool.name, inputSchema), parse: (input) => input as FromSchema<Schema> };
}

type Memory = { view: { path: string; view_range?: number[] }; create: { path: string; file_text: string } } & {
  str_replace: { path: string; old_str: string; new_str: string };
  insert: { path: string; insert_line: number; insert_text: string };
  delete: { path: string };
  rename: { old_path: string; new_path: string };
};
type MemoryCommand = { [Name in keyof Memory]: { command: Name } & Memory[Name] }[keyof Memory];
export type MemoryToolHandlers = {
  [Name in keyof Memory]: (command: Extract<MemoryCommand, { command: Name }>) => ToolResultContent | Promise<ToolResultContent>;
};

/** The memory tool: one handler a command. */
export function betaMemoryTool(handlers: MemoryToolHandlers, extra: Omit<MemoryTool, 'type' | 'name'> = {}): BetaRunnableTool<MemoryCommand> {
  const known: ReadonlyMap<string, (command: never) => ToolResultContent | Promise<ToolResultContent>> = new Map(Object.entries(handlers));
  return {
    ...extra,
    type: 'memory_20250818',
    name: 'memory',
    run: (command) => {
      const handler = known.get(command.command);
      if (handler === undefined) throw new Error(`${command.command} is no command of the memory tool`);
      return handler(command as never);
    },
    parse: (input) => input as MemoryCommand,
  };
}

export {
  standardSchemaOutputFormat as betaStandardSchemaOutputFormat,
  standardSchemaOutputFormat as zodOutputFormat,
  standardSchemaOutputFormat as betaZodOutputFormat,
  jsonSchemaOutputFormat as betaJSONSchemaOutputFormat,
  betaStandardSchemaTool as betaZodTool,
};

function objectSchema(name: string, schema: JsonObject): Tool['input_schema'] {
  if (schema['type'] !== 'object')
    throw anthropicErrors.misuse(`The input of the tool "${name}" must be an object: its JSON Schema has the type ${JSON.stringify(schema['type'])}.`);
  return { ...schema, type: 'object' };
}

function readJson(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch (cause) {
    throw anthropicErrors.misuse(`Failed to parse structured output as JSON: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
}
