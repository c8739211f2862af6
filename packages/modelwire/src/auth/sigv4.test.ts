import assert from 'node:assert/strict';
import { createHash, createHmac, type BinaryLike } from 'node:crypto';
import { describe, test } from 'node:test';
import { SignatureV4 } from '@smithy/signature-v4';
import { signV4 } from './sigv4.ts';

const day = '20150830';
const date = '20150830T123600Z';
const now = Date.UTC(2015, 7, 30, 12, 36, 0);
const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };

type Signed = { readonly method: string; readonly url: string; readonly headers: Readonly<Record<string, string>>; readonly body: string };

const sign = ({ body, ...request }: Signed, more: object = {}) =>
  signV4({ ...request, body: [body] } as Parameters<typeof signV4>[0], {
    credentials: { ...credentials, ...more },
    region: 'us-east-1',
    service: 'service',
    now,
  });

const hex = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: BinaryLike, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** The signature of a canonical request, as the documentation of AWS derives it step by step. */
function derived(canonical: string): string {
  const text = `AWS4-HMAC-SHA256\n${date}\n${day}/us-east-1/service/aws4_request\n${hex(canonical)}`;
  const key = [day, 'us-east-1', 'service', 'aws4_request'].reduce<BinaryLike>((above, part) => hmac(above, part), `AWS4${credentials.secretAccessKey}`);
  return hmac(key, text).toString('hex');
}

const host = 'host:example.amazonaws.com';
const at = `x-amz-date:${date}`;
const empty = hex('');

/** Requests of AWS's published test suite (aws-sig-v4-test-suite), with their canonical requests. */
const suite: readonly (readonly [name: string, request: Partial<Signed>, canonical: readonly string[], published?: string])[] = [
  ['get-vanilla', {}, ['GET', '/', '', host, at, '', 'host;x-amz-date', empty], '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
  [
    'get-vanilla-query-order-key-case',
    { url: 'https://example.amazonaws.com/?Param2=value2&Param1=value1' },
    ['GET', '/', 'Param1=value1&Param2=value2', host, at, '', 'host;x-amz-date', empty],
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  ],
  [
    'get-vanilla-query-unreserved',
    {
      url: 'https://example.amazonaws.com/?-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
    },
    [
      'GET',
      '/',
      '-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
      host,
      at,
      '',
      'host;x-amz-date',
      empty,
    ],
    '9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197',
  ],
  [
    'post-vanilla',
    { method: 'POST' },
    ['POST', '/', '', host, at, '', 'host;x-amz-date', empty],
    '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  ],
  [
    'post-header-key-sort',
    { method: 'POST', headers: { 'My-Header1': 'value1' } },
    ['POST', '/', '', host, 'my-header1:value1', at, '', 'host;my-header1;x-amz-date', empty],
    'c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c',
  ],
  [
    'post-x-www-form-urlencoded',
    { method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: 'Param1=value1' },
    ['POST', '/', '', 'content-type:application/x-www-form-urlencoded', host, at, '', 'content-type;host;x-amz-date', hex('Param1=value1')],
    'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  ],
  [
    'get-header-value-trim',
    { headers: { 'My-Header1': ' value1', 'My-Header2': ' "a   b   c"' } },
    ['GET', '/', '', host, 'my-header1:value1', 'my-header2:"a b c"', at, '', 'host;my-header1;my-header2;x-amz-date', empty],
    'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
  ],
  [
    'a path that is encoded already',
    { url: 'https://example.amazonaws.com/%E1%88%B4' },
    ['GET', '/%25E1%2588%25B4', '', host, at, '', 'host;x-amz-date', empty],
  ],
];

const defaults: Signed = { method: 'GET', url: 'https://example.amazonaws.com/', headers: {}, body: '' };

describe('AWS’s published requests', () => {
  for (const [name, changes, canonical, published] of suite) {
    test(name, async () => {
      const { authorization = '' } = await sign({ ...defaults, ...changes });
      const signature = derived(canonical.join('\n'));
      if (published !== undefined) assert.equal(signature, published);
      assert.equal(
        authorization,
        `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${day}/us-east-1/service/aws4_request, SignedHeaders=${canonical.at(-2)}, Signature=${signature}`,
      );
    });
  }
});

describe('as the official signer signs', () => {
  const paths = [
    '/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse',
    '/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fus.amazon.nova-pro-v1%3A0/converse-stream',
    "/model/a%20b!'()*~/converse",
    '/model/%C3%A4%E2%82%AC/converse?b=2&a=1%2F&a=0&c=',
    '/',
  ];
  for (const path of paths) {
    for (const sessionToken of [undefined, 'IQoJb3JpZ2luX2VjEJr//////////wEaCXVz=']) {
      test(`${path}${sessionToken === undefined ? '' : ' with a session token'}`, async () => {
        const own = { ...credentials, ...(sessionToken === undefined ? {} : { sessionToken }) };
        const body = '{"messages":[{"role":"user","content":[{"text":"ä€😀"}]}]}';
        const url = new URL(`https://bedrock-runtime.us-east-1.amazonaws.com:8443${path}`);
        const ours = await signV4(
          {
            method: 'POST',
            url: url.href,
            headers: { 'content-type': 'application/json' },
            body: [body.slice(0, 20), new TextEncoder().encode(body.slice(20))],
          },
          { credentials: own, region: 'us-east-1', service: 'bedrock', now },
        );
        const signer = new SignatureV4({ credentials: own, region: 'us-east-1', service: 'bedrock', sha256: Sha256, applyChecksum: false });
        const theirs = await signer.sign(
          {
            method: 'POST',
            protocol: 'https:',
            hostname: url.hostname,
            path: url.pathname,
            query: queryOf(url),
            headers: { host: url.host, 'content-type': 'application/json' },
            body,
          },
          { signingDate: new Date(now) },
        );
        assert.equal(ours['authorization'], theirs.headers['authorization']);
        assert.equal(ours['x-amz-date'], theirs.headers['x-amz-date']);
        assert.equal(ours['x-amz-security-token'], theirs.headers['x-amz-security-token']);
      });
    }
  }
});

function queryOf(url: URL): Record<string, string[]> {
  return Object.fromEntries([...new Set(url.searchParams.keys())].map((name) => [name, url.searchParams.getAll(name)]));
}

/** What the official signer wants of a hash. */
class Sha256 {
  readonly #hash;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as BinaryLike);
  }
  update(data: Uint8Array | string): void {
    this.#hash.update(data);
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.#hash.digest()));
  }
  reset(): void {
    throw new Error('not used');
  }
}
