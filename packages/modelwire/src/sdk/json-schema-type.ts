/** A JSON Schema, as far as `FromSchema` reads it. */
export type JSONSchema = { readonly type?: string | readonly string[]; readonly [keyword: string]: unknown };

/** The type of the values that a JSON Schema (given `as const`, or in place) allows; `unknown` where it says more than is read here. */
export type FromSchema<Schema> = Schema extends { readonly const: infer Only }
  ? Only
  : Schema extends { readonly enum: readonly (infer One)[] }
    ? One
    : Schema extends { readonly anyOf: readonly (infer One)[] } | { readonly oneOf: readonly (infer One)[] }
      ? FromSchema<One>
      : Schema extends { readonly type: infer Type }
        ? OfType<Type extends readonly (infer One)[] ? One : Type, Schema>
        : unknown;

type OfType<Type, Schema> = Type extends 'string'
  ? string
  : Type extends 'number' | 'integer'
    ? number
    : Type extends 'boolean'
      ? boolean
      : Type extends 'null'
        ? null
        : Type extends 'array'
          ? (Schema extends { readonly items: infer Items } ? FromSchema<Items> : unknown)[]
          : Type extends 'object'
            ? OfObject<Schema>
            : unknown;

type OfObject<Schema> = Schema extends { readonly properties: infer Properties }
  ? Flat<
      { [Name in keyof Properties & RequiredOf<Schema>]: FromSchema<Properties[Name]> } & {
        [Name in Exclude<keyof Properties, RequiredOf<Schema>>]?: FromSchema<Properties[Name]>;
      } & (Schema extends { readonly additionalProperties: false } ? unknown : { [name: string]: unknown })
    >
  : { [name: string]: unknown };

type RequiredOf<Schema> = Schema extends { readonly required: readonly (infer Name)[] } ? Name : never;
type Flat<T> = T extends unknown ? { -readonly [Name in keyof T]: T[Name] } : never;
