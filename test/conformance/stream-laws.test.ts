import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { collect, explode } from '../../packages/modelwire/src/core/collect.ts';
import type { Accepted, Context, Prepared } from '../../packages/modelwire/src/core/dialect.ts';
import { isGatewayError } from '../../packages/modelwire/src/core/errors.ts';
import type { ChatEvent } from '../../packages/modelwire/src/core/event.ts';
import type { Reply } from '../../packages/modelwire/src/core/ir.ts';
import { isObject, type JsonObject, parseJsonText } from '../../packages/modelwire/src/core/json-text.ts';
import { createLedger } from '../../packages/modelwire/src/core/notes.ts';
import { dialects } from '../support/dialects.ts';
import { joinRuns } from '../../packages/modelwire/src/core/runs.ts';
import { decodeSse } from '../../packages/modelwire/src/framing/sse.ts';
import { arbitraryOf } from '../support/arbitraries.ts';
import { eventFault } from '../support/ir-grammar.ts';
import { messageStreamProblems } from '../support/official-anthropic.ts';
import { responseStreamProblems } from '../support/official-gemini.ts';
import { chunkStreamProblems } from '../support/official-openai.ts';
import { responsesStreamProblems } from '../support/official-responses.ts';
import { carried, type Carried, type Frame, streamsOf } from '../support/reply-streams.ts';

/**
 * Laws on generated streams: answers made of the verdict tables, as each format would have streamed them, and events in any order at all.
 * `MODELWIRE_LAW_RUNS=10000` tries more of them; a failure prints the seed that repeats it.
 */
const names = carried;
const numRuns = Number(process.env['MODELWIRE_LAW_RUNS'] ?? 150);

const messages = '"model":"m","max_tokens":100,"messages":[{"role":"user","content":"hi"}]';
const asked: { readonly [name in Carried]: string } = {
  'openai-chat': `{${messages},"stream":true,"stream_options":{"include_usage":true}}`,
  'openai-responses': '{"model":"m","input":"hi","include":["reasoning.encrypted_content"],"stream":true}',
  'anthropic-messages': `{${messages},"stream":true}`,
  gemini: '{"contents":[{"parts":[{"text":"hi"}]}],"generationConfig":{"thinkingConfig":{"includeThoughts":true}}}',
};

/** What is wrong with a stream of a format that ended well. */
const judges: { readonly [name in Carried]: (frames: readonly Frame[], usage: boolean) => readonly string[] } = {
  'openai-chat': (frames, usage) => chunkStreamProblems(frames, { includeUsage: usage }),
  'openai-responses': (frames) => responsesStreamProblems(frames),
  'anthropic-messages': messageStreamProblems,
  gemini: (frames, usage) => responseStreamProblems(frames).filter((problem) => usage || problem !== 'no usage'),
};

/** Not faults: the official types know no annotations in a stream, and an answer with calls may end otherwise, as its provider said. */
const isNoFault = (problem: string): boolean =>
  /\.delta\.annotations: not a key/.test(problem) ||
  /^(?:stop_reason (?:refusal|pause_turn|model_context_window_exceeded)|finish_reason content_filter) with tool/.test(problem);

/** What a custom tool takes is no JSON. */
const isFreeText = (problem: string): boolean => /^the arguments of .* are not JSON/s.test(problem);

function faults(front: Carried, frames: readonly Frame[], events: readonly ChatEvent[]): readonly string[] {
  const problems = judges[front](
    frames,
    events.some(({ type }) => type === 'usage'),
  );
  const isFree = events.some((event) => event.type === 'open' && event.block.type === 'toolCall' && event.block.kind === 'custom');
  return problems.filter((problem) => !isNoFault(problem) && !(isFree && isFreeText(problem)));
}

/** How each format ends a stream, well and ill. */
const endings: { readonly [name in Carried]: { readonly well: RegExp; readonly ill: RegExp } } = {
  'openai-chat': { well: /\n\ndata: \[DONE\]\n\n$/, ill: /(?:^|\n\n)data: \{"error":[^\n]*\}\n\n$/ },
  'openai-responses': {
    well: /\n\nevent: response\.(?:completed|incomplete)\ndata: [^\n]*\n\n$/,
    ill: /(?:^|\n\n)event: error\ndata: [^\n]*\n\n(?:event: response\.failed\ndata: [^\n]*\n\n)?$/,
  },
  'anthropic-messages': { well: /\n\nevent: message_stop\ndata: [^\n]*\n\n$/, ill: /(?:^|\n\n)event: error\ndata: [^\n]*\n\n$/ },
  gemini: { well: /"finishReason":"[^"]+"[^\n]*\n\n$/, ill: /(?:^|\n\n)data: \{"error":[^\n]*\}\n\n$/ },
};

