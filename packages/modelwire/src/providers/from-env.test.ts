import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findProvider } from './catalog.ts';
import { addressesFor, keyFromEnv } from './from-env.ts';
import { toTarget } from './directory.ts';
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
  const url = (env: Readonly<Record<string, string>>) => addressesFor(bedrock, env).speaks['bedrock-converse']?.baseURL;
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

test('without what its address is made of, a provider has none, and is off', () => {
  const vertex = findProvider('vertex');
  assert.ok(vertex);
  const none = addressesFor(vertex, {});
  assert.deepEqual([none.speaks, none.missing], [{}, ['GOOGLE_CLOUD_PROJECT']]);
  const token = { VERTEX_ACCESS_TOKEN: 'ya29.x' };
  assert.deepEqual(providersFromEnv(token).on, []);
  const url = (env: object) => addressesFor(vertex, { GOOGLE_CLOUD_PROJECT: 'p-1', ...env }).speaks.gemini?.baseURL;
  assert.equal(url({}), 'https://aiplatform.googleapis.com/v1/projects/p-1/locations/global');
  assert.equal(url({ GOOGLE_CLOUD_LOCATION: 'global' }), url({}));
  assert.equal(url({ GOOGLE_CLOUD_LOCATION: 'europe-west1' }), 'https://europe-west1-aiplatform.googleapis.com/v1/projects/p-1/locations/europe-west1');
});

test('some models of a provider speak something else', () => {
  const [provider] = providersFromEnv({ VERTEX_ACCESS_TOKEN: 'ya29.x', GOOGLE_CLOUD_PROJECT: 'p-1' }).on;
  assert.ok(provider);
  const speaks = (model: string) => Object.keys(toTarget(provider, model).speaks);
  assert.deepEqual([speaks('gemini-3-pro'), speaks('claude-sonnet-4-5@20250929')], [['gemini'], ['anthropic-messages']]);
  const [aws] = providersFromEnv(pair).on;
  assert.ok(aws);
  assert.deepEqual(Object.keys(toTarget(aws, 'us.anthropic.claude-sonnet-4-5-20250929-v1:0').speaks), ['bedrock-converse', 'anthropic-messages']);
  assert.deepEqual(Object.keys(toTarget(aws, 'amazon.nova-pro-v1:0').speaks), ['bedrock-converse']);
});
