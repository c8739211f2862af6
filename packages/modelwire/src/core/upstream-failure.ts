import type { HeaderMap } from './dialect.ts';
import { type ErrorCode, GatewayError } from './errors.ts';
import { isObject } from './json-text.ts';
import { type Target, targetName } from './target.ts';

/** What a provider said went wrong, as far as its error body tells. */
export type UpstreamComplaint = {
  readonly status: number;
  readonly headers: HeaderMap;
  /** The provider's own words; undefined when the body tells nothing. */
  readonly message?: string | undefined;
  readonly type?: string | undefined;
  readonly code?: string | undefined;
  readonly param?: string | undefined;
  /** Structured facts that the caller's SDK reads (Anthropic `error.details`). */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
};

const longestMessage = 2048;

/** A provider's complaint as one of our errors: class by status, then by code and text. Outcomes: docs/errors.md. */
export function upstreamFailure(complaint: UpstreamComplaint, target: Target): GatewayError {
  const code = classify(complaint);
  const said = complaint.message === undefined ? `answered with status ${complaint.status}` : scrub(complaint.message, target).slice(0, longestMessage);
  const wait = retryAfter(complaint.headers);
  const shouldRetry = complaint.headers['x-should-retry'];
  return new GatewayError(code, `${target.provider}: ${said}`, {
    provider: targetName(target),
    upstreamStatus: complaint.status,
    upstreamRequestId: complaint.headers['x-request-id'] ?? complaint.headers['request-id'],
    ...(wait === undefined ? {} : { retryAfter: wait }),
    ...(shouldRetry === 'true' || shouldRetry === 'false' ? { retryable: shouldRetry === 'true' } : {}),
    ...(keepsStatus.has(code) || !(complaint.status >= 400 && complaint.status <= 499) ? statusFor(code, complaint.status) : { status: complaint.status }),
    ...(code === 'invalid_request' && complaint.param !== undefined ? { param: complaint.param } : {}),
    ...(complaint.details === undefined ? {} : { details: complaint.details }),
    hint: hintFor(code, target),
  });
}

/** Codes whose status is the table's, whatever the provider answered. */
const keepsStatus = new Set<ErrorCode>(['upstream_auth', 'insufficient_quota', 'upstream_error', 'upstream_invalid_response', 'overloaded', 'rate_limit_exceeded', 'context_length_exceeded', 'content_filter']);

function statusFor(code: ErrorCode, status: number): { status?: number } {
  if (code === 'overloaded' && status === 529) return { status: 529 };
  return code === 'upstream_error' && (status === 500 || status === 504) ? { status } : {};
}

function classify(complaint: UpstreamComplaint): ErrorCode {
  const { status } = complaint;
  const words = `${complaint.code ?? ''} ${complaint.type ?? ''} ${complaint.message ?? ''}`.toLowerCase();
  if (complaint.code === 'loop_detected') return 'loop_detected';
  if (/insufficient_quota|billing_error|insufficient balance|exceeded_current_quota|arrearage|account.*overdue|余额不足|欠费/.test(words)) return 'insufficient_quota';
  if (status === 401 || status === 403 || status === 498) return 'upstream_auth';
  if (status === 402) return 'insufficient_quota';
  if (/overloaded/.test(words) || status === 529 || status === 503) return 'overloaded';
  if (status === 429 || /rate_limit/.test(complaint.type ?? '') || /rate_limit/.test(complaint.code ?? '')) return 'rate_limit_exceeded';
  if (status === 404) return 'model_not_found';
  if (status === 408) return 'upstream_error';
  if (status === 409 || status === 425) return 'conflict';
  if (status === 413) return 'request_too_large';
  if (status >= 400 && status <= 499) return classifyRequest(words);
  if (status >= 500) return 'upstream_error';
  // An error inside a 200, or a status that is no answer: the type decides.
  if (/invalid_request|bad_request|invalid_parameter/.test(words)) return classifyRequest(words);
  if (/authentication|invalid_api_key|permission/.test(words)) return 'upstream_auth';
  if (/not_found/.test(words)) return 'model_not_found';
  return 'upstream_error';
}

function classifyRequest(words: string): ErrorCode {
  if (/context_length|prompt is too long|maximum context|context window|too many tokens|input is too long|range of input length/.test(words)) return 'context_length_exceeded';
  if (/content_filter|content_policy|data_inspection|content risk|sensitive/.test(words)) return 'content_filter';
  return 'invalid_request';
}

function hintFor(code: ErrorCode, target: Target): string | undefined {
  if (code === 'upstream_auth') return `Check the key configured for ${target.provider}`;
  if (code === 'insufficient_quota') return `Top up the ${target.provider} account, or use another provider`;
  return undefined;
}

/** No key may leave in a message: the provider's words may repeat it. */
function scrub(message: string, target: Target): string {
  const key = target.key?.reveal();
  const plain = key === undefined || key.length < 6 ? message : message.replaceAll(key, '[redacted]');
  return plain.replace(/\b(?:sk|pk|gsk|xai|key|nvapi|hf)[-_][A-Za-z0-9_*-]{12,}/g, '[redacted]');
}

/** Seconds to wait, from `retry-after-ms` or `retry-after` (seconds or a date); undefined unless finite, positive and at most 60. */
export function retryAfter(headers: HeaderMap, now: () => number = Date.now): number | undefined {
  const ms = headers['retry-after-ms'];
  if (ms !== undefined && ms.trim() !== '') return bounded(Number(ms) / 1000);
  const value = headers['retry-after'];
  if (value === undefined || value.trim() === '') return undefined;
  const seconds = Number(value);
  return bounded(Number.isNaN(seconds) ? (Date.parse(value) - now()) / 1000 : seconds);
}

function bounded(seconds: number): number | undefined {
  return Number.isFinite(seconds) && seconds > 0 && seconds <= 60 ? seconds : undefined;
}

/** The parts of an error body in any of the shapes seen in the field: objects, strings, arrays, `detail`, HTML, nothing. */
export function readComplaint(text: string): { message?: string; type?: string; code?: string; param?: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { message: describeForeign(text) };
  }
  if (Array.isArray(value)) value = value[0];
  if (typeof value === 'string') return { message: value };
  if (!isObject(value)) return {};
  const error = value['error'];
  const from = isObject(error) ? error : value;
  const message = firstString(from['message'], from['msg'], from['detail'], typeof error === 'string' ? error : undefined, from['error_msg'], from['status_msg']);
  const code = from['code'] ?? from['error_code'] ?? from['status_code'];
  return {
    ...(message === undefined ? {} : { message }),
    ...(typeof from['type'] === 'string' ? { type: from['type'] } : {}),
    ...(typeof code === 'string' || typeof code === 'number' ? { code: String(code) } : {}),
    ...(typeof from['param'] === 'string' ? { param: from['param'] } : {}),
  };
}

function firstString(...values: readonly unknown[]): string | undefined {
  for (const value of values) {
    if (typeof value === 'string' && value !== '') return value;
  }
  return undefined;
}

/** What came instead of JSON, in words: never the page itself. */
export function describeForeign(text: string): string {
  const start = text.slice(0, 512).trimStart().toLowerCase();
  if (start === '') return 'an empty body came';
  if (start.startsWith('<')) return `HTML came instead of JSON${start.includes('cloudflare') ? ' (Cloudflare)' : ''}: check the base URL and any proxy`;
  return 'a body came that is not JSON';
}
