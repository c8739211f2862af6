import type { Dialect } from '../../core/dialect.ts';
import { decodeFailure, encodeError, encodeErrorEvent } from './errors.ts';
import { prepare } from './prepare.ts';
import { relayRules } from './relay.ts';
import { encodeReply } from './reply.ts';
import { checkRequest, decodeRequest } from './request.ts';
import { createEncoder } from './stream.ts';
import { verdicts } from './verdicts.ts';
import { conversePath, dialect } from './wire.ts';

/** Amazon Bedrock's Converse and ConverseStream. */
export const bedrockConverse: Dialect = {
  name: dialect,
  front: {
    check: checkRequest,
    accept(body, context, asked) {
      const request = decodeRequest(body, context, asked);
      const style = { context, since: context.now() };
      return { request, reply: (reply) => encodeReply(reply, style), stream: () => createEncoder(style) };
    },
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
    prepare,
    asData: ['image', 'document'],
    output: { json: false, schema: true, fields: ['outputConfig.textFormat'] },
    failure: decodeFailure,
    relayPath: conversePath,
    relayHeaders: () => ({}),
    bareURL: true,
  },
  relay: relayRules,
  verdicts,
};
