import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { collect, explode } from '../../packages/modelwire/src/core/collect.ts';
import type { DialectName, Reply, ToolCallBlock, Usage } from '../../packages/modelwire/src/core/ir.ts';
import { isObject, type JsonObject } from '../../packages/modelwire/src/core/json-text.ts';
import { dialects } from '../support/dialects.ts';
import { arbitraryOf } from '../support/arbitraries.ts';
import { eventFault } from '../support/ir-grammar.ts';
import { streams } from '../support/reply-streams.ts';
import { isObjectText } from '../support/shape.ts';
import { callOf, collected, cuts, eventsOf, inOrder, lawRuns, names, replies, type Said, said, shown, whole, wholeText } from '../support/streams/calls.ts';
import { type Frame, frame } from '../support/streams/frames.ts';
import { endings, faults } from '../support/streams/judges.ts';
import { bytesOf, cutAt, framesIn, joined, wireFor } from '../support/streams/wire.ts';

/**
 * Laws on generated streams: answers made of the verdict tables, as each format would have streamed them, and events in any order at all.
 * `MODELWIRE_LAW_RUNS=10000` tries more of them; a failure prints the seed that repeats it.
 */
const options = { numRuns: lawRuns, includeErrorInReport: true };

describe('what is streamed is what is said whole', () => {
  for (const name of names) {
    test(`from ${name}`, () => {
      fc.assert(
        fc.property(replies(name), cuts, (reply, cut) => {
          const call = callOf(name, name);
          const events = eventsOf(call, streams[name].make(reply, cut));
          const answer = whole(call, reply);
          assert.equal(eventFault(events), undefined);
          assert.deepEqual(said(collected(events)), said(answer));
          if (typeof answer !== 'string') assert.deepEqual(collect(explode(answer)), answer);
        }),
        options,
      );
    });
  }

  for (const back of names) {
    test(`${back} → every front: the stream is legal, and says what the whole answer says`, () => {
      fc.assert(
        fc.property(replies(back), (made) => forEachFront((front) => checkShown(back, front, made))),
        options,
      );
    });
  }
});

function checkShown(back: DialectName, front: DialectName, made: JsonObject): void {
  const call = callOf(front, back);
  const reply = whole(call, made);
  if (typeof reply === 'string') return;
  const events = explode(reply);
  const text = shown(call, events);
  if (endings[front].ill.test(text)) return;
  // Fields of its own that a format's newest types do not have go to its callers as they came.
  if (back !== front) assert.deepEqual(faults(front, text, events), []);
  const own = callOf(front, front);
  const streamed = collected(eventsOf(own, framesIn(front, [wireFor(front, text)])));
  assert.deepEqual(inOrder(front, said(streamed)), inOrder(front, said(wholeText(own, call.accepted.reply(reply)))));
  // Within a format every block comes back.
  if (back === front) assert.deepEqual(inOrder(front, blocksOf(front, streamed)), inOrder(front, blocksOf(front, reply)));
  if (typeof streamed !== 'string') checkEssence(streamed, reply);
  else assert.deepEqual([front, reply.finish.reason], ['cohere', 'filter']);
}

/** Google's signature of a thought waits for the call that it led to, past everything else: which thought it is of is not compared. */
function blocksOf(front: DialectName, reply: Reply | string): Said {
  const { blocks } = said(reply);
  if (front !== 'gemini') return { blocks };
  const signatures = blocks.flatMap(({ signature }) => (signature === undefined ? [] : [signature]));
  const unsigned = blocks.flatMap(({ signature, ...block }) => (signature !== undefined && block['text'] === '' ? [] : [block]));
  return { blocks: unsigned, signatures };
}

/** What every format can tell: the words, the calls with their arguments, how much was read and written, and that an answer is not whole. */
function checkEssence(streamed: Reply, given: Reply): void {
  const told = essenceOf(streamed);
  const meant = essenceOf(given);
  // A call that broke off with the answer's length is no call where arguments are objects.
  if (meant.end === 'cut' && told.calls.length < meant.calls.length) meant.calls = essenceOf(withoutBroken(given)).calls;
  // Where words say why there is no answer, they may be told as its text.
  if (told.text !== meant.text) meant.text += given.finish.explanation ?? '';
  assert.deepEqual(told, meant);
}

