import { describeError, type ErrorCode, type GatewayError } from './errors.ts';

/** The error object that OpenAI's formats share. */
export type OpenaiError = { readonly message: string; readonly type: string; readonly param: string | null; readonly code: string };

/** `type` of the error object. Codes not named here are `invalid_request_error` below 500 and `api_error` from there. */
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

export function openaiError(error: GatewayError): OpenaiError {
  const type = types.get(error.code) ?? (error.status < 500 ? 'invalid_request_error' : 'api_error');
  return { message: describeError(error), type, param: error.param ?? null, code: error.code };
}

/** A whole error answer. */
export function openaiErrorBody(error: GatewayError): { readonly status: number; readonly body: string } {
  return { status: statuses.get(error.status) ?? error.status, body: JSON.stringify({ error: openaiError(error) }) };
}

/** An error inside a 200 may bring its own status as its code. */
export function statusInside(code: string | undefined, status: number): number {
  const inside = Number(code);
  return inside >= 400 && inside <= 599 ? inside : status;
}
