import { isObject, type JsonObject } from '../core/json-text.ts';
import { referenceIn } from '../core/schema-walk.ts';
import { OpenAIError } from './errors-openai.ts';

/**
 * A JSON Schema as strict structured output takes it: closed objects, every property required, `anyOf` for `oneOf`. Throws for what
 * cannot be said there. https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
 */
export function strictSchema(schema: JsonObject): JsonObject {
  if (schema['type'] !== 'object') {
    throw new OpenAIError(`The schema must be of an object, not of ${JSON.stringify(schema['type'] ?? 'several kinds')}: put it in a property of one.`);
  }
  return strictly(schema, [], schema);
}

type Where = readonly string[];

function strictly(schema: JsonObject, path: Where, root: JsonObject): JsonObject {
  const joined = mergeAll(schema);
  const strict: JsonObject = {};
  for (const [key, value] of Object.entries(joined)) {
    const name = key === 'oneOf' && joined['anyOf'] === undefined ? 'anyOf' : key;
    // A default says nothing to a model that must give every property.
    if (key === 'default' && value === null) continue;
    Object.defineProperty(strict, name, { value: below(key, value, path, root), enumerable: true, writable: true, configurable: true });
  }
  if (Array.isArray(strict['items'])) throw wrong(path, 'is a tuple, which strict structured output cannot express: use an object or an array of one kind');
  return isObjectSchema(strict) ? closed(strict, path, root) : strict;
}

/** What a keyword holds: schemas are made strict, all else stays. */
function below(key: string, value: unknown, path: Where, root: JsonObject): unknown {
  if (schemaMaps.has(key) && isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, isObject(one) ? strictly(one, [...path, key, name], root) : one]));
  }
  if (schemaLists.has(key) && Array.isArray(value)) {
    return value.map((one: unknown, index) => (isObject(one) ? strictly(one, [...path, key, String(index)], root) : one));
  }
  return key === 'items' && isObject(value) ? strictly(value, [...path, key], root) : value;
}

const schemaMaps: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions']);
const schemaLists: ReadonlySet<string> = new Set(['anyOf', 'oneOf', 'allOf']);

function isObjectSchema({ type, properties }: JsonObject): boolean {
  return type === 'object' || (Array.isArray(type) && type.includes('object')) || isObject(properties);
}

function closed(schema: JsonObject, path: Where, root: JsonObject): JsonObject {
  const { additionalProperties } = schema;
  if (additionalProperties !== undefined && additionalProperties !== false) {
    throw wrong(path, 'takes properties beyond those that it names, which strict structured output does not: list them, or use an array of name and value');
  }
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const required: readonly unknown[] = Array.isArray(schema['required']) ? schema['required'] : [];
  for (const [name, property] of Object.entries(properties)) {
    if (required.includes(name) || takesNull(property, root, 0)) continue;
    throw wrong([...path, 'properties', name], 'is optional, which strict structured output does not know: let it be null instead (`.nullable()`)');
  }
  return { ...schema, additionalProperties: false, required: Object.keys(properties) };
}

/** How many references are followed before a schema counts as one that takes no null. */
const deepest = 32;

function takesNull(schema: unknown, root: JsonObject, depth: number): boolean {
  if (!isObject(schema) || depth > deepest) return false;
  const { type, anyOf, oneOf, enum: values, $ref: ref } = schema;
  if (type === 'null' || (Array.isArray(type) && type.includes('null')) || schema['const'] === null) return true;
  if (Array.isArray(values) && values.includes(null)) return true;
  if (ref !== undefined) return takesNull(referenceIn(root, ref)?.schema, root, depth + 1);
  const choices: unknown = anyOf ?? oneOf;
  return Array.isArray(choices) && choices.some((one: unknown) => takesNull(one, root, depth + 1));
}

/** Several objects at once (an intersection) as one with the properties of all. Anything else in `allOf` stays as it is. */
function mergeAll(schema: JsonObject): JsonObject {
  const { allOf, ...rest } = schema;
  if (!Array.isArray(allOf) || allOf.length === 0) return schema;
  const parts = [rest, ...allOf.filter(isObject).map(mergeAll)];
  if (parts.length !== allOf.length + 1 || (parts.length > 2 && !parts.slice(1).every(isPlainObject))) return schema;
  return parts.reduce(merged, {});
}

function merged(whole: JsonObject, part: JsonObject): JsonObject {
  const { properties, required } = whole;
  return {
    ...whole,
    ...part,
    ...(isObject(properties) && isObject(part['properties']) ? { properties: { ...properties, ...part['properties'] } } : {}),
    ...(Array.isArray(required) && Array.isArray(part['required']) ? { required: [...new Set<unknown>([...required, ...part['required']])] } : {}),
  };
}

function isPlainObject(schema: JsonObject): boolean {
  return Object.keys(schema).every((key) => ['type', 'properties', 'required', 'additionalProperties', 'title', 'description'].includes(key));
}

function wrong(path: Where, what: string): OpenAIError {
  return new OpenAIError(`The schema at ${path.length === 0 ? 'its root' : path.join('/')} ${what}.`);
}
