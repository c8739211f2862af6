import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { HeaderMap } from 'modelwire/internal/core/dialect';
import { createJoiner } from './body-reader.ts';
import { defaultTimeouts, type Exchange, type HttpServer, linger, reportMistake, type ServerOptions } from './exchange.ts';
import { HttpSyntaxError, longestHead, type RequestHead } from './head.ts';
import { answerHead } from './answer-head.ts';
import { listen } from './server.ts';

/** The same server over `node:http`: the other engine, for odd peers and to hold ours against. */
export function createNodeServer(options: ServerOptions): HttpServer {
  const server = createNodeParser(options);
  return {
    listen: (at) => listen(server, at),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const idle = setInterval(() => server.closeIdleConnections(), 50);
      await closed;
      clearInterval(idle);
    },
    closeAll: () => server.closeAllConnections(),
  };
}

/** Node's server with our limits; takes a connection as its event `connection` too. */
export function createNodeParser(options: ServerOptions): Server {
  const timeouts = options.timeouts ?? defaultTimeouts;
  /** The newest answer that each connection waits for or gets. */
  const answers = new WeakMap<Socket, ServerResponse<IncomingMessage>>();
  const server = createServer(
    {
      maxHeaderSize: longestHead,
      headersTimeout: timeouts.head,
      requestTimeout: timeouts.request,
      connectionsCheckingInterval: 1000,
      keepAliveTimeout: timeouts.idle,
      insecureHTTPParser: false,
      // Refused by us, with a body that SDKs read.
      requireHostHeader: false,
    },
    (request, response) => {
      answers.set(request.socket, response);
      attempt(request, () => options.handle(exchangeOf(request, response)));
    },
  );
  server.maxHeadersCount = 100;
  // Said by `readBody`, once it is known that the body is wanted.
  server.on('checkContinue', (request, response) => server.emit('request', request, response));
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  server.on('clientError', (error: Error & { code?: string }, socket: Socket) => refuseSocket(options, error, socket, answers.get(socket)));
  return server;
}

function exchangeOf(request: IncomingMessage, response: ServerResponse): Exchange {
  return {
    head: headOf(request),
    readBody: (limit, done) => readBody(request, response, { limit, done }),
    send(status, headers, payload) {
      if (response.headersSent || response.destroyed) return;
      const fields = { ...headers, 'content-length': Buffer.byteLength(payload) };
      if (!request.complete && request.headers.expect === undefined) sendOverUpload(request, response, { status, fields, payload });
      else {
        response.writeHead(status, fields);
        response.end(request.method === 'HEAD' ? undefined : payload);
      }
    },
    begin(status, headers, drained) {
      if (response.headersSent || response.destroyed) return;
      response.on('drain', drained);
      response.writeHead(status, headers);
    },
    write: (chunk) => response.destroyed || response.write(chunk),
    end: () => void response.end(),
    destroy: () => void response.destroy(),
    begun: () => response.headersSent,
    unsent: () => response.writableLength,
    onClose(run) {
      if (response.closed) run(response.writableFinished);
      else response.on('close', () => run(response.writableFinished));
    },
  };
}

function headOf(request: IncomingMessage): RequestHead {
  return {
    method: request.method ?? 'GET',
    target: request.url ?? '/',
    version: request.httpVersion === '1.0' ? '1.0' : '1.1',
    headers: headerMap(request.headers),
  };
}

/** Node gives one string a header, but for `set-cookie`, which no request has any business with. */
function headerMap(headers: IncomingMessage['headers']): HeaderMap {
  return isPlain(headers) ? headers : { ...headers, 'set-cookie': undefined };
}

function isPlain(headers: IncomingMessage['headers']): headers is Record<string, string | undefined> {
  return headers['set-cookie'] === undefined;
}

type Reading = { readonly limit: number; readonly done: Parameters<Exchange['readBody']>[1] };

function readBody(request: IncomingMessage, response: ServerResponse, { limit, done }: Reading): void {
  const declared = request.headers['content-length'];
  const body = createJoiner(limit, 2);
  let length = 0;
  let told = false;
  const tell: Reading['done'] = (outcome) => {
    if (told) return;
    told = true;
    attempt(request, () => done(outcome));
  };
  if (request.destroyed && !request.readableEnded) {
    tell('gone');
    return;
  }
  if (declared !== undefined && Number(declared) > limit) {
    tell('too_large');
    return;
  }
  if (request.headers.expect !== undefined && request.httpVersion === '1.1') response.writeContinue();
  request.on('data', (chunk: Buffer) => {
    if (told) return;
    length += chunk.length;
    if (length <= limit) {
      body.add(chunk, 0, chunk.length);
      return;
    }
    request.pause();
    tell('too_large');
  });
  request.on('end', () => tell(body.bytes()));
  request.on('error', () => tell('gone'));
  request.on('close', () => tell('gone'));
}

/** A mistake in the handler costs its connection, not the others. */
function attempt(request: IncomingMessage, run: () => void): void {
  try {
    run();
  } catch (error) {
    request.destroy();
    reportMistake(error);
  }
}

type Late = { readonly status: number; readonly fields: Readonly<Record<string, string | number>>; readonly payload: string | Uint8Array };

/** Answers who is still sending. Were the connection closed at once, the reset could overtake the answer: so it stays for a moment, and some of the rest is read. */
function sendOverUpload(request: IncomingMessage, response: ServerResponse, { status, fields, payload }: Late): void {
  response.writeHead(status, { ...fields, connection: 'close' });
  response.write(payload);
  const close = (): void => {
    clearTimeout(timer);
    if (!response.writableEnded) response.end();
  };
  const timer = setTimeout(close, linger.ms);
  let read = 0;
  request.removeAllListeners('data');
  request.on('data', (chunk: Buffer) => {
    read += chunk.length;
    if (read > linger.bytes) request.pause();
  });
  request.on('end', close);
  response.on('close', close);
  request.resume();
}

/** What never became a request: still an error in a shape that SDKs read. */
function refuseSocket(options: ServerOptions, error: Error & { code?: string }, socket: Socket, answer: ServerResponse<IncomingMessage> | undefined): void {
  if (!socket.writable || error.code === 'ECONNRESET' || isAnswering(answer)) {
    socket.destroy();
    return;
  }
  const { status, headers, payload } = options.refuse(syntaxError(error.code));
  const bytes = Buffer.from(payload);
  socket.write(answerHead(status, headers, { length: bytes.length, keep: false }), 'latin1');
  socket.end(bytes);
}

/** Whether a refusal would be read as (part of) the answer to a request from before. */
function isAnswering(answer: ServerResponse<IncomingMessage> | undefined): boolean {
  if (answer === undefined || answer.writableFinished) return false;
  // Without a socket it waits for the answer before it.
  return answer.headersSent || answer.req.complete || answer.socket === null;
}

function syntaxError(code: string | undefined): HttpSyntaxError {
  if (code === 'HPE_HEADER_OVERFLOW') return new HttpSyntaxError('the head is too large', 431);
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new HttpSyntaxError('the request came too slowly', 408);
  return new HttpSyntaxError(`the parser says ${code ?? 'no'}`);
}
