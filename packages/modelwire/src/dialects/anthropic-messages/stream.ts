import type { Context, Decoder } from '../../core/dialect.ts';
import { type GatewayError, toGatewayError } from '../../core/errors.ts';
import type { ChatEvent, Step } from '../../core/event.ts';
import type { Extra, Finish, RawJson, ReplyHead, Usage } from '../../core/ir.ts';
import { type Cursor, cursorAt, fieldOf, objectAt } from '../../core/json-cursor.ts';
import { type Entry, printObject } from '../../core/json-print.ts';
import { isObject, type JsonObject, parseJsonText } from '../../core/json-text.ts';
import { loseExtras } from '../../core/notes.ts';
import { blamingProvider, cutStream, invalidAnswer } from '../../core/provider-fault.ts';
import { createTextSlot } from '../../core/text-slot.ts';
import { brokenCall } from '../../core/tool-input.ts';
import { decodeFailure, encodeErrorEvent, failureInside } from './errors.ts';
import { type Blocks, createBlocks, type PieceKey, pieceKeys } from './reading.ts';
import { decodeFinish, printStop, stopOf } from './finish.ts';
import { type AnswerScope, headOf, lateExtras, printMessage } from './reply.ts';
import { decodeUsage, loseTtls, printUsage, rawUsage, tierOf, usageEntries } from './usage.ts';
import { createShower } from './showing.ts';
import { dialect, encodeSse, isOwn, ownEntries } from './wire.ts';

type Emit = (event: ChatEvent) => void;

/** What a stream has told of itself besides its blocks. */
type Told = {
  started: boolean;
  over: boolean;
  usage: JsonObject;
  late: readonly Extra[];
  stop: ReturnType<typeof stopOf>;
};

type Reader = (value: JsonObject, data: string, emit: Emit) => void;

/** Reads a provider's stream, with tolerance for everything but a stream that has no end. */
export function createDecoder(scope: AnswerScope): Decoder {
  const { context } = scope;
  const told: Told = { started: false, over: false, usage: {}, late: [], stop: {} };
  const blocks = createBlocks(scope);
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
    const piece = slot.read(data);
    if (piece !== undefined && known !== undefined) return blocks.piece(known.index, known.key, piece, emit);
    slot.forget();
    const value = parseEvent(data, context);
    const type = typeof value['type'] === 'string' ? value['type'] : name;
    const reader = readers.get(type);
    if (reader !== undefined) {
      blamingProvider(context.target, () => reader(value, data, emit));
      known = loneDelta(value);
      if (known !== undefined) slot.learn(data, known.text);
      return;
    }
    const inside = failureInside(value, data, context.target);
    if (inside !== undefined) fail(inside, emit);
    else context.ledger.lost(`stream.${type.slice(0, 40)}`, 'the event is not known');
  };

  return {
    push({ event, data }, emit) {
      if (told.over || data.trim() === '' || data.trim() === '[DONE]') return;
      try {
        take(event, data, emit);
      } catch (thrown) {
        fail(toGatewayError(thrown), emit);
      }
    },
    end(emit) {
      if (told.over) return;
      if (told.stop.native === undefined) fail(cutStream(context.target), emit);
      else readers.get('message_stop')?.({}, '', emit);
    },
    finishing: () => told.stop.native !== undefined,
  };
}

function parseEvent(data: string, { target }: Context): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch (cause) {
    throw invalidAnswer(target, 'an event of the stream is not JSON', cause);
  }
  return isObject(value) ? value : {};
}

/** A delta that brings one piece and nothing else. */
type Lone = { readonly index: number | undefined; readonly key: PieceKey; readonly text: string };

function loneDelta(value: JsonObject): Lone | undefined {
  const { type, delta } = value;
  if (type !== 'content_block_delta' || !isObject(delta) || typeof delta['type'] !== 'string' || Object.keys(delta).length > 2) return undefined;
  const key = pieceKeys.find((name) => typeof delta[name] === 'string');
  return key === undefined ? undefined : { index: indexOf(value), key, text: String(delta[key]) };
}

/** One small step for each kind of event. */
function createReaders(told: Told, blocks: Blocks, scope: AnswerScope): ReadonlyMap<string, Reader> {
  const { context } = scope;
  const start = (head: ReplyHead, emit: Emit): void => {
    if (told.started) return;
    told.started = true;
    const usage = decodeUsage(told.usage, () => undefined);
    emit({ type: 'start', head, ...(usage === undefined ? {} : { usage }) });
  };
  const ensureStarted = (emit: Emit): void => {
    if (!told.started) start({ id: context.newId('msg_'), model: context.target.model, created: Math.floor(context.now() / 1000) }, emit);
  };
  const finish = (emit: Emit): void => {
    if (told.stop.native === undefined) throw cutStream(context.target, 'without a stop reason');
    ensureStarted(emit);
    blocks.closeAll(emit);
    told.over = true;
    const usage = decodeUsage(told.usage, context.ledger.lost);
    if (usage !== undefined) emit({ type: 'usage', usage });
    emit({ type: 'finish', finish: decodeFinish({ ...told.stop, ext: told.late, called: blocks.called() }, context), ...tierOf(told.usage) });
  };
  return new Map<string, Reader>([
    [
      'message_start',
      (_value, data, emit) => {
        if (blocks.count() > 0) throw invalidAnswer(context.target, 'a second answer began within the first');
        // Its fields go by the names that they have in a whole answer.
        const message = { ...fieldOf(cursorAt(parseJsonText(data)), 'message'), path: '' };
        learnUsage(told, objectAt(message)['usage']);
        learnEnd(told, message);
        if (!told.started) start(headOf(message, context), emit);
      },
    ],
    [
      'content_block_start',
      (value, data, emit) => {
        ensureStarted(emit);
        blocks.begin(indexOf(value), fieldOf(cursorAt(parseJsonText(data)), 'content_block'), emit);
      },
    ],
    [
      'content_block_delta',
      (value, data, emit) => {
        ensureStarted(emit);
        if (isObject(value['delta'])) blocks.delta(indexOf(value), value['delta'], data, emit);
      },
    ],
    ['content_block_stop', (value, _data, emit) => blocks.close(indexOf(value), emit)],
    [
      'message_delta',
      (value, data) => {
        const root = cursorAt(parseJsonText(data));
        learnUsage(told, value['usage']);
        learnEnd(told, root);
        if (isObject(value['delta'])) learnEnd(told, fieldOf(root, 'delta'));
      },
    ],
    ['message_stop', (_value, _data, emit) => finish(emit)],
    ['ping', () => undefined],
  ]);
}

