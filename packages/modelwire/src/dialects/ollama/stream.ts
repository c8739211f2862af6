import { createCollector } from '../../core/collect.ts';
import type { Decoder } from '../../core/dialect.ts';
import { type GatewayError, toGatewayError } from '../../core/errors.ts';
import type { ChatEvent, Step } from '../../core/event.ts';
import type { Extra, RawJson, Reply, ReplyHead } from '../../core/ir.ts';
import { cursorAt, fieldOf } from '../../core/json-cursor.ts';
import { printObject, printString } from '../../core/json-print.ts';
import { isObject, type JsonObject, parseJsonText } from '../../core/json-text.ts';
import { loseExtras } from '../../core/notes.ts';
import { blamingProvider, cutStream, invalidAnswer } from '../../core/provider-fault.ts';
import type { Target } from '../../core/target.ts';
import { brokenCall } from '../../core/tool-input.ts';
import { describeForeign } from '../../core/upstream-failure.ts';
import { decodeFailure, encodeErrorEvent, failureInside } from './errors.ts';
import { decodeFinish } from './finish.ts';
import { type AnswerScope, createReader } from './reading.ts';
import { answerExtras, type AnswerStyle, decodeReply, headEntries, headOf, printLast, saidEntries } from './reply.ts';
import { createShower, type Piece } from './showing.ts';
import { decodeUsage } from './usage.ts';
import { dialect } from './wire.ts';

type Emit = (event: ChatEvent) => void;

/** A whole answer; or a stream that does not say that it is one, line by line. */
export function readReply(text: string, scope: AnswerScope): Reply {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length < 2 || !lines.every(isObjectLine)) return decodeReply(parseAnswer(text, scope.context.target), scope);
  const collector = createCollector();
  const decoder = createDecoder(scope);
  for (const data of lines) decoder.push({ event: '', data }, collector.push);
  decoder.end(collector.push);
  return collector.reply();
}

/** An answer that is printed over several lines has others. */
function isObjectLine(line: string): boolean {
  const plain = line.trim();
  return plain.startsWith('{') && plain.endsWith('}') && plain.length > 2;
}

function parseAnswer(text: string, target: Target): ReturnType<typeof parseJsonText> {
  try {
    return parseJsonText(text);
  } catch (cause) {
    throw invalidAnswer(target, describeForeign(text), cause);
  }
}

/** What every line but the last has. */
const plainKeys = new Set(['model', 'created_at', 'message', 'response', 'thinking', 'done']);
const plainMessageKeys = new Set(['role', 'content', 'thinking']);

function hasOnly(object: JsonObject, keys: ReadonlySet<string>): boolean {
  for (const key in object) if (!keys.has(key)) return false;
  return true;
}

/** Reads a stream of lines, each with some of the message. The one that is `done` is the last, whatever comes after it. */
export function createDecoder(scope: AnswerScope): Decoder {
  const { context } = scope;
  const reader = createReader(scope);
  let started = false;
  let over = false;
  let extras: readonly Extra[] = [];

  const fail = (error: GatewayError, emit: Emit): void => {
    over = true;
    emit({ type: 'fail', error });
  };
  const start = (answer: JsonObject, emit: Emit): void => {
    if (started) return;
    started = true;
    emit({ type: 'start', head: headOf(answer, context) });
  };
  /** A line with more than text: its source text is needed. */
  const takeWhole = (data: string, emit: Emit): void => {
    const root = cursorAt(parseJsonText(data));
    const message = fieldOf(root, 'message');
    if (isObject(message.value) && Array.isArray(message.value['tool_calls'])) reader.call(message, emit);
    const more = answerExtras(root);
    extras = [...extras.filter((old) => !more.some((extra) => extra.path === old.path)), ...more];
  };
  const complete = (answer: JsonObject, emit: Emit): void => {
    const finish = decodeFinish(answer['done_reason'], { called: reader.called(), ext: extras }, context);
    reader.finish(emit);
    const usage = decodeUsage(answer, context.ledger);
    over = true;
    if (usage !== undefined) emit({ type: 'usage', usage });
    emit({ type: 'finish', finish });
  };
  const take = (data: string, emit: Emit): void => {
    const answer = parseLine(data, context.target);
    const inside = failureInside(answer, data, context.target);
    if (inside !== undefined) return fail(inside, emit);
    const { message, done } = answer;
    start(answer, emit);
    reader.say(answer, emit);
    if (!hasOnly(answer, plainKeys) || (isObject(message) && !hasOnly(message, plainMessageKeys)) || done === true) takeWhole(data, emit);
    if (done === true) complete(answer, emit);
  };
  const guarded = (emit: Emit, act: () => void): void => {
    try {
      blamingProvider(context.target, act);
    } catch (thrown) {
      if (!over) fail(toGatewayError(thrown), emit);
    }
  };

  return {
    push({ event, data }, emit) {
      if (over || data.trim() === '') return;
      if (event === 'error') fail(decodeFailure({ status: 200, headers: {}, text: data }, context.target), emit);
      else guarded(emit, () => take(data, emit));
    },
    end(emit) {
      if (!over) fail(cutStream(context.target, 'without its last line'), emit);
    },
    finishing: () => false,
  };
}

