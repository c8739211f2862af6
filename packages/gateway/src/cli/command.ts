import type { Env } from '../config/dotenv.ts';

/** A stream that the command writes to. Writing to one whose reader has gone does nothing. */
export type Output = {
  readonly isTTY: boolean;
  /** Columns of the terminal; 80 when it is none. */
  readonly columns: number;
  write(text: string): void;
  isGone(): boolean;
  /** Calls the listener when the reader has gone (EPIPE) or the terminal has closed (EIO). */
  onGone(listener: (code: string) => void): void;
};

export type SignalName = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** All that a command may touch of the process, so that tests can stand in for it. */
export type World = {
  readonly env: Env;
  readonly cwd: string;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly stdin: {
    readonly isTTY: boolean;
    /** Whether something was piped in or redirected: a pipe or a file, not a terminal or /dev/null. */
    readonly isPiped: boolean;
    read(): Promise<string>;
  };
  /** Milliseconds since the process began. */
  uptime(): number;
  /** Returns what takes the listener off again. */
  onSignal(name: SignalName, listener: () => void): () => void;
};

export type Flag = {
  readonly type: 'boolean' | 'string';
  readonly short?: string;
  /** What the help calls the value: `FILE`. */
  readonly value?: string;
  readonly about: string;
};

export type Flags = Readonly<Record<string, string | boolean | undefined>>;

/** What was asked of a command. */
export type Invocation = {
  readonly flags: Flags;
  readonly args: readonly string[];
  readonly world: World;
  /** Whether stdout and stderr may be coloured. */
  readonly paint: { readonly stdout: boolean; readonly stderr: boolean };
};

export type Command = {
  readonly name: string;
  readonly about: string;
  readonly usage: string;
  /** Three commands that can be copied, each with what it does. */
  readonly examples: readonly (readonly [command: string, about: string])[];
  readonly flags: Readonly<Record<string, Flag>>;
  /** How many arguments it takes. */
  readonly args: readonly [least: number, most: number];
  /** The last line of the help: what one would do next. */
  readonly next: string;
  /** Resolves with the exit code. */
  run(invocation: Invocation): Promise<number>;
};

/** Flags that several commands share, so that they read the same everywhere. */
export const sharedFlags = {
  config: { type: 'string', value: 'FILE', about: 'configuration file (default: ./modelwire.yaml)' },
  json: { type: 'boolean', about: 'print JSON' },
} as const satisfies Record<string, Flag>;

/** The text of a string flag, when it was given. */
export function textFlag(flags: Flags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === 'string' ? value : undefined;
}
