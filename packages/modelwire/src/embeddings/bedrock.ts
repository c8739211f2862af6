import type { Context } from '../core/dialect.ts';
import type { EmbeddingFormat, EmbedReply, EmbedRequest, PreparedEmbedding } from '../core/embedding.ts';
import { GatewayError } from '../core/errors.ts';
import type { RawJson, Usage } from '../core/ir.ts';
import { printObject, printOptional, printString } from '../core/json-print.ts';
import { isObject } from '../core/json-text.ts';
import { accountForExtras } from '../core/notes.ts';
import { targetName } from '../core/target.ts';
import { hint, json, list, number, object, required, to, whole } from '../core/verdicts.ts';
import { cohereBody, cohereVectors } from './cohere.ts';
import { account } from './accounting.ts';
import { textsOf } from './inputs.ts';
import { loseRest } from './losses.ts';
import { noVectors, readVector } from './vectors.ts';

const dialect = 'bedrock-converse';

/** Of Titan's models; Cohere's answer as they do elsewhere. */
const titanReply = object({
  embedding: required(to('vector', list(number(-1, 1)))),
  inputTextTokenCount: to('usage.input', whole),
  embeddingsByType: hint('vectors of other kinds are not asked for', json),
});

/**
 * Bedrock's InvokeModel, whose body is each model family's own: Titan's, which takes one text a call, and Cohere's. Nobody asks in it.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html
 */
export const bedrockEmbeddings: EmbeddingFormat = { verdicts: { reply: titanReply }, back: { prepare, relay: () => undefined, usage: () => undefined } };

function prepare(request: EmbedRequest, context: Context): PreparedEmbedding {
  const { ledger, target } = context;
  const family = [titan, cohere].find((one) => one.models.test(target.model));
  if (family === undefined) {
    throw new GatewayError('unsupported_parameter', `${targetName(target)} cannot be asked for embeddings: how it takes them is not known`, {
      param: 'model',
      hint: 'Ask for a Titan text model or one of Cohere',
    });
  }
  accountForExtras(request.ext, dialect, ledger);
  account.endUser(request, context);
  return { path: `/model/${encodeURIComponent(target.model)}/invoke`, body: family.body(request, context), reply: (value) => family.reply(value, context) };
}

type Family = { readonly models: RegExp; body(request: EmbedRequest, context: Context): RawJson; reply(value: unknown, context: Context): EmbedReply };

const titan: Family = {
  models: /(?:^|[./])amazon\.titan-embed-(?:text|g1-text)/,
  body(request, context) {
    const { ledger, target } = context;
    const [text = '', ...others] = textsOf(request, context);
    if (others.length > 0) {
      throw new GatewayError('unsupported_parameter', `${request.inputs[1]?.at ?? 'input'} cannot be sent to ${targetName(target)}: it takes one text a call`, {
        param: request.inputs[1]?.at,
        hint: 'Send each text in a call of its own',
      });
    }
    const { dimensions, names } = request;
    const older = !/titan-embed-text-v2/.test(target.model);
    if (dimensions !== undefined && older) ledger.refuse(names['dimensions'] ?? 'dimensions', 'its vectors have one length', 'Leave it out');
    account.task(request, context);
    account.truncation(request, context);
    return printObject([
      ['inputText', printString(text)],
      ['dimensions', older ? undefined : printOptional(dimensions)],
    ]);
  },
  reply(value, context) {
    const { target } = context;
    if (!isObject(value)) throw noVectors(target.provider);
    loseRest(value, titanReply, context);
    const tokens = value['inputTextTokenCount'];
    const usage: { usage?: Usage } = typeof tokens === 'number' ? { usage: { input: tokens, output: 0 } } : {};
    return { vectors: [readVector(value['embedding'], target.provider)], ...usage };
  },
};

const cohere: Family = {
  models: /(?:^|[./])cohere\.embed-/,
  body: (request, context) => printObject(cohereBody(request, context)),
  reply: cohereVectors,
};
