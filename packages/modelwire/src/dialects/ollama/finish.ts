import type { Context } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Extra, Finish, StopReason } from '../../core/ir.ts';
import { targetName } from '../../core/target.ts';
import { finishReasons, loadReasons } from './verdicts.ts';
import { isOwn } from './wire.ts';

/** What older servers do not say: the answer ended. */
export const plainStop = 'stop';

/** Why it ended. Ollama says `stop` for calls as well. Throws where a model was loaded or unloaded, which is no answer. */
export function decodeFinish(
  reason: unknown,
  { called, ext }: { readonly called: boolean; readonly ext: readonly Extra[] },
  { ledger, target }: Context,
): Finish {
  const native = typeof reason === 'string' && reason !== '' ? reason : plainStop;
  if (loadReasons.includes(native))
    throw new GatewayError(
      'upstream_invalid_response',
      `${target.provider}: the model was only ${native === 'load' ? 'loaded' : 'unloaded'}, nothing was answered`,
      {
        provider: targetName(target),
      },
    );
  const known = finishReasons.get(native);
  if (known === undefined) ledger.note('changed', 'done_reason', `"${native.slice(0, 40)}" is told as the end of the answer`);
  const told = known ?? 'end';
  return { reason: told === 'end' && called ? 'toolCalls' : told, native, ...(ext.length === 0 ? {} : { ext }) };
}

const words: { readonly [reason in StopReason]: string } = {
  end: 'stop',
  stopString: 'stop',
  length: 'length',
  contextFull: 'length',
  toolCalls: 'stop',
  filter: 'stop',
  pause: 'stop',
};

/** `done_reason`, with a note for what it has no word for. */
export function finishWord({ native, reason, explanation, stopString, details }: Finish, context: Context): string {
  const { ledger } = context;
  if (isOwn(context) && native !== undefined) return native;
  if (stopString !== undefined) ledger.lost('finish.stopString', 'which stop string ended the answer has no place');
  else if (reason === 'stopString') ledger.lost('finish', 'that a stop string ended the answer has no place');
  if (explanation !== undefined) ledger.lost('finish.explanation', 'why an answer was refused has no place');
  if (details !== undefined) ledger.lost('finish.details', 'the details of a refusal have no place');
  if (reason === 'filter') ledger.lost('finish', 'that the answer was filtered has no word: it is told as its end');
  if (reason === 'pause') ledger.lost('finish', 'that the turn was paused has no word: it is told as its end');
  if (reason === 'contextFull') ledger.note('changed', 'done_reason', 'a full context is told as the length of the answer');
  return words[reason];
}
