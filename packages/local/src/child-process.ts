import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { LocalError } from './local-error.ts';
import type { PromptStyle } from './models.ts';

/** What the child needs to load the model and to answer. It comes over IPC: the key never stands in a process list. */
export type ChildStart = {
  readonly type: 'start';
  readonly key: string;
  readonly model: { readonly id: string; readonly path: string; readonly prompt?: PromptStyle };
  readonly threads: number;
  readonly contextSize: number;
  readonly slots: number;
  readonly queue: number;
};

/** What the child answers, once. */
export type ChildAnswer =
  | { readonly type: 'ready'; readonly port: number }
  | { readonly type: 'failed'; readonly code: string; readonly message: string; readonly hint: string };

/** A child that can answer. */
export type RunningChild = {
  readonly port: number;
  readonly pid: number | undefined;
  /** Settles with how it ended, whoever ended it. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
};

const loadLimit = 300_000;
const killAfter = 2_000;
const keptLines = 5;

/** Starts the child, hands it its orders and waits until it can answer. Rejects with a LocalError when it cannot. */
export async function startChild(
  entry: URL,
  start: ChildStart,
  options: { readonly env: Readonly<Record<string, string | undefined>>; readonly signal: AbortSignal; readonly log: (line: string) => void },
): Promise<RunningChild> {
  const child = fork(entry, [], {
    execArgv: childExecArgv(process.execArgv),
    env: withoutSecrets(options.env),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const lastLines = collectLines(child, options.log);
  const ended = endOf(child);
  const stop = () => stopChild(child, ended);
  try {
    const port = await answerOf(child, { start, ended, lastLines, signal: options.signal });
    // From here on the child lives as long as its parent, and does not keep it alive.
    release(child);
    return { port, pid: child.pid, ended, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Of the parent's own flags only those that decide how modules are found; --test, --inspect or --eval would break the child. */
export function childExecArgv(execArgv: readonly string[]): string[] {
  const kept: string[] = [];
  for (const [index, flag] of execArgv.entries()) {
    if (/^(--conditions=|-C.|--experimental-strip-types$|--disable-warning=)/.test(flag)) kept.push(flag);
    else if (/^(--conditions|-C)$/.test(flag)) kept.push(flag, execArgv[index + 1] ?? '');
  }
  return kept;
}

/** The child runs native code on untrusted text and needs no key: it gets none. */
export function withoutSecrets(env: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/KEY|TOKEN|SECRET|PASSW|CREDENTIAL|NODE_TEST_CONTEXT/i.test(name)));
}

function answerOf(
  child: ChildProcess,
  options: { readonly start: ChildStart; readonly ended: Promise<string>; readonly lastLines: readonly string[]; readonly signal: AbortSignal },
): Promise<number> {
  const { start, ended, lastLines, signal } = options;
  let settle = () => {};
  const answered = new Promise<number>((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    const limit = setTimeout(() => reject(loadFailure(`it took longer than ${loadLimit / 1000} s to load`)), loadLimit);
    settle = () => {
      clearTimeout(limit);
      signal.removeEventListener('abort', onAbort);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    child.on('message', (message) => {
      const answer = toAnswer(message);
      if (answer?.type === 'ready') resolve(answer.port);
      if (answer?.type === 'failed') reject(new LocalError(answer.code, answer.message, { hint: answer.hint }));
    });
    void ended.then((how) => reject(loadFailure([`its process ${how}`, ...lastLines].join(' | '))));
    if (signal.aborted) onAbort();
    // A child that is already gone reports that by its end, not here.
    else child.send(start, () => undefined);
  });
  return answered.finally(settle);
}

function loadFailure(reason: string): LocalError {
  return new LocalError('engine_failed', `the local model could not be loaded: ${reason}`, {
    hint: 'free some memory, lower MODELWIRE_LOCAL_CONTEXT, or try another file with MODELWIRE_LOCAL_MODEL_FILE',
  });
}

function toAnswer(message: unknown): ChildAnswer | undefined {
  if (typeof message !== 'object' || message === null || !('type' in message)) return undefined;
  if (message.type === 'ready' && 'port' in message && typeof message.port === 'number') return { type: 'ready', port: message.port };
  if (message.type !== 'failed') return undefined;
  const text = (name: string) => String(Reflect.get(message, name) ?? '');
  return { type: 'failed', code: text('code'), message: text('message'), hint: text('hint') };
}

function collectLines(child: ChildProcess, log: (line: string) => void): readonly string[] {
  const last: string[] = [];
  for (const input of [child.stdout, child.stderr]) {
    if (input === null) continue;
    createInterface({ input }).on('line', (line) => {
      last.push(line);
      if (last.length > keptLines) last.shift();
      log(line);
    });
  }
  return last;
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) => resolve(signal === null ? `ended with code ${code}` : `was ended by ${signal}`));
  });
}

function release(child: ChildProcess): void {
  child.unref();
  child.channel?.unref();
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null && 'unref' in stream && typeof stream.unref === 'function') stream.unref();
  }
}

async function stopChild(child: ChildProcess, ended: Promise<string>): Promise<void> {
  if (child.connected) child.disconnect();
  child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), killAfter);
  // Released handles would let the event loop end before the child has; ref() holds it for this moment.
  child.ref();
  await ended;
  clearTimeout(kill);
}
