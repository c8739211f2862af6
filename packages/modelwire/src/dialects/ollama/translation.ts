import type { Translation } from '../../core/dialect.ts';
import { prepare } from './prepare.ts';
import { decodeGenerate } from './generate.ts';
import { type AnswerStyle, encodeReply } from './reply.ts';
import { decodeRequest } from './request.ts';
import { createEncoder } from './stream.ts';
import { verdicts } from './verdicts.ts';
import { dialect } from './wire.ts';

export const translation: Translation = {
  name: dialect,
  accept(body, context, asked) {
    const form = asked?.operation === 'generate' ? 'generate' : 'chat';
    const style: AnswerStyle = { context, startedAt: context.now(), form };
    const request = form === 'generate' ? decodeGenerate(body, context) : decodeRequest(body, context);
    return { request, reply: (reply) => encodeReply(reply, style), stream: () => createEncoder(style) };
  },
  output: { json: true, schema: true, fields: ['format'] },
  forcesTools: false,
  prepare,
  verdicts,
};
