import { skipSpace } from '../../core/bytes.ts';
import { checkFields, checkModel, type FieldCheck, isBoolean, isPositive, isWithin, required } from '../../core/check-fields.ts';
import type { HeaderMap, Operation } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import { wrongType } from '../../core/json-cursor.ts';
import type { TopLevel } from '../../core/top-level.ts';

/** What can be told of optional fields without the rest of the request. Null means the default, everywhere. */
export const checks: readonly FieldCheck[] = [
  ['stream', 'true or false', isBoolean],
  ['temperature', 'a number between 0 and 1', isWithin(0, 1)],
  ['p', 'a number between 0 and 1', isWithin(0, 1)],
  ['k', 'a number between 0 and 500', isWithin(0, 500)],
  ['max_tokens', 'a positive integer', isPositive],
  ['stop_sequences', 'an array of strings', (value) => Array.isArray(value) && value.every((item) => typeof item === 'string')],
];

/** Throws 400 naming the field for what the byte scan of the top level can see. */
export function checkRequest(top: TopLevel, _headers: HeaderMap, _operation: Operation): void {
  const messages = top.field('messages');
  if (messages === undefined && top.has('message')) throw olderVersion();
  checkModel(top.has('model') ? (top.value('model') ?? null) : undefined);
  if (messages === undefined) throw required('messages');
  if (top.bytes[messages.start] !== 91) throw wrongType('messages', 'an array');
  if (skipSpace(top.bytes, messages.start + 1) === messages.end - 1) throw wrongType('messages', 'a non-empty array');
  checkFields(checks, (key) => top.value(key));
}

function olderVersion(): GatewayError {
  return new GatewayError('invalid_request', 'messages is required: the fields are those of version 1 of the API', {
    param: 'messages',
    hint: 'Send messages to /v2/chat, with CohereClientV2 or ClientV2',
  });
}
