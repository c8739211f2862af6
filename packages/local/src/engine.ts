import { randomBytes } from 'node:crypto';
import { startChild } from './child-process.ts';
import type { RunningChild } from './child-process.ts';
import { LocalError, reasonOf } from './local-error.ts';
import { resolveModelFile } from './model-file.ts';
import type { LocalModel } from './models.ts';
import { runProgram } from './python-source.ts';
import { resolveSettings } from './settings.ts';
import type { LocalOptions } from './settings.ts';

/** Where the engine is between nothing and an answer. */
export type LocalStatus =
  | { readonly state: 'absent' }
  | { readonly state: 'downloading'; readonly received: number; readonly total: number }
  | { readonly state: 'loading' }
  | { readonly state: 'ready' }
  | { readonly state: 'failed'; readonly code: string; readonly message: string; readonly hint: string };

/** An OpenAI-compatible base URL on this machine and the bearer secret it asks for. */
export type LocalEndpoint = { readonly baseURL: string; readonly key: string };

/** The embedded model. */
export type LocalEngine = {
  readonly model: LocalModel;
  status(): LocalStatus;
  /** Calls the listener at every change (at most ten times a second while downloading); returns what ends that. It must not throw. */
  onStatus(listener: (status: LocalStatus) => void): () => void;
  /**
   * Resolves when the model can answer; fetches the file and starts the child when needed. Callers at the same time share one start.
   * For ten seconds after a failed start it rejects at once with the same LocalError; after a crash the next call starts anew.
   */
  start(): Promise<LocalEndpoint>;
  /** Ends the child, or the start in progress. Afterwards start() rejects with `engine_closed`. */
  close(): Promise<void>;
};

const pause = 10_000;
const progressEvery = 100;

// Beside this file, in the language this file is in: source under a type-stripping Node, or the build.
const builtInChild = new URL(import.meta.url.endsWith('.ts') ? './child.ts' : './child.js', import.meta.url);

/** An engine at rest: nothing is read, fetched or started before start(). Throws `invalid_option` for a setting that cannot be meant. */
export function createLocalEngine(options: LocalOptions = {}): LocalEngine {
  const settings = resolveSettings(options);
  const now = options.now ?? (() => performance.now());
  const log = options.log ?? (() => undefined);
  const env = options.env ?? process.env;
  const { model } = settings.plan;
  const closing = new AbortController();
  const board = createStatusBoard(now);
  let current: { readonly endpoint: LocalEndpoint; readonly child: RunningChild } | undefined;
  let starting: Promise<LocalEndpoint> | undefined;
  let failure: { readonly error: LocalError; readonly until: number } | undefined;

  async function launch(): Promise<LocalEndpoint> {
    board.set({ state: 'loading' });
    const { signal } = closing;
    const context = { fetch: options.fetch ?? fetch, run: runProgram, env, signal, onProgress: board.progress };
    const path = await resolveModelFile(settings.plan, context);
    board.set({ state: 'loading' });
    const key = randomBytes(32).toString('base64url');
    const { threads, contextSize, slots, queue } = settings;
    const { id, prompt } = model;
    const order = { type: 'start', key, threads, contextSize, slots, queue, model: { id, path, ...(prompt === undefined ? {} : { prompt }) } } as const;
    const child = await startChild(options.childEntry ?? builtInChild, order, { env, signal, log });
    const endpoint = { baseURL: `http://127.0.0.1:${child.port}/v1`, key };
    current = { endpoint, child };
    log(`the local model ${id} runs in process ${child.pid}`);
    void child.ended.then((how) => onEnd(child, how));
    board.set({ state: 'ready' });
    return endpoint;
  }

  function onEnd(child: RunningChild, how: string): void {
    if (current?.child !== child) return;
    current = undefined;
    if (closing.signal.aborted) return;
    const hint = 'the next call starts it again; if this repeats, lower MODELWIRE_LOCAL_CONTEXT or set MODELWIRE_LOCAL_THREADS=1';
    log(`the local model's process ${how}`);
    board.fail(new LocalError('engine_crashed', `the local model's process ${how}`, { hint }));
  }

  async function guarded(): Promise<LocalEndpoint> {
    try {
      return await launch();
    } catch (thrown) {
      const error = closing.signal.aborted ? closed(thrown) : toLocalError(thrown);
      failure = { error, until: now() + pause };
      if (!closing.signal.aborted) board.fail(error);
      throw error;
    } finally {
      starting = undefined;
    }
  }

  return {
    model,
    status: board.get,
    onStatus: board.listen,
    async start() {
      if (closing.signal.aborted) throw closed();
      if (current !== undefined) return current.endpoint;
      if (starting !== undefined) return starting;
      if (failure !== undefined && now() < failure.until) throw failure.error;
      failure = undefined;
      starting = guarded();
      return starting;
    },
    async close() {
      closing.abort(closed());
      // Whoever called start() hears of its failure; here only its end matters.
      await Promise.allSettled([starting]);
      await current?.child.stop();
      current = undefined;
      board.set({ state: 'absent' });
    },
  };
}

function createStatusBoard(now: () => number) {
  const listeners = new Set<(status: LocalStatus) => void>();
  let status: LocalStatus = { state: 'absent' };
  let shownAt = Number.NEGATIVE_INFINITY;

  function set(next: LocalStatus): void {
    if (next.state === status.state && next.state !== 'downloading' && next.state !== 'failed') return;
    status = next;
    for (const listener of listeners) listener(next);
  }

  return {
    get: () => status,
    set,
    fail: (error: LocalError) => set({ state: 'failed', code: error.code, message: error.message, hint: error.hint }),
    listen(listener: (status: LocalStatus) => void): () => void {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    progress(received: number, total: number): void {
      const whole = received >= total && total > 0;
      if (status.state === 'downloading' && !whole && now() - shownAt < progressEvery) return;
      if (status.state === 'downloading' && status.received === received && status.total === total) return;
      shownAt = now();
      set({ state: 'downloading', received, total });
    },
  };
}

function closed(cause?: unknown): LocalError {
  return new LocalError('engine_closed', 'the local model was closed', { hint: 'create a new engine', ...(cause === undefined ? {} : { cause }) });
}

function toLocalError(error: unknown): LocalError {
  if (error instanceof LocalError) return error;
  return new LocalError('engine_failed', `the local model could not be started: ${reasonOf(error)}`, {
    hint: 'run again with the log on to see what the model process says',
    cause: error,
  });
}
