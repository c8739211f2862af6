import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createSchemaCheck } from './schema-check.ts';

type Row = readonly [name: string, schema: unknown, valid: readonly unknown[], invalid: readonly unknown[]];

const tree = {
  $ref: '#/$defs/node',
  $defs: { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' }, v: { type: 'integer' } }, required: ['v'] } },
};

const rows: readonly Row[] = [
  ['true allows anything', true, [1, null, {}], []],
  ['false allows nothing', false, [], [1, null]],
  ['type', { type: 'integer' }, [1, 1.0, -3], [1.5, '1', null, true]],
  ['several types', { type: ['string', 'null'] }, ['a', null], [1, {}]],
  ['object is no array and no null', { type: 'object' }, [{}], [[], null]],
  ['OpenAPI’s nullable', { type: 'string', nullable: true }, ['a', null], [1]],
  ['enum', { enum: ['a', 1, null, { b: [1] }] }, ['a', 1, null, { b: [1] }], ['b', 2, { b: [2] }]],
  ['const, whatever the order of keys', { const: { a: 1, b: 2 } }, [{ b: 2, a: 1 }], [{ a: 1 }, 1]],
  ['bounds', { minimum: 1, maximum: 3 }, [1, 3, 'x'], [0, 4]],
  ['exclusive bounds', { exclusiveMinimum: 1, exclusiveMaximum: 3 }, [2, 1.01], [1, 3]],
  ['multiples, decimal ones too', { multipleOf: 0.1 }, [0.3, 1.7, 0, -0.2], [0.35]],
  ['lengths count characters', { minLength: 2, maxLength: 3 }, ['ab', '😀😀', 5], ['a', 'abcd', '😀']],
  ['items', { items: { type: 'number' }, minItems: 1, maxItems: 2 }, [[1], [1, 2]], [[], [1, 2, 3], ['a']]],
  ['tuples', { prefixItems: [{ type: 'string' }], items: false }, [['a'], []], [[1], ['a', 1]]],
  ['older tuples', { items: [{ type: 'string' }] }, [['a', 1]], [[1]]],
  [
    'unique items',
    { uniqueItems: true },
    [[1, '1', { a: 1 }]],
    [
      [1, 1],
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
    ],
  ],
  ['contains', { contains: { const: 1 }, maxContains: 2 }, [[1], [1, 2, 1]], [[], [2], [1, 1, 1]]],
  ['properties and required', { properties: { a: { type: 'string' } }, required: ['a'] }, [{ a: 'x', b: 1 }, []], [{}, { a: 1 }]],
  ['no additional properties', { properties: { a: {} }, additionalProperties: false }, [{ a: 1 }, {}], [{ b: 1 }]],
  ['additional properties of a kind', { additionalProperties: { type: 'number' } }, [{ a: 1 }], [{ a: 'x' }]],
  ['names of properties', { propertyNames: { maxLength: 2 } }, [{ ab: 1 }], [{ abc: 1 }]],
  ['how many properties', { minProperties: 1, maxProperties: 2 }, [{ a: 1 }], [{}, { a: 1, b: 2, c: 3 }]],
  ['dependent properties', { dependentRequired: { a: ['b'] } }, [{ b: 1 }, { a: 1, b: 1 }], [{ a: 1 }]],
  ['dependent schemas', { dependentSchemas: { a: { required: ['b'] } } }, [{ a: 1, b: 1 }, {}], [{ a: 1 }]],
  ['anyOf', { anyOf: [{ type: 'string' }, { minimum: 5 }] }, ['a', 6], [1]],
  ['oneOf', { oneOf: [{ multipleOf: 2 }, { multipleOf: 3 }] }, [2, 3], [6, 1]],
  ['allOf', { allOf: [{ minimum: 1 }, { maximum: 2 }] }, [1, 2], [0, 3]],
  ['not', { not: { type: 'null' } }, [1], [null]],
  [
    'if, then, else',
    JSON.parse('{"if":{"properties":{"k":{"const":1}},"required":["k"]},"then":{"required":["a"]},"else":{"required":["b"]}}'),
    [{ k: 1, a: 1 }, { b: 1 }],
    [{ k: 1 }, {}],
  ],
  ['recursion', tree, [{ v: 1, next: { v: 2, next: { v: 3 } } }], [{ v: 1, next: { v: 2, next: {} } }]],
  ['a reference to the root', { properties: { c: { $ref: '#' } }, additionalProperties: false }, [{ c: { c: {} } }], [{ c: { d: 1 } }]],
  ['pointers with escapes', { $defs: { 'a/b~c%': { type: 'number' } }, $ref: '#/$defs/a~1b~0c%25' }, [1], ['a']],
  ['older definitions', { $ref: '#/definitions/a', definitions: { a: { type: 'null' } } }, [null], [1]],
  [
    'names of the prototype',
    { properties: { constructor: { type: 'string' }, toString: { type: 'string' } }, required: ['__proto__'] },
    [JSON.parse('{"__proto__":1}')],
    [{}],
  ],
  ['date', { format: 'date' }, ['2024-02-29', 5], ['2023-02-29', '2024-2-1', '2024-13-01']],
  [
    'date-time',
    { format: 'date-time' },
    ['2024-02-29T23:59:60Z', '2024-01-01T00:00:00.5+01:00'],
    ['2024-01-01', '2024-01-01T25:00:00Z', '2024-01-01T00:00:00'],
  ],
  ['duration', { format: 'duration' }, ['P1Y2M', 'PT0.5S', 'P3W'], ['P', '1D', 'PT']],
  ['uuid', { format: 'uuid' }, ['123e4567-e89b-12d3-a456-426614174000'], ['123e4567']],
  ['email', { format: 'email' }, ['a@b.c'], ['a', 'a@', 'a b@c']],
  [
    'addresses',
    { format: 'ipv6' },
    ['::1', '2001:db8::8a2e:370:7334', '::ffff:1.2.3.4', '1:2:3:4:5:6:7:8'],
    [':::', '1:2', '12345::', '1::2::3', '::1.2.3.256'],
  ],
  ['ipv4', { format: 'ipv4' }, ['1.2.3.4'], ['1.2.3', '01.2.3.4', '256.1.1.1']],
  ['hostname', { format: 'hostname' }, ['a-b.c'], ['-a', 'a..b', 'a_b']],
  ['uri', { format: 'uri' }, ['https://a/b?c#d', 'urn:x:y'], ['a/b', 'http://a b']],
];

for (const [name, schema, valid, invalid] of rows) {
  test(name, () => {
    const { fault, unchecked } = createSchemaCheck(JSON.stringify(schema));
    assert.deepEqual(unchecked, []);
    for (const value of valid) assert.equal(fault(value), undefined, JSON.stringify(value));
    for (const value of invalid) assert.notEqual(fault(value), undefined, JSON.stringify(value));
  });
}

test('a fault says where and what, and nothing of the value', () => {
  const schema = {
    type: 'object',
    properties: { items: { type: 'array', items: { properties: { price: { type: ['number', 'null'] } } } }, 'odd name': { enum: [1] } },
  };
  const { fault } = createSchemaCheck(JSON.stringify(schema));
  assert.equal(fault({ items: [{}, { price: 'secret' }] }), '$.items[1].price must be a number or null');
  assert.equal(fault({ 'odd name': 'secret' }), '$["odd name"] must be one of the values of its enum');
});

describe('what is not checked is named', () => {
  const uncheckedOf = (schema: unknown) => createSchemaCheck(JSON.stringify(schema)).unchecked;
  test('keywords, wherever they stand', () => {
    assert.deepEqual(uncheckedOf({ properties: { a: { pattern: '(a+)+$' } }, $defs: { x: { unevaluatedProperties: false } } }), [
      'pattern',
      'unevaluatedProperties',
    ]);
    assert.deepEqual(uncheckedOf({ anyOf: [{ patternProperties: { '^x': {} } }] }), ['patternProperties']);
    assert.deepEqual(uncheckedOf({ contentEncoding: 'base64', myKeyword: 1, 'x-order': 3 }), ['contentEncoding', 'myKeyword']);
  });

  test('arguments that are not understood', () => {
    assert.deepEqual(uncheckedOf({ $ref: 'https://example.com/schema' }), ['$ref']);
    assert.deepEqual(uncheckedOf({ $ref: '#/$defs/nowhere' }), ['$ref']);
    assert.deepEqual(uncheckedOf({ format: 'iso-country' }), ['format']);
    assert.deepEqual(uncheckedOf({ type: 'date' }), ['type']);
    assert.deepEqual(uncheckedOf({ minimum: 1, exclusiveMinimum: true }), ['exclusiveMinimum']);
    assert.deepEqual(uncheckedOf(5), ['what is no schema']);
  });

  test('a property may be called like a keyword', () => {
    assert.deepEqual(uncheckedOf({ properties: { pattern: { type: 'string' } }, required: ['pattern'], default: { pattern: 1 } }), []);
  });
});

test('schemas without end, or with too much work, come to an end', () => {
  const endless = createSchemaCheck('{"$ref":"#"}');
  assert.equal(endless.fault(1), 'the schema takes too long to check');
  const wide = { anyOf: Array.from({ length: 10 }, () => ({ $ref: '#', not: {} })) };
  assert.equal(createSchemaCheck(JSON.stringify(wide)).fault(1), 'the schema takes too long to check');
});
