import type { Sealing } from '../../core/dialect.ts';
import { printString } from '../../core/json-print.ts';
import { isObject, type JsonObject, parseJsonText, type Path } from '../../core/json-text.ts';
import { type FieldChange, spliceFields } from '../../core/splice-json.ts';
import { withData } from '../../core/sse-text.ts';
import type { Target } from '../../core/target.ts';
import { coverOwn } from './signature.ts';

/** A quote within a JSON string is escaped, so a word that stands here with its quotes is no text. */
const reasoningType = /"type"\s*:\s*"reasoning"/;

/** Encrypted thinking. An item of thinking that came without any is given an empty one: its id too means something to its provider alone. */
export const sealing: Sealing = {
  whole(answer, target) {
    if (!reasoningType.test(answer)) return answer;
    const json = parseJsonText(answer);
    const { output, data } = isObject(json.value) ? json.value : {};
    // A page of the items that are kept at the provider is a list of them.
    return spliceFields(json, [...inItems(output, ['output'], target), ...inItems(data, ['data'], target)]);
  },
  stream: (target) => (event, text) => {
    if (!reasoningType.test(event)) return undefined;
    return withData(text(), (data) => {
      const json = parseJsonText(data);
      const changes = isObject(json.value) ? inEvent(json.value, target) : [];
      return changes.length === 0 ? undefined : spliceFields(json, changes);
    });
  },
};

function inEvent({ type, item, response }: JsonObject, target: Target): FieldChange[] {
  return isObject(response)
    ? inItems(response['output'], ['response', 'output'], target)
    : inItem(item, ['item'], type !== 'response.output_item.added', target);
}

function inItems(list: unknown, at: Path, target: Target): FieldChange[] {
  const items: readonly unknown[] = Array.isArray(list) ? list : [];
  return items.flatMap((item, index) => inItem(item, [...at, index], true, target));
}

/** `isWhole`: nothing of the item is still to come. */
function inItem(item: unknown, at: Path, isWhole: boolean, target: Target): FieldChange[] {
  if (!isObject(item) || item['type'] !== 'reasoning') return [];
  const content = item['encrypted_content'];
  const state = typeof content === 'string' ? content : '';
  return state === '' && !isWhole ? [] : [{ at, key: 'encrypted_content', raw: printString(coverOwn(state, target)) }];
}
