import type { ErrorCode } from 'modelwire/internal/core/errors';

/** What the process ends with. `modelwire help exit-codes` explains them. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, provider: 3, auth: 4, limit: 5, timeout: 6, interrupted: 130 } as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Codes of errors that only the command line has. */
export type CliErrorCode = 'usage' | 'invalid_config' | 'no_key' | 'port_taken' | 'not_reachable' | 'not_installed' | 'nothing_recorded' | 'failed';

const byCode: { readonly [code in ErrorCode | CliErrorCode]: ExitCode } = {
  usage: exitCodes.usage,
  invalid_config: exitCodes.usage,
  no_key: exitCodes.auth,
  port_taken: exitCodes.failed,
  not_reachable: exitCodes.failed,
  not_installed: exitCodes.failed,
  nothing_recorded: exitCodes.failed,
  failed: exitCodes.failed,
  invalid_request: exitCodes.usage,
  unsupported_parameter: exitCodes.usage,
  context_length_exceeded: exitCodes.limit,
  invalid_api_key: exitCodes.auth,
  insufficient_quota: exitCodes.limit,
  permission_denied: exitCodes.auth,
  cross_site_refused: exitCodes.auth,
  model_not_found: exitCodes.usage,
  not_found: exitCodes.usage,
  method_not_allowed: exitCodes.usage,
  request_timeout: exitCodes.timeout,
  conflict: exitCodes.failed,
  request_too_large: exitCodes.limit,
  content_filter: exitCodes.provider,
  thread_unsupported_request: exitCodes.usage,
  thread_not_found: exitCodes.usage,
  thread_fingerprint_mismatch: exitCodes.usage,
  previous_response_not_found: exitCodes.usage,
  rate_limit_exceeded: exitCodes.limit,
  internal_error: exitCodes.failed,
  loop_detected: exitCodes.failed,
  upstream_error: exitCodes.provider,
  upstream_auth: exitCodes.auth,
  upstream_unreachable: exitCodes.provider,
  upstream_invalid_response: exitCodes.provider,
  upstream_stream_cut: exitCodes.provider,
  overloaded: exitCodes.provider,
  model_unavailable: exitCodes.provider,
  no_target: exitCodes.provider,
  deadline_connect: exitCodes.timeout,
  deadline_headers: exitCodes.timeout,
  deadline_first_token: exitCodes.timeout,
  deadline_idle: exitCodes.timeout,
  deadline_total: exitCodes.timeout,
  client_gone: exitCodes.interrupted,
};

/** The exit code of an error's code; a code that is not ours fails. */
export function exitCodeOf(code: string): ExitCode {
  return Object.hasOwn(byCode, code) ? byCode[code as keyof typeof byCode] : exitCodes.failed;
}

/** The exit code of an HTTP status, for answers whose code is not ours. */
export function exitCodeOfStatus(status: number): ExitCode {
  if (status === 401 || status === 403) return exitCodes.auth;
  if (status === 429 || status === 413 || status === 402) return exitCodes.limit;
  if (status === 408 || status === 504) return exitCodes.timeout;
  if (status >= 500) return exitCodes.provider;
  return status >= 400 ? exitCodes.usage : exitCodes.failed;
}
