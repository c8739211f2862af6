import type { Dialect } from '../../core/dialect.ts';
import { keepsDetails } from './call-id.ts';
import { decodeFailure, encodeError, encodeErrorEvent } from './errors.ts';
import { prepareRequest } from './prepare.ts';
import { relayRules } from './relay.ts';
import { encodeReply } from './reply.ts';
import { checkRequest, decodeRequest } from './request.ts';
import { createEncoder } from './stream.ts';
import { verdicts } from './verdicts.ts';
import { chatPath, dialect } from './wire.ts';

/** OpenAI's Chat Completions API, and the many that took its shape over. */
export const openaiChat: Dialect = {
  name: dialect,
  front: {
    check: checkRequest,
    accept(body, context) {
      const { request, legacyFunctions } = decodeRequest(body);
      const style = { context, streamUsage: request.streamUsage, legacyFunctions, sealsIds: !keepsDetails(request) };
      return { request, reply: (reply) => encodeReply(reply, style), stream: () => createEncoder(style) };
    },
    error: encodeError,
    errorEvent: encodeErrorEvent,
    featureHeaders: ['openai-beta'],
    ping: ': ping\n\n',
  },
  back: {
    asData: ['document'],
    output: { json: true, schema: true, fields: ['response_format'] },
    prepare: prepareRequest,
    failure: decodeFailure,
    relayPath: (operation) => (operation === 'chat' ? chatPath : undefined),
    // The key is the provider's own: no header of the caller's account goes with it.
    relayHeaders: () => ({}),
  },
  relay: relayRules,
  verdicts,
};