type Call = { readonly context: Context; readonly accepted: Accepted; readonly prepared: Prepared };

function callOf(front: Carried, back: Carried): Call {
  let ids = 0;
  const target = { provider: 'lab', model: 'm', speaks: {}, quirks: {} } as const;
  const context = {
    callId: 'req_1',
    target,
    back,
    ledger: createLedger('lab/m', 'carry'),
    now: () => 1_700_000_000_000,
    newId: (prefix: string) => `${prefix}${++ids}`,
  };
  const accepted = dialects[front].front.accept(parseJsonText(asked[front]), context, { model: 'm', stream: true });
  return { context, accepted, prepared: dialects[back].back.prepare(accepted.request, context) };
}

function eventsOf({ prepared }: Call, frames: readonly Frame[]): ChatEvent[] {
  const events: ChatEvent[] = [];
  const decoder = prepared.stream();
  for (const frame of frames) decoder.push(frame, (event) => events.push(event));
  decoder.end((event) => events.push(event));
  return events;
}

function shown({ accepted }: Call, events: readonly ChatEvent[]): string {
  let text = '';
  const write = (piece: string): void => void (text += piece);
  const encoder = accepted.stream();
  for (const event of events) encoder.push(event, write);
  encoder.end(write);
  return text;
}

function framesIn(chunks: readonly Uint8Array[]): Frame[] {
  const frames: Frame[] = [];
  const decoder = decodeSse();
  for (const chunk of chunks) decoder.push(chunk, (frame) => frames.push(frame));
  decoder.end((frame) => frames.push(frame));
  return frames;
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The whole answer, or the code of the failure that it is. */
function whole({ prepared }: Call, reply: unknown): Reply | string {
  try {
    return prepared.reply(JSON.stringify(reply));
  } catch (error) {
    if (isGatewayError(error) && error.status >= 500) return error.code;
    throw error;
  }
}

function collected(events: readonly ChatEvent[]): Reply | string {
  try {
    return collect(events);
  } catch (error) {
    if (isGatewayError(error)) return error.code;
    throw error;
  }
}

/** An id that was made for an item. */
const ourId = /"id":"[a-z]+_\d+",/;

type Said = { readonly blocks: readonly { readonly type: string; readonly [more: string]: unknown }[]; readonly [more: string]: unknown };

/** What an answer says. What stands beside it (ids, fields of its own format) has other places in a stream. */
function said(reply: Reply | string): Said {
  if (typeof reply === 'string') return { blocks: [], failed: true };
  // A stream tells how long what was cached lives at its beginning.
  const { raw: _raw, cacheWriteTtl: _ttl, ...counts } = reply.usage ?? {};
  return {
    blocks: reply.blocks.map(({ ext: _ext, at: _at, ...block }) => (block.type === 'opaque' ? { ...block, raw: block.raw.replace(ourId, '') } : block)),
    finish: [reply.finish.reason, reply.finish.stopString, reply.finish.native, reply.finish.explanation],
    usage: counts,
  };
}

/** A whole message of OpenAI's has thinking, text, refusal and calls in fields of their own: no order among them, and one text. */
const kinds = ['reasoning', 'text', 'refusal', 'toolCall', 'opaque'];

function inOrder(front: Carried, { blocks, ...rest }: Said): unknown {
  if (front !== 'openai-chat') return { ...rest, blocks };
  const sorted = blocks.toSorted((a, b) => kinds.indexOf(a.type) - kinds.indexOf(b.type));
  const runs = joinRuns(sorted, (last, block) => last.type === block.type && (block.type === 'text' || block.type === 'refusal'));
  return { ...rest, blocks: runs.map((run) => (run.length === 1 ? run[0] : asOne(run))) };
}

function asOne(run: readonly [Said['blocks'][number], ...Said['blocks'][number][]]): object {
  const citations = run.flatMap((block): unknown[] => (typeof block['citations'] === 'string' ? (JSON.parse(block['citations']) as unknown[]) : []));
  return { ...run[0], text: run.map((block) => String(block['text'])).join(''), ...(citations.length === 0 ? {} : { citations: JSON.stringify(citations) }) };
}

/** Where texts come apart: lengths of pieces, used over and over. */
const cuts = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 });

