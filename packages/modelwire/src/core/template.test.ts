import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTemplate } from './template.ts';

const event = (text: string, finish = 'null'): string =>
  `data: {"id":"a\\"b","choices":[{"delta":{"content":${JSON.stringify(text)}},"finish_reason":${finish}}]}\n\n`;

function learnt(...texts: string[]) {
  const template = createTemplate();
  for (const text of texts) template.learn(event(text));
  return (text: string): boolean => template.fits(`xx${text}yy`, 2, 2 + text.length);
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
  assert.equal(fits(event('x","usage":{"a":1},"y":"z').replaceAll('\\"', '"')), false, 'more fields');
});

test('events that differ elsewhere than in one string teach nothing', () => {
  const template = createTemplate();
  template.learn('data: {"n":1,"content":"a"}\n\n');
  template.learn('data: {"n":2,"content":"b"}\n\n');
  const next = 'data: {"n":3,"content":"c"}\n\n';
  assert.equal(template.fits(next, 0, next.length), false);
  assert.equal(template.fits('data: {"n":2,"content":"c"}\n\n', 0, 28), false);
});
