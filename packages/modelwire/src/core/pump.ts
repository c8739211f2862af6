import type { AttemptScope, World } from './attempt.ts';
import { cutError } from './body.ts';
import { deadlineError } from './deadline.ts';
import { GatewayError, toGatewayError } from './errors.ts';
import { targetName } from './target.ts';
import type { ByteSource } from './transport.ts';

/** A piece of the caller's answer: bytes that pass, or text that we wrote. */
export type Chunk = Uint8Array | string;

export type ChunkSink = {
  data(chunk: Chunk): void;
  end(): void;
  /** The answer cannot be ended legally (a whole body that broke off): the connection must be reset. */
  reset(error: GatewayError): void;
};

export type ChunkSource = {
  start(sink: ChunkSink): void;
  pause(): void;
  resume(): void;
};

/** Turns the provider's bytes into the caller's chunks, and knows where in the answer it stands. */
export type Machine = {
  /** What to pass on for these bytes; undefined or '' for nothing. */
  read(bytes: Uint8Array): Chunk | undefined;
  /** The provider's body ended cleanly: what is still to say. */
  end(): Chunk | undefined;
  /** The answer broke: what tells the caller; undefined when the format has no way to tell. */
  broken(error: GatewayError): Chunk | undefined;
  /** Content, tool or reasoning has been seen, or the answer is complete. */
  committed(): boolean;
  /** The count of content events so far: what keeps the idle deadline alive. */
  progress(): number;
  /** The finish reason is known; only usage or the terminator may come. */
  finishing(): boolean;
  /** The terminal event has passed. */
  done(): boolean;
  /** The error that the answer ended with, once it has. */
  failure(): GatewayError | undefined;
  /** A keep-alive in the caller's format; empty when it has none. */
  readonly ping: string;
};

/** After the finish reason, or after the terminator, a socket left open is waited for this long (ms). */
const lingerMs = 1000;

/** Bytes that may come before the first content. A provider that sends comments for ever must not fill the memory. */
const longestPreamble = 4 * 1024 * 1024;

/** Where what is written goes: held until the caller's side is there, then straight on. */
type Outlet = {
  write(chunk: Chunk | undefined): void;
  attach(sink: ChunkSink): void;
  end(): void;
  reset(error: GatewayError): void;
  /** When the caller was last sent something. */
  lastWrite(): number;
  /** Bytes (or UTF-16 units) that wait for the caller's side. */
  waiting(): number;
};

function createOutlet(world: World): Outlet {
  let held: Chunk[] = [];
  let sink: ChunkSink | undefined;
  let last = world.now();
  let waiting = 0;
  let ending: ((to: ChunkSink) => void) | undefined;
  const close = (how: (to: ChunkSink) => void): void => {
    if (sink === undefined) ending = how;
    else how(sink);
  };
  return {
    write(chunk) {
      if (chunk === undefined || chunk.length === 0) return;
      if (sink === undefined) {
        held.push(chunk);
        waiting += chunk.length;
        return;
      }
      last = world.now();
      sink.data(chunk);
    },
    attach(to) {
      sink = to;
      for (const chunk of held) to.data(chunk);
      held = [];
      ending?.(to);
    },
    end: () => close((to) => to.end()),
    reset: (error) => close((to) => to.reset(error)),
    lastWrite: () => last,
    waiting: () => waiting,
  };
}

/** What one pump knows, shared by its small functions. */
type State = {
  readonly scope: AttemptScope;
  readonly input: ByteSource;
  readonly machine: Machine;
  readonly outlet: Outlet;
  readonly startedAt: number;
  readonly resolve: (source: ChunkSource) => void;
  readonly reject: (error: GatewayError) => void;
  committed: boolean;
  /** The caller's answer is complete, well or ill. */
  over: boolean;
  /** The provider's body is: nothing more comes from it. */
  inputOver: boolean;
  paused: boolean;
  progress: number;
  lastProgress: number;
  finishingSince: number | undefined;
  /** A deadline or a keep-alive is waited for. */
  watched: boolean;
  cancelTimer: () => void;
  /** Stops listening for the call's end before its time. */
  release: () => void;
};

/**
 * Moves an answer from the provider to the caller. Resolves at commit: until then what came is held, so that a failure is still a
 * status. Reads on only when the caller has drained. Ends by itself once the answer is complete, whatever the provider's socket does.
 */
export function pump(scope: AttemptScope, input: ByteSource, machine: Machine): Promise<ChunkSource> {
  return new Promise((resolve, reject) => {
    const { world, call } = scope;
    const startedAt = world.now();
    const state: State = {
      scope,
      input,
      machine,
      outlet: createOutlet(world),
      startedAt,
      resolve,
      reject,
      committed: false,
      over: false,
      inputOver: false,
      paused: false,
      progress: 0,
      lastProgress: startedAt,
      finishingSince: undefined,
      watched: false,
      cancelTimer: () => undefined,
      release: () => undefined,
    };
    if (call.signal.aborted) {
      input.abort();
      reject(toGatewayError(call.signal.reason));
      return;
    }
    state.release = call.signal.onAbort(() => breakWith(state, toGatewayError(call.signal.reason)));
    input.start({ data: (bytes) => read(state, bytes), end: () => inputEnded(state), fail: (error) => inputFailed(state, error) });
    // A short answer is over by now.
    if (!state.over) watch(state);
  });
}

function read(state: State, bytes: Uint8Array): void {
  if (state.over) {
    // More after the terminator is nobody's: the connection is not used again.
    abandon(state);
    return;
  }
  guarded(state, () => {
    state.outlet.write(state.machine.read(bytes));
    advance(state);
    if (!state.committed && state.outlet.waiting() > longestPreamble) throw preambleError(state);
  });
}

