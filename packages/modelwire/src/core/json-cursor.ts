import { GatewayError } from './errors.ts';
import type { RawJson } from './ir.ts';
import { isObject, type JsonObject, type JsonText } from './json-text.ts';

/** A place in a JSON text: its value, its source text, and its path as the caller would write it (`messages[2].content[0]`). */
export type Cursor = {
  readonly json: JsonText;
  readonly value: unknown;
  readonly path: string;
  /** The place above and the step from there; the root has none. */
  readonly above: Cursor | undefined;
  readonly step: string | number;
  readonly tally: Tally;
};

/** What was read of one text so far: an endless list is refused before it costs anything. */
type Tally = { items: number; unnamed: number };

const longestKey = 80;
const mostItems = 100_000;
const mostUnnamed = 10_000;

export function cursorAt(json: JsonText): Cursor {
  return { json, value: json.value, path: '', above: undefined, step: '', tally: { items: 0, unnamed: 0 } };
}

/** The value of the field below; undefined when there is none. */
export function valueAt({ value }: Cursor, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** The field below; its value is undefined when there is none. */
export function fieldOf(cursor: Cursor, key: string): Cursor {
  return { json: cursor.json, value: valueAt(cursor, key), path: childPath(cursor.path, key), above: cursor, step: key, tally: cursor.tally };
}

/** The items of an array; throws 400 when it is none, or when the lists of the text (the messages or items of a conversation apart) have too many items in all. */
export function itemsOf(cursor: Cursor): Cursor[] {
  const { json, value: list, path, tally } = cursor;
  if (!Array.isArray(list)) throw wrongType(path, 'an array');
  if (path !== 'messages' && path !== 'input') tally.items += list.length;
  if (list.length > mostItems) throw tooMany(path, `${path} has more than ${mostItems} items`);
  if (tally.items > mostItems) throw tooMany(path, `the body has more than ${mostItems} content parts, tools and other items`);
  return list.map((value: unknown, index) => ({ json, value, path: `${path}[${index}]`, above: cursor, step: index, tally }));
}

/** Counts the fields of an object that nobody has a name for, before any is read; throws 400 when there are too many in all. */
export function countUnnamed({ tally, path, value }: Cursor, isNamed: (key: string) => boolean): void {
  if (!isObject(value)) return;
  for (const key of Object.keys(value)) if (!isNamed(key)) tally.unnamed++;
  if (tally.unnamed > mostUnnamed) throw tooMany(path, `the body has more than ${mostUnnamed} fields that are not known`);
}

function tooMany(path: string, message: string): GatewayError {
  return new GatewayError('invalid_request', message, { ...(path === '' ? {} : { param: path }), hint: 'Send fewer of them' });
}

/** The value exactly as it was written. */
export function rawOf(cursor: Cursor): RawJson {
  const steps: (string | number)[] = [];
  for (let at = cursor; at.above !== undefined; at = at.above) steps.unshift(at.step);
  return cursor.json.raw(steps) ?? 'null';
}

/** The path of a key below a path: what `Extra.path` and notes hold. */
export function childPath(path: string, key: string): string {
  const short = key.length > longestKey ? `${key.slice(0, longestKey)}…` : key;
  return path === '' ? short : `${path}.${short}`;
}

/** 400 naming the path: `messages[2].role must be a string`. */
export function wrongType(path: string, expected: string): GatewayError {
  return new GatewayError('invalid_request', `${path === '' ? 'the body' : path} must be ${expected}`, { param: path === '' ? undefined : path });
}

/** Neither absent nor null: for optional fields, where the two mean the same default. */
export function isGiven(cursor: Cursor): boolean {
  return cursor.value !== undefined && cursor.value !== null;
}

/** The same for the field below. */
export function isGivenAt(cursor: Cursor, key: string): boolean {
  const value = valueAt(cursor, key);
  return value !== undefined && value !== null;
}

/** The string below, which must be one. */
export function textAt(cursor: Cursor, key: string): string {
  const value = valueAt(cursor, key);
  return typeof value === 'string' ? value : stringAt(fieldOf(cursor, key));
}

export function stringAt(cursor: Cursor): string {
  if (typeof cursor.value !== 'string') throw wrongType(cursor.path, 'a string');
  return cursor.value;
}

export function numberAt(cursor: Cursor): number {
  if (typeof cursor.value !== 'number') throw wrongType(cursor.path, 'a number');
  return cursor.value;
}

export function booleanAt(cursor: Cursor): boolean {
  if (typeof cursor.value !== 'boolean') throw wrongType(cursor.path, 'true or false');
  return cursor.value;
}

export function objectAt(cursor: Cursor): JsonObject {
  if (!isObject(cursor.value)) throw wrongType(cursor.path, 'an object');
  return cursor.value;
}

/** The field read by `read`, or undefined when it is absent or null. */
export function optionalAt<T>(cursor: Cursor, key: string, read: (field: Cursor) => T): T | undefined {
  const value = valueAt(cursor, key);
  return value === undefined || value === null ? undefined : read(fieldOf(cursor, key));
}
