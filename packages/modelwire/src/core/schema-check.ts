import type { RawJson } from './ir.ts';
import { isObject, type JsonObject } from './json-text.ts';
import { formatChecks } from './schema-formats.ts';
import { referenceIn, schemasIn } from './schema-walk.ts';

/**
 * A JSON Schema (2020-12, and what OpenAPI says of null) as a check of values. What it does not know how to check is named in
 * `unchecked`, so that nothing passes in silence: patterns (a pattern may take for ever to be matched), references to other documents,
 * dynamic ones, unevaluated properties, and formats that are not in `schema-formats.ts`.
 */
export type SchemaCheck = {
  /** Where the value is not valid and why, e.g. `$.items[2].price must be a number`; undefined when it is. */
  fault(value: unknown): string | undefined;
  /** Keywords of the schema that are not checked. */
  readonly unchecked: readonly string[];
};

/** Steps after which a schema is too much work: choices within choices can take more than a lifetime. */
const mostSteps = 200_000;
const deepest = 200;

/** `schema` must be JSON; one that is no schema at all (a number, say) allows anything and is named as unchecked. */
export function createSchemaCheck(schema: RawJson): SchemaCheck {
  const root: unknown = JSON.parse(schema);
  const unchecked = new Set<string>();
  survey(root, { root, unchecked, seen: new Set() });
  return {
    unchecked: [...unchecked],
    fault(value) {
      const run: Run = { root, steps: 0 };
      try {
        return check(root, value, { run, path: '$', depth: 0 });
      } catch (thrown) {
        if (thrown instanceof TooMuch) return 'the schema takes too long to check';
        throw thrown;
      }
    },
  };
}

class TooMuch extends Error {}

type Run = { readonly root: unknown; steps: number };
type At = { readonly run: Run; readonly path: string; readonly depth: number };
type Fault = string | undefined;
type Rule = (argument: unknown, value: unknown, at: At, schema: JsonObject) => Fault;

