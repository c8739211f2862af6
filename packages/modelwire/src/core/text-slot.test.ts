import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createTextSlot, type TextSlot, type Unread } from './text-slot.ts';

const event = (text: string, finish = 'null'): string => `{"id":"a\\"b","choices":[{"delta":{"content":${JSON.stringify(text)}},"finish_reason":${finish}}]}`;
const padded = (text: string, padding: string): string => event(text).replace(/}$/, `,"obfuscation":"${padding}"}`);

function learnt(...events: readonly (readonly [data: string, text: string])[]): TextSlot {
  const slot = createTextSlot();
  for (const [data, text] of events) slot.learn(data, text);
  return slot;
}

const plain = (): TextSlot => learnt([event('one'), 'one'], [event('on the other'), 'on the other']);

test('two events teach where the text of the next ones stands', () => {
  assert.equal(learnt([event('one'), 'one']).read(event('two')), undefined);
  for (const text of ['three', 'é😀', 'say "hi"\n', 'back\\', '\\"', '\u0000', '\ud800']) assert.equal(plain().read(event(text)), text);
});

test('an escape is read as JSON reads it', () => {
  assert.equal(plain().read(event('x').replace('"x"', '"\\u00e9\\/"')), 'é/');
  for (const literal of ['"\\x"', '"\\"', '"a\nb"', '"\\u12"', '"a"b"']) assert.equal(plain().read(event('x').replace('"x"', literal)), undefined, literal);
});

test('what is not plainly the same is parsed', () => {
  const slot = plain();
  for (const data of ['', '[DONE]', event(''), event('x', '"stop"'), event('x').replace('"id"', '"error"'), event('x').slice(0, -1), `${event('x')} `])
    assert.equal(slot.read(data), undefined, data);
  assert.equal(slot.read(event('x').replace('"x"', '"x","usage":"y"')), undefined, 'another field');
  slot.forget();
  assert.equal(slot.read(event('x')), undefined, 'something else came in between');
});

test('events that differ elsewhere, or in more than the text, teach nothing', () => {
  const teaches = (one: string, other: string, texts: readonly [string, string] = ['a', 'b']): boolean =>
    learnt([one, texts[0]], [other, texts[1]]).read(other.replace('"b"', '"c"')) !== undefined;
  assert.ok(teaches('{"content":"a"}', '{"content":"b"}'));
  assert.ok(teaches('{"content" : "a"}', '{"content" : "b"}'));
  assert.ok(!teaches('{"n":1,"content":"a"}', '{"n":2,"content":"b"}'), 'a number');
  assert.ok(!teaches('{"other":"a","content":"x"}', '{"other":"b","content":"x"}', ['x', 'x']), 'another string');
  assert.ok(!teaches('{"content":"a","x":"b"}', '{"content":"a","content":"b"}'), 'a key');
  assert.ok(!teaches('{"content":"a","more":"a"}', '{"content":"b","more":"b"}'), 'two strings');
  assert.ok(!teaches('{"content":"a","content":"x"}', '{"content":"b","content":"x"}', ['x', 'x']), 'a string that does not count');
});

test('the padding of OpenAI may differ, where it ends the event', () => {
  const slot = learnt([padded('one', 'x4'), 'one'], [padded('other', 'Kq7'), 'other']);
  assert.equal(slot.read(padded('three', 'abcdef')), 'three');
  assert.equal(slot.read(padded('three', '')), 'three');
  for (const bad of ['a"b', 'a\\', 'a\\"', 'a","x":"b', 'a\nb']) assert.equal(slot.read(padded('three', bad)), undefined, bad);
  assert.equal(slot.read(`${padded('three', 'a')}}`), undefined);
  assert.equal(slot.read(event('three')), undefined);
});

const digits = (data: string, start: number): number => start + (/^\s*\d+/.exec(data.slice(start))?.[0].length ?? 0);
const numbered: Unread = { key: '"n":', end: digits };
const places: readonly ((text: string, count: number) => string)[] = [
  (text, count) => `{"n": ${count},"text":${JSON.stringify(text)},"x":1}`,
  (text, count) => `{"text":${JSON.stringify(text)},"n": ${count}}`,
  (text, count) => `{"text":${JSON.stringify(text)},"n": ${count},"obfuscation":"abc"}`,
];

test('what nobody reads until the last event is not compared, and a text that looks like it is read', () => {
  for (const spell of places) {
    const slot = createTextSlot(numbered);
    slot.learn(spell('one', 1), 'one');
    slot.learn(spell('other', 20), 'other');
    for (const text of ['three', '"n": 7', '","n": 7,"x":"', '\\"n":7']) assert.equal(slot.read(spell(text, 300)), text);
    for (const bad of ['"n": "7"', '"n": 7.5', '"n": -7', '"n": 7,"error":1', '"m": 7', '"n": '])
      assert.equal(slot.read(spell('three', 7).replace('"n": 7', bad)), undefined, bad);
  }
});

test('what is not compared must stand where it stood', () => {
  const [before, behind] = places;
  assert.ok(before !== undefined && behind !== undefined);
  const slot = createTextSlot(numbered);
  slot.learn(before('one', 1), 'one');
  slot.learn(behind('other', 2), 'other');
  assert.equal(slot.read(behind('three', 3)), undefined);
  assert.equal(slot.read(before('three', 3)), undefined);
  slot.learn('{"text":"four","n":4,"m":5}', 'four');
  slot.learn('{"text":"five","m":4,"n":5}', 'five');
  assert.equal(slot.read('{"text":"six","m":4,"n":6}'), undefined);
});

test('law: a text that is read is the text that a parser reads', () => {
  const text = fc.string({ unit: 'binary', maxLength: 12 });
  const spelled = fc.oneof(
    text.map((value) => JSON.stringify(value)),
    fc.string({ unit: fc.constantFrom('"', '\\', 'u', '0', 'n', 'é', '{', ':', ',', '\n'), maxLength: 8 }).map((value) => `"${value}"`),
  );
  fc.assert(
    fc.property(text, text, spelled, fc.string({ maxLength: 5 }), (one, other, literal, padding) => {
      fc.pre(one !== other);
      for (const [at, spell] of places.entries()) {
        const slot = createTextSlot(numbered);
        slot.learn(spell(one, at), one);
        slot.learn(spell(other, 17), other);
        const data = spell('@', 5).replace('"@"', () => literal);
        const read = slot.read(data);
        if (read !== undefined) assert.equal(read, JSON.parse(data).text);
      }
      for (const spell of [event, (value: string): string => padded(value, padding)]) {
        const data = spell('@').replace('"@"', () => literal);
        const read = learnt([event(one), one], [event(other), other]).read(data) ?? learnt([padded(one, 'a'), one], [padded(other, 'b'), other]).read(data);
        if (read !== undefined) assert.equal(read, JSON.parse(data).choices[0].delta.content);
      }
    }),
    { numRuns: 200 },
  );
});
