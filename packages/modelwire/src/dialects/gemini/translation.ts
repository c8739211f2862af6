import type { Translation } from '../../core/dialect.ts';
import { prepare } from './prepare.ts';
import { encodeReply } from './reply.ts';
import { decodeRequest, wantsThoughts } from './request.ts';
import { fitSchema } from './schema.ts';
import { createEncoder } from './stream.ts';
import { verdicts } from './verdicts.ts';
import { dialect } from './wire.ts';

const formatFields = ['responseMimeType', 'responseSchema', 'responseJsonSchema'].map((key) => `generationConfig.${key}`);

export const translation: Translation = {
  name: dialect,
  accept(body, context, asked) {
    const request = decodeRequest(body, context, asked);
    const style = { context, thoughts: wantsThoughts(request) };
    return { request, reply: (reply) => encodeReply(reply, style), stream: () => createEncoder(style) };
  },
  output: { json: true, schema: true, fields: formatFields, unheld: (schema) => [...fitSchema(schema).notes.ignored] },
  prepare,
  verdicts,
};
