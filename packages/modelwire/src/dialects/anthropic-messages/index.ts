import type { Dialect } from '../../core/dialect.ts';
import { lazily } from '../../core/lazily.ts';
import { decodeFailure, encodeError, encodeErrorEvent } from './errors.ts';
import { relayHeaders, relayPath, relayRules } from './relay.ts';
import { checkRequest } from './check.ts';
import { stateRules } from './state.ts';
import { dialect, encodeSse } from './wire.ts';

/** Anthropic's Messages API. */
export const anthropicMessages: Dialect = {
  name: dialect,
  front: {
    check: checkRequest,
    error: encodeError,
    errorEvent: encodeErrorEvent,
    featureHeaders: ['anthropic-beta'],
    ping: encodeSse('ping', '{"type": "ping"}'),
  },
  back: {
    failure: decodeFailure,
    relayPath,
    relayHeaders,
  },
  relay: relayRules,
  translation: lazily(async () => (await import('./translation.ts')).translation),
  state: stateRules,
};