function check(schema: unknown, value: unknown, at: At): Fault {
  const { run, depth } = at;
  if (++run.steps > mostSteps || depth > deepest) throw new TooMuch();
  if (schema === false) return `${at.path} may not be there`;
  if (!isObject(schema)) return undefined;
  // OpenAPI's word: null is one of the values.
  if (value === null && schema['nullable'] === true) return undefined;
  for (const key of Object.keys(schema)) {
    const fault = rules.get(key)?.(schema[key], value, at, schema);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** The same value held against another schema. */
const within = (at: At): At => ({ ...at, depth: at.depth + 1 });
const childAt = (at: At, key: string | number): At => ({
  ...at,
  path:
    typeof key === 'number' ? `${at.path}[${key}]` : /^[A-Za-z_]\w{0,39}$/.test(key) ? `${at.path}.${key}` : `${at.path}[${JSON.stringify(key.slice(0, 40))}]`,
  depth: at.depth + 1,
});
const holds = (schema: unknown, value: unknown, at: At): boolean => check(schema, value, within(at)) === undefined;
const listOf = (argument: unknown): readonly unknown[] => (Array.isArray(argument) ? argument : []);

const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  [
    'type',
    (type, value, { path }) =>
      listOf(Array.isArray(type) ? type : [type]).some((name) => isOfType(value, name)) ? undefined : `${path} must be ${typeNames(type)}`,
  ],
  ['enum', (values, value, { path }) => (listOf(values).some((item) => isEqual(item, value)) ? undefined : `${path} must be one of the values of its enum`)],
  ['const', (wanted, value, { path }) => (isEqual(wanted, value) ? undefined : `${path} must be the value of its const`)],
  ['$ref', (ref, value, at) => checkReference(ref, value, at)],
  ['allOf', (list, value, at) => firstFault(listOf(list), (schema) => check(schema, value, within(at)))],
  ['anyOf', (list, value, at) => (listOf(list).some((schema) => holds(schema, value, at)) ? undefined : `${at.path} fits none of its anyOf`)],
  ['oneOf', (list, value, at) => exactlyOne(listOf(list), value, at)],
  ['not', (schema, value, at) => (holds(schema, value, at) ? `${at.path} may not be what its not says` : undefined)],
  ['if', (schema, value, at, { then: fits, else: otherwise }) => check((holds(schema, value, at) ? fits : otherwise) ?? true, value, within(at))],
  ['minimum', (least, value, { path }) => bound(value, least, (a, b) => a >= b, `${path} must be at least ${String(least)}`)],
  ['maximum', (most, value, { path }) => bound(value, most, (a, b) => a <= b, `${path} must be at most ${String(most)}`)],
  ['exclusiveMinimum', (least, value, { path }) => bound(value, least, (a, b) => a > b, `${path} must be more than ${String(least)}`)],
  ['exclusiveMaximum', (most, value, { path }) => bound(value, most, (a, b) => a < b, `${path} must be less than ${String(most)}`)],
  ['multipleOf', (step, value, { path }) => bound(value, step, isMultiple, `${path} must be a multiple of ${String(step)}`)],
  ['minLength', (least, value, { path }) => sized(lengthOf(value), least, (a, b) => a >= b, `${path} must have at least ${String(least)} characters`)],
  ['maxLength', (most, value, { path }) => sized(lengthOf(value), most, (a, b) => a <= b, `${path} must have at most ${String(most)} characters`)],
  [
    'format',
    (name, value, { path }) =>
      typeof value === 'string' && formatChecks.get(String(name))?.(value) === false ? `${path} must be a ${String(name)}` : undefined,
  ],
  ['minItems', (least, value, { path }) => sized(itemCount(value), least, (a, b) => a >= b, `${path} must have at least ${String(least)} items`)],
  ['maxItems', (most, value, { path }) => sized(itemCount(value), most, (a, b) => a <= b, `${path} must have at most ${String(most)} items`)],
  ['uniqueItems', (wanted, value, { path }) => (wanted === true && Array.isArray(value) && hasTwins(value) ? `${path} must have no item twice` : undefined)],
  [
    'prefixItems',
    (list, value, at) =>
      Array.isArray(value) ? firstFault(listOf(list).slice(0, value.length), (schema, index) => check(schema, value[index], childAt(at, index))) : undefined,
  ],
  ['items', (schema, value, at, { prefixItems }) => checkItems(schema, value, at, listOf(prefixItems).length)],
  ['contains', (schema, value, at, bounds) => checkContains(schema, value, at, bounds)],
  ['properties', (map, value, at) => checkProperties(map, value, at)],
  ['required', (names, value, { path }) => (isObject(value) ? missing(listOf(names), value, path) : undefined)],
  ['additionalProperties', (schema, value, at, { properties, patternProperties }) => checkOthers(schema, value, at, { properties, patternProperties })],
  ['propertyNames', (schema, value, at) => (isObject(value) ? firstFault(Object.keys(value), (key) => check(schema, key, childAt(at, key))) : undefined)],
  ['minProperties', (least, value, { path }) => sized(keyCount(value), least, (a, b) => a >= b, `${path} must have at least ${String(least)} properties`)],
  ['maxProperties', (most, value, { path }) => sized(keyCount(value), most, (a, b) => a <= b, `${path} must have at most ${String(most)} properties`)],
  ['dependentRequired', (map, value, { path }) => (isObject(map) && isObject(value) ? dependent(map, value, path) : undefined)],
  ['dependentSchemas', (map, value, at) => dependentSchemas(map, value, at)],
]);

/** Keywords that constrain nothing, or whose neighbours check them. */
const silent: ReadonlySet<string> = new Set([
  '$id',
  '$schema',
  '$comment',
  '$defs',
  'definitions',
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
  'nullable',
  'then',
  'else',
  'minContains',
  'maxContains',
  'propertyOrdering',
]);

function firstFault<T>(items: readonly T[], faultOf: (item: T, index: number) => Fault): Fault {
  for (const [index, item] of items.entries()) {
    const fault = faultOf(item, index);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function isOfType(value: unknown, name: unknown): boolean {
  switch (name) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value);
    case 'number':
    case 'string':
    case 'boolean':
      return typeof value === name;
    default:
      return true;
  }
}

function typeNames(type: unknown): string {
  return listOf(Array.isArray(type) ? type : [type])
    .map((name) => (name === 'null' ? 'null' : `${/^[aeio]/.test(String(name)) ? 'an' : 'a'} ${String(name)}`))
    .join(' or ');
}

function bound(value: unknown, argument: unknown, holdsFor: (value: number, argument: number) => boolean, fault: string): Fault {
  return typeof value === 'number' && typeof argument === 'number' && !holdsFor(value, argument) ? fault : undefined;
}

function sized(size: number | undefined, argument: unknown, holdsFor: (size: number, argument: number) => boolean, fault: string): Fault {
  return size !== undefined && typeof argument === 'number' && !holdsFor(size, argument) ? fault : undefined;
}

/** Decimal steps are not exact in binary: 0.3 is a multiple of 0.1. */
function isMultiple(value: number, step: number): boolean {
  const times = value / step;
  return Math.abs(times - Math.round(times)) <= 1e-9 * Math.max(1, Math.abs(times));
}

const lengthOf = (value: unknown): number | undefined => (typeof value === 'string' ? [...value].length : undefined);
const itemCount = (value: unknown): number | undefined => (Array.isArray(value) ? value.length : undefined);
const keyCount = (value: unknown): number | undefined => (isObject(value) ? Object.keys(value).length : undefined);

