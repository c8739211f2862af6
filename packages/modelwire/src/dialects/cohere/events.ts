import type { Emit } from '../../core/assemble.ts';
import { type Cursor, cursorAt, fieldOf, itemsOf, rawOf } from '../../core/json-cursor.ts';
import { isObject, type JsonObject, parseJsonText } from '../../core/json-text.ts';
import { invalidAnswer } from '../../core/provider-fault.ts';
import { decodeFinish } from './finish.ts';
import type { AnswerScope, Reader } from './reading.ts';
import { filled } from './reply.ts';
import { decodeUsage } from './usage.ts';
import { assistantParts } from './verdicts.ts';

/** One event of a stream that was parsed. `place` gives a field of its message with its source text. */
export type StreamEvent = {
  readonly value: JsonObject;
  readonly index: number | undefined;
  readonly message: JsonObject;
  place(key: string): Cursor;
};

export function eventOf(value: JsonObject, data: string): StreamEvent {
  const { delta, index } = value;
  const message = isObject(delta) ? delta['message'] : undefined;
  return {
    value,
    index: typeof index === 'number' ? index : undefined,
    message: isObject(message) ? message : {},
    place: (key) => fieldOf(fieldOf(fieldOf(cursorAt(parseJsonText(data)), 'delta'), 'message'), key),
  };
}

/** A piece that an event brought, and nothing else that is new: how others that differ in it alone are read. */
export type Lone = { readonly text: string; readonly read: (text: string, emit: Emit) => void };

/** Reads one event; gives the piece when there is nothing else in it. */
export type EventReader = (event: StreamEvent, emit: Emit) => Lone | undefined;

const nothing = (): undefined => undefined;

/** One small step for each kind of event. */
export function createEventReaders(reader: Reader, scope: AnswerScope): ReadonlyMap<string, EventReader> {
  return new Map<string, EventReader>([
    ['message-start', nothing],
    ['content-start', (event, emit) => readContent(event, reader, emit)],
    ['content-delta', (event, emit) => readContent(event, reader, emit)],
    ['content-end', nothing],
    ['tool-plan-delta', ({ message }, emit) => said(message['tool_plan'], reader.plan, emit)],
    ['tool-call-start', (event, emit) => readCall(event, reader, emit)],
    ['tool-call-delta', (event, emit) => readCall(event, reader, emit)],
    ['tool-call-end', nothing],
    ['citation-start', (event) => readCitations(event, reader)],
    ['citation-end', nothing],
    ['message-end', (event, emit) => void readEnd(event, { reader, scope }, emit)],
    ['debug', nothing],
  ]);
}

function said(text: unknown, read: Lone['read'], emit: Emit): Lone | undefined {
  if (typeof text !== 'string' || text === '') return undefined;
  read(text, emit);
  return { text, read };
}

function readContent({ message, index = 0, place }: StreamEvent, reader: Reader, emit: Emit): Lone | undefined {
  const part: JsonObject = isObject(message['content']) ? message['content'] : {};
  const { thinking, text, type } = part;
  if (typeof type === 'string' && !assistantParts.of.has(type)) {
    reader.other(type, rawOf(place('content')), emit);
    return undefined;
  }
  return typeof thinking === 'string'
    ? said(thinking, (piece, out) => reader.say('reasoning', piece, index, out), emit)
    : said(text, (piece, out) => reader.say('text', piece, index, out), emit);
}

/** The call stands by itself; a server may put it in a list. */
function readCall({ message, index, place }: StreamEvent, reader: Reader, emit: Emit): Lone | undefined {
  const given = message['tool_calls'];
  const call: unknown = Array.isArray(given) ? given[0] : given;
  if (!isObject(call)) return undefined;
  const made: JsonObject = isObject(call['function']) ? call['function'] : {};
  const name = filled(made['name']);
  const written = made['arguments'];
  // Arguments are text; a server may send the object itself, whose source text is that.
  const text =
    typeof written === 'string' ? written : isObject(written) && given === call ? rawOf(fieldOf(fieldOf(place('tool_calls'), 'function'), 'arguments')) : '';
  reader.call({ index, id: filled(call['id']), name, text }, emit);
  const isLone = name === undefined && text !== '' && written === text;
  return isLone ? { text, read: (piece, out) => reader.call({ index, text: piece }, out) } : undefined;
}

function readCitations({ place }: StreamEvent, reader: Reader): undefined {
  const citations = place('citations');
  for (const item of Array.isArray(citations.value) ? itemsOf(citations) : [citations]) if (isObject(item.value)) reader.cite(item.value, rawOf(item));
  return undefined;
}

function readEnd({ value }: StreamEvent, { reader, scope }: { readonly reader: Reader; readonly scope: AnswerScope }, emit: Emit): void {
  const { context } = scope;
  const delta: JsonObject = isObject(value['delta']) ? value['delta'] : {};
  const native = filled(delta['finish_reason']);
  if (native === undefined) throw invalidAnswer(context.target, 'the stream ended without a finish reason');
  reader.finish(emit);
  const finish = decodeFinish(native, { called: reader.called(), ext: reader.extras() }, scope);
  const usage = decodeUsage(delta['usage'], context.ledger.lost);
  if (filled(delta['error']) !== undefined) context.ledger.lost('delta.error', 'an answer that did not fail has no error');
  if (usage !== undefined) emit({ type: 'usage', usage });
  emit({ type: 'finish', finish });
}
