import type { Decoder } from '../../core/dialect.ts';
import { type GatewayError, toGatewayError } from '../../core/errors.ts';
import type { ChatEvent, Step } from '../../core/event.ts';
import type { ReplyHead, Usage } from '../../core/ir.ts';
import { type Cursor, cursorAt, fieldOf, itemsOf } from '../../core/json-cursor.ts';
import { type Entry, printObject, printString } from '../../core/json-print.ts';
import { isObject, type JsonObject, type JsonText, parseJsonText } from '../../core/json-text.ts';
import { loseExtras } from '../../core/notes.ts';
import { blamingProvider, cutStream, invalidAnswer } from '../../core/provider-fault.ts';
import { createTextSlot, type Unread } from '../../core/text-slot.ts';
import { describeForeign } from '../../core/upstream-failure.ts';
import { decodeFailure, encodeErrorEvent, failureInside, printFailure } from './errors.ts';
import { accountForFinish, decodeFinish, encodeFinish } from './finish.ts';
import type { Reading } from './parts.ts';
import { createItems, type Items, type Piece } from './reading.ts';
import { headOf, refusalOf, responseExtras } from './reply.ts';
import { type AnswerStyle, printResponse, type Standing, withId } from './response.ts';
import { createShower } from './showing.ts';
import { encodeSse } from './sse.ts';
import { decodeUsage, printTier, printUsage, tierOf } from './usage.ts';
import { events as eventShapes } from './verdicts-event.ts';
import { dialect } from './wire.ts';

type Emit = (event: ChatEvent) => void;

/** Reads a provider's stream. Ends well with `response.completed` or `response.incomplete` alone; without one it has failed. */
export function createDecoder(reading: Reading): Decoder {
  const { context } = reading;
  const items = createItems(reading);
  const readers = createReaders(items);
  const said = new Set<string>();
  const slot = createTextSlot(numbers);
  /** The piece that `slot` knows. */
  let known: PlacedPiece | undefined;
  let started = false;
  let over = false;

  const fail = (error: GatewayError, emit: Emit): void => {
    over = true;
    emit({ type: 'fail', error });
  };
  const start = (response: JsonObject, emit: Emit): void => {
    if (started) return;
    started = true;
    emit({ type: 'start', head: headOf(response, context) });
  };
  const finish = (response: JsonObject, cursor: Cursor, emit: Emit): void => {
    start(response, emit);
    const output = fieldOf(cursor, 'output');
    if (Array.isArray(output.value)) for (const [index, item] of itemsOf(output).entries()) items.end(index, item, emit);
    items.endAll(emit);
    const ended = decodeFinish(response, { called: items.called(), ext: responseExtras(cursor) }, context);
    const usage = decodeUsage(response['usage'], context.ledger.lost);
    over = true;
    if (usage !== undefined) emit({ type: 'usage', usage });
    emit({ type: 'finish', finish: ended, ...tierOf(response['service_tier']) });
  };
  /** Says once what of an event does not pass. */
  const lose = (type: string, reason: string): void => {
    const path = `stream.${type.slice(0, 60)}`;
    if (!said.has(path)) context.ledger.lost(path, reason);
    said.add(path);
  };
  const loseFields = (type: string, value: JsonObject): void => {
    const shape = eventShapes.of.get(type);
    if (shape === undefined) return lose(type, 'the event is not known');
    for (const [key, field] of shape.fields) if (field.becomes === 'lost' && value[key] !== undefined) lose(type, field.reason);
  };
  const take = (name: string, data: string, emit: Emit): void => {
    const text = slot.read(data);
    if (text !== undefined && known !== undefined) return items.piece(known.index, { kind: known.piece.kind, part: known.piece.part, text }, emit);
    slot.forget();
    parse(name, data, emit);
    if (known !== undefined) slot.learn(data, known.piece.text);
  };
  const parse = (name: string, data: string, emit: Emit): void => {
    known = undefined;
    const { root, value } = parseEvent(data, reading);
    const type = typeof value['type'] === 'string' ? value['type'] : name;
    if (type === 'error') return fail(decodeFailure({ status: 200, headers: {}, text: data }, context.target), emit);
    const inside = failureInside(value, data, context.target);
    if (inside !== undefined) return fail(inside, emit);
    const response = isObject(value['response']) ? value['response'] : undefined;
    if (response !== undefined) {
      if (type !== 'response.completed' && type !== 'response.incomplete') return start(response, emit);
      return finish(response, fieldOf(root, 'response'), emit);
    }
    start({}, emit);
    const reader = readers.get(type);
    if (reader === undefined) loseFields(type, value);
    else known = reader(value, root, emit) ?? undefined;
  };

  return {
    push({ event, data }, emit) {
      if (over || data.trim() === '' || data.trim() === '[DONE]') return;
      try {
        blamingProvider(context.target, () => take(event, data, emit));
      } catch (thrown) {
        if (!over) fail(toGatewayError(thrown), emit);
      }
    },
    end(emit) {
      if (!over) fail(cutStream(context.target), emit);
    },
    finishing: () => over,
  };
}

type Parsed = { readonly root: Cursor; readonly value: JsonObject };

function parseEvent(data: string, { context }: Reading): Parsed {
  let json: JsonText;
  try {
    json = parseJsonText(data);
  } catch (cause) {
    throw invalidAnswer(context.target, `an event of the stream cannot be read: ${describeForeign(data)}`, cause);
  }
  if (!isObject(json.value)) throw invalidAnswer(context.target, 'an event of the stream is no object');
  return { root: cursorAt(json), value: json.value };
}

/** Every event has another number, which nobody reads. */
const numbers: Unread = {
  key: '"sequence_number":',
  end(data, start) {
    let end = start;
    while (data.charCodeAt(end) >= 48 && data.charCodeAt(end) <= 57) end++;
    return end;
  },
};

