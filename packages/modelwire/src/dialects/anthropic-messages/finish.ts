import { defined } from '../../core/defined.ts';
import type { Context } from '../../core/dialect.ts';
import type { Extra, Finish, RawJson, StopReason } from '../../core/ir.ts';
import { isObject } from '../../core/json-text.ts';
import { type Cursor, optionalAt, rawOf } from '../../core/json-cursor.ts';
import { type Entry, printOptional, printString } from '../../core/json-print.ts';
import { stopReasons } from './verdicts.ts';
import { isOwn, valueOf } from './wire.ts';

type Stop = { readonly native?: string; readonly stopString?: string; readonly explanation?: string; readonly details?: RawJson };

/** What a message, or the delta that ends one, says of its end. */
export function stopOf(cursor: Cursor): Stop {
  const native = valueOf(cursor, 'stop_reason');
  const stopString = valueOf(cursor, 'stop_sequence');
  const details = optionalAt(cursor, 'stop_details', rawOf);
  const said = valueOf(cursor, 'stop_details');
  const explanation = isObject(said) ? said['explanation'] : undefined;
  return defined({
    native: typeof native === 'string' && native !== '' ? native : undefined,
    stopString: typeof stopString === 'string' ? stopString : undefined,
    explanation: typeof explanation === 'string' && explanation !== '' ? explanation : undefined,
    details,
  });
}

/** Why it ended. A word that is missing or unknown is told from the answer; an end with calls in it is an end for calls. */
export function decodeFinish(
  { called, ext, ...stop }: Stop & { readonly called: boolean; readonly ext: readonly Extra[] },
  { ledger }: Pick<Context, 'ledger'>,
): Finish {
  const known = stop.native === undefined ? undefined : stopReasons.get(stop.native);
  if (known === undefined)
    ledger.note(
      'changed',
      'stop_reason',
      stop.native === undefined ? 'the provider gave none: told from the answer' : `"${stop.native.slice(0, 40)}" is not known`,
    );
  const reason = (known ?? 'end') === 'end' && called ? 'toolCalls' : (known ?? 'end');
  return { reason, ...stop, ...(ext.length === 0 ? {} : { ext }) };
}

const words: { readonly [reason in StopReason]: string } = {
  end: 'end_turn',
  stopString: 'stop_sequence',
  length: 'max_tokens',
  contextFull: 'model_context_window_exceeded',
  toolCalls: 'tool_use',
  filter: 'refusal',
  pause: 'pause_turn',
};

const refusal = ({ explanation }: Finish): RawJson => `{"type":"refusal","category":null,"explanation":${printOptional(explanation) ?? 'null'}}`;

type Seen = { readonly called: boolean; readonly refused: boolean };

/** The reason that the blocks bear out: of another format's answer, the word and the blocks may not agree. */
function reasonFor({ reason, stopString }: Finish, { called, refused }: Seen): StopReason {
  const told = (reason === 'toolCalls' && !called) || (reason === 'stopString' && stopString === undefined) ? 'end' : reason;
  if (told === 'end' && called) return 'toolCalls';
  return told === 'end' && refused ? 'filter' : told;
}

/** `stop_reason`, `stop_sequence` and `stop_details`, of a message and of the delta that ends a stream. */
export function printStop(finish: Finish, seen: Seen, context: Context): Entry[] {
  const reason = isOwn(context) ? finish.reason : reasonFor(finish, seen);
  if (finish.reason === 'stopString' && reason !== 'stopString')
    context.ledger.lost('finish', 'that a stop string ended the answer has no place without the string');
  const details = isOwn(context) ? finish.details : reason === 'filter' ? refusal(finish) : undefined;
  const stopString = isOwn(context) || reason === 'stopString' ? finish.stopString : undefined;
  return [
    ['stop_reason', printString(isOwn(context) ? ownWord(finish) : words[reason])],
    ['stop_sequence', printOptional(stopString) ?? 'null'],
    ['stop_details', details ?? 'null'],
  ];
}

/** The provider's own word, unless the answer showed that another was meant. */
function ownWord({ native, reason }: Finish): string {
  const known = native === undefined ? undefined : stopReasons.get(native);
  return native !== undefined && (known === undefined || known === reason) ? native : words[reason];
}
