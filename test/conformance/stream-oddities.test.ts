import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { GatewayError } from '../../packages/modelwire/src/core/errors.ts';
import type { ChatEvent } from '../../packages/modelwire/src/core/event.ts';
import type { Block, DialectName } from '../../packages/modelwire/src/core/ir.ts';
import { eventFault } from '../support/ir-grammar.ts';
import { streams } from '../support/reply-streams.ts';
import { callOf, collected, cuts, eventsOf, lawRuns, names, replies, said, shown, whole } from '../support/streams/calls.ts';
import type { Frame } from '../support/streams/frames.ts';
import { mixed, vendorReply, withCalls } from '../support/streams/lanes.ts';
import { endings, faults } from '../support/streams/judges.ts';
import { bytesOf, cutAt, framesIn, joined, plainStyle, type WireStyle } from '../support/streams/wire.ts';

/** Laws on streams as servers write them in truth: what is odd about them changes nothing, and what is torn off is missed. */
const options = { numRuns: Math.ceil(lawRuns / 5), includeErrorInReport: true };

const shares = fc.array(fc.double({ min: 0, max: 0.9999, noNaN: true }), { maxLength: 6 });

const styles: fc.Arbitrary<WireStyle> = fc.record({
  eol: fc.constantFrom('\n', '\r', '\r\n'),
  mark: fc.boolean(),
  space: fc.boolean(),
  chatter: fc.boolean(),
  folded: fc.boolean(),
  closed: fc.boolean(),
});

describe('bytes', () => {
  for (const name of names) {
    test(`${name}: however they are written and cut, the events are the same`, () => {
      fc.assert(
        fc.property(replies(name), cuts, styles, shares, (reply, cut, style, places) => {
          const frames = streams[name].make(reply, cut);
          const plain = eventsOf(callOf(name, name), framesIn(name, bytesOf(name, frames, plainStyle)));
          const odd = eventsOf(callOf(name, name), framesIn(name, cutAt(joined(bytesOf(name, frames, style)), places)));
          assert.deepEqual(odd, plain);
        }),
        options,
      );
    });
  }

  test('cut at every byte, the events are the same', () => {
    for (const name of names) {
      for (const style of [plainStyle, { ...plainStyle, eol: '\r\n', mark: true, space: false, chatter: true, folded: true } as const]) {
        const bytes = joined(bytesOf(name, sampleOf(name), style));
        const plain = JSON.stringify(framesIn(name, [bytes]));
        for (let at = 1; at < bytes.length; at++) assert.equal(JSON.stringify(framesIn(name, [bytes.subarray(0, at), bytes.subarray(at)])), plain);
        assert.equal(
          JSON.stringify(
            framesIn(
              name,
              Array.from(bytes, (byte) => Uint8Array.of(byte)),
            ),
          ),
          plain,
        );
      }
    }
  });
});

/** A stream with text, thinking where there is any, and calls. */
function sampleOf(name: DialectName): readonly Frame[] {
  const reply = vendorReply(name, [
    { type: 'text', text: 'Größe 😀 \u2028.' },
    { type: 'toolCall', kind: 'function', id: 'call_a', name: 'f', arguments: '{"a":"}😀\\u00e9"}' },
    { type: 'toolCall', kind: 'function', id: 'call_b', name: 'g', arguments: '{}' },
  ]);
  return streams[name].make(reply, (text) => [text.slice(0, 3), text.slice(3)]);
}

describe('oddities', () => {
  for (const name of names) {
    for (const [oddity, change] of Object.entries(streams[name].oddities)) {
      test(`${name}: ${oddity}`, () => {
        fc.assert(
          fc.property(fc.oneof(replies(name), withCalls(name)), cuts, (reply, cut) => {
            const events = eventsOf(callOf(name, name), change(streams[name].make(reply, cut)));
            assert.equal(eventFault(events), undefined);
            assert.deepEqual(said(collected(events)), said(whole(callOf(name, name), reply)));
          }),
          options,
        );
      });
    }
  }
});

/** No two events in a row are alike, for the spaces at their ends: each is parsed, where one that differs in its text alone need not be. */
const spaced = (frames: readonly Frame[]): readonly Frame[] =>
  frames.map((frame, index) => ({ ...frame, data: frame.data.replace(/\}$/, `${' '.repeat(index)}}`) }));

describe('events that are read without being parsed', () => {
  for (const name of names) {
    test(`${name}: mean what they mean parsed`, () => {
      fc.assert(
        fc.property(fc.oneof(replies(name), withCalls(name)), cuts, (reply, cut) => {
          const frames = streams[name].make(reply, cut);
          assert.deepEqual(eventsOf(callOf(name, name), frames), eventsOf(callOf(name, name), spaced(frames)));
        }),
        options,
      );
    });
  }
});

describe('several calls at once', () => {
  for (const name of names) {
    test(`${name}: their pieces in any mix are the same calls`, () => {
      const picks = fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 12 });
      fc.assert(
        fc.property(withCalls(name), cuts, picks, (reply, cut, turns) => {
          const frames = mixed(streams[name].make(reply, cut), turns);
          const wanted = said(whole(callOf(name, name), reply));
          const events = eventsOf(callOf(name, name), frames);
          assert.equal(eventFault(events), undefined);
          assert.deepEqual(said(collected(events)), wanted);
        }),
        options,
      );
    });
  }
});

