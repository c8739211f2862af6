import type { Socket } from 'node:net';
import { answerHead, chunkEnd, chunkStart, hasNoBody, lastChunk } from './answer-head.ts';
import { type BodyReader, createBodyReader } from './body-reader.ts';
import { type BodyOutcome, type Exchange, linger, reportMistake, type ServerOptions, type Timeouts } from './exchange.ts';
import { countYoung } from './young-memory.ts';
import { createGatherer, type Gatherer } from './gatherer.ts';
import {
  beginsRequest,
  type BodyFraming,
  headEnd,
  HttpSyntaxError,
  keepsAlive,
  longestHead,
  parseRequestHead,
  refuseBareLines,
  type RequestHead,
  requestFraming,
} from './head.ts';
import { createOutlet, type Outlet } from './outlet.ts';

/** A caller's connection, as the server sees it. */
export type Connection = {
  /** Ends what has taken too long. */
  checkTime(now: number): void;
  closeIfIdle(): void;
  destroy(): void;
};

export type Setting = { readonly options: ServerOptions; readonly timeouts: Timeouts; isClosing(): boolean };

/** What is kept of the caller's next requests while an answer is on its way; more stays in the kernel. */
const mostAhead = 64 * 1024;
/** Above this an answer's pieces do not wait for the end of the turn. */
const mostGathered = 64 * 1024;

const continueLine = 'HTTP/1.1 100 Continue\r\n\r\n';
const none = Buffer.alloc(0);

/** One request and its answer, as far as they have come. */
type Turn = {
  readonly head: RequestHead;
  readonly framing: BodyFraming;
  /** Reads the body; made when somebody asks for it, or when it has to be passed over. */
  reader: BodyReader | undefined;
  bodyDone: ((outcome: BodyOutcome) => void) | undefined;
  onClose: ((whole: boolean) => void) | undefined;
  drained: (() => void) | undefined;
  begun: boolean;
  /** Nothing of a body may go out: before the head, behind the end, and where there is none. */
  mute: boolean;
  /** The connection may carry another request. */
  keep: boolean;
  /** The answer is out, or the connection gone: nothing more is done for it. */
  over: boolean;
};

type State = {
  readonly socket: Socket;
  readonly outlet: Outlet;
  readonly setting: Setting;
  /** What the connection waits for. When its time is over, a request that is late is refused; anything else just ends. */
  phase: 'idle' | 'head' | 'request' | 'answer' | 'linger';
  dueAt: number;
  /** When the request's first byte came. */
  startedAt: number;
  /** Bytes that nobody has taken yet. */
  held: Buffer | undefined;
  readonly gatherer: Gatherer;
  /** How many of them are known not to end a head: none is searched twice. */
  searched: number;
  turn: Turn | undefined;
  lingered: number;
};

export function openConnection(socket: Socket, setting: Setting): Connection {
  const state: State = {
    socket,
    outlet: createOutlet(socket),
    setting,
    phase: 'idle',
    dueAt: performance.now() + setting.timeouts.idle,
    startedAt: 0,
    held: undefined,
    gatherer: createGatherer(),
    searched: 0,
    turn: undefined,
    lingered: 0,
  };
  socket.on('data', (chunk: Buffer) => receive(state, chunk));
  socket.on('drain', () => guarded(state, drain, none));
  // Who has said its last word has gone; a caller whose answer is out only closes its side.
  socket.on('end', () => (state.turn === undefined || state.turn.over ? socket.end() : socket.destroy()));
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    const { turn } = state;
    state.turn = undefined;
    state.held = undefined;
    if (turn !== undefined) guarded(state, () => lose(turn), none);
  });
  return {
    checkTime: (now) => (now < state.dueAt ? undefined : timeOut(state)),
    closeIfIdle: () => (state.phase === 'idle' || state.phase === 'head' ? void socket.destroy() : undefined),
    destroy: () => void socket.destroy(),
  };
}

function enter(state: State, phase: State['phase'], ms: number): void {
  state.phase = phase;
  state.dueAt = ms === Infinity ? Infinity : performance.now() + ms;
}

function receive(state: State, chunk: Buffer): void {
  countYoung(chunk.length);
  if (state.phase === 'linger') {
    state.lingered += chunk.length;
    if (state.lingered > linger.bytes) state.socket.pause();
    return;
  }
  const bytes = state.gatherer.add(state.held, chunk);
  guarded(state, state.turn === undefined ? start : ahead, bytes);
}

