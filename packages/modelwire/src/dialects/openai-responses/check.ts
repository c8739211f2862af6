import { checkFields, checkModel, type FieldCheck, isBoolean, isPositive, isWithin, required } from '../../core/check-fields.ts';
import type { HeaderMap, Operation } from '../../core/dialect.ts';
import { wrongType } from '../../core/json-cursor.ts';
import type { TopLevel } from '../../core/top-level.ts';

/** What can be told of optional fields without the rest of the request. Null means the default, everywhere. */
export const checks: readonly FieldCheck[] = [
  ['stream', 'true or false', isBoolean],
  ['background', 'true or false', isBoolean],
  ['temperature', 'a number between 0 and 2', isWithin(0, 2)],
  ['top_p', 'a number between 0 and 1', isWithin(0, 1)],
  ['max_output_tokens', 'a positive integer', isPositive],
];

/** What may stand for `input`, at the provider that keeps it. */
export const kept = ['previous_response_id', 'conversation', 'prompt'] as const;

/** Throws 400 naming the field for what the byte scan of the top level can see. */
export function checkRequest(top: TopLevel, _headers: HeaderMap, _operation: Operation): void {
  checkModel(top.has('model') ? (top.value('model') ?? null) : undefined);
  const input = top.field('input');
  if (input === undefined) {
    if (!kept.some((key) => top.has(key))) throw required('input');
  } else if (top.bytes[input.start] !== openBracket && top.bytes[input.start] !== quote) throw wrongType('input', 'a string or an array of items');
  checkFields(checks, (key) => top.value(key));
}

const quote = 34;
const openBracket = 91;
