import type { Decoder } from '../../core/dialect.ts';
import { createAssembler, type Emit } from '../../core/assemble.ts';
import { type GatewayError, toGatewayError } from '../../core/errors.ts';
import type { ChatEvent, Step } from '../../core/event.ts';
import type { Extra, Usage } from '../../core/ir.ts';
import { cursorAt, fieldOf } from '../../core/json-cursor.ts';
import { printObject, printString } from '../../core/json-print.ts';
import { loseExtras } from '../../core/notes.ts';
import { isObject, type JsonObject, parseJsonText } from '../../core/json-text.ts';
import { blamingProvider, cutStream, invalidAnswer } from '../../core/provider-fault.ts';
import { createTextSlot } from '../../core/text-slot.ts';
import { brokenCall } from '../../core/tool-input.ts';
import { type BlockReader, createBlockReader, type Lone, loneDelta } from './block-reader.ts';
import { decodeFailure, encodeErrorEvent } from './errors.ts';
import { decodeFinish, stopWord } from './finish.ts';
import type { AnswerScope } from './reading.ts';
import { answerEnd, headOf, lateExtras, modelAnswer } from './reply.ts';
import { type AnswerStyle } from './showing.ts';
import { createShower } from './shower.ts';
import { decodeUsage, tierOf } from './usage.ts';
import { event as eventShape } from './verdicts.ts';
import { dialect } from './wire.ts';

/** What a stream has told of itself besides its blocks. */
type Told = { started: boolean; over: boolean; stop: string | undefined; ext: readonly Extra[] };

type Reader = (value: JsonObject, data: string, emit: Emit) => void;

/**
 * Reads a stream of events, each an object with its name. The reason comes before the usage, which ends the stream; a stream that has
 * told its reason is whole without.
 */
export function createDecoder(scope: AnswerScope): Decoder {
  const { context } = scope;
  const told: Told = { started: false, over: false, stop: undefined, ext: [] };
  const into = createAssembler({ salt: context.callId, toolName: scope.toolName });
  const blocks = createBlockReader(into, scope);
  const readers = createReaders(told, blocks, scope);
  const slot = createTextSlot();
  /** The delta that `slot` knows. */
  let known: Lone | undefined;

  const fail = (error: GatewayError, emit: Emit): void => {
    told.over = true;
    emit({ type: 'fail', error });
  };
  const take = (name: string, data: string, emit: Emit): void => {
    if (name === 'error') return fail(decodeFailure({ status: 200, headers: {}, text: data }, context.target), emit);
    const plain = data.replace(padding, '$1');
    const piece = slot.read(plain);
    if (piece !== undefined && known !== undefined) return blocks.piece(known, piece, emit);
    slot.forget();
    const event = parseEvent(data, scope);
    const [kind = ''] = Object.keys(event);
    const reader = readers.get(kind);
    if (reader === undefined) {
      if (/exception$/i.test(kind)) return fail(decodeFailure({ status: 200, headers: {}, text: data }, context.target), emit);
      context.ledger.lost(`stream.${kind.slice(0, 40)}`, 'the event is not known');
      return;
    }
    const value = event[kind];
    blamingProvider(scope.context.target, () => reader(isObject(value) ? value : {}, data, emit));
    known = kind === 'contentBlockDelta' ? loneDelta(value) : undefined;
    if (known !== undefined) slot.learn(plain, known.text);
  };

  return {
    push({ event, data }, emit) {
      if (told.over || data.trim() === '') return;
      try {
        take(event, data, emit);
      } catch (thrown) {
        fail(toGatewayError(thrown), emit);
      }
    },
    end(emit) {
      if (told.over) return;
      try {
        if (told.stop === undefined) throw cutStream(context.target, told.started ? 'without a stop reason' : undefined);
        readers.get('metadata')?.({}, '{"metadata":{}}', emit);
      } catch (thrown) {
        fail(toGatewayError(thrown), emit);
      }
    },
    finishing: () => told.stop !== undefined,
  };
}

/** Bedrock hides the length of a piece behind a field that nobody reads. */
const padding = /,"p":"[A-Za-z0-9]*"(\}+)$/;

function parseEvent(data: string, scope: AnswerScope): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch (cause) {
    throw invalidAnswer(scope.context.target, 'an event of the stream is not JSON', cause);
  }
  if (!isObject(value)) throw invalidAnswer(scope.context.target, 'an event of the stream is no object');
  return value;
}

