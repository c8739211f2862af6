import type { ErrorBody, HeaderMap } from '../../core/dialect.ts';
import type { GatewayError } from '../../core/errors.ts';
import { isObject, type JsonObject } from '../../core/json-text.ts';
import { openaiErrorBody, statusInside } from '../../core/openai-error.ts';
import type { Target } from '../../core/target.ts';
import { readComplaint, upstreamFailure } from '../../core/upstream-failure.ts';

export function encodeError(error: GatewayError): ErrorBody {
  return openaiErrorBody(error);
}

export function encodeErrorEvent(error: GatewayError): string {
  return `data: ${openaiErrorBody(error).body}\n\n`;
}

/** A provider's error answer as ours. An error inside a 200 may bring its own status as its code. */
export function decodeFailure(answer: { readonly status: number; readonly headers: HeaderMap; readonly text: string }, target: Target): GatewayError {
  const complaint = readComplaint(answer.text, target.quirks.errorInside);
  return upstreamFailure(
    { ...complaint, status: answer.status < 300 ? statusInside(complaint.code, answer.status) : answer.status, headers: answer.headers },
    target,
  );
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
