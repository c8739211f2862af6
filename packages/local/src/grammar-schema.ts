import { isRecord } from './json-fields.ts';
import type { Fields } from './json-fields.ts';
import { badValue, unsupported } from './wire-error.ts';

type Scalar = string | number | boolean | null;

/** The part of JSON schema the engine's grammar generator knows. Every property it lists is always written. */
export type GrammarSchema =
  | { readonly type: 'string'; readonly minLength?: number; readonly maxLength?: number }
  | { readonly type: 'string'; readonly format: 'date' | 'time' | 'date-time' }
  | { readonly type: 'number' | 'integer' | 'boolean' | 'null' }
  | { readonly const: Scalar }
  | { readonly enum: readonly Scalar[] }
  | { readonly oneOf: readonly GrammarSchema[]; readonly $defs?: Definitions }
  | {
      readonly type: 'object';
      readonly properties?: { readonly [name: string]: GrammarSchema };
      readonly additionalProperties?: boolean | GrammarSchema;
      readonly minProperties?: number;
      readonly maxProperties?: number;
      readonly $defs?: Definitions;
    }
  | {
      readonly type: 'array';
      readonly items?: GrammarSchema;
      readonly prefixItems?: readonly GrammarSchema[];
      readonly minItems?: number;
      readonly maxItems?: number;
      readonly $defs?: Definitions;
    }
  | { readonly $ref: `#/$defs/${string}`; readonly $defs?: Definitions };

type Definitions = { readonly [name: string]: GrammarSchema };

type Options = {
  /** Where the schema stands in the request, for error messages. */
  readonly path: string;
  /** Whether a keyword no grammar can hold the model to is a 400, or is left to the model's good will. */
  readonly strict: boolean;
};

/** Any JSON value; an array without items and an object with open properties hold any value themselves. */
const anyValue: GrammarSchema = {
  oneOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }, { type: 'null' }, { type: 'array' }, { type: 'object', additionalProperties: true }],
};

/** Any JSON object. */
export const anyObject: GrammarSchema = { type: 'object', additionalProperties: true };

const types = ['string', 'number', 'integer', 'boolean', 'null', 'array', 'object'] as const;
type TypeName = (typeof types)[number];

