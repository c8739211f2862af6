import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withData } from './sse-text.ts';

test('the data of an event is another, and its other lines are as they were', () => {
  for (const eol of ['\n', '\r\n', '\r']) {
    const event = ['event: x', ': said "data: y"', 'data:{"a":1}', 'id: 1', '', ''].join(eol);
    assert.equal(
      withData(event, (data) => data.replace('1}', () => '$& 2}')),
      event.replace('1}', () => '$& 2}'),
    );
    assert.equal(
      withData(event, () => undefined),
      undefined,
    );
  }
});

test('data in several lines is one line then', () => {
  const seen: string[] = [];
  const changed = withData('data: {"a":\ndata: 1}\nevent: x\n\n', (data) => {
    seen.push(data);
    return data.replace('1', '2');
  });
  assert.deepEqual(seen, ['{"a":\n1}']);
  assert.equal(changed, 'data: {"a": 2}\nevent: x\n\n');
});
