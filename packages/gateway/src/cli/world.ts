import { fstatSync } from 'node:fs';
import { isatty } from 'node:tty';
import type { Output, World } from './command.ts';
import { exitCodes } from './exit-code.ts';

/** The real process as the commands see it. */
export function createWorld(self: NodeJS.Process): World {
  return {
    env: self.env,
    cwd: self.cwd(),
    stdout: createOutput(self.stdout, (error) => reportLost(self, error)),
    stderr: createOutput(self.stderr),
    // Touching process.stdin opens it, so the descriptor is asked instead.
    stdin: { isTTY: isatty(0), isPiped: isPiped(0), read: () => readAll(self.stdin) },
    uptime: () => performance.now(),
    onSignal(name, listener) {
      self.on(name, listener);
      return () => void self.off(name, listener);
    },
  };
}

/** A reader that has gone wants no more; a disk that takes no more has lost what was asked for, and that is a failure. */
function reportLost(self: NodeJS.Process, error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE' || error.code === 'EIO') return;
  self.exitCode = exitCodes.failed;
  self.stderr.write(`error[failed]: the output could not be written: ${error.message}\n`);
}

function createOutput(stream: NodeJS.WriteStream, lost?: (error: NodeJS.ErrnoException) => void): Output {
  let gone: string | undefined;
  const listeners = new Set<(code: string) => void>();
  // `modelwire models | head` ends the reader early: that is no failure, and no reason for a stack trace.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (gone !== undefined) return;
    gone = error.code ?? 'EPIPE';
    lost?.(error);
    for (const listener of listeners) listener(gone);
  });
  return {
    isTTY: stream.isTTY === true,
    // Some pseudo-terminals say 0.
    columns: (stream.isTTY && stream.columns) || 80,
    write(text) {
      if (gone === undefined) stream.write(text);
    },
    isGone: () => gone !== undefined,
    onGone(listener) {
      listeners.add(listener);
    },
  };
}

function isPiped(descriptor: number): boolean {
  try {
    const stats = fstatSync(descriptor);
    return stats.isFIFO() || stats.isFile() || stats.isSocket();
  } catch (error) {
    // A process without a standard input has none that is piped.
    if (error instanceof Error && 'code' in error && error.code === 'EBADF') return false;
    throw error;
  }
}

async function readAll(stream: NodeJS.ReadStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}
