import type { AuthHeaders } from '../core/attempt.ts';
import type { AuthScheme, Secret } from '../core/target.ts';
import type { SignableRequest } from '../core/transport.ts';

/** The headers that carry a provider's key, or sign the request with it. Without a key none are sent: the provider says what it wants. */
export function authorize(scheme: AuthScheme, key: Secret | undefined, request: SignableRequest, now: number): AuthHeaders | Promise<AuthHeaders> {
  if (key === undefined) return {};
  switch (scheme) {
    case 'bearer':
      return { authorization: `Bearer ${key.reveal()}` };
    case 'x-api-key':
      return { 'x-api-key': key.reveal() };
    case 'api-key':
      return { 'api-key': key.reveal() };
    case 'x-goog-api-key':
      return { 'x-goog-api-key': key.reveal() };
    case 'aws':
      return import('./aws.ts').then(({ authorizeAws }) => authorizeAws(key.reveal(), request, now));
    case 'none':
      return {};
  }
}
