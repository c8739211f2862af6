import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TopLevelEdit } from './dialect.ts';
import { GatewayError } from './errors.ts';
import { scanTopLevel, spliceTopLevel, type TopLevel } from './top-level.ts';

const scan = (text: string): TopLevel => scanTopLevel(new TextEncoder().encode(text));

function spliced(text: string, edits: readonly TopLevelEdit[]): string {
  const parts = spliceTopLevel(scan(text), edits);
  return parts.map((part) => (typeof part === 'string' ? part : new TextDecoder('utf-8', { ignoreBOM: true }).decode(part))).join('');
}

const remove = (key: string): TopLevelEdit => ({ kind: 'remove', key, reason: 'test' });

test('fields are found without looking below', () => {
  const top = scan('\n{ "model" : "m\\"1", "messages":[{"model":"no","x":"]}"}],"n":1e2,"stream":true,"z":null }\t');
  assert.deepEqual(
    top.fields.map((field) => field.key),
    ['model', 'messages', 'n', 'stream', 'z'],
  );
  assert.equal(top.value('model'), 'm"1');
  assert.equal(top.raw('messages'), '[{"model":"no","x":"]}"}]');
  assert.equal(top.value('n'), 100);
  assert.equal(top.value('stream'), true);
  assert.equal(top.value('z'), null);
  assert.equal(top.has('z'), true);
  assert.equal(top.has('y'), false);
  assert.equal(top.value('y'), undefined);
  assert.equal(top.raw('y'), undefined);
});

test('keys are read through their escapes, and a BOM is hopped over', () => {
  assert.equal(scan('{"mod\\u0065l":"m"}').value('model'), 'm');
  assert.equal(scan('\ufeff{"model":"m"}').value('model'), 'm');
  assert.equal(scan('{"\\u005f_proto__":1}').value('__proto__'), 1);
});

test('a long value is not parsed', () => {
  const top = scan(`{"model":"${'m'.repeat(5000)}"}`);
  assert.equal(top.value('model'), undefined);
  assert.equal(top.raw('model')?.length, 5002);
});

test('a value is what JSON.parse makes of it, in a short body and in a long one', () => {
  const values = [
    '"m"',
    '""',
    '"m\\"1"',
    '"a\\u0065\\/"',
    '"é日😀"',
    '"~ !"',
    '0',
    '-0',
    '-1.5e3',
    '1e400',
    '120',
    'true',
    'false',
    'null',
    '{"a":[1]}',
    '[ ]',
  ];
  for (const text of values) {
    for (const tail of ['', `,"tail":"${'x'.repeat(20_000)}"`]) {
      const top = scan(`{"é":1,"a":${text}${tail}}`);
      assert.deepEqual(top.value('a'), JSON.parse(text));
      assert.equal(top.raw('a'), text);
      assert.equal(top.value('é'), 1);
      assert.deepEqual(top.field('a'), top.fields[1]);
      for (const needle of ['"a":', '"', 'zz']) assert.equal(top.indexOf(needle), Buffer.from(top.bytes).indexOf(needle));
    }
  }
  assert.throws(() => scan('{"a":"x\u0001"}').value('a'), /not valid JSON/);
  assert.throws(() => scan('{"a":"\\x"}').value('a'), /not valid JSON/);
});

test('what is not one object is refused', () => {
  const broken = [
    '',
    ' ',
    '[]',
    '"x"',
    '{',
    '{"a"',
    '{"a":',
    '{"a":1',
    '{"a":1,',
    '{"a":1,}',
    '{"a" 1}',
    '{a:1}',
    '{"a":1}{}',
    '{"a":1}x',
    '{"a":"}',
    '{"a":[}',
    '{"a":01}',
    '{"a":nul}',
    '{"a":1 2}',
    '{,}',
    '{"a":,"b":1}',
    '{"a":NaN}',
    '{"a":-}',
    '{"a":tru e}',
  ];
  for (const text of broken)
    assert.throws(
      () => scan(text),
      (error) => error instanceof GatewayError && error.status === 400,
      text,
    );
});

test('a key that stands twice is refused: two readers could see two values', () => {
  assert.throws(
    () => scan('{"model":"a","model":"b"}'),
    (error) => error instanceof GatewayError && error.param === 'model',
  );
  assert.throws(() => scan('{"model":"a","mod\\u0065l":"b"}'), /twice/);
});

test('a string under our seal is seen at any depth, and text that speaks of one is not taken for it', () => {
  for (const value of ['mw1.x', ['mw1.x'], { a: [{ b: 'mw1.' }] }, { 'mw1.x': 1 }, [JSON.stringify('mw1.x'), 'mw1.y'], 'mw1."'])
    assert.equal(scan(JSON.stringify({ a: value, b: 1 })).sealed, true);
  for (const value of ['say "mw1.x"', 'mw1', 'mw2.x', 'x mw1.x', ' mw1.x', '\\"mw1.x', [JSON.stringify('mw1.x')], {}])
    assert.equal(scan(JSON.stringify({ a: value, b: 1 })).sealed, false);
});

test('depth is bounded', () => {
  assert.throws(() => scan(`{"a":${'['.repeat(300)}${']'.repeat(300)}}`), /deeper/);
});

