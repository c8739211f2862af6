import type { Assembler } from '../../core/assemble.ts';
import type { Decoder, SseEvent } from '../../core/dialect.ts';
import { GatewayError, toGatewayError } from '../../core/errors.ts';
import type { ChatEvent, Step } from '../../core/event.ts';
import type { ReplyHead, Usage } from '../../core/ir.ts';
import { printObject, printString } from '../../core/json-print.ts';
import { isObject, type JsonText, parseJsonText } from '../../core/json-text.ts';
import { targetName } from '../../core/target.ts';
import { createTextSlot } from '../../core/text-slot.ts';
import { describeForeign } from '../../core/upstream-failure.ts';
import { decodeFailure, encodeErrorEvent, failureInside } from './errors.ts';
import { type AnswerScope, assemblerFor, invalid, type LoneString, loneString, readMessage, type Sink } from './reading.ts';
import { chunkLosses, decodeFinish, encodeFinish, extOf, fingerprintOf, headEntries, headOf, printTier, printUsage, tierOf } from './reply.ts';
import { accountForFinish, accountForUsage, type AnswerStyle, type BlockWriter, createBlockWriter } from './showing.ts';
import { hasContent, ownEntries, terminator, type WireAnswer, type WireChoice } from './wire.ts';
import { decodeUsage, usageOf } from './usage.ts';

type Emit = (event: ChatEvent) => void;

/** Reads a stream of chunks. Ends well at `[DONE]`, or when the body ends after a finish reason; anything else is a failure. */
export function createDecoder(scope: AnswerScope): Decoder {
  const assembler = assemblerFor(scope);
  const head = createHead(scope);
  const tally = createTally(scope);
  const lost = onlyOnce(scope.context.ledger.lost);
  const slot = createTextSlot();
  /** How the chunks that `slot` knows are read. */
  let readLone: LoneString['read'] | undefined;
  let last: WireChoice | undefined;
  let over = false;

  const fail = (error: GatewayError, emit: Emit): void => {
    over = true;
    emit({ type: 'fail', error });
  };
  /** The decoder's own faults and the provider's become the stream's end, never a throw in the middle of it. */
  const guarded = <T>(act: (item: T, emit: Emit) => void, item: T, emit: Emit): void => {
    try {
      act(item, emit);
    } catch (thrown) {
      if (!over) fail(toGatewayError(thrown), emit);
    }
  };
  const complete = (_: undefined, emit: Emit): void => {
    head.begin(emit);
    assembler.finish(emit);
    const finish = decodeFinish(last ?? {}, assembler, scope);
    tally.report(emit);
    over = true;
    const tier = tally.tier();
    emit({ type: 'finish', finish, ...(tier === undefined ? {} : { serviceTier: tier }) });
  };
  const take = (data: string, emit: Emit): void => {
    const piece = slot.read(data);
    if (piece === undefined) parse(data, emit);
    else readLone?.(piece, assembler, emit);
  };
  const learn = (data: string, lone: LoneString | undefined): void => {
    if (lone === undefined) return;
    readLone = lone.read;
    slot.learn(data, lone.text);
  };
  const parse = (data: string, emit: Emit): void => {
    slot.forget();
    const answer = parseChunk(data, scope);
    if (answer === undefined) return;
    const at = choiceIn(answer.choices);
    const choice = at === -1 ? undefined : choiceOf(answer, at);
    tally.see(answer, choice);
    const inside = failureInside(answer, scope.context.target);
    if (inside !== undefined) {
      // The answer was complete: what the provider says afterwards does not take it back.
      if (last === undefined) fail(inside, emit);
      else lost('error', inside.message);
      return;
    }
    head.see(answer);
    if (choice === undefined) return;
    head.begin(emit);
    last = withFinish(last, choice);
    readDelta(choice, assembler, { data, at }, { emit, lost });
    chunkLosses(answer, choice, lost);
    if (last === undefined && isObject(choice.delta)) learn(data, loneString(choice.delta));
  };
  const done = (_: undefined, emit: Emit): void => {
    if (last !== undefined) complete(undefined, emit);
    else if (assembler.blockCount() === 0) fail(invalid(scope, 'the stream ended without an answer'), emit);
    else fail(cut(scope, 'without a finish reason'), emit);
  };

  return {
    push({ event, data }: SseEvent, emit) {
      if (over) return;
      if (data.startsWith('[DONE]')) guarded(done, undefined, emit);
      else if (event === 'error') fail(decodeFailure({ status: 200, headers: {}, text: data }, scope.context.target), emit);
      else guarded(take, data, emit);
    },
    end(emit) {
      if (over) return;
      if (last !== undefined) guarded(complete, undefined, emit);
      else fail(cut(scope), emit);
    },
    finishing: () => over || last !== undefined,
  };
}