function exactlyOne(list: readonly unknown[], value: unknown, at: At): Fault {
  const fitting = list.filter((schema) => holds(schema, value, at)).length;
  return fitting === 1 ? undefined : `${at.path} must fit one of its oneOf, and fits ${fitting}`;
}

function checkItems(schema: unknown, value: unknown, at: At, from: number): Fault {
  if (!Array.isArray(value)) return undefined;
  // Before 2020-12 a list of schemas stood here.
  if (Array.isArray(schema)) return firstFault(schema.slice(0, value.length), (one, index) => check(one, value[index], childAt(at, index)));
  return firstFault(value.slice(from), (item, index) => check(schema, item, childAt(at, from + index)));
}

function checkContains(schema: unknown, value: unknown, at: At, { minContains, maxContains }: JsonObject): Fault {
  if (!Array.isArray(value)) return undefined;
  const count = value.filter((item) => holds(schema, item, at)).length;
  const least = typeof minContains === 'number' ? minContains : 1;
  const most = typeof maxContains === 'number' ? maxContains : Infinity;
  return count >= least && count <= most ? undefined : `${at.path} has ${count} items of the kind that its contains says`;
}

function checkProperties(map: unknown, value: unknown, at: At): Fault {
  if (!isObject(map) || !isObject(value)) return undefined;
  return firstFault(Object.keys(map), (key) => (Object.hasOwn(value, key) ? check(map[key], value[key], childAt(at, key)) : undefined));
}

function missing(names: readonly unknown[], value: JsonObject, path: string): Fault {
  const name = names.find((key) => typeof key === 'string' && !Object.hasOwn(value, key));
  return name === undefined ? undefined : `${path} must have the property ${JSON.stringify(String(name).slice(0, 40))}`;
}

/** Where patterns say which names are known, nobody here can tell the others. */
function checkOthers(schema: unknown, value: unknown, at: At, { properties, patternProperties }: JsonObject): Fault {
  if (!isObject(value) || patternProperties !== undefined) return undefined;
  const known: JsonObject = isObject(properties) ? properties : {};
  return firstFault(
    Object.keys(value).filter((key) => !Object.hasOwn(known, key)),
    (key) => check(schema, value[key], childAt(at, key)),
  );
}

function dependent(map: JsonObject, value: JsonObject, path: string): Fault {
  return firstFault(Object.keys(map), (key) => (Object.hasOwn(value, key) ? missing(listOf(map[key]), value, path) : undefined));
}

function dependentSchemas(map: unknown, value: unknown, at: At): Fault {
  if (!isObject(map) || !isObject(value)) return undefined;
  return firstFault(Object.keys(map), (key) => (Object.hasOwn(value, key) ? check(map[key], value, within(at)) : undefined));
}

function checkReference(ref: unknown, value: unknown, at: At): Fault {
  const found = referenceIn(at.run.root, ref);
  return found === undefined ? undefined : check(found.schema, value, within(at));
}

/** Equal as JSON values: the order of keys does not count. */
function isEqual(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === 'object' && typeof b === 'object' && canonical(a) === canonical(b));
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  return `{${Object.keys(value)
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`)
    .join(',')}}`;
}

function hasTwins(items: readonly unknown[]): boolean {
  return new Set(items.map(canonical)).size < items.length;
}

type Survey = { readonly root: unknown; readonly unchecked: Set<string>; readonly seen: Set<unknown> };

/** Names what is not checked, anywhere in the schema. */
function survey(schema: unknown, about: Survey): void {
  const { unchecked, seen } = about;
  if (typeof schema === 'boolean' || seen.has(schema)) return;
  if (!isObject(schema)) {
    unchecked.add('what is no schema');
    return;
  }
  seen.add(schema);
  for (const key of Object.keys(schema)) {
    if (!isChecked(key, schema[key], about)) unchecked.add(key.slice(0, 40));
  }
  for (const [, below] of schemasIn(schema)) survey(below, about);
}

const names: readonly unknown[] = ['null', 'array', 'object', 'integer', 'number', 'string', 'boolean'];

function isChecked(key: string, value: unknown, { root }: Survey): boolean {
  if (silent.has(key) || key.startsWith('x-')) return true;
  if (!rules.has(key)) return false;
  if (key === '$ref') return referenceIn(root, value) !== undefined;
  if (key === 'format') return formatChecks.has(String(value));
  if (key === 'type') return listOf(Array.isArray(value) ? value : [value]).every((name) => names.includes(name));
  // In the fourth draft these were flags of the bound beside them.
  return !key.startsWith('exclusive') || typeof value === 'number';
}
