import type { Context } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Extra, Finish, StopReason } from '../../core/ir.ts';
import { targetName } from '../../core/target.ts';
import { failedReasons, stopReasons } from './verdicts.ts';
import { isOwn } from './wire.ts';

/** Why it ended. An end with calls in it is an end for calls; a word that is not known is told from the answer. */
export function decodeFinish(
  native: string,
  { called, ext }: { readonly called: boolean; readonly ext: readonly Extra[] },
  { ledger, target }: Context,
): Finish {
  if (failedReasons.has(native)) {
    throw new GatewayError('upstream_error', `${target.provider}: the answer broke off with stop reason ${native}`, { provider: targetName(target) });
  }
  const known = stopReasons.get(native);
  if (known === undefined) ledger.note('changed', 'stopReason', `"${native.slice(0, 40)}" is not known`);
  const reason = (known ?? 'end') === 'end' && called ? 'toolCalls' : (known ?? 'end');
  return { reason, native, ...(ext.length === 0 ? {} : { ext }) };
}

const words: { readonly [reason in StopReason]: string } = {
  end: 'end_turn',
  stopString: 'stop_sequence',
  length: 'max_tokens',
  contextFull: 'model_context_window_exceeded',
  toolCalls: 'tool_use',
  filter: 'content_filtered',
  pause: 'end_turn',
};

type Seen = { readonly called: boolean; readonly refused: boolean };

/** The word that the blocks bear out: of another format's answer, the word and the blocks may not agree. */
export function stopWord(finish: Finish, { called, refused }: Seen, context: Context): string {
  const { native, reason, explanation, stopString, details } = finish;
  const { ledger } = context;
  if (isOwn(context) && native !== undefined && (stopReasons.get(native) ?? reason) === reason) return native;
  if (stopString !== undefined) ledger.lost('finish.stopString', 'which stop string ended the answer has no place');
  if (explanation !== undefined) ledger.lost('finish.explanation', 'why an answer was refused has no place');
  if (details !== undefined) ledger.lost('finish.details', 'the details of a refusal have no place');
  // An answer with calls waits for their results, whatever else ended it.
  if (called && (reason === 'end' || reason === 'stopString' || reason === 'pause')) {
    if (reason === 'stopString') ledger.lost('finish', 'that a stop string ended the answer has no place beside its calls');
    return words.toolCalls;
  }
  if (reason === 'pause') ledger.note('changed', 'stopReason', 'the turn was paused: it is told as ended');
  if (reason === 'end' && refused) return words.filter;
  return words[reason === 'toolCalls' && !called ? 'end' : reason];
}
