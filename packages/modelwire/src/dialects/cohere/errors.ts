import type { ErrorBody, HeaderMap } from '../../core/dialect.ts';
import { describeError, type GatewayError } from '../../core/errors.ts';
import { isObject, type JsonObject } from '../../core/json-text.ts';
import type { Target } from '../../core/target.ts';
import { readComplaint, upstreamFailure } from '../../core/upstream-failure.ts';
import { failedReasons } from './verdicts.ts';
import { encodeSse } from './wire.ts';

/** Statuses that Cohere's clients have no class for, as the nearest that they have. */
const statuses: ReadonlyMap<number, number> = new Map([[529, 503]]);

function statusOf(error: GatewayError): number {
  if (error.code === 'insufficient_quota') return 402;
  return statuses.get(error.status) ?? error.status;
}

/** A whole error answer. The stable code and the field at fault are ours: Cohere's clients pass on what they do not know. */
export function encodeError(error: GatewayError, requestId: string): ErrorBody {
  const body = {
    ...(requestId === '' ? {} : { id: requestId }),
    message: describeError(error),
    code: error.code,
    ...(error.param === undefined ? {} : { param: error.param }),
  };
  return { status: statusOf(error), body: JSON.stringify(body) };
}

/** Cohere tells a failure in the end of the message: the clients know no other event for it. */
export function encodeErrorEvent(error: GatewayError): string {
  return encodeSse('message-end', JSON.stringify({ type: 'message-end', delta: { error: describeError(error), finish_reason: 'ERROR' } }));
}

/** The provider's error answer, or an error inside a 200. */
export function decodeFailure(answer: { readonly status: number; readonly headers: HeaderMap; readonly text: string }, target: Target): GatewayError {
  const complaint = failedEnd(parse(answer.text)) ?? readComplaint(answer.text, target.quirks.errorInside);
  return upstreamFailure({ ...complaint, status: answer.status, headers: answer.headers }, target);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What the end of a message says of its failure; undefined for any other JSON. */
function failedEnd(value: unknown): { readonly message: string; readonly code?: string } | undefined {
  const delta = isObject(value) && value['type'] === 'message-end' && isObject(value['delta']) ? value['delta'] : undefined;
  const reason = delta?.['finish_reason'];
  if (typeof reason !== 'string' || !failedReasons.has(reason)) return undefined;
  return { message: typeof delta?.['error'] === 'string' && delta['error'] !== '' ? delta['error'] : brokenOff(reason) };
}

export function brokenOff(reason: string): string {
  return `the answer broke off with finish reason ${reason}`;
}

/** The error in a body, or an event, that came with status 200; undefined when there is none. */
export function failureInside(value: unknown, text: string, target: Target): GatewayError | undefined {
  if (!isObject(value) || !(failedEnd(value) !== undefined || isBare(value))) return undefined;
  return decodeFailure({ status: 200, headers: {}, text }, target);
}

/** A message in words where that of the model should be. */
function isBare(value: JsonObject): boolean {
  const { error, message, type } = value;
  if (isObject(error) || (typeof error === 'string' && error !== '')) return true;
  return typeof message === 'string' && typeof type !== 'string';
}
