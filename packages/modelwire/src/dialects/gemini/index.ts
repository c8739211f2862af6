import type { Dialect } from '../../core/dialect.ts';
import { decodeFailure, encodeError, encodeErrorEvent } from './errors.ts';
import { prepare } from './prepare.ts';
import { relayRules } from './relay.ts';
import { encodeReply } from './reply.ts';
import { checkRequest, decodeRequest, wantsThoughts } from './request.ts';
import { fitSchema } from './schema.ts';
import { createEncoder } from './stream.ts';
import { verdicts } from './verdicts.ts';
import { dialect, methodPath } from './wire.ts';

const formatFields = ['responseMimeType', 'responseSchema', 'responseJsonSchema'].map((key) => `generationConfig.${key}`);

/** Google's Generative Language API (`generateContent`). */
export const gemini: Dialect = {
  name: dialect,
  front: {
    check: checkRequest,
    accept(body, context, asked) {
      const request = decodeRequest(body, context, asked);
      const style = { context, thoughts: wantsThoughts(request) };
      return { request, reply: (reply) => encodeReply(reply, style), stream: () => createEncoder(style) };
    },
    error: encodeError,
    errorEvent: encodeErrorEvent,
    featureHeaders: [],
    // Google's Python client takes a comment for a chunk; an empty line says nothing to anyone.
    ping: '\n',
    noComments: true,
    tokenCount: (tokens) => JSON.stringify({ totalTokens: tokens }),
  },
  back: {
    output: { json: true, schema: true, fields: formatFields, unheld: (schema) => [...fitSchema(schema).notes.ignored] },
    prepare,
    failure: decodeFailure,
    relayPath: methodPath,
    // The key is the provider's own: no header of the caller's account goes with it.
    relayHeaders: () => ({}),
  },
  relay: relayRules,
  verdicts,
};