function cut(scope: AnswerScope, how = 'without its terminal event'): GatewayError {
  const { target } = scope.context;
  return new GatewayError('upstream_stream_cut', `${target.provider}: the stream ended ${how}`, { provider: targetName(target) });
}

/** Undefined for events that hold nothing: an empty keep-alive, a null. */
function parseChunk(data: string, scope: AnswerScope): WireAnswer | undefined {
  if (data.trim() === '') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch (cause) {
    throw invalid(scope, `an event of the stream cannot be read: ${describeForeign(data)}`, cause);
  }
  if (value === null) return undefined;
  if (!isObject(value)) throw invalid(scope, 'an event of the stream is no object');
  return value;
}

/** Where the first answer's choice stands; -1 when the chunk has none (a keep-alive, usage, another answer's choice). */
function choiceIn(choices: unknown): number {
  return Array.isArray(choices) ? choices.findIndex((choice) => isObject(choice) && (choice['index'] === 0 || typeof choice['index'] !== 'number')) : -1;
}

function choiceOf(answer: WireAnswer, at: number): WireChoice | undefined {
  const choice: unknown = Array.isArray(answer.choices) ? answer.choices[at] : undefined;
  return isObject(choice) ? choice : undefined;
}

/** The choice whose finish reason counts: the last that has one, unless the answer goes on after it. */
function withFinish(last: WireChoice | undefined, choice: WireChoice): WireChoice | undefined {
  if (typeof choice.finish_reason === 'string' && choice.finish_reason !== '') return choice;
  return hasContent(choice.delta) ? undefined : last;
}

function readDelta(choice: WireChoice, into: Assembler, source: { readonly data: string; readonly at: number }, sink: Sink): void {
  if (!isObject(choice.delta)) return;
  let json: JsonText | undefined;
  const raw = (path: readonly (string | number)[]): string | undefined => {
    json ??= parseJsonText(source.data);
    return json.raw(['choices', source.at, 'delta', ...path]);
  };
  readMessage(choice.delta, into, { raw, isWhole: false }, sink);
}

/** The head goes out with the first choice; ids that come before it (or empty at first) are kept. */
function createHead(scope: AnswerScope): { see(answer: WireAnswer): void; begin(emit: Emit): void } {
  let seen: WireAnswer = {};
  let begun = false;
  return {
    see(answer) {
      if (begun) return;
      seen = {
        id: seen.id || answer.id,
        model: seen.model || answer.model,
        created: seen.created || answer.created,
        system_fingerprint: seen.system_fingerprint ?? answer.system_fingerprint,
      };
    },
    begin(emit) {
      if (begun) return;
      begun = true;
      emit({ type: 'start', head: { ...headOf(seen, scope), ...extOf(fingerprintOf(seen)) } });
    },
  };
}

type Tally = { see(answer: WireAnswer, choice: WireChoice | undefined): void; report(emit: Emit): void; tier(): string | undefined };

