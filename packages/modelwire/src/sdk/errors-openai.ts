import { isObject, type JsonObject } from '../core/json-text.ts';
import { errorMessage } from './failure.ts';

/** Everything that the client throws. */
export class OpenAIError extends Error {
  constructor(message?: string, options?: ErrorOptions) {
    super(message, options);
    Object.defineProperty(this, 'name', { value: new.target.name, writable: true, configurable: true });
  }
}

/** The API refused, or its answer broke. Without a status the request never got one, or the stream had begun. */
export class APIError<
  Status extends number | undefined = number | undefined,
  SentHeaders extends Headers | undefined = Headers | undefined,
  Body extends object | string | undefined = object | string | undefined,
> extends OpenAIError {
  readonly status: Status;
  readonly headers: SentHeaders;
  /** The body's `error`, as it came: an object, of some servers a text. */
  readonly error: Body;
  readonly code: string | null | undefined;
  readonly param: string | null | undefined;
  readonly type: string | undefined;
  /** The provider's `x-request-id`. */
  readonly requestID: string | null | undefined;

  constructor(status: Status, error: Body, message: string | undefined, headers: SentHeaders, options?: ErrorOptions) {
    super(errorMessage(status, error, message), options);
    this.status = status;
    this.headers = headers;
    this.error = error;
    this.requestID = headers?.get('x-request-id');
    const fields: JsonObject = isObject(error) ? error : {};
    this.code = textOrNull(fields['code']);
    this.param = textOrNull(fields['param']);
    this.type = textOrNull(fields['type']) ?? undefined;
  }
}

/** Some providers send a number where the format has text. */
function textOrNull(value: unknown): string | null | undefined {
  return value === null || value === undefined ? value : String(value);
}

/** The caller aborted the request. */
export class APIUserAbortError extends APIError<undefined, undefined, undefined> {
  constructor({ message = 'Request was aborted.' }: { message?: string } = {}) {
    super(undefined, undefined, message, undefined);
  }
}

/** The request did not reach the API, or its answer broke off. The message names the address, `cause` has the reason. */
export class APIConnectionError extends APIError<undefined, undefined, undefined> {
  constructor({ message = 'Connection error.', cause }: { message?: string | undefined; cause?: unknown } = {}) {
    super(undefined, undefined, message, undefined, cause === undefined ? {} : { cause });
  }
}

/** No answer came in time. */
export class APIConnectionTimeoutError extends APIConnectionError {
  constructor({ message = 'Request timed out.' }: { message?: string } = {}) {
    super({ message });
  }
}

export class BadRequestError extends APIError<400, Headers> {}
export class AuthenticationError extends APIError<401, Headers> {}
export class PermissionDeniedError extends APIError<403, Headers> {}
export class NotFoundError extends APIError<404, Headers> {}
export class ConflictError extends APIError<409, Headers> {}
export class UnprocessableEntityError extends APIError<422, Headers> {}
export class RateLimitError extends APIError<429, Headers> {}
export class InternalServerError extends APIError<number, Headers> {}

/** The answer was cut at the token limit, so that nothing can be read from it. */
export class LengthFinishReasonError extends OpenAIError {
  constructor() {
    super('Could not parse response content as the length limit was reached');
  }
}

/** The answer was cut by the provider's content filter. */
export class ContentFilterFinishReasonError extends OpenAIError {
  constructor() {
    super('Could not parse response content as the request was rejected by the content filter');
  }
}
