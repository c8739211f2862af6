import type { ErrorBody, HeaderMap } from '../../core/dialect.ts';
import { describeError, type ErrorCode, type GatewayError } from '../../core/errors.ts';
import { isObject, type JsonObject } from '../../core/json-text.ts';
import type { Target } from '../../core/target.ts';
import { readComplaint, upstreamFailure } from '../../core/upstream-failure.ts';

/** `type` of OpenAI's error object. Codes not named here are `invalid_request_error` below 500 and `api_error` from there. */
const types: ReadonlyMap<ErrorCode, string> = new Map<ErrorCode, string>([
  ['invalid_api_key', 'authentication_error'],
  ['permission_denied', 'permission_error'],
  ['cross_site_refused', 'permission_error'],
  ['insufficient_quota', 'insufficient_quota'],
  ['rate_limit_exceeded', 'rate_limit_error'],
]);

/** Statuses that OpenAI's clients do not know, as the nearest that they do. */
const statuses: ReadonlyMap<number, number> = new Map([
  [402, 429],
  [424, 502],
  [498, 401],
  [499, 500],
  [529, 503],
]);

/** The error object alone: the body of an answer, and the data of the last event of a broken stream. */
function errorObject(error: GatewayError): string {
  const type = types.get(error.code) ?? (error.status < 500 ? 'invalid_request_error' : 'api_error');
  return JSON.stringify({ error: { message: describeError(error), type, param: error.param ?? null, code: error.code } });
}

export function encodeError(error: GatewayError): ErrorBody {
  return { status: statuses.get(error.status) ?? error.status, body: errorObject(error) };
}

export function encodeErrorEvent(error: GatewayError): string {
  return `data: ${errorObject(error)}\n\n`;
}

/** A provider's error answer as ours. An error inside a 200 may bring its own status as its code. */
export function decodeFailure(answer: { readonly status: number; readonly headers: HeaderMap; readonly text: string }, target: Target): GatewayError {
  const complaint = readComplaint(answer.text, target.quirks.errorInside);
  return upstreamFailure(
    { ...complaint, status: answer.status < 300 ? statusIn(complaint.code, answer.status) : answer.status, headers: answer.headers },
    target,
  );
}

function statusIn(code: string | undefined, status: number): number {
  const inside = Number(code);
  return inside >= 400 && inside <= 599 ? inside : status;
}

/** The error that an answer with status 200 holds, if it does: under `error`, where the provider's quirk says, or on its own. */
export function failureInside(value: unknown, target: Target): GatewayError | undefined {
  if (!isObject(value)) return undefined;
  const { errorInside } = target.quirks;
  const { error } = value;
  const isError = typeof error === 'string' ? error !== '' : isObject(error);
  if (isError) return decodeFailure({ status: 200, headers: {}, text: JSON.stringify({ error }) }, target);
  const inside = errorInside === undefined ? undefined : value[errorInside];
  const complaint = isObject(inside) && isFailing(inside['status_code']) ? inside : isBare(value) ? value : undefined;
  return complaint === undefined ? undefined : decodeFailure({ status: 200, headers: {}, text: JSON.stringify(complaint) }, target);
}

function isFailing(code: unknown): boolean {
  return typeof code === 'number' && code !== 0;
}

/** A code and a message where the choices should be (Spark). */
function isBare(value: JsonObject): boolean {
  return !Array.isArray(value['choices']) && isFailing(value['code']) && typeof value['message'] === 'string';
}
