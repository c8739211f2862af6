import type { Dialect } from '../../core/dialect.ts';
import { decodeFailure, encodeError, encodeErrorEvent } from './errors.ts';
import { prepare } from './prepare.ts';
import { relayRules } from './relay.ts';
import { encodeReply } from './reply.ts';
import { checkRequest, decodeRequest } from './request.ts';
import { styleFor } from './response.ts';
import { stateRules } from './state.ts';
import { createEncoder } from './stream.ts';
import { verdicts } from './verdicts.ts';
import { countPath, dialect, responsesPath } from './wire.ts';

/** OpenAI's Responses API. */
export const openaiResponses: Dialect = {
  name: dialect,
  front: {
    check: checkRequest,
    accept(body, context) {
      const { request, names } = decodeRequest(body, context);
      const style = styleFor(body, names.from, context);
      return { request, reply: (reply) => encodeReply(reply, style), stream: () => createEncoder(style) };
    },
    error: encodeError,
    errorEvent: (error) => encodeErrorEvent(error),
    featureHeaders: ['openai-beta'],
    ping: ': ping\n\n',
    tokenCount: (tokens) => JSON.stringify({ object: 'response.input_tokens', input_tokens: tokens }),
  },
  back: {
    prepare,
    failure: decodeFailure,
    relayPath: (operation) => (operation === 'chat' ? responsesPath : countPath),
    // The key is the provider's own: no header of the caller's account goes with it.
    relayHeaders: () => ({}),
  },
  relay: relayRules,
  verdicts,
  state: stateRules,
};
