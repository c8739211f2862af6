import type { Command } from './command.ts';
import { commandList, findCommand } from './commands.ts';
import { exitCodes } from './exit-code.ts';
import { CliError } from './failure.ts';
import { commandHelp, generalHelp } from './help.ts';
import { topics, topicText } from './topics.ts';

/** `modelwire help [COMMAND | TOPIC]`. */
export const command: Command = {
  name: 'help',
  about: 'help on a command or a topic',
  usage: 'help [COMMAND | env | config | exit-codes | errors]',
  examples: [
    ['modelwire help ask', 'help on a command'],
    ['modelwire help config', 'the configuration file'],
    ['modelwire help errors#no_key', 'what an error means'],
  ],
  flags: {},
  args: [0, 1],
  next: 'modelwire help config',
  async run({ args: [topic], world, paint }) {
    const entry = topic === undefined ? undefined : findCommand(topic);
    const text =
      topic === undefined
        ? generalHelp(paint.stdout)
        : entry === undefined
          ? (topicText(topic, paint.stdout) ?? (await unknown(topic)))
          : commandHelp((await entry.load()).command, paint.stdout);
    world.stdout.write(`${text}\n`);
    return exitCodes.ok;
  },
};

async function unknown(topic: string): Promise<never> {
  const { nearestName } = await import('modelwire/internal/providers/nearest-name');
  const near = nearestName(topic, [...commandList.map((entry) => entry.name), ...Object.keys(topics), 'errors']);
  throw new CliError('usage', `there is no help on "${topic}"${near === undefined ? '' : `, did you mean "${near}"?`}`, { todo: ['modelwire help'] });
}
