import type { Answer } from '../core/attempt.ts';
import type { HeaderMap } from '../core/dialect.ts';
import type { GatewayError } from '../core/errors.ts';

/** A request as the edge has read it: a socket's, or a `fetch` call's. */
export type Incoming = {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** What follows the question mark. Default: empty. */
  readonly query?: string;
  /** Lower-case names. */
  readonly headers: HeaderMap;
  readonly body: Uint8Array;
};

export type Outgoing = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Answer['body'];
};

/** A request being handled. The edge calls `cancel` when the caller leaves or the server stops, and `sent` once the answer has flowed out or broken. */
export type Handling = { readonly outgoing: Promise<Outgoing>; cancel(error: GatewayError): void; sent(): void };

/** What is answered without a call. */
export function settled(outgoing: Promise<Outgoing>): Handling {
  return { outgoing, cancel: () => undefined, sent: () => undefined };
}

/** Who leaves is sent no more; what it listened to goes on. */
export function untilGone(outgoing: Promise<Outgoing>): Handling {
  const stop = (): void => void outgoing.then(({ body }) => (body.kind === 'stream' ? body.source.pause() : undefined));
  return { outgoing, cancel: stop, sent: stop };
}

/** Who is told when what is waited for fails, or its caller leaves before it is there. Default: the failure is `outgoing`'s. */
type Waiting = { refuse(thrown: unknown): Outgoing; /** The caller has been answered. */ keep(): void };

/** A call that waits for something before it begins. */
export function whenReady(pending: Promise<Handling>, waiting?: Waiting): Handling {
  let ready: Handling | undefined;
  let gone: GatewayError | undefined;
  let isSent = false;
  const outgoing = pending.then((handling) => {
    ready = handling;
    if (gone !== undefined) handling.cancel(gone);
    if (isSent) handling.sent();
    return handling.outgoing;
  });
  return {
    outgoing: waiting === undefined ? outgoing : outgoing.catch(waiting.refuse),
    cancel(error) {
      gone ??= error;
      ready?.cancel(error);
    },
    sent() {
      isSent = true;
      if (ready === undefined) waiting?.keep();
      else ready.sent();
    },
  };
}
