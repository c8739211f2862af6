import { type ChildProcess, spawn } from 'node:child_process';
import type { Job, LoadResult } from './load.ts';

/** A server that the bench has started and that has said where it listens. */
export type Server = {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
  /** Asks it to end, and ends it after two seconds. */
  stop(): Promise<void>;
};

export type Command = {
  readonly name: string;
  /** Arguments of `node`. */
  readonly args: readonly string[];
  readonly core: number | undefined;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
};

const readyMs = 30_000;
const graceMs = 2000;
const running = new Set<ChildProcess>();
/** Ports of our own servers, which another server may name in its boot text as well. */
const known = new Set<number>();

/** Whatever way the bench ends, nothing that it started goes on. */
export function killChildrenAtExit(): void {
  process.on('exit', () => {
    for (const child of running) child.kill('SIGKILL');
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));
}

function start(command: Command, stdio: ('pipe' | 'ipc')[]): ChildProcess {
  const node = [process.execPath, ...command.args];
  const argv = command.core === undefined ? node : ['taskset', '-c', String(command.core), ...node];
  const child = spawn(argv[0] ?? '', argv.slice(1), { cwd: command.cwd, env: command.env, stdio });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Starts a server and waits for the line in which it names its URL. What it prints later is read and thrown away. */
export function startServer(command: Command): Promise<Server> {
  const child = start(command, ['pipe', 'pipe', 'pipe']);
  return new Promise((resolve, reject) => {
    let said = '';
    let ready = false;
    const fail = (what: string): void => {
      if (ready) return;
      child.kill('SIGKILL');
      reject(new Error(`${command.name} ${what}\n${said.slice(-4000)}`));
    };
    const timer = setTimeout(() => fail(`was not ready within ${readyMs / 1000} s`), readyMs);
    const hear = (chunk: Buffer): void => {
      if (ready) return;
      said += chunk.toString();
      const port = portIn(said);
      if (port === undefined || child.pid === undefined) return;
      ready = true;
      known.add(port);
      clearTimeout(timer);
      resolve({ name: command.name, pid: child.pid, port, stop: () => stop(child) });
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('error', (error) => fail(`cannot be started: ${error.message}`));
    child.once('exit', (code, signal) => fail(`ended with ${signal ?? code} before it was ready`));
  });
}

function portIn(text: string): number | undefined {
  const ports = [...text.matchAll(/http:\/\/(?:127\.0\.0\.1|localhost):(\d+)\D/g)].map((match) => Number(match[1]));
  return ports.find((port) => !known.has(port));
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve();
      return;
    }
    const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}

/** The load generator's process. */
export type LoadProcess = { readonly pid: number; run(job: Job): Promise<LoadResult> };

export function startLoad(command: Command): LoadProcess {
  const child = start(command, ['pipe', 'pipe', 'pipe', 'ipc']);
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
  child.stdout?.resume();
  return {
    pid: child.pid ?? 0,
    run: (job) =>
      new Promise((resolve, reject) => {
        const onExit = (): void => reject(new Error(`the load generator ended\n${said}`));
        child.once('exit', onExit);
        child.once('message', (message) => {
          child.off('exit', onExit);
          if (isResult(message)) resolve(message);
          else reject(new Error('the load generator sent no result'));
        });
        child.send(job);
      }),
  };
}

function isResult(message: unknown): message is LoadResult {
  return typeof message === 'object' && message !== null && 'done' in message && 'errors' in message;
}
