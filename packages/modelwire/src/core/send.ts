import type { AttemptScope, World } from './attempt.ts';
import { bodyText, errorBodyLimit, readBody } from './body.ts';
import type { HeaderMap } from './dialect.ts';
import { GatewayError } from './errors.ts';
import { inForm, type Unsent } from './endpoint-form.ts';
import { reframe } from './reframe.ts';
import { type Endpoint, targetName } from './target.ts';
import type { SignableRequest, Method, WireAnswer } from './transport.ts';
import { requestIdOf } from './upstream-failure.ts';

/** The full URL of an operation, from a base URL in either spelling: with `/v1` or without. `bare`: the format knows no versions. */
export function joinUrl(endpoint: Endpoint, path: string, bare = false): string {
  // What stands in the query of a base URL is asked on every call.
  const [address = '', query] = endpoint.baseURL.split('?', 2);
  if (query !== undefined) {
    const url = joinUrl({ ...endpoint, baseURL: address, exact: true }, path, true);
    return `${url}${path.includes('?') ? '&' : '?'}${query}`;
  }
  let base = address;
  while (base.endsWith('/')) base = base.slice(0, -1);
  // A version that is no other's: the base URL may end in it, or in the older one that the same clients take too.
  if (path.startsWith('/v2/')) return base.replace(/\/v[12]$/, '') + path;
  // A path with a version of its own gives way to the one that the base URL names.
  if (version.test(path)) return base + (baseVersion.test(base) ? path.replace(version, '') : path);
  // Ollama's has none: the base URL may be that of its other formats, or name the path's beginning.
  if (path.startsWith('/api/')) return (endpoint.exact === true ? base : base.replace(apiRoot, '')) + path;
  // Vendors put prefixes of their own before the version, so it is added to a bare origin only.
  return (endpoint.exact !== true && !bare && bareOrigin.test(base) ? `${base}/v1` : base) + path;
}

const version = /^\/v1(?:beta|alpha)?(?=\/)/;
const apiRoot = /\/(?:v1|api)$/;
const baseVersion = /\/v1(?:beta|alpha)?$/;
const bareOrigin = /^https?:\/\/[^/]+$/;

/** Sends the request; the transport's own errors name the target. */
export async function send(
  scope: AttemptScope,
  request: Unsent & { /** Default: POST. */ readonly method?: Method; readonly stream: boolean },
): Promise<WireAnswer> {
  const { call, world, target, endpoint, attempt, back } = scope;
  // An endpoint's own form is one of chats and their counts.
  const isForm = call.operation !== 'embeddings' && call.operation !== 'pass_through';
  const asked = { operation: call.operation, stream: request.stream, model: target.model };
  const { path, headers: own, body } = isForm ? inForm(request, endpoint, asked) : request;
  const signable: SignableRequest = {
    method: request.method ?? 'POST',
    url: joinUrl(endpoint, path, back.back.bareURL === true || endpoint.paths !== undefined).replaceAll('{model}', () => encodeURIComponent(target.model)),
    headers: {
      ...(body.length === 0 ? {} : { 'content-type': 'application/json' }),
      accept: request.stream ? 'text/event-stream' : 'application/json',
      // A provider may not compress: a relayed body must pass as it came, and a bomb must not unpack here.
      'accept-encoding': 'identity',
      ...target.headers,
      ...own,
    },
    body,
  };
  const auth = world.authorize(endpoint.auth, target.key, signable, world.now());
  const headers = { ...signable.headers, ...(auth instanceof Promise ? await auth : auth) };
  const { connect: connectMs, headers: headersMs } = call.deadlines;
  const answer = await world.transport(target)({ ...signable, headers, connectMs, headersMs, signal: call.signal });
  attempt.status = answer.status;
  attempt.firstByteAt = world.now();
  const id = requestIdOf(answer.headers);
  if (id !== undefined) attempt.upstreamRequestId = id;
  // What is passed on unread keeps its framing too.
  return answer.status === 200 && isForm ? inEvents(world, answer) : answer;
}

/** A stream in another framing as server-sent events, which is what everything else knows. */
function inEvents(world: World, answer: WireAnswer): WireAnswer {
  const step = world.toEvents(answer.headers['content-type'] ?? '');
  return step === undefined ? answer : { ...answer, headers: { ...answer.headers, 'content-type': 'text/event-stream' }, body: reframe(answer.body, step) };
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
