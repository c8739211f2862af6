import { inspect } from 'node:util';
import { findCommand, commandList } from './commands.ts';
import type { Command, Flags, World } from './command.ts';
import { exitCodes } from './exit-code.ts';
import { CliError, failureJson, failureText, toCliError } from './failure.ts';
import { parseCommandLine } from './parse.ts';
import { mayPaint } from './terminal.ts';
import { version } from './version.ts';

/** Runs one command line and resolves with the exit code. Never rejects. */
export async function runCommandLine(argv: readonly string[], world: World): Promise<number> {
  try {
    return await dispatch(argv, world);
  } catch (thrown) {
    const error = toCliError(thrown);
    const painted = !argv.includes('--no-color') && mayPaint(world.stderr.isTTY, world.env);
    world.stderr.write(asksForJson(argv) ? failureJson(error) : failureText(error, painted));
    if ((world.env['MODELWIRE_DEBUG'] ?? '') !== '') world.stderr.write(`${inspect(thrown)}\n`);
    return error.exit;
  }
}

async function dispatch(argv: readonly string[], world: World): Promise<number> {
  const [first = '', ...rest] = argv;
  if (first === '--version' || first === '-V' || first === '-v') return say(world, `modelwire ${version}`);
  if (first === '--help' || first === '-h') return say(world, (await import('./help.ts')).generalHelp(mayPaint(world.stdout.isTTY, world.env)));
  // Without a command, everything is for the gateway: `modelwire --port 4001`.
  const named = first !== '' && !first.startsWith('-');
  const entry = findCommand(named ? first : 'serve');
  if (entry === undefined) throw await unknownCommand(first);
  const { command } = await entry.load();
  return runCommand(command, named ? rest : argv, world);
}

async function runCommand(command: Command, argv: readonly string[], world: World): Promise<number> {
  const { flags, args } = await parseCommandLine(argv, command);
  const paint = { stdout: paints(flags, world.stdout.isTTY, world), stderr: paints(flags, world.stderr.isTTY, world) };
  if (flags['version'] === true) return say(world, `modelwire ${version}`);
  if (flags['help'] === true) return say(world, (await import('./help.ts')).commandHelp(command, paint.stdout));
  return command.run({ flags, args, world, paint });
}

function paints(flags: Flags, isTTY: boolean, world: World): boolean {
  return flags['no-color'] !== true && mayPaint(isTTY, world.env);
}

function say(world: World, text: string): number {
  world.stdout.write(`${text}\n`);
  return exitCodes.ok;
}

async function unknownCommand(name: string): Promise<CliError> {
  const { nearestName } = await import('modelwire/internal/providers/nearest-name');
  const names = commandList.map((entry) => entry.name);
  const near = nearestName(name, names);
  const message = `there is no command "${name}"${near === undefined ? '' : `, did you mean "${near}"?`}`;
  return new CliError('usage', message, { todo: near === undefined ? [`modelwire ask "${name}"`, 'modelwire help'] : [`modelwire ${near}`, 'modelwire help'] });
}

function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end)).includes('--json');
}
