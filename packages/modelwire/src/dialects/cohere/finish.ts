import type { Context } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Extra, Finish, StopReason } from '../../core/ir.ts';
import { targetName } from '../../core/target.ts';
import { brokenOff } from './errors.ts';
import type { AnswerScope } from './reading.ts';
import { failedReasons, finishReasons } from './verdicts.ts';
import { isOwn } from './wire.ts';

/** Why it ended. Calls are told from the answer; a word that is not known ended it before its time. Throws when the word means a failure. */
export function decodeFinish(
  native: string,
  { called, ext }: { readonly called: boolean; readonly ext: readonly Extra[] },
  { context: { ledger, target }, stops }: AnswerScope,
): Finish {
  if (failedReasons.has(native)) {
    throw new GatewayError('upstream_error', `${target.provider}: ${brokenOff(native)}`, { provider: targetName(target) });
  }
  const known = finishReasons.get(native);
  if (known === undefined) ledger.note('changed', 'finish_reason', `"${native.slice(0, 40)}" is told as a filter: the answer ended early`);
  // Cohere does not say which it was; where one was asked for, it is that.
  const [only] = known === 'stopString' && stops.length === 1 ? stops : [];
  return { reason: reasonOf(known ?? 'filter', called), native, ...(only === undefined ? {} : { stopString: only }), ...(ext.length === 0 ? {} : { ext }) };
}

function reasonOf(reason: StopReason, called: boolean): StopReason {
  if (reason === 'end' && called) return 'toolCalls';
  return reason === 'toolCalls' && !called ? 'end' : reason;
}

const words: { readonly [reason in StopReason]: string } = {
  end: 'COMPLETE',
  stopString: 'STOP_SEQUENCE',
  length: 'MAX_TOKENS',
  contextFull: 'MAX_TOKENS',
  toolCalls: 'TOOL_CALL',
  // There is no word for an answer that was withheld: it is no complete one.
  filter: 'ERROR',
  pause: 'COMPLETE',
};

/** The finish reason in Cohere's words. */
export function encodeFinish({ reason, native, stopString, details }: Finish, called: boolean, context: Context): string {
  const { ledger } = context;
  if (stopString !== undefined && !isOwn(context)) ledger.lost('finish.stopString', 'which stop string ended the answer has no place');
  if (details !== undefined) ledger.lost('finish.details', 'of the details of a refusal only the words have a place');
  if (reason === 'pause' && !called) ledger.note('changed', 'finish_reason', 'the turn was paused, which this format can only call complete');
  if (isOwn(context) && native !== undefined && finishReasons.has(native)) return native;
  // An answer with calls waits for their results, whatever else ended it.
  if (called && (reason === 'end' || reason === 'stopString' || reason === 'pause')) {
    if (reason === 'stopString') ledger.lost('finish', 'that a stop string ended the answer has no place beside its calls');
    return words.toolCalls;
  }
  return words[reason === 'toolCalls' && !called ? 'end' : reason];
}
