import type { Command } from './command.ts';

type Entry = { readonly name: string; readonly about: string; readonly load: () => Promise<{ readonly command: Command }> };

/** The commands, in the order of the help. Each is loaded when it is asked for: a start should not wait for the others. */
export const commandList: readonly Entry[] = [
  { name: 'serve', about: 'the gateway (what modelwire does when nothing is asked)', load: () => import('./serve.ts') },
  { name: 'ask', about: 'one answer, streamed to the terminal', load: () => import('./ask.ts') },
  { name: 'models', about: 'what can answer now', load: () => import('./models.ts') },
  { name: 'check', about: 'check a configuration file', load: () => import('./check.ts') },
  { name: 'doctor', about: 'look for what could be wrong here', load: () => import('./doctor.ts') },
  { name: 'why', about: 'the story of a call', load: () => import('./why.ts') },
  { name: 'key', about: 'make a key for the gateway, or hash one', load: () => import('./key.ts') },
  { name: 'translate', about: 'a request in another format, with what is lost', load: () => import('./translate.ts') },
  { name: 'fidelity', about: 'hold the translation against the official types', load: () => import('./fidelity.ts') },
  { name: 'help', about: 'help on a command or a topic', load: () => import('./help-command.ts') },
];

const aliases: Readonly<Record<string, string>> = { up: 'serve', start: 'serve' };

export function findCommand(name: string): Entry | undefined {
  const meant = aliases[name] ?? name;
  return commandList.find((entry) => entry.name === meant);
}
