import { GatewayError, toGatewayError } from 'modelwire/internal/core/errors';
import type { HeaderMap } from 'modelwire/internal/core/dialect';
import type { Handler } from 'modelwire/internal/runtime/handle';
import type { Handling, Incoming, Outgoing } from 'modelwire/internal/runtime/handling';
import type { Exchange, HttpServer, ServerOptions } from '../http/exchange.ts';
import type { HttpSyntaxError } from '../http/head.ts';
import { unpackBody } from './request-body.ts';

export type EdgeOptions = {
  readonly handler: Handler;
  /** The engine: ours over plain sockets, or `node:http`. */
  createServer(options: ServerOptions): HttpServer;
  /** Bytes. */
  bodyLimit(): number;
  /** Throws when the request may not come in at all (a foreign web page, say). */
  admit(headers: HeaderMap): void;
  /** Answers what is not the model API: health. Undefined: not its business. */
  side(method: string, path: string): Outgoing | undefined;
  /** Milliseconds for which an answer may wait for a caller that does not read. Default: a minute. */
  readonly stallMs?: number;
};

export type Edge = { readonly server: HttpServer; /** Ends what is open with an error, once the time to finish is over. */ cut(error: GatewayError): void };

const defaultStallMs = 60_000;

/** What a request meets before and after the handler, over whichever engine: limits, its body, the answer out with back-pressure, a caller that has gone. */
export function createEdge(options: EdgeOptions): Edge {
  const open = createRoster();
  const server = options.createServer({
    handle(exchange) {
      const request = requestOf(exchange);
      const refuse = (thrown: unknown): void => {
        const refusal = options.handler.refuse(request, toGatewayError(thrown));
        if (refusal instanceof Promise) void refusal.then((outgoing) => sendWhole(exchange, outgoing));
        else sendWhole(exchange, refusal);
      };
      try {
        receive({ options, open, exchange, request, refuse });
      } catch (thrown) {
        refuse(thrown);
      }
    },
    refuse(error) {
      const refusal = options.handler.refuseUnread(headError(error));
      return { status: refusal.status, headers: refusal.headers, payload: payloadOf(refusal) ?? '' };
    },
  });
  return {
    server,
    cut(error) {
      for (const handling of open.all()) handling.cancel(error);
    },
  };
}

type Request = Omit<Incoming, 'body'>;

type Reception = {
  readonly options: EdgeOptions;
  readonly open: Roster;
  readonly exchange: Exchange;
  readonly request: Request;
  refuse(thrown: unknown): void;
};

function requestOf({ head }: Exchange): Request {
  const { method, target, headers } = head;
  const query = target.indexOf('?');
  return query === -1 ? { method, path: target, query: '', headers } : { method, path: target.slice(0, query), query: target.slice(query + 1), headers };
}

function receive(reception: Reception): void {
  const { options, exchange, request } = reception;
  const { headers } = request;
  if (headers['host'] === undefined && exchange.head.version === '1.1')
    throw new GatewayError('invalid_request', 'a request of HTTP/1.1 must have a Host header');
  if (headers['expect'] !== undefined && headers['expect'].toLowerCase() !== '100-continue')
    throw new GatewayError('invalid_request', 'only the expectation 100-continue can be met', { status: 417 });
  const side = options.side(request.method, request.path);
  if (side !== undefined) {
    sendWhole(exchange, side);
    return;
  }
  options.admit(headers);
  if (withBody.has(request.method)) receiveBody(reception);
  else serve(reception, empty);
}

const withBody: ReadonlySet<string> = new Set(['POST', 'PATCH']);
const empty = new Uint8Array(0);

function receiveBody(reception: Reception): void {
  const { options, exchange, request, refuse } = reception;
  const limit = options.bodyLimit();
  exchange.readBody(limit, (body) => {
    if (body === 'gone') return;
    if (body === 'too_large')
      refuse(new GatewayError('request_too_large', `the body is larger than ${limit} bytes`, { hint: 'Send less, or raise server.bodyLimit' }));
    else if (request.headers['content-encoding'] === undefined) serve(reception, body);
    else unpackBody(body, request.headers['content-encoding'], limit).then((unpacked) => serve(reception, unpacked), refuse);
  });
}