function cutter(lengths: readonly number[]): (text: string) => readonly string[] {
  return (text) => {
    const all = [...text];
    const pieces: string[] = [];
    for (let at = 0, turn = 0; at < all.length; turn++) {
      const length = lengths[turn % lengths.length] ?? 1;
      pieces.push(all.slice(at, at + length).join(''));
      at += length;
    }
    return pieces.length === 0 ? [''] : pieces;
  };
}

/** Without audio, which has a place in whole answers alone: the verdict tables say so. */
function replies(name: Carried): fc.Arbitrary<JsonObject> {
  return arbitraryOf(dialects[name].verdicts.reply).map((value) => {
    assert.ok(isObject(value));
    const text = JSON.stringify(value, (key, inner: unknown) => (key === 'audio' && isObject(inner) ? undefined : inner));
    const made: unknown = JSON.parse(text);
    assert.ok(isObject(made));
    return made;
  });
}

describe('what is streamed is what is said whole', () => {
  for (const name of names) {
    test(`from ${name}`, () => {
      fc.assert(
        fc.property(replies(name), cuts, (reply, lengths) => {
          const call = callOf(name, name);
          const events = eventsOf(call, streamsOf[name](reply, cutter(lengths)));
          assert.equal(eventFault(events), undefined);
          assert.deepEqual(said(collected(events)), said(whole(call, reply)));
        }),
        { numRuns, includeErrorInReport: true },
      );
    });
  }

  for (const back of names) {
    for (const front of names) {
      test(`${back} → ${front}: the stream is legal, and says what the whole answer says`, () => {
        fc.assert(
          fc.property(replies(back), (made) => {
            const call = callOf(front, back);
            const reply = whole(call, made);
            if (typeof reply === 'string') return;
            const events = explode(reply);
            const text = shown(callOf(front, back), events);
            const frames = framesIn([bytesOf(text)]);
            if (endings[front].ill.test(text)) return;
            // Fields of its own that a format's newest types do not have go to its callers as they came.
            if (back !== front) assert.deepEqual(faults(front, frames, events), []);
            const streamed = collected(eventsOf(callOf(front, front), frames));
            assert.deepEqual(inOrder(front, said(streamed)), inOrder(front, said(whole(callOf(front, front), JSON.parse(call.accepted.reply(reply))))));
          }),
          { numRuns, includeErrorInReport: true },
        );
      });
    }
  }
});

/** Events of a format in any order, any of them any number of times. */
function anyEvents(name: Carried): fc.Arbitrary<readonly Frame[]> {
  const event = arbitraryOf(dialects[name].verdicts.event).map((value): Frame => ({ event: '', data: JSON.stringify(value) }));
  const end: Frame = { event: '', data: '[DONE]' };
  return fc.array(fc.oneof({ weight: 9, arbitrary: event }, { weight: 1, arbitrary: fc.constant(end) }), { maxLength: 8 });
}

/** Places in a text of `length` bytes. */
function cutAt(bytes: Uint8Array, shares: readonly number[]): Uint8Array[] {
  const places = [...new Set(shares.map((share) => Math.floor(share * bytes.length)))].toSorted((a, b) => a - b);
  return [0, ...places].map((place, index) => bytes.subarray(place, places[index] ?? bytes.length));
}

describe('any events', () => {
  for (const back of names) {
    for (const front of names) {
      test(`${back} → ${front}: end in the grammar, and in a legal stream, however the bytes are cut`, () => {
        const shares = fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { maxLength: 6 });
        fc.assert(
          fc.property(anyEvents(back), shares, (frames, places) => {
            const call = callOf(front, back);
            const events = eventsOf(call, frames);
            assert.equal(eventFault(events), undefined);
            const text = shown(call, events);
            const failed = endings[front].ill.test(text);
            assert.notEqual(failed, endings[front].well.test(text), text);
            if (events.at(-1)?.type === 'fail') assert.ok(failed, text);
            if (!failed && back !== front) assert.deepEqual(faults(front, framesIn([bytesOf(text)]), events), []);
            const wire = bytesOf(frames.map(({ data }) => `data: ${data}\n\n`).join(''));
            const again = callOf(front, back);
            assert.equal(shown(again, eventsOf(again, framesIn(cutAt(wire, places)))), text);
          }),
          { numRuns, includeErrorInReport: true },
        );
      });
    }
  }
});
