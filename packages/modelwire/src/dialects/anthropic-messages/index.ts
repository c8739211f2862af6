import type { Dialect } from '../../core/dialect.ts';
import { decodeFailure, encodeError, encodeErrorEvent } from './errors.ts';
import { prepare } from './prepare.ts';
import { relayHeaders, relayPath, relayRules } from './relay.ts';
import { encodeReply } from './reply.ts';
import { checkRequest, decodeRequest } from './request.ts';
import { stateRules } from './state.ts';
import { createEncoder } from './stream.ts';
import { verdicts } from './verdicts.ts';
import { dialect, encodeSse } from './wire.ts';

/** Anthropic's Messages API. */
export const anthropicMessages: Dialect = {
  name: dialect,
  front: {
    check: checkRequest,
    accept: (body, context) => ({
      request: decodeRequest(body, context),
      reply: (reply) => encodeReply(reply, context),
      stream: () => createEncoder(context),
    }),
    error: encodeError,
    errorEvent: encodeErrorEvent,
    featureHeaders: ['anthropic-beta'],
    ping: encodeSse('ping', '{"type": "ping"}'),
  },
  back: { prepare, failure: decodeFailure, relayPath, relayHeaders },
  relay: relayRules,
  verdicts,
  state: stateRules,
};
