import type { HttpSyntaxError, RequestHead } from './head.ts';

/** What became of a request's body: its bytes, or why there are none. */
export type BodyOutcome = Uint8Array | 'too_large' | 'gone';

/**
 * One request on a connection, and the way to answer it: once, whole (`send`) or as it flows (`begin`, `write`, `end`). When the request
 * was not read to its end, the connection stays a moment after the answer, so that a reset does not overtake it, and is then closed.
 */
export type Exchange = {
  readonly head: RequestHead;
  /** The body, up to `limit` bytes; `done` is called once. Says `100 Continue` first when the caller waits for it. */
  readBody(limit: number, done: (outcome: BodyOutcome) => void): void;
  /** Sets the content-length. A HEAD request gets the head alone. */
  send(status: number, headers: Readonly<Record<string, string>>, payload: string | Uint8Array): void;
  /** `drained` is called when a write that returned false has flowed out. */
  begin(status: number, headers: Readonly<Record<string, string>>, drained: () => void): void;
  write(chunk: string | Uint8Array): boolean;
  end(): void;
  /** Breaks the connection: for an answer that has no legal ending. */
  destroy(): void;
  /** An answer was begun. */
  begun(): boolean;
  /** Bytes of the answer that still wait in this process. */
  unsent(): number;
  /** `run` is called once: the answer has flowed out (`whole`), or the connection is gone, be it already. */
  onClose(run: (whole: boolean) => void): void;
};

export type Refusal = { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly payload: string | Uint8Array };

export type ServerOptions = {
  handle(exchange: Exchange): void;
  /** What is said to bytes that are no legal request. */
  refuse(error: HttpSyntaxError): Refusal;
  readonly timeouts?: Timeouts;
};

/** Milliseconds. `head`: from a request's first byte until its head has come; `request`: until its body has; `idle`: between two requests. */
export type Timeouts = { readonly head: number; readonly request: number; readonly idle: number };

export const defaultTimeouts: Timeouts = { head: 10_000, request: 60_000, idle: 65_000 };

/** How long, and for how many bytes more, a connection stays whose caller is still sending when the answer is out. */
export const linger = { ms: 500, bytes: 1024 * 1024 };

/** An exception of a handler: nobody above can take it, so it is said where a person may see it. */
export function reportMistake(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}

/** The caller's side of HTTP/1.1, by whichever engine. */
export type HttpServer = {
  /** Resolves with the port; rejects when it cannot listen there. */
  listen(at: { readonly host: string; readonly port: number }): Promise<number>;
  /** Stops accepting; resolves when the last connection has ended. Idle ones are closed at once, the others after their answer. */
  close(): Promise<void>;
  /** Ends every connection now. */
  closeAll(): void;
};
