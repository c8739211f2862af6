import { type JsonSchema, toJsonSchema } from '@valibot/to-json-schema';
import { configSchema } from './schema.ts';

type Json = { readonly [key: string]: unknown };

const variable = { type: 'string', pattern: '\\$\\{[A-Za-z_]', description: 'From the environment: ${NAME} or ${NAME:-default}.' } as const;

/** The schema of the configuration file as JSON Schema, for editors. Draft 7, which is what YAML editors read. */
export function configJsonSchema(): Json {
  const { $schema, ...rest } = toJsonSchema(configSchema, {
    typeMode: 'input',
    target: 'draft-07',
    ignoreActions: ['check', 'finite'],
    overrideSchema: ({ jsonSchema }) => plainer(jsonSchema),
    // JSON Schema knows no flags: editors ask for the lower case that is written everywhere.
    overrideAction: ({ valibotAction: action, jsonSchema }) => (isRegex(action) ? { ...jsonSchema, pattern: action.requirement.source } : undefined),
  });
  return {
    $schema,
    title: 'modelwire configuration',
    description: 'One YAML or JSON file, by default ./modelwire.yaml; modelwire check looks it over.',
    ...(withVariables(rest) as Json),
    definitions: { variable },
  };
}

function isRegex(action: object): action is { readonly requirement: RegExp } {
  return 'requirement' in action && action.requirement instanceof RegExp;
}

/** With the type first, a constant's too, and without a list of no keys. */
function plainer({ type, required, ...rest }: JsonSchema): JsonSchema {
  const constant = typeof rest.const;
  const told = type ?? (constant === 'string' || constant === 'boolean' ? constant : undefined);
  return { ...(told === undefined ? {} : { type: told }), ...rest, ...(required === undefined || required.length === 0 ? {} : { required }) };
}

/** The published file's text. */
export function configJsonSchemaText(): string {
  return `${JSON.stringify(configJsonSchema(), undefined, 2)}\n`;
}

/** Wherever a value is narrower than any text, `${NAME}` may stand for it: editors must not underline that. */
function withVariables(node: unknown, inUnion = false): unknown {
  if (Array.isArray(node)) return node.map((item) => withVariables(item));
  if (typeof node !== 'object' || node === null) return node;
  const own = Object.entries(node).map(([key, value]) => {
    if (key === 'enum' || key === 'propertyNames' || key === 'required') return [key, value];
    if (key === 'anyOf' && Array.isArray(value)) return [key, unionWithVariable(value)];
    return [key, withVariables(value)];
  });
  const copy = Object.fromEntries(own) as Json;
  const { description, ...rest } = copy;
  const told = description === undefined ? {} : { description };
  return inUnion || !isNarrow(copy) ? { ...told, ...rest } : { ...told, anyOf: [rest, { $ref: '#/definitions/variable' }] };
}

function unionWithVariable(branches: readonly unknown[]): readonly unknown[] {
  const copies = branches.map((branch) => withVariables(branch, true));
  const narrow = copies.some((branch) => typeof branch === 'object' && branch !== null && isNarrow(branch as Json));
  return narrow ? [...copies, { $ref: '#/definitions/variable' }] : copies;
}

function isNarrow(node: Json): boolean {
  const { type } = node;
  return type === 'integer' || type === 'number' || type === 'boolean' || 'const' in node || 'enum' in node || (type === 'string' && 'pattern' in node);
}
