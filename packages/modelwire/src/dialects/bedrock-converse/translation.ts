import type { Translation } from '../../core/dialect.ts';
import { prepare } from './prepare.ts';
import { encodeReply } from './reply.ts';
import { decodeRequest } from './request.ts';
import { createEncoder } from './stream.ts';
import { verdicts } from './verdicts.ts';
import { dialect } from './wire.ts';

export const translation: Translation = {
  name: dialect,
  accept(body, context, asked) {
    const request = decodeRequest(body, context, asked);
    const style = { context, since: context.now() };
    return { request, reply: (reply) => encodeReply(reply, style), stream: () => createEncoder(style) };
  },
  output: { json: false, schema: true, fields: ['outputConfig.textFormat'] },
  prepare,
  verdicts,
};
