import { parseArgs } from 'node:util';
import type { Command, Flag, Flags } from './command.ts';
import { CliError } from './failure.ts';

/** Flags that every command takes. */
export const globalFlags = {
  help: { type: 'boolean', short: 'h', about: 'show this help' },
  version: { type: 'boolean', short: 'V', about: 'print the version' },
  'no-color': { type: 'boolean', about: 'no colours (NO_COLOR does the same)' },
} as const satisfies Readonly<Record<string, Flag>>;

export type Parsed = { readonly flags: Flags; readonly args: readonly string[] };

/** Reads a command's arguments. Unknown flags are refused with the nearest one that exists. */
export async function parseCommandLine(argv: readonly string[], command: Command): Promise<Parsed> {
  const known: Readonly<Record<string, Flag>> = { ...command.flags, ...globalFlags };
  const { tokens } = parseArgs({ args: [...argv], options: optionsOf(known), allowPositionals: true, strict: false, tokens: true });
  const flags: Record<string, string | boolean> = {};
  const args: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') args.push(token.value);
    if (token.kind !== 'option') continue;
    const flag = Object.hasOwn(known, token.name) ? known[token.name] : undefined;
    if (flag === undefined) throw await unknownFlag(token.rawName, known, command);
    flags[token.name] = valueOf(flag, token.rawName, token.value, command);
  }
  if (flags['help'] !== true) checkCount(args, command);
  return { flags, args };
}

type ParseOptions = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>;

function optionsOf(flags: Readonly<Record<string, Flag>>): ParseOptions {
  return Object.fromEntries(Object.entries(flags).map(([name, { type, short }]) => [name, short === undefined ? { type } : { type, short }]));
}

function valueOf(flag: Flag, written: string, value: string | undefined, command: Command): string | boolean {
  const help = `modelwire ${command.name} --help`;
  if (flag.type === 'boolean') {
    if (value !== undefined) throw new CliError('usage', `${written} takes no value`, { todo: [help] });
    return true;
  }
  // `-s -- text` and `--model --json` are slips: a value that looks like a flag must be given with "=".
  if (value === undefined || value === '') throw new CliError('usage', `${written} needs a value`, { todo: [`${written} ${flag.value ?? 'VALUE'}`, help] });
  return value;
}

async function unknownFlag(written: string, known: Readonly<Record<string, Flag>>, command: Command): Promise<CliError> {
  const { nearestName } = await import('modelwire/internal/providers/nearest-name');
  const near = nearestName(written.replace(/^-+/, ''), Object.keys(known));
  const meant = near === undefined ? '' : `, did you mean --${near}?`;
  return new CliError('usage', `modelwire ${command.name} has no flag ${written}${meant}`, { todo: [`modelwire ${command.name} --help`] });
}

function checkCount(args: readonly string[], command: Command): void {
  const [least, most] = command.args;
  const todo = [`modelwire ${command.usage}`, `modelwire ${command.name} --help`];
  if (args.length < least) throw new CliError('usage', `modelwire ${command.name} needs ${least === 1 ? 'an argument' : `${least} arguments`}`, { todo });
  if (args.length > most)
    throw new CliError('usage', `modelwire ${command.name} does not take "${args[most]}"${most > 0 ? ' (put quotes around text with spaces)' : ''}`, { todo });
}
