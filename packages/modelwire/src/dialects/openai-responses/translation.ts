import type { Translation } from '../../core/dialect.ts';
import { prepare } from './prepare.ts';
import { encodeReply } from './reply.ts';
import { decodeRequest } from './request.ts';
import { styleFor } from './response.ts';
import { createEncoder } from './stream.ts';
import { verdicts } from './verdicts.ts';
import { dialect } from './wire.ts';

export const translation: Translation = {
  name: dialect,
  accept(body, context) {
    const { request, names } = decodeRequest(body, context);
    const style = styleFor(body, names.from, context);
    return { request, reply: (reply) => encodeReply(reply, style), stream: () => createEncoder(style) };
  },
  // The caller's own spelling of the format is kept with the whole of `text`.
  output: { json: true, schema: true, fields: ['text.format', 'text'] },
  prepare,
  verdicts,
};
