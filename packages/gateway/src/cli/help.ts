import type { Command, Flag } from './command.ts';
import { commandList } from './commands.ts';
import { globalFlags } from './parse.ts';
import { colour, table } from './terminal.ts';

/** The help of one command: one line, usage, three examples, flags, what next. */
export function commandHelp(command: Command, painted: boolean): string {
  const paint = colour(painted);
  const examples = command.examples.map(([line, about]) => [`  ${line}`, about]);
  return [
    `${paint.bold(`modelwire ${command.name}`)}: ${command.about}`,
    `usage: modelwire ${command.usage}`,
    `examples:\n${table(examples)}`,
    `flags:\n${flagTable({ ...command.flags, ...globalFlags })}`,
    `next: ${command.next}`,
  ].join('\n\n');
}

/** What `modelwire help` prints. */
export function generalHelp(painted: boolean): string {
  const paint = colour(painted);
  const examples = [
    ['  modelwire', 'the gateway on 127.0.0.1:4000'],
    ['  modelwire ask "Why is the sky blue?"', 'one answer, streamed'],
    ['  modelwire serve --config modelwire.yaml', 'with a configuration file'],
  ];
  return [
    `${paint.bold('modelwire')}: any client, in the OpenAI or the Anthropic format, to any model`,
    'usage: modelwire [COMMAND] [FLAGS]',
    `examples:\n${table(examples)}`,
    `commands:\n${table(commandList.map(({ name, about }) => [`  ${name}`, about]))}`,
    `topics (modelwire help TOPIC):\n${table([
      ['  env', 'environment variables'],
      ['  config', 'the configuration file'],
      ['  exit-codes', 'what the process ends with'],
      ['  errors', 'error codes; errors#CODE for one'],
    ])}`,
    `flags:\n${flagTable(globalFlags)}`,
    'next: modelwire COMMAND --help',
  ].join('\n\n');
}

function flagTable(flags: Readonly<Record<string, Flag>>): string {
  return table(
    Object.entries(flags).map(([name, flag]) => {
      const value = flag.type === 'string' ? ` ${flag.value ?? 'VALUE'}` : '';
      return [`  ${flag.short === undefined ? '   ' : `-${flag.short},`} --${name}${value}`, flag.about];
    }),
  );
}
