import type { Dialect } from '../../core/dialect.ts';
import { lazily } from '../../core/lazily.ts';
import { decodeFailure, encodeError, encodeErrorEvent } from './errors.ts';
import { relayRules } from './relay.ts';
import { checkRequest } from './check.ts';
import { dialect, methodPath } from './wire.ts';

/** Google's Generative Language API (`generateContent`). */
export const gemini: Dialect = {
  name: dialect,
  front: {
    check: checkRequest,
    error: encodeError,
    errorEvent: encodeErrorEvent,
    featureHeaders: [],
    // Google's Python client takes a comment for a chunk; an empty line says nothing to anyone.
    ping: '\n',
    noComments: true,
    tokenCount: (tokens) => JSON.stringify({ totalTokens: tokens }),
  },
  back: {
    failure: decodeFailure,
    relayPath: methodPath,
    // The key is the provider's own: no header of the caller's account goes with it.
    relayHeaders: () => ({}),
  },
  relay: relayRules,
  translation: lazily(async () => (await import('./translation.ts')).translation),
};
