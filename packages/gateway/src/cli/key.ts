import { hashKey, newKey } from '../keys/keys.ts';
import { type Command, type Invocation, sharedFlags, textFlag } from './command.ts';
import { exitCodes } from './exit-code.ts';
import { CliError } from './failure.ts';

/** `modelwire key new NAME` and `modelwire key hash`. Nothing is stored: the hash goes into the configuration by hand. */
export const command: Command = {
  name: 'key',
  about: 'make a key for the gateway, or hash one',
  usage: 'key new NAME [--models A,B] | key hash < FILE',
  examples: [
    ['modelwire key new ci', 'a new key and its YAML'],
    ['modelwire key new ci --models "fast,claude-*"', 'a key for some models'],
    ['modelwire key hash < key.txt', 'the hash of a key you have'],
  ],
  flags: {
    models: { type: 'string', value: 'A,B', about: 'models or patterns that the key may ask for (default: all)' },
    json: sharedFlags.json,
  },
  args: [1, 2],
  next: 'paste the lines under "keys:" in modelwire.yaml',
  async run(invocation) {
    const [action, name] = invocation.args;
    if (action === 'new' && name !== undefined) return printNew(name, invocation);
    if (action === 'hash' && name === undefined) return printHash(invocation);
    if (action === 'hash')
      throw new CliError('usage', 'a key on the command line stays in the shell history', {
        todo: ['modelwire key hash < FILE', 'pbpaste | modelwire key hash'],
      });
    if (action === 'new') throw new CliError('usage', 'the key needs a name, which records show instead of it', { todo: ['modelwire key new NAME'] });
    throw new CliError('usage', `there is no "key ${action}"`, { todo: ['modelwire key new NAME', 'modelwire key hash < FILE'] });
  },
};

function printNew(name: string, { flags, world }: Invocation): number {
  const models = textFlag(flags, 'models')
    ?.split(',')
    .map((model) => model.trim())
    .filter((model) => model !== '');
  const key = newKey();
  const hash = hashKey(key);
  if (flags['json'] === true) {
    world.stdout.write(`${JSON.stringify({ name, key, hash, ...(models === undefined ? {} : { models }) })}\n`);
    return exitCodes.ok;
  }
  // JSON strings are YAML strings.
  const limit = models === undefined ? '' : `, models: [${models.map((model) => JSON.stringify(model)).join(', ')}]`;
  world.stdout.write(`key   ${key}\n\n`);
  world.stdout.write(`Shown this once. Under "keys:" in modelwire.yaml:\n\nkeys:\n  - { name: ${JSON.stringify(name)}, hash: "${hash}"${limit} }\n`);
  return exitCodes.ok;
}

async function printHash({ flags, world }: Invocation): Promise<number> {
  if (world.stdin.isTTY) world.stderr.write('Paste the key, then Enter and Ctrl-D:\n');
  const key = (await world.stdin.read()).trim();
  if (key === '' || /\s/.test(key))
    throw new CliError('usage', key === '' ? 'no key came on stdin' : 'what came on stdin is not one key', { todo: ['modelwire key hash < FILE'] });
  const hash = hashKey(key);
  world.stdout.write(flags['json'] === true ? `${JSON.stringify({ hash })}\n` : `${hash}\n`);
  return exitCodes.ok;
}
