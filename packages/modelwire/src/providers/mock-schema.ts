import { isObject, type JsonObject } from '../core/json-text.ts';

/**
 * A small value that a JSON Schema accepts: only what is required, a string is its property's name, a number its minimum. Patterns and
 * conditions (`pattern`, `if`, `not`) are not followed.
 */
export function minimalInstance(schema: unknown): unknown {
  return instanceOf(schema, { root: schema, name: 'text', depth: 0 });
}

type Place = { readonly root: unknown; readonly name: string; readonly depth: number };

/** A schema that refers to itself ends here: the value is then null, valid or not. */
const deepest = 32;

function instanceOf(given: unknown, place: Place): unknown {
  if (!isObject(given)) return place.name;
  const schema = withTold(given);
  if (place.depth > deepest) return null;
  const deeper = { ...place, depth: place.depth + 1 };
  if (typeof schema['$ref'] === 'string') return instanceOf(resolve(schema['$ref'], place.root), deeper);
  if ('const' in schema) return schema['const'];
  const words = schema['enum'];
  if (Array.isArray(words) && words.length > 0) return words[0];
  const parts = schema['allOf'];
  if (Array.isArray(parts)) return instanceOf(merged(schema, parts, place.root), deeper);
  const choices = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(choices) && choices.length > 0) return instanceOf(choices[0], deeper);
  return ofType(typeOf(schema), schema, deeper);
}

/** A model reads: bounds that stand in the description, as the official Anthropic SDK writes them (`{minimum: 2, maxItems: 3}`), are followed too. */
function withTold(schema: JsonObject): JsonObject {
  const { description } = schema;
  const line = typeof description === 'string' ? description.slice(description.lastIndexOf('\n') + 1) : '';
  if (!/^\{\w+: .*\}$/.test(line)) return schema;
  const told: JsonObject = Object.fromEntries([...line.matchAll(/(\w+): (-?\d+(?:\.\d+)?)(?=[,}])/g)].map(([, key, value]) => [key, Number(value)]));
  return { ...told, ...schema };
}

function typeOf(schema: JsonObject): string {
  const type = schema['type'];
  // Google's own schemas shout: `OBJECT`.
  if (typeof type === 'string') return type.toLowerCase();
  if (Array.isArray(type) && typeof type[0] === 'string') return type[0];
  if ('properties' in schema) return 'object';
  return 'items' in schema ? 'array' : 'string';
}

function ofType(type: string, schema: JsonObject, place: Place): unknown {
  switch (type) {
    case 'object':
      return objectOf(schema, place);
    case 'array':
      return Array.from({ length: numberAt(schema, 'minItems') ?? 0 }, () => instanceOf(schema['items'], place));
    case 'number':
    case 'integer':
      return numberOf(schema);
    case 'boolean':
      return false;
    case 'null':
      return null;
    default:
      return stringOf(schema, place.name);
  }
}

function objectOf(schema: JsonObject, place: Place): unknown {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? schema['required'].filter((name) => typeof name === 'string') : [];
  // Entries, not assignments: a property may be called `__proto__`.
  return Object.fromEntries(required.map((name) => [name, instanceOf(Object.hasOwn(properties, name) ? properties[name] : {}, { ...place, name })]));
}

function numberOf(schema: JsonObject): number {
  const step = numberAt(schema, 'multipleOf');
  const above = numberAt(schema, 'exclusiveMinimum');
  const least = numberAt(schema, 'minimum') ?? (above === undefined ? undefined : above + 1);
  const most = numberAt(schema, 'maximum');
  const value = least ?? Math.min(0, most ?? 0);
  return step === undefined ? value : Math.ceil(value / step) * step;
}

const formats: { readonly [format: string]: string } = {
  'date-time': '2026-01-01T00:00:00Z',
  date: '2026-01-01',
  time: '00:00:00Z',
  email: 'name@example.com',
  uri: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  hostname: 'example.com',
};

function stringOf(schema: JsonObject, name: string): string {
  const format = schema['format'];
  if (typeof format === 'string' && Object.hasOwn(formats, format)) return formats[format] ?? name;
  return name.padEnd(numberAt(schema, 'minLength') ?? 0, '.').slice(0, numberAt(schema, 'maxLength'));
}

function numberAt(schema: JsonObject, key: string): number | undefined {
  const value = schema[key];
  return typeof value === 'number' ? value : undefined;
}

function merged(schema: JsonObject, parts: readonly unknown[], root: unknown): JsonObject {
  const { allOf: _, ...own } = schema;
  return parts.reduce<JsonObject>((sum, part) => {
    const from = isObject(part) && typeof part['$ref'] === 'string' ? resolve(part['$ref'], root) : part;
    if (!isObject(from)) return sum;
    return {
      ...sum,
      ...from,
      properties: { ...objectAt(sum, 'properties'), ...objectAt(from, 'properties') },
      required: [...listAt(sum, 'required'), ...listAt(from, 'required')],
    };
  }, own);
}

function objectAt(schema: JsonObject, key: string): JsonObject {
  const value = schema[key];
  return isObject(value) ? value : {};
}

function listAt(schema: JsonObject, key: string): readonly unknown[] {
  const value = schema[key];
  return Array.isArray(value) ? value : [];
}

/** A reference inside the same document; anything else resolves to nothing. */
function resolve(reference: string, root: unknown): unknown {
  if (!reference.startsWith('#')) return undefined;
  let at: unknown = root;
  for (const step of reference.slice(1).split('/').slice(1)) {
    const key = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(at)) at = at[Number(key)];
    else at = isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  }
  return at;
}
