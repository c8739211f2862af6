import type { Dialect } from '../../core/dialect.ts';
import { lazily } from '../../core/lazily.ts';
import { decodeFailure, encodeError, encodeErrorEvent } from './errors.ts';
import { relayRules } from './relay.ts';
import { checkRequest } from './check.ts';
import { conversePath, dialect } from './wire.ts';

/** Amazon Bedrock's Converse and ConverseStream. */
export const bedrockConverse: Dialect = {
  name: dialect,
  front: {
    check: checkRequest,
    error: encodeError,
    errorEvent: encodeErrorEvent,
    featureHeaders: [],
    // An event stream has no message that says nothing to every client.
    ping: '',
    noComments: true,
    idHeader: 'x-amzn-requestid',
    tokenCount: (tokens) => JSON.stringify({ inputTokens: tokens }),
  },
  back: {
    asData: ['image', 'document'],
    failure: decodeFailure,
    relayPath: conversePath,
    relayHeaders: () => ({}),
    bareURL: true,
  },
  relay: relayRules,
  translation: lazily(async () => (await import('./translation.ts')).translation),
};
