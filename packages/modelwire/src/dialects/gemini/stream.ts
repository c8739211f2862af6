import { createCollector } from '../../core/collect.ts';
import type { Decoder } from '../../core/dialect.ts';
import { type GatewayError, toGatewayError } from '../../core/errors.ts';
import type { ChatEvent, Step } from '../../core/event.ts';
import type { Extra, RawJson, Reply, ReplyHead, Usage } from '../../core/ir.ts';
import { cursorAt, itemsOf, rawOf } from '../../core/json-cursor.ts';
import { printArray, printObject } from '../../core/json-print.ts';
import { isObject, type JsonObject, type JsonText, parseJsonText } from '../../core/json-text.ts';
import { loseExtras } from '../../core/notes.ts';
import { blamingProvider, cutStream } from '../../core/provider-fault.ts';
import { brokenCall } from '../../core/tool-input.ts';
import { describeForeign } from '../../core/upstream-failure.ts';
import { decodeFailure, encodeErrorEvent, failureInside } from './errors.ts';
import { decodeFinish, type Stop, stopOf } from './finish.ts';
import { createPieces } from './pieces.ts';
import { type AnswerScope, createReader, invalid } from './reading.ts';
import { answerExtras, candidateAt, citationsIn, decodeReply, type End, firstCandidate, headOf, printAnswer, printEnd } from './reply.ts';
import { type AnswerStyle, createShower } from './showing.ts';
import { decodeUsage, tierOf, withUsage } from './usage.ts';
import { dialect } from './wire.ts';

type Emit = (event: ChatEvent) => void;

/** A whole answer; or a stream that did not come as events, the same chunks in a list. */
export function readReply(text: string, scope: AnswerScope): Reply {
  const json = parseAnswer(text, scope);
  if (!Array.isArray(json.value)) return decodeReply(json, scope);
  const collector = createCollector();
  const decoder = createDecoder(scope);
  for (const item of itemsOf(cursorAt(json))) decoder.push({ event: '', data: rawOf(item) }, collector.push);
  decoder.end(collector.push);
  return collector.reply();
}

function parseAnswer(text: string, scope: AnswerScope): JsonText {
  try {
    return parseJsonText(text);
  } catch (cause) {
    throw invalid(scope, describeForeign(text), cause);
  }
}

/** Reads a stream of chunks, each an answer with some parts. It has no terminator: it is whole once a finish reason has come. */
export function createDecoder(scope: AnswerScope): Decoder {
  const { context } = scope;
  const reader = createReader(scope);
  let started = false;
  let over = false;
  let stop: Stop | undefined;
  let usage: JsonObject = {};
  /** What the chunks before the first candidate said. */
  let head: JsonObject = {};
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
  const learn = (more: readonly Extra[]): void => {
    extras = [...extras.filter((old) => !more.some((extra) => extra.path === old.path)), ...more];
  };
  const pieces = createPieces();

  const take = (data: string, emit: Emit): void => {
    const piece = pieces.read(data);
    if (piece !== undefined) return reader.say(piece, emit);
    const { json, answer } = parseChunk(data, scope);
    const inside = failureInside(answer, data, context.target);
    if (inside !== undefined) return fail(inside, emit);
    usage = withUsage(usage, answer['usageMetadata']);
    const root = cursorAt(json);
    const at = firstCandidate(answer);
    const candidate = at === -1 ? undefined : candidateAt(root, at);
    const value = isObject(candidate?.value) ? candidate.value : undefined;
    stop = stopOf(value, answer['promptFeedback']) ?? stop;
    const more = answerExtras(root, candidate);
    if (more.length > 0) learn(more);
    if (!started) head = { ...head, ...answer };
    if (value === undefined) return;
    start(head, emit);
    const content = value['content'];
    const parts = isObject(content) ? content['parts'] : undefined;
    if (Array.isArray(parts)) reader.read(parts, (path) => json.raw(['candidates', at, 'content', 'parts', ...path]), emit);
    const citations = citationsIn(value);
    if (citations !== undefined) return void reader.cite(citations);
    pieces.learn(data, parts);
  };
  const complete = (told: Stop, emit: Emit): void => {
    start(head, emit);
    const finish = decodeFinish(told, { called: reader.called(), ext: extras }, context);
    reader.finish(emit);
    const counted = decodeUsage(usage, context.ledger.lost);
    over = true;
    if (counted !== undefined) emit({ type: 'usage', usage: counted });
    emit({ type: 'finish', finish, ...tierOf(usage) });
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
      if (over || data.trim() === '' || data.trim() === '[DONE]') return;
      if (event === 'error') fail(decodeFailure({ status: 200, headers: {}, text: data }, context.target), emit);
      else guarded(emit, () => take(data, emit));
    },
    end(emit) {
      if (over) return;
      const told = stop;
      if (told === undefined) fail(cutStream(context.target, reader.hasBegun() ? 'without a finish reason' : undefined), emit);
      else guarded(emit, () => complete(told, emit));
    },
    finishing: () => stop !== undefined,
  };
}

