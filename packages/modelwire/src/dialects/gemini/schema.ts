import type { RawJson } from '../../core/ir.ts';
import { type Cursor, cursorAt, fieldOf, itemsOf, rawOf, valueAt } from '../../core/json-cursor.ts';
import { type Entry, printArray, printObject } from '../../core/json-print.ts';
import { isObject, parseJsonText } from '../../core/json-text.ts';
import { withNull } from '../../core/schema-null.ts';

/**
 * Google's own Schema (a part of OpenAPI 3.0, types in upper case) as JSON Schema. What both say alike keeps its source text; a schema
 * that has nothing of Google's comes back as it was. Google's `$ref` has no place in it, so it never recurs.
 */
export function toJsonSchema(schema: Cursor): RawJson {
  return isGoogles(schema.value) ? printSchema(schema) : rawOf(schema);
}

/** Both spellings of a keyword; the first is JSON Schema's. */
const spellings: ReadonlyMap<string, string> = new Map([
  ['any_of', 'anyOf'],
  ['max_items', 'maxItems'],
  ['max_length', 'maxLength'],
  ['max_properties', 'maxProperties'],
  ['min_items', 'minItems'],
  ['min_length', 'minLength'],
  ['min_properties', 'minProperties'],
  ['property_ordering', 'propertyOrdering'],
]);
/** Written as strings in Google's JSON, since they are 64 bits wide. */
const bounds: ReadonlySet<string> = new Set(['maxItems', 'maxLength', 'maxProperties', 'minItems', 'minLength', 'minProperties']);
const below: readonly string[] = ['anyOf', 'oneOf', 'allOf', 'prefixItems'];
const maps: readonly string[] = ['properties', '$defs', 'definitions', 'patternProperties'];
const upperCase = /^[A-Z]+$/;

function isGoogles(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(isGoogles);
  if (!isObject(value)) return false;
  return Object.entries(value).some(([key, inner]) => {
    if (spellings.has(key) || key === 'propertyOrdering' || (key === 'nullable' && typeof inner === 'boolean')) return true;
    if (bounds.has(key) && typeof inner === 'string') return true;
    if (key === 'type') return isUpper(inner);
    if (maps.includes(key)) return isObject(inner) && Object.values(inner).some(isGoogles);
    return key === 'items' || key === 'additionalProperties' || below.includes(key) ? isGoogles(inner) : false;
  });
}

function isUpper(type: unknown): boolean {
  return Array.isArray(type) ? type.some(isUpper) : typeof type === 'string' && upperCase.test(type);
}

function printSchema(schema: Cursor): RawJson {
  if (!isObject(schema.value)) return rawOf(schema);
  const entries = Object.keys(schema.value).flatMap((key) => printKeyword(schema, key));
  return valueAt(schema, 'nullable') === true ? withNull(entries) : printObject(entries);
}

function printKeyword(schema: Cursor, key: string): Entry[] {
  const field = fieldOf(schema, key);
  const name = spellings.get(key) ?? key;
  const { value } = field;
  // An order of properties and a nullable of its own are unknown to JSON Schema; `withNull` says the latter.
  if (name === 'propertyOrdering' || name === 'nullable') return [];
  if (name === 'type') return value === 'TYPE_UNSPECIFIED' ? [] : [[name, lowerCase(value) ?? rawOf(field)]];
  // OpenAPI's word for a string that is one of several.
  if (name === 'format' && value === 'enum') return [];
  if (bounds.has(name) && typeof value === 'string' && /^\d+$/.test(value)) return [[name, value]];
  if (maps.includes(name) && isObject(value)) return [[name, printObject(Object.keys(value).map((inner) => [inner, printSchema(fieldOf(field, inner))]))]];
  if (below.includes(name) && Array.isArray(value)) return [[name, printArray(itemsOf(field).map(printSchema))]];
  return [[name, name === 'items' || name === 'additionalProperties' ? printSchema(field) : rawOf(field)]];
}

function lowerCase(type: unknown): RawJson | undefined {
  if (typeof type === 'string') return JSON.stringify(type.toLowerCase());
  return Array.isArray(type) ? JSON.stringify(type.map((item: unknown) => (typeof item === 'string' ? item.toLowerCase() : item))) : undefined;
}

/** What a schema says that Google does not take, or takes otherwise. */
export type SchemaNotes = {
  /** Said in other words, the same in meaning. */
  readonly changed: ReadonlySet<string>;
  /** Sent, and not held to. */
  readonly ignored: ReadonlySet<string>;
  /** A definition that needs itself: no value could ever be valid, and Google refuses it. */
  readonly recursive: string | undefined;
};

/** The keywords of JSON Schema that Google holds an answer to; the others may be sent and do nothing. */
const heldTo: ReadonlySet<string> = new Set([
  '$id',
  '$defs',
  '$ref',
  '$anchor',
  '$schema',
  '$comment',
  'type',
  'format',
  'title',
  'description',
  'enum',
  'items',
  'prefixItems',
  'minItems',
  'maxItems',
  'minimum',
  'maximum',
  'anyOf',
  'oneOf',
  'properties',
  'additionalProperties',
  'required',
  'propertyOrdering',
  // Nothing is held to these anyway.
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
]);

