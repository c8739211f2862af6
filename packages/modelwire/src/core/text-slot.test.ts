import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createTextSlot, type TextSlot } from './text-slot.ts';

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

test('law: a text that is read is the text that a parser reads', () => {
  const text = fc.string({ unit: 'binary', maxLength: 12 });
  const spelled = fc.oneof(
    text.map((value) => JSON.stringify(value)),
    fc.string({ unit: fc.constantFrom('"', '\\', 'u', '0', 'n', 'é', '{', ':', ',', '\n'), maxLength: 8 }).map((value) => `"${value}"`),
  );
  fc.assert(
    fc.property(text, text, spelled, fc.string({ maxLength: 5 }), (one, other, literal, padding) => {
      fc.pre(one !== other);
      for (const spell of [event, (value: string): string => padded(value, padding)]) {
        const data = spell('@').replace('"@"', () => literal);
        const read = learnt([event(one), one], [event(other), other]).read(data) ?? learnt([padded(one, 'a'), one], [padded(other, 'b'), other]).read(data);
        if (read !== undefined) assert.equal(read, JSON.parse(data).choices[0].delta.content);
      }
    }),
    { numRuns: 200 },
  );
});

test('events may be numbered before the text; a number behind it, or another one, is news', () => {
  const numbered = (number: number, text: string): string => `{"n":${number},"index":0,"delta":${JSON.stringify(text)},"more":[]}`;
  const slot = createTextSlot('"n":');
  for (const [number, text] of [
    [9, 'one'],
    [10, 'other'],
  ] as const)
    slot.learn(numbered(number, text), text);
  assert.equal(slot.read(numbered(11, 'three')), 'three');
  assert.equal(slot.read(numbered(123_456, '"n":7')), '"n":7');
  assert.equal(slot.read(numbered(12, 'x').replace('"index":0', '"index":1')), undefined, 'another place');
  assert.equal(slot.read(numbered(12, 'x').replace('12', '1.2')), undefined, 'no whole number');
  const behind = createTextSlot('"n":');
  for (const text of ['a', 'b']) behind.learn(`{"delta":"${text}","n":1}`, text);
  assert.equal(behind.read('{"delta":"c","n":1}'), undefined);
  const none = createTextSlot('"n":');
  for (const text of ['a', 'b']) none.learn(`{"delta":"${text}"}`, text);
  assert.equal(none.read('{"delta":"c"}'), 'c');
});
