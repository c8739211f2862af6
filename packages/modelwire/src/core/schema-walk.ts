import { isObject, type JsonObject } from './json-text.ts';

/** Where the keywords of a JSON Schema hold other schemas. */
export const schemaLists: readonly string[] = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
export const schemaMaps: readonly string[] = ['properties', '$defs', 'definitions', 'dependentSchemas', 'patternProperties'];
export const schemaSingles: readonly string[] = ['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'contains', 'propertyNames'];

/** The schemas directly within a schema, with the keyword that holds each. What stands in `enum`, `const` or `default` is no schema. */
export function schemasIn(schema: JsonObject): (readonly [keyword: string, schema: unknown])[] {
  return Object.keys(schema).flatMap((key): (readonly [string, unknown])[] => {
    const value = schema[key];
    if (schemaLists.includes(key)) return Array.isArray(value) ? value.map((one: unknown) => [key, one] as const) : [];
    if (schemaMaps.includes(key)) return isObject(value) ? Object.values(value).map((one) => [key, one] as const) : [];
    if (key === 'items' && Array.isArray(value)) return value.map((one: unknown) => [key, one] as const);
    return schemaSingles.includes(key) ? [[key, value] as const] : [];
  });
}

/** Whether a definition, or the root, is reached from within itself. */
export function isRecursive(root: unknown): boolean {
  const state = new Map<unknown, 'open' | 'done'>();
  const visit = (schema: unknown): boolean => {
    if (!isObject(schema) || state.get(schema) === 'done') return false;
    if (state.get(schema) === 'open') return true;
    state.set(schema, 'open');
    const { $ref: ref } = schema;
    const target = typeof ref === 'string' ? referenceIn(root, ref)?.schema : undefined;
    const found = (target !== undefined && visit(target)) || schemasIn(schema).some(([key, below]) => !isDefinition(key) && visit(below));
    state.set(schema, 'done');
    return found;
  };
  const all = (schema: unknown): unknown[] => (isObject(schema) ? [schema, ...schemasIn(schema).flatMap(([, below]) => all(below))] : []);
  return all(root).some(visit);
}

/** Definitions are reached by a reference alone. */
function isDefinition(keyword: string): boolean {
  return keyword === '$defs' || keyword === 'definitions';
}

/** What a JSON pointer within the schema points at; undefined when it points elsewhere. https://www.rfc-editor.org/rfc/rfc6901 */
export function referenceIn(root: unknown, ref: unknown): { readonly schema: unknown } | undefined {
  if (typeof ref !== 'string' || (ref !== '#' && !ref.startsWith('#/'))) return undefined;
  let schema: unknown = root;
  for (const piece of ref === '#' ? [] : ref.slice(2).split('/')) {
    const key = unescapePointer(piece);
    const below: unknown = Array.isArray(schema) ? schema[Number(key)] : isObject(schema) && Object.hasOwn(schema, key) ? schema[key] : undefined;
    if (below === undefined) return undefined;
    schema = below;
  }
  return { schema };
}

function unescapePointer(piece: string): string {
  let plain = piece;
  try {
    plain = decodeURIComponent(piece);
  } catch {
    // A stray percent sign stands for itself.
  }
  return plain.replaceAll('~1', '/').replaceAll('~0', '~');
}
