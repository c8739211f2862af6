import type { Dialect } from '../../core/dialect.ts';
import { lazily } from '../../core/lazily.ts';
import { decodeFailure, encodeError, encodeErrorEvent } from './errors.ts';
import { answerIdle } from './idle.ts';
import { relayRules } from './relay.ts';
import { checkRequest } from './check.ts';
import { dialect, pathOf } from './wire.ts';

/** Ollama's own API (`/api/chat`). */
export const ollama: Dialect = {
  name: dialect,
  front: {
    check: checkRequest,
    streamsUnasked: true,
    answerIdle,
    error: encodeError,
    errorEvent: encodeErrorEvent,
    featureHeaders: [],
    // In lines of JSON white space says nothing to anyone, and a comment cannot be said.
    ping: '\n',
    noComments: true,
  },
  back: {
    asData: ['image'],
    failure: decodeFailure,
    relayPath: pathOf,
    // The key is the provider's own: no header of the caller's account goes with it.
    relayHeaders: () => ({}),
  },
  relay: relayRules,
  translation: lazily(async () => (await import('./translation.ts')).translation),
};
