import { deadlineError } from '../core/deadline.ts';
import { GatewayError, isGatewayError, toGatewayError } from '../core/errors.ts';
import { type ByteSource, type Transport, type WireAnswer, type WireRequest } from '../core/transport.ts';
import type { HeaderMap } from '../core/dialect.ts';

export type FetchLike = (url: string, init: RequestInit) => Promise<Response>;

/** A transport over any `fetch`: for the library, wherever it runs. Redirects are never followed. */
export function fetchTransport(fetch: FetchLike, init: RequestInit = {}): Transport {
  return async (request) => {
    const abort = new AbortController();
    if (request.signal.aborted) throw toGatewayError(request.signal.reason);
    const release = request.signal.onAbort(() => abort.abort(request.signal.reason));
    const where = originOf(request.url);
    const timer = setTimeout(() => abort.abort(deadlineError('headers', request.headersMs, where)), request.headersMs);
    try {
      const response = await fetch(request.url, {
        ...init,
        method: request.method,
        headers: request.headers,
        redirect: 'manual',
        signal: abort.signal,
        ...(request.method === 'GET' ? {} : { body: bodyInit(request) }),
      });
      return answerOf(response, abort, release);
    } catch (cause) {
      release();
      throw unreachable(cause, abort.signal, where);
    } finally {
      clearTimeout(timer);
    }
  };
}

function bodyInit(request: WireRequest): BodyInit {
  const only = request.body[0];
  if (request.body.length === 1 && only !== undefined) return typeof only === 'string' ? only : bytesOf(only);
  return new Blob(request.body.map((part) => (typeof part === 'string' ? part : bytesOf(part))));
}

/** The DOM types want bytes over a plain ArrayBuffer, which ours are. */
function bytesOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) : new Uint8Array(bytes);
}

function answerOf(response: Response, abort: AbortController, release: () => void): WireAnswer {
  const headers: Record<string, string> = {};
  response.headers.forEach((value, name) => {
    headers[name] = value;
  });
  // A browser hides a redirect's status; it must not be taken for an answer.
  const status = response.type === 'opaqueredirect' ? 302 : response.status;
  return { status, headers: headers satisfies HeaderMap, body: sourceOf(response, abort, release) };
}

function sourceOf(response: Response, abort: AbortController, release: () => void): ByteSource {
  let paused = false;
  let wake: (() => void) | undefined;
  let stopped = false;
  const stop = (): void => {
    stopped = true;
    release();
    wake?.();
  };
  return {
    start(sink) {
      const read = async (): Promise<void> => {
        const reader = response.body?.getReader();
        while (reader !== undefined && !stopped) {
          const { done, value } = await reader.read();
          if (done || stopped) break;
          sink.data(value);
          if (paused && !stopped) await new Promise<void>((resolve) => (wake = resolve));
        }
      };
      read().then(
        () => {
          if (stopped) return;
          stop();
          sink.end();
        },
        (cause: unknown) => {
          if (stopped) return;
          stop();
          sink.fail(cause);
        },
      );
    },
    pause() {
      paused = true;
    },
    resume() {
      paused = false;
      wake?.();
      wake = undefined;
    },
    abort() {
      if (stopped) return;
      stop();
      abort.abort();
    },
  };
}

function originOf(url: string): string {
  return new URL(url).origin;
}

function unreachable(cause: unknown, signal: AbortSignal, where: string): GatewayError {
  if (isGatewayError(signal.reason)) return signal.reason;
  if (isGatewayError(cause)) return cause;
  return new GatewayError('upstream_unreachable', `cannot reach ${where}: ${reasonOf(cause)}`, {
    provider: where,
    cause,
    hint: 'Check the base URL, the network and any proxy',
  });
}

/** The innermost reason: `fetch failed` alone tells nothing. */
function reasonOf(cause: unknown): string {
  let inner: unknown = cause;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  if (!(inner instanceof Error)) return 'the connection failed';
  const code = 'code' in inner && typeof inner.code === 'string' ? inner.code : undefined;
  return code === undefined || inner.message.includes(code) ? inner.message : `${code} ${inner.message}`;
}
