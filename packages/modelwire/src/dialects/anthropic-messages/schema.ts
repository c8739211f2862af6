import type { RawJson } from '../../core/ir.ts';
import { type Cursor, cursorAt, fieldOf, itemsOf, rawOf, valueAt } from '../../core/json-cursor.ts';
import { type Entry, printArray, printObject, printString } from '../../core/json-print.ts';
import { isObject, type JsonObject, parseJsonText } from '../../core/json-text.ts';
import { withNull } from '../../core/schema-null.ts';
import { isRecursive, referenceIn, schemasIn } from '../../core/schema-walk.ts';

/**
 * Schemas that Anthropic holds an answer (or a strict tool's input) to are a part of JSON Schema. What other callers send besides is said
 * in words in the description, as the official SDK does; what cannot be said at all is for the caller of `lacks` to deal with.
 * https://platform.claude.com/docs/en/build-with-claude/structured-outputs
 */
export type FittedSchema = {
  readonly raw: RawJson;
  /** Said in other words, the same in meaning but for properties that nobody named. */
  readonly changed: ReadonlySet<string>;
  /** Said in the description, and not held to. */
  readonly told: ReadonlySet<string>;
};

type Tally = { readonly changed: Set<string>; readonly told: Set<string> };

/** Why a schema cannot be held to there, in words; undefined when it can, once it is fitted. */
export function lacks(schema: RawJson): string | undefined {
  const root: unknown = JSON.parse(schema);
  if (isRecursive(root)) return 'a recursive schema is not taken there';
  return lackIn(root, root);
}

function lackIn(schema: unknown, root: unknown): string | undefined {
  if (!isObject(schema)) return 'a schema that allows anything or nothing is not taken there';
  if (schema['$ref'] !== undefined && referenceIn(root, schema['$ref']) === undefined) return 'a reference to another document is not taken there';
  if (isMap(schema)) return 'an object whose properties have no names of their own is not taken there';
  if (!saysWhat(schema)) return 'a schema without a type is not taken there';
  for (const [key, below] of schemasIn(schema)) {
    const lack = kept.has(key) ? lackIn(below, root) : undefined;
    if (lack !== undefined) return lack;
  }
  return undefined;
}

/** Keywords below which schemas are sent. */
const kept: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions', 'items', 'anyOf', 'oneOf', 'allOf']);

function isMap(schema: JsonObject): boolean {
  const { properties, additionalProperties: others } = schema;
  if (!typesOf(schema).includes('object')) return false;
  const isOpen = isObject(others) || schema['patternProperties'] !== undefined || (others !== false && properties === undefined);
  return isOpen && (!isObject(properties) || Object.keys(properties).length === 0 || isObject(others));
}

function saysWhat(schema: JsonObject): boolean {
  return ['type', '$ref', 'enum', 'const', 'anyOf', 'oneOf', 'allOf'].some((key) => schema[key] !== undefined);
}

function typesOf({ type }: JsonObject): readonly unknown[] {
  return Array.isArray(type) ? type : [type];
}

/** The schema as it is taken there, with its source text where nothing must be said otherwise. */
export function fitSchema(schema: RawJson): FittedSchema {
  const tally: Tally = { changed: new Set(), told: new Set() };
  const raw = fit(cursorAt(parseJsonText(schema)), tally);
  return { raw: tally.changed.size + tally.told.size === 0 ? schema : raw, ...tally };
}

/** Taken as they are, wherever they stand. */
const plain: ReadonlySet<string> = new Set(['type', 'title', 'required', 'default', '$ref', '$id', '$anchor']);
/** They constrain nothing, and are told no one. */
const idle: ReadonlySet<string> = new Set(['$schema', '$comment', 'nullable', 'readOnly', 'writeOnly', 'deprecated', 'examples', 'propertyOrdering']);
const formats: ReadonlySet<unknown> = new Set(['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'uri', 'ipv4', 'ipv6', 'uuid']);

function fit(schema: Cursor, tally: Tally): RawJson {
  const { value } = schema;
  if (!isObject(value)) return rawOf(schema);
  const told: string[] = [];
  const entries = Object.keys(value).flatMap((key): readonly Entry[] => {
    if (idle.has(key)) {
      tally.changed.add(key);
      return [];
    }
    const fitted = fitKeyword(schema, key, tally);
    if (fitted !== undefined) return [fitted];
    tally.told.add(key);
    told.push(`${key}: ${rawOf(fieldOf(schema, key))}`);
    return [];
  });
  const whole = withClosed(withWords(entries, value, told), value, tally);
  return value['nullable'] === true ? withNull(whole) : printObject(whole);
}

/** Undefined for what is only told. */
function fitKeyword(schema: Cursor, key: string, tally: Tally): Entry | undefined {
  const field = fieldOf(schema, key);
  const { value } = field;
  if (plain.has(key) || key === 'description') return [key, rawOf(field)];
  if (key === 'properties' || key === '$defs' || key === 'definitions') return isObject(value) ? [key, fitEach(field, tally)] : undefined;
  if (key === 'items') return isObject(value) ? [key, fit(field, tally)] : undefined;
  if (key === 'anyOf' || key === 'allOf') return Array.isArray(value) ? [key, fitAll(field, tally)] : undefined;
  if (key === 'oneOf') return fitOneOf(schema, field, tally);
  if (key === 'enum') return Array.isArray(value) && value.every(isSimple) ? [key, rawOf(field)] : undefined;
  if (key === 'const') return isSimple(value) ? [key, rawOf(field)] : undefined;
  if (key === 'format') return formats.has(value) ? [key, rawOf(field)] : undefined;
  if (key === 'minItems') return value === 0 || value === 1 ? [key, rawOf(field)] : undefined;
  return key === 'additionalProperties' && value === false ? [key, 'false'] : undefined;
}

/** Where both stand, one of them can only be told. */
function fitOneOf(schema: Cursor, field: Cursor, tally: Tally): Entry | undefined {
  if (!Array.isArray(field.value) || valueAt(schema, 'anyOf') !== undefined) return undefined;
  tally.changed.add('oneOf');
  return ['anyOf', fitAll(field, tally)];
}

const isSimple = (value: unknown): boolean => value === null || typeof value !== 'object';

function fitEach(map: Cursor, tally: Tally): RawJson {
  return printObject(Object.keys(isObject(map.value) ? map.value : {}).map((key) => [key, fit(fieldOf(map, key), tally)]));
}

function fitAll(list: Cursor, tally: Tally): RawJson {
  return printArray(itemsOf(list).map((item) => fit(item, tally)));
}

/** The description, and behind it what only words can say. */
function withWords(entries: readonly Entry[], schema: JsonObject, told: readonly string[]): readonly Entry[] {
  if (told.length === 0) return entries;
  const words = `{${told.join(', ')}}`;
  const described = typeof schema['description'] === 'string' ? `${schema['description']}\n\n${words}` : words;
  return [...entries.filter(([key]) => key !== 'description'), ['description', printString(described)]];
}

/** An object must say that it has no other properties. */
function withClosed(entries: readonly Entry[], schema: JsonObject, tally: Tally): readonly Entry[] {
  if (!typesOf(schema).includes('object') || schema['additionalProperties'] === false) return entries;
  if (schema['additionalProperties'] === undefined || schema['additionalProperties'] === true) tally.changed.add('additionalProperties');
  return [...entries, ['additionalProperties', 'false']];
}
