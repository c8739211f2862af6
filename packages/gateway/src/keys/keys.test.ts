import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isGatewayError } from 'modelwire/internal/core/errors';
import { createKeyring, hashKey, mayUse, newKey } from './keys.ts';

const entry = (name: string, key: string, models?: readonly string[]) => ({ name, sha256: hashKey(key).slice(7), ...(models === undefined ? {} : { models }) });

const ring = createKeyring([entry('ci', 'key-ci', ['fast']), entry('ops', 'key-ops')]);

for (const [what, headers, name] of [
  ['bearer', { authorization: 'Bearer key-ci' }, 'ci'],
  ['bearer in any case, with spaces', { authorization: ' bearer   key-ci ' }, 'ci'],
  ['x-api-key', { 'x-api-key': 'key-ops' }, 'ops'],
  [
    'the access key id of a signature',
    { authorization: 'AWS4-HMAC-SHA256 Credential=key-ops/20260101/us-east-1/bedrock/aws4_request, SignedHeaders=host' },
    'ops',
  ],
  ['x-goog-api-key', { 'x-goog-api-key': 'key-ops' }, 'ops'],
  ['two headers, the second fits', { authorization: 'Bearer sk-placeholder', 'x-api-key': 'key-ci' }, 'ci'],
  ['two headers, the first fits', { authorization: 'Bearer key-ci', 'x-api-key': 'sk-placeholder' }, 'ci'],
] as const) {
  test(`a key is found: ${what}`, () => assert.equal(ring.authenticate(headers).name, name));
}

for (const [what, headers, says] of [
  ['none', {}, /no key was sent/],
  ['empty', { authorization: 'Bearer ', 'x-api-key': '' }, /no key was sent/],
  ['another scheme', { authorization: 'Basic a2V5LWNpOg==' }, /not of the form "Bearer KEY"/],
  [
    'a signature of somebody else',
    { authorization: 'AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/bedrock/aws4_request, SignedHeaders=host' },
    /access key id .* no key/,
  ],
  ['wrong', { authorization: 'Bearer sk-wrong-canary' }, /not one of this gateway/],
  ['a hash instead of its key', { 'x-api-key': hashKey('key-ci') }, /not one of this gateway/],
  ['part of a key', { 'x-api-key': 'key-c' }, /not one of this gateway/],
] as const) {
  test(`a key is refused: ${what}`, () => {
    assert.throws(
      () => ring.authenticate(headers),
      (error) => {
        assert.ok(isGatewayError(error));
        assert.equal(error.code, 'invalid_api_key');
        assert.match(error.message, says);
        for (const sent of Object.values(headers)) if (sent.length > 8) assert.ok(!`${error.message}${error.hint}`.includes(sent));
        return true;
      },
    );
  });
}

test('an accepted header is remembered for itself alone, a refused one not at all', () => {
  const two = createKeyring([entry('ci', 'key-ci'), entry('ops', 'key-ops')]);
  const refused = (headers: Record<string, string>): void => assert.throws(() => two.authenticate(headers), { code: 'invalid_api_key' });
  for (let i = 0; i < 3; i++) {
    assert.equal(two.authenticate({ authorization: 'Bearer key-ci' }).name, 'ci');
    assert.equal(two.authenticate({ authorization: 'bearer key-ci' }).name, 'ci');
    assert.equal(two.authenticate({ 'x-api-key': 'key-ops' }).name, 'ops');
    // A key is no authorization header, and such a header no key.
    refused({ authorization: 'key-ops' });
    refused({ 'x-api-key': 'Bearer key-ci' });
    refused({ authorization: 'Bearer sk-wrong' });
    // What let the one in must not let the other header in on its own.
    assert.equal(two.authenticate({ authorization: 'Bearer sk-wrong', 'x-goog-api-key': 'key-ops' }).name, 'ops');
    assert.equal(two.authenticate({ authorization: 'Bearer sk-wrong', 'x-api-key': 'key-ops' }).name, 'ops');
  }
  assert.throws(() => createKeyring([entry('ops', 'key-ops')]).authenticate({ authorization: 'Bearer key-ci' }), { code: 'invalid_api_key' });
});

test('without entries anything is accepted', () => {
  const open = createKeyring([]);
  assert.equal(open.authenticate({}).name, 'anonymous');
  assert.equal(open.authenticate({ authorization: 'Bearer anything' }).name, 'anonymous');
});

test('a caller is limited to its models and patterns', () => {
  const caller = { name: 'ci', models: ['fast', 'claude-*', '*/qwen3', 'a*b*c'] };
  for (const model of ['fast', 'claude-', 'claude-sonnet-5', 'lab/qwen3', 'abc', 'a-b-b-c']) assert.ok(mayUse(caller, model), model);
  for (const model of ['faster', 'Fast', 'my-claude-1', 'lab/qwen3-8b', 'ab', 'acb', '']) assert.ok(!mayUse(caller, model), model);
  assert.ok(mayUse({ name: 'all' }, 'anything'));
  assert.ok(!mayUse({ name: 'nothing', models: [] }, 'anything'));
  assert.ok(mayUse({ name: 'any', models: ['*'] }, 'anything'));
  assert.ok(!mayUse({ name: 'overlap', models: ['ab*ba'] }, 'aba'));
});

test('a fresh key is long, easy to copy and different every time', () => {
  const keys = new Set(Array.from({ length: 100 }, newKey));
  assert.equal(keys.size, 100);
  for (const key of keys) assert.match(key, /^sk-mw-[A-Za-z0-9]{32}$/);
});
