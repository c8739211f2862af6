import { connect as connectPlain, type Socket } from 'node:net';
import { createAnswerReader, type AnswerReader } from './answer-reader.ts';
import { reportMistake } from './exchange.ts';
import { fieldLine, HttpSyntaxError, type ResponseHead } from './head.ts';
import { countYoung } from './young-memory.ts';

/** Where requests go. */
export type Origin = { readonly secure: boolean; readonly host: string; readonly port: number };

export type ClientRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: readonly (string | Uint8Array)[];
  /** Milliseconds until the connection must stand, and from then on until the head must have come. */
  readonly connectMs: number;
  readonly headersMs: number;
};

/** What happens to a request. After `end` or `fail` nothing more does. */
export type ClientEvents = {
  head(head: ResponseHead): void;
  data(bytes: Buffer): void;
  end(): void;
  fail(failure: ClientFailure): void;
};

/** `stale`: a used connection was closed before a byte came back, so the request was most likely never seen. */
export type ClientFailure = { readonly kind: 'connect-timeout' | 'head-timeout' | 'stale' | 'broken'; readonly cause?: unknown };

/** A request on the wire. */
export type ClientCall = { pause(): void; resume(): void; /** The connection is thrown away; nothing more is told. */ abort(): void };

export type Client = {
  send(request: ClientRequest, on: ClientEvents): ClientCall;
  /** Ends every connection. */
  close(): void;
};

export type ClientOptions = {
  readonly origin: Origin;
  /** Certificate authorities (PEM); default: Node's. */
  readonly ca?: readonly string[];
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds for which an unused connection is kept. A server's `keep-alive: timeout` shortens it. Default 30 s. */
  readonly idleMs?: number;
};

const defaultIdleMs = 30_000;
/** Before the server's own limit: its FIN and our next request may cross. */
const idleMarginMs = 1000;
const sweepMs = 1000;

/** A connection. */
type Line = {
  readonly socket: Socket;
  /** Requests it has carried. */
  served: number;
  idleUntil: number;
  current: Current | undefined;
};

/** The request that a connection carries. */
type Current = {
  readonly request: ClientRequest;
  readonly reader: AnswerReader;
  readonly on: ClientEvents;
  /** Of the connect deadline, then of the head's. */
  timer: NodeJS.Timeout | undefined;
  keepMs: number;
};

type State = {
  readonly options: ClientOptions;
  readonly idleMs: number;
  /** The lines that every head has. */
  readonly sameLines: string;
  readonly all: Set<Line>;
  /** Unused ones, the newest last. */
  readonly free: Line[];
  session: Buffer | undefined;
  sweep: NodeJS.Timeout | undefined;
};

/** All sockets read into one piece of memory: what is kept of it is copied at once. */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * HTTP/1.1 towards one origin over plain or TLS sockets: connections are kept and used again, the newest first; a request leaves in one
 * write; an answer is handed on once a read. No redirect is followed, no cookie kept, nothing unpacked.
 */
export function createClient(options: ClientOptions): Client {
  const state: State = {
    options,
    idleMs: options.idleMs ?? defaultIdleMs,
    sameLines: `host: ${hostField(options.origin)}\r\nconnection: keep-alive\r\n${fieldLines(options.headers ?? {})}`,
    all: new Set(),
    free: [],
    session: undefined,
    sweep: undefined,
  };
  return {
    send: (request, on) => send(state, request, on),
    close() {
      clearInterval(state.sweep);
      state.sweep = undefined;
      for (const line of state.all) breakLine(state, line);
    },
  };
}

function send(state: State, request: ClientRequest, on: ClientEvents): ClientCall {
  // Throws before anything is sent, when the head cannot be.
  const head = requestHead(request, state.sameLines);
  const line = reuse(state) ?? open(state);
  line.served++;
  const current: Current = { request, reader: readerFor(state, line, on), on, timer: undefined, keepMs: state.idleMs };
  line.current = current;
  if (line.served === 1) current.timer = setTimeout(giveUp, request.connectMs, state, line, 'connect-timeout');
  else awaitHead(state, line);
  writeRequest(line.socket, head, request.body);
  const isOpen = (): boolean => line.current === current;
  return {
    pause() {
      if (isOpen()) line.socket.pause();
    },
    resume() {
      if (isOpen()) line.socket.resume();
    },
    abort() {
      if (!isOpen()) return;
      take(line);
      drop(state, line);
    },
  };
}

function readerFor(state: State, line: Line, on: ClientEvents): AnswerReader {
  // Without a current request it was aborted meanwhile, and the connection is gone.
  return createAnswerReader({
    head(head) {
      const { current } = line;
      if (current === undefined) return;
      clearTimeout(current.timer);
      current.keepMs = Math.min(state.idleMs, keepTime(head));
      on.head(head);
    },
    data(bytes) {
      if (line.current !== undefined) on.data(bytes);
    },
    end(reusable) {
      const current = take(line);
      if (current === undefined) return;
      release(state, line, reusable ? current.keepMs : 0);
      on.end();
    },
  });
}

/** Takes the request off its connection: nothing more will be told of it by that. */
function take(line: Line): Current | undefined {
  const { current } = line;
  line.current = undefined;
  clearTimeout(current?.timer);
  return current;
}

/** The connection stands: from here on the head is waited for. */
function awaitHead(state: State, line: Line): void {
  const { current } = line;
  if (current === undefined) return;
  clearTimeout(current.timer);
  current.timer = setTimeout(giveUp, current.request.headersMs, state, line, 'head-timeout');
}

function giveUp(state: State, line: Line, kind: ClientFailure['kind']): void {
  const current = take(line);
  drop(state, line);
  current?.on.fail({ kind });
}