/** Usage comes at the end, or with every chunk: the last counts, and only that one is read. */
function createTally(scope: AnswerScope): Tally {
  let found: unknown;
  let tier: string | undefined;
  return {
    see(answer, choice) {
      tier = tierOf(answer) ?? tier;
      const usage = usageOf(answer, choice);
      if (isObject(usage)) found = usage;
    },
    report(emit) {
      const usage = decodeUsage(found, () => JSON.stringify(found), scope.context.ledger.lost);
      if (usage !== undefined) emit({ type: 'usage', usage });
    },
    tier: () => tier,
  };
}

/** A stream loses the same thing with every chunk: it is said once. */
function onlyOnce(lost: Sink['lost']): Sink['lost'] {
  const said = new Set<string>();
  return (path, reason) => {
    if (said.has(path)) return;
    said.add(path);
    lost(path, reason);
  };
}

/** Everything of a chunk but its delta, written once. */
type Frame = { delta(delta: string): string; last(finish: string, tier: string | undefined): string; usage(usage: string, tier: string | undefined): string };

function frameOf(head: ReplyHead, style: AnswerStyle): Frame {
  const entries = [...headEntries(head, style, 'chat.completion.chunk'), ...ownEntries(head.ext, '')];
  const open = printObject(entries).slice(0, -1);
  const before = `data: ${open},"choices":[{"index":0,"delta":`;
  const noUsage = style.streamUsage ? ',"usage":null' : '';
  const after = `,"logprobs":null,"finish_reason":null}]${noUsage}}\n\n`;
  const tierField = (tier: string | undefined): string => (tier === undefined ? '' : `,"service_tier":${tier}`);
  return {
    delta: (delta) => before + delta + after,
    last: (finish, tier) => `${before}{},"logprobs":null,"finish_reason":${printString(finish)}}]${noUsage}${tierField(tier)}}\n\n`,
    usage: (usage, tier) => `data: ${open},"choices":[],"usage":${usage}${tierField(tier)}}\n\n`,
  };
}

/** Writes a stream of chunks: legal whatever events come. What ends without its terminal event ends as an error. */
export function createEncoder(style: AnswerStyle): Step<ChatEvent, string> {
  let frame: Frame | undefined;
  let writer: BlockWriter | undefined;
  let counted: Usage | undefined;
  let over = false;

  const finish = ({ finish: end, serviceTier }: ChatEvent & { readonly type: 'finish' }, write: (text: string) => void): void => {
    if (frame === undefined || writer === undefined) return;
    over = true;
    for (const delta of writer.finish(end)) write(frame.delta(delta));
    const tier = printTier(serviceTier, style);
    write(frame.last(encodeFinish(end, writer.callCount() > 0, style), tier));
    accountForFinish(end, style);
    if (counted !== undefined) accountForUsage(counted, style);
    if (style.streamUsage && counted !== undefined) write(frame.usage(printUsage(counted, style), tier));
    write(terminator);
  };
  const fail = (error: GatewayError, write: (text: string) => void): void => {
    over = true;
    write(encodeErrorEvent(error));
  };
  const writeDelta = (text: string, write: (text: string) => void): void => {
    if (frame === undefined || writer === undefined) return;
    for (const before of writer.before()) write(frame.delta(before));
    const delta = writer.delta(text);
    if (delta !== undefined) write(frame.delta(delta));
  };

  return {
    push(event, write) {
      if (over) return;
      switch (event.type) {
        case 'start':
          if (frame !== undefined) return;
          frame = frameOf(event.head, style);
          writer = createBlockWriter(style);
          write(frame.delta('{"role":"assistant","content":"","refusal":null}'));
          return;
        case 'delta':
          writeDelta(event.text, write);
          return;
        case 'open':
        case 'close':
          if (frame === undefined || writer === undefined) return;
          for (const delta of event.type === 'open' ? writer.open(event.block) : writer.close(event.block)) write(frame.delta(delta));
          return;
        case 'usage':
          counted = event.usage;
          return;
        case 'finish':
          finish(event, write);
          return;
        case 'fail':
          fail(event.error, write);
          return;
      }
    },
    end(write) {
      if (!over) fail(new GatewayError('upstream_stream_cut', 'the stream ended without its terminal event'), write);
    },
  };
}
