import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitSchema, lacks } from './schema.ts';

/** What each keyword of JSON Schema becomes for Anthropic: its text stays, it is said otherwise, or it is only told. */
type Row = readonly [name: string, schema: object, out: object | 'same', changed: readonly string[], told: readonly string[]];

const closed = { additionalProperties: false };
const rows: readonly Row[] = [
  ['types', { type: ['string', 'null'], title: 't', description: 'd', default: null }, 'same', [], []],
  ['enum and const', { anyOf: [{ enum: ['a', 1, null] }, { const: 'x' }] }, 'same', [], []],
  [
    'enum of objects',
    { type: 'object', properties: {}, ...closed, enum: [{ a: 1 }] },
    { type: 'object', properties: {}, ...closed, description: '{enum: [{"a":1}]}' },
    [],
    ['enum'],
  ],
  ['a closed object', { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], ...closed }, 'same', [], []],
  [
    'an open object',
    { type: 'object', properties: { a: { type: 'string' } } },
    { type: 'object', properties: { a: { type: 'string' } }, ...closed },
    ['additionalProperties'],
    [],
  ],
  [
    'bounds',
    { type: 'integer', minimum: 1, exclusiveMaximum: 9, multipleOf: 2, description: 'even' },
    { type: 'integer', description: 'even\n\n{minimum: 1, exclusiveMaximum: 9, multipleOf: 2}' },
    [],
    ['minimum', 'exclusiveMaximum', 'multipleOf'],
  ],
  [
    'lengths and patterns',
    { type: 'string', minLength: 1, pattern: '^"a' },
    { type: 'string', description: '{minLength: 1, pattern: "^\\"a"}' },
    [],
    ['minLength', 'pattern'],
  ],
  ['a format that is known', { type: 'string', format: 'date-time' }, 'same', [], []],
  ['one that is not', { type: 'string', format: 'int64' }, { type: 'string', description: '{format: "int64"}' }, [], ['format']],
  ['one item at least', { type: 'array', items: { type: 'number' }, minItems: 1 }, 'same', [], []],
  [
    'more',
    { type: 'array', items: { type: 'number' }, minItems: 2, maxItems: 3, uniqueItems: true },
    { type: 'array', items: { type: 'number' }, description: '{minItems: 2, maxItems: 3, uniqueItems: true}' },
    [],
    ['minItems', 'maxItems', 'uniqueItems'],
  ],
  ['oneOf', { oneOf: [{ type: 'string' }, { type: 'number' }] }, { anyOf: [{ type: 'string' }, { type: 'number' }] }, ['oneOf'], []],
  ['allOf', { allOf: [{ type: 'string' }] }, 'same', [], []],
  ['references and definitions', { $ref: '#/$defs/a', $defs: { a: { type: 'string' } } }, 'same', [], []],
  ['older definitions', { $ref: '#/definitions/a', definitions: { a: { type: 'string' } } }, 'same', [], []],
  ['nullable', { type: 'string', nullable: true, enum: ['a'] }, { type: ['string', 'null'], enum: ['a', null] }, ['nullable'], []],
  ['nullable choices', { anyOf: [{ type: 'string' }], nullable: true }, { anyOf: [{ anyOf: [{ type: 'string' }] }, { type: 'null' }] }, ['nullable'], []],
  [
    'names of properties',
    { type: 'object', properties: { a: { type: 'null' } }, propertyNames: { maxLength: 3 }, ...closed },
    { type: 'object', properties: { a: { type: 'null' } }, ...closed, description: '{propertyNames: {"maxLength":3}}' },
    [],
    ['propertyNames'],
  ],
  ['conditions', { type: 'string', not: { const: 'x' } }, { type: 'string', description: '{not: {"const":"x"}}' }, [], ['not']],
  ['the dialect', { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'string' }, { type: 'string' }, ['$schema'], []],
  ['properties called like keywords', { type: 'object', properties: { pattern: { type: 'string' }, minimum: { type: 'number' } }, ...closed }, 'same', [], []],
];

for (const [name, schema, out, changed, told] of rows) {
  test(name, () => {
    const text = ` ${JSON.stringify(schema)}`;
    const fitted = fitSchema(text);
    assert.deepEqual([[...fitted.changed], [...fitted.told]], [changed, told]);
    if (out === 'same') assert.equal(fitted.raw, text);
    else assert.deepEqual(JSON.parse(fitted.raw), out);
    assert.equal(lacks(text), undefined);
  });
}

test('what cannot be said there at all', () => {
  const node = { type: 'object', properties: { next: { $ref: '#/$defs/node' } } };
  for (const [schema, why] of [
    [{ $ref: '#/$defs/node', $defs: { node } }, /recursive/],
    [{ type: 'object', properties: { a: { $ref: '#' } } }, /recursive/],
    [{ $ref: 'https://example.com/a' }, /another document/],
    [{ type: 'object', additionalProperties: { type: 'number' } }, /names of their own/],
    [{ type: 'object' }, /names of their own/],
    [{ type: 'object', properties: { a: { type: 'object', patternProperties: { x: {} } } } }, /names of their own/],
    [{ type: 'object', properties: { a: {} } }, /without a type/],
    [{}, /without a type/],
    [{ type: 'array', items: true }, /anything or nothing/],
  ] as const)
    assert.match(lacks(JSON.stringify(schema)) ?? '', why, JSON.stringify(schema));
  // The same definition twice is no recursion.
  const twice = { type: 'object', properties: { a: { $ref: '#/$defs/x' }, b: { $ref: '#/$defs/x' } }, $defs: { x: { type: 'string' } } };
  assert.equal(lacks(JSON.stringify(twice)), undefined);
});