export type FittedSchema = { readonly raw: RawJson; readonly notes: SchemaNotes };

/** A JSON Schema as Google takes it: with its source text where nothing must be said otherwise. */
export function fitSchema(schema: RawJson): FittedSchema {
  const changed = new Set<string>();
  const ignored = new Set<string>();
  const root = cursorAt(parseJsonText(schema));
  const raw = fit(root, { changed, ignored });
  return { raw: changed.size === 0 ? schema : raw, notes: { changed, ignored, recursive: recursiveDefinition(root.value) } };
}

type Tally = { readonly changed: Set<string>; readonly ignored: Set<string> };

function fit(schema: Cursor, tally: Tally): RawJson {
  const { value } = schema;
  if (!isObject(value)) return rawOf(schema);
  const entries = Object.keys(value).flatMap((key) => fitKeyword(schema, key, tally));
  if (value['nullable'] === true) {
    tally.changed.add('nullable');
    return withNull(entries);
  }
  const reference = entries.find(([key]) => key === '$ref');
  // Google takes nothing beside a reference.
  if (reference === undefined || entries.every(([key]) => key.startsWith('$'))) return printObject(entries);
  tally.changed.add('$ref');
  return printObject([...entries.filter((entry) => entry !== reference), ['anyOf', printArray([printObject([reference])])]]);
}

function fitKeyword(schema: Cursor, key: string, tally: Tally): Entry[] {
  const field = fieldOf(schema, key);
  const { value } = field;
  // OpenAPI's word, which `withNull` says in another way.
  if (key === 'nullable' && typeof value === 'boolean') return [];
  if (key === 'const') {
    tally.changed.add(key);
    return [['enum', `[${rawOf(field)}]`]];
  }
  const bound = key === 'exclusiveMinimum' ? 1 : key === 'exclusiveMaximum' ? -1 : 0;
  if (bound !== 0 && Number.isInteger(value) && valueAt(schema, 'type') === 'integer') {
    tally.changed.add(key);
    return [[bound === 1 ? 'minimum' : 'maximum', String(Number(value) + bound)]];
  }
  if (key === 'definitions') {
    tally.changed.add(key);
    return [['$defs', fitEach(field, tally)]];
  }
  if (key === '$ref' && typeof value === 'string' && value.startsWith('#/definitions/')) {
    tally.changed.add(key);
    return [[key, JSON.stringify(value.replace('#/definitions/', '#/$defs/'))]];
  }
  if (!heldTo.has(key)) tally.ignored.add(key);
  if (key === 'properties' || key === '$defs') return [[key, fitEach(field, tally)]];
  if (below.includes(key) && Array.isArray(value)) return [[key, printArray(itemsOf(field).map((item) => fit(item, tally)))]];
  return [[key, key === 'items' || key === 'additionalProperties' ? fit(field, tally) : rawOf(field)]];
}

function fitEach(map: Cursor, tally: Tally): RawJson {
  return isObject(map.value) ? printObject(Object.keys(map.value).map((key) => [key, fit(fieldOf(map, key), tally)])) : rawOf(map);
}

/** A definition that comes back to itself through required properties alone: what is left when all that can be has been made. */
function recursiveDefinition(root: unknown): string | undefined {
  const defs = isObject(root) ? (root['$defs'] ?? root['definitions']) : undefined;
  if (!isObject(defs)) return undefined;
  const missing = new Map<string, number>();
  const neededFor = new Map<string, string[]>();
  for (const [name, schema] of Object.entries(defs)) {
    const needs = neededBy(schema).filter((need) => Object.hasOwn(defs, need));
    missing.set(name, needs.length);
    for (const need of needs) {
      const users = neededFor.get(need);
      if (users === undefined) neededFor.set(need, [name]);
      else users.push(name);
    }
  }
  const ready = [...missing].filter(([, count]) => count === 0).map(([name]) => name);
  for (let name = ready.pop(); name !== undefined; name = ready.pop()) {
    missing.delete(name);
    for (const user of neededFor.get(name) ?? []) {
      const left = (missing.get(user) ?? 0) - 1;
      missing.set(user, left);
      if (left === 0) ready.push(user);
    }
  }
  return missing.keys().next().value;
}

/** The definitions without which no value of the schema can be. A choice needs none, a list may be empty. */
function neededBy(schema: unknown): string[] {
  if (!isObject(schema)) return [];
  const { $ref: ref, required, properties } = schema;
  const own = typeof ref === 'string' ? [ref.replace(/^#\/(?:\$defs|definitions)\//, '')] : [];
  const names: readonly unknown[] = Array.isArray(required) ? required : [];
  const inner = isObject(properties) ? names.flatMap((name) => (typeof name === 'string' ? neededBy(properties[name]) : [])) : [];
  const only: unknown = Array.isArray(schema['anyOf']) && schema['anyOf'].length === 1 ? schema['anyOf'][0] : undefined;
  return [...own, ...inner, ...neededBy(only)];
}
