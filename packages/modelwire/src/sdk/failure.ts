import type { Dialect } from '../core/dialect.ts';
import { describeError, type ErrorCode, GatewayError, toGatewayError } from '../core/errors.ts';
import { isObject, type JsonObject } from '../core/json-text.ts';
import { toHeaders } from './header-list.ts';
import type { Seen } from './witness.ts';

/** How a face words what goes wrong: in the error classes of its official package. */
export type ErrorFamily = {
  /** A status that is no answer. `body` is the provider's JSON; without one, `message` stands for it. */
  refused(refusal: { readonly status: number; readonly body: JsonObject | undefined; readonly message?: string; readonly headers: Headers }): Error;
  /** An error inside a stream that had begun. */
  inStream(body: unknown, headers: Headers): Error;
  unreachable(message: string, cause: unknown): Error;
  timedOut(message: string): Error;
  aborted(): Error;
  /** Wrong use of the client, found without a request. */
  misuse(message: string, cause?: unknown): Error;
  /** Whether the face has thrown it. */
  is(thrown: unknown): thrown is Error;
};

/** What is known of a failed call besides the error. */
export type FailedCall = {
  readonly front: Dialect;
  readonly family: ErrorFamily;
  /** Header in which the face's callers look for the request's id. */
  readonly idHeader: string;
  readonly callId: string;
  /** The provider's last answer, if there was one. */
  readonly seen: Seen | undefined;
  /** Whether that answer is in the caller's own format. */
  readonly sameFormat: boolean;
};

/** The core's error as the face's: the provider's own status, headers and words where it refused, ours where it said nothing. */
export function toFaceError(thrown: unknown, call: FailedCall): Error {
  const error = toGatewayError(thrown);
  const { family, seen } = call;
  if (error.code === 'client_gone') return family.aborted();
  if (error.code.startsWith('deadline_')) return family.timedOut(describeError(error));
  if (error.code === 'upstream_unreachable' || error.code === 'upstream_stream_cut') return family.unreachable(describeError(error), error.cause ?? error);
  if (seen === undefined || seen.status < 400) return refusal(error, error.status, call);
  const own = call.sameFormat ? jsonObject(seen.text()) : undefined;
  if (own === undefined) return refusal(asCallersOwn(error, seen.status), seen.status, call);
  return family.refused({ status: seen.status, body: own, headers: headersOf(call) });
}

function refusal(error: GatewayError, status: number, call: FailedCall): Error {
  const { body } = call.front.front.error(error, call.callId);
  return call.family.refused({ status, body: jsonObject(body), message: describeError(error), headers: headersOf(call) });
}

/** The key that a provider refuses is the caller's own here, so the error says what the provider would have said to them. */
function asCallersOwn(error: GatewayError, status: number): GatewayError {
  const codes: { readonly [status: number]: ErrorCode } = { 401: 'invalid_api_key', 403: 'permission_denied' };
  const code = codes[status];
  return code === undefined ? error : new GatewayError(code, error.message, { status, hint: error.hint, upstreamStatus: status, cause: error });
}

/** The provider's headers, with its request id under the name that the face's callers look for. */
export function headersOf(call: Pick<FailedCall, 'seen' | 'idHeader'>): Headers {
  const headers = toHeaders(call.seen?.headers ?? {});
  const id = headers.get('x-request-id') ?? headers.get('request-id');
  if (id !== null && !headers.has(call.idHeader)) headers.set(call.idHeader, id);
  return headers;
}

function jsonObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    // Not JSON: an HTML page, or nothing at all. The core's error describes it.
    return undefined;
  }
}

/** The message of an API error, worded as the official packages do. */
export function errorMessage(status: number | undefined, error: unknown, message: string | undefined): string {
  const said = isObject(error) ? error['message'] : undefined;
  const text =
    typeof said === 'string' && said !== '' ? said : isObject(error) || (typeof error === 'string' && error !== '') ? JSON.stringify(said ?? error) : message;
  if (status === undefined) return text ?? '(no status code or body)';
  return text === undefined ? `${status} status code (no body)` : `${status} ${text}`;
}
