import { isGatewayError } from 'modelwire/internal/core/errors';
import { ConfigError, describeProblem } from '../config/problem.ts';
import { exitCodeOf, type CliErrorCode, type ExitCode } from './exit-code.ts';
import { colour } from './terminal.ts';

export type FailureOptions = {
  /** Default from the code. */
  readonly exit?: ExitCode;
  /** Places that were looked at in vain. */
  readonly lookedIn?: readonly string[];
  /** What to do about it; alternatives, best first. */
  readonly todo?: readonly string[];
  readonly request?: string | undefined;
  readonly cause?: unknown;
};

/** An error that ends a command: code, one sentence, what to do. */
export class CliError extends Error {
  readonly code: string;
  readonly exit: ExitCode;
  readonly lookedIn: readonly string[];
  readonly todo: readonly string[];
  readonly request: string | undefined;

  constructor(code: CliErrorCode | (string & {}), message: string, options: FailureOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CliError';
    this.code = code;
    this.exit = options.exit ?? exitCodeOf(code);
    this.lookedIn = options.lookedIn ?? [];
    this.todo = options.todo ?? [];
    this.request = options.request;
  }
}

/** Whatever was thrown, as the error that the person sees. */
export function toCliError(thrown: unknown): CliError {
  if (thrown instanceof CliError) return thrown;
  if (thrown instanceof ConfigError) return fromConfig(thrown);
  if (isGatewayError(thrown)) return new CliError(thrown.code, thrown.message, { todo: thrown.hint === undefined ? [] : [thrown.hint], cause: thrown });
  if (isHinted(thrown)) return new CliError(thrown.code, thrown.message, { todo: [thrown.hint], cause: thrown });
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new CliError('failed', message, { cause: thrown });
}

function fromConfig(error: ConfigError): CliError {
  const lines = error.problems.map(describeProblem);
  const [only] = lines;
  const message = lines.length === 1 && only !== undefined ? only : `${lines.length} problems\n${lines.map((line) => `  ${line}`).join('\n')}`;
  return new CliError('invalid_config', message, { cause: error });
}

/** Errors of `@modelwire/local` carry a code and a hint. */
function isHinted(thrown: unknown): thrown is Error & { readonly code: string; readonly hint: string } {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' && 'hint' in thrown && typeof thrown.hint === 'string';
}

/** The error as lines for people. */
export function failureText(error: CliError, painted: boolean): string {
  const paint = colour(painted);
  const facts = [
    fact('looked in', error.lookedIn.join(' · ')),
    ...error.todo.map((todo, index) => fact(index === 0 ? 'do' : 'or', todo)),
    fact('more', [`modelwire help errors#${error.code}`, ...(error.request === undefined ? [] : [`request ${error.request}`])].join('     ')),
  ];
  return `${paint.red(`error[${error.code}]`)}: ${error.message}\n${facts.join('')}`;
}

function fact(label: string, value: string): string {
  return value === '' ? '' : `  ${label.padEnd(10)}  ${value}\n`;
}

/** The error as one line of JSON. */
export function failureJson(error: CliError): string {
  const { code, message, exit, lookedIn, todo, request } = error;
  const problems = error.cause instanceof ConfigError ? error.cause.problems : undefined;
  return `${JSON.stringify({ error: { code, message, exit, looked_in: lookedIn, do: todo, more: `modelwire help errors#${code}`, request, problems } })}\n`;
}
