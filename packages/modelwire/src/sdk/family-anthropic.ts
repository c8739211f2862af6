import { isObject } from '../core/json-text.ts';
import * as errors from './errors-anthropic.ts';
import type { ErrorFamily } from './failure.ts';

const byStatus: ReadonlyMap<number, typeof errors.APIError<number, Headers>> = new Map<number, typeof errors.APIError<number, Headers>>([
  [400, errors.BadRequestError],
  [401, errors.AuthenticationError],
  [402, errors.PaymentRequiredError],
  [403, errors.PermissionDeniedError],
  [404, errors.NotFoundError],
  [408, errors.RequestTimeoutError],
  [409, errors.ConflictError],
  [412, errors.PreconditionFailedError],
  [413, errors.ContentTooLargeError],
  [422, errors.UnprocessableEntityError],
  [429, errors.RateLimitError],
  [431, errors.RequestHeaderFieldsTooLargeError],
  [499, errors.ClientClosedRequestError],
  [501, errors.NotImplementedError],
  [503, errors.ServiceUnavailableError],
  [504, errors.GatewayTimeoutError],
  [529, errors.OverloadedError],
]);

export const anthropicErrors: ErrorFamily = {
  refused({ status, body, message, headers }) {
    const Refusal = byStatus.get(status) ?? (status >= 500 ? errors.InternalServerError : errors.APIError);
    return new Refusal(status, body, message, headers);
  },
  inStream: (body, headers) => new errors.APIError(undefined, isObject(body) ? body : undefined, undefined, headers),
  unreachable: (message, cause) => new errors.APIConnectionError({ message, cause }),
  timedOut: (message) => new errors.APIConnectionTimeoutError({ message }),
  aborted: () => new errors.APIUserAbortError(),
  misuse: (message, cause) => new errors.AnthropicError(message, cause === undefined ? {} : { cause }),
  is: (thrown) => thrown instanceof errors.AnthropicError,
};
