import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minimalInstance } from './mock-schema.ts';

test('bounds that are told in the description', () => {
  assert.equal(minimalInstance({ type: 'integer', description: 'How many.\n\n{minimum: 2, exclusiveMaximum: 9}' }), 2);
  assert.deepEqual(minimalInstance({ type: 'array', items: { type: 'null' }, description: '{minItems: 2}' }), [null, null]);
  assert.equal(minimalInstance({ type: 'integer', description: 'minimum: 2' }), 0);
});

test('a minimal instance has what is required and nothing else', () => {
  const schema = {
    type: 'object',
    required: ['id', 'kind', 'tags', 'when', 'size', 'inner', 'either', 'both', 'free'],
    properties: {
      id: { type: 'string', minLength: 4 },
      kind: { const: 'x' },
      tags: { type: 'array', minItems: 2, items: { type: ['null', 'string'] } },
      when: { type: 'string', format: 'date' },
      size: { type: 'number', exclusiveMinimum: 3, multipleOf: 5 },
      inner: { $ref: '#/$defs/inner' },
      either: { anyOf: [{ type: 'boolean' }, { type: 'null' }] },
      both: { allOf: [{ type: 'object', properties: { a: { enum: [7] } }, required: ['a'] }, { $ref: '#/$defs/inner' }] },
      optional: { type: 'string' },
    },
    $defs: { inner: { type: 'object', properties: { n: { type: 'integer', maximum: -2 } }, required: ['n'] } },
  };
  assert.deepEqual(minimalInstance(schema), {
    id: 'id..',
    kind: 'x',
    tags: [null, null],
    when: '2026-01-01',
    size: 5,
    inner: { n: -2 },
    either: false,
    both: { a: 7, n: -2 },
    free: 'free',
  });
});

test('a schema that needs itself ends', () => {
  const schema = { $ref: '#/$defs/node', $defs: { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } }, required: ['next'] } } };
  assert.equal(typeof minimalInstance(schema), 'object');
});

test('a property named __proto__ is a property', () => {
  const made = minimalInstance(JSON.parse('{"type":"object","required":["__proto__"],"properties":{"__proto__":{"const":1}}}'));
  assert.equal(JSON.stringify(made), '{"__proto__":1}');
});