function guarded(state: State, run: (state: State, bytes: Buffer) => void, bytes: Buffer): void {
  try {
    run(state, bytes);
  } catch (error) {
    if (error instanceof HttpSyntaxError) fail(state, error);
    else {
      // A mistake in the handler costs its connection, not the others.
      state.socket.destroy();
      reportMistake(error);
    }
  }
}

function drain(state: State): void {
  state.turn?.drained?.();
}

/** What the caller has sent breaks the rules: it is told, where that can still be told. */
function fail(state: State, error: HttpSyntaxError): void {
  const { turn, outlet, setting } = state;
  if (turn?.begun === true) {
    state.socket.destroy();
    return;
  }
  state.turn = undefined;
  state.held = undefined;
  if (turn !== undefined) lose(turn);
  const { status, headers, payload } = setting.options.refuse(error);
  const bytes = Buffer.from(payload);
  outlet.addHead(answerHead(status, headers, { length: bytes.length, keep: false }));
  outlet.add(bytes, bytes.length);
  outlet.flush();
  leave(state);
}

function timeOut(state: State): void {
  if (state.phase === 'head' || state.phase === 'request') fail(state, new HttpSyntaxError('the request came too slowly', 408));
  else state.socket.destroy();
}

/** Bytes where a request begins. */
function start(state: State, bytes: Buffer): void {
  let from = 0;
  // An empty line or two before a request are passed over (RFC 9112 §2.2).
  while (from < 4 && (bytes[from] === 13 || bytes[from] === 10)) from++;
  const end = headEnd(bytes, Math.max(from, state.searched - 3));
  if ((end === -1 ? bytes.length : end) - from > longestHead) throw new HttpSyntaxError('the head is too large', 431);
  if (state.phase === 'idle') state.startedAt = performance.now();
  if (end === -1) {
    if (!beginsRequest(bytes)) throw new HttpSyntaxError('this is no request of HTTP');
    refuseBareLines(bytes, Math.max(from, state.searched - 1));
    state.held = bytes;
    state.searched = bytes.length;
    if (state.phase === 'idle') enter(state, 'head', state.setting.timeouts.head);
    return;
  }
  const head = parseRequestHead(bytes.toString('latin1', from, end - 2));
  const turn: Turn = {
    head,
    framing: requestFraming(head),
    reader: undefined,
    bodyDone: undefined,
    onClose: undefined,
    drained: undefined,
    begun: false,
    mute: true,
    keep: keepsAlive(head),
    over: false,
  };
  state.held = end < bytes.length ? bytes.subarray(end) : undefined;
  state.searched = 0;
  state.gatherer.release();
  state.turn = turn;
  enter(state, 'answer', Infinity);
  state.setting.options.handle(exchangeOf(state, turn));
  if (turn.framing.kind === 'none') checkNext(state, turn);
}

/** What follows a request that is being answered must be another: an answer to anything else would be read as part of this one's. */
function checkNext(state: State, turn: Turn): void {
  if (state.held !== undefined && state.turn === turn && !turn.over && !beginsRequest(state.held)) state.socket.destroy();
}

/** Bytes that come while a request is being read or answered: its body, or the next requests. */
function ahead(state: State, bytes: Buffer): void {
  const { turn, socket } = state;
  if (turn?.reader?.done() === false) {
    read(state, turn, turn.reader, bytes);
    return;
  }
  state.held = bytes;
  if (bytes.length > mostAhead) socket.pause();
  else if (turn !== undefined && (turn.reader !== undefined || turn.framing.kind === 'none')) checkNext(state, turn);
}

/** Hands what has come to the body's reader, and tells whoever waits for it how that ended. */
function read(state: State, turn: Turn, reader: BodyReader, bytes: Buffer): void {
  const stopped = reader.push(bytes, 0);
  state.held = stopped < bytes.length ? bytes.subarray(stopped) : undefined;
  const tell = turn.bodyDone;
  if (tell === undefined || !(reader.over() || reader.done())) return;
  turn.bodyDone = undefined;
  enter(state, 'answer', Infinity);
  tell(reader.over() ? 'too_large' : reader.bytes());
  if (reader.done()) checkNext(state, turn);
}

/** Has no end: what follows is nobody's business. */
const theRest: BodyFraming = { kind: 'length', length: Infinity };

