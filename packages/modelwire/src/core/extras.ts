import type { DialectName, Extra } from './ir.ts';
import { countUnnamed, type Cursor, fieldOf, objectAt, rawOf } from './json-cursor.ts';
import type { Shape } from './verdicts.ts';

const none: readonly string[] = [];

/**
 * The fields of an object that the IR has no name for, and the nulls among those it has, as source text with what their loss costs;
 * undefined when there are none. `unread` are fields with a name whose value was not understood: they stay as they came.
 */
export function extrasIn(cursor: Cursor, shape: Shape, dialect: DialectName, unread: readonly string[] = none): Extra[] | undefined {
  const object = objectAt(cursor);
  const { known, fields } = shape;
  const isKept = (key: string): boolean => !known.has(key) || unread.includes(key) || (object[key] === null && fields.get(key)?.nullable !== true);
  const keys = Object.keys(object);
  if (!keys.some(isKept)) return undefined;
  countUnnamed(cursor, (key) => fields.has(key));
  return keys.filter(isKept).map((key) => {
    const field = fieldOf(cursor, key);
    return { dialect, path: field.path, key, raw: rawOf(field), ...lossOf(shape, key, object[key]) };
  });
}

/** What the loss of a field with this value costs a target of another dialect. A field that the table does not have is a hint. */
export function lossOf(shape: Shape, key: string, value: unknown): Pick<Extra, 'loss' | 'reason' | 'common'> {
  if (value === null) return { loss: 'nothing' };
  const field = shape.fields.get(key);
  switch (field?.becomes) {
    case 'extra':
      if (field.harmless?.(value) === true) return { loss: 'nothing' };
      return {
        loss: field.loss,
        ...(field.reason === undefined ? {} : { reason: field.reason }),
        ...(field.common === undefined || field.common.fits?.(value) === false ? {} : { common: field.common.name }),
      };
    case 'ir':
      return { loss: field.kept?.(value) === true ? 'nothing' : 'hint' };
    default:
      return { loss: 'hint' };
  }
}
