import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { toGrammarSchema } from './grammar-schema.ts';

const strict = (schema: unknown) => toGrammarSchema(schema, { path: 'schema', strict: true });
const relaxed = (schema: unknown) => toGrammarSchema(schema, { path: 'schema', strict: false });
const refused = (schema: unknown, param: string) =>
  assert.throws(
    () => strict(schema),
    (error: Error) => 'param' in error && error.param === param && 'status' in error && error.status === 400,
  );

suite('toGrammarSchema', () => {
  test('values', () => {
    assert.deepEqual(strict({ type: 'string', minLength: 1, maxLength: 3, title: 'T', default: 'x' }), { type: 'string', minLength: 1, maxLength: 3 });
    assert.deepEqual(strict({ type: 'string', format: 'date-time' }), { type: 'string', format: 'date-time' });
    assert.deepEqual(strict({ enum: ['a', 1, null] }), { enum: ['a', 1, null] });
    assert.deepEqual(strict({ const: false }), { const: false });
    assert.deepEqual(strict({ type: ['string', 'null'] }), { oneOf: [{ type: 'string' }, { type: 'null' }] });
    assert.deepEqual(strict({ type: ['integer', 'number'] }), { type: 'number' });
  });

  test('objects: listed properties only, any object when none is listed, required ones always', () => {
    const person = { type: 'object', properties: { name: { type: 'string' } }, required: ['name', 'extra'] };
    const converted = strict(person);
    assert.ok('properties' in converted && converted.properties !== undefined);
    assert.deepEqual(Object.keys(converted.properties), ['name', 'extra']);
    assert.equal(converted.additionalProperties, false);
    assert.deepEqual(strict({ type: 'object' }), { type: 'object', properties: {}, additionalProperties: true });
    assert.deepEqual(strict({ additionalProperties: { type: 'integer' } }), { type: 'object', properties: {}, additionalProperties: { type: 'integer' } });
  });

  test('arrays', () => {
    assert.deepEqual(strict({ type: 'array', items: { type: 'integer' }, minItems: 1, maxItems: 2 }), {
      type: 'array',
      items: { type: 'integer' },
      minItems: 1,
      maxItems: 2,
    });
    assert.deepEqual(strict({ prefixItems: [{ type: 'string' }], items: false }), { type: 'array', prefixItems: [{ type: 'string' }], maxItems: 1 });
  });

  test('alternatives', () => {
    assert.deepEqual(strict({ anyOf: [{ type: 'string' }, { type: 'null' }] }), { oneOf: [{ type: 'string' }, { type: 'null' }] });
    assert.deepEqual(strict({ allOf: [{ type: 'string' }], description: 'd' }), { type: 'string' });
  });

  test('references, within definitions of either spelling', () => {
    const schema = { type: 'object', properties: { a: { $ref: '#/definitions/Some~1Thing' } }, definitions: { 'Some/Thing': { type: 'string' } } };
    assert.deepEqual(strict(schema), {
      type: 'object',
      properties: { a: { $ref: '#/$defs/Some_126_1Thing' } },
      additionalProperties: false,
      $defs: { Some_126_1Thing: { type: 'string' } },
    });
  });

  test('a tree is kept, an optional self that would never end is left out', () => {
    const node = { type: 'object', properties: { next: { $ref: '#/$defs/node' }, kids: { type: 'array', items: { $ref: '#/$defs/node' } } } };
    const expected = { type: 'object', properties: { kids: { type: 'array', items: { $ref: '#/$defs/node' } } }, additionalProperties: false };
    assert.deepEqual(strict({ $ref: '#/$defs/node', $defs: { node } }), { $ref: '#/$defs/node', $defs: { node: expected } });
  });

  test('what cannot be enforced is refused by name', () => {
    refused({ type: 'string', pattern: '^a' }, 'schema.pattern');
    refused({ type: 'string', format: 'email' }, 'schema.format: email');
    refused({ type: 'object', properties: { n: { type: 'integer', minimum: 1 } } }, 'schema.properties.n.minimum');
    refused({ type: 'array', uniqueItems: true }, 'schema.uniqueItems');
    refused({ not: {} }, 'schema.not');
    refused({ allOf: [{ type: 'object' }, { type: 'object' }] }, 'schema.allOf');
    refused({ anyOf: [{ type: 'string' }], properties: {} }, 'schema.anyOf beside properties');
    refused({ $ref: 'https://elsewhere.test/schema' }, 'schema.$ref: https://elsewhere.test/schema');
    refused({ enum: [{}] }, 'schema.enum[0]');
    refused({ type: 'tuple' }, 'schema.type');
    refused({ type: 'array', items: 3 }, 'schema.items');
  });

  test('or left out, where the caller asked for no more than good will', () => {
    assert.deepEqual(relaxed({ type: 'integer', minimum: 1 }), { type: 'integer' });
    assert.deepEqual(relaxed({ type: 'string', format: 'uri', pattern: 'x' }), { type: 'string' });
    assert.deepEqual(relaxed({ anyOf: [{}], properties: { a: { type: 'null' } } }), {
      type: 'object',
      properties: { a: { type: 'null' } },
      additionalProperties: false,
    });
  });
});
