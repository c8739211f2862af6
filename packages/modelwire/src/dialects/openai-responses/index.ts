import type { Dialect } from '../../core/dialect.ts';
import { lazily } from '../../core/lazily.ts';
import { decodeFailure, encodeError, encodeErrorEvent } from './errors.ts';
import { relayRules } from './relay.ts';
import { checkRequest } from './check.ts';
import { stateRules } from './state.ts';
import { countPath, dialect, responsesPath } from './wire.ts';

/** OpenAI's Responses API. */
export const openaiResponses: Dialect = {
  name: dialect,
  front: {
    check: checkRequest,
    error: encodeError,
    errorEvent: (error) => encodeErrorEvent(error),
    featureHeaders: ['openai-beta'],
    ping: ': ping\n\n',
    tokenCount: (tokens) => JSON.stringify({ object: 'response.input_tokens', input_tokens: tokens }),
  },
  back: {
    failure: decodeFailure,
    relayPath: (operation) => (operation === 'chat' ? responsesPath : countPath),
    // The key is the provider's own: no header of the caller's account goes with it.
    relayHeaders: () => ({}),
  },
  relay: relayRules,
  translation: lazily(async () => (await import('./translation.ts')).translation),
  state: stateRules,
};
