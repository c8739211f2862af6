import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cursorAt } from '../../core/json-cursor.ts';
import { parseJsonText } from '../../core/json-text.ts';
import { fitSchema, toJsonSchema } from './schema.ts';

const json = (schema: object): unknown => JSON.parse(toJsonSchema(cursorAt(parseJsonText(JSON.stringify(schema)))));
const fitted = (schema: object) => {
  const { raw, notes } = fitSchema(JSON.stringify(schema));
  return { schema: JSON.parse(raw) as unknown, changed: [...notes.changed], ignored: [...notes.ignored], recursive: notes.recursive };
};

test('Google’s Schema becomes JSON Schema', () => {
  assert.deepEqual(json({ type: 'OBJECT', properties: { type: { type: 'STRING', nullable: true } }, propertyOrdering: ['type'], required: ['type'] }), {
    type: 'object',
    properties: { type: { type: ['string', 'null'] } },
    required: ['type'],
  });
  assert.deepEqual(json({ type: 'ARRAY', items: { type: 'INTEGER', format: 'int64' }, min_items: '2', maxItems: '3' }), {
    type: 'array',
    items: { type: 'integer', format: 'int64' },
    minItems: 2,
    maxItems: 3,
  });
  assert.deepEqual(json({ type: 'STRING', format: 'enum', enum: ['a'], nullable: true }), { type: ['string', 'null'], enum: ['a', null] });
  assert.deepEqual(json({ anyOf: [{ type: 'STRING' }, { type: 'NUMBER' }], nullable: true }), {
    anyOf: [{ anyOf: [{ type: 'string' }, { type: 'number' }] }, { type: 'null' }],
  });
});

test('a JSON Schema stays the text that it was, also where a property is called like a keyword', () => {
  const text = '{ "type": "object", "properties": {"nullable": {"type": "boolean"}, "type": {"const": "STRING"}}, "maximum": 1.0 }';
  assert.equal(toJsonSchema(cursorAt(parseJsonText(text))), text);
  // The router of Gemini CLI writes upper-case types in what it calls a JSON Schema.
  assert.deepEqual(json({ type: 'OBJECT', properties: { n: { type: 'INTEGER', minimum: 1 } } }), {
    type: 'object',
    properties: { n: { type: 'integer', minimum: 1 } },
  });
});

test('what Google takes otherwise is said otherwise, where that is exact', () => {
  assert.deepEqual(fitted({ const: 'a' }), { schema: { enum: ['a'] }, changed: ['const'], ignored: [], recursive: undefined });
  assert.deepEqual(fitted({ type: 'integer', exclusiveMinimum: 0, exclusiveMaximum: 10 }).schema, { type: 'integer', minimum: 1, maximum: 9 });
  const number = fitted({ type: 'number', exclusiveMinimum: 0 });
  assert.deepEqual([number.schema, number.ignored], [{ type: 'number', exclusiveMinimum: 0 }, ['exclusiveMinimum']]);
  assert.deepEqual(fitted({ definitions: { a: { type: 'string' } }, properties: { x: { $ref: '#/definitions/a', description: 'd' } } }).schema, {
    $defs: { a: { type: 'string' } },
    properties: { x: { description: 'd', anyOf: [{ $ref: '#/$defs/a' }] } },
  });
  const same = '{ "type":"object", "additionalProperties": false }';
  assert.equal(fitSchema(same).raw, same);
  assert.deepEqual(fitted({ properties: { a: { type: 'string', pattern: 'x', minLength: 1 } } }).ignored, ['pattern', 'minLength']);
});

test('OpenAPI’s nullable, from whoever sends it', () => {
  assert.deepEqual(fitted({ type: 'object', properties: { a: { type: 'string', nullable: true }, nullable: { type: 'boolean' } } }), {
    schema: { type: 'object', properties: { a: { type: ['string', 'null'] }, nullable: { type: 'boolean' } } },
    changed: ['nullable'],
    ignored: [],
    recursive: undefined,
  });
});

test('a definition that needs itself is named; one that may leave itself out is not', () => {
  const node = (required: readonly string[]) => ({ type: 'object', properties: { next: { $ref: '#/$defs/node' } }, required });
  assert.equal(fitted({ $defs: { node: node(['next']) }, $ref: '#/$defs/node' }).recursive, 'node');
  assert.equal(fitted({ $defs: { node: node([]) }, $ref: '#/$defs/node' }).recursive, undefined);
  const a = { required: ['b'], properties: { b: { $ref: '#/$defs/b' } } };
  assert.equal(fitted({ $defs: { a, b: { required: ['a'], properties: { a: { $ref: '#/$defs/a' } } } } }).recursive, 'a');
  assert.equal(fitted({ $defs: { a, b: { type: 'array', items: { $ref: '#/$defs/a' } } } }).recursive, undefined);
});
