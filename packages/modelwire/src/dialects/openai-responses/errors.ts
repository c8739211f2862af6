import type { ErrorBody, HeaderMap } from '../../core/dialect.ts';
import type { ErrorCode, GatewayError } from '../../core/errors.ts';
import type { RawJson } from '../../core/ir.ts';
import { printObject, printString } from '../../core/json-print.ts';
import { isObject, type JsonObject } from '../../core/json-text.ts';
import { openaiError, openaiErrorBody, statusInside } from '../../core/openai-error.ts';
import type { Target } from '../../core/target.ts';
import { readComplaint, upstreamFailure } from '../../core/upstream-failure.ts';
import { encodeSse } from './sse.ts';

export function encodeError(error: GatewayError): ErrorBody {
  return openaiErrorBody(error);
}

/**
 * An error as an event of its own: of a stream that has said nothing yet, or by its number in one that has. It says the same twice, as the
 * official type has it and as the live service does: the official Python library raises for the second alone.
 */
export function encodeErrorEvent(error: GatewayError, number = 0): string {
  const inner = openaiError(error);
  const { message, param, code } = inner;
  return encodeSse('error', JSON.stringify({ type: 'error', sequence_number: number, code, message, param, error: inner }));
}

/** The few words that OpenAI has for why a response failed. */
const failures: ReadonlyMap<ErrorCode, string> = new Map<ErrorCode, string>([
  ['rate_limit_exceeded', 'rate_limit_exceeded'],
  ['invalid_request', 'invalid_prompt'],
  ['unsupported_parameter', 'invalid_prompt'],
  ['context_length_exceeded', 'invalid_prompt'],
  ['content_filter', 'invalid_prompt'],
]);

/** `error` of a response that failed. */
export function printFailure(error: GatewayError): RawJson {
  return printObject([
    ['code', printString(failures.get(error.code) ?? 'server_error')],
    ['message', printString(openaiError(error).message)],
  ]);
}

/** What OpenAI's own words for a failed response would have been as a status. Its other words all blame the request. */
const statuses: ReadonlyMap<string, number> = new Map([
  ['server_error', 500],
  ['vector_store_timeout', 504],
  ['rate_limit_exceeded', 429],
]);
const blames =
  /^(?:invalid_(?:prompt|image|base64|image_url)|image_|bio_policy|misalignment_policy|data_residency|unsupported_image|empty_image|failed_to_download)/;

/** The provider's error answer, an error inside a 200, or an event that tells of one. */
export function decodeFailure(answer: { readonly status: number; readonly headers: HeaderMap; readonly text: string }, target: Target): GatewayError {
  const complaint = readComplaint(answer.status < 300 ? innerText(answer.text) : answer.text, target.quirks.errorInside);
  const status = answer.status < 300 ? statusOf(complaint.code, answer.status) : answer.status;
  return upstreamFailure({ ...complaint, status, headers: answer.headers }, target);
}

/** A response that failed holds the error, and an event holds the response. */
function innerText(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) && isObject(value['response']) ? JSON.stringify(value['response']) : text;
  } catch {
    // What is no JSON is described as it is.
    return text;
  }
}

function statusOf(code: string | undefined, status: number): number {
  if (code === undefined) return status;
  return statuses.get(code) ?? (blames.test(code) ? 400 : statusInside(code, status));
}

/** The error in a body that came with status 200, or in an event; undefined when there is none. */
export function failureInside(value: unknown, text: string, target: Target): GatewayError | undefined {
  if (!isObject(value)) return undefined;
  return isFailure(value) ? decodeFailure({ status: 200, headers: {}, text }, target) : undefined;
}

function isFailure(value: JsonObject): boolean {
  const { error, status, type } = value;
  if (isObject(error) || (typeof error === 'string' && error !== '')) return true;
  return status === 'failed' || status === 'cancelled' || type === 'error' || type === 'response.failed' || type === 'response.cancelled';
}