function preambleError({ scope }: State): GatewayError {
  const where = targetName(scope.target);
  return new GatewayError('upstream_invalid_response', `${scope.target.provider}: more than ${longestPreamble} bytes came before any content`, {
    provider: where,
  });
}

function inputEnded(state: State): void {
  state.inputOver = true;
  if (state.over) state.cancelTimer();
  else guarded(state, () => settleEnd(state));
}

function inputFailed(state: State, error: unknown): void {
  state.inputOver = true;
  if (state.over) state.cancelTimer();
  // An answer that was complete but for its terminator is complete, though its socket then breaks.
  else if (state.machine.finishing()) guarded(state, () => settleEnd(state));
  else breakWith(state, cutError(state.scope, error));
}

function guarded(state: State, run: () => void): void {
  try {
    run();
  } catch (thrown) {
    breakWith(state, toGatewayError(thrown));
  }
}

/** After each read: what has been reached? */
function advance(state: State): void {
  const { machine, scope } = state;
  const before = state.progress;
  state.progress = machine.progress();
  if (state.progress !== before) {
    state.lastProgress = scope.world.now();
    scope.attempt.firstContentAt ??= state.lastProgress;
  }
  if (machine.done()) {
    finish(state);
    return;
  }
  const wasFinishing = state.finishingSince !== undefined;
  // Content after a finish reason (another choice, or a provider that repeats it) means that the answer goes on.
  if (!machine.finishing()) state.finishingSince = undefined;
  else if (!wasFinishing || state.progress !== before) state.finishingSince = scope.world.now();
  // Another, shorter deadline is in force from here on.
  if (state.watched && (wasFinishing !== (state.finishingSince !== undefined) || (before === 0 && state.progress > 0))) {
    state.cancelTimer();
    watch(state);
  }
  if (machine.committed()) commit(state);
}

function commit(state: State): void {
  if (state.committed) return;
  state.committed = true;
  state.resolve({
    start: (sink) => state.outlet.attach(sink),
    pause() {
      state.paused = true;
      if (!state.inputOver) state.input.pause();
    },
    resume() {
      if (!state.paused) return;
      state.paused = false;
      // The time in which the caller did not read is not the provider's silence.
      state.lastProgress = state.scope.world.now();
      if (!state.inputOver) state.input.resume();
    },
  });
}

/** The provider's body has ended, or need not be waited for any more. */
function settleEnd(state: State): void {
  const last = state.machine.end();
  if (state.committed || state.machine.failure() === undefined) state.outlet.write(last);
  finish(state);
}

function finish(state: State): void {
  if (state.over) return;
  const error = state.machine.failure();
  close(state, error);
  if (error !== undefined && !state.committed) {
    abandon(state);
    state.committed = true;
    state.reject(error);
    return;
  }
  commit(state);
  state.outlet.end();
  if (state.inputOver) return;
  // The provider has a moment to end its body, so that the connection can be used again.
  if (state.paused) state.input.resume();
  state.cancelTimer = state.scope.world.after(lingerMs, () => abandon(state));
}

function breakWith(state: State, error: GatewayError): void {
  if (state.over) return;
  const last = state.machine.broken(error);
  abandon(state);
  if (state.committed && last === undefined) {
    close(state, error);
    state.outlet.reset(error);
    return;
  }
  if (state.committed) state.outlet.write(last);
  finish(state);
}

function close(state: State, error: GatewayError | undefined): void {
  const { attempt, world } = state.scope;
  state.over = true;
  state.cancelTimer();
  state.release();
  attempt.endedAt = world.now();
  if (error !== undefined) attempt.error = error;
}

/** The provider's connection is thrown away. */
function abandon(state: State): void {
  state.cancelTimer();
  if (state.inputOver) return;
  state.inputOver = true;
  state.input.abort();
}

/** One lazy timer: it looks at what is due, then sleeps until the next thing can be. */
function watch(state: State): void {
  state.watched = true;
  state.cancelTimer = state.scope.world.after(nextDue(state), () => onTimer(state));
}

/** Milliseconds until a deadline or a keep-alive can be due. */
function nextDue(state: State): number {
  const { scope, machine } = state;
  const { deadlines, pingMs } = scope.call;
  const now = scope.world.now();
  if (state.finishingSince !== undefined) return Math.max(state.finishingSince + lingerMs - now, 0);
  // Nothing can fall due while the caller is slow: one look now and then, not one a millisecond for as long as it takes.
  if (state.paused) return Math.min(deadlines.idle, pingMs > 0 ? pingMs : deadlines.idle);
  const content = state.progress === 0 ? state.startedAt + deadlines.firstToken : state.lastProgress + deadlines.idle;
  const ping = pingMs > 0 && machine.ping !== '' ? state.outlet.lastWrite() + pingMs : Infinity;
  return Math.max(Math.min(content, ping) - now, 1);
}

function onTimer(state: State): void {
  if (state.over) return;
  const { scope, machine } = state;
  const { deadlines, pingMs } = scope.call;
  const now = scope.world.now();
  if (state.finishingSince !== undefined && now - state.finishingSince >= lingerMs) {
    guarded(state, () => settleEnd(state));
    return;
  }
  if (!state.paused) {
    const which = state.progress === 0 ? 'firstToken' : 'idle';
    const since = state.progress === 0 ? state.startedAt : state.lastProgress;
    if (now - since >= deadlines[which]) {
      breakWith(state, deadlineError(which, deadlines[which], targetName(scope.target)));
      return;
    }
    if (pingMs > 0 && machine.ping !== '' && now - state.outlet.lastWrite() >= pingMs) {
      state.outlet.write(machine.ping);
      commit(state);
    }
  }
  watch(state);
}