type Essence = { text: string; calls: readonly unknown[]; readonly tokens: readonly number[]; readonly end: string };

function essenceOf(reply: Reply): Essence {
  const {
    input = 0,
    cacheRead = 0,
    cacheWrite = 0,
    inputAudio = 0,
    toolPrompt = 0,
    output = 0,
    reasoning = 0,
    outputAudio = 0,
  }: Partial<Usage> = reply.usage ?? {};
  return {
    text: reply.blocks.map((block) => (block.type === 'text' || block.type === 'refusal' ? block.text : '')).join(''),
    calls: reply.blocks.flatMap((block) => (block.type === 'toolCall' ? [callIn(block)] : [])),
    tokens: [input + cacheRead + cacheWrite + inputAudio + toolPrompt, output + reasoning + outputAudio],
    end: endClass(reply),
  };
}

/** Where arguments are objects, free text is the one string of an object. */
function callIn({ name, arguments: text, kind }: ToolCallBlock): object {
  const value: unknown = isObjectText(text) ? JSON.parse(text) : text.trim() === '' && kind === 'function' ? {} : text;
  return { name, input: isObject(value) && Object.keys(value).join() === 'input' ? value['input'] : value };
}

function withoutBroken({ blocks, ...reply }: Reply): Reply {
  return { ...reply, blocks: blocks.filter((block) => block.type !== 'toolCall' || block.kind === 'custom' || isObjectText(block.arguments)) };
}

/** `cut`: nobody may take the answer for a whole one. */
function endClass({ finish: { reason }, blocks }: Reply): string {
  if (reason === 'length' || reason === 'contextFull') return 'cut';
  return blocks.some(({ type }) => type === 'toolCall') ? 'called' : 'told';
}

/** Events of a format in any order, any of them any number of times. */
function anyEvents(name: DialectName): fc.Arbitrary<readonly Frame[]> {
  const event = arbitraryOf(dialects[name].verdicts.event).map((value): Frame => frame(value, name === 'bedrock-converse' ? exceptionName(value) : ''));
  const end: Frame = { event: '', data: '[DONE]' };
  // A framing without data of any other kind has events alone.
  const isPlain = name === 'ollama' || name === 'bedrock-converse';
  return fc.array(isPlain ? event : fc.oneof({ weight: 9, arbitrary: event }, { weight: 1, arbitrary: fc.constant(end) }), { maxLength: 8 });
}

/** Exceptions are messages of another kind. */
function exceptionName(value: unknown): string {
  return /^\{"\w+Exception"/.test(JSON.stringify(value)) ? 'error' : '';
}

describe('any events', () => {
  for (const back of names) {
    test(`${back} → every front: end in the grammar, and in a legal stream, however the bytes are cut`, () => {
      const shares = fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { maxLength: 6 });
      fc.assert(
        fc.property(anyEvents(back), shares, (frames, places) => {
          const cut = framesIn(back, cutAt(joined(bytesOf(back, frames)), places));
          forEachFront((front) => checkAny({ back, front }, frames, cut));
        }),
        options,
      );
    });
  }
});

/** `again`: the same events out of bytes that came in pieces. */
function checkAny({ back, front }: { readonly back: DialectName; readonly front: DialectName }, frames: readonly Frame[], again: readonly Frame[]): void {
  const call = callOf(front, back);
  const events = eventsOf(call, frames);
  assert.equal(eventFault(events), undefined);
  const text = shown(call, events);
  const failed = endings[front].ill.test(text);
  assert.notEqual(failed, endings[front].well.test(text), text);
  if (events.at(-1)?.type === 'fail') assert.ok(failed, text);
  if (!failed && back !== front) assert.deepEqual(faults(front, text, events), []);
  assert.deepEqual(eventsOf(callOf(front, back), again), events);
}

/** Says of what goes wrong for whom it does. */
function forEachFront(check: (front: DialectName) => void): void {
  for (const front of names) {
    try {
      check(front);
    } catch (error) {
      if (error instanceof Error) error.message = `→ ${front}: ${error.message}`;
      throw error;
    }
  }
}