function serve({ options, open, exchange, request, refuse }: Reception, body: Uint8Array): void {
  const handling = options.handler.handle({ ...request, body });
  const leave = open.enter(handling);
  exchange.onClose((whole) => {
    if (!whole) handling.cancel(new GatewayError('client_gone', 'the caller has gone'));
    leave();
    handling.sent();
  });
  const stallMs = options.stallMs ?? defaultStallMs;
  handling.outgoing.then((outgoing) => {
    try {
      if (outgoing.body.kind === 'stream') sendStream(exchange, outgoing, { source: outgoing.body.source, handling, stallMs });
      else sendWhole(exchange, outgoing);
    } catch (thrown) {
      refuse(thrown);
    }
    // The rest of a long answer may take its time, as long as it moves.
    if (outgoing.body.kind === 'whole' && exchange.unsent() > 0) watchStall(exchange, stallMs, () => exchange.destroy());
  }, refuse);
}

/** The requests being handled. */
type Roster = { enter(handling: Handling): () => void; all(): readonly Handling[] };

/**
 * Slots in an array that are used again, not a Set: every time a Set that things come and go in grows anew, the old table, once in the
 * old generation, keeps what it held alive until the next full collection, and each small collection then copies whole requests.
 */
function createRoster(): Roster {
  const slots: (Handling | undefined)[] = [];
  const free: number[] = [];
  return {
    enter(handling) {
      const slot = free.pop() ?? slots.length;
      slots[slot] = handling;
      return () => {
        slots[slot] = undefined;
        free.push(slot);
      };
    },
    all: () => slots.filter((handling) => handling !== undefined),
  };
}

function sendWhole(exchange: Exchange, outgoing: Outgoing): void {
  const payload = payloadOf(outgoing);
  if (payload === undefined || exchange.begun()) exchange.destroy();
  else exchange.send(outgoing.status, outgoing.headers, payload);
}

function payloadOf({ body }: Outgoing): string | Uint8Array | undefined {
  if (body.kind !== 'whole') return undefined;
  const { chunks } = body;
  const only = chunks[0];
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks.map((chunk) => (typeof chunk === 'string' ? Buffer.from(chunk) : chunk)));
}

/** Calls `stalled` when nothing of what waits has moved for `ms`. Returns what ends the watch. */
function watchStall(exchange: Exchange, ms: number, stalled: () => void): () => void {
  let left = exchange.unsent();
  const timer = setInterval(() => {
    const now = exchange.unsent();
    if (now === 0) clearInterval(timer);
    else if (now >= left) {
      clearInterval(timer);
      stalled();
    } else left = now;
  }, ms);
  timer.unref();
  return () => clearInterval(timer);
}

type Source = Extract<Outgoing['body'], { kind: 'stream' }>['source'];

type Stream = { readonly source: Source; readonly handling: Handling; readonly stallMs: number };

function sendStream(exchange: Exchange, outgoing: Outgoing, { source, handling, stallMs }: Stream): void {
  let unwatch: (() => void) | undefined;
  const giveUp = (): void => {
    handling.cancel(new GatewayError('client_gone', 'the caller does not read'));
    exchange.destroy();
  };
  const watch = (): void => {
    unwatch ??= watchStall(exchange, stallMs, giveUp);
  };
  exchange.begin(outgoing.status, outgoing.headers, () => {
    unwatch?.();
    unwatch = undefined;
    source.resume();
  });
  source.start({
    data(chunk) {
      if (exchange.write(chunk)) return;
      watch();
      source.pause();
    },
    end() {
      exchange.end();
      // The time begins anew: what is left may flow out for as long.
      unwatch?.();
      unwatch = undefined;
      if (exchange.unsent() > 0) watch();
    },
    // A body that broke off has no legal ending: the caller must see the connection break, not a clean end.
    reset: () => exchange.destroy(),
  });
}

function headError(error: HttpSyntaxError): GatewayError {
  if (error.status === 431) return new GatewayError('invalid_request', 'the request headers are too large', { status: 431 });
  if (error.status === 408) return new GatewayError('request_timeout', 'the request came too slowly');
  return new GatewayError('invalid_request', 'the request is not legal HTTP/1.1', { status: error.status, hint: error.message });
}
