import { GatewayError } from '../core/errors.ts';
import type { JsonObject } from '../core/json-text.ts';

/** A 400 as OpenAI words it. `code` is OpenAI's own. */
export function openaiError(message: string, param?: string, code?: string): GatewayError {
  return new GatewayError('invalid_request', message, { param, details: { code: code ?? null } });
}

export function mustBe(param: string, expected: string, value: unknown): GatewayError {
  return openaiError(`Invalid type for '${param}': expected ${expected}, but got ${kindOf(value)} instead.`, param, 'invalid_type');
}

/** Refuses keys that the object may not have. */
export function onlyKeys(object: JsonObject, known: readonly string[], at: string): void {
  const unknown = Object.keys(object).find((key) => !known.includes(key));
  if (unknown !== undefined) throw openaiError(`Unknown parameter: '${at}.${unknown}'.`, `${at}.${unknown}`, 'unknown_parameter');
}

/** `'a', 'b', and 'c'`. */
export function listWords(words: readonly string[]): string {
  const quoted = words.map((word) => `'${word}'`);
  return quoted.length < 3 ? quoted.join(' and ') : `${quoted.slice(0, -1).join(', ')}, and ${quoted.at(-1) ?? ''}`;
}

export function wholeNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value);
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (wholeNumber(value)) return 'an integer';
  if (typeof value === 'number') return 'a decimal';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