type Chunk = { readonly json: JsonText; readonly answer: JsonObject };

function parseChunk(data: string, scope: AnswerScope): Chunk {
  let json: JsonText;
  try {
    json = parseJsonText(data);
  } catch (cause) {
    throw invalid(scope, `an event of the stream cannot be read: ${describeForeign(data)}`, cause);
  }
  if (!isObject(json.value)) throw invalid(scope, 'an event of the stream is no object');
  return { json, answer: json.value };
}

export function encodeSse(data: RawJson): string {
  return `data: ${data}\n\n`;
}

type Write = (text: string) => void;

/** Everything of a chunk but its parts, written once. */
type Frame = { chunk(part: RawJson): string; last(parts: readonly RawJson[], end: End): string };

function createFrame(head: ReplyHead, style: AnswerStyle): Frame {
  const [before = '', after = ''] = encodeSse(printAnswer(head, { content: '{"parts":[\u0000],"role":"model"}', end: undefined }, style)).split('\u0000');
  return {
    chunk: (part) => before + part + after,
    last(parts, end) {
      const content = printObject([
        ['parts', printArray(parts.length === 0 ? ['{"text":""}'] : parts)],
        ['role', '"model"'],
      ]);
      return encodeSse(printAnswer(head, { content, end }, style));
    },
  };
}

/** Writes the caller's stream: pieces of text as they come, calls whole, and the finish reason with the last chunk alone. */
export function createEncoder(style: AnswerStyle): Step<ChatEvent, string> {
  const { context } = style;
  const shower = createShower(style);
  let frame: Frame | undefined;
  let told: { readonly usage?: Usage } = {};
  let over = false;

  const write = (parts: readonly RawJson[], out: Write): void => {
    if (frame !== undefined) for (const part of parts) out(frame.chunk(part));
  };
  const fail = (error: GatewayError, out: Write): void => {
    over = true;
    out(encodeErrorEvent(error));
  };
  const finish = ({ type: _type, ...ended }: ChatEvent & { readonly type: 'finish' }, out: Write): void => {
    const end = ended.finish;
    write(shower.end(), out);
    const { refused, broken } = shower.seen();
    const isCut = end.reason === 'length' || end.reason === 'contextFull';
    if (broken !== undefined && !isCut) return fail(brokenCall(broken, context.target), out);
    if (broken !== undefined) context.ledger.lost(`content.${broken}`, 'the call broke off with the length of the answer');
    over = true;
    frame ??= createFrame({ id: '', model: context.target.model, created: 0 }, style);
    out(frame.last(shower.last(), printEnd({ ...ended, ...told }, refused, style)));
  };

  return {
    push(event, out) {
      if (over) return;
      switch (event.type) {
        case 'start':
          loseExtras(event.head.ext, dialect, context.ledger);
          frame ??= createFrame(event.head, style);
          return;
        case 'open':
          return write(shower.open(event.block), out);
        case 'delta':
          return write(shower.say(event.text), out);
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
      if (!over) fail(cutStream(context.target), out);
    },
  };
}
