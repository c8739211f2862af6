import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Bound, createTypes, type Types } from './resolve.ts';

type Files = Readonly<Record<string, string>>;

/** A type as plain data: an object's fields, `[…]` for lists, words for the rest; several members as an array of them. */
function shown(types: Types, bound: Bound, depth = 0): unknown {
  if (depth > 6) return '…';
  const members = types.members(bound).map((member): unknown => {
    if (member.kind === 'literal') return `'${member.text}'`;
    if (member.kind === 'plain') return member.name;
    if (member.kind === 'list') return { list: shown(types, member.of, depth + 1) };
    return Object.fromEntries([...member.properties].map(([key, inner]) => [key, shown(types, inner, depth + 1)]));
  });
  return members.length === 1 ? members[0] : members;
}

function typeOf(source: string | Files, name = 'T'): unknown {
  const files: Files = typeof source === 'string' ? { 'a.d.ts': source } : source;
  const types = createTypes((path) => files[path]);
  const bound = types.find('a.d.ts', name);
  return bound === undefined ? undefined : shown(types, bound);
}

const cases: readonly (readonly [name: string, source: string | Files, expected: unknown])[] = [
  ['fields, optional ones too', 'export interface T { a: string; b?: number | null; readonly c: true }', { a: 'string', b: ['number', 'null'], c: 'true' }],
  ['unions of words', `export type T = 'a' | "b" | (string & {});`, ["'a'", "'b'", 'string']],
  [
    'arrays in each spelling',
    'export interface T { a: string[]; b: Array<number>; c: readonly (boolean | null)[] }',
    { a: { list: 'string' }, b: { list: 'number' }, c: { list: ['boolean', 'null'] } },
  ],
  [
    'extends and intersections',
    `interface A { a: string; x: 'old' } interface B extends A { x: 'new' } export type T = B & { c: number };`,
    { a: 'string', x: "'new'", c: 'number' },
  ],
  ['interfaces in pieces', 'export interface T { a: string } export interface T { b: number }', { a: 'string', b: 'number' }],
  [
    'a namespace beside the type of its name',
    `export interface T { a: T.Inner; } export declare namespace T { interface Inner { b: Inner.Deep } namespace Inner { interface Deep { c: 'x' } } }`,
    { a: { b: { c: "'x'" } } },
  ],
  [
    'Omit, Pick, Partial',
    `interface A { a: string; b: number; c: boolean } export type T = Omit<A, 'a'> | Pick<A, 'a' | 'b'> | Partial<A>;`,
    [
      { b: 'number', c: 'boolean' },
      { a: 'string', b: 'number' },
      { a: 'string', b: 'number', c: 'boolean' },
    ],
  ],
  [
    'Exclude and Record',
    `type W = 'a' | 'b'; export interface T { w: Exclude<W, 'a'>; r: Record<W, number>; any: Record<string, unknown> }`,
    { w: "'b'", r: { a: 'number', b: 'number' }, any: {} },
  ],
  [
    'generics with a default',
    `interface Box<V, K = 'k'> { v: V; k: K } export interface T { one: Box<string>; two: Box<number, 'z'> }`,
    { one: { v: 'string', k: "'k'" }, two: { v: 'number', k: "'z'" } },
  ],
  ['a type of a field', `interface A { a: { b: 'x' }[] } export type T = A['a'][number]['b'];`, "'x'"],
  [
    'constants whose values are a type',
    `export declare const C: { readonly A: "a"; readonly B: "b" }; export type C = (typeof C)[keyof typeof C]; export interface T { c: C; k: keyof typeof C }`,
    { c: ["'a'", "'b'"], k: ["'A'", "'B'"] },
  ],
  ['enums', `export declare enum E { A = "a", B = "b" } export interface T { e: E }`, { e: ["'a'", "'b'"] }],
  [
    'classes, without their methods',
    `export declare class T { constructor(x: string); a?: string; get b(): string | undefined; private c; static d: string; m<X>(x: X): void; [k: string]: unknown }`,
    { a: 'string' },
  ],
  [
    'functions and methods are no fields',
    'export interface T { a: string; run(x: { y: string }): void; on?: (x: string) => void }',
    { a: 'string', on: 'unknown' },
  ],
  ['comments and odd names', `/** { */ export interface T { /* x: y; */ 'a-b': string; // c: d;\n type: 'x' }`, { 'a-b': 'string', type: "'x'" }],
  ['a type that is not here', 'export type T = Far.Away | Gone;', ['unknown', 'Gone']],
  [
    'other files: namespaces, names, new names, everything',
    {
      'a.d.ts': `import * as Shared from "./shared.js"; import { type B as C, D } from './sub/b.mjs'; export * from './all'; export interface T { a: Shared.Deep.Word; c: C; d: D; e: import1 } type import1 = F;`,
      'shared.d.ts': `export declare namespace Deep { type Word = 'w' }`,
      'sub/b.d.ts': `export { type Real as B } from '../real'; export interface D { d: number }`,
      'real.d.ts': `export interface Real { r: true }`,
      'all/index.d.ts': `export interface F { f: string }`,
    },
    { a: "'w'", c: { r: 'true' }, d: { d: 'number' }, e: { f: 'string' } },
  ],
];

for (const [name, source, expected] of cases) {
  test(`types of declaration files: ${name}`, () => assert.deepEqual(typeOf(source), expected));
}

test('a type that holds itself ends', () => {
  assert.deepEqual(typeOf('export interface T { inner: T | null; list: T[] }') !== undefined, true);
  assert.equal(typeOf('export type T = T;'), 'unknown');
});

test('a type that no file has', () => {
  assert.equal(typeOf('export interface A {}'), undefined);
  assert.equal(typeOf({}), undefined);
});
