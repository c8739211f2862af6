import { createScopes, type Found, type Scopes } from './scopes.ts';
import type { Declaration, Scope, TypeNode } from './syntax.ts';

/** A type with what its names mean where it stands. */
export type Bound = { readonly type: TypeNode; readonly scope: Scope; readonly given: Given };
/** What the parameters of a generic type stand for. */
type Given = ReadonlyMap<string, Bound>;

/** One member of a type, once its names, unions and generics are resolved. */
export type Member =
  | { readonly kind: 'literal'; readonly text: string }
  /** `string`, `number`, `null`, `unknown` …, and what no wire format uses. */
  | { readonly kind: 'plain'; readonly name: string }
  | { readonly kind: 'list'; readonly of: Bound }
  | ObjectMember;

/** `id` is the same for the same type wherever it is met. */
export type ObjectMember = { readonly kind: 'object'; readonly id: unknown; readonly properties: ReadonlyMap<string, Bound> };

export type Types = {
  /** The type of that name in a file; undefined when there is none. */
  find(file: string, name: string): Bound | undefined;
  members(bound: Bound): readonly Member[];
};

const none: Given = new Map();
const unknownMember: readonly Member[] = [{ kind: 'plain', name: 'unknown' }];
/** Types that hold themselves through names alone end here. */
const deepest = 60;

/** The types of a package. `read` gives a file's text by its path below the package's folder, or undefined. */
export function createTypes(read: (path: string) => string | undefined): Types {
  const scopes = createScopes(read);
  return {
    find(file, name) {
      const scope = scopes.file(file);
      const path = name.split('.');
      const found = scope === undefined ? undefined : scopes.lookUp(scope, path);
      if (scope === undefined || found === undefined || found.declared.length === 0) return undefined;
      return { type: { kind: 'reference', path, args: [] }, scope, given: none };
    },
    members: (bound) => membersOf(bound, { scopes, depth: 0 }),
  };
}

type Walk = { readonly scopes: Scopes; readonly depth: number };

function membersOf({ type, scope, given }: Bound, walk: Walk): readonly Member[] {
  const at = (inner: TypeNode): Bound => ({ type: inner, scope, given });
  const below: Walk = { ...walk, depth: walk.depth + 1 };
  const inside = (inner: TypeNode): readonly Member[] => membersOf(at(inner), below);
  if (walk.depth > deepest) return unknownMember;
  switch (type.kind) {
    case 'unknown':
      return unknownMember;
    case 'literal':
      return [{ kind: 'literal', text: type.text }];
    case 'array':
      return [{ kind: 'list', of: at(type.of) }];
    case 'object':
      return [{ kind: 'object', id: type, properties: new Map(type.properties.map((property) => [property.name, at(property.type)])) }];
    case 'union':
      return type.of.flatMap(inside);
    case 'intersection':
      return intersect(type, type.of.map(inside));
    case 'keys':
      return keysOf(inside(type.of));
    case 'indexed':
      return indexed(inside(type.of), inside(type.key), below);
    case 'reference':
      return referred(type.path, type.args.map(at), { type, scope, given }, below);
  }
}

/** A type whose fields are not known has keys that are not. */
function keysOf(members: readonly Member[]): readonly Member[] {
  return members.flatMap((member) =>
    member.kind === 'object' ? [...member.properties.keys()].map((text): Member => ({ kind: 'literal', text })) : unknownMember,
  );
}

/** `T['key']`, `T[number]`. */
function indexed(objects: readonly Member[], keys: readonly Member[], walk: Walk): readonly Member[] {
  return keys.flatMap((key) =>
    objects.flatMap((object) => {
      if (object.kind === 'list') return membersOf(object.of, walk);
      const property = key.kind === 'literal' && object.kind === 'object' ? object.properties.get(key.text) : undefined;
      return property === undefined ? unknownMember : membersOf(property, walk);
    }),
  );
}

function referred(path: readonly string[], args: readonly Bound[], { scope, given }: Bound, walk: Walk): readonly Member[] {
  const [name = ''] = path;
  const parameter = path.length === 1 ? given.get(name) : undefined;
  if (parameter !== undefined) return membersOf(parameter, walk);
  const found = walk.scopes.lookUp(scope, path);
  if (found !== undefined && found.declared.length > 0) return declared(found, args, walk);
  if (path.length > 1) return unknownMember;
  return builtIn(name, args, walk) ?? [{ kind: 'plain', name }];
}

