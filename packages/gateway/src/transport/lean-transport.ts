import { GatewayError, toGatewayError } from 'modelwire/internal/core/errors';
import { deadlineError } from 'modelwire/internal/core/deadline';
import type { ByteSink, ByteSource, WireAnswer, WireRequest } from 'modelwire/internal/core/transport';
import type { Client, ClientCall, ClientFailure } from '../http/client.ts';
import { HttpSyntaxError } from '../http/head.ts';
import { connectError, invalidAnswer } from './failures.ts';
import { mostResends } from './resends.ts';

/** HTTP to a provider over our own client. */
export function sendLean(client: Client, request: WireRequest, path: string, provider: string): Promise<WireAnswer> {
  return new Promise((resolve, reject) => {
    let resends = mostResends;
    let call: ClientCall | undefined;
    let sink: ByteSink | undefined;
    let early: Uint8Array[] | undefined;
    let headCame = false;
    let over = false;
    let broken: unknown;

    const abort = (): void => {
      if (over) return;
      over = true;
      release();
      call?.abort();
    };
    const release = request.signal.onAbort(() => {
      abort();
      if (!headCame) reject(toGatewayError(request.signal.reason));
    });
    const body: ByteSource = {
      start(to) {
        sink = to;
        for (const piece of early ?? []) to.data(piece);
        early = undefined;
        if (broken !== undefined) to.fail(broken);
        else if (over) to.end();
      },
      pause: () => call?.pause(),
      resume: () => call?.resume(),
      abort,
    };
    const fail = (failure: ClientFailure): void => {
      if (over) return;
      if (failure.kind === 'stale' && resends-- > 0) {
        send();
        return;
      }
      over = true;
      release();
      if (headCame) {
        broken = failure.cause ?? closed;
        sink?.fail(broken);
      } else reject(errorOf(failure, request, provider));
    };
    const send = (): void => {
      call = client.send({ ...request, path }, events);
    };
    const events = {
      head({ status, headers }: { readonly status: number; readonly headers: WireAnswer['headers'] }): void {
        headCame = true;
        resolve({ status, headers, body });
      },
      data(bytes: Buffer): void {
        if (over) return;
        if (sink !== undefined) sink.data(bytes);
        else (early ??= []).push(bytes);
      },
      end(): void {
        if (over) return;
        over = true;
        release();
        sink?.end();
      },
      fail,
    };
    if (request.signal.aborted) {
      release();
      reject(toGatewayError(request.signal.reason));
      return;
    }
    try {
      send();
    } catch (error) {
      release();
      if (error instanceof HttpSyntaxError)
        reject(new GatewayError('internal_error', `${provider}: ${error.message}`, { provider, hint: 'Check the key and the headers in the config' }));
      else throw error;
    }
  });
}

/** Stands for an error where the connection just ended. */
const closed = Object.assign(new Error('the connection was closed'), { code: 'MODELWIRE_CLOSED' });

function errorOf({ kind, cause }: ClientFailure, request: WireRequest, provider: string): GatewayError {
  if (kind === 'connect-timeout') return deadlineError('connect', request.connectMs, provider);
  if (kind === 'head-timeout') return deadlineError('headers', request.headersMs, provider);
  if (cause instanceof HttpSyntaxError) return invalidAnswer(provider, 'did not answer in legal HTTP', cause);
  return connectError(cause ?? closed, request, provider);
}
