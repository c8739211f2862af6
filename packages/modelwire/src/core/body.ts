import { GatewayError } from './errors.ts';
import { deadlineError } from './deadline.ts';
import type { AttemptScope } from './attempt.ts';
import { nativeBuffer, utf8 } from './bytes.ts';
import { targetName } from './target.ts';
import type { ByteSink, ByteSource } from './transport.ts';

/** Most bytes of an error body that are read, and of a whole answer that is held for translation. */
export const errorBodyLimit = 64 * 1024;
export const answerLimit = 64 * 1024 * 1024;

export type ReadBody = {
  readonly chunks: readonly Uint8Array[];
  readonly length: number;
  /** The whole body again, held part and rest, when it is longer than the limit: to be passed on, or aborted. */
  readonly long?: ByteSource;
};

/** Reads a body until its end or until `limit` bytes, whichever comes first. Idle time between reads is bounded by the call's deadline. */
export function readBody(scope: AttemptScope, source: ByteSource, limit: number): Promise<ReadBody> {
  const { call, world, target } = scope;
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    /** What comes between the decision to pass a long body on and the moment it is. */
    const late: Uint8Array[] = [];
    let length = 0;
    let settled = false;
    let lastRead = world.now();
    let rest: ByteSink | undefined;
    let cancelTimer: () => void = () => undefined;
    let release: () => void = () => undefined;
    const settle = (act: () => void): void => {
      if (settled) return;
      settled = true;
      cancelTimer();
      release();
      act();
    };
    const fail = (error: unknown): void =>
      settle(() => {
        source.abort();
        reject(error);
      });
    const onAbort = (): void => fail(call.signal.reason);
    const watch = (ms: number): void => {
      cancelTimer = world.after(ms, () => {
        const left = call.deadlines.idle - (world.now() - lastRead);
        if (left <= 0) fail(deadlineError('idle', call.deadlines.idle, targetName(target)));
        else watch(left);
      });
    };
    let ending: ((to: ByteSink) => void) | undefined;
    const goOn = (to: ByteSink): void => {
      for (const chunk of [...chunks, ...late]) to.data(chunk);
      rest = to;
      ending?.(to);
    };
    if (call.signal.aborted) {
      onAbort();
      return;
    }
    source.start({
      data(chunk) {
        if (settled) {
          if (rest === undefined) late.push(chunk);
          else rest.data(chunk);
          return;
        }
        lastRead = world.now();
        chunks.push(chunk);
        length += chunk.length;
        if (length > limit) settle(() => resolve({ chunks, length, long: { ...source, start: goOn } }));
      },
      end() {
        if (settled) ending = (to) => to.end();
        else settle(() => resolve({ chunks, length }));
        if (rest !== undefined) ending?.(rest);
      },
      fail(error) {
        if (settled) ending = (to) => to.fail(error);
        else fail(cutError(scope, error));
        if (rest !== undefined) ending?.(rest);
      },
    });
    // A short answer is here with its head, and then there is nothing to wait for.
    if (settled) return;
    release = call.signal.onAbort(onAbort);
    watch(call.deadlines.idle);
  });
}

/** An answer longer than `answerLimit` that must be held: it is read no further. */
export function tooLong({ target }: AttemptScope, rest: ByteSource): GatewayError {
  rest.abort();
  return new GatewayError('upstream_invalid_response', `${target.provider}: the answer is longer than ${answerLimit} bytes`, { provider: targetName(target) });
}

/** A body that broke off is the provider's fault, whatever the transport calls it. */
export function cutError(scope: AttemptScope, cause: unknown): GatewayError {
  if (cause instanceof GatewayError) return cause;
  return new GatewayError('upstream_stream_cut', `${scope.target.provider}: the connection broke in the middle of the answer`, {
    provider: targetName(scope.target),
    cause,
  });
}

export function bodyText(body: ReadBody): string {
  const only = body.chunks.length === 1 ? body.chunks[0] : undefined;
  return utf8(only ?? joinChunks(body.chunks, body.length));
}

export function joinChunks(chunks: readonly Uint8Array[], length: number): Uint8Array {
  // Memory that is not cleared before it is filled.
  if (nativeBuffer !== undefined) return nativeBuffer.concat(chunks, length);
  const joined = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  return joined;
}
