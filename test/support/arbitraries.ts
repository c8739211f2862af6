import fc from 'fast-check';
import type { Field, Shape, Value } from '../../packages/modelwire/src/core/verdicts.ts';

/** Legal values of what a verdict table declares: every field may be there or not, every list has a few items, every form comes. */
export function arbitraryOf(value: Value, depth = 0): fc.Arbitrary<unknown> {
  switch (value.kind) {
    case 'later':
      return arbitraryOf(value.of(), depth + 1);
    case 'either':
    case 'union':
      return fc.oneof(...formsOf(value).map((form) => arbitraryOf(form, depth)));
    case 'list':
      return depth > deepest ? fc.constant([]) : fc.array(arbitraryOf(value.of, depth + 1), { minLength: 1, maxLength: 3 });
    case 'object':
      return arbitraryObject(value, depth);
    case 'text':
      return arbitraryText(value);
    case 'word':
      return fc.constantFrom(...value.words);
    case 'number':
      return value.whole ? fc.integer({ min: value.least, max: value.most }) : fc.integer({ min: 0, max: 100 }).map((share) => between(value, share));
    case 'flag':
      return fc.boolean();
    case 'json':
      return word.map((mark) => value.like(mark, () => mark));
  }
}

const deepest = 6;
/** Names and ids: what every format takes. */
const word = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9]{0,8}$/);
/** Prose: any characters, but for the blank text that some formats refuse. */
const prose = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).map((text) => `${text}.`);

function arbitraryText({ like, id, refers }: Value & { kind: 'text' }): fc.Arbitrary<string> {
  if (like !== undefined) return word.map(like);
  return id !== undefined || refers !== undefined ? word : prose;
}

function between({ least, most }: { readonly least: number; readonly most: number }, share: number): number {
  return Number((least + ((most - least) * share) / 100).toFixed(3));
}

function formsOf(value: Value): readonly Value[] {
  if (value.kind === 'either') return value.of.flatMap(formsOf);
  if (value.kind === 'union') return [...value.of.values()];
  return value.kind === 'later' ? formsOf(value.of()) : [value];
}

function arbitraryObject(shape: Shape, depth: number): fc.Arbitrary<Record<string, unknown>> {
  const fields = [...shape.fields];
  const values = Object.fromEntries(fields.map(([key, field]) => [key, arbitraryOf(field.value, depth)]));
  const whole = fc.record(values, { requiredKeys: fields.filter(([, field]) => isNeeded(field)).map(([key]) => key) });
  const groups = shape.choices ?? [];
  if (groups.length === 0) return whole;
  return fc.tuple(whole, ...groups.map((group) => fc.constantFrom(...group))).map(([made, ...kept]) => {
    const left = groups.flatMap((group, index) => group.filter((key) => key !== kept[index]));
    return Object.fromEntries(Object.entries(made).filter(([key]) => !left.includes(key)));
  });
}

function isNeeded(field: Field): boolean {
  return field.required === true;
}