/** The keywords that say something about values of each type, and that no grammar of the engine can hold the model to. */
const unenforced: Readonly<Record<TypeName | 'any', readonly string[]>> = {
  any: ['not', 'if', 'then', 'else', 'dependentSchemas', 'dependentRequired', '$dynamicRef', '$recursiveRef'],
  string: ['pattern', 'contentEncoding', 'contentMediaType', 'contentSchema'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  integer: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  boolean: [],
  null: [],
  array: ['uniqueItems', 'contains', 'minContains', 'maxContains'],
  object: ['patternProperties', 'propertyNames'],
};

/**
 * Translates a JSON schema into the engine's dialect of it, so that whatever the grammar lets through is valid under the original.
 * Throws a 400 that names the keyword when that cannot be had.
 */
export function toGrammarSchema(schema: unknown, options: Options): GrammarSchema {
  const root = { document: schema, definitions: new Map<string, GrammarSchema | undefined>(), strict: options.strict };
  const converted = convert(schema, { path: options.path, root, open: [] });
  const used = [...root.definitions].flatMap(([name, each]) => (each === undefined ? [] : [[name, each] as const]));
  if (used.length === 0) return converted;
  const $defs = Object.fromEntries(used);
  // Only these kinds can carry definitions; no other kind can refer to one.
  if ('oneOf' in converted || '$ref' in converted) return { ...converted, $defs };
  if ('type' in converted && (converted.type === 'object' || converted.type === 'array')) return { ...converted, $defs };
  return converted;
}

type Place = {
  readonly path: string;
  readonly root: { readonly document: unknown; readonly definitions: Map<string, GrammarSchema | undefined>; readonly strict: boolean };
  /** Pointers of the definitions this place is inside of. */
  readonly open: readonly string[];
};

function convert(schema: unknown, place: Place): GrammarSchema {
  if (schema === true) return anyValue;
  if (!isRecord(schema)) throw badValue(place.path, 'must be a JSON schema object');
  refuse(schema, 'any', place);
  if (schema['$ref'] !== undefined) return convertReference(schema['$ref'], place);
  for (const keyword of ['anyOf', 'oneOf', 'allOf'] as const) {
    if (schema[keyword] !== undefined) return convertCombination(schema, keyword, place);
  }
  if ('const' in schema) return { const: toScalar(schema['const'], inside(place, '.const')) };
  if (schema['enum'] !== undefined) return convertEnum(schema['enum'], inside(place, '.enum'));
  const names = typesOf(schema, place);
  const kinds = names.map((name) => convertType(schema, name, place));
  const [only] = kinds;
  return kinds.length === 1 && only !== undefined ? only : { oneOf: kinds };
}

function convertType(schema: Fields, type: TypeName, place: Place): GrammarSchema {
  refuse(schema, type, place);
  switch (type) {
    case 'string':
      return convertString(schema, place);
    case 'array':
      return convertArray(schema, place);
    case 'object':
      return convertObject(schema, place);
    case 'number':
    case 'integer':
    case 'boolean':
    case 'null':
      return { type };
  }
}

function convertString(schema: Fields, place: Place): GrammarSchema {
  const { format } = schema;
  if (format === 'date' || format === 'time' || format === 'date-time') return { type: 'string', format };
  if (typeof format === 'string') unenforceable(`format: ${format}`, place);
  return { type: 'string', ...counts(schema, ['minLength', 'maxLength'], place) };
}

function convertArray(schema: Fields, place: Place): GrammarSchema {
  const { items, prefixItems } = schema;
  const fixed = Array.isArray(prefixItems) ? prefixItems.map((each: unknown, index) => convert(each, inside(place, `.prefixItems[${index}]`))) : undefined;
  const bounds = counts(schema, ['minItems', 'maxItems'], place);
  const closed = items === false ? { maxItems: fixed?.length ?? 0 } : {};
  return {
    type: 'array',
    ...(items === undefined || items === false ? {} : { items: convert(items, inside(place, '.items')) }),
    ...(fixed === undefined ? {} : { prefixItems: fixed }),
    ...bounds,
    ...closed,
  };
}

function convertObject(schema: Fields, place: Place): GrammarSchema {
  const listed = schema['properties'] ?? {};
  if (!isRecord(listed)) throw badValue(`${place.path}.properties`, 'must be an object');
  const required = Array.isArray(schema['required']) ? schema['required'].filter((each) => typeof each === 'string') : [];
  const properties: Record<string, GrammarSchema> = {};
  for (const [name, each] of Object.entries(listed)) {
    // The grammar writes every property. An optional one that holds its own parent again would never end, so it is left out.
    if (!required.includes(name) && isOpenReference(each, place)) continue;
    properties[name] = convert(each, inside(place, `.properties.${name}`));
  }
  for (const name of required) properties[name] ??= anyValue;
  const extra = schema['additionalProperties'];
  // Nothing said about properties means any object; with some listed, leaving others out is always valid.
  const open = extra ?? Object.keys(properties).length === 0;
  return {
    type: 'object',
    properties,
    additionalProperties: typeof open === 'boolean' ? open : convert(open, inside(place, '.additionalProperties')),
    ...counts(schema, ['minProperties', 'maxProperties'], place),
  };
}

function convertCombination(schema: Fields, keyword: 'anyOf' | 'oneOf' | 'allOf', place: Place): GrammarSchema {
  const parts = schema[keyword];
  if (!Array.isArray(parts) || parts.length === 0) throw badValue(`${place.path}.${keyword}`, 'must be a list of at least one schema');
  const beside = ['properties', 'items', 'enum', 'const', 'anyOf', 'oneOf', 'allOf'].find((each) => each !== keyword && schema[each] !== undefined);
  if (beside !== undefined || (keyword === 'allOf' && parts.length > 1)) {
    unenforceable(beside === undefined ? keyword : `${keyword} beside ${beside}`, place);
    const { [keyword]: _, ...rest } = schema;
    return convert(rest, place);
  }
  const converted = parts.map((each: unknown, index) => convert(each, inside(place, `.${keyword}[${index}]`)));
  const [only] = converted;
  return converted.length === 1 && only !== undefined ? only : { oneOf: converted };
}

function convertReference(reference: unknown, place: Place): GrammarSchema {
  const pointer = typeof reference === 'string' ? reference : '';
  const target = resolvePointer(place.root.document, pointer);
  if (target === undefined) {
    unenforceable(`$ref: ${pointer}`, place, 'points to nothing inside this schema');
    return anyValue;
  }
  const name = definitionName(pointer);
  const { definitions } = place.root;
  if (!definitions.has(name)) {
    // Entered before it is converted, so that a schema that holds itself comes to an end.
    definitions.set(name, undefined);
    definitions.set(name, convert(target, { ...place, open: [...place.open, pointer] }));
  }
  return { $ref: `#/$defs/${name}` };
}

function resolvePointer(document: unknown, pointer: string): unknown {
  if (!/^#($|\/)/.test(pointer)) return undefined;
  let at = document;
  for (const part of pointer.split('/').slice(1)) {
    const name = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    at = isRecord(at) || Array.isArray(at) ? Reflect.get(at, name) : undefined;
  }
  return at;
}

/** The engine's grammar rules are named after definitions, so a name is made of plain characters. */
function definitionName(pointer: string): string {
  return pointer === '#' ? 'root' : pointer.replace(/^#\/(\$defs|definitions)\//, '').replace(/[^\w]/g, (char) => `_${char.codePointAt(0)}_`);
}

function isOpenReference(schema: unknown, place: Place): boolean {
  if (!isRecord(schema)) return false;
  const pointer = schema['$ref'];
  return typeof pointer === 'string' && (pointer === '#' || place.open.includes(pointer));
}

function convertEnum(values: unknown, place: Place): GrammarSchema {
  if (!Array.isArray(values) || values.length === 0) throw badValue(place.path, 'must be a list of at least one value');
  return { enum: values.map((each: unknown, index) => toScalar(each, inside(place, `[${index}]`))) };
}

function toScalar(value: unknown, place: Place): Scalar {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  throw unsupported(place.path, 'the embedded model can be held to strings, numbers, booleans and null here, not to objects or lists');
}

function typesOf(schema: Fields, place: Place): readonly TypeName[] {
  const { type } = schema;
  if (type === undefined) {
    if (schema['properties'] !== undefined || schema['additionalProperties'] !== undefined) return ['object'];
    if (schema['items'] !== undefined || schema['prefixItems'] !== undefined) return ['array'];
    return types.filter((each) => each !== 'integer');
  }
  const list: readonly unknown[] = Array.isArray(type) ? type : [type];
  const known = types.filter((each) => list.includes(each));
  if (known.length === 0 || known.length < list.length) throw badValue(`${place.path}.type`, `must be among ${types.join(', ')}`);
  // Every integer is a number: both together would only make the grammar ambiguous.
  return known.includes('number') ? known.filter((each) => each !== 'integer') : known;
}

function counts<const Name extends string>(schema: Fields, names: readonly Name[], place: Place): { readonly [name in Name]?: number } {
  const found: { [name in Name]?: number } = {};
  for (const name of names) {
    const value = schema[name];
    if (value === undefined) continue;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) throw badValue(`${place.path}.${name}`, 'must be a whole number of at least 0');
    found[name] = value;
  }
  return found;
}

function refuse(schema: Fields, type: TypeName | 'any', place: Place): void {
  for (const keyword of unenforced[type]) {
    if (schema[keyword] !== undefined && schema[keyword] !== false) unenforceable(keyword, place);
  }
}

function unenforceable(keyword: string, place: Place, why = 'the embedded model cannot be held to this keyword; leave it out'): void {
  if (place.root.strict) throw unsupported(`${place.path}.${keyword}`, why);
}

function inside(place: Place, step: string): Place {
  return { ...place, path: place.path + step };
}
