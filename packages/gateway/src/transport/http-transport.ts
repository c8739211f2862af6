import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { deadlineError } from 'modelwire/internal/core/deadline';
import { GatewayError, toGatewayError } from 'modelwire/internal/core/errors';
import type { ByteSink, ByteSource, Transport, WireAnswer, WireRequest } from 'modelwire/internal/core/transport';
import { createReuseWatch } from './reuse-watch.ts';

export type HttpTransportOptions = {
  /** Where connections come from; loaded at first use. */
  dispatcher(): Promise<Dispatcher> | Dispatcher;
  /** The provider's name, for errors. */
  readonly provider: string;
};

/** Bodies up to this size go out in one write; a larger one is written part by part, uncopied. */
const joinBelow = 64 * 1024;
/** A server may close an idle connection just as the next request goes out on it. Sent again at once this often: that is no answer, so no try. */
const mostResends = 3;
/** One for the process: what it listens to is the process's. */
const reuse = createReuseWatch();

/** HTTP to a provider over undici's dispatch: no promise, stream or Headers object per chunk. */
export function httpTransport(options: HttpTransportOptions): Transport {
  const split = createSplitter();
  return async (request) => {
    const dispatcher = await options.dispatcher();
    const url = split(request.url);
    return new Promise((resolve, reject) => {
      const send = (resends: number): void => {
        const resend = resends > 0 ? () => send(resends - 1) : undefined;
        if (request.signal.aborted) reject(toGatewayError(request.signal.reason));
        else start(dispatcher, request, url, createExchange(request, options.provider, { resolve, reject, resend }));
      };
      send(mostResends);
    });
  };
}

type Verdict = {
  resolve(answer: WireAnswer): void;
  reject(error: unknown): void;
  /** Sends the request once more, while that is allowed. */ readonly resend: (() => void) | undefined;
};
type Exchange = Dispatcher.DispatchHandler & { /** The first byte of a response has come. */ onResponseStarted(): void };

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
function createExchange(request: WireRequest, provider: string, verdict: Verdict): Exchange {
  let controller: Dispatcher.DispatchController | undefined;
  let sink: ByteSink | undefined;
  let ended = false;
  let failed: unknown;
  let aborted = false;
  let headCame = false;
  /** It went out on a used connection, and not a byte has come back. */
  let stale = false;

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

  const { add, deliver } = gatherPieces(() => (aborted ? undefined : sink));

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
      else reuse.begin(() => (stale = true));
    },
    onResponseStarted() {
      stale = false;
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
      if (!aborted) add(chunk);
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
        if (aborted && request.signal.reason !== undefined) verdict.reject(request.signal.reason);
        else if (stale && !aborted && connectionLost.has(codeOf(error)) && verdict.resend !== undefined) verdict.resend();
        else verdict.reject(connectError(error, request, provider));
        return;
      }
      deliver();
      if (aborted) return;
      failed = error;
      sink?.fail(error);
    },
  };
}

/** Pieces of one read of the socket are handed on together, so that what follows is done once a read, not once a piece. Held while there is no sink. */
function gatherPieces(sink: () => ByteSink | undefined): { add(piece: Uint8Array): void; deliver(): void } {
  let pieces: Uint8Array[] = [];
  let delivering = false;
  const deliver = (): void => {
    delivering = false;
    const to = sink();
    const [only] = pieces;
    if (to === undefined || only === undefined) return;
    const whole = pieces.length === 1 ? only : Buffer.concat(pieces);
    pieces = [];
    to.data(whole);
  };
  return {
    deliver,
    add(piece) {
      pieces.push(piece);
      if (delivering || sink() === undefined) return;
      delivering = true;
      queueMicrotask(deliver);
    },
  };
}

/** The codes of a connection that the other side has closed. */
const connectionLost = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

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
