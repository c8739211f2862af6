import { type Assembler, type CallPiece, createAssembler, type Emit } from '../../core/assemble.ts';
import type { Context } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import type { NameMap } from '../../core/fit.ts';
import type { Extra, RawJson } from '../../core/ir.ts';
import { printArray, printString } from '../../core/json-print.ts';
import { isObject, type JsonObject, type Path } from '../../core/json-text.ts';
import { targetName } from '../../core/target.ts';
import { contentFields, dialect, isFilled, type WireMessage, type WireToolCall } from './wire.ts';

/** What reading an answer needs of the request it answers. */
export type AnswerScope = {
  readonly context: Context;
  readonly names: NameMap;
  /** The stop strings that were sent. */
  readonly stops: readonly string[];
  /** The ids of the calls of the conversation so far. */
  readonly taken: ReadonlySet<string>;
  /** Whether the caller's tool of that name takes free text that was asked for as a function's one string. */
  isWrapped(name: string): boolean;
};

/** Where a message or delta stands in its JSON, for the source text of what is kept as it came. */
export type Place = { raw(path: Path): RawJson | undefined; readonly isWhole: boolean };

/** As notes name it. */
function nameOf({ isWhole }: Place, path: string): string {
  return `choices[0].${isWhole ? 'message' : 'delta'}.${path}`;
}

/** Says once that a part of the answer is lost. */
export type Lost = (path: string, reason: string) => void;

export function invalid(scope: AnswerScope, what: string, cause?: unknown): GatewayError {
  const { target } = scope.context;
  return new GatewayError('upstream_invalid_response', `${target.provider}: ${what}`, { provider: targetName(target), cause });
}

export function assemblerFor(scope: AnswerScope): Assembler {
  return createAssembler({ salt: scope.context.callId, toolName: scope.names.from, taken: scope.taken, isWrapped: scope.isWrapped });
}

export type Sink = { readonly emit: Emit; readonly lost: Lost };

/** Reads a whole message or one delta: the same fields, in the order in which models make them. */
export function readMessage(message: WireMessage, into: Assembler, place: Place, sink: Sink): void {
  if (message.reasoning_details !== undefined || message.reasoning_content !== undefined || message.reasoning !== undefined)
    readThoughts(message, into, place, sink);
  if (typeof message.content === 'string') into.say('text', message.content, sink.emit);
  else if (Array.isArray(message.content)) readParts(message.content, into, sink);
  // They belong to the text before a refusal, too.
  if (Array.isArray(message.annotations) && message.annotations.length > 0) readAnnotations(message.annotations, into, place, sink.lost);
  if (typeof message.refusal === 'string') into.say('refusal', message.refusal, sink.emit);
  if (Array.isArray(message.tool_calls)) readCalls(message.tool_calls, into, place, sink.emit);
  // Spark's older models: the one call itself where others have a list.
  else if (isObject(message.tool_calls)) readCalls([message.tool_calls], into, place, sink.emit);
  if (isObject(message.function_call)) into.call({ ...functionPiece(message.function_call, place, ['function_call']), index: -1 }, sink.emit);
  // Servers written in Go send every field, empty ones too.
  if (isObject(message.audio) && Object.values(message.audio).some(Boolean)) readAudio(into, place, sink);
}

/** A delta that brings one string and nothing else: that string, and how others that differ in it alone are read. */
export type LoneString = { readonly text: string; readonly read: (text: string, into: Assembler, emit: Emit) => void };

/** Undefined for a delta that brings more than one string, something else besides, or nothing. */
export function loneString(message: WireMessage): LoneString | undefined {
  const filled = contentFields.filter((key) => isFilled(message[key]));
  const [key] = filled;
  if (key === undefined || filled.length > 1 || isFilled(message.annotations)) return undefined;
  const value = message[key];
  if (key === 'tool_calls') return loneArguments(value);
  const kind = proseKinds[key];
  if (typeof value !== 'string' || kind === undefined) return undefined;
  return { text: value, read: (text, into, emit) => into.say(kind, text, emit) };
}

const proseKinds: { readonly [key in keyof WireMessage]?: 'text' | 'reasoning' | 'refusal' } = {
  content: 'text',
  reasoning_content: 'reasoning',
  reasoning: 'reasoning',
  refusal: 'refusal',
};

/** The arguments of one function call go on. */
function loneArguments(calls: unknown): LoneString | undefined {
  const call: WireToolCall | undefined = Array.isArray(calls) && calls.length === 1 && isObject(calls[0]) ? calls[0] : undefined;
  if (call === undefined || !isObject(call.function) || isObject(call.custom) || (call.extra_content ?? null) !== null) return undefined;
  const { arguments: text, name } = call.function;
  if (typeof text !== 'string' || text === '' || nonEmpty(name) !== undefined) return undefined;
  const piece: CallPiece = { index: Number.isInteger(call.index) ? Number(call.index) : undefined, id: nonEmpty(call.id) };
  return { text, read: (more, into, emit) => into.call({ ...piece, arguments: more }, emit) };
}

function readThoughts(message: WireMessage, into: Assembler, place: Place, { emit, lost }: Sink): void {
  const details = Array.isArray(message.reasoning_details) ? message.reasoning_details.filter(isObject) : [];
  if (!details.some((detail) => thoughtOf(detail) !== '')) {
    const plain = typeof message.reasoning_content === 'string' && message.reasoning_content !== '' ? message.reasoning_content : message.reasoning;
    if (typeof plain === 'string') into.say('reasoning', plain, emit);
  }
  loseOthers(message, details, (key, reason) => lost(nameOf(place, key), reason));
  for (const detail of details) readDetail(detail, into, emit);
}

