import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toStandardJsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';
import * as z from 'zod';
import { AnthropicError } from './errors-anthropic.ts';
import { anthropicErrors } from './family-anthropic.ts';
import { isStandardSchema, jsonSchemaOf, type StandardSchemaV1, validated } from './standard-schema.ts';

/** A schema that is a function, as some libraries' are. */
const callable: StandardSchemaV1<unknown, string> = Object.assign(() => undefined, {
  '~standard': {
    version: 1 as const,
    vendor: 'callable',
    validate: (value: unknown) => (typeof value === 'string' ? { value } : { issues: [{ message: 'no text' }, { message: 'odd', path: ['a', { key: 0 }] }] }),
    jsonSchema: { input: ({ target }: { target: string }) => ({ type: 'string', $schema: target }), output: () => ({}) },
  },
});

test('a schema is known by its mark, whatever it is else', () => {
  for (const schema of [z.string(), v.string(), callable]) assert.ok(isStandardSchema(schema));
  for (const other of [undefined, null, 'x', {}, { '~standard': {} }, () => undefined]) assert.ok(!isStandardSchema(other));
});

test('it tells its JSON Schema', () => {
  const zod = z.object({ n: z.number() });
  const valibot = toStandardJsonSchema(v.object({ n: v.number() }));
  for (const schema of [zod, valibot]) {
    const made = jsonSchemaOf(schema, anthropicErrors);
    assert.deepEqual([made['type'], made['properties'], made['required']], ['object', { n: { type: 'number' } }, ['n']]);
  }
  assert.deepEqual(jsonSchemaOf(callable, anthropicErrors), { type: 'string', $schema: 'draft-2020-12' });
});

test('one that cannot is told how to', () => {
  assert.throws(() => jsonSchemaOf(v.string(), anthropicErrors), /toStandardJsonSchema\(\) of @valibot\/to-json-schema/);
  const other: StandardSchemaV1 = { '~standard': { version: 1, vendor: 'other', validate: (value) => ({ value }) } };
  assert.throws(
    () => jsonSchemaOf(other, anthropicErrors),
    (thrown) => thrown instanceof AnthropicError && /other schema .* option jsonSchema/.test(thrown.message),
  );
});

test('a value is what the schema makes of it', () => {
  assert.equal(
    validated(
      z.string().transform((text) => text.length),
      'abc',
      anthropicErrors,
    ),
    3,
  );
  assert.equal(validated(callable, 'abc', anthropicErrors), 'abc');
});

test('every issue is named, with its place', () => {
  assert.throws(() => validated(callable, 1, anthropicErrors), { message: 'Schema validation failed with 2 issue(s):\n  - no text\n  - a.0: odd' });
});

test('a check that takes time is an error', () => {
  const slow: StandardSchemaV1 = { '~standard': { version: 1, vendor: 'slow', validate: () => Promise.reject(new Error('late')) } };
  assert.throws(() => validated(slow, 1, anthropicErrors), /slow schema checks asynchronously/);
});
