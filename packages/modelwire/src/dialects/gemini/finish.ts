import type { Context } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Extra, Finish, RawJson, StopReason } from '../../core/ir.ts';
import { type Entry, printString } from '../../core/json-print.ts';
import { isObject, type JsonObject } from '../../core/json-text.ts';
import { targetName } from '../../core/target.ts';
import { failedReasons, finishReasons } from './verdicts.ts';
import { dialect, isOwn } from './wire.ts';

/** What a candidate, or the feedback on a prompt that got none, says of the answer's end. */
export type Stop = { readonly native?: string; readonly explanation?: string; readonly blocked?: true };

export function stopOf(candidate: JsonObject | undefined, feedback: unknown): Stop | undefined {
  const native = candidate?.['finishReason'];
  if (typeof native === 'string' && native !== '') return { native, ...explained(candidate?.['finishMessage']) };
  if (!isObject(feedback) || typeof feedback['blockReason'] !== 'string') return undefined;
  return { native: feedback['blockReason'], ...explained(feedback['blockReasonMessage']), blocked: true };
}

function explained(message: unknown): { explanation?: string } {
  return typeof message === 'string' && message !== '' ? { explanation: message } : {};
}

/** Why it ended. Google says STOP for calls as well; whatever else is not known ended the answer before its time. */
export function decodeFinish(stop: Stop, { called, ext }: { readonly called: boolean; readonly ext: readonly Extra[] }, { ledger, target }: Context): Finish {
  const { native = '', explanation, blocked } = stop;
  if (failedReasons.has(native)) {
    const why = explanation === undefined ? '' : `: ${explanation}`;
    throw new GatewayError('upstream_error', `${target.provider}: the answer broke off with finish reason ${native}${why}`, { provider: targetName(target) });
  }
  const known: StopReason | undefined = blocked === true ? 'filter' : finishReasons.get(native);
  if (blocked === true) ledger.note('changed', 'promptFeedback.blockReason', `"${native.slice(0, 40)}" is told as a filter`);
  if (known === undefined) ledger.note('changed', 'candidates[0].finishReason', `"${native.slice(0, 40)}" is told as a filter: the answer ended early`);
  const reason = known === 'end' && called ? 'toolCalls' : (known ?? 'filter');
  // Other formats have a place for the reason of a refusal alone.
  const others = explanation === undefined || reason === 'filter' ? ext : [...ext, messageExtra(explanation)];
  return { reason, native, ...(explanation === undefined || reason !== 'filter' ? {} : { explanation }), ...(others.length === 0 ? {} : { ext: others }) };
}

function messageExtra(message: string): Extra {
  const reason = 'only an answer that was refused is explained';
  return { dialect, path: 'candidates[0].finishMessage', key: 'finishMessage', raw: printString(message), loss: 'hint', reason };
}

const words: { readonly [reason in StopReason]: string } = {
  end: 'STOP',
  stopString: 'STOP',
  length: 'MAX_TOKENS',
  contextFull: 'MAX_TOKENS',
  toolCalls: 'STOP',
  filter: 'SAFETY',
  pause: 'CONTINUATION',
};

/** `finishReason` and `finishMessage`. An answer that refuses is one that was filtered. */
export function finishEntries(finish: Finish, refused: boolean, context: Context): Entry[] {
  const { native, reason, explanation, stopString, details } = finish;
  if (stopString !== undefined) context.ledger.lost('finish.stopString', 'which stop string ended the answer has no place');
  else if (reason === 'stopString' && !isOwn(context)) context.ledger.lost('finish', 'that a stop string ended the answer has no place');
  if (details !== undefined) context.ledger.lost('finish.details', 'of the details of a refusal only the words have a place');
  const isKnown = isOwn(context) && native !== undefined && (finishReasons.has(native) || reason === 'filter');
  const word = isKnown ? native : words[reason === 'end' && refused ? 'filter' : reason];
  if (reason === 'pause' && !isOwn(context)) context.ledger.note('changed', 'candidates[0].finishReason', 'the turn was paused: no token goes on with it');
  return [
    ['finishReason', printString(word)],
    ['finishMessage', explanationText(explanation)],
  ];
}

function explanationText(explanation: string | undefined): RawJson | undefined {
  return explanation === undefined ? undefined : printString(explanation);
}
