import type { Operation } from '../../core/dialect.ts';
import { printObject, printString } from '../../core/json-print.ts';
import type { TopLevel } from '../../core/top-level.ts';
import { headEntries } from './reply.ts';

/**
 * A request that asks nothing loads a model into its server's memory, or unloads it (`keep_alive: 0`): how Ollama's command begins. Where
 * models are always loaded there is nothing to do, and the answer says that it is done.
 */
export function answerIdle(top: TopLevel, operation: Operation, now: number): string | undefined {
  const key = operation === 'generate' ? 'prompt' : 'messages';
  if (!isNothing(top.raw(key)) || !isNothing(top.raw('images'))) return undefined;
  const head = { model: String(top.value('model')), created: Math.floor(now / 1000) };
  const said: readonly (readonly [string, string])[] = operation === 'generate' ? [['response', '""']] : [['message', '{"role":"assistant","content":""}']];
  const reason = unloads(top.value('keep_alive')) ? 'unload' : 'load';
  return printObject([...headEntries(head), ...said, ['done', 'true'], ['done_reason', printString(reason)]]);
}

function isNothing(raw: string | undefined): boolean {
  return raw === undefined || /^(?:null|""|\[\s*\])$/.test(raw);
}

/** A time of nothing, as a number or with a unit. */
function unloads(keepAlive: unknown): boolean {
  return keepAlive === 0 || (typeof keepAlive === 'string' && /^0+(?:\.0+)?(?:ns|us|µs|ms|s|m|h)?$/.test(keepAlive));
}
