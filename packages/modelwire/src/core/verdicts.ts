import type { Extra } from './ir.ts';

/**
 * The verdict table: what becomes of every field of a wire format, declared once, where the field is mapped. Decoders ask it which
 * fields the IR has a name for and what the loss of the others costs; `modelwire fidelity` holds it against the official types; the
 * samples of the sentinel test, the generated requests of the laws and docs/translation are made of it.
 *
 * What a field becomes for one target is nowhere declared: that is what the target's back says in the ledger, and the page in docs
 * asks it. A table of fronts × backs beside the code would be a second truth.
 */
export type VerdictTable = {
  readonly official: OfficialTypes;
  readonly request: Shape;
  readonly reply: Shape;
  /** One event of a stream. */
  readonly event: Shape | Union;
};

/** Where the vendor's own types are: `file#Name` below the package's folder, several where a format has stable and beta types. */
export type OfficialTypes = {
  readonly package: string;
  readonly request: readonly string[];
  readonly reply: readonly string[];
  readonly event: readonly string[];
  /** Of a request whose whole the vendor's client cuts in another way than the wire: its pieces, each with the types for it. */
  readonly pieces?: readonly (readonly [type: string, shape: Shape])[];
};

/** What becomes of a field. */
export type Becoming =
  /** The IR has a name for it. `kept`: the values that are kept as they came besides, for targets of the same dialect. */
  | { readonly becomes: 'ir'; readonly name: string; readonly kept?: (value: unknown) => boolean }
  /** A tag, a constant, or what other fields say as well: nothing is lost without it. */
  | { readonly becomes: 'implied' }
  /** An `Extra`: source text that its own dialect writes back and every other accounts for. `harmless`: values that ask for nothing. */
  | {
      readonly becomes: 'extra';
      readonly loss: Extra['loss'];
      readonly reason?: string;
      readonly harmless?: (value: unknown) => boolean;
      readonly common?: CommonField;
    }
  /** Of an answer: nobody can be shown it, which a note says. */
  | { readonly becomes: 'lost'; readonly reason: string };

/** Several formats have the field by this name, with the same values but for those that do not fit. */
export type CommonField = { readonly name: string; readonly fits?: (value: unknown) => boolean };

export type Field = Becoming & {
  readonly value: Value;
  readonly required?: true;
  /** Not of the official types: a vendor's that took the format over, or an older version's. */
  readonly vendor?: true;
  /** Null says something of its own, which the decoder reads: it is not kept as an extra. */
  readonly nullable?: true;
  /** Says how the caller is to be answered: nothing of it is sent. */
  readonly carried?: true;
  /** The top-level fields without which this one means nothing. */
  readonly beside?: readonly string[];
  /** Part of what the caller may count on: a provider that refuses the field is refused the call. */
  readonly contract?: true;
};

/** What a value may be. */
export type Value = Text | Word | Count | Flag | Json | List | Shape | Union | Either | Later;

/** `like` makes a legal text that holds a mark. `id` makes names that `refers` of the same kind repeats, in order. */
export type Text = { readonly kind: 'text'; readonly like?: (mark: string) => string; readonly id?: string; readonly refers?: string };
export type Word = { readonly kind: 'word'; readonly words: readonly string[]; readonly sample?: string };
export type Count = { readonly kind: 'number'; readonly least: number; readonly most: number; readonly whole: boolean };
export type Flag = { readonly kind: 'flag'; readonly sample: boolean };
/** Kept as source text and never looked into. `like` makes a legal value that holds a mark, or a name of that kind that stood before. */
export type Json = { readonly kind: 'json'; readonly like: JsonLike };
export type JsonLike = (mark: string, refer: (id: string) => string) => unknown;
/** `sample`: a sample's items, where their order matters; those of a union by their tags. */
export type List = { readonly kind: 'list'; readonly of: Value; readonly sample?: readonly (string | Value)[] };
export type Either = { readonly kind: 'either'; readonly of: readonly Value[] };
export type Later = { readonly kind: 'later'; readonly of: () => Value };
/** Objects told apart by the value of one key. */
export type Union = { readonly kind: 'union'; readonly by: string; readonly of: ReadonlyMap<string, Shape> };

/** An object. */
export type Shape = {
  readonly kind: 'object';
  readonly fields: ReadonlyMap<string, Field>;
  /** The fields that are read, or say nothing: every other is an extra. */
  readonly known: ReadonlySet<string>;
  /** Only its own dialect understands the object, which is kept whole: what its loss costs elsewhere. */
  readonly opaque?: { readonly loss: 'hint' | 'demand'; readonly reason?: string };
  /** Not of the official types. */
  readonly vendor?: true;
  /** Groups of fields of which a legal object has one. */
  readonly choices?: readonly (readonly string[])[];
};

export type Fields = { readonly [key: string]: Field };

export function object(fields: Fields): Shape {
  const entries = new Map(Object.entries(fields));
  const known = new Set([...entries].filter(([, field]) => isRead(field)).map(([key]) => key));
  return { kind: 'object', fields: entries, known };
}

