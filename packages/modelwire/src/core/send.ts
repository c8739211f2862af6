import type { AttemptScope } from './attempt.ts';
import { bodyText, errorBodyLimit, readBody } from './body.ts';
import type { HeaderMap } from './dialect.ts';
import { GatewayError } from './errors.ts';
import { type Endpoint, targetName } from './target.ts';
import type { Method, WireAnswer } from './transport.ts';

/** The full URL of an operation, from a base URL in either spelling: with `/v1` or without. */
export function joinUrl(endpoint: Endpoint, path: string): string {
  let base = endpoint.baseURL;
  while (base.endsWith('/')) base = base.slice(0, -1);
  // A path with a version of its own gives way to the one that the base URL names.
  if (version.test(path)) return base + (baseVersion.test(base) ? path.replace(version, '') : path);
  // Vendors put prefixes of their own before the version, so it is added to a bare origin only.
  return (endpoint.exact !== true && bareOrigin.test(base) ? `${base}/v1` : base) + path;
}

const version = /^\/v1(?:beta|alpha)?(?=\/)/;
const baseVersion = /\/v1(?:beta|alpha)?$/;
const bareOrigin = /^https?:\/\/[^/]+$/;

/** Sends the request; the transport's own errors name the target. */
export async function send(
  scope: AttemptScope,
  request: {
    /** Default: POST. */
    readonly method?: Method;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: readonly (Uint8Array | string)[];
    readonly stream: boolean;
  },
): Promise<WireAnswer> {
  const { call, world, target, endpoint, attempt } = scope;
  const answer = await world.transport(target)({
    method: request.method ?? 'POST',
    url: joinUrl(endpoint, request.path),
    headers: {
      'content-type': 'application/json',
      accept: request.stream ? 'text/event-stream' : 'application/json',
      // A provider may not compress: a relayed body must pass as it came, and a bomb must not unpack here.
      'accept-encoding': 'identity',
      ...target.headers,
      ...request.headers,
      ...world.authorize(endpoint.auth, target.key),
    },
    body: request.body,
    connectMs: call.deadlines.connect,
    headersMs: call.deadlines.headers,
    signal: call.signal,
  });
  attempt.status = answer.status;
  attempt.firstByteAt = world.now();
  const id = answer.headers['x-request-id'] ?? answer.headers['request-id'];
  if (id !== undefined) attempt.upstreamRequestId = id;
  return answer;
}

/** The provider's headers that pass to the caller, by an allow-list. */
export function passHeaders(headers: HeaderMap): Record<string, string> {
  const out: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined && isPassed(name)) out[name] = value;
  }
  return out;
}

function isPassed(name: string): boolean {
  return name.startsWith('x-ratelimit-') || name.startsWith('anthropic-ratelimit-') || name === 'openai-processing-ms' || name === 'openai-version';
}

export function isEventStream(headers: HeaderMap): boolean {
  return headers['content-type']?.toLowerCase().startsWith('text/event-stream') === true;
}

/** The provider's refusal as our error. Redirects and statuses that are no answer are the provider's fault. */
export async function failureOf(scope: AttemptScope, answer: WireAnswer): Promise<GatewayError> {
  const { target, back } = scope;
  if (answer.status < 300 || (answer.status >= 300 && answer.status < 400)) {
    answer.body.abort();
    const what =
      answer.status >= 300
        ? `redirects (status ${answer.status}); redirects are never followed with a key`
        : `answered with status ${answer.status}, which is no answer`;
    return new GatewayError('upstream_invalid_response', `${target.provider} ${what}`, {
      provider: targetName(target),
      upstreamStatus: answer.status,
      retryable: answer.status < 300,
      hint: 'Check the base URL',
    });
  }
  const body = await readBody(scope, answer.body, errorBodyLimit);
  body.long?.abort();
  return back.back.failure({ status: answer.status, headers: answer.headers, text: bodyText(body) }, target);
}
