import type { ErrorBody, HeaderMap } from '../../core/dialect.ts';
import { describeError, type GatewayError } from '../../core/errors.ts';
import { printObject, printString } from '../../core/json-print.ts';
import { isObject } from '../../core/json-text.ts';
import type { Target } from '../../core/target.ts';
import { readComplaint, upstreamFailure } from '../../core/upstream-failure.ts';
import { encodeSse } from './wire.ts';

/** Error types by status. A 4xx that is not listed is the caller's fault, any other the server's. */
const types: ReadonlyMap<number, string> = new Map([
  [400, 'invalid_request_error'],
  [401, 'authentication_error'],
  [402, 'billing_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [408, 'timeout_error'],
  [409, 'conflict_error'],
  [413, 'request_too_large'],
  [429, 'rate_limit_error'],
  [500, 'api_error'],
  [504, 'timeout_error'],
  [529, 'overloaded_error'],
]);

function typeOf(status: number): string {
  return types.get(status) ?? (status < 500 ? 'invalid_request_error' : 'api_error');
}

/** The status in this format: 402 for a used-up account, 529 for a server that has too much to do. */
function statusOf(error: GatewayError): number {
  if (error.code === 'insufficient_quota') return 402;
  return error.status === 503 ? 529 : error.status;
}

/** A whole error answer. `details` is where Anthropic's SDKs look for a stable code. */
export function encodeError(error: GatewayError, requestId: string): ErrorBody {
  const status = statusOf(error);
  const details = { error_code: error.code, ...(error.param === undefined ? {} : { param: error.param }), ...error.details };
  const body = printObject([
    ['type', '"error"'],
    [
      'error',
      printObject([
        ['type', printString(typeOf(status))],
        ['message', printString(describeError(error))],
        ['details', JSON.stringify(details)],
      ]),
    ],
    ['request_id', requestId === '' ? 'null' : printString(requestId)],
  ]);
  return { status, body };
}

/** The same as the last event of a stream. */
export function encodeErrorEvent(error: GatewayError, requestId: string): string {
  return encodeSse('error', encodeError(error, requestId).body);
}

/** What an error inside a 200, or inside a stream, would have been as a status. */
const statuses: ReadonlyMap<string, number> = new Map([...types].map(([status, type]) => [type, status] as const).filter(([type]) => type !== 'timeout_error'));

/** The provider's error answer, or an error inside a 200. */
export function decodeFailure(answer: { readonly status: number; readonly headers: HeaderMap; readonly text: string }, target: Target): GatewayError {
  const complaint = readComplaint(answer.text);
  const inside = answer.status >= 200 && answer.status < 300;
  const status = inside ? (statuses.get(complaint.type ?? '') ?? (complaint.type === 'timeout_error' ? 504 : answer.status)) : answer.status;
  const details = detailsOf(answer.text);
  return upstreamFailure(
    {
      ...complaint,
      // Another modelwire on the way says so in the details: this format has no type for it.
      ...(details?.['error_code'] === 'loop_detected' ? { code: 'loop_detected' } : {}),
      status,
      headers: answer.headers,
      details: status === 401 || status === 403 ? undefined : details,
    },
    target,
  );
}

/** Facts that the provider's own SDK acts upon: a thread that is gone, an image that is too large. */
function detailsOf(text: string): Readonly<Record<string, unknown>> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const error = isObject(value) ? value['error'] : undefined;
  const details = isObject(error) ? error['details'] : undefined;
  return isObject(details) ? details : undefined;
}

/** The error in a body that came with status 200; undefined when there is none. */
export function failureInside(value: unknown, text: string, target: Target): GatewayError | undefined {
  if (!isObject(value)) return undefined;
  const key = target.quirks.errorInside;
  const inside = key === undefined ? undefined : value[key];
  if (isObject(inside) && isFailing(inside)) return decodeFailure({ status: 200, headers: {}, text: JSON.stringify(inside) }, target);
  const { type, error, content } = value;
  const isError = type === 'error' || ((isObject(error) || (typeof error === 'string' && error !== '')) && !Array.isArray(content));
  if (!isError) return undefined;
  return decodeFailure({ status: 200, headers: {}, text }, target);
}

/** MiniMax says 0 where all is well. */
function isFailing(inside: { readonly [key: string]: unknown }): boolean {
  const code = inside['status_code'] ?? inside['code'];
  return code !== undefined && code !== null && code !== 0 && code !== '0' && code !== '';
}