function open(state: State): Line {
  const { origin } = state.options;
  const onread = {
    buffer: readBuffer,
    callback(length: number): boolean {
      read(state, line, readBuffer.subarray(0, length));
      return true;
    },
  };
  const at = { host: origin.host, port: origin.port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000, onread };
  // TLS takes longer to load than all else of the client: where no provider is reached by https, nobody waits for it.
  const socket = origin.secure ? process.getBuiltinModule('node:tls').connect({ ...at, ...tlsOptions(state) }) : connectPlain(at);
  const line: Line = { socket, served: 0, idleUntil: 0, current: undefined };
  state.all.add(line);
  if (origin.secure) socket.on('session', (session: Buffer) => (state.session = session));
  socket.once(origin.secure ? 'secureConnect' : 'connect', () => awaitHead(state, line));
  socket.on('error', (error) => breakLine(state, line, error));
  socket.on('end', () => (line.current?.reader.close() === true ? drop(state, line) : breakLine(state, line)));
  socket.on('close', () => breakLine(state, line));
  return line;
}

function read(state: State, line: Line, bytes: Buffer): void {
  const { current } = line;
  // An unused connection has nothing to say.
  if (current === undefined) {
    drop(state, line);
    return;
  }
  // What is kept of them is copied.
  countYoung(bytes.length);
  try {
    current.reader.push(bytes);
  } catch (error) {
    if (!(error instanceof HttpSyntaxError)) reportMistake(error);
    // Behind its end or its abort the connection may be another's by now.
    if (line.current !== current) return;
    take(line);
    drop(state, line);
    current.on.fail({ kind: 'broken', cause: error });
  }
}

/** The connection has ended, before its request has if it carries one. */
function breakLine(state: State, line: Line, cause?: unknown): void {
  const current = take(line);
  drop(state, line);
  if (current === undefined) return;
  const stale = line.served > 1 && !current.reader.begun();
  current.on.fail({ kind: stale ? 'stale' : 'broken', cause });
}

function drop(state: State, line: Line): void {
  state.all.delete(line);
  const at = state.free.indexOf(line);
  if (at !== -1) state.free.splice(at, 1);
  line.socket.destroy();
}

/** An unused connection that still stands. */
function reuse(state: State): Line | undefined {
  for (let line = state.free.pop(); line !== undefined; line = state.free.pop()) {
    if (!line.socket.destroyed && line.socket.writable && line.idleUntil > performance.now()) return line;
    drop(state, line);
  }
  return undefined;
}

function release(state: State, line: Line, keepMs: number): void {
  if (keepMs <= 0 || line.socket.destroyed || line.socket.writableLength > 0) {
    drop(state, line);
    return;
  }
  if (line.socket.isPaused()) line.socket.resume();
  line.idleUntil = performance.now() + keepMs;
  state.free.push(line);
  state.sweep ??= setInterval(() => sweep(state), sweepMs).unref();
}

function sweep(state: State): void {
  const now = performance.now();
  for (const idle of state.free.filter((line) => line.idleUntil <= now)) drop(state, idle);
  if (state.free.length > 0) return;
  clearInterval(state.sweep);
  state.sweep = undefined;
}

function hostField({ secure, host, port }: Origin): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === (secure ? 443 : 80) ? name : `${name}:${port}`;
}

function tlsOptions({ options: { origin, ca }, session }: State) {
  return {
    // A name only: an address has no place in SNI.
    ...(/[a-z]/i.test(origin.host) && !origin.host.includes(':') ? { servername: origin.host } : {}),
    ALPNProtocols: ['http/1.1'],
    ...(ca === undefined ? {} : { ca: [...ca] }),
    ...(session === undefined ? {} : { session }),
  };
}

function fieldLines(headers: ClientRequest['headers']): string {
  let lines = '';
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) lines += fieldLine(name, value);
  }
  return lines;
}

const unsendable = /[^\x21-\x7e]/;

function requestHead({ method, path, headers, body }: ClientRequest, sameLines: string): string {
  if (!path.startsWith('/') || unsendable.test(path)) throw new HttpSyntaxError('the path of the request cannot stand in a head');
  const head = `${method} ${path} HTTP/1.1\r\n${sameLines}${fieldLines(headers)}`;
  if (method === 'GET') return `${head}\r\n`;
  let length = 0;
  for (const part of body) length += typeof part === 'string' ? Buffer.byteLength(part) : part.length;
  return `${head}content-length: ${length}\r\n\r\n`;
}

/** Bodies up to this size are copied behind the head, so that one write does. */
const copyBelow = 64 * 1024;

function writeRequest(socket: Socket, head: string, body: ClientRequest['body']): void {
  let size = head.length;
  // A string is at most three bytes a unit.
  for (const part of body) size += typeof part === 'string' ? part.length * 3 : part.length;
  if (size <= copyBelow) {
    const all = Buffer.allocUnsafe(size);
    let at = all.write(head, 0, 'latin1');
    for (const part of body) {
      if (typeof part === 'string') at += all.write(part, at);
      else {
        all.set(part, at);
        at += part.length;
      }
    }
    socket.write(at === size ? all : all.subarray(0, at));
    return;
  }
  socket.cork();
  socket.write(head, 'latin1');
  for (const part of body) if (part.length > 0) socket.write(part);
  socket.uncork();
}

/** Milliseconds for which the server says that it keeps the connection; Infinity when it says nothing. */
function keepTime({ headers }: ResponseHead): number {
  const hint = headers['keep-alive'];
  if (hint === undefined) return Infinity;
  const seconds = /(?:^|[,\s])timeout=(\d{1,6})(?:$|[,\s])/i.exec(hint)?.[1];
  return seconds === undefined ? Infinity : Number(seconds) * 1000 - idleMarginMs;
}
