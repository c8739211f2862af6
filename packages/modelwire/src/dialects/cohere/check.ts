import { skipSpace } from '../../core/bytes.ts';
import type { HeaderMap, Operation } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import { wrongType } from '../../core/json-cursor.ts';
import type { TopLevel } from '../../core/top-level.ts';

type Check = readonly [key: string, expected: string, holds: (value: unknown) => boolean];

const isPositive = (value: unknown): boolean => Number.isInteger(value) && Number(value) > 0;
const isWithin = (low: number, high: number) => (value: unknown) => typeof value === 'number' && value >= low && value <= high;

/** What can be told of optional fields without the rest of the request. Null means the default, everywhere. */
const checks: readonly Check[] = [
  ['stream', 'true or false', (value) => typeof value === 'boolean'],
  ['temperature', 'a number between 0 and 1', isWithin(0, 1)],
  ['p', 'a number between 0 and 1', isWithin(0, 1)],
  ['k', 'a number between 0 and 500', isWithin(0, 500)],
  ['max_tokens', 'a positive integer', isPositive],
  ['stop_sequences', 'an array of strings', (value) => Array.isArray(value) && value.every((item) => typeof item === 'string')],
];

const longestModel = 256;

/** Throws 400 naming the field for what the byte scan of the top level can see. */
export function checkRequest(top: TopLevel, _headers: HeaderMap, _operation: Operation): void {
  const messages = top.field('messages');
  if (messages === undefined && top.has('message')) throw olderVersion();
  checkModel(top.has('model') ? (top.value('model') ?? '?'.repeat(longestModel + 1)) : undefined);
  if (messages === undefined) throw missing('messages');
  if (top.bytes[messages.start] !== 91) throw wrongType('messages', 'an array');
  if (skipSpace(top.bytes, messages.start + 1) === messages.end - 1) throw wrongType('messages', 'a non-empty array');
  checkFields((key) => top.value(key));
}

function olderVersion(): GatewayError {
  return new GatewayError('invalid_request', 'messages is required: the fields are those of version 1 of the API', {
    param: 'messages',
    hint: 'Send messages to /v2/chat, with CohereClientV2 or ClientV2',
  });
}

function missing(field: string): GatewayError {
  return new GatewayError('invalid_request', `${field} is required`, { param: field });
}

export function checkModel(model: unknown): void {
  if (model === undefined) throw missing('model');
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (typeof model !== 'string' || model === '' || model.length > longestModel || /[\u0000-\u001f\u007f]/.test(model))
    throw wrongType('model', `a non-empty string of at most ${longestModel} characters`);
}

export function checkFields(valueOf: (key: string) => unknown): void {
  for (const [key, expected, holds] of checks) {
    const value = valueOf(key);
    if (value !== undefined && value !== null && !holds(value)) throw wrongType(key, expected);
  }
}
