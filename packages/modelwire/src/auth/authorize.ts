import type { AuthScheme, Secret } from '../core/target.ts';

/** The headers that carry a provider's key. Without a key none are sent: the provider says what it wants. */
export function authorize(scheme: AuthScheme, key: Secret | undefined): Readonly<Record<string, string>> {
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
    case 'none':
      return {};
  }
}
