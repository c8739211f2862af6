import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { deadlineError } from 'modelwire/internal/core/deadline';
import { GatewayError, toGatewayError } from 'modelwire/internal/core/errors';
import type { ByteSink, ByteSource, Transport, WireAnswer, WireRequest } from 'modelwire/internal/core/transport';

export type HttpTransportOptions = {
  /** Where connections come from; loaded at first use. */
  dispatcher(): Promise<Dispatcher> | Dispatcher;
  /** The provider's name, for errors. */
  readonly provider: string;
};

/** Bodies up to this size go out in one write; a larger one is written part by part, uncopied. */
const joinBelow = 64 * 1024;

/** HTTP to a provider over undici's dispatch: no promise, stream or Headers object per chunk. */
export function httpTransport(options: HttpTransportOptions): Transport {
  const split = createSplitter();
  return async (request) => {
    const dispatcher = await options.dispatcher();
    return new Promise((resolve, reject) => {
      if (request.signal.aborted) reject(toGatewayError(request.signal.reason));
      else start(dispatcher, request, split(request.url), createExchange(request, options.provider, { resolve, reject }));
    });
  };
}

type Verdict = { resolve(answer: WireAnswer): void; reject(error: unknown): void };

function start(dispatcher: Dispatcher, request: WireRequest, { origin, path }: SplitUrl, handler: Dispatcher.DispatchHandler): void {
  const length = request.body.reduce((sum, part) => sum + (typeof part === 'string' ? Buffer.byteLength(part) : part.byteLength), 0);
  const options: Dispatcher.DispatchOptions = {
    origin,
    path,
    method: request.method,
    headers: request.method === 'GET' ? request.headers : { ...request.headers, 'content-length': String(length) },
    headersTimeout: request.headersMs,
    // The pump keeps the idle deadline: pings must not keep a stream alive.
    bodyTimeout: 0,
    body: request.method === 'GET' ? null : bodyOf(request.body, length),
  };
  dispatcher.dispatch(options, handler);
}

function bodyOf(parts: WireRequest['body'], length: number): Buffer | string | Readable {
  const only = parts[0];
  if (parts.length === 1 && only !== undefined) return typeof only === 'string' ? only : Buffer.from(only.buffer, only.byteOffset, only.byteLength);
  const bytes = parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part));
  return length <= joinBelow ? Buffer.concat(bytes, length) : Readable.from(bytes, { objectMode: false });
}

type SplitUrl = { readonly origin: string; readonly path: string };

/** The few URLs of a provider are parsed once. */
function createSplitter(): (url: string) => SplitUrl {
  const urls = new Map<string, SplitUrl>();
  return (url) => {
    const known = urls.get(url);
    if (known !== undefined) return known;
    const { origin, pathname, search } = new URL(url);
    const split = { origin, path: pathname + search };
    if (urls.size < 100) urls.set(url, split);
    return split;
  };
}

/** One request on the wire: undici's callbacks on one side, our promise and byte source on the other. */
function createExchange(request: WireRequest, provider: string, verdict: Verdict): Dispatcher.DispatchHandler {
  let controller: Dispatcher.DispatchController | undefined;
  let sink: ByteSink | undefined;
  /** Pieces of one read of the socket: they are handed on together, so that what follows is done once a read, not once a piece. */
  let pieces: Uint8Array[] = [];
  let delivering = false;
  let ended = false;
  let failed: unknown;
  let aborted = false;
  let headCame = false;

  const abort = (): void => {
    if (aborted || ended) return;
    aborted = true;
    controller?.abort(abortReason);
  };
  const onSignal = (): void => {
    abort();
    if (!headCame) verdict.reject(toGatewayError(request.signal.reason));
  };
  const release = request.signal.onAbort(onSignal);

  const deliver = (): void => {
    delivering = false;
    const [only] = pieces;
    if (aborted || sink === undefined || only === undefined) return;
    const whole = pieces.length === 1 ? only : Buffer.concat(pieces);
    pieces = [];
    sink.data(whole);
  };

  const source: ByteSource = {
    start(to) {
      sink = to;
      deliver();
      if (failed !== undefined) to.fail(failed);
      else if (ended) to.end();
    },
    pause: () => controller?.pause(),
    resume: () => controller?.resume(),
    abort,
  };

  return {
    onRequestStart(started) {
      controller = started;
      if (aborted) started.abort(abortReason);
    },
    onRequestUpgrade(started) {
      started.abort(abortReason);
      verdict.reject(invalidAnswer(provider, 'switched protocols'));
    },
    onResponseStart(_controller, status, headers) {
      // 1xx are hints, not answers.
      if (status < 200) return;
      headCame = true;
      verdict.resolve({ status, headers: headerMap(headers), body: source });
    },
    onResponseData(_controller, chunk) {
      if (aborted) return;
      pieces.push(chunk);
      if (delivering || sink === undefined) return;
      delivering = true;
      queueMicrotask(deliver);
    },
    onResponseEnd() {
      release();
      deliver();
      if (aborted) return;
      ended = true;
      sink?.end();
    },
    onResponseError(_controller, error) {
      release();
      if (!headCame) {
        verdict.reject(aborted && request.signal.reason !== undefined ? request.signal.reason : connectError(error, request, provider));
        return;
      }
      deliver();
      if (aborted) return;
      failed = error;
      sink?.fail(error);
    },
  };
}

const abortReason = new GatewayError('client_gone', 'the attempt was ended');

function headerMap(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const out: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (typeof value === 'string') out[name] = value;
    else if (value !== undefined) out[name] = value.join(', ');
  }
  return out;
}

function invalidAnswer(provider: string, what: string, cause?: unknown): GatewayError {
  return new GatewayError('upstream_invalid_response', `${provider}: the server ${what}`, {
    provider,
    cause,
    hint: 'Check the base URL and any proxy in between',
  });
}

/** In words, without the address: that is the operator's business and stands in the log. */
const reasons: { readonly [code: string]: string } = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name could not be looked up',
  ENETUNREACH: 'the network is unreachable',
  EHOSTUNREACH: 'the host is unreachable',
  UND_ERR_SOCKET: 'the server closed the connection without an answer',
  EPIPE: 'the connection broke while the request was sent',
};

function connectError(error: Error, request: WireRequest, provider: string): GatewayError {
  const code = codeOf(error);
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') return deadlineError('connect', request.connectMs, provider);
  if (code === 'UND_ERR_HEADERS_TIMEOUT') return deadlineError('headers', request.headersMs, provider);
  if (code.startsWith('HPE_') || code === 'UND_ERR_HEADERS_OVERFLOW' || code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH')
    return invalidAnswer(provider, 'did not answer in legal HTTP', error);
  const tls = /CERT|SELF_SIGNED|TLS|SSL|ALTNAME/.test(code) ? `its TLS certificate was not accepted (${code})` : undefined;
  return new GatewayError('upstream_unreachable', `cannot reach ${provider}: ${tls ?? reasons[code] ?? 'the connection failed'}`, {
    provider,
    cause: error,
    retryable: tls === undefined && code !== 'ENOTFOUND',
    hint: tls === undefined ? 'Check that the server runs, its baseURL, and any proxy' : 'Give the certificate authority as caFile',
  });
}

function codeOf(error: unknown): string {
  let at: unknown = error;
  while (at instanceof Error) {
    if (at instanceof AggregateError && at.errors[0] !== undefined) at = at.errors[0];
    else if ('code' in at && typeof at.code === 'string') return at.code;
    else at = at.cause;
  }
  return '';
}