/** Vendors say the same in several fields; what is said in one alone must not vanish. */
function loseOthers({ reasoning_content, reasoning }: WireMessage, details: readonly JsonObject[], lost: Lost): void {
  const told = details.map(thoughtOf).join('');
  const first = told === '' ? reasoning_content : told;
  const isOther = (text: unknown): boolean => typeof text === 'string' && text !== '' && typeof first === 'string' && first !== '' && text !== first;
  if (isOther(reasoning_content)) lost('reasoning_content', 'reasoning_details say otherwise and win');
  if (isOther(reasoning)) lost('reasoning', 'another field says otherwise and wins');
}

function thoughtOf(detail: JsonObject): string {
  const text = detail['text'] ?? detail['summary'];
  return typeof text === 'string' ? text : '';
}

function readDetail(detail: JsonObject, into: Assembler, emit: Emit): void {
  const text = thoughtOf(detail);
  const { signature, data } = detail;
  // A stream that gave the text as it came may say it again, whole, with the signature.
  const part = text !== '' && into.openText('reasoning', '') === text ? '' : `${String(detail['index'] ?? '')} ${typeof data === 'string' ? 'data' : 'text'}`;
  if (part !== '') into.say('reasoning', text, emit, part);
  const ext = detailExtras(detail);
  const isSealed = typeof signature === 'string' || typeof data === 'string';
  if (!isSealed && text === '') return;
  into.seal(
    part,
    { ...(typeof signature === 'string' ? { signature } : {}), ...(typeof data === 'string' ? { redacted: data } : {}), ...(ext.length === 0 ? {} : { ext }) },
    emit,
  );
  // Said again as a whole, it is all of it.
  if (part === '') into.endProse(emit);
}

function detailExtras(detail: JsonObject): Extra[] {
  return ['type', 'format', 'id'].flatMap((key): Extra[] => {
    const value = detail[key];
    return typeof value === 'string' ? [{ dialect, path: `reasoning_details.${key}`, key, raw: printString(value), loss: 'nothing' }] : [];
  });
}

/** Mistral's content: thinking and text as parts. */
function readParts(parts: readonly unknown[], into: Assembler, { emit, lost }: Sink): void {
  for (const part of parts) {
    if (!isObject(part)) continue;
    if (typeof part['text'] === 'string') into.say('text', part['text'], emit);
    else if (Array.isArray(part['thinking']))
      for (const piece of part['thinking'])
        if (isObject(piece) && typeof piece['text'] === 'string') into.say('reasoning', piece['text'], emit);
        else lost(`choices[0].message.content.${String(part['type']).slice(0, 40)}`, 'the part is not known');
  }
}

function readAnnotations(items: readonly unknown[], into: Assembler, place: Place, lost: Lost): void {
  const added = items.map((_, index) => place.raw(['annotations', index]) ?? 'null');
  const amended = into.amendText((block) => (block.type === 'text' ? { ...block, citations: printArray([...citationsOf(block.citations), ...added]) } : block));
  if (!amended) lost(nameOf(place, 'annotations'), 'there is no text that they belong to');
}

function citationsOf(raw: RawJson | undefined): readonly RawJson[] {
  return raw === undefined || raw === '[]' ? [] : [raw.slice(1, -1)];
}

function readCalls(calls: readonly unknown[], into: Assembler, place: Place, emit: Emit): void {
  for (const [at, entry] of calls.entries()) {
    if (!isObject(entry)) continue;
    const call: WireToolCall = entry;
    const index = Number.isInteger(call.index) ? Number(call.index) : place.isWhole || calls.length > 1 ? at : undefined;
    const piece =
      isObject(call.custom) && (call.type === 'custom' || !isObject(call.function))
        ? customPiece(call.custom)
        : functionPiece(isObject(call.function) ? call.function : {}, place, ['tool_calls', at, 'function']);
    const extra = call.extra_content === undefined || call.extra_content === null ? undefined : place.raw(['tool_calls', at, 'extra_content']);
    into.call(
      {
        ...piece,
        index,
        id: nonEmpty(call.id),
        ext:
          extra === undefined
            ? undefined
            : [
                {
                  dialect,
                  path: `choices[0].message.tool_calls[${index ?? at}].extra_content`,
                  key: 'extra_content',
                  raw: extra,
                  loss: 'hint',
                  reason: 'only callers of openai-chat can send it back',
                },
              ],
      },
      emit,
    );
  }
}

function nonEmpty(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Arguments are text; some servers send the object itself, whose source text is that. */
function functionPiece(call: JsonObject, place: Place, steps: Path): CallPiece {
  const given = call['arguments'];
  const text = typeof given === 'string' ? given : isObject(given) ? place.raw([...steps, 'arguments']) : undefined;
  return { name: nonEmpty(call['name']), arguments: text };
}

function customPiece(call: JsonObject): CallPiece {
  return { kind: 'custom', name: nonEmpty(call['name']), arguments: nonEmpty(call['input']) };
}

function readAudio(into: Assembler, place: Place, { emit, lost }: Sink): void {
  const raw = place.isWhole ? place.raw(['audio']) : undefined;
  if (raw === undefined) lost('choices[0].delta.audio', 'audio does not pass a translated stream');
  else into.whole({ type: 'opaque', dialect, kind: 'audio', raw, loss: 'hint' }, emit);
}