function declared(found: Found, args: readonly Bound[], walk: Walk): readonly Member[] {
  const [first] = found.declared;
  if (first?.kind === 'alias') return membersOf({ type: first.type, scope: found.scope, given: bind(first, args, found.scope) }, walk);
  // An interface that is declared in several pieces is their sum.
  const pieces = found.declared.flatMap((piece) => (piece.kind === 'interface' ? [inherited(piece, args, found.scope, walk)] : []));
  return intersect(first, pieces);
}

function inherited(piece: Declaration & { kind: 'interface' }, args: readonly Bound[], scope: Scope, walk: Walk): readonly Member[] {
  const given = bind(piece, args, scope);
  const at = (type: TypeNode): readonly Member[] => membersOf({ type, scope, given }, walk);
  // What a class of another package gives is not known here, and no field of the wire.
  const parents = piece.parents.map(at).filter((members) => members.every(({ kind }) => kind === 'object'));
  return intersect(piece, [...parents, at(piece.body)]);
}

function bind({ parameters }: Declaration, args: readonly Bound[], scope: Scope): Given {
  if (parameters.length === 0) return none;
  const unknown: Bound = { type: { kind: 'unknown' }, scope, given: none };
  const meaning = (fallback: TypeNode | undefined): Bound => (fallback === undefined ? unknown : { type: fallback, scope, given: none });
  return new Map(parameters.map(({ name, fallback }, index) => [name, args[index] ?? meaning(fallback)]));
}

/** The generic types of the language that wire formats use. */
function builtIn(name: string, [first, second]: readonly Bound[], walk: Walk): readonly Member[] | undefined {
  if (first === undefined) return undefined;
  const members = (): readonly Member[] => membersOf(first, walk);
  const named = (): ReadonlySet<string> => new Set(second === undefined ? [] : literalsOf(membersOf(second, walk)));
  switch (name) {
    case 'Array':
    case 'ReadonlyArray':
    case 'Iterable':
      return [{ kind: 'list', of: first }];
    case 'Partial':
    case 'Required':
    case 'Readonly':
    case 'NonNullable':
      return members();
    case 'Omit':
    case 'Pick':
      return withKeys(members(), named(), name === 'Pick');
    case 'Exclude':
    case 'Extract':
      return withWords(members(), named(), name === 'Extract');
    case 'Record':
      return [{ kind: 'object', id: first.type, properties: new Map(second === undefined ? [] : literalsOf(members()).map((key) => [key, second])) }];
    default:
      return undefined;
  }
}

export function literalsOf(members: readonly Member[]): readonly string[] {
  return members.flatMap((member) => (member.kind === 'literal' ? [member.text] : []));
}

function withKeys(members: readonly Member[], keys: ReadonlySet<string>, keep: boolean): readonly Member[] {
  return members.map((member): Member => {
    if (member.kind !== 'object') return member;
    const properties = new Map([...member.properties].filter(([key]) => keys.has(key) === keep));
    return { kind: 'object', id: properties, properties };
  });
}

function withWords(members: readonly Member[], words: ReadonlySet<string>, keep: boolean): readonly Member[] {
  return members.filter((member) => (member.kind === 'literal' ? words.has(member.text) === keep : !keep));
}

/** Every way to take one member of each part: objects are joined, a later field wins; `string & {}` is a string. */
function intersect(id: unknown, [first = [], ...rest]: readonly (readonly Member[])[]): readonly Member[] {
  return rest.reduce<readonly Member[]>((joined, part) => joined.flatMap((left) => part.map((right) => both(id, left, right))), first);
}

function both(id: unknown, left: Member, right: Member): Member {
  if (left.kind === 'object' && right.kind === 'object') return { kind: 'object', id, properties: new Map([...left.properties, ...right.properties]) };
  const isUnknown = left.kind === 'plain' && left.name === 'unknown';
  return left.kind === 'object' || isUnknown ? right : left;
}
