import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secret } from '../core/target.ts';
import { authorize } from './authorize.ts';

const request = {
  method: 'POST',
  url: 'https://bedrock-runtime.eu-central-1.amazonaws.com/model/m/converse',
  headers: { 'content-type': 'application/json', accept: 'application/json' },
  body: ['{}'],
} as const;

const aws = async (key: string, url: string = request.url) => await authorize('aws', new Secret(key), { ...request, url }, 1_700_000_000_000);

test('a key goes in the header of its scheme', async () => {
  const key = new Secret('k-123456');
  for (const [scheme, header] of [
    ['bearer', { authorization: 'Bearer k-123456' }],
    ['x-api-key', { 'x-api-key': 'k-123456' }],
    ['api-key', { 'api-key': 'k-123456' }],
    ['x-goog-api-key', { 'x-goog-api-key': 'k-123456' }],
    ['aws', { authorization: 'Bearer k-123456' }],
    ['none', {}],
  ] as const)
    assert.deepEqual(await authorize(scheme, key, request, 0), header);
  assert.deepEqual(await authorize('aws', undefined, request, 0), {});
});

test('a key pair of AWS signs, for the region of the host', async () => {
  const headers = await aws('AKIAIOSFODNN7EXAMPLE:wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY');
  assert.match(
    headers['authorization'] ?? '',
    /^AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE\/20231114\/eu-central-1\/bedrock\/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=[0-9a-f]{64}$/,
  );
  assert.equal(headers['x-amz-security-token'], undefined);
  const temporary = await aws('ASIAIOSFODNN7EXAMPLE:secret/+=:IQoJ:b3//=');
  assert.equal(temporary['x-amz-security-token'], 'IQoJ:b3//=');
  assert.match(temporary['authorization'] ?? '', /SignedHeaders=content-type;host;x-amz-date;x-amz-security-token,/);
});

for (const [url, region] of [
  ['https://bedrock-runtime-fips.us-gov-west-1.amazonaws.com/model/m/converse', 'us-gov-west-1'],
  ['https://vpce-0a1b-2c3d.bedrock-runtime.ap-southeast-2.vpce.amazonaws.com/model/m/converse', 'ap-southeast-2'],
  ['https://bedrock-runtime.cn-north-1.amazonaws.com.cn/model/m/converse', 'cn-north-1'],
  ['http://127.0.0.1:8080/model/m/converse', 'us-east-1'],
  ['https://bedrock-runtime.example.com/model/m/converse', 'us-east-1'],
] as const) {
  test(`${new URL(url).host} is signed for ${region}`, async () =>
    assert.match((await aws('AKIAIOSFODNN7EXAMPLE:secret', url))['authorization'] ?? '', new RegExp(`/${region}/bedrock/`)));
}

test('what is neither is refused without being shown', () =>
  assert.rejects(
    async () => await authorize('aws', new Secret('short:canary-secret'), request, 0),
    (error: Error) => /ACCESS_KEY_ID:SECRET/.test(error.message) && !error.message.includes('canary'),
  ));