/** Whether the request is behind us; what nobody has read of it is passed over as far as it is there. */
function passBody(state: State, turn: Turn): boolean {
  turn.reader ??= createBodyReader(turn.framing, 0);
  try {
    if (!turn.reader.done() && state.held !== undefined) read(state, turn, turn.reader, state.held);
  } catch (error) {
    if (!(error instanceof HttpSyntaxError)) throw error;
    // The answer is here all the same, and is the last.
    turn.reader = createBodyReader(theRest, 0);
    state.held = undefined;
  }
  return turn.reader.done();
}

/** The answer is out. */
function finish(state: State, turn: Turn): void {
  if (turn.over) return;
  turn.over = true;
  turn.onClose?.(true);
  if (!turn.keep || state.setting.isClosing()) {
    leave(state);
    return;
  }
  state.turn = undefined;
  enter(state, 'idle', state.setting.timeouts.idle);
  if (state.socket.isPaused()) state.socket.resume();
  const next = state.held;
  state.held = undefined;
  if (next !== undefined) guarded(state, start, next);
}

/** Nothing more is said. What the caller is still sending is read for a moment: closed at once, the reset could overtake the answer. */
function leave(state: State): void {
  enter(state, 'linger', linger.ms);
  state.socket.end();
  if (state.socket.isPaused()) state.socket.resume();
}

function lose(turn: Turn): void {
  if (turn.over) return;
  turn.over = true;
  turn.bodyDone?.('gone');
  turn.onClose?.(false);
}

function exchangeOf(state: State, turn: Turn): Exchange {
  const { outlet, socket } = state;
  const chunked = turn.head.version === '1.1';
  const sent = (): void => guarded(state, () => finish(state, turn), none);
  return {
    head: turn.head,
    readBody: (limit, done) => readBody(state, turn, limit, done),
    send(status, headers, payload) {
      if (turn.over || turn.begun) return;
      const length = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length;
      begin(state, turn, { status, headers, length });
      if (!turn.mute) outlet.add(payload, length);
      turn.mute = true;
      outlet.flush(sent);
    },
    begin(status, headers, drained) {
      if (turn.over || turn.begun) return;
      turn.drained = drained;
      begin(state, turn, { status, headers, length: undefined });
    },
    write(chunk) {
      const length = typeof chunk === 'string' ? Buffer.byteLength(chunk) : chunk.length;
      // A chunk of no bytes would be the last.
      if (turn.over || turn.mute || length === 0) return true;
      if (chunked) outlet.addText(chunkStart(length));
      outlet.add(chunk, length);
      if (chunked) outlet.addText(chunkEnd);
      if (outlet.gathered() > mostGathered) outlet.flush();
      return !socket.writableNeedDrain;
    },
    end() {
      if (turn.over || !turn.begun) return;
      turn.drained = undefined;
      if (chunked && !turn.mute) outlet.addText(lastChunk);
      turn.mute = true;
      outlet.flush(sent);
    },
    destroy() {
      if (!turn.over) socket.destroy();
    },
    begun: () => turn.begun,
    unsent: outlet.waiting,
    onClose(run) {
      if (turn.over) run(false);
      else turn.onClose = run;
    },
  };
}

function readBody(state: State, turn: Turn, limit: number, done: (outcome: BodyOutcome) => void): void {
  if (turn.over) {
    done('gone');
    return;
  }
  const reader = createBodyReader(turn.framing, limit);
  turn.reader = reader;
  // What came before somebody asked for it may have been too much to keep.
  if (state.socket.isPaused()) state.socket.resume();
  if (reader.over()) {
    done('too_large');
    return;
  }
  const waits = state.held === undefined && !reader.done() && turn.head.version === '1.1' && turn.head.headers['expect'] !== undefined;
  turn.bodyDone = done;
  enter(state, 'request', Math.max(state.startedAt + state.setting.timeouts.request - performance.now(), 0));
  read(state, turn, reader, state.held ?? none);
  if (waits) state.socket.write(continueLine);
}

type Beginning = { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly length: number | undefined };

function begin(state: State, turn: Turn, { status, headers, length }: Beginning): void {
  const { version } = turn.head;
  const keep = passBody(state, turn) && turn.keep && !state.setting.isClosing() && (length !== undefined || version === '1.1');
  state.outlet.addHead(answerHead(status, headers, { length, keep, version }));
  turn.begun = true;
  turn.mute = turn.head.method === 'HEAD' || hasNoBody(status);
  turn.keep = keep;
}
