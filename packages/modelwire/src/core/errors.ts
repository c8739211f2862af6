/**
 * Every way a call can go wrong, as one class with a stable `code`. The dialects turn it into their caller's shape; the table below
 * gives the HTTP status and whether the same call may be tried again. Outcomes per fault: docs/errors.md.
 */
export type ErrorCode =
  | 'invalid_request'
  | 'unsupported_parameter'
  | 'context_length_exceeded'
  | 'invalid_api_key'
  | 'insufficient_quota'
  | 'permission_denied'
  | 'cross_site_refused'
  | 'model_not_found'
  | 'not_found'
  | 'method_not_allowed'
  | 'request_timeout'
  | 'conflict'
  | 'request_too_large'
  | 'content_filter'
  | 'thread_unsupported_request'
  | 'thread_not_found'
  | 'thread_fingerprint_mismatch'
  | 'previous_response_not_found'
  | 'rate_limit_exceeded'
  | 'internal_error'
  | 'loop_detected'
  | 'upstream_error'
  | 'upstream_auth'
  | 'upstream_unreachable'
  | 'upstream_invalid_response'
  | 'upstream_stream_cut'
  | 'overloaded'
  | 'model_unavailable'
  | 'no_target'
  | 'deadline_connect'
  | 'deadline_headers'
  | 'deadline_first_token'
  | 'deadline_idle'
  | 'deadline_total'
  | 'client_gone';

/** What a provider's complaint can mean. */
export type UpstreamCode = Extract<
  ErrorCode,
  | 'invalid_request'
  | 'context_length_exceeded'
  | 'content_filter'
  | 'insufficient_quota'
  | 'rate_limit_exceeded'
  | 'overloaded'
  | 'model_not_found'
  | 'conflict'
  | 'request_too_large'
  | 'loop_detected'
  | 'upstream_auth'
  | 'upstream_error'
>;

type Row = { readonly status: number; readonly retryable: boolean };

export const errorTable: { readonly [code in ErrorCode]: Row } = {
  invalid_request: { status: 400, retryable: false },
  unsupported_parameter: { status: 400, retryable: false },
  context_length_exceeded: { status: 400, retryable: false },
  invalid_api_key: { status: 401, retryable: false },
  insufficient_quota: { status: 429, retryable: false },
  permission_denied: { status: 403, retryable: false },
  cross_site_refused: { status: 403, retryable: false },
  model_not_found: { status: 404, retryable: false },
  not_found: { status: 404, retryable: false },
  method_not_allowed: { status: 405, retryable: false },
  request_timeout: { status: 408, retryable: false },
  conflict: { status: 409, retryable: true },
  request_too_large: { status: 413, retryable: false },
  content_filter: { status: 400, retryable: false },
  thread_unsupported_request: { status: 400, retryable: false },
  thread_not_found: { status: 404, retryable: false },
  thread_fingerprint_mismatch: { status: 400, retryable: false },
  previous_response_not_found: { status: 400, retryable: false },
  rate_limit_exceeded: { status: 429, retryable: true },
  internal_error: { status: 500, retryable: true },
  loop_detected: { status: 508, retryable: false },
  upstream_error: { status: 502, retryable: true },
  upstream_auth: { status: 502, retryable: false },
  upstream_unreachable: { status: 502, retryable: true },
  upstream_invalid_response: { status: 502, retryable: true },
  upstream_stream_cut: { status: 502, retryable: true },
  overloaded: { status: 503, retryable: true },
  model_unavailable: { status: 503, retryable: true },
  no_target: { status: 503, retryable: true },
  deadline_connect: { status: 504, retryable: true },
  deadline_headers: { status: 504, retryable: true },
  deadline_first_token: { status: 504, retryable: true },
  deadline_idle: { status: 504, retryable: true },
  deadline_total: { status: 504, retryable: false },
  client_gone: { status: 499, retryable: false },
};

export type ErrorOptions = {
  /** HTTP status to answer with; default from `errorTable`. */
  readonly status?: number;
  readonly retryable?: boolean;
  /** The caller's own name of the field at fault, e.g. `messages[2].content`. */
  readonly param?: string | undefined;
  /** One sentence: what to do about it. */
  readonly hint?: string | undefined;
  readonly provider?: string | undefined;
  /** Seconds to wait, already checked: finite, 0 < n ≤ 60. */
  readonly retryAfter?: number | undefined;
  /** The status that the provider answered with, when there was one. */
  readonly upstreamStatus?: number | undefined;
  readonly upstreamRequestId?: string | undefined;
  /** Structured facts that some clients read (Anthropic `error.details`). */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  readonly cause?: unknown;
};

const brand = Symbol.for('modelwire.error');

/** The one error that the core throws. Test it by `code`, not by class: copies of the package share the brand, not the class. */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly retryable: boolean;
  readonly param: string | undefined;
  readonly hint: string | undefined;
  readonly provider: string | undefined;
  readonly retryAfter: number | undefined;
  readonly upstreamStatus: number | undefined;
  readonly upstreamRequestId: string | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'GatewayError';
    this.code = code;
    this.status = options.status ?? errorTable[code].status;
    this.retryable = options.retryable ?? errorTable[code].retryable;
    this.param = options.param;
    this.hint = options.hint;
    this.provider = options.provider;
    this.retryAfter = options.retryAfter;
    this.upstreamStatus = options.upstreamStatus;
    this.upstreamRequestId = options.upstreamRequestId;
    this.details = options.details;
    Object.defineProperty(this, brand, { value: true });
  }
}

export function isGatewayError(value: unknown): value is GatewayError {
  return typeof value === 'object' && value !== null && brand in value;
}

/** Whatever was thrown, as a `GatewayError`; an unknown throw is `internal_error` and tells nothing of its insides. */
export function toGatewayError(thrown: unknown): GatewayError {
  if (isGatewayError(thrown)) return thrown;
  return new GatewayError('internal_error', 'modelwire failed on its own account', { cause: thrown });
}

/** The message with its hint, as callers see it. */
export function describeError(error: GatewayError): string {
  return error.hint === undefined ? error.message : `${error.message}. ${error.hint}`;
}
