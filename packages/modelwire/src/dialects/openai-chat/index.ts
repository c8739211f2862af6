import type { Dialect } from '../../core/dialect.ts';
import { lazily } from '../../core/lazily.ts';
import { decodeFailure, encodeError, encodeErrorEvent } from './errors.ts';
import { relayRules } from './relay.ts';
import { checkRequest } from './check.ts';
import { chatPath, dialect } from './wire.ts';

/** OpenAI's Chat Completions API, and the many that took its shape over. */
export const openaiChat: Dialect = {
  name: dialect,
  front: {
    check: checkRequest,
    error: encodeError,
    errorEvent: encodeErrorEvent,
    featureHeaders: ['openai-beta'],
    ping: ': ping\n\n',
  },
  back: {
    asData: ['document'],
    failure: decodeFailure,
    relayPath: (operation) => (operation === 'chat' ? chatPath : undefined),
    // The key is the provider's own: no header of the caller's account goes with it.
    relayHeaders: () => ({}),
  },
  relay: relayRules,
  translation: lazily(async () => (await import('./translation.ts')).translation),
};
