import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mediaOf } from './data-url.ts';

test('an address of the web, or the data themselves', () => {
  assert.deepEqual(mediaOf('https://a.test/b.png', 'x'), { kind: 'url', url: 'https://a.test/b.png' });
  assert.deepEqual(mediaOf('data:image/PNG;base64,AA==', 'x'), { kind: 'base64', mediaType: 'image/png', data: 'AA==' });
  assert.deepEqual(mediaOf('DATA:image/png;charset=utf-8; base64,AA==', 'x'), { kind: 'base64', mediaType: 'image/png', data: 'AA==' });
  assert.deepEqual(mediaOf('data:;base64,AA==', 'x'), { kind: 'base64', mediaType: 'text/plain', data: 'AA==' });
});

test('data that are not base64 are refused by the field’s name', () => {
  for (const url of ['data:,x', 'data:image/png,x', 'data:image/png;base64'])
    assert.throws(() => mediaOf(url, 'here.url'), { code: 'invalid_request', param: 'here.url' });
});
