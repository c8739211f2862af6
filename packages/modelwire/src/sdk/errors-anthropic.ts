import { isObject, type JsonObject } from '../core/json-text.ts';
import { errorMessage } from './failure.ts';

/** Everything that the client throws. */
export class AnthropicError extends Error {
  constructor(message?: string, options?: ErrorOptions) {
    super(message, options);
    Object.defineProperty(this, 'name', { value: new.target.name, writable: true, configurable: true });
  }
}

export type ErrorType =
  | 'invalid_request_error'
  | 'authentication_error'
  | 'permission_error'
  | 'not_found_error'
  | 'rate_limit_error'
  | 'timeout_error'
  | 'overloaded_error'
  | 'api_error'
  | 'billing_error'
  | (string & {});

/** The API refused, or its answer broke. Without a status the request never got one, or the stream had begun. */
export class APIError<
  Status extends number | undefined = number | undefined,
  SentHeaders extends Headers | undefined = Headers | undefined,
  Body extends object | undefined = object | undefined,
> extends AnthropicError {
  readonly status: Status;
  readonly headers: SentHeaders;
  /** The whole body, as it came: `{ type: 'error', error: { type, message } }`. */
  readonly error: Body;
  /** The provider's `request-id`. */
  readonly requestID: string | null | undefined;
  readonly workspaceID: string | null | undefined;
  /** `error.message` of the body. Its wording may change. */
  readonly apiMessage: string | null;
  /** `error.type` of the body: the category. */
  readonly type: ErrorType | null;
  /** `error.details.error_code` of the body: the cause by a stable name. */
  readonly errorCode: string | null;
  readonly details: JsonObject | null;

  constructor(status: Status, error: Body, message: string | undefined, headers: SentHeaders, options?: ErrorOptions) {
    super(errorMessage(status, error, message), options);
    const inner: JsonObject = isObject(error) && isObject(error['error']) ? error['error'] : {};
    const details = isObject(inner['details']) ? inner['details'] : null;
    this.status = status;
    this.headers = headers;
    this.error = error;
    this.requestID = headers?.get('request-id');
    this.workspaceID = headers?.get('anthropic-workspace-id');
    this.apiMessage = textOf(inner['message']);
    this.type = textOf(inner['type']);
    this.details = details;
    this.errorCode = details === null ? null : textOf(details['error_code']);
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

export class BadRequestError extends APIError<400, Headers> {}
export class AuthenticationError extends APIError<401, Headers> {}
export class PaymentRequiredError extends APIError<402, Headers> {}
export class PermissionDeniedError extends APIError<403, Headers> {}
export class NotFoundError extends APIError<404, Headers> {}
export class RequestTimeoutError extends APIError<408, Headers> {}
export class ConflictError extends APIError<409, Headers> {}
export class PreconditionFailedError extends APIError<412, Headers> {}
export class ContentTooLargeError extends APIError<413, Headers> {}
export class UnprocessableEntityError extends APIError<422, Headers> {}
export class RateLimitError extends APIError<429, Headers> {}
export class RequestHeaderFieldsTooLargeError extends APIError<431, Headers> {}
export class ClientClosedRequestError extends APIError<499, Headers> {}
export class InternalServerError extends APIError<number, Headers> {}
export class NotImplementedError extends InternalServerError {}
export class ServiceUnavailableError extends InternalServerError {}
export class GatewayTimeoutError extends InternalServerError {}
export class OverloadedError extends InternalServerError {}

/** The request did not reach the API, or its answer broke off. The message names the address, `cause` has the reason. */
export class APIConnectionError extends APIError<undefined, undefined, undefined> {
  constructor({ message = 'Connection error.', cause }: { message?: string | undefined; cause?: unknown } = {}) {
    super(undefined, undefined, message, undefined, cause === undefined ? {} : { cause });
  }
}

/** The caller aborted the request. */
export class APIUserAbortError extends APIError<undefined, undefined, undefined> {
  constructor({ message = 'Request was aborted.' }: { message?: string } = {}) {
    super(undefined, undefined, message, undefined);
  }
}

/** No answer came in time. */
export class APIConnectionTimeoutError extends APIConnectionError {
  constructor({ message = 'Request timed out.' }: { message?: string } = {}) {
    super({ message });
  }
}
