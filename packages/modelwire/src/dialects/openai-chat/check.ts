import { skipSpace } from '../../core/bytes.ts';
import { checkFields, checkModel, type FieldCheck, isBoolean, isPositive, isWithin, required } from '../../core/check-fields.ts';
import type { HeaderMap, Operation } from '../../core/dialect.ts';
import { wrongType } from '../../core/json-cursor.ts';
import type { TopLevel } from '../../core/top-level.ts';

const isStop = (value: unknown): boolean => typeof value === 'string' || (Array.isArray(value) && value.every((item) => typeof item === 'string'));

/** What can be told of optional fields without the rest of the request. Null means the default, everywhere. */
export const checks: readonly FieldCheck[] = [
  ['stream', 'true or false', isBoolean],
  ['temperature', 'a number between 0 and 2', isWithin(0, 2)],
  ['top_p', 'a number between 0 and 1', isWithin(0, 1)],
  ['max_tokens', 'a positive integer', isPositive],
  ['max_completion_tokens', 'a positive integer', isPositive],
  ['n', 'a positive integer', isPositive],
  ['stop', 'a string or an array of strings', isStop],
];

/** Throws 400 naming the field for what the byte scan of the top level can see. */
export function checkRequest(top: TopLevel, _headers: HeaderMap, _operation: Operation): void {
  checkModel(top.has('model') ? (top.value('model') ?? null) : undefined);
  const messages = top.field('messages');
  if (messages === undefined) throw required('messages');
  if (top.bytes[messages.start] !== 91) throw wrongType('messages', 'an array');
  if (skipSpace(top.bytes, messages.start + 1) === messages.end - 1) throw wrongType('messages', 'a non-empty array');
  checkFields(checks, (key) => top.value(key));
}
