import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { HeaderMap } from 'modelwire/internal/core/dialect';
import { GatewayError, toGatewayError } from 'modelwire/internal/core/errors';
import type { Handler, Handling, Outgoing } from 'modelwire/internal/runtime/handle';
import { declaredLength, readRequestBody } from './request-body.ts';

export type EdgeOptions = {
  readonly handler: Handler;
  /** Bytes. */
  bodyLimit(): number;
  /** Throws when the request may not come in at all (a foreign web page, say). */
  admit(headers: IncomingMessage['headers']): void;
  /** Answers what is not the model API: health. Undefined: not its business. */
  side(method: string, path: string): Outgoing | undefined;
  /** Milliseconds for which an answer may wait for a caller that does not read. Default: a minute. */
  readonly stallMs?: number;
};

export type Edge = { readonly server: Server; /** Ends what is open with an error, once the time to finish is over. */ cut(error: GatewayError): void };

const defaultStallMs = 60_000;

/** The socket side: node:http in, one write per read out, back-pressure both ways. */
export function createEdge(options: EdgeOptions): Edge {
  const open = createRoster();
  /** The newest answer that each connection waits for or gets. */
  const answers = new WeakMap<Socket, ServerResponse<IncomingMessage>>();
  const server = createServer(
    {
      maxHeaderSize: 64 * 1024,
      headersTimeout: 10_000,
      requestTimeout: 60_000,
      connectionsCheckingInterval: 1000,
      keepAliveTimeout: 65_000,
      insecureHTTPParser: false,
      // Refused by us, with a body that SDKs read.
      requireHostHeader: false,
    },
    (request, response) => {
      answers.set(request.socket, response);
      serve(options, open, request, response).catch((thrown: unknown) => refuseRequest(options, request, response, toGatewayError(thrown)));
    },
  );
  server.maxHeadersCount = 100;
  server.on('checkContinue', (request, response) => {
    // Who would send too much is told so before sending it.
    if (declaredLength(request) <= options.bodyLimit()) response.writeContinue();
    server.emit('request', request, response);
  });
  server.on('checkExpectation', (request, response) => {
    answers.set(request.socket, response);
    refuseRequest(options, request, response, new GatewayError('invalid_request', 'only the expectation 100-continue can be met', { status: 417 }));
  });
  server.on('clientError', (error: Error & { code?: string }, socket: Socket) => refuseSocket(options, error, socket, answers.get(socket)));
  return {
    server,
    cut(error) {
      for (const handling of open.all()) handling.cancel(error);
    },
  };
}

async function serve(options: EdgeOptions, open: Roster, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { path, query, headers } = pathAndHeaders(request);
  const method = request.method ?? 'GET';
  if (headers['host'] === undefined && request.httpVersion === '1.1')
    throw new GatewayError('invalid_request', 'a request of HTTP/1.1 must have a Host header');
  const side = options.side(method, path);
  if (side !== undefined) {
    sendWhole(response, side);
    return;
  }
  options.admit(headers);
  const body = method === 'POST' ? await readRequestBody(request, response, options.bodyLimit()) : empty;
  if (body === undefined) return;
  const handling = options.handler.handle({ method, path, query, headers, body });
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
  const stallMs = options.stallMs ?? defaultStallMs;
  if (outgoing.body.kind === 'stream') {
    sendStream(response, outgoing, { source: outgoing.body.source, handling, stallMs });
    return;
  }
  sendWhole(response, outgoing, method === 'HEAD');
  // The rest of a long answer may take its time, as long as it moves.
  if (response.writableLength > 0) response.setTimeout(stallMs, () => response.destroy());
}

function refuseRequest(options: EdgeOptions, request: IncomingMessage, response: ServerResponse, error: GatewayError): void {
  const answer = options.handler.refuse(pathAndHeaders(request), error);
  if (error.code === 'request_too_large' && !request.complete && request.headers.expect === undefined) sendOverUpload(request, response, answer);
  else sendWhole(response, answer);
}

const lingerMs = 500;
const lingerBytes = 1024 * 1024;

