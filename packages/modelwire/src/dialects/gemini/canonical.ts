import type { RawJson } from '../../core/ir.ts';
import { type Cursor, cursorAt, fieldOf, itemsOf, rawOf } from '../../core/json-cursor.ts';
import { printArray, printObject } from '../../core/json-print.ts';
import { isObject, type JsonObject, type JsonText, parseJsonText } from '../../core/json-text.ts';
import type { Shape, Value } from '../../core/verdicts.ts';

/**
 * Google takes a field under two names (`inlineData`, `inline_data`), a lone item where a list is meant, and a number as a string. The
 * rest of the dialect knows one spelling of each: a request that has others is spelled anew, along its verdict table.
 */
export function canonicalJson(json: JsonText, shape: Shape): JsonText {
  return isCanonical(json.value, shape) ? json : parseJsonText(printValue(cursorAt(json), shape));
}

const snake = /_([a-z0-9])/g;

function canonicalKey(key: string, { fields }: Shape): string {
  if (fields.has(key) || !key.includes('_')) return key;
  const camel = key.replace(snake, (_, letter: string) => letter.toUpperCase());
  return fields.has(camel) ? camel : key;
}

const digits = /^-?\d+(?:\.\d+)?$/;

function isCanonical(value: unknown, expected: Value): boolean {
  switch (expected.kind) {
    case 'object':
      return !isObject(value) || Object.keys(value).every((key) => isCanonicalField(key, value[key], expected));
    case 'list':
      return Array.isArray(value) ? value.every((item) => isCanonical(item, expected.of)) : !isObject(value);
    case 'either':
      return isCanonical(value, chosen(value, expected.of));
    case 'number':
      return typeof value !== 'string' || !digits.test(value);
    default:
      return true;
  }
}

function isCanonicalField(key: string, value: unknown, shape: Shape): boolean {
  if (canonicalKey(key, shape) !== key) return false;
  const field = shape.fields.get(key);
  return field === undefined || isCanonical(value, field.value);
}

/** Of several shapes the one whose required fields are there. */
function chosen(value: unknown, shapes: readonly Value[]): Value {
  const keysOf = (object: JsonObject, shape: Shape): Set<string> => new Set(Object.keys(object).map((key) => canonicalKey(key, shape)));
  const fits = (shape: Value): boolean => {
    if (shape.kind !== 'object' || !isObject(value)) return false;
    const keys = keysOf(value, shape);
    return [...shape.fields].every(([key, field]) => field.required !== true || keys.has(key));
  };
  return shapes.find(fits) ?? { kind: 'json', like: () => null };
}

function printValue(cursor: Cursor, expected: Value): RawJson {
  const { value } = cursor;
  switch (expected.kind) {
    case 'object':
      return isObject(value) ? printObject(Object.keys(value).map((key) => printField(cursor, key, expected))) : rawOf(cursor);
    case 'list':
      if (Array.isArray(value)) return printArray(itemsOf(cursor).map((item) => printValue(item, expected.of)));
      return isObject(value) ? printArray([printValue(cursor, expected.of)]) : rawOf(cursor);
    case 'either':
      return printValue(cursor, chosen(value, expected.of));
    case 'number':
      return typeof value === 'string' && digits.test(value) ? value : rawOf(cursor);
    default:
      return rawOf(cursor);
  }
}

function printField(cursor: Cursor, key: string, shape: Shape): readonly [string, RawJson] {
  const name = canonicalKey(key, shape);
  const field = shape.fields.get(name);
  const below = fieldOf(cursor, key);
  return [name, field === undefined ? rawOf(below) : printValue(below, field.value)];
}
