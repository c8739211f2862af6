import type { Dialect } from '../../core/dialect.ts';
import { decodeFailure, encodeError, encodeErrorEvent } from './errors.ts';
import { excludesFormat, prepare } from './prepare.ts';
import { relayRules } from './relay.ts';
import { encodeReply } from './reply.ts';
import { checkRequest, decodeRequest } from './request.ts';
import { createEncoder } from './stream.ts';
import { verdicts } from './verdicts.ts';
import { chatPath, dialect } from './wire.ts';

/** Cohere's chat API, version 2. */
export const cohere: Dialect = {
  name: dialect,
  front: {
    check: checkRequest,
    accept(body, context) {
      const style = { context };
      return { request: decodeRequest(body, context), reply: (reply) => encodeReply(reply, style), stream: () => createEncoder(style) };
    },
    error: encodeError,
    errorEvent: encodeErrorEvent,
    featureHeaders: [],
    ping: ': ping\n\n',
  },
  back: {
    prepare,
    output: { json: true, schema: true, fields: ['response_format'], excludes: excludesFormat },
    failure: decodeFailure,
    relayPath: (operation) => (operation === 'chat' ? chatPath : undefined),
    // The key is the provider's own: no header of the caller's account goes with it.
    relayHeaders: () => ({}),
  },
  relay: relayRules,
  verdicts,
};
