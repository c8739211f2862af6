import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collect, explode } from './collect.ts';
import type { Decoder } from './dialect.ts';
import type { ChatEvent } from './event.ts';
import type { Block, Reply } from './ir.ts';
import { createStopScan, cutReply, withStops } from './stop-scan.ts';

const text = (value: string): Block => ({ type: 'text', text: value });
const replyOf = (...blocks: readonly Block[]): Reply => ({ id: 'a', model: 'm', created: 1, blocks, finish: { reason: 'end' } });

/** The reply as a stream with its text in pieces of the given length. */
function scanned(reply: Reply, stops: readonly string[], length: number): { reply: Reply; deltas: string[] } {
  const scan = createStopScan(stops);
  const events: ChatEvent[] = [];
  const emit = (event: ChatEvent): void => {
    events.push(event);
  };
  for (const event of explode(reply)) {
    if (event.type !== 'delta') scan.push(event, emit);
    else for (let at = 0; at < event.text.length; at += length) scan.push({ type: 'delta', text: event.text.slice(at, at + length) }, emit);
  }
  scan.end(emit);
  return { reply: collect(events), deltas: events.flatMap((event) => (event.type === 'delta' ? [event.text] : [])) };
}

const cases: readonly (readonly [string, readonly string[], string, string | undefined])[] = [
  ['one two STOP three', ['STOP'], 'one two ', 'STOP'],
  ['aaab', ['aab'], 'a', 'aab'],
  ['no such thing', ['STOP'], 'no such thing', undefined],
  ['ends with STO', ['STOP'], 'ends with STO', undefined],
  ['xabc', ['abc', 'b'], 'xa', 'b'],
  ['xab', ['b', 'ab'], 'x', 'ab'],
  ['STOP', ['STOP'], '', 'STOP'],
  ['line\n\nHuman: hi', ['\n\nHuman:', '\n\nAssistant:'], 'line', '\n\nHuman:'],
  ['a', [''], 'a', undefined],
];

test('the text is cut before the stop string that is complete first, for any cut of the pieces', () => {
  for (const [given, stops, kept, stop] of cases) {
    for (let length = 1; length <= given.length; length++) {
      const { reply, deltas } = scanned(replyOf(text(given)), stops, length);
      assert.deepEqual(reply.blocks, [text(kept)], `${given} in pieces of ${length}`);
      assert.equal(deltas.join(''), kept);
      assert.equal(reply.finish.stopString, stop);
      assert.equal(reply.finish.reason, stop === undefined ? 'end' : 'stopString');
      assert.ok(!deltas.includes(''));
    }
    assert.deepEqual(cutReply(replyOf(text(given)), stops), scanned(replyOf(text(given)), stops, 1).reply);
  }
});

test('what follows the stop is nobody’s, and only text is looked at', () => {
  const call: Block = { type: 'toolCall', id: '1', name: 'f', arguments: '{"a":"STOP"}', kind: 'function' };
  const thought: Block = { type: 'reasoning', text: 'STOP' };
  assert.deepEqual(scanned(replyOf(thought, call), ['STOP'], 2).reply, replyOf(thought, call));
  assert.deepEqual(cutReply(replyOf(thought, call), ['STOP']), replyOf(thought, call));
  const cut = scanned(replyOf(thought, text('a STOP'), call), ['STOP'], 3).reply;
  assert.deepEqual(cut.blocks, [thought, text('a ')]);
  assert.deepEqual(cutReply(replyOf(thought, text('a STOP'), call), ['STOP']), cut);
});

test('a stop string does not reach over the end of a block', () => {
  const reply = replyOf(text('ST'), text('OP'));
  assert.deepEqual(scanned(reply, ['STOP'], 1).reply, reply);
});

test('a decoder that has been stopped is finishing and says no more', () => {
  let ended = 0;
  const inner: Decoder = {
    push(frame, emit) {
      if (frame.event === 'start') {
        emit({ type: 'start', head: { id: 'a', model: 'm', created: 1 } });
        emit({ type: 'open', block: text('') });
      }
      emit({ type: 'delta', text: frame.data });
    },
    end() {
      ended++;
    },
    finishing: () => false,
  };
  const decoder = withStops(inner, ['.']);
  const events: string[] = [];
  const emit = (event: ChatEvent): void => {
    events.push(event.type);
  };
  decoder.push({ event: 'start', data: 'a' }, emit);
  assert.equal(decoder.finishing(), false);
  decoder.push({ event: '', data: '.b' }, emit);
  assert.equal(decoder.finishing(), true);
  decoder.push({ event: '', data: 'c' }, emit);
  decoder.end(emit);
  assert.deepEqual(events, ['start', 'open', 'delta', 'close', 'finish']);
  assert.equal(ended, 0);
  assert.equal(withStops(inner, []), inner);
});
