import { isObject, type JsonObject } from '../core/json-text.ts';
import { anthropicErrors } from './family-anthropic.ts';

/** Formats of strings that an answer is held to. https://platform.claude.com/docs/en/build-with-claude/structured-outputs */
const heldFormats: readonly unknown[] = ['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'uri', 'ipv4', 'ipv6', 'uuid'];
const dropped: ReadonlySet<string> = new Set(['$schema', 'additionalProperties', 'description']);
const unions = ['anyOf', 'oneOf', 'allOf'] as const;

/**
 * A JSON Schema as Anthropic holds answers to it: objects are closed, and what is not held to there (lengths, ranges, patterns) stands
 * in the description, where the model reads it.
 */
export function heldSchema(schema: JsonObject, path = ''): JsonObject {
  const definitions = Object.fromEntries(
    ['$defs', 'definitions'].flatMap((key) => (isObject(schema[key]) ? [[key, below(schema[key], `${path}/${key}`)]] : [])),
  );
  if (schema['$ref'] !== undefined) return { ...definitions, $ref: schema['$ref'] };
  const { kept, handled } = body(schema, path);
  return { ...definitions, ...kept, ...describe(schema, [...handled, ...Object.keys(definitions)]) };
}

type Body = { readonly kept: JsonObject; readonly handled: readonly string[] };

function body(schema: JsonObject, path: string): Body {
  const union = unions.find((key) => Array.isArray(schema[key]));
  if (union !== undefined) {
    const members = schema[union] as readonly unknown[];
    // Of alternatives any may fit there.
    const name = union === 'oneOf' ? 'anyOf' : union;
    return { kept: { ...title(schema), [name]: members.map((member, at) => held(member, `${path}/${union}/${at}`)) }, handled: ['title', 'type', union] };
  }
  if (schema['enum'] !== undefined) return { kept: { ...title(schema), enum: schema['enum'] }, handled: ['title', 'type', 'enum'] };
  if (schema['const'] !== undefined) return { kept: { ...title(schema), const: schema['const'] }, handled: ['title', 'type', 'const'] };
  const type = schema['type'] ?? (isObject(schema['properties']) ? 'object' : undefined);
  if (type === undefined)
    throw anthropicErrors.misuse(
      `The JSON Schema allows anything at ${path === '' ? 'its root' : path}: an answer is held to a type, an enum, a const or a union only.`,
    );
  return {
    kept: { type, ...title(schema), ...ofType(schema, type, path) },
    handled: ['type', 'title', ...(handledBy[String(type)] ?? [])].filter((key) => isHeld(key, schema)),
  };
}

const handledBy: Readonly<Record<string, readonly string[]>> = { object: ['properties', 'required'], string: ['format'], array: ['items', 'minItems'] };

function isHeld(key: string, schema: JsonObject): boolean {
  if (key === 'format') return heldFormats.includes(schema[key]);
  return key !== 'minItems' || schema[key] === 0 || schema[key] === 1;
}

function ofType(schema: JsonObject, type: unknown, path: string): JsonObject {
  if (type === 'object') {
    const { properties, required } = schema;
    return { properties: isObject(properties) ? below(properties, path) : {}, additionalProperties: false, ...(required === undefined ? {} : { required }) };
  }
  if (type === 'string') return isHeld('format', schema) ? { format: schema['format'] } : {};
  if (type !== 'array') return {};
  const { items, minItems } = schema;
  return {
    ...(items === undefined ? {} : { items: held(items, `${path}/items`) }),
    ...(minItems !== undefined && isHeld('minItems', schema) ? { minItems } : {}),
  };
}

function title(schema: JsonObject): JsonObject {
  return schema['title'] === undefined ? {} : { title: schema['title'] };
}

function below(schemas: JsonObject, path: string): JsonObject {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, held(schema, `${path}/${name}`)]));
}

function held(schema: unknown, path: string): JsonObject {
  return heldSchema(isObject(schema) ? schema : {}, path);
}

/** The description, and after it what the answer is not held to. */
function describe(schema: JsonObject, handled: readonly string[]): JsonObject {
  const all = Object.entries(schema).filter(([key, value]) => !dropped.has(key) && !handled.includes(key) && value !== undefined);
  // Keywords that are held to for other values come last, as in the official package: the same text is the same cached prompt.
  const own = handledBy[String(schema['type'])] ?? [];
  const rest = [...all.filter(([key]) => !own.includes(key)), ...all.filter(([key]) => own.includes(key))];
  const said = typeof schema['description'] === 'string' ? [schema['description']] : [];
  if (rest.length > 0) said.push(`{${rest.map(([key, value]) => `${key}: ${JSON.stringify(value)}`).join(', ')}}`);
  return said.length === 0 ? {} : { description: said.join('\n\n') };
}
