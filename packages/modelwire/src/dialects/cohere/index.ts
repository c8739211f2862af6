import type { Dialect } from '../../core/dialect.ts';
import { lazily } from '../../core/lazily.ts';
import { decodeFailure, encodeError, encodeErrorEvent } from './errors.ts';
import { relayRules } from './relay.ts';
import { checkRequest } from './check.ts';
import { chatPath, dialect } from './wire.ts';

/** Cohere's chat API, version 2. */
export const cohere: Dialect = {
  name: dialect,
  front: {
    check: checkRequest,
    error: encodeError,
    errorEvent: encodeErrorEvent,
    featureHeaders: [],
    ping: ': ping\n\n',
  },
  back: {
    failure: decodeFailure,
    relayPath: (operation) => (operation === 'chat' ? chatPath : undefined),
    // The key is the provider's own: no header of the caller's account goes with it.
    relayHeaders: () => ({}),
  },
  relay: relayRules,
  translation: lazily(async () => (await import('./translation.ts')).translation),
};
