import assert from 'node:assert/strict';
import { test } from 'node:test';
import { typedSchema } from './tool-schema.ts';

const typed = (schema: string): string => typedSchema(schema, () => undefined);

test('a schema with a type, or that is elsewhere, stays as it was written', () => {
  for (const schema of ['{"type":"object"}', '{ "properties":{}, "type" : "object" }', '{"$ref":"#/$defs/a"}', 'true', '{"type":["object","null"]}']) {
    assert.equal(
      typedSchema(schema, () => assert.fail('nothing changed')),
      schema,
    );
  }
});

test('a type is added, and nothing else is touched', () => {
  let changes = 0;
  assert.equal(
    typedSchema('{ "properties":{"n":{"maximum":1.0}} }', () => changes++),
    '{"type":"object", "properties":{"n":{"maximum":1.0}} }',
  );
  assert.equal(typed('{}'), '{"type":"object"}');
  assert.equal(typed('{ }'), '{"type":"object" }');
  assert.equal(changes, 1);
});
