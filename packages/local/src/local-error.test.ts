import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { reasonOf, redact } from './local-error.ts';

suite('reasons', () => {
  test('the first line, with the cause of a wrapped error', () => {
    assert.equal(reasonOf(new Error('fetch failed\nmore', { cause: new Error('connect ECONNREFUSED') })), 'fetch failed');
    assert.equal(reasonOf(new Error('fetch failed', { cause: new Error('connect ECONNREFUSED') })), 'fetch failed (connect ECONNREFUSED)');
    assert.equal(reasonOf('plain'), 'plain');
  });

  test('no credentials', () => {
    assert.equal(redact('GET https://me:pw@host.test/a/b?sig=s3cret failed'), 'GET https://host.test/a/b failed');
  });
});
