import { isObject } from '../core/json-text.ts';
import * as errors from './errors-openai.ts';
import type { ErrorFamily } from './failure.ts';

const byStatus: ReadonlyMap<number, typeof errors.APIError<number, Headers>> = new Map<number, typeof errors.APIError<number, Headers>>([
  [400, errors.BadRequestError],
  [401, errors.AuthenticationError],
  [403, errors.PermissionDeniedError],
  [404, errors.NotFoundError],
  [409, errors.ConflictError],
  [422, errors.UnprocessableEntityError],
  [429, errors.RateLimitError],
]);

export const openaiErrors: ErrorFamily = {
  refused({ status, body, message, headers }) {
    const error = body === undefined ? undefined : (body['error'] ?? body);
    const Refusal = byStatus.get(status) ?? (status >= 500 ? errors.InternalServerError : errors.APIError);
    // Some servers' errors are a text.
    return new Refusal(status, isObject(error) || typeof error === 'string' ? error : body, message, headers);
  },
  inStream(body, headers) {
    const error = isObject(body) ? (body['error'] ?? body) : undefined;
    return new errors.APIError(undefined, isObject(error) ? error : undefined, typeof error === 'string' ? error : undefined, headers);
  },
  unreachable: (message, cause) => new errors.APIConnectionError({ message, cause }),
  timedOut: (message) => new errors.APIConnectionTimeoutError({ message }),
  aborted: () => new errors.APIUserAbortError(),
  misuse: (message, cause) => new errors.OpenAIError(message, cause === undefined ? {} : { cause }),
  is: (thrown) => thrown instanceof errors.OpenAIError,
};
