import type { HeaderMap } from './dialect.ts';
import { type ErrorCode, GatewayError, type UpstreamCode } from './errors.ts';
import { isObject, type JsonObject } from './json-text.ts';
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
  const code = classify(complaint, target);
  const said = complaint.message === undefined ? `answered with status ${complaint.status}` : scrub(complaint.message, target).slice(0, longestMessage);
  const wait = retryAfter(complaint.headers);
  const shouldRetry = complaint.headers['x-should-retry'];
  return new GatewayError(code, `${target.provider}: ${said}`, {
    provider: targetName(target),
    upstreamStatus: complaint.status,
    upstreamRequestId: requestIdOf(complaint.headers),
    ...(wait === undefined ? {} : { retryAfter: wait }),
    ...(shouldRetry === 'true' || shouldRetry === 'false' ? { retryable: shouldRetry === 'true' } : {}),
    ...(keepsStatus.has(code) || !(complaint.status >= 400 && complaint.status <= 499) ? statusFor(code, complaint.status) : { status: complaint.status }),
    ...(code === 'invalid_request' && complaint.param !== undefined ? { param: complaint.param } : {}),
    ...(complaint.details === undefined ? {} : { details: complaint.details }),
    hint: hintFor(code, target),
  });
}

/** The provider's own id of the call. */
export function requestIdOf(headers: HeaderMap): string | undefined {
  return headers['x-request-id'] ?? headers['request-id'] ?? headers['x-amzn-requestid'];
}

/** Codes whose status is the table's, whatever the provider answered. */
const keepsStatus = new Set<ErrorCode>([
  'upstream_auth',
  'insufficient_quota',
  'upstream_error',
  'upstream_invalid_response',
  'overloaded',
  'rate_limit_exceeded',
  'model_not_found',
  'context_length_exceeded',
  'content_filter',
]);

function statusFor(code: ErrorCode, status: number): { status?: number } {
  if (code === 'overloaded' && status === 529) return { status: 529 };
  return code === 'upstream_error' && (status === 500 || status === 504) ? { status } : {};
}

/**
 * What a complaint means; the first rule that fits decides. `in` is the status, `label` looks at the code and the type, `words` at those
 * and the message, all in lower case. A rule without `in` is for any status.
 */
type Rule = { readonly means: UpstreamCode; readonly in?: (status: number) => boolean; readonly label?: RegExp; readonly words?: RegExp };

const oneOf =
  (...statuses: readonly number[]) =>
  (status: number): boolean =>
    statuses.includes(status);
const refusal = (status: number): boolean => status >= 400 && status <= 499;
/** An error inside a 200, or a status that is no answer: the words alone decide. */
const inside = (status: number): boolean => status < 400;
const refusalOrInside = (status: number): boolean => status <= 499;

