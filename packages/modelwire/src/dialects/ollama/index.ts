import type { Dialect } from '../../core/dialect.ts';
import { decodeFailure, encodeError, encodeErrorEvent } from './errors.ts';
import { answerIdle } from './idle.ts';
import { prepare } from './prepare.ts';
import { relayRules } from './relay.ts';
import { decodeGenerate } from './generate.ts';
import { type AnswerStyle, encodeReply } from './reply.ts';
import { checkRequest, decodeRequest } from './request.ts';
import { createEncoder } from './stream.ts';
import { verdicts } from './verdicts.ts';
import { dialect, pathOf } from './wire.ts';

/** Ollama's own API (`/api/chat`). */
export const ollama: Dialect = {
  name: dialect,
  front: {
    check: checkRequest,
    accept(body, context, asked) {
      const form = asked?.operation === 'generate' ? 'generate' : 'chat';
      const style: AnswerStyle = { context, startedAt: context.now(), form };
      const request = form === 'generate' ? decodeGenerate(body, context) : decodeRequest(body, context);
      return { request, reply: (reply) => encodeReply(reply, style), stream: () => createEncoder(style) };
    },
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
    prepare,
    asData: ['image'],
    output: { json: true, schema: true, fields: ['format'] },
    failure: decodeFailure,
    relayPath: pathOf,
    // The key is the provider's own: no header of the caller's account goes with it.
    relayHeaders: () => ({}),
  },
  relay: relayRules,
  verdicts,
};
