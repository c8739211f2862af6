import { GatewayError } from '../../core/errors.ts';
import type { ItemRules, TopLevelEdit } from '../../core/dialect.ts';
import type { RawJson } from '../../core/ir.ts';
import { printArray } from '../../core/json-print.ts';
import { isObject, parseJsonText } from '../../core/json-text.ts';
import type { TopLevel } from '../../core/top-level.ts';
import { inputItems } from './input-items.ts';
import { scanText } from './edit-text.ts';
import { itemsIn, itemsOf, outputItems, turnOf } from './stored-items.ts';

/**
 * Items that a request names by their id (`item_reference`) instead of saying them, as the AI SDK does of all that the model said before.
 * https://developers.openai.com/api/reference/resources/responses/methods/create
 */
export const itemRules: ItemRules = {
  told,
  given: (top, base) => itemsIn(inputItems(top), base),
  of: itemsOf,
  answered: (answer) => (isWhole(answer) ? outputItems(answer) : undefined),
  turnOf,
  unknown: (id) =>
    new GatewayError('not_found', `Item with id '${id.slice(0, 100)}' not found`, {
      param: 'input',
      hint: 'Items are kept where `store` is not false, for the key and for as long as the gateway is set to; say the item itself, or remove it from `input`',
    }),
};

/** Each is looked for in the store. */
const mostNamed = 10_000;
/** A reference that says what it is, and one that is nothing but an id. */
const needle = '"item_reference"';
const bare = /\{\s*"id"\s*:\s*"[^"\\]{1,200}"\s*(?:,\s*"type"\s*:\s*null\s*)?\}/;

/** The ids of the items that the request names. Most name none, and are not parsed for it. */
export function namedItems(top: TopLevel, keep: boolean): readonly string[] {
  if (top.indexOf(needle) === -1 && !(keep && bare.test(top.raw('input') ?? ''))) return [];
  const items: unknown = parseJsonText(top.raw('input') ?? '[]').value;
  const ids = new Set(Array.isArray(items) ? items.flatMap((item: unknown) => idIn(item) ?? []) : []);
  if (ids.size > mostNamed) throw new GatewayError('invalid_request', `input names more than ${mostNamed} items by their ids`, { param: 'input' });
  return [...ids];
}

function idIn(item: unknown): string | undefined {
  if (!isObject(item)) return undefined;
  const { type, role, id } = item;
  const isReference = type === 'item_reference' || ((type ?? null) === null && role === undefined);
  return isReference && typeof id === 'string' ? id : undefined;
}

function told(top: TopLevel, known: ReadonlyMap<string, RawJson>): readonly TopLevelEdit[] {
  const text = parseJsonText(top.raw('input') ?? '[]');
  if (!Array.isArray(text.value)) return [];
  const items = text.value.map((item: unknown, index) => known.get(idIn(item) ?? '') ?? text.raw([index]) ?? 'null');
  return [{ kind: 'set', key: 'input', raw: printArray(items) }];
}

/** What broke off, or is not there yet, is no turn to go on from. */
export function isWhole(answer: RawJson): boolean {
  const status = scanText(answer).value('status');
  return status === 'completed' || status === 'incomplete';
}
