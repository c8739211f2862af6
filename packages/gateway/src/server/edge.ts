import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { HeaderMap } from 'modelwire/internal/core/dialect';
import { GatewayError, toGatewayError } from 'modelwire/internal/core/errors';
import type { Handler, Handling, Outgoing } from 'modelwire/internal/runtime/handle';
import { readRequestBody } from './request-body.ts';

export type EdgeOptions = {
  readonly handler: Handler;
  /** Bytes. */
  bodyLimit(): number;
  /** Throws when the request may not come in at all (a foreign web page, say). */
  admit(headers: IncomingMessage['headers']): void;
  /** Answers what is not the model API: health. Undefined: not its business. */
  side(method: string, path: string): Outgoing | undefined;
};

export type Edge = { readonly server: Server; /** Ends what is open with an error, once the time to finish is over. */ cut(error: GatewayError): void };

/** The socket side: node:http in, one write per read out, back-pressure both ways. */
export function createEdge(options: EdgeOptions): Edge {
  const open = createRoster();
  const server = createServer(
    {
      maxHeaderSize: 64 * 1024,
      headersTimeout: 10_000,
      requestTimeout: 60_000,
      connectionsCheckingInterval: 1000,
      keepAliveTimeout: 65_000,
      insecureHTTPParser: false,
    },
    (request, response) => {
      serve(options, open, request, response).catch((thrown: unknown) => {
        sendWhole(response, options.handler.refuse(pathAndHeaders(request), toGatewayError(thrown)));
      });
    },
  );
  server.maxHeadersCount = 100;
  server.on('checkContinue', (request, response) => {
    response.writeContinue();
    server.emit('request', request, response);
  });
  server.on('clientError', (error: Error & { code?: string }, socket: Socket) => refuseSocket(options, error, socket));
  return {
    server,
    cut(error) {
      for (const handling of open.all()) handling.cancel(error);
    },
  };
}

async function serve(options: EdgeOptions, open: Roster, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { path, headers } = pathAndHeaders(request);
  const method = request.method ?? 'GET';
  const side = options.side(method, path);
  if (side !== undefined) {
    sendWhole(response, side);
    return;
  }
  options.admit(headers);
  const body = method === 'POST' ? await readRequestBody(request, response, options.bodyLimit()) : empty;
  if (body === undefined) return;
  const handling = options.handler.handle({ method, path, headers, body });
  const leave = open.enter(handling);
  const done = (): void => {
    leave();
    handling.sent();
  };
  response.on('close', () => {
    if (!response.writableFinished) handling.cancel(new GatewayError('client_gone', 'the caller has gone'));
    done();
  });
  const outgoing = await handling.outgoing;
  if (response.destroyed) return;
  if (outgoing.body.kind === 'whole') sendWhole(response, outgoing, method === 'HEAD');
  else sendStream(response, outgoing, outgoing.body.source);
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

const empty = new Uint8Array(0);

function pathAndHeaders(request: IncomingMessage): { path: string; headers: HeaderMap } {
  const url = request.url ?? '/';
  const query = url.indexOf('?');
  return { path: query === -1 ? url : url.slice(0, query), headers: headerMap(request) };
}

/** Node gives one string a header, but for `set-cookie`, which no request has any business with. */
function headerMap(request: IncomingMessage): HeaderMap {
  const { headers } = request;
  return isPlain(headers) ? headers : { ...headers, 'set-cookie': undefined };
}

function isPlain(headers: IncomingMessage['headers']): headers is Record<string, string | undefined> {
  return headers['set-cookie'] === undefined;
}

function sendWhole(response: ServerResponse, outgoing: Outgoing, headOnly = false): void {
  if (outgoing.body.kind !== 'whole' || response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const { chunks } = outgoing.body;
  const only = chunks[0];
  const payload =
    chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks.map((chunk) => (typeof chunk === 'string' ? Buffer.from(chunk) : chunk)));
  const length = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length;
  response.writeHead(outgoing.status, { ...outgoing.headers, 'content-length': length });
  if (headOnly) response.end();
  else response.end(payload);
}

type Source = Extract<Outgoing['body'], { kind: 'stream' }>['source'];

function sendStream(response: ServerResponse, outgoing: Outgoing, source: Source): void {
  response.writeHead(outgoing.status, outgoing.headers);
  response.on('drain', () => source.resume());
  source.start({
    data(chunk) {
      if (!response.write(chunk)) source.pause();
    },
    end: () => response.end(),
    // A body that broke off has no legal ending: the caller must see the connection break, not a clean end.
    reset: () => response.destroy(),
  });
}

/** What never became a request: still an error in a shape that SDKs read. */
function refuseSocket(options: EdgeOptions, error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const answer = options.handler.refuse({ path: '/', headers: {} }, headError(error.code));
  const body = answer.body.kind === 'whole' ? String(answer.body.chunks[0]) : '';
  const status =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request';
  const head = Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status}\r\n${head.join('')}content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`);
}

function headError(code: string | undefined): GatewayError {
  if (code === 'HPE_HEADER_OVERFLOW') return new GatewayError('invalid_request', 'the request headers are too large', { status: 431 });
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new GatewayError('request_timeout', 'the request came too slowly');
  return new GatewayError('invalid_request', 'the request is not legal HTTP/1.1');
}
