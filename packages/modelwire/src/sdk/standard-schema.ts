import { type JsonObject, isObject } from '../core/json-text.ts';
import type { ErrorFamily } from './failure.ts';

/** A schema that checks a value, of whatever library: zod, valibot, arktype. https://standardschema.dev */
export type StandardSchemaV1<Input = unknown, Output = Input> = {
  readonly '~standard': {
    readonly version: 1;
    /** The library's name. */
    readonly vendor: string;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
  };
};

export type StandardResult<Output> = { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly StandardIssue[] };
export type StandardIssue = { readonly message: string; readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined };

/** What a schema makes of a value that it takes. */
export type InferOutput<Schema extends StandardSchemaV1> = NonNullable<Schema['~standard']['types']>['output'];

export function isStandardSchema(value: unknown): value is StandardSchemaV1 {
  // Some libraries' schemas are functions.
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || !('~standard' in value)) return false;
  const standard = value['~standard'];
  return isObject(standard) && typeof standard['validate'] === 'function';
}

/** The JSON Schema of what the model is to write, by the schema itself. https://standardschema.dev/json-schema */
export function jsonSchemaOf(schema: StandardSchemaV1, family: ErrorFamily, target: 'draft-07' | 'draft-2020-12' = 'draft-2020-12'): JsonObject {
  const standard: JsonObject = schema['~standard'];
  const converter = standard['jsonSchema'];
  const input = isObject(converter) ? converter['input'] : undefined;
  if (typeof input !== 'function') throw family.misuse(noJsonSchema(schema['~standard'].vendor));
  const made: unknown = input({ target });
  if (!isObject(made)) throw family.misuse(`The ${schema['~standard'].vendor} schema gave no JSON Schema.`);
  return made;
}

function noJsonSchema(vendor: string): string {
  const remedy =
    vendor === 'valibot'
      ? 'wrap it in toStandardJsonSchema() of @valibot/to-json-schema'
      : 'use a version of its library that does (zod 4.2, arktype 2.2), or give the JSON Schema yourself with the option jsonSchema';
  return `The ${vendor} schema cannot tell its JSON Schema (it has no ~standard.jsonSchema): ${remedy}.`;
}

/** The value as the schema takes it. Throws the face's error with every issue; so do schemas that check asynchronously. */
export function validated<Schema extends StandardSchemaV1>(schema: Schema, value: unknown, family: ErrorFamily): InferOutput<Schema> {
  const { vendor, validate } = schema['~standard'];
  const result = validate(value);
  if (result instanceof Promise) {
    // Its outcome is of no use any more, and must not be an unhandled rejection.
    result.catch(() => undefined);
    throw family.misuse(`The ${vendor} schema checks asynchronously, which is not possible here.`);
  }
  if (result.issues !== undefined) {
    throw family.misuse(`Schema validation failed with ${result.issues.length} issue(s):\n${result.issues.map(issueLine).join('\n')}`);
  }
  return result.value;
}

function issueLine({ path, message }: StandardIssue): string {
  const keys = (path ?? []).map((part) => String(typeof part === 'object' ? part.key : part));
  return keys.length === 0 ? `  - ${message}` : `  - ${keys.join('.')}: ${message}`;
}
