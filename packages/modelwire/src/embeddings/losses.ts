import type { Context } from '../core/dialect.ts';
import { childPath } from '../core/json-cursor.ts';
import { isObject } from '../core/json-text.ts';
import type { Shape, Value } from '../core/verdicts.ts';

/** Notes what an answer says that no caller can be shown: what its table has no name for, each kind of thing once. */
export function loseRest(value: unknown, shape: Shape, { ledger }: Context): void {
  const said = new Set<string>();
  const walk = (inner: unknown, declared: Value, path: string): void => {
    // The numbers of a vector hold no more than they say.
    if (declared.kind === 'list' && declared.of.kind === 'object' && Array.isArray(inner)) for (const item of inner) walk(item, declared.of, path);
    if (declared.kind === 'object' && isObject(inner)) walkObject(inner, declared, path);
  };
  const walkObject = (object: Readonly<Record<string, unknown>>, { fields }: Shape, path: string): void => {
    for (const [key, inner] of Object.entries(object)) {
      const field = fields.get(key);
      const at = childPath(path, key);
      if (inner === null || (field?.becomes === 'extra' && (field.loss === 'nothing' || field.harmless?.(inner) === true))) continue;
      if (field?.becomes === 'ir') walk(inner, field.value, at);
      else if (field?.becomes !== 'implied' && !said.has(at)) {
        said.add(at);
        ledger.lost(at, field?.reason ?? 'no other format has a place for it');
      }
    }
  };
  walk(value, shape, '');
}

/** An answer that names no model does not say that another answered than was asked. */
export function loseModel(model: string | undefined, { ledger, target }: Context): void {
  if (model !== undefined && model !== target.model) ledger.lost('model', 'an answer names no model in this format');
}