test('more than a thousand fields are refused at once', () => {
  const text = (count: number): string => `{${Array.from({ length: count }, (_, index) => `"k${index}":1`).join(',')}}`;
  assert.equal(scan(text(1000)).fields.length, 1000);
  assert.throws(() => scan(text(1001)), /more than 1000 fields/);
  assert.throws(() => scan(`${text(1001).slice(0, -1)},broken`), /more than 1000 fields/, 'what follows is not looked at');
});

test('escapes in a string cost no more than their length, and end it nowhere', () => {
  for (const [body, value] of [
    ['\\"'.repeat(300), '"'.repeat(300)],
    [`\\"${'x'.repeat(100)}\\"`, `"${'x'.repeat(100)}"`],
    ['\\\\\\"'.repeat(99), '\\"'.repeat(99)],
    [`\\"${'\\\\'.repeat(70)}`, `"${'\\'.repeat(70)}`],
  ])
    assert.equal(scan(`{"a":"${body}","b":1}`).value('a'), value);
  for (const body of ['\\"', '\\"x\\', `\\"${'x'.repeat(63)}\\`]) assert.throws(() => scan(`{"a":"${body}"`), /./);
  const start = performance.now();
  scan(`{"a":"${'\\"'.repeat(10_000_000)}"}`);
  assert.ok(performance.now() - start < 2000);
});

test('edits touch their field and nothing else', () => {
  const text = '{ "model" : "a" ,  "big":9007199254740993,"max_tokens":5 }';
  assert.equal(spliced(text, []), text);
  assert.equal(spliced(text, [{ kind: 'set', key: 'model', raw: '"b"' }]), '{ "model" : "b" ,  "big":9007199254740993,"max_tokens":5 }');
  assert.equal(
    spliced(text, [{ kind: 'rename', key: 'max_tokens', to: 'max_completion_tokens' }]),
    '{ "model" : "a" ,  "big":9007199254740993,"max_completion_tokens":5 }',
  );
  assert.equal(spliced(text, [{ kind: 'set', key: 'new', raw: '{"x":1}' }]), '{ "model" : "a" ,  "big":9007199254740993,"max_tokens":5 ,"new":{"x":1}}');
  assert.equal(spliced(text, [remove('absent'), { kind: 'rename', key: 'absent', to: 'x' }]), text);
});

test('any set of edits leaves legal JSON with the right fields', () => {
  const keys = ['a', 'b', 'c', 'd'];
  for (let mask = 0; mask < 1 << keys.length; mask++) {
    const removed = keys.filter((_, index) => (mask & (1 << index)) !== 0);
    for (const added of [[], ['x'], ['x', 'y']]) {
      const edits: TopLevelEdit[] = [...removed.map(remove), ...added.map((key): TopLevelEdit => ({ kind: 'set', key, raw: '7' }))];
      for (const text of ['{"a":1,"b":[2],"c":"3","d":null}', '{ "a" : 1 , "b" : [2] , "c" : "3" , "d" : null }']) {
        const value: unknown = JSON.parse(spliced(text, edits));
        assert.deepEqual(Object.keys(value as object), [...keys.filter((key) => !removed.includes(key)), ...added]);
      }
    }
  }
});

test('an empty object takes a field', () => {
  assert.equal(spliced('{}', [{ kind: 'set', key: 'a', raw: '1' }]), '{"a":1}');
});

test('names of tools and ids of calls are held against a rule, wherever they stand', () => {
  const rule = { names: /^[a-z]{1,4}$/, ids: /^[a-z0-9]{1,4}$/ };
  const fits = (body: object, space?: string): boolean => scan(JSON.stringify(body, undefined, space)).fits(rule);
  const tool = (name: unknown): object => ({ tools: [{ function: { name } }] });
  for (const space of ['', '  ']) {
    assert.equal(fits(tool('abcd'), space), true);
    for (const name of ['abcde', 'a.b', '1', '天气', 'a"b', '']) assert.equal(fits(tool(name), space), false, name);
    for (const key of ['tool_call_id', 'tool_use_id', 'toolUseId', 'call_id']) {
      assert.equal(fits({ messages: [{ [key]: 'a1' }] }, space), true);
      assert.equal(fits({ messages: [{ [key]: 'a:1' }] }, space), false);
    }
  }
  // A property of that name, the word as a value, an id of something else.
  assert.equal(fits({ a: [tool({ type: 'object' }), { enum: ['name', 'N.N'] }, { id: 'N.N' }, { text: '"name":"N.N"' }] }), true);
  assert.equal(scan('{"a":[{"tool_call_id":"N.N"}]}').fits({ names: rule.names }), true);
  assert.equal(scan('{"a":[{"name":"N.N"}]}').fits({ ids: rule.ids }), true);
});

test('names may be held against a rule in one field alone', () => {
  const top = scan('{"tools":[{"name":"abcd"}],"documents":[{"name":"N.N"}]}');
  const rule = { names: /^[a-z]{1,4}$/ };
  assert.deepEqual([top.fits(rule), top.fits(rule, 'tools'), top.fits(rule, 'documents'), top.fits(rule, 'messages')], [false, true, false, true]);
});
