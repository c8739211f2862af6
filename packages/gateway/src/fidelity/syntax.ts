/** A type as it is written. What no wire format uses (functions, conditional types …) is `unknown`. */
export type TypeNode =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'reference'; readonly path: readonly string[]; readonly args: readonly TypeNode[] }
  | { readonly kind: 'union' | 'intersection'; readonly of: readonly TypeNode[] }
  | { readonly kind: 'array'; readonly of: TypeNode }
  | { readonly kind: 'indexed'; readonly of: TypeNode; readonly key: TypeNode }
  /** `keyof T`: the names of its fields. */
  | { readonly kind: 'keys'; readonly of: TypeNode }
  | ObjectNode;

export type ObjectNode = { readonly kind: 'object'; readonly properties: readonly PropertyNode[] };
export type PropertyNode = { readonly name: string; readonly type: TypeNode };

/** Something that a file or a namespace declares under a name. */
export type Declaration =
  | { readonly kind: 'interface'; readonly parameters: readonly Parameter[]; readonly parents: readonly TypeNode[]; readonly body: ObjectNode }
  | { readonly kind: 'alias'; readonly parameters: readonly Parameter[]; readonly type: TypeNode };
export type Parameter = { readonly name: string; readonly fallback?: TypeNode };

/** A file or a namespace: what it declares, and what its names mean that come from elsewhere. */
export type Scope = {
  readonly declared: Map<string, Declaration[]>;
  readonly spaces: Map<string, Scope>;
  /** `name` of the file `from`; `*` is the whole file. */
  readonly imported: Map<string, { readonly from: string; readonly name: string }>;
  readonly exportedAll: string[];
  readonly parent: Scope | undefined;
};

export function newScope(parent?: Scope): Scope {
  return { declared: new Map(), spaces: new Map(), imported: new Map(), exportedAll: [], parent };
}
