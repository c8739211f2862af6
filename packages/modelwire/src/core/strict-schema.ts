import type { RawJson, ResponseFormat } from './ir.ts';
import { isObject, type JsonObject } from './json-text.ts';
import type { Ledger } from './notes.ts';
import { referenceIn, schemasIn } from './schema-walk.ts';

/** Keywords that OpenAI does not hold an answer to, and refuses beside `strict: true`. https://platform.openai.com/docs/guides/structured-outputs#supported-schemas */
const unheld: ReadonlySet<string> = new Set([
  '$anchor',
  '$dynamicAnchor',
  '$dynamicRef',
  'allOf',
  'contains',
  'contentEncoding',
  'contentMediaType',
  'contentSchema',
  'dependentRequired',
  'dependentSchemas',
  'dependencies',
  'else',
  'if',
  'maxContains',
  'maxProperties',
  'minContains',
  'minProperties',
  'not',
  'oneOf',
  'patternProperties',
  'prefixItems',
  'propertyNames',
  'then',
  'unevaluatedItems',
  'unevaluatedProperties',
  'uniqueItems',
]);

/** Why an answer cannot be held to the schema (`strict: true`), in words; undefined when it can. */
export function unstrict(schema: RawJson): string | undefined {
  const root: unknown = JSON.parse(schema);
  if (!isObject(root) || root['type'] !== 'object' || root['anyOf'] !== undefined) return 'only an object is held to its schema there';
  return faultIn(root, root);
}

function faultIn(schema: unknown, root: unknown): string | undefined {
  if (!isObject(schema)) return 'a schema that allows anything or nothing is held to by nobody';
  const keyword = Object.keys(schema).find((key) => unheld.has(key));
  if (keyword !== undefined) return `an answer is not held to "${keyword}" there`;
  if (schema['$ref'] !== undefined && referenceIn(root, schema['$ref']) === undefined) return 'a reference to another document is not held to there';
  if (!['type', '$ref', 'enum', 'const', 'anyOf'].some((key) => schema[key] !== undefined)) return 'a schema without a type is not held to there';
  const open = openObject(schema);
  if (open !== undefined) return open;
  for (const [key, below] of schemasIn(schema)) {
    const fault = key === 'additionalProperties' ? undefined : faultIn(below, root);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function openObject({ type, properties, required, additionalProperties }: JsonObject): string | undefined {
  if (!(Array.isArray(type) ? type : [type]).includes('object')) return undefined;
  if (additionalProperties !== false) return 'only an object with "additionalProperties": false is held to its schema there';
  const names: readonly unknown[] = Array.isArray(required) ? required : [];
  const optional = Object.keys(isObject(properties) ? properties : {}).find((key) => !names.includes(key));
  return optional === undefined ? undefined : 'only an object whose properties are all required is held to its schema there';
}

/** Where OpenAI's own formats ask for a schema: their callers say themselves whether it is strict. */
const openaiPaths: readonly unknown[] = [undefined, 'response_format', 'text.format'];

/** Other formats hold every answer to its schema; OpenAI's do when they are told to, and only to some. `path` is the caller's name of the format. */
export function strictness(format: ResponseFormat & { readonly type: 'schema' }, path: string | undefined, ledger: Ledger): boolean | undefined {
  if (format.strict !== undefined || path === undefined || openaiPaths.includes(path)) return format.strict;
  const fault = unstrict(format.schema);
  if (fault !== undefined) ledger.note('changed', path, `sent without "strict": ${fault}`);
  return fault === undefined ? true : undefined;
}
