import { defined } from '../core/defined.ts';
import type { Context } from '../core/dialect.ts';
import type { AcceptedEmbedding, CountedReply, EmbeddingFormat, EmbedReply, EmbedRequest, PreparedEmbedding } from '../core/embedding.ts';
import { extrasIn } from '../core/extras.ts';
import type { Usage } from '../core/ir.ts';
import { cursorAt, numberAt, objectAt, optionalAt, stringAt, wrongType } from '../core/json-cursor.ts';
import { printArray, printObject, printOptional, printString } from '../core/json-print.ts';
import { isObject, type JsonText } from '../core/json-text.ts';
import { accountForExtras } from '../core/notes.ts';
import { carried, either, implied, list, number, object, required, tag, text, to, whole, wholeFrom, word } from '../core/verdicts.ts';
import { account } from './accounting.ts';
import { loseRest } from './losses.ts';
import { countIn, relayTo } from './relaying.ts';
import { textOrTokenInputs } from './inputs.ts';
import { noVectors, readVector, toBase64 } from './vectors.ts';

const dialect = 'openai-chat';
const path = '/embeddings';
const encodings = ['float', 'base64'] as const;

/** https://platform.openai.com/docs/api-reference/embeddings/create */
const shape = object({
  input: required(to('inputs', either(text, list(either(text, wholeFrom(0, 1e5), list(wholeFrom(0, 1e5))))))),
  model: required(implied(text)),
  dimensions: to('dimensions', wholeFrom(1, 1e5)),
  encoding_format: carried(to('encoding', word(encodings))),
  user: to('endUser', text),
});

const reply = object({
  object: tag('list'),
  data: required(
    to(
      'vectors',
      list(object({ object: tag('embedding'), index: required(implied(whole)), embedding: required(to('vector', either(list(number(-1, 1)), text))) })),
    ),
  ),
  model: required(to('model', text)),
  usage: required(to('usage', object({ prompt_tokens: required(to('usage.input', whole)), total_tokens: required(implied(whole)) }))),
});

const file = 'resources/embeddings.d.ts';

export const openaiEmbeddings: EmbeddingFormat = {
  verdicts: {
    official: { package: 'openai', request: [`${file}#EmbeddingCreateParams`], reply: [`${file}#CreateEmbeddingResponse`] },
    request: shape,
    reply,
  },
  front: {
    check(top) {
      if (!top.has('input')) throw wrongType('input', 'given: a text, or an array of texts or tokens');
      const dimensions = top.value('dimensions') ?? undefined;
      if (dimensions !== undefined && !(Number.isInteger(dimensions) && Number(dimensions) > 0)) throw wrongType('dimensions', 'a positive integer');
      encodingOf(top.value('encoding_format') ?? undefined);
    },
    accept,
    isAsked(start, top) {
      const isText = /"embedding"\s*:\s*"/.test(start);
      const isList = /"embedding"\s*:\s*\[/.test(start);
      return encodingOf(top.value('encoding_format') ?? undefined) === 'base64' ? !isList : !isText;
    },
  },
  back: { prepare, relay: (top, model) => relayTo(path, top, model), usage: (piece) => countIn(piece, 'prompt_tokens', 'total_tokens') },
};

function encodingOf(given: unknown): 'float' | 'base64' {
  if (given === undefined) return 'float';
  const encoding = encodings.find((known) => known === given);
  if (encoding === undefined) throw wrongType('encoding_format', '"float" or "base64"');
  return encoding;
}

function accept(body: JsonText, context: Context): AcceptedEmbedding {
  const root = cursorAt(body);
  objectAt(root);
  const request: EmbedRequest = defined({
    inputs: textOrTokenInputs(root, 'input'),
    dimensions: optionalAt(root, 'dimensions', numberAt),
    endUser: optionalAt(root, 'user', stringAt),
    names: { endUser: 'user' },
    ext: extrasIn(root, shape, dialect) ?? [],
  });
  const encoding = encodingOf(optionalAt(root, 'encoding_format', stringAt));
  return { request, reply: (reply) => encodeReply(reply, encoding, context) };
}

function encodeReply({ vectors, model, usage: { input } }: CountedReply, encoding: 'float' | 'base64', { target }: Context): string {
  const data = vectors.map((vector, index) => ({ object: 'embedding', index, embedding: encoding === 'base64' ? toBase64(vector) : vector }));
  return JSON.stringify({ object: 'list', data, model: model ?? target.model, usage: { prompt_tokens: input, total_tokens: input } });
}

function prepare(request: EmbedRequest, context: Context): PreparedEmbedding {
  const { ledger, target } = context;
  accountForExtras(request.ext, dialect, ledger);
  account.task(request, context);
  account.truncation(request, context);
  const inputs = request.inputs.map((input) => (input.kind === 'text' ? printString(input.text) : input.raw));
  const own = request.ext.filter((extra) => extra.dialect === dialect).map((extra) => [extra.key, extra.raw] as const);
  const body = printObject([
    ['model', printString(target.model)],
    ['input', printArray(inputs)],
    ['dimensions', printOptional(request.dimensions)],
    ['user', printOptional(request.endUser)],
    ...own,
  ]);
  return { path, body, reply: (value) => decodeReply(value, context) };
}

function decodeReply(value: unknown, context: Context): EmbedReply {
  const { target } = context;
  const data: unknown = isObject(value) ? value['data'] : undefined;
  if (!isObject(value) || !Array.isArray(data)) throw noVectors(target.provider);
  loseRest(value, reply, context);
  const items = data.filter(isObject).toSorted((a, b) => Number(a['index'] ?? 0) - Number(b['index'] ?? 0));
  return defined({
    vectors: items.map((item) => readVector(item['embedding'], target.provider)),
    model: typeof value['model'] === 'string' ? value['model'] : undefined,
    usage: usageOf(value['usage']),
  });
}

function usageOf(value: unknown): Usage | undefined {
  if (!isObject(value)) return undefined;
  const tokens = value['prompt_tokens'] ?? value['total_tokens'];
  return typeof tokens === 'number' ? { input: tokens, output: 0 } : undefined;
}
