import type { Either, Shape, Union, Value } from 'modelwire/internal/core/verdicts';
import { type Bound, literalsOf, type Member, type ObjectMember, type Types } from './resolve.ts';
import { below, type Tally } from './tally.ts';

type Comparing = { readonly types: Types; readonly tally: Tally };

/** Holds the official type against what is declared for it, with all that both hold. */
export function compare(official: Bound, declared: Value, path: string, comparing: Comparing): void {
  for (const member of comparing.types.members(official)) compareMember(member, declared, path, comparing);
}

function compareMember(member: Member, declared: Value, path: string, comparing: Comparing): void {
  const { tally } = comparing;
  if (declared.kind === 'later') return compareMember(member, declared.of(), path, comparing);
  if (declared.kind === 'json' || isAbsent(member)) return;
  if (declared.kind === 'either') return compareEither(member, declared, path, comparing);
  if (!fits(member, declared)) return tally.say('another form', `${path} (${nameOf(member)})`);
  if (member.kind === 'literal' && declared.kind === 'word' && !declared.words.includes(member.text)) tally.say('no verdict', `${path} "${member.text}"`);
  if (member.kind === 'list' && declared.kind === 'list') compare(member.of, declared.of, `${path}[]`, comparing);
  if (member.kind === 'object' && declared.kind === 'object') compareShape(member, declared, path, comparing);
  if (member.kind === 'object' && declared.kind === 'union') compareUnion(member, declared, path, comparing);
}

function compareEither(member: Member, { of }: Either, path: string, comparing: Comparing): void {
  const fitting = of.filter((choice) => fits(member, choice));
  if (fitting.length === 0) comparing.tally.say('another form', `${path} (${nameOf(member)})`);
  for (const choice of fitting) compareMember(member, choice, path, comparing);
}

function compareUnion(member: ObjectMember, union: Union, path: string, comparing: Comparing): void {
  const { types, tally } = comparing;
  const tag = member.properties.get(union.by);
  const words = tag === undefined ? [] : literalsOf(types.members(tag));
  if (words.length === 0) tally.say('another form', `${path} (an object without ${union.by})`);
  for (const word of words) {
    const place = `${path}[${union.by}=${word}]`;
    const shape = union.of.get(word);
    if (shape === undefined) tally.say('no verdict', place);
    else compareShape(member, shape, place, comparing);
  }
}

function compareShape(member: ObjectMember, shape: Shape, path: string, comparing: Comparing): void {
  const { types, tally } = comparing;
  tally.meetShape(shape);
  if (shape.opaque !== undefined || !tally.isFirst(shape, member.id)) return;
  for (const [key, type] of member.properties) {
    // `key?: never` of a union's members: the field is another member's. What begins with a dollar is the client's own.
    if (key.startsWith('$') || types.members(type).every(isNever)) continue;
    const field = shape.fields.get(key);
    const place = below(path, key);
    if (field === undefined) tally.say('no verdict', place);
    else {
      tally.meetField(shape, key);
      // An extra is kept whole.
      if (field.becomes !== 'extra') compare(type, field.value, place, comparing);
    }
  }
}

function isNever(member: Member): boolean {
  return member.kind === 'plain' && (member.name === 'never' || member.name === 'undefined');
}

function isAbsent(member: Member): boolean {
  return member.kind === 'plain' && (member.name === 'never' || member.name === 'undefined' || member.name === 'null');
}

/** A name that was not resolved, or `unknown`, fits no declared structure: what it hides would pass unseen. */
function fits(member: Member, declared: Value): boolean {
  switch (declared.kind) {
    case 'later':
      return fits(member, declared.of());
    case 'either':
      return declared.of.some((choice) => fits(member, choice));
    case 'json':
      return true;
    case 'list':
      return member.kind === 'list';
    case 'object':
      // What a vendor's model takes besides may be declared where the official type says nothing.
      return member.kind === 'object' || (declared.vendor === true && member.kind === 'plain');
    case 'union':
      return member.kind === 'object';
    case 'text':
    case 'word':
    case 'number':
    case 'flag':
      return member.kind === 'literal' || member.kind === 'plain';
  }
}

function nameOf(member: Member): string {
  if (member.kind === 'literal') return `"${member.text}"`;
  return member.kind === 'plain' ? member.name : member.kind === 'list' ? 'a list' : 'an object';
}
