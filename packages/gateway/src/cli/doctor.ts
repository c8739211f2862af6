import { examine, type Finding } from './examination.ts';
import { type Command, type Invocation, sharedFlags, textFlag } from './command.ts';
import { exitCodes } from './exit-code.ts';
import { colour, type Colours } from './terminal.ts';
import { version } from './version.ts';

/** `modelwire doctor`: everything around a gateway that could be wrong. */
export const command: Command = {
  name: 'doctor',
  about: 'look for what could be wrong: Node, keys, port, disk, model',
  usage: 'doctor [--live] [--json]',
  examples: [
    ['modelwire doctor', 'without asking anybody'],
    ['modelwire doctor --live', 'one tiny call to every provider that is on'],
    ['modelwire doctor --json', 'for a bug report; it holds no key'],
  ],
  flags: {
    live: { type: 'boolean', about: 'ask each provider that is on for a word (costs a little)' },
    config: sharedFlags.config,
    json: sharedFlags.json,
  },
  args: [0, 0],
  next: 'modelwire serve',
  run: examineAndTell,
};

async function examineAndTell({ flags, world, paint }: Invocation): Promise<number> {
  const findings: Finding[] = [];
  const colours = colour(paint.stdout);
  const json = flags['json'] === true;
  for await (const finding of examine({ world, file: textFlag(flags, 'config'), live: flags['live'] === true })) {
    findings.push(finding);
    if (!json) world.stdout.write(lineOf(finding, colours));
  }
  const failed = findings.filter(({ state }) => state === 'fail').length;
  if (json) world.stdout.write(`${JSON.stringify({ version, ok: failed === 0, findings })}\n`);
  else world.stdout.write(failed === 0 ? `${colours.green('nothing is in the way')}\n` : `${colours.red(`${failed} to mend`)}\n`);
  return failed === 0 ? exitCodes.ok : exitCodes.failed;
}

const marks: { readonly [state in Finding['state']]: (colours: Colours) => string } = {
  ok: (colours) => colours.green('ok  '),
  note: (colours) => colours.dim('-   '),
  warn: (colours) => colours.yellow('warn'),
  fail: (colours) => colours.red('FAIL'),
};

function lineOf({ state, what, detail, todo }: Finding, colours: Colours): string {
  const head = `${marks[state](colours)}  ${what.padEnd(10)}  ${detail}\n`;
  return todo === undefined ? head : `${head}      do          ${todo}\n`;
}
