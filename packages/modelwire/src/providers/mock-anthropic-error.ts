import { GatewayError } from '../core/errors.ts';
import { isObject, type JsonObject } from '../core/json-text.ts';

/** A 400 as Anthropic words it: the place stands in the message. */
export function anthropicError(message: string, details?: Readonly<Record<string, unknown>>): GatewayError {
  return new GatewayError('invalid_request', message, details === undefined ? {} : { details });
}

export function missing(path: string, value: unknown, type: string): GatewayError {
  return anthropicError(value === undefined ? `${path}: Field required` : `${path}: Input should be a valid ${type}`);
}

export function extraInput(path: string): GatewayError {
  return anthropicError(`${path}: Extra inputs are not permitted`);
}

/** Cache marks may stand on tools, system blocks, messages' blocks and the request: four at most, each of a known kind. */
export function checkCacheMarks(body: JsonObject): void {
  const count = countMarks(body['tools']) + countMarks(body['system']) + countMarks(body['messages']) + countMarks({ cache_control: body['cache_control'] });
  if (count > 4) throw anthropicError(`A maximum of 4 blocks with cache_control may be provided. Found ${count}.`);
}

function countMarks(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + countMarks(item), 0);
  if (!isObject(value)) return 0;
  const mark = value['cache_control'];
  if (mark !== undefined && mark !== null) checkMark(mark);
  return (isObject(mark) ? 1 : 0) + countMarks(value['content']);
}

function checkMark(mark: unknown): void {
  if (!isObject(mark) || mark['type'] !== 'ephemeral') throw anthropicError("cache_control.type: Input should be 'ephemeral'");
  if (mark['ttl'] !== undefined && mark['ttl'] !== '5m' && mark['ttl'] !== '1h')
    throw anthropicError("cache_control.ephemeral.ttl: Input should be '5m' or '1h'");
  const extra = Object.keys(mark).find((key) => key !== 'type' && key !== 'ttl');
  if (extra !== undefined) throw extraInput(`cache_control.ephemeral.${extra}`);
}
