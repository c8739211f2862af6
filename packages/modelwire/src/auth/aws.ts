import type { AuthHeaders } from '../core/attempt.ts';
import { GatewayError } from '../core/errors.ts';
import type { SignableRequest } from '../core/transport.ts';
import { type AwsCredentials, signV4 } from './sigv4.ts';

/** A key pair in one text: `ACCESS_KEY_ID:SECRET_ACCESS_KEY`, or with `:SESSION_TOKEN`. Of these only a text without colons is no key of Bedrock's. */
const keyPair = /^(\w{16,128}):([^\s:]+)(?::(\S+))?$/;

/** The headers for a key of AWS: an API key goes as it is, with a key pair the request is signed. */
export function authorizeAws(key: string, request: SignableRequest, now: number): AuthHeaders | Promise<AuthHeaders> {
  const credentials = credentialsIn(key);
  if (credentials === undefined) return { authorization: `Bearer ${key}` };
  // Proxies may change the others.
  const headers = { 'content-type': request.headers['content-type'] ?? '' };
  return signV4({ ...request, headers }, { credentials, region: regionIn(request.url), service: 'bedrock', now });
}

function credentialsIn(key: string): AwsCredentials | undefined {
  const [, accessKeyId, secretAccessKey, sessionToken] = keyPair.exec(key) ?? [];
  if (accessKeyId !== undefined && secretAccessKey !== undefined)
    return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
  if (!key.includes(':')) return undefined;
  throw new GatewayError('upstream_auth', 'the AWS key is neither an API key nor of the form ACCESS_KEY_ID:SECRET_ACCESS_KEY[:SESSION_TOKEN]', {
    hint: 'Check the key in the configuration',
  });
}

/** What AWS itself signs for when nothing says where. */
const usualRegion = 'us-east-1';

/** The region in a host of AWS: `bedrock-runtime.eu-west-1.amazonaws.com`, `vpce-….bedrock-runtime.eu-west-1.vpce.amazonaws.com`. */
function regionIn(url: string): string {
  return /(?:^|\.)bedrock-runtime(?:-fips)?\.([a-z]{2}(?:-[a-z]+)+-\d+)\./.exec(new URL(url).hostname)?.[1] ?? usualRegion;
}