/** A piece of text, and the item that it is of. */
type PlacedPiece = { readonly index: number; readonly piece: Piece };

/** Says which piece the event brought when it brought nothing else. */
type Reader = (value: JsonObject, root: Cursor, emit: Emit) => PlacedPiece | void;

const pieceEvents: { readonly [type: string]: Piece['kind'] } = {
  output_text: 'text',
  refusal: 'refusal',
  reasoning_summary_text: 'summary',
  reasoning_text: 'thought',
  function_call_arguments: 'arguments',
  custom_tool_call_input: 'arguments',
};

/** Where the event that ends a text has the whole of it. */
const wholeKeys = ['text', 'refusal', 'arguments', 'input'] as const;

/** The place of an event's item in the output; where the event does not say, that of the item of its id. */
function createPlaces(): (value: JsonObject) => number {
  const byId = new Map<unknown, number>();
  let last = -1;
  return ({ output_index: index, item_id: itemId, item }) => {
    const id = isObject(item) ? item['id'] : itemId;
    const known = byId.get(id);
    if (typeof index === 'number' && Number.isInteger(index)) last = index;
    else if (known !== undefined) return known;
    else if (isObject(item)) last++;
    if (id !== undefined) byId.set(id, last);
    return last;
  };
}

/** One small step for each kind of event. */
function createReaders(items: Items): ReadonlyMap<string, Reader> {
  const placeOf = createPlaces();
  const readers = new Map<string, Reader>([
    ['response.output_item.added', (value, root, emit) => items.begin(placeOf(value), fieldOf(root, 'item'), emit)],
    ['response.output_item.done', (value, root, emit) => items.end(placeOf(value), fieldOf(root, 'item'), emit)],
    ['response.content_part.added', () => undefined],
    ['response.content_part.done', (value, root, emit) => items.part(placeOf(value), partOf(value), fieldOf(root, 'part'), emit)],
    // The part, or the item, has them all.
    ['response.output_text.annotation.added', () => undefined],
  ]);
  for (const [name, kind] of Object.entries(pieceEvents)) {
    readers.set(`response.${name}.delta`, (value, _root, emit) => {
      const text = value['delta'];
      if (typeof text !== 'string') return undefined;
      const index = placeOf(value);
      const piece: Piece = { kind, part: partOf(value), text };
      items.piece(index, piece, emit);
      return { index, piece };
    });
    readers.set(`response.${name}.done`, (value, _root, emit) => {
      const text = wholeKeys.map((key) => value[key]).find((whole) => typeof whole === 'string');
      if (typeof text === 'string') items.whole(placeOf(value), { kind, part: partOf(value), text }, emit);
    });
  }
  return readers;
}

function partOf({ content_index: content, summary_index: summary }: JsonObject): number {
  const index = content ?? summary;
  return typeof index === 'number' && Number.isInteger(index) ? index : 0;
}

type Write = (text: string) => void;

/** Writes the caller's stream: numbered without a gap, a legal sequence whatever comes in, and never complete when it is not. */
export function createEncoder(style: AnswerStyle): Step<ChatEvent, string> {
  const { context } = style;
  let out: Write = () => undefined;
  let number = 0;
  let head: ReplyHead | undefined;
  let counted: Usage | undefined;
  let over = false;

  const write = (type: string, fields: readonly Entry[]): void => {
    const name = `response.${type}`;
    out(encodeSse(name, printObject([['type', printString(name)], ['sequence_number', String(number++)], ...fields])));
  };
  const tell = (type: string, known: ReplyHead, standing: Standing): void => write(type, [['response', printResponse(known, standing, style)]]);
  const shower = createShower({
    style,
    write,
    writePiece: ({ before, between, after }, text) => out(before + String(number++) + between + printString(text) + after),
  });
  const start = (given: ReplyHead): ReplyHead => {
    if (head !== undefined) return head;
    head = withId(given, style);
    loseExtras(given.ext, dialect, context.ledger);
    tell('created', head, { status: 'in_progress', output: [] });
    tell('in_progress', head, { status: 'in_progress', output: [] });
    return head;
  };
  const begun = (): ReplyHead => start({ id: '', model: context.target.model, created: Math.floor(context.now() / 1000) });
  const fail = (error: GatewayError): void => {
    const known = begun();
    over = true;
    out(encodeErrorEvent(error, number++));
    tell('failed', known, { status: 'failed', output: shower.output(), error: printFailure(error) });
  };
  const finish = ({ finish: end, serviceTier }: ChatEvent & { readonly type: 'finish' }): void => {
    const known = begun();
    over = true;
    for (const block of refusalOf(end, shower.blocks())) {
      shower.open({ type: 'refusal', text: '' });
      shower.close(block);
    }
    const { status, details } = encodeFinish(end, context);
    shower.end(status);
    loseExtras(end.ext, dialect, context.ledger);
    accountForFinish(end, context);
    const usage = counted === undefined ? undefined : printUsage(counted, context);
    tell(status, known, { status, output: shower.output(), details, usage, tier: printTier(serviceTier, context), ext: end.ext });
  };

  return {
    push(event, to) {
      if (over) return;
      out = to;
      switch (event.type) {
        case 'start':
          start(event.head);
          return;
        case 'open':
          begun();
          return shower.open(event.block);
        case 'delta':
          return shower.say(event.text);
        case 'close':
          begun();
          return shower.close(event.block);
        case 'usage':
          counted = event.usage;
          return;
        case 'finish':
          return finish(event);
        case 'fail':
          return fail(event.error);
      }
    },
    end(to) {
      out = to;
      if (!over) fail(cutStream(context.target));
    },
  };
}
