import type { Decoder } from '../../core/dialect.ts';
import { type GatewayError, toGatewayError } from '../../core/errors.ts';
import type { ChatEvent, Step } from '../../core/event.ts';
import type { Extra, Finish, RawJson, ReplyHead, Usage } from '../../core/ir.ts';
import { cursorAt, itemsOf, rawOf } from '../../core/json-cursor.ts';
import { printObject, printString } from '../../core/json-print.ts';
import { isObject, type JsonObject, parseJsonText } from '../../core/json-text.ts';
import { loseExtras } from '../../core/notes.ts';
import { blamingProvider, cutStream, invalidAnswer } from '../../core/provider-fault.ts';
import type { Target } from '../../core/target.ts';
import { createTextSlot } from '../../core/text-slot.ts';
import { describeForeign } from '../../core/upstream-failure.ts';
import { decodeFailure, encodeErrorEvent, failureInside } from './errors.ts';
import { createEventReaders, eventOf, type Lone } from './events.ts';
import { type AnswerScope, createReader } from './reading.ts';
import { headOf, printEnd } from './reply.ts';
import { type AnswerStyle, createTeller, loseHead, loseTier, printCall, type Sink } from './showing.ts';
import { printUsage } from './usage.ts';
import { events } from './verdicts.ts';
import { dialect, encodeSse, isOwn, ownEntries, terminator } from './wire.ts';

type Emit = (event: ChatEvent) => void;

/** Reads a stream of events. It is whole at `message-end` alone. */
export function createDecoder(scope: AnswerScope): Decoder {
  const { context } = scope;
  const reader = createReader(scope);
  const readers = createEventReaders(reader, scope);
  const slot = createTextSlot();
  const lost = onlyOnce(context.ledger.lost);
  let known: Lone | undefined;
  let started = false;
  let over = false;

  const fail = (error: GatewayError, emit: Emit): void => {
    over = true;
    emit({ type: 'fail', error });
  };
  const start = (answer: JsonObject, emit: Emit): void => {
    if (started) return;
    started = true;
    emit({ type: 'start', head: headOf(answer, scope) });
  };
  const take = (name: string, data: string, emit: Emit): void => {
    const piece = known === undefined ? undefined : slot.read(data);
    if (piece !== undefined) return known?.read(piece, emit);
    slot.forget();
    known = undefined;
    const value = parseEvent(data, context.target);
    const type = typeof value['type'] === 'string' ? value['type'] : name;
    const inside = name === 'error' ? decodeFailure({ status: 200, headers: {}, text: data }, context.target) : failureInside(value, data, context.target);
    if (inside !== undefined) return fail(inside, emit);
    const read = readers.get(type);
    if (read === undefined) return lost(`stream.${type.slice(0, 40)}`, 'the event is not known');
    start(value, emit);
    loseFields(value, type, lost);
    const lone = blamingProvider(context.target, () => read(eventOf(value, data), emit));
    over = type === 'message-end';
    // What begins a part is not like what follows.
    if (lone === undefined || type.endsWith('-start')) return;
    known = lone;
    slot.learn(data, lone.text);
  };

  return {
    push({ event, data }, emit) {
      if (over || data.trim() === '') return;
      try {
        if (data.trim() === '[DONE]') throw cutStream(context.target);
        take(event, data, emit);
      } catch (thrown) {
        fail(toGatewayError(thrown), emit);
      }
    },
    end(emit) {
      if (!over) fail(cutStream(context.target), emit);
    },
    finishing: () => over,
  };
}

function parseEvent(data: string, target: Target): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch (cause) {
    throw invalidAnswer(target, `an event of the stream cannot be read: ${describeForeign(data)}`, cause);
  }
  if (!isObject(value)) throw invalidAnswer(target, 'an event of the stream is no object');
  return value;
}

/** A stream loses the same thing with every event: it is said once. */
function onlyOnce(lose: (path: string, reason: string) => void): (path: string, reason: string) => void {
  const said = new Set<string>();
  return (path, reason) => {
    if (said.has(path) || said.size === mostPlaces) return;
    said.add(path);
    lose(path, reason);
  };
}

/** How many places are named: every event may have new ones. */
const mostPlaces = 50;

