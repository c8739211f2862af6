import type { ErrorBody, HeaderMap } from '../../core/dialect.ts';
import { describeError, type GatewayError } from '../../core/errors.ts';
import { isObject, type JsonObject } from '../../core/json-text.ts';
import type { Target } from '../../core/target.ts';
import { readComplaint, upstreamFailure } from '../../core/upstream-failure.ts';

/** Google's words for a status (google.rpc.Code). A 4xx that is not listed is the caller's fault, any other the server's. */
const words: ReadonlyMap<number, string> = new Map([
  [400, 'INVALID_ARGUMENT'],
  [401, 'UNAUTHENTICATED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'NOT_FOUND'],
  [408, 'DEADLINE_EXCEEDED'],
  [409, 'ABORTED'],
  [429, 'RESOURCE_EXHAUSTED'],
  [499, 'CANCELLED'],
  [500, 'INTERNAL'],
  [501, 'UNIMPLEMENTED'],
  [502, 'UNAVAILABLE'],
  [503, 'UNAVAILABLE'],
  [504, 'DEADLINE_EXCEEDED'],
]);

/** Statuses that Google's clients do not know, as the nearest that they do. */
const statuses: ReadonlyMap<number, number> = new Map([
  [402, 429],
  [498, 401],
  [529, 503],
]);

/** A whole error answer. The first of the details holds the stable code. https://google.aip.dev/193 */
export function encodeError(error: GatewayError): ErrorBody {
  const status = statuses.get(error.status) ?? error.status;
  const details: object[] = [
    {
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: error.code.toUpperCase(),
      domain: 'modelwire',
      metadata: { code: error.code, ...(error.param === undefined ? {} : { param: error.param }) },
    },
  ];
  if (error.retryAfter !== undefined) details.push({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${error.retryAfter}s` });
  const word = words.get(status) ?? (status < 500 ? 'INVALID_ARGUMENT' : 'INTERNAL');
  return { status, body: JSON.stringify({ error: { code: status, message: describeError(error), status: word, details } }) };
}

/** The same as the last event of a stream. */
export function encodeErrorEvent(error: GatewayError): string {
  return `data: ${encodeError(error).body}\n\n`;
}

/** The provider's error answer, or an error inside a 200, which brings its own status. A list holds the errors of a stream. */
export function decodeFailure(answer: { readonly status: number; readonly headers: HeaderMap; readonly text: string }, target: Target): GatewayError {
  const complaint = readComplaint(answer.text, target.quirks.errorInside);
  const error = errorIn(answer.text);
  const inside = Number(complaint.code);
  const status = answer.status < 300 && inside >= 400 && inside <= 599 ? inside : answer.status;
  const wait = retryDelay(error?.['details']);
  return upstreamFailure(
    {
      ...complaint,
      ...(typeof error?.['status'] === 'string' ? { type: error['status'] } : {}),
      ...reasonOf(error?.['details']),
      status,
      headers: wait === undefined || answer.headers['retry-after'] !== undefined ? answer.headers : { ...answer.headers, 'retry-after': wait },
    },
    target,
  );
}

function errorIn(text: string): JsonObject | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const first: unknown = Array.isArray(value) ? value[0] : value;
  const error = isObject(first) ? first['error'] : undefined;
  return isObject(error) ? error : undefined;
}

/** Another modelwire on the way says so in the details: this format has no word for it. */
function reasonOf(details: unknown): { code?: string } {
  const info = detailOf(details, 'ErrorInfo')?.['metadata'];
  return isObject(info) && info['code'] === 'loop_detected' ? { code: 'loop_detected' } : {};
}

/** `"34.07s"` → `"34.07"`. */
function retryDelay(details: unknown): string | undefined {
  const delay = detailOf(details, 'RetryInfo')?.['retryDelay'];
  return typeof delay === 'string' && /^\d+(?:\.\d+)?s$/.test(delay) ? delay.slice(0, -1) : undefined;
}

function detailOf(details: unknown, name: string): JsonObject | undefined {
  const list: readonly unknown[] = Array.isArray(details) ? details : [];
  return list.filter(isObject).find((item) => typeof item['@type'] === 'string' && item['@type'].endsWith(`.${name}`));
}

/** The error in a body that came with status 200; undefined when there is none. */
export function failureInside(value: unknown, text: string, target: Target): GatewayError | undefined {
  if (!isObject(value) || Array.isArray(value['candidates'])) return undefined;
  const { error } = value;
  if (!isObject(error) && (typeof error !== 'string' || error === '')) return undefined;
  return decodeFailure({ status: 200, headers: {}, text }, target);
}
