import { GatewayError, isGatewayError } from './errors.ts';
import { type Target, targetName } from './target.ts';

/** What came from the provider is no answer. */
export function invalidAnswer(target: Target, what: string, cause?: unknown): GatewayError {
  return new GatewayError('upstream_invalid_response', `${target.provider}: ${what}`, { provider: targetName(target), cause });
}

/** The provider's stream broke off. */
export function cutStream(target: Target, how = 'without its terminal event'): GatewayError {
  return new GatewayError('upstream_stream_cut', `${target.provider}: the stream ended ${how}`, { provider: targetName(target) });
}

/** What is wrong with the answer's JSON is the provider's fault, not the caller's. */
export function blamingProvider<T>(target: Target, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!isGatewayError(cause) || cause.code !== 'invalid_request') throw cause;
    throw invalidAnswer(target, `in the answer, ${cause.message}`, cause);
  }
}
