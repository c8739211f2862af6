import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findProvider } from './catalog.ts';
import { endpointsFor, keyFromEnv } from './from-env.ts';
import { providersFromEnv } from './resolve.ts';

const bedrock = findProvider('bedrock');
assert.ok(bedrock);
const pair = { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: ' secret/+= ' };

test('a key that comes in parts is put together; an API key goes first', () => {
  assert.deepEqual(keyFromEnv(bedrock, pair), { key: 'AKIAIOSFODNN7EXAMPLE:secret/+=', variable: 'AWS_ACCESS_KEY_ID' });
  assert.equal(keyFromEnv(bedrock, { ...pair, AWS_SESSION_TOKEN: 'token' })?.key, 'AKIAIOSFODNN7EXAMPLE:secret/+=:token');
  assert.deepEqual(keyFromEnv(bedrock, { ...pair, AWS_BEARER_TOKEN_BEDROCK: 'b' }), { key: 'b', variable: 'AWS_BEARER_TOKEN_BEDROCK' });
});

test('half a pair is none', () => {
  for (const name of Object.keys(pair)) assert.equal(keyFromEnv(bedrock, { ...pair, [name]: ' ' }), undefined, name);
  assert.equal(keyFromEnv({ keys: [] }, pair), undefined);
});

test('the region of the environment is in the address; what is no name is not', () => {
  const url = (env: Readonly<Record<string, string>>) => endpointsFor(bedrock, env)['bedrock-converse']?.baseURL;
  assert.equal(url({}), 'https://bedrock-runtime.us-east-1.amazonaws.com');
  assert.equal(url({ AWS_REGION: 'eu-central-1', AWS_DEFAULT_REGION: 'eu-west-1' }), 'https://bedrock-runtime.eu-central-1.amazonaws.com');
  assert.equal(url({ AWS_REGION: '', AWS_DEFAULT_REGION: 'eu-west-1' }), 'https://bedrock-runtime.eu-west-1.amazonaws.com');
  for (const region of ['evil.example/', 'a.b', 'x@y', '{region}'])
    assert.equal(url({ AWS_REGION: region }), 'https://bedrock-runtime.us-east-1.amazonaws.com');
});

test('the pair turns the provider on, at its region', () => {
  const found = providersFromEnv({ ...pair, AWS_REGION: 'ap-south-1' }).on.find(({ name }) => name === 'bedrock');
  assert.equal(found?.speaks['bedrock-converse']?.baseURL, 'https://bedrock-runtime.ap-south-1.amazonaws.com');
  assert.equal(String(found?.key), '[redacted]');
});
