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
    return spliceFields(json, isObject(json.value) ? inOutput(json.value, [], target) : []);
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
  return isObject(response) ? inOutput(response, ['response'], target) : inItem(item, ['item'], type !== 'response.output_item.added', target);
}

function inOutput({ output }: JsonObject, at: Path, target: Target): FieldChange[] {
  const items: readonly unknown[] = Array.isArray(output) ? output : [];
  return items.flatMap((item, index) => inItem(item, [...at, 'output', index], true, target));
}

/** `isWhole`: nothing of the item is still to come. */
function inItem(item: unknown, at: Path, isWhole: boolean, target: Target): FieldChange[] {
  if (!isObject(item) || item['type'] !== 'reasoning') return [];
  const content = item['encrypted_content'];
  const state = typeof content === 'string' ? content : '';
  return state === '' && !isWhole ? [] : [{ at, key: 'encrypted_content', raw: printString(coverOwn(state, target)) }];
}
