import type { ErrorBody, HeaderMap } from '../../core/dialect.ts';
import { describeError, type ErrorCode, type GatewayError } from '../../core/errors.ts';
import { isObject, type JsonObject } from '../../core/json-text.ts';
import type { Target } from '../../core/target.ts';
import { readComplaint, upstreamFailure } from '../../core/upstream-failure.ts';

/** Bedrock's exceptions. A 4xx that is not listed is the caller's fault, any other the server's. */
const byStatus: ReadonlyMap<number, string> = new Map([
  [401, 'UnrecognizedClientException'],
  [402, 'ServiceQuotaExceededException'],
  [403, 'AccessDeniedException'],
  [404, 'ResourceNotFoundException'],
  [408, 'ModelTimeoutException'],
  [409, 'ConflictException'],
  [424, 'ModelErrorException'],
  [429, 'ThrottlingException'],
  [503, 'ServiceUnavailableException'],
  [504, 'ModelTimeoutException'],
  [529, 'ServiceUnavailableException'],
]);

const byCode: Partial<Record<ErrorCode, string>> = { insufficient_quota: 'ServiceQuotaExceededException', model_unavailable: 'ModelNotReadyException' };

/** Statuses that Amazon's clients do not know, as the nearest that they do. */
const statuses: ReadonlyMap<number, number> = new Map([
  [401, 403],
  [402, 400],
  [498, 403],
  [529, 503],
]);

function exceptionOf({ code, status }: GatewayError): string {
  return byCode[code] ?? byStatus.get(status) ?? (status < 500 ? 'ValidationException' : 'InternalServerException');
}

/** A whole error answer: the exception's name is in a header. `code` is the stable code. */
export function encodeError(error: GatewayError): ErrorBody {
  return {
    status: statuses.get(error.status) ?? error.status,
    body: JSON.stringify({ message: describeError(error), code: error.code }),
    headers: { 'x-amzn-errortype': exceptionOf(error) },
  };
}

/** Exceptions that a stream can end with. */
const inStream: ReadonlyMap<string, string> = new Map([
  ['ValidationException', 'validationException'],
  ['ThrottlingException', 'throttlingException'],
  ['ServiceUnavailableException', 'serviceUnavailableException'],
  ['ModelNotReadyException', 'serviceUnavailableException'],
  ['ModelErrorException', 'modelStreamErrorException'],
]);

/** The same as the last event of a stream. What the model's provider did wrong is the model's error. */
export function encodeErrorEvent(error: GatewayError): string {
  const isModels = error.code.startsWith('upstream_') && error.status >= 500;
  const name = isModels ? 'modelStreamErrorException' : (inStream.get(exceptionOf(error)) ?? 'internalServerException');
  return `event: error\ndata: {"${name}":${JSON.stringify({ message: describeError(error) })}}\n\n`;
}

/** The statuses of exceptions, by the beginnings of their names: one in a stream has no status of its own. */
const statusOf: readonly (readonly [name: string, status: number])[] = [
  ['validation', 400],
  ['accessdenied', 403],
  ['unrecognizedclient', 403],
  ['expiredtoken', 403],
  ['invalidsignature', 403],
  ['resourcenotfound', 404],
  ['modeltimeout', 408],
  ['modelstreamerror', 424],
  ['modelerror', 424],
  ['modelnotready', 429],
  ['throttling', 429],
  ['servicequotaexceeded', 400],
  ['serviceunavailable', 503],
];

/** The provider's error answer, or an exception inside a 200: `{"throttlingException":{"message":…}}`. */
export function decodeFailure(answer: { readonly status: number; readonly headers: HeaderMap; readonly text: string }, target: Target): GatewayError {
  const found = exceptionIn(answer.text);
  const name = found?.name ?? nameIn(answer.headers, answer.text);
  const complaint = readComplaint(found?.text ?? answer.text, target.quirks.errorInside);
  const capital = messageIn(found?.text ?? answer.text);
  return upstreamFailure(
    {
      ...complaint,
      ...(complaint.message === undefined && capital !== undefined ? { message: capital } : {}),
      ...(name === undefined ? {} : { type: name }),
      status: answer.status < 300 ? statusFor(name) : answer.status,
      headers: answer.headers,
    },
    target,
  );
}

function statusFor(name = ''): number {
  const lower = name.toLowerCase();
  return statusOf.find(([start]) => lower.startsWith(start))?.[1] ?? 500;
}

/** `ValidationException:http://…` in the header, `__type: com.amazon#ValidationException` in the body. */
function nameIn(headers: HeaderMap, text: string): string | undefined {
  const value = parsed(text);
  const given = headers['x-amzn-errortype'] ?? value?.['__type'] ?? value?.['code'];
  return typeof given === 'string' ? (given.split(':')[0] ?? '').split('#').at(-1) : undefined;
}

/** Gateways of AWS write the message with a capital. */
function messageIn(text: string): string | undefined {
  const message = parsed(text)?.['Message'];
  return typeof message === 'string' && message !== '' ? message : undefined;
}

function exceptionIn(text: string): { readonly name: string; readonly text: string } | undefined {
  const value = parsed(text);
  const [name, ...others] = Object.keys(value ?? {});
  const inner = name === undefined || others.length > 0 ? undefined : value?.[name];
  return name === undefined || !isObject(inner) || name === 'error' ? undefined : { name, text: JSON.stringify(inner) };
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The error in a body that came with status 200; undefined when there is none. */
export function failureInside(value: unknown, text: string, target: Target): GatewayError | undefined {
  if (!isObject(value) || isObject(value['output'])) return undefined;
  const said = value['message'] ?? value['Message'] ?? value['error'] ?? value['__type'];
  return said === undefined || said === null ? undefined : decodeFailure({ status: 200, headers: {}, text }, target);
}
