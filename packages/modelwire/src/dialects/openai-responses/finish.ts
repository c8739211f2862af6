import { defined } from '../../core/defined.ts';
import type { Context } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Extra, Finish, RawJson, StopReason } from '../../core/ir.ts';
import { printObject, printString } from '../../core/json-print.ts';
import { isObject, type JsonObject } from '../../core/json-text.ts';
import { targetName } from '../../core/target.ts';
import { isOwn } from './wire.ts';

/** Why an answer is not complete. Other reasons than these say no more than that. */
const reasons: ReadonlyMap<string, StopReason> = new Map([
  ['max_output_tokens', 'length'],
  ['content_filter', 'filter'],
]);

/** Statuses of an answer that is none yet, or never will be. */
const unfinished: ReadonlySet<string> = new Set(['queued', 'in_progress', 'cancelled', 'failed']);

/** What an answer says of its end: the reason when it is incomplete, else its status; undefined when it says neither. */
export function endOf(response: JsonObject): string | undefined {
  return reasonIn(response) ?? statusIn(response);
}

function reasonIn({ status, incomplete_details: details }: JsonObject): string | undefined {
  const reason = isObject(details) ? details['reason'] : undefined;
  return typeof reason === 'string' && reason !== '' && status !== 'completed' ? reason : undefined;
}

function statusIn({ status }: JsonObject): string | undefined {
  return typeof status === 'string' && status !== '' ? status : undefined;
}

/**
 * Why the answer ended. The status says whether it is complete, the items whether calls wait for an answer. What is cut short is never
 * said to be complete, whatever the reason.
 */
export function decodeFinish(response: JsonObject, { called, ext }: { readonly called: boolean; readonly ext: readonly Extra[] }, context: Context): Finish {
  const native = endOf(response);
  const reason = cutReason(response, context) ?? (called ? 'toolCalls' : 'end');
  return defined({ reason, native, ext: ext.length === 0 ? undefined : ext });
}

/** Undefined for an answer that is complete. */
function cutReason(response: JsonObject, { ledger, target }: Context): StopReason | undefined {
  const status = statusIn(response);
  if (status !== undefined && unfinished.has(status))
    throw new GatewayError('upstream_invalid_response', `${target.provider}: the answer is not finished: its status is "${status}"`, {
      provider: targetName(target),
      hint: 'Ask for it without background',
    });
  const reason = reasonIn(response);
  if (reason !== undefined || status === 'incomplete') {
    const known = reasons.get(reason ?? '');
    if (known === undefined) ledger.note('changed', 'incomplete_details.reason', `"${reason?.slice(0, 40) ?? ''}" is told as a limit that was reached`);
    return known ?? 'length';
  }
  if (status !== 'completed')
    ledger.note('changed', 'status', status === undefined ? 'the provider gave none: told from the answer' : `"${status.slice(0, 40)}" is not known`);
  return undefined;
}

/** `status` and `incomplete_details`. */
export type End = { readonly status: 'completed' | 'incomplete'; readonly details: RawJson };

const complete: End = { status: 'completed', details: 'null' };

export function encodeFinish(finish: Finish, context: Context): End {
  switch (finish.reason) {
    case 'end':
    case 'stopString':
    case 'toolCalls':
      return complete;
    case 'length':
      return incomplete(isOwn(context) ? (finish.native ?? 'max_output_tokens') : 'max_output_tokens');
    case 'contextFull':
      context.ledger.note('changed', 'finish', 'a context that is full is told as the limit of the output');
      return incomplete('max_output_tokens');
    case 'filter':
      return incomplete('content_filter');
    case 'pause':
      context.ledger.note('changed', 'finish', 'the turn was paused, which this format can only call complete');
      return complete;
  }
}

function incomplete(reason: string): End {
  return { status: 'incomplete', details: reason === 'incomplete' ? 'null' : printObject([['reason', printString(reason)]]) };
}

/** Says what of the end of an answer has no place in this format. */
export function accountForFinish({ stopString, details }: Finish, { ledger }: Context): void {
  if (stopString !== undefined) ledger.lost('finish.stopString', 'which stop string ended the answer has no place');
  if (details !== undefined) ledger.lost('finish.details', 'of the details of a refusal only the words have a place');
}

/** Where a provider says in words why it refused, these are the refusal. */
export function explanationOf({ reason, explanation }: Finish): string {
  return reason === 'filter' ? (explanation ?? '') : '';
}
