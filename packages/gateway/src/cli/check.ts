import { type Command, type Invocation, sharedFlags, textFlag } from './command.ts';
import { exitCodes } from './exit-code.ts';
import { ConfigError, describeProblem, type Problem } from '../config/problem.ts';
import { isOn } from 'modelwire/internal/providers/directory';
import type { EffectiveConfig } from '../config/config.ts';
import { colour } from './terminal.ts';

/** `modelwire check [FILE]`: what is wrong with a configuration file, all at once. */
export const command: Command = {
  name: 'check',
  about: 'check a configuration file',
  usage: 'check [FILE] [--json]',
  examples: [
    ['modelwire check', 'the file that serve would use'],
    ['modelwire check other.yaml', 'another file'],
    ['modelwire check --json', 'problems as JSON, for editors and CI'],
  ],
  flags: { config: sharedFlags.config, json: sharedFlags.json },
  args: [0, 1],
  next: 'modelwire serve',
  async run(invocation) {
    const { loadConfig } = await import('../config/load.ts');
    const { flags, args, world } = invocation;
    const file = args[0] ?? textFlag(flags, 'config');
    try {
      return report(await loadConfig({ file, env: world.env, cwd: world.cwd }), invocation);
    } catch (error) {
      if (error instanceof ConfigError) return complain(error.problems, invocation);
      throw error;
    }
  },
};

function report(config: EffectiveConfig, { flags, world, paint }: Invocation): number {
  if (flags['json'] === true) {
    world.stdout.write(`${JSON.stringify({ ok: true, file: config.file ?? null, problems: [], warnings: config.warnings })}\n`);
    return exitCodes.ok;
  }
  const paintOut = colour(paint.stdout);
  for (const warning of config.warnings) world.stdout.write(`${paintOut.yellow('warning')}: ${warning}\n`);
  const on = [...config.directory.providers.values()].filter(isOn).length;
  const counts = [plural(on, 'provider'), plural(config.directory.routes.length, 'route'), plural(config.keys.length, 'key')];
  world.stdout.write(`${paintOut.green('ok')}: ${config.file ?? 'no configuration file; the environment and the defaults'} (${counts.join(', ')})\n`);
  return exitCodes.ok;
}

function complain(problems: readonly Problem[], { flags, world, paint }: Invocation): number {
  if (flags['json'] === true) {
    world.stdout.write(`${JSON.stringify({ ok: false, file: problems[0]?.source ?? null, problems, warnings: [] })}\n`);
    return exitCodes.usage;
  }
  const red = colour(paint.stdout).red;
  for (const problem of problems) world.stdout.write(`${describeProblem(problem)}\n`);
  world.stdout.write(`${red(plural(problems.length, 'problem'))}\n`);
  return exitCodes.usage;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
