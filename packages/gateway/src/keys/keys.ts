import { createHash, hash, randomInt, timingSafeEqual } from 'node:crypto';
import { GatewayError } from 'modelwire/internal/core/errors';
import type { HeaderMap } from 'modelwire/internal/core/dialect';
import { globMatch } from 'modelwire/internal/providers/quirks';
import type { Caller } from 'modelwire/internal/runtime/scope';
import type { KeyEntry } from '../config/config.ts';

/** Who may call: the name for the record, and the models the key is limited to. */
type Holder = Pick<KeyEntry, 'name' | 'models'>;

export type Keyring = {
  /** The caller whose key is in the headers. Throws `invalid_api_key`; its message never holds what was sent. */
  authenticate(headers: HeaderMap): Caller;
};

const hint = 'Send a key of this gateway as "Authorization: Bearer KEY" or "x-api-key: KEY"';
/** What signs a request (SigV4) names the access key id before the signature, which cannot be checked: of keys only hashes are kept. */
const signed = /^aws4-hmac-sha256 +credential=([^/,\s]+)\//i;
const signedHint =
  'Give Amazon’s client a key of this gateway: AWS_BEARER_TOKEN_BEDROCK=KEY, or AWS_ACCESS_KEY_ID=KEY with any AWS_SECRET_ACCESS_KEY where it takes a token over https alone';
/** How many spellings of accepted headers are remembered. */
const mostRemembered = 10_000;

/** Without entries nobody is asked for a key, and whatever is sent is accepted. */
export function createKeyring(entries: readonly KeyEntry[]): Keyring {
  const anonymous = callerOf({ name: 'anonymous' });
  if (entries.length === 0) return { authenticate: () => anonymous };
  const byHash = new Map(entries.map((entry) => [entry.sha256, { caller: callerOf(entry), digest: Buffer.from(entry.sha256, 'hex') }]));
  // By the whole header that held an accepted key, so that a caller's key is hashed once. What was refused is never kept.
  const byBearer = new Map<string, Caller>();
  const byApiKey = new Map<string, Caller>();

  function find(key: string): Caller | undefined {
    const digest = hash('sha256', key, 'buffer');
    const found = byHash.get(digest.toString('hex'));
    // The look-up by hash tells an attacker nothing of the key; the comparison of all 32 bytes makes the decision.
    return found !== undefined && timingSafeEqual(found.digest, digest) ? found.caller : undefined;
  }

  function search(headers: HeaderMap): Caller {
    const keys = keysIn(headers);
    if (keys.length === 0) throw missing(headers);
    for (const key of keys) {
      const caller = find(key);
      if (caller !== undefined) return caller;
    }
    if (signed.test(headers['authorization']?.trim() ?? ''))
      throw new GatewayError('invalid_api_key', 'the access key id that signed the request is no key of this gateway', { hint: signedHint });
    throw new GatewayError('invalid_api_key', 'the key that was sent is not one of this gateway', { hint });
  }

  function remember(known: Map<string, Caller>, header: string, headers: HeaderMap): Caller {
    const caller = known.get(header);
    if (caller !== undefined) return caller;
    const found = search(headers);
    if (known.size < mostRemembered) known.set(header, found);
    return found;
  }

  return {
    authenticate(headers) {
      const { authorization, 'x-api-key': apiKey, 'x-goog-api-key': googleKey } = headers;
      // Of several headers any may hold the key that fits: such a caller is searched for each time.
      if (googleKey !== undefined || (authorization !== undefined && apiKey !== undefined)) return search(headers);
      // No two signatures are alike.
      if (authorization !== undefined && signed.test(authorization.trim())) return search(headers);
      if (authorization !== undefined) return remember(byBearer, authorization, headers);
      return apiKey === undefined ? search(headers) : remember(byApiKey, apiKey, headers);
    },
  };
}

function callerOf(holder: Holder): Caller {
  return { name: holder.name, mayUse: (model) => mayUse(holder, model) };
}

/** Every key that a client's headers hold: clients that know several formats send several, and one that fits is enough. */
function keysIn(headers: HeaderMap): readonly string[] {
  const authorization = headers['authorization']?.trim() ?? '';
  const bearer = /^bearer +(.+)$/i.exec(authorization)?.[1];
  return [bearer, signed.exec(authorization)?.[1], headers['x-api-key'], headers['x-goog-api-key']].flatMap((key) => key?.trim() || []);
}

function missing(headers: HeaderMap): GatewayError {
  const given = headers['authorization']?.trim() ?? '';
  const isOther = given !== '' && !/^bearer/i.test(given);
  return new GatewayError('invalid_api_key', isOther ? 'the authorization header is not of the form "Bearer KEY"' : 'no key was sent', { hint });
}

/** Whether a caller may ask for the model. A pattern's `*` stands for any characters. */
export function mayUse(holder: Holder, model: string): boolean {
  return holder.models === undefined || holder.models.some((pattern) => globMatch(pattern, model));
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** A fresh key with 190 random bits, letters and digits only so that a double click takes it whole. */
export function newKey(): string {
  return `sk-mw-${Array.from({ length: 32 }, () => letters[randomInt(letters.length)]).join('')}`;
}

/** How a key is written in the configuration: `sha256:` and lower-case hex. */
export function hashKey(key: string): string {
  return `sha256:${createHash('sha256').update(key).digest('hex')}`;
}