/** The fields of an event that a translated stream cannot carry. */
function loseFields(value: JsonObject, type: string, lost: (path: string, reason: string) => void): void {
  const shape = events.of.get(type);
  if (shape === undefined) return;
  for (const key of Object.keys(value)) {
    const field = shape.fields.get(key);
    if (value[key] === null || (field !== undefined && field.becomes !== 'lost')) continue;
    lost(key.slice(0, 80), field?.becomes === 'lost' ? field.reason : 'the field is not known');
  }
}

type Write = (text: string) => void;

/** Writes the caller's stream: a legal sequence whatever comes in, `message-end` with a word of success only after a finish. */
export function createEncoder(style: AnswerStyle): Step<ChatEvent, string> {
  const { context } = style;
  let write: Write = () => undefined;
  const teller = createTeller(
    style,
    createSink((text) => write(text), style),
  );
  let started = false;
  let over = false;
  let usage: Usage | undefined;
  let id = '';

  const start = (head: ReplyHead): void => {
    if (started) return;
    started = true;
    loseHead(head, style);
    id = head.id === '' ? context.callId : head.id;
    write(encodeSse('message-start', `{"type":"message-start","id":${printString(id)},"delta":{"message":{"role":"assistant"}}}`));
  };
  const fail = (error: GatewayError): void => {
    over = true;
    write(encodeErrorEvent(error));
  };
  const finish = (end: Finish): void => {
    teller.end(end);
    over = true;
    loseExtras(end.ext, dialect, context.ledger);
    for (const [index, citation] of ownCitations(end.ext, style).entries()) writeCitation(citation, index, write);
    const delta = printEnd(end, { called: teller.called(), usage: usage === undefined ? undefined : printUsage(usage, context) }, style);
    write(encodeSse('message-end', `{"type":"message-end","id":${printString(id)},"delta":${delta}}`));
    write(terminator);
  };

  return {
    push(event, out) {
      if (over) return;
      write = out;
      if (event.type === 'fail') return fail(event.error);
      start(event.type === 'start' ? event.head : { id: '', model: context.target.model, created: 0 });
      switch (event.type) {
        case 'open':
          return teller.open(event.block);
        case 'delta':
          return teller.say(event.text);
        case 'close':
          return teller.close(event.block);
        case 'usage':
          usage = event.usage;
          return;
        case 'finish':
          loseTier(event.serviceTier, style);
          return finish(event.finish);
        case 'start':
      }
    },
    end(out) {
      write = out;
      if (!over) fail(cutStream(context.target));
    },
  };
}

/** The parts of a message as events. Contents, calls and citations are counted apart. */
function createSink(write: Write, style: AnswerStyle): Sink {
  let content = -1;
  let calls = -1;
  let citations = -1;
  const event = (type: string, index: number, message?: RawJson): void => {
    const delta = message === undefined ? '' : `,"delta":{"message":${message}}`;
    write(encodeSse(type, `{"type":"${type}","index":${index}${delta}}`));
  };
  return {
    begin: (kind) => event('content-start', ++content, `{"content":{"type":"${kind}","${kind}":""}}`),
    piece(kind, text) {
      if (kind === 'arguments') event('tool-call-delta', calls, `{"tool_calls":{"function":{"arguments":${printString(text)}}}}`);
      else if (kind === 'plan') write(encodeSse('tool-plan-delta', `{"type":"tool-plan-delta","delta":{"message":{"tool_plan":${printString(text)}}}}`));
      else event('content-delta', content, `{"content":{"${kind}":${printString(text)}}}`);
    },
    end(kind) {
      if (kind === 'call') event('tool-call-end', calls);
      else event('content-end', content);
    },
    call: (id, call) => event('tool-call-start', ++calls, printObject([['tool_calls', printCall(id, call, '""', style)]])),
    other(raw) {
      event('content-start', ++content, printObject([['content', raw]]));
      event('content-end', content);
    },
    cite: (citation) => writeCitation(citation, ++citations, write),
  };
}

function writeCitation(citation: RawJson, index: number, write: Write): void {
  write(encodeSse('citation-start', `{"type":"citation-start","index":${index},"delta":{"message":{"citations":${citation}}}}`));
  write(encodeSse('citation-end', `{"type":"citation-end","index":${index}}`));
}

/** The provider's own citations, which come with the end of an answer. */
function ownCitations(ext: readonly Extra[] | undefined, { context }: AnswerStyle): readonly RawJson[] {
  const raw = isOwn(context) ? ownEntries(ext, 'message').find(([key]) => key === 'citations')?.[1] : undefined;
  return raw === undefined ? [] : itemsOf(cursorAt(parseJsonText(raw))).map(rawOf);
}