function isRead(field: Field): boolean {
  return field.becomes === 'implied' || field.becomes === 'lost' || (field.becomes === 'ir' && field.kept === undefined);
}

/** An object that only its own dialect understands. `fields` are for samples alone. */
export function opaque(loss: 'hint' | 'demand', fields: Fields = {}, reason?: string): Shape {
  return { ...object(fields), opaque: { loss, ...(reason === undefined ? {} : { reason }) } };
}

/** Of each group of fields a legal object has one. */
export function choosing(shape: Shape, ...choices: readonly (readonly string[])[]): Shape {
  return { ...shape, choices };
}

export function oneOf(by: string, of: { readonly [tag: string]: Shape }): Union {
  return { kind: 'union', by, of: new Map(Object.entries(of)) };
}

export const text: Text = { kind: 'text' };
export const flag: Flag = { kind: 'flag', sample: true };
export const whole: Count = { kind: 'number', least: 1, most: 1e6, whole: true };
export const json: Json = { kind: 'json', like: (mark) => ({ note: mark }) };

export const textLike = (like: (mark: string) => string): Text => ({ kind: 'text', like });
/** A mark of letters and digits as base64, which has a length of its own. */
export const asBytes = (mark: string): string => mark.padEnd(Math.ceil(mark.length / 4) * 4, 'A');
export const bytes: Text = textLike(asBytes);
export const id = (name: string, like?: (mark: string) => string): Text => ({ kind: 'text', id: name, ...(like === undefined ? {} : { like }) });
export const reference = (name: string): Text => ({ kind: 'text', refers: name });
/** `sample` is the word to show where the first asks for nothing. */
export const word = (words: Iterable<string>, sample?: string): Word => ({ kind: 'word', words: [...words], ...(sample === undefined ? {} : { sample }) });
export const number = (least: number, most: number): Count => ({ kind: 'number', least, most, whole: false });
export const wholeFrom = (least: number, most: number): Count => ({ kind: 'number', least, most, whole: true });
export const jsonLike = (like: JsonLike): Json => ({ kind: 'json', like });
export const list = (of: Value, sample?: List['sample']): List => ({ kind: 'list', of, ...(sample === undefined ? {} : { sample }) });
export const either = (...of: readonly Value[]): Either => ({ kind: 'either', of });
/** For what holds itself. */
export const later = (of: () => Value): Later => ({ kind: 'later', of });

/** The IR's name for it. */
export function to(name: string, value: Value, kept?: (value: unknown) => boolean): Field {
  return { becomes: 'ir', name, value, ...(kept === undefined ? {} : { kept }) };
}

export const implied = (value: Value): Field => ({ becomes: 'implied', value });
/** A field that says what an object is. */
export const tag = (...words: readonly string[]): Field => ({ becomes: 'implied', value: word(words), required: true });

type Harmless = (value: unknown) => boolean;

/** May be dropped with a note. */
export const hint = (reason: string | undefined, value: Value, harmless?: Harmless): Field => extra('hint', reason, value, harmless);
/** Changes the answer's contract: refused where the target cannot take it, unless the call is lenient. */
export const demand = (reason: string, value: Value, harmless?: Harmless): Field => extra('demand', reason, value, harmless);
/** Goes back to its own dialect as it came, and is missed nowhere else. */
export const kept = (value: Value): Field => extra('nothing', undefined, value);
export const lost = (reason: string, value: Value): Field => ({ becomes: 'lost', reason, value });

function extra(loss: Extra['loss'], reason: string | undefined, value: Value, harmless?: Harmless): Field {
  return { becomes: 'extra', loss, value, ...(reason === undefined ? {} : { reason }), ...(harmless === undefined ? {} : { harmless }) };
}

/** A field that other formats have too. `name`: what they all know it by. */
export function common(name: string, field: Field, fits?: (value: unknown) => boolean): Field {
  if (field.becomes !== 'extra') throw new TypeError(`the IR has a name for ${name}`);
  return { ...field, common: { name, ...(fits === undefined ? {} : { fits }) } };
}

export const required = (field: Field): Field => ({ ...field, required: true });
export const nullable = (field: Field): Field => ({ ...field, nullable: true });
export const carried = (field: Field): Field => ({ ...field, carried: true });
export const beside = (field: Field, ...keys: readonly string[]): Field => ({ ...field, beside: keys });
export const contract = (field: Field): Field => ({ ...field, contract: true });
export const vendor = <T extends Field | Shape>(declared: T): T => ({ ...declared, vendor: true });

export const isFalse = (value: unknown): boolean => value === false;

/** The shape for a tag. Throws for a tag that the table does not have, which is a mistake in the code. */
export function shapeOf(union: Union, name: string): Shape {
  const shape = union.of.get(name);
  if (shape === undefined) throw new TypeError(`the verdict table has no ${union.by} "${name}"`);
  return shape;
}
