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
  ['background', 'true or false', (value) => typeof value === 'boolean'],
  ['temperature', 'a number between 0 and 2', isWithin(0, 2)],
  ['top_p', 'a number between 0 and 1', isWithin(0, 1)],
  ['max_output_tokens', 'a positive integer', isPositive],
];

const longestModel = 256;

/** What may stand for `input`, at the provider that keeps it. */
export const kept = ['previous_response_id', 'conversation', 'prompt'] as const;

/** Throws 400 naming the field for what the byte scan of the top level can see. */
export function checkRequest(top: TopLevel, _headers: HeaderMap, _operation: Operation): void {
  checkModel(top.has('model') ? (top.value('model') ?? '?'.repeat(longestModel + 1)) : undefined);
  const input = top.field('input');
  if (input === undefined) {
    if (!kept.some((key) => top.has(key))) throw required('input');
  } else if (top.bytes[input.start] !== openBracket && top.bytes[input.start] !== quote) throw wrongType('input', 'a string or an array of items');
  checkFields((key) => top.value(key));
}

const quote = 34;
const openBracket = 91;

export function checkModel(model: unknown): void {
  if (model === undefined) throw required('model');
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (typeof model !== 'string' || model === '' || model.length > longestModel || /[\u0000-\u001f\u007f]/.test(model)) {
    throw wrongType('model', `a non-empty string of at most ${longestModel} characters`);
  }
}

export function checkFields(valueOf: (key: string) => unknown): void {
  for (const [key, expected, holds] of checks) {
    const value = valueOf(key);
    if (value !== undefined && value !== null && !holds(value)) throw wrongType(key, expected);
  }
}

function required(field: string): GatewayError {
  return new GatewayError('invalid_request', `${field} is required`, { param: field });
}