function indexOf(value: JsonObject): number | undefined {
  return typeof value['index'] === 'number' ? value['index'] : undefined;
}

/** Counts are cumulative: the last number wins, and a null takes nothing back. */
function learnUsage(told: Told, usage: unknown): void {
  if (isObject(usage)) told.usage = { ...told.usage, ...Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== null)) };
}

function learnEnd(told: Told, cursor: Cursor): void {
  told.stop = { ...told.stop, ...stopOf(cursor) };
  const late = lateExtras(cursor);
  told.late = [...told.late.filter((old) => !late.some((extra) => extra.key === old.key)), ...late].sort((a, b) => (a.key < b.key ? -1 : 1));
}

type Write = (text: string) => void;

/** Writes the caller's stream: a legal sequence whatever comes in, `message_stop` only after a finish. */
export function createEncoder(context: Context): Step<ChatEvent, string> {
  const shower = createShower(context);
  let state: 'before' | 'open' | 'over' = 'before';
  let usage: Usage | undefined;

  const start = (head: ReplyHead, known: Usage | undefined, write: Write): void => {
    if (state !== 'before') return;
    state = 'open';
    loseExtras(head.ext, dialect, context.ledger);
    write(
      encodeSse(
        'message_start',
        printObject([
          ['type', '"message_start"'],
          ['message', printOpening(head, known, context)],
        ]),
      ),
    );
  };
  const fail = (error: GatewayError, write: Write): void => {
    state = 'over';
    write(encodeErrorEvent(error, context.callId));
  };
  const finish = (end: Finish, write: Write): void => {
    shower.end(write);
    const broken = shower.broken();
    if (broken !== undefined && end.reason !== 'length' && end.reason !== 'contextFull') return fail(brokenCall(broken, context.target), write);
    state = 'over';
    loseExtras(end.ext, dialect, context.ledger);
    write(encodeSse('message_delta', printEnding(printStop(end, shower.seen(), context), usage, end, context)));
    write(encodeSse('message_stop', '{"type":"message_stop"}'));
  };

  return {
    push(event, write) {
      if (state === 'over') return;
      if (event.type === 'fail') return fail(event.error, write);
      start(event.type === 'start' ? event.head : { id: '', model: context.target.model, created: 0 }, event.type === 'start' ? event.usage : undefined, write);
      switch (event.type) {
        case 'open':
          return shower.open(event.block, write);
        case 'delta':
          return shower.say(event.text, write);
        case 'close':
          return shower.close(event.block, write);
        case 'usage':
          usage = event.usage;
          if (!isOwn(context)) loseTtls(usage, context);
          return;
        case 'finish':
          // Only the first event of a stream has a place for it, and by then another format's provider has not told.
          if (!isOwn(context) && event.serviceTier !== undefined && event.serviceTier !== 'default')
            context.ledger.lost('service_tier', 'a stream tells it before it is known');
          return finish(event.finish, write);
        case 'start':
      }
    },
    end(write) {
      if (state !== 'over') fail(cutStream(context.target), write);
    },
  };
}

/** The message as it begins: nothing said yet, and of the usage only what the question took. */
function printOpening(head: ReplyHead, usage: Usage | undefined, context: Context): RawJson {
  const known = usage === undefined ? undefined : withoutOutput(usage);
  const tier = usage?.raw === undefined || !isOwn(context) ? undefined : tierOf(JSON.parse(usage.raw)).serviceTier;
  const stop: Entry[] = [
    ['stop_reason', 'null'],
    ['stop_sequence', 'null'],
    ['stop_details', 'null'],
  ];
  return printMessage(head, { content: '[]', stop, usage: printUsage(known, tier, context), ext: head.ext ?? [] }, context);
}

function withoutOutput({ reasoning: _reasoning, outputAudio: _outputAudio, ...usage }: Usage): Usage {
  return { ...usage, output: 0 };
}

/** Counts that a stream's last usage has no keys for. */
const startKeys: readonly string[] = ['cache_creation', 'inference_geo', 'service_tier', 'speed'];

function printEnding(stop: readonly Entry[], usage: Usage | undefined, end: Finish, context: Context): RawJson {
  const own = isOwn(context) ? ownEntries(end.ext, '') : [];
  const container = own.find(([key]) => key === 'container')?.[1] ?? 'null';
  const counts = usageEntries(usage, context);
  const more = rawUsage(usage, context).filter(([key]) => !startKeys.includes(key) && !counts.some(([taken]) => taken === key));
  return printObject([
    ['type', '"message_delta"'],
    ['delta', printObject([...stop, ['container', container]])],
    ['usage', printObject([...counts, ...more])],
    ...own.filter(([key]) => key !== 'container'),
  ]);
}