/** One small step for each kind of event. */
function createReaders(told: Told, blocks: BlockReader, scope: AnswerScope): ReadonlyMap<string, Reader> {
  const { context } = scope;
  const start = (emit: Emit): void => {
    if (told.started) return;
    told.started = true;
    emit({ type: 'start', head: headOf(context) });
  };
  const learn = (kind: string, data: string): void => {
    told.ext = [...told.ext, ...lateExtras({ ...fieldOf(cursorAt(parseJsonText(data)), kind), path: '' }).filter((extra) => eventFields.has(extra.key))];
  };
  return new Map<string, Reader>([
    [
      'messageStart',
      (_value, _data, emit) => {
        if (blocks.count() > 0) throw invalidAnswer(scope.context.target, 'a second answer began within the first');
        start(emit);
      },
    ],
    [
      'contentBlockStart',
      (value, data, emit) => {
        start(emit);
        blocks.begin(value, data, emit);
      },
    ],
    [
      'contentBlockDelta',
      (value, data, emit) => {
        start(emit);
        blocks.delta(value, data, emit);
      },
    ],
    ['contentBlockStop', (value, _data, emit) => blocks.stop(value, emit)],
    [
      'messageStop',
      (value, data) => {
        const { stopReason } = value;
        if (typeof stopReason === 'string' && stopReason !== '') told.stop = stopReason;
        learn('messageStop', data);
      },
    ],
    [
      'metadata',
      (value, data, emit) => {
        if (told.stop === undefined) throw cutStream(context.target, 'without a stop reason');
        learn('metadata', data);
        start(emit);
        blocks.finish(emit);
        const finish = decodeFinish(told.stop, { called: blocks.called(), ext: told.ext }, context);
        told.over = true;
        const usage = decodeUsage(value['usage'], context.ledger.lost);
        if (usage !== undefined) emit({ type: 'usage', usage });
        emit({ type: 'finish', finish, ...tierOf(value['serviceTier']) });
      },
    ],
  ]);
}

/** What the last events may hold besides. */
const eventFields = fieldsOf('messageStop', 'metadata');

function fieldsOf(...kinds: readonly string[]): ReadonlySet<string> {
  const names = kinds.flatMap((kind) => {
    const shape = eventShape.fields.get(kind)?.value;
    return shape?.kind === 'object' ? [...shape.fields].filter(([, field]) => field.becomes === 'extra').map(([name]) => name) : [];
  });
  return new Set([...names, 'serviceTier']);
}

type Write = (text: string) => void;
type Ended = ChatEvent & { readonly type: 'finish' };

/** Writes the caller's stream: blocks one after the other, the reason, and at last the usage. A legal sequence whatever comes in. */
export function createEncoder(style: AnswerStyle): Step<ChatEvent, string> {
  const { context } = style;
  const shower = createShower(context);
  let state: 'before' | 'open' | 'over' = 'before';
  let told: { readonly model: string; readonly usage?: Usage } = { model: context.target.model };
  let ext: readonly Extra[] = [];

  const start = (out: Write): void => {
    if (state !== 'before') return;
    state = 'open';
    out('data: {"messageStart":{"role":"assistant"}}\n\n');
  };
  const fail = (error: GatewayError, out: Write): void => {
    state = 'over';
    out(encodeErrorEvent(error));
  };
  const finish = ({ finish: end, serviceTier }: Ended, out: Write): void => {
    shower.end(out);
    const { broken, ...seen } = shower.seen();
    const isCut = end.reason === 'length' || end.reason === 'contextFull';
    if (broken !== undefined && !isCut) return fail(brokenCall(broken, context.target), out);
    state = 'over';
    const all = [...ext, ...(end.ext ?? [])];
    loseExtras(end.ext, dialect, context.ledger);
    out(encodeEvent('messageStop', printObject([['stopReason', printString(stopWord(end, seen, context))], ...modelAnswer(all, context)])));
    out(encodeEvent('metadata', printObject(answerEnd({ ...told, ...(serviceTier === undefined ? {} : { serviceTier }) }, all, style))));
  };

  return {
    push(event, out) {
      if (state === 'over') return;
      if (event.type === 'fail') return fail(event.error, out);
      start(out);
      switch (event.type) {
        case 'start':
          loseExtras(event.head.ext, dialect, context.ledger);
          ext = event.head.ext ?? [];
          told = { ...told, model: event.head.model };
          return;
        case 'open':
          return shower.open(event.block, out);
        case 'delta':
          return shower.say(event.text, out);
        case 'close':
          return shower.close(event.block, out);
        case 'usage':
          told = { ...told, usage: event.usage };
          return;
        case 'finish':
          return finish(event, out);
      }
    },
    end(out) {
      if (state !== 'over') fail(cutStream(context.target), out);
    },
  };
}

function encodeEvent(kind: string, value: string): string {
  return `data: {"${kind}":${value}}\n\n`;
}