function parseLine(data: string, target: Target): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch (cause) {
    throw invalidAnswer(target, `a line of the stream cannot be read: ${describeForeign(data)}`, cause);
  }
  if (!isObject(value)) throw invalidAnswer(target, 'a line of the stream is no object');
  if (!isObject(value['message']) && typeof value['response'] !== 'string' && value['done'] !== true && value['error'] === undefined)
    throw invalidAnswer(target, 'a line of the stream is no part of an answer');
  return value;
}

function frame(data: RawJson): string {
  return `data: ${data}\n\n`;
}

type Write = (text: string) => void;

/** One line of the stream but the last. */
function printLine(head: ReplyHead, piece: Piece, style: AnswerStyle): string {
  return frame(printObject([...headEntries(head), ...saidEntries([piece], [], style), ['done', 'false']]));
}

/** Everything of a line but its text, written once for each kind of text. */
function createLine(head: ReplyHead, style: AnswerStyle): (piece: Piece) => string {
  const around = (kind: 'content' | 'thinking'): readonly [string, string] => {
    const line = printLine(head, { kind, text: mark }, style);
    // The name of the model stands before it.
    const at = line.lastIndexOf(`"${mark}"`);
    return [line.slice(0, at), line.slice(at + mark.length + 2)];
  };
  const known = { content: around('content'), thinking: around('thinking') };
  return (piece) => {
    if (piece.kind === 'call') return printLine(head, piece, style);
    const [before, after] = known[piece.kind];
    return before + printString(piece.text) + after;
  };
}

/** Stands for the text of a line. */
const mark = '<text of the line>';

/** Writes the caller's stream: pieces of text as they come, calls whole, and what is known at the end with the last line alone. */
export function createEncoder(style: AnswerStyle): Step<ChatEvent, string> {
  const { context } = style;
  const shower = createShower(context);
  let head: ReplyHead = { id: '', model: context.target.model, created: Math.floor(context.now() / 1000) };
  let line: ((piece: Piece) => string) | undefined;
  let firstAt: number | undefined;
  let told: Pick<Reply, 'usage'> = {};
  let over = false;

  const write = (pieces: readonly Piece[], out: Write): void => {
    for (const piece of pieces) {
      firstAt ??= context.now();
      line ??= createLine(head, style);
      out(line(piece));
    }
  };
  const fail = (error: GatewayError, out: Write): void => {
    over = true;
    out(encodeErrorEvent(error));
  };
  const finish = ({ type: _type, ...ended }: ChatEvent & { readonly type: 'finish' }, out: Write): void => {
    const end = ended.finish;
    write(shower.end(), out);
    const broken = shower.broken();
    const isCut = end.reason === 'length' || end.reason === 'contextFull';
    if (broken !== undefined && !isCut) return fail(brokenCall(broken, context.target), out);
    if (broken !== undefined) context.ledger.lost(`content.${broken}`, 'the call broke off with the length of the answer');
    over = true;
    const last = { ...ended, ...told, pieces: [], firstAt: firstAt ?? context.now() };
    out(frame(printLast(head, last, style)));
  };

  return {
    push(event, out) {
      if (over) return;
      switch (event.type) {
        case 'start':
          loseExtras(event.head.ext, dialect, context.ledger);
          head = event.head;
          return;
        case 'open':
          return write(shower.open(event.block), out);
        case 'delta': {
          const piece = shower.say(event.text);
          return piece === undefined ? undefined : write([piece], out);
        }
        case 'close':
          return write(shower.close(event.block), out);
        case 'usage':
          told = { usage: event.usage };
          return;
        case 'finish':
          return finish(event, out);
        case 'fail':
          return fail(event.error, out);
      }
    },
    end(out) {
      if (!over) fail(cutStream(context.target, 'without its last line'), out);
    },
  };
}
