import type { Translation } from '../../core/dialect.ts';
import { keepsDetails } from './details.ts';
import { prepareRequest } from './prepare.ts';
import { encodeReply } from './reply.ts';
import { decodeRequest } from './request.ts';
import { createEncoder } from './stream.ts';
import { verdicts } from './verdicts.ts';
import { dialect } from './wire.ts';

export const translation: Translation = {
  name: dialect,
  accept(body, context) {
    const { request, legacyFunctions } = decodeRequest(body);
    const style = { context, streamUsage: request.streamUsage, legacyFunctions, sealsIds: !keepsDetails(request) };
    return { request, reply: (reply) => encodeReply(reply, style), stream: () => createEncoder(style) };
  },
  output: { json: true, schema: true, fields: ['response_format'] },
  prepare: prepareRequest,
  verdicts,
};
