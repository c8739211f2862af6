import type { RawJson } from './ir.ts';
import { isObject, parseJsonText } from './json-text.ts';

/** Providers refuse a schema of arguments whose top level has no type: `object` is added to the source text, nothing else is touched. */
export function typedSchema(schema: RawJson, changed: () => void): RawJson {
  if (/^\{\s*"type"\s*:/.test(schema)) return schema;
  const { value } = parseJsonText(schema);
  if (!isObject(value) || Object.hasOwn(value, 'type') || Object.hasOwn(value, '$ref')) return schema;
  changed();
  const rest = schema.slice(schema.indexOf('{') + 1);
  return `{"type":"object"${rest.trimStart().startsWith('}') ? '' : ','}${rest}`;
}
