import type { KeptItem, KeptTurn, TopLevelEdit } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import type { RawJson } from '../../core/ir.ts';
import { printArray, printObject, printString } from '../../core/json-print.ts';
import { isObject, type JsonObject, parseJsonText } from '../../core/json-text.ts';
import { edited, scanText } from './edit-text.ts';

const usualLimit = 20;
const mostItems = 100;

/** A page of the items, which stand in the order in which they were said. https://developers.openai.com/api/reference/resources/responses/subresources/input_items */
export function pageOf(items: readonly KeptItem[], query: URLSearchParams): RawJson {
  const order = query.get('order') ?? 'desc';
  if (order !== 'asc' && order !== 'desc') throw malformed('order', '"asc" or "desc"');
  const all = order === 'desc' ? items.toReversed() : items;
  const limit = limitIn(query.get('limit'));
  const after = query.get('after');
  const start = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
  if (after !== null && start === 0) throw malformed('after', 'the id of an item that is in the list');
  return printList(all.slice(start, start + limit), start + limit < all.length);
}

export function printList(items: readonly KeptItem[], hasMore = false): RawJson {
  const idAt = (index: number): RawJson => printString(items.at(index)?.id ?? '');
  return printObject([
    ['object', '"list"'],
    ['data', printArray(items.map(printItem))],
    ['first_id', items.length === 0 ? 'null' : idAt(0)],
    ['last_id', items.length === 0 ? 'null' : idAt(-1)],
    ['has_more', String(hasMore)],
  ]);
}

function limitIn(given: string | null): number {
  if (given === null) return usualLimit;
  const limit = Number(given);
  if (!Number.isInteger(limit) || limit < 1 || limit > mostItems) throw malformed('limit', `a whole number from 1 to ${mostItems}`);
  return limit;
}

function malformed(param: string, expected: string): GatewayError {
  return new GatewayError('invalid_request', `${param} must be ${expected}`, { param });
}

/** What a response was asked with: what its turn brought, after all that was said before. */
export function askedItems(turns: readonly KeptTurn[]): KeptItem[] {
  return turns.flatMap((turn, index) => (index === turns.length - 1 ? itemsIn(turn.asked['input'], baseOf(turn)) : itemsOf(turn)));
}

/** All items of a turn. */
export function itemsOf(turn: KeptTurn): KeptItem[] {
  return [...itemsIn(turn.asked['input'], baseOf(turn)), ...outputItems(turn.answer)];
}

function baseOf({ id }: KeptTurn): string {
  return id.replace(/^resp_/, '');
}

export function outputItems(answer: RawJson): KeptItem[] {
  const top = scanText(answer);
  return itemsIn(top.raw('output'), String(top.value('id')));
}

/** The turn that an item's id was made from. */
export function turnOf(id: string): string | undefined {
  const base = /^[a-z]{2,5}_(.{1,200})_\d{1,6}$/.exec(id)?.[1];
  return base === undefined ? undefined : `resp_${base}`;
}

/** The items of a list. Those without an id get one made of `base`, the same every time. */
export function itemsIn(list: RawJson | undefined, base: string): KeptItem[] {
  const text = parseJsonText(list ?? '[]');
  if (!Array.isArray(text.value)) return [];
  return text.value.flatMap((value: unknown, index) => {
    if (!isObject(value)) return [];
    const id = typeof value['id'] === 'string' && value['id'] !== '' ? value['id'] : `${prefixOf(value)}${base}_${index}`;
    return [{ id, raw: text.raw([index]) ?? '{}' }];
  });
}

const prefixes: { readonly [type: string]: string } = {
  message: 'msg_',
  function_call: 'fc_',
  function_call_output: 'fco_',
  custom_tool_call: 'ctc_',
  custom_tool_call_output: 'ctco_',
  reasoning: 'rs_',
};

function typeOf({ type, role }: JsonObject): string {
  return typeof type === 'string' ? type : role === undefined ? '' : 'message';
}

function prefixOf(item: JsonObject): string {
  const type = typeOf(item);
  return (Object.hasOwn(prefixes, type) ? prefixes[type] : undefined) ?? 'item_';
}

/** As the official type has it: every item with its kind, an id and a status, and a message's content in parts. */
export function printItem({ id, raw }: KeptItem): RawJson {
  const top = scanText(raw);
  const type = typeOf({ type: top.value('type'), role: top.value('role') });
  const set = (key: string, text: RawJson): TopLevelEdit => ({ kind: 'set', key, raw: text });
  const content = top.raw('content');
  return edited(raw, [
    ...(top.has('type') ? [] : [set('type', printString(type))]),
    set('id', printString(id)),
    ...(top.has('status') || type === 'reasoning' ? [] : [set('status', '"completed"')]),
    ...(type === 'message' && content?.startsWith('"') === true ? [set('content', printArray([partOf(content, top.value('role'))]))] : []),
  ]);
}

function partOf(text: RawJson, role: unknown): RawJson {
  return role === 'assistant' ? `{"type":"output_text","text":${text},"annotations":[],"logprobs":[]}` : `{"type":"input_text","text":${text}}`;
}