describe('one id for several calls', () => {
  for (const name of names) {
    test(`${name}: a stream and a whole answer tell them alike`, () => {
      const call = { type: 'toolCall', kind: 'function', id: 'same', name: 'f' } as const;
      const reply = vendorReply(name, [
        { ...call, arguments: '{"a":1}' },
        { ...call, arguments: '{"a":2}' },
      ]);
      const answer = said(whole(callOf(name, name), reply));
      assert.equal(answer.blocks.length, 2);
      const events = eventsOf(
        callOf(name, name),
        streams[name].make(reply, (text) => [text]),
      );
      assert.deepEqual(said(collected(events)), answer);
    });
  }
});

/** Events in no order at all, as no decoder gives them. */
const blocks: readonly Block[] = [
  { type: 'text', text: 'ab' },
  { type: 'reasoning', text: 'cd', signature: 's' },
  { type: 'reasoning', text: '', redacted: 'r' },
  { type: 'refusal', text: 'no' },
  { type: 'toolCall', kind: 'function', id: 'call_a', name: 'f', arguments: '{"a":1}' },
  { type: 'toolCall', kind: 'function', id: 'call_b', name: 'g', arguments: '{"a":' },
  { type: 'toolCall', kind: 'custom', id: 'call_c', name: 'h', arguments: 'free' },
  { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } },
  { type: 'opaque', dialect: 'gemini', kind: 'executableCode', raw: '{"executableCode":{}}', loss: 'hint' },
];
const reasons = ['end', 'stopString', 'length', 'contextFull', 'toolCalls', 'filter', 'pause'] as const;
const anyEvent: fc.Arbitrary<ChatEvent> = fc.oneof(
  fc.constant<ChatEvent>({ type: 'start', head: { id: 'a', model: 'm', created: 1 } }),
  fc.constantFrom('x', '{"a":1}', '"').map((text): ChatEvent => ({ type: 'delta', text })),
  fc.constantFrom(...blocks).map((block): ChatEvent => ({ type: 'open', block })),
  fc.constantFrom(...blocks).map((block): ChatEvent => ({ type: 'close', block })),
  fc.constant<ChatEvent>({ type: 'usage', usage: { input: 1, output: 2 } }),
  fc.constantFrom(...reasons).map((reason): ChatEvent => ({ type: 'finish', finish: { reason } })),
  fc.constant<ChatEvent>({ type: 'fail', error: new GatewayError('overloaded', 'busy') }),
);

const withoutContent = (problems: readonly string[]): readonly string[] => problems.filter((problem) => !/not JSON: /.test(problem));

describe('events in no order at all', () => {
  const nobody = names.map((name) => [name, callOf(name, name === 'gemini' ? 'ollama' : 'gemini')] as const);
  for (const [front, call] of nobody) {
    test(`${front}: the stream ends once, well or ill, and is legal when it ends well`, () => {
      fc.assert(
        fc.property(fc.array(anyEvent, { maxLength: 9 }), (rest) => {
          const events: ChatEvent[] = [{ type: 'start', head: { id: 'a', model: 'm', created: 1 } }, ...rest];
          const text = shown(call, events);
          const failed = endings[front].ill.test(text);
          assert.notEqual(failed, endings[front].well.test(text), text);
          const last = events.findIndex(({ type }) => type === 'finish' || type === 'fail');
          if (events[last]?.type !== 'finish') assert.ok(failed, text);
          // What pieces and blocks that do not fit say is not judged, only the form that they are told in.
          else if (!failed) assert.deepEqual(withoutContent(faults(front, text, events.slice(0, last))), []);
        }),
        { numRuns: lawRuns * 2, includeErrorInReport: true },
      );
    });
  }
});

describe('torn streams', () => {
  /** After how many bytes the answer is whole. A line needs no end, an event does. */
  const lengthOf = (name: DialectName, frames: readonly Frame[]): number => {
    const chunks = bytesOf(name, frames);
    const last = frames.findIndex(streams[name].isEnd);
    if (last === -1) return Infinity;
    return joined(chunks.slice(0, last + 1)).length - (name === 'ollama' ? 1 : 0);
  };

  for (const back of names) {
    test(`${back}: an answer that is not whole is a failure for every caller, wherever it is torn`, () => {
      fc.assert(
        fc.property(fc.oneof(replies(back), withCalls(back)), cuts, fc.double({ min: 0, max: 0.9999, noNaN: true }), (reply, cut, share) => {
          const frames = streams[back].make(reply, cut);
          const bytes = joined(bytesOf(back, frames));
          const length = Math.floor(share * Math.min(bytes.length, lengthOf(back, frames)));
          const read = framesIn(back, [bytes.subarray(0, length)]);
          for (const front of names) {
            const call = callOf(front, back);
            const events = eventsOf(call, read);
            assert.equal(eventFault(events), undefined);
            assert.equal(events.at(-1)?.type, 'fail');
            const text = shown(call, events);
            assert.match(text, endings[front].ill);
            assert.doesNotMatch(text, endings[front].well);
          }
        }),
        options,
      );
    });

    test(`${back}: torn at every byte`, () => {
      const frames = sampleOf(back);
      const bytes = joined(bytesOf(back, frames));
      const wholeLength = lengthOf(back, frames);
      for (let length = 0; length <= bytes.length; length++) {
        const events = eventsOf(callOf(back, back), framesIn(back, [bytes.subarray(0, length)]));
        assert.equal(events.at(-1)?.type, length < wholeLength ? 'fail' : 'finish', `${length} of ${bytes.length} bytes`);
      }
    });
  }
});
