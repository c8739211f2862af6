import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTemplate } from './template.ts';

const event = (text: string, finish = 'null'): string =>
  `data: {"id":"a\\"b","choices":[{"delta":{"content":${JSON.stringify(text)}},"finish_reason":${finish}}]}\n\n`;

function learnt(...texts: string[]) {
  const template = createTemplate();
  for (const text of texts) template.learn(event(text));
  return (text: string): boolean => {
    const run = template.run(`xx${text}yy`, 2);
    assert.ok(run === undefined || (run.count === 1 && run.end === 2 + text.length));
    return run !== undefined;
  };
}

test('two events teach what the next ones look like', () => {
  assert.equal(learnt('one')(event('two')), false);
  const fits = learnt('one', 'on the other');
  assert.equal(fits(event('three')), true);
  assert.equal(fits(event('é😀')), true);
});

test('what is not plainly the same is looked at closely', () => {
  const fits = learnt('one', 'two');
  assert.equal(fits(event('')), false, 'no content');
  assert.equal(fits(event('say "hi"')), false, 'an escaped quote');
  assert.equal(fits(event('back\\')), false, 'a backslash at the end');
  assert.equal(fits(event('x', '"stop"')), false, 'a finish reason');
  assert.equal(fits('data: [DONE]\n\n'), false);
  assert.equal(fits(event('x').replace('"id"', '"error"')), false);
  assert.equal(fits(event('x').slice(0, -3)), false, 'cut');
  assert.equal(fits(event('x').replace('x', 'a\n\nb')), false, 'a blank line in the string');
  assert.equal(fits(event('x').replace('x', 'a\r\rb')), false, 'the same of CR');
  assert.equal(fits(event('x","usage":{"a":1},"y":"z').replaceAll('\\"', '"')), false, 'more fields');
});

test('events that differ elsewhere than in one string teach nothing', () => {
  const template = createTemplate();
  template.learn('data: {"n":1,"content":"a"}\n\n');
  template.learn('data: {"n":2,"content":"b"}\n\n');
  const next = 'data: {"n":3,"content":"c"}\n\n';
  assert.equal(template.run(next, 0), undefined);
  assert.equal(template.run('data: {"n":2,"content":"c"}\n\n', 0), undefined);
});

test('a run ends with the first event that is not like the others', () => {
  const template = createTemplate();
  for (const text of ['one', 'two']) template.learn(event(text));
  const like = ['a', 'b\n', 'c\\d', 'é'].map((text) => event(text));
  for (let count = 1; count <= like.length; count++) {
    const head = like.slice(0, count).join('');
    for (const tail of ['', event(''), event('"'), event('x', '"stop"'), event('x').slice(0, 9), event('x').slice(0, -1), 'data: [DONE]\n\n'])
      assert.deepEqual(template.run(head + tail, 0), { count, end: head.length }, tail);
  }
  assert.equal(template.run(event('') + event('x'), 0), undefined);
});

test('lines may end in CR', () => {
  const crlf = (text: string): string => event(text).replaceAll('\n', '\r\n');
  const template = createTemplate();
  for (const text of ['one', 'two']) template.learn(crlf(text));
  assert.deepEqual(template.run(crlf('three') + crlf('four'), 0), { count: 2, end: crlf('three').length + crlf('four').length });
  assert.equal(template.run(event('three'), 0), undefined);
  assert.equal(template.run(crlf('three').replace('three', 'a\rb'), 0), undefined);
});

test('a padding of another length each time is passed over', () => {
  const padded = (text: string, pad: string, finish = 'null'): string =>
    `data: {"choices":[{"delta":{"content":${JSON.stringify(text)}},"finish_reason":${finish}}],"obfuscation":"${pad}"}\n\n`;
  const template = createTemplate();
  template.learn(padded('one', 'ab'));
  template.learn(padded('other', 'cdefg'));
  const like = [padded('x', ''), padded('yy', 'q'), padded('zzz', 'abcdefgh')].join('');
  assert.deepEqual(template.run(like + padded('', 'a'), 0), { count: 3, end: like.length });
  for (const other of [padded('x', 'a', '"stop"'), padded('x', 'a","usage":{"n":1},"b":"'), padded('x', 'a\\"'), padded('x', 'a').slice(0, -1), event('x')])
    assert.equal(template.run(other, 0), undefined, other);
  // Anywhere but at the end it is a field like any other.
  const early = (text: string, pad: string): string => `data: {"obfuscation":"${pad}","content":"${text}"}\n\n`;
  const none = createTemplate();
  none.learn(early('one', 'a'));
  none.learn(early('two', 'b'));
  assert.equal(none.run(early('x', 'c'), 0), undefined);
});
