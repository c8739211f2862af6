import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { transformJSONSchema } from '@anthropic-ai/sdk/lib/transform-json-schema';
import fc from 'fast-check';
import { heldSchema } from './anthropic-schema.ts';
import { AnthropicError } from './errors-anthropic.ts';

const some = <T>(fields: T) => fc.record(fields as { [name: string]: fc.Arbitrary<unknown> }, { requiredKeys: [] });

const annotations = some({
  title: fc.constant('T'),
  description: fc.constant('Said'),
  default: fc.jsonValue(),
  examples: fc.constant([1]),
  deprecated: fc.boolean(),
});
const formats = fc.constantFrom('date-time', 'email', 'uuid', 'uri', 'regex', 'byte', 'int64', 'ipv6', 'date', 'json-pointer');

const schemas = fc.letrec<{ schema: object }>((tie) => {
  const schema = tie('schema');
  const shapes = [
    some({ format: formats, minLength: fc.nat(3), maxLength: fc.nat(9), pattern: fc.constant('^a') }).map((more) => ({ type: 'string', ...more })),
    some({ minimum: fc.nat(), exclusiveMaximum: fc.nat(), multipleOf: fc.constant(2), format: formats }).map((more) => ({ type: 'number', ...more })),
    fc.constantFrom({ type: 'boolean' }, { type: 'null' }, { type: 'integer', minimum: 1 }),
    fc.constantFrom({ enum: ['a', 'b'] }, { type: 'string', enum: ['a'] }, { const: 1 }, { type: 'string', const: 'x' }),
    fc.record({ items: schema, minItems: fc.nat(3), uniqueItems: fc.boolean() }, { requiredKeys: ['items'] }).map((more) => ({ type: 'array', ...more })),
    fc
      .record(
        {
          properties: fc.dictionary(fc.constantFrom('a', 'b', 'c'), schema),
          additionalProperties: fc.oneof(fc.boolean(), schema),
          required: fc.constant(['a']),
          minProperties: fc.nat(3),
          propertyNames: schema,
        },
        { requiredKeys: [] },
      )
      .map((more) => ({ type: 'object', ...more })),
    fc.constantFrom('anyOf', 'oneOf', 'allOf').chain((key) => fc.array(schema, { minLength: 1, maxLength: 3 }).map((members) => ({ [key]: members }))),
  ];
  return { schema: fc.tuple(fc.oneof({ maxDepth: 4 }, ...shapes), annotations).map(([shape, more]) => ({ ...shape, ...more })) };
}).schema;

describe('a schema as Anthropic holds answers to it', () => {
  test('is what the official package makes of it', () => {
    fc.assert(
      fc.property(schemas, (schema) => {
        const theirs = transformJSONSchema(JSON.parse(JSON.stringify(schema)));
        assert.deepEqual(JSON.parse(JSON.stringify(heldSchema(schema as Record<string, unknown>))), JSON.parse(JSON.stringify(theirs)));
      }),
      { numRuns: 300 },
    );
  });

  test('keeps its definitions and references', () => {
    const schema = { $ref: '#/$defs/A', $defs: { A: { type: 'object', properties: { next: { $ref: '#/$defs/A' }, s: { type: 'string', minLength: 1 } } } } };
    const theirs: unknown = transformJSONSchema(structuredClone(schema));
    assert.deepEqual(heldSchema(schema), theirs);
  });

  test('leaves what it was made of as it was', () => {
    const schema = { type: 'object', properties: { a: { type: 'string', minLength: 1 } } };
    const before = structuredClone(schema);
    heldSchema(schema);
    assert.deepEqual(schema, before);
  });

  test('takes an object without its type, and older definitions, which the official one does not', () => {
    assert.deepEqual(heldSchema({ properties: { a: { $ref: '#/definitions/Z' } }, definitions: { Z: { type: 'string' } } }), {
      definitions: { Z: { type: 'string' } },
      type: 'object',
      properties: { a: { $ref: '#/definitions/Z' } },
      additionalProperties: false,
    });
  });

  test('what allows anything is refused, and where it stands is told', () => {
    assert.throws(
      () => heldSchema({ type: 'object', properties: { a: { type: 'array', items: {} } } }),
      (thrown) => thrown instanceof AnthropicError && /anything at \/a\/items/.test(thrown.message),
    );
  });
});
