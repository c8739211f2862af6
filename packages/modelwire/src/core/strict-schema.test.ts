import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unstrict } from './strict-schema.ts';

const closed = (properties: object, more: object = {}): object => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more,
});

test('what an answer can be held to', () => {
  const node = closed({ next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] } });
  for (const schema of [
    closed({ a: { type: ['string', 'null'], pattern: 'x', format: 'date' }, b: { type: 'integer', minimum: 1, exclusiveMaximum: 3, multipleOf: 2 } }),
    closed({ a: { type: 'array', items: closed({ x: { enum: [1, 2] } }), minItems: 1, maxItems: 2 } }),
    closed({ a: { const: 'x' } }, { $defs: { node }, description: 'd' }),
    closed({ a: { $ref: '#/$defs/node' } }, { $defs: { node } }),
    closed({ allOf: { type: 'string' } }),
  ])
    assert.equal(unstrict(JSON.stringify(schema)), undefined, JSON.stringify(schema));
});

test('what it cannot, and why', () => {
  for (const [schema, why] of [
    [{ type: 'array', items: { type: 'string' } }, /only an object/],
    [{ anyOf: [{ type: 'object' }], type: 'object' }, /only an object/],
    [{ type: 'object', properties: { a: { type: 'string' } }, required: ['a'] }, /additionalProperties/],
    [{ type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false }, /all required/],
    [closed({ a: { type: 'object', properties: {} } }), /additionalProperties/],
    [closed({ a: { oneOf: [{ type: 'string' }] } }), /"oneOf"/],
    [closed({ a: { type: 'object', additionalProperties: { type: 'number' } } }), /additionalProperties/],
    [closed({ a: {} }), /without a type/],
    [closed({ a: true }), /anything or nothing/],
    [closed({ a: { $ref: 'other.json' } }), /another document/],
    [closed({ a: { type: 'array', items: { type: 'string' }, uniqueItems: true } }), /"uniqueItems"/],
    [closed({}, { propertyNames: { maxLength: 3 } }), /"propertyNames"/],
  ] as const)
    assert.match(unstrict(JSON.stringify(schema)) ?? '', why, JSON.stringify(schema));
});