const rules: readonly Rule[] = [
  { means: 'loop_detected', label: /^loop_detected\b/ },
  {
    means: 'insufficient_quota',
    words:
      /insufficient_quota|billing_error|insufficient (?:account )?balance|balance is insufficient|exceeded_current_quota|arrearage|account_?overdue|overdue balance|余额不足|欠费/,
  },
  { means: 'insufficient_quota', label: /servicequotaexceeded/ },
  { means: 'content_filter', in: oneOf(403), words: /moderation|flagged/ },
  { means: 'upstream_auth', in: oneOf(401, 403, 498) },
  { means: 'upstream_auth', in: oneOf(400), words: /invalid_api_key|(?:incorrect|invalid) api[ _-]?key|api key not valid/ },
  { means: 'insufficient_quota', in: oneOf(402) },
  { means: 'overloaded', label: /serviceunavailable/ },
  { means: 'overloaded', words: /overloaded|访问量过大|服务繁忙/ },
  { means: 'overloaded', in: oneOf(503, 529) },
  { means: 'rate_limit_exceeded', in: oneOf(429) },
  { means: 'rate_limit_exceeded', label: /rate_?limit|throttling|toomanyrequests|resource_exhausted/ },
  { means: 'rate_limit_exceeded', in: refusalOrInside, words: /速率限制|限流|请求过于频繁/ },
  { means: 'model_not_found', in: oneOf(404) },
  { means: 'model_not_found', in: refusalOrInside, label: /model_?not_?(?:found|exists?|open)|invalid_model\b/ },
  { means: 'model_not_found', in: refusalOrInside, words: /model (?:does not|doesn't|not) exist|模型不存在/ },
  // 499: the provider takes the call for closed, while the caller is still there.
  { means: 'upstream_error', in: oneOf(408, 499, 424) },
  { means: 'conflict', in: oneOf(409, 425) },
  { means: 'request_too_large', in: oneOf(413) },
  {
    means: 'context_length_exceeded',
    in: refusalOrInside,
    words:
      /context_length|prompt is too long|maximum context|context window|too many tokens|maximum number of tokens|input is too long|range of input length|exceeded model token limit|prompt 超长|上下文长度|输入过长/,
  },
  {
    means: 'content_filter',
    in: refusalOrInside,
    words: /content_filter|content_policy|data_inspection|content risk|high risk|sensitive|content audit|敏感|不安全/,
  },
  { means: 'invalid_request', in: refusal },
  { means: 'invalid_request', in: inside, label: /validationexception/ },
  { means: 'invalid_request', in: inside, words: /invalid_request|bad_request|invalid_parameter|invalid params/ },
  { means: 'upstream_auth', in: inside, words: /authentication|invalid_api_key|permission/ },
  { means: 'model_not_found', in: inside, words: /not_found/ },
];

function classify(complaint: UpstreamComplaint, { quirks }: Target): ErrorCode {
  const { status, code } = complaint;
  const own = code !== undefined && quirks.errorCodes !== undefined && Object.hasOwn(quirks.errorCodes, code) ? quirks.errorCodes[code] : undefined;
  if (own !== undefined) return own;
  const label = `${code ?? ''} ${complaint.type ?? ''}`.toLowerCase();
  const words = `${label} ${complaint.message ?? ''}`.toLowerCase();
  return rules.find((rule) => fits(rule, { status, label, words }))?.means ?? 'upstream_error';
}

function fits(rule: Rule, said: { readonly status: number; readonly label: string; readonly words: string }): boolean {
  return rule.in?.(said.status) !== false && rule.label?.test(said.label) !== false && rule.words?.test(said.words) !== false;
}

function hintFor(code: ErrorCode, target: Target): string | undefined {
  if (code === 'upstream_auth') return `Check the key configured for ${target.provider}`;
  if (code === 'insufficient_quota') return `Top up the ${target.provider} account, or use another provider`;
  return undefined;
}

/** No key and no internal address may leave in a message: the provider's words may repeat them. */
function scrub(message: string, target: Target): string {
  const key = target.key?.reveal() ?? '';
  let plain = message.replace(/\p{Cc}+/gu, ' ');
  // A key may be a pair of them.
  for (const part of new Set([key, ...key.split(':')])) {
    for (const spelling of part.length < 6 ? [] : spellingsOf(part)) plain = plain.replaceAll(spelling, '[redacted]');
  }
  return plain.replace(/\b(?:sk|pk|gsk|xai|key|nvapi|hf)[-_][A-Za-z0-9_*-]{12,}/g, '[redacted]').replace(internalAddress, '[address]');
}

/** The key as it is, as base64 (the padding may be missing), and as it stands in a URL. */
function spellingsOf(key: string): string[] {
  const bytes = new TextEncoder().encode(key);
  const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')).replace(/=+$/, '');
  return [key, base64, encodeURIComponent(new TextDecoder().decode(bytes))];
}

/** Addresses of the operator's own network. */
const internalAddress = /https?:\/\/(?:[^\s/@]*@)?(?:localhost\b|127\.\d|0\.0\.0\.0|\[::1\]|10\.\d|172\.(?:1[6-9]|2\d|3[01])\.|192\.168\.|169\.254\.)\S*/gi;

const plainNumber = /^\d+(?:\.\d+)?$/;

/** Seconds to wait, from `retry-after-ms` or `retry-after` (seconds or a date); undefined unless finite, positive and at most 60. */
export function retryAfter(headers: HeaderMap, now: () => number = Date.now): number | undefined {
  const ms = (headers['retry-after-ms'] ?? '').trim();
  if (ms !== '') return plainNumber.test(ms) ? bounded(Number(ms) / 1000) : undefined;
  const value = (headers['retry-after'] ?? '').trim();
  if (value === '') return undefined;
  return bounded(plainNumber.test(value) ? Number(value) : (Date.parse(value) - now()) / 1000);
}

function bounded(seconds: number): number | undefined {
  return Number.isFinite(seconds) && seconds > 0 && seconds <= 60 ? seconds : undefined;
}

/**
 * The parts of an error body in any of the shapes seen in the field: objects, strings, arrays, `detail`, HTML, nothing. `key` is where
 * a provider of its own kind puts them.
 */
export function readComplaint(text: string, key = 'error'): { message?: string; type?: string; code?: string; param?: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { message: describeForeign(text) };
  }
  if (Array.isArray(value)) value = value[0];
  if (typeof value === 'string') return { message: value };
  if (!isObject(value)) return {};
  const exception = exceptionIn(value);
  if (exception !== undefined) return exception;
  const error = value['error'];
  const from = [error, value[key], value['errors']].find(isObject) ?? value;
  const message = firstString(
    from['message'],
    from['msg'],
    from['detail'],
    error,
    from['error_msg'],
    from['status_msg'],
    faultsOf(from['message']),
    faultsOf(from['detail']),
  );
  const code = from['code'] ?? from['error_code'] ?? from['status_code'];
  return {
    ...(message === undefined ? {} : { message }),
    ...(typeof from['type'] === 'string' ? { type: from['type'] } : {}),
    ...(typeof code === 'string' || typeof code === 'number' ? { code: String(code) } : {}),
    ...(typeof from['param'] === 'string' && from['param'] !== '' ? { param: from['param'] } : {}),
  };
}

/** An exception of AWS inside a stream: its name with what it says, `{"throttlingException":{"message":…}}`. */
function exceptionIn(value: JsonObject): { message?: string; type: string } | undefined {
  const [type, ...others] = Object.keys(value);
  if (type === undefined || others.length > 0 || !type.endsWith('Exception')) return undefined;
  const said = value[type];
  return isObject(said) && typeof said['message'] === 'string' && said['message'] !== '' ? { message: said['message'], type } : { type };
}

/** A validator's list of faults (Mistral, vLLM): the first, with its place. */
function faultsOf(value: unknown): string | undefined {
  const list = isObject(value) ? value['detail'] : value;
  const first: unknown = Array.isArray(list) ? list[0] : undefined;
  if (!isObject(first) || typeof first['msg'] !== 'string') return undefined;
  return Array.isArray(first['loc']) ? `${first['loc'].join('.')}: ${first['msg']}` : first['msg'];
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
