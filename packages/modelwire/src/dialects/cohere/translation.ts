import type { Translation } from '../../core/dialect.ts';
import { excludesFormat, prepare } from './prepare.ts';
import { encodeReply } from './reply.ts';
import { decodeRequest } from './request.ts';
import { createEncoder } from './stream.ts';
import { verdicts } from './verdicts.ts';
import { dialect } from './wire.ts';

export const translation: Translation = {
  name: dialect,
  accept(body, context) {
    const style = { context };
    return { request: decodeRequest(body, context), reply: (reply) => encodeReply(reply, style), stream: () => createEncoder(style) };
  },
  output: { json: true, schema: true, fields: ['response_format'], excludes: excludesFormat },
  prepare,
  verdicts,
};
