import { isObject, type JsonObject } from '../core/json-text.ts';

/** What holds the caller's own keys: a tool's arguments and results, schemas, labels. */
const free = new Set(['args', 'response', 'parameters', 'parametersJsonSchema', 'responseSchema', 'responseJsonSchema', 'labels', 'partMetadata']);

/** Google reads `parameters_json_schema` as `parametersJsonSchema`, and its Python library sends both spellings in one body. */
export function inCamelCase(body: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => {
      // A field of a test's own stays as it is.
      const key = name.startsWith('x_') ? name : name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
      return [key, free.has(key) ? value : inner(value)];
    }),
  );
}

function inner(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inner);
  return isObject(value) ? inCamelCase(value) : value;
}
