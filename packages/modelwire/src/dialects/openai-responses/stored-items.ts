import type { KeptTurn } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import type { RawJson } from '../../core/ir.ts';
import { isObject, type JsonObject } from '../../core/json-text.ts';

const usualLimit = 20;
const mostItems = 100;

/** A page of the items that a stored response was asked with. https://developers.openai.com/api/reference/resources/responses/subresources/input_items */
export function listItems(turns: readonly KeptTurn[], query: URLSearchParams): RawJson {
  const all = turns.flatMap((turn, index) => itemsOf(turn, index === turns.length - 1));
  const order = query.get('order') ?? 'desc';
  if (order !== 'asc' && order !== 'desc') throw malformed('order', '"asc" or "desc"');
  if (order === 'desc') all.reverse();
  const limit = limitIn(query.get('limit'));
  const after = query.get('after');
  const start = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
  if (after !== null && start === 0) throw malformed('after', 'the id of an item of this response');
  const data = all.slice(start, start + limit);
  return JSON.stringify({
    object: 'list',
    data,
    first_id: data[0]?.['id'] ?? null,
    last_id: data.at(-1)?.['id'] ?? null,
    has_more: start + limit < all.length,
  });
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

/** What a turn adds: what it was asked, and but for the last of them what was answered. */
function itemsOf({ id, asked, answer }: KeptTurn, isLast: boolean): JsonObject[] {
  const given = parsedList(asked['input']).map((item, index) => numbered(item, `${prefixOf(item)}${id.replace(/^resp_/, '')}_${index}`));
  return isLast ? given : [...given, ...parsedList(outputIn(answer))];
}

function outputIn(answer: RawJson): RawJson {
  const value: unknown = JSON.parse(answer);
  return isObject(value) && Array.isArray(value['output']) ? JSON.stringify(value['output']) : '[]';
}

function parsedList(raw: RawJson | undefined): JsonObject[] {
  const value: unknown = JSON.parse(raw ?? '[]');
  return Array.isArray(value) ? value.filter(isObject) : [];
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
function numbered(item: JsonObject, id: string): JsonObject {
  const type = typeOf(item);
  const named = { ...item, type, id: typeof item['id'] === 'string' ? item['id'] : id };
  const standing = item['status'] === undefined && type !== 'reasoning' ? { ...named, status: 'completed' } : named;
  if (type !== 'message' || typeof item['content'] !== 'string') return standing;
  const part =
    item['role'] === 'assistant'
      ? { type: 'output_text', text: item['content'], annotations: [], logprobs: [] }
      : { type: 'input_text', text: item['content'] };
  return { ...standing, content: [part] };
}
