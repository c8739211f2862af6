import type { Translation } from '../../core/dialect.ts';
import { prepare } from './prepare.ts';
import { encodeReply } from './reply.ts';
import { decodeRequest } from './request.ts';
import { createEncoder } from './stream.ts';
import { fitSchema, lacks } from './schema.ts';
import { verdicts } from './verdicts.ts';
import { dialect } from './wire.ts';

export const translation: Translation = {
  name: dialect,
  accept: (body, context) => ({
    request: decodeRequest(body, context),
    reply: (reply) => encodeReply(reply, context),
    stream: () => createEncoder(context),
  }),
  output: { json: false, schema: true, fields: ['output_config.format', 'output_format'], lacks, unheld: (schema) => [...fitSchema(schema).told] },
  prepare,
  verdicts,
};
