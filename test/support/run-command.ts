import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import type { Output, SignalName, World } from '../../packages/gateway/src/cli/command.ts';
import { runCommandLine } from '../../packages/gateway/src/cli/run.ts';

export type Ran = { readonly code: number; readonly out: string; readonly err: string; readonly cwd: string };

export type Given = {
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  /** What is piped in. */
  readonly stdin?: string;
  /** Columns of the terminal that stdout and stderr are; absent: they are none. */
  readonly columns?: number;
  /** The folder of an earlier run. */
  readonly cwd?: string;
  /** Sends SIGINT as soon as stdout fits. */
  readonly interruptAfter?: RegExp;
};

/** Runs a command line in an empty folder with an empty environment, in this process. */
export async function run(context: TestContext, argv: readonly string[], given: Given = {}): Promise<Ran> {
  const cwd = given.cwd ?? (await newFolder(context));
  for (const [name, text] of Object.entries(given.files ?? {})) await writeFile(path.join(cwd, name), text);
  let out = '';
  let err = '';
  const listeners = new Map<SignalName, () => void>();
  const output = (write: (text: string) => void): Output => ({
    isTTY: given.columns !== undefined,
    columns: given.columns ?? 80,
    write,
    isGone: () => false,
    onGone: () => undefined,
  });
  const world: World = {
    env: { MODELWIRE_DATA: cwd, NO_COLOR: '1', ...given.env },
    cwd,
    stdout: output((text) => {
      out += text;
      if (given.interruptAfter?.test(out) === true) listeners.get('SIGINT')?.();
    }),
    stderr: output((text) => void (err += text)),
    stdin: { isTTY: false, isPiped: given.stdin !== undefined, read: async () => given.stdin ?? '' },
    uptime: () => 1,
    onSignal(name, listener) {
      listeners.set(name, listener);
      return () => void listeners.delete(name);
    },
  };
  const code = await runCommandLine(argv, world);
  return { code, out: out.replaceAll(cwd, '.'), err: err.replaceAll(cwd, '.'), cwd };
}

async function newFolder(context: TestContext): Promise<string> {
  const cwd = await mkdtemp(path.join(tmpdir(), 'modelwire-cli-'));
  context.after(() => rm(cwd, { recursive: true }));
  return cwd;
}
