import { loadConfig, readIfThere } from '../config/load.ts';
import { layerEnv } from '../config/dotenv.ts';
import { answerLine, type Asked, askGateway } from './ask-gateway.ts';
import { type Command, type Invocation, sharedFlags, textFlag, type World } from './command.ts';
import { exitCodes } from './exit-code.ts';
import { CliError } from './failure.ts';
import { refuseWithoutKey } from './no-key.ts';
import { type Door, withOwnGateway } from './own-gateway.ts';
import { printable } from './terminal.ts';

/** `modelwire ask TEXT`: one question, its answer streamed to stdout. */
export const command: Command = {
  name: 'ask',
  about: 'one answer, streamed; what is piped in is added to the text',
  usage: 'ask [-m MODEL] [-s SYSTEM] [--json] [--usage] TEXT',
  examples: [
    ['modelwire ask "Why is the sky blue?"', 'any model that can answer'],
    ['modelwire ask -m deepseek/deepseek-chat "hi"', 'a model by its name'],
    ['git diff | modelwire ask "Write a commit message"', 'about what is piped in'],
  ],
  flags: {
    model: { type: 'string', short: 'm', value: 'MODEL', about: 'model or route (default: auto)' },
    system: { type: 'string', short: 's', value: 'TEXT', about: 'system text' },
    usage: { type: 'boolean', about: 'say on stderr what answered, tokens and time' },
    json: { type: 'boolean', about: 'print the whole answer as JSON, not streamed' },
    url: { type: 'string', value: 'URL', about: 'ask a running gateway (default: MODELWIRE_URL, else none)' },
    config: sharedFlags.config,
    verbose: { type: 'boolean', about: "print what the embedded model's process says" },
  },
  args: [0, 10_000],
  next: 'modelwire why last',
  run: ask,
};

async function ask(invocation: Invocation): Promise<number> {
  const { flags, world } = invocation;
  const text = await questionOf(invocation);
  const layered = await layerEnv(world.env, world.cwd, readIfThere);
  const url = textFlag(flags, 'url') ?? (layered.env['MODELWIRE_URL'] || undefined);
  const abort = new AbortController();
  const off = world.onSignal('SIGINT', () => abort.abort());
  // `modelwire ask … | head -1` has read enough.
  world.stdout.onGone(() => abort.abort());
  const question: Asked = {
    model: textFlag(flags, 'model') ?? 'auto',
    text,
    system: textFlag(flags, 'system'),
    stream: flags['json'] !== true,
    signal: abort.signal,
  };
  try {
    if (url !== undefined) return await report({ url, key: layered.env['MODELWIRE_KEY'] || undefined }, question, invocation);
    return await askHere(question, invocation, layered.env);
  } finally {
    off();
  }
}

async function questionOf({ args, world }: Invocation): Promise<string> {
  const piped = world.stdin.isPiped ? await world.stdin.read() : '';
  const text = [args.join(' ').trim(), piped.trim()].filter((part) => part !== '').join('\n\n');
  if (text === '')
    throw new CliError('usage', 'there is nothing to ask', {
      todo: ['modelwire ask "Why is the sky blue?"', 'git diff | modelwire ask "Write a commit message"'],
    });
  return text;
}

/** Asks in this process: a model whose key is missing is refused with all that was looked at, before anything starts. */
async function askHere(question: Asked, invocation: Invocation, env: World['env']): Promise<number> {
  const { flags, world } = invocation;
  const config = await loadConfig({ file: textFlag(flags, 'config'), env: world.env, cwd: world.cwd, flags: { host: '127.0.0.1', port: '0' } });
  refuseWithoutKey(question.model, config);
  return withOwnGateway({ config, env, world, verbose: flags['verbose'] === true }, (door) => report(door, question, invocation));
}

/** Prints the answer as it comes, or whole as JSON, then what it cost. */
async function report(door: Door, question: Asked, { flags, world }: Invocation): Promise<number> {
  let last = '';
  const answer = await askGateway(door, question, (piece) => {
    const shown = world.stdout.isTTY ? printable(piece) : piece;
    if (shown !== '') last = shown;
    world.stdout.write(shown);
  });
  if (question.stream && !last.endsWith('\n')) world.stdout.write('\n');
  if (answer === 'interrupted') return world.stdout.isGone() ? exitCodes.ok : exitCodes.interrupted;
  if (!question.stream) world.stdout.write(`${JSON.stringify(answer)}\n`);
  if (flags['usage'] === true) world.stderr.write(`${answerLine(answer, question.model)}\n`);
  return exitCodes.ok;
}
