import { GatewayError } from './errors.ts';
import { wrongType } from './json-cursor.ts';

/** What can be told of an optional field without the rest of the request. */
export type FieldCheck = readonly [key: string, expected: string, holds: (value: unknown) => boolean];

export const isBoolean = (value: unknown): boolean => typeof value === 'boolean';
export const isPositive = (value: unknown): boolean => Number.isInteger(value) && Number(value) > 0;
export const isWithin = (low: number, high: number) => (value: unknown) => typeof value === 'number' && value >= low && value <= high;

/** Throws 400 for the first field that does not hold. Null means the default, everywhere. */
export function checkFields(checks: readonly FieldCheck[], valueOf: (key: string) => unknown): void {
  for (const [key, expected, holds] of checks) {
    const value = valueOf(key);
    if (value !== undefined && value !== null && !holds(value)) throw wrongType(key, expected);
  }
}

const longestModel = 256;

/** Throws 400 where the body names no model, or one that no name can be; null is none. */
export function checkModel(model: unknown): void {
  if (model === undefined) throw required('model');
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (typeof model !== 'string' || model === '' || model.length > longestModel || /[\u0000-\u001f\u007f]/.test(model)) {
    throw wrongType('model', `a non-empty string of at most ${longestModel} characters`);
  }
}

/** The error of a field that must be given. */
export function required(field: string): GatewayError {
  return new GatewayError('invalid_request', `${field} is required`, { param: field });
}