/** Answers who is still sending. Were the connection closed at once, the reset could overtake the answer: so it stays for a moment, and some of the rest is read. */
function sendOverUpload(request: IncomingMessage, response: ServerResponse, outgoing: Outgoing): void {
  const payload = payloadOf(outgoing);
  if (response.headersSent || response.destroyed || payload === undefined) {
    response.destroy();
    return;
  }
  response.writeHead(outgoing.status, { ...outgoing.headers, 'content-length': Buffer.byteLength(payload) });
  response.write(payload);
  const close = (): void => {
    clearTimeout(timer);
    if (!response.writableEnded) response.end();
  };
  const timer = setTimeout(close, lingerMs);
  let read = 0;
  request.on('data', (chunk: Buffer) => {
    read += chunk.length;
    if (read > lingerBytes) request.pause();
  });
  request.on('end', close);
  response.on('close', close);
  request.resume();
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

function pathAndHeaders(request: IncomingMessage): { path: string; query: string; headers: HeaderMap } {
  const url = request.url ?? '/';
  const query = url.indexOf('?');
  const headers = headerMap(request);
  return query === -1 ? { path: url, query: '', headers } : { path: url.slice(0, query), query: url.slice(query + 1), headers };
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
  const payload = payloadOf(outgoing);
  if (payload === undefined || response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const length = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length;
  response.writeHead(outgoing.status, { ...outgoing.headers, 'content-length': length });
  if (headOnly) response.end();
  else response.end(payload);
}

function payloadOf({ body }: Outgoing): string | Uint8Array | undefined {
  if (body.kind !== 'whole') return undefined;
  const { chunks } = body;
  const only = chunks[0];
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks.map((chunk) => (typeof chunk === 'string' ? Buffer.from(chunk) : chunk)));
}

type Source = Extract<Outgoing['body'], { kind: 'stream' }>['source'];

type Stream = { readonly source: Source; readonly handling: Handling; readonly stallMs: number };

function sendStream(response: ServerResponse, outgoing: Outgoing, { source, handling, stallMs }: Stream): void {
  response.writeHead(outgoing.status, outgoing.headers);
  let stalled: NodeJS.Timeout | undefined;
  const giveUp = (): void => {
    handling.cancel(new GatewayError('client_gone', 'the caller does not read'));
    response.destroy();
  };
  const watch = (): void => {
    stalled ??= setTimeout(giveUp, stallMs);
  };
  const unwatch = (): void => {
    clearTimeout(stalled);
    stalled = undefined;
  };
  response.on('close', unwatch);
  response.on('drain', () => {
    unwatch();
    source.resume();
  });
  source.start({
    data(chunk) {
      if (response.write(chunk)) return;
      watch();
      source.pause();
    },
    end() {
      response.end();
      // The time begins anew: what is left may flow out for as long.
      unwatch();
      if (response.writableLength > 0) watch();
    },
    // A body that broke off has no legal ending: the caller must see the connection break, not a clean end.
    reset: () => response.destroy(),
  });
}

/** What never became a request: still an error in a shape that SDKs read. */
function refuseSocket(options: EdgeOptions, error: Error & { code?: string }, socket: Socket, answer: ServerResponse<IncomingMessage> | undefined): void {
  if (!socket.writable || error.code === 'ECONNRESET' || isAnswering(answer)) {
    socket.destroy();
    return;
  }
  const refusal = options.handler.refuse({ path: '/', headers: {} }, headError(error.code));
  const body = String(payloadOf(refusal));
  const status =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request';
  const head = Object.entries(refusal.headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status}\r\n${head.join('')}content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`);
}

/** Whether a refusal would be read as (part of) the answer to a request from before. */
function isAnswering(answer: ServerResponse<IncomingMessage> | undefined): boolean {
  if (answer === undefined || answer.writableFinished) return false;
  // Without a socket it waits for the answer before it.
  return answer.headersSent || answer.req.complete || answer.socket === null;
}

function headError(code: string | undefined): GatewayError {
  if (code === 'HPE_HEADER_OVERFLOW') return new GatewayError('invalid_request', 'the request headers are too large', { status: 431 });
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new GatewayError('request_timeout', 'the request came too slowly');
  return new GatewayError('invalid_request', 'the request is not legal HTTP/1.1');
}
