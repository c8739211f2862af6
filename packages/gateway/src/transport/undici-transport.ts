import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { GatewayError, toGatewayError } from 'modelwire/internal/core/errors';
import type { ByteSink, ByteSource, WireAnswer, WireRequest } from 'modelwire/internal/core/transport';
import { codeOf, connectError, invalidAnswer } from './failures.ts';
import { mostResends } from './resends.ts';
import { createReuseWatch } from './reuse-watch.ts';
import type { SplitUrl } from './split-url.ts';

/** Bodies up to this size go out in one write; a larger one is written part by part, uncopied. */
const joinBelow = 64 * 1024;
/** One for the process: what it listens to is the process's. */
const reuse = createReuseWatch();

/** HTTP to a provider over undici's dispatch: no promise, stream or Headers object per chunk. For proxies, and as the other engine. */
export function sendByUndici(dispatcher: Dispatcher, request: WireRequest, url: SplitUrl, provider: string): Promise<WireAnswer> {
  return new Promise((resolve, reject) => {
    const send = (resends: number): void => {
      const resend = resends > 0 ? () => send(resends - 1) : undefined;
      if (request.signal.aborted) reject(toGatewayError(request.signal.reason));
      else start(dispatcher, request, url, createExchange(request, provider, { resolve, reject, resend }));
    };
    send(mostResends);
  });
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
