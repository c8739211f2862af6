import type { CallRecord } from 'modelwire/internal/runtime/record';
import type { Store } from '../store/store.ts';
import { type Command, type Invocation, sharedFlags, textFlag } from './command.ts';
import { exitCodes } from './exit-code.ts';
import { CliError } from './failure.ts';
import { callStory } from './story.ts';

/** `modelwire why [ID | last | last~N]`. */
export const command: Command = {
  name: 'why',
  about: 'the story of a call: asked, resolved, tried, answered',
  usage: 'why [ID | last | last~N] [--json]',
  examples: [
    ['modelwire why', 'the newest call'],
    ['modelwire why last~2', 'the one two before it'],
    ['modelwire why req_01J8', 'by id (x-request-id of an answer) or how it begins'],
  ],
  flags: { config: sharedFlags.config, json: sharedFlags.json },
  args: [0, 1],
  next: 'modelwire help errors',
  run: tell,
};

async function tell({ args, flags, world, paint }: Invocation): Promise<number> {
  const [{ loadConfig }, { openStore }] = await Promise.all([import('../config/load.ts'), import('../store/open-store.ts')]);
  const config = await loadConfig({ file: textFlag(flags, 'config'), env: world.env, cwd: world.cwd });
  if (config.store === 'memory') {
    throw new CliError('nothing_recorded', 'records are kept in memory (store: memory), so only the gateway itself has them', {
      todo: ['set store: { file: calls.sqlite } in modelwire.yaml'],
    });
  }
  const where = config.store.file;
  const { existsSync } = await import('node:fs');
  if (!existsSync(where)) throw nothing('no call has been recorded yet', where);
  const store = await openStore(config.store, (error) => {
    throw new CliError('failed', `the store ${where} cannot be read: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  });
  try {
    const record = findRecord(store, args[0] ?? 'last', where);
    world.stdout.write(
      flags['json'] === true ? `${JSON.stringify(record)}\n` : `${callStory(record, { painted: paint.stdout, width: world.stdout.columns })}\n`,
    );
    return exitCodes.ok;
  } finally {
    store.close();
  }
}

function findRecord(store: Store, which: string, where: string): CallRecord {
  const back = /^last(?:~(\d{1,6}))?$/.exec(which);
  if (back !== null) {
    const count = Number(back[1] ?? 0) + 1;
    const record = store.last(count)[count - 1];
    if (record === undefined) throw nothing(count === 1 ? 'no call has been recorded yet' : `there are fewer than ${count} calls`, where);
    return record;
  }
  const exact = store.get(which);
  if (exact !== undefined) return exact;
  const found = store.find(which, 5);
  const [only] = found;
  if (only === undefined) throw nothing(`no call has the id ${which}`, where);
  if (found.length > 1) {
    throw new CliError('usage', `several ids begin with ${which}`, { todo: found.map((record) => `modelwire why ${record.id}`) });
  }
  return only;
}

function nothing(message: string, where: string): CliError {
  return new CliError('nothing_recorded', message, { lookedIn: [where], todo: ['modelwire ask "hi", then modelwire why last'] });
}
