import { defined } from '../core/defined.ts';
import type { Context } from '../core/dialect.ts';
import type { AcceptedEmbedding, CountedReply, EmbeddingFormat, EmbedReply, EmbedRequest, EmbedTask, PreparedEmbedding, Vector } from '../core/embedding.ts';
import { extrasIn } from '../core/extras.ts';
import { type Cursor, cursorAt, fieldOf, isGivenAt, itemsOf, numberAt, objectAt, optionalAt, stringAt, wrongType } from '../core/json-cursor.ts';
import { type Entry, printArray, printObject, printOptional, printString } from '../core/json-print.ts';
import { isObject, type JsonText } from '../core/json-text.ts';
import { accountForExtras } from '../core/notes.ts';
import {
  carried,
  choosing,
  demand,
  hint,
  implied,
  json,
  jsonLike,
  kept,
  list,
  number,
  object,
  required,
  text,
  to,
  whole,
  wholeFrom,
  word,
} from '../core/verdicts.ts';
import { account } from './accounting.ts';
import { countIn, relayTo } from './relaying.ts';
import { textInputs, textsOf } from './inputs.ts';
import { loseModel, loseRest } from './losses.ts';
import { noVectors, readVector, toBase64 } from './vectors.ts';

const dialect = 'cohere';
const path = '/v2/embed';

const onlyTexts = 'only texts are embedded there';
const shape = choosing(
  object({
    model: required(implied(text)),
    texts: to('inputs', list(text)),
    images: demand(onlyTexts, list(text)),
    inputs: demand(onlyTexts, list(jsonLike((mark) => ({ content: [{ type: 'text', text: mark }] })))),
    input_type: required(to('task', word(['search_document', 'search_query', 'classification', 'clustering', 'image'], 'clustering'))),
    embedding_types: carried(to('encodings', list(word(['float', 'int8', 'uint8', 'binary', 'ubinary', 'base64'])))),
    output_dimension: to('dimensions', wholeFrom(1, 1e5)),
    truncate: to('truncate', word(['NONE', 'START', 'END'], 'END')),
    max_tokens: hint('how much of a text is embedded is the provider’s own there', whole),
    priority: hint('there is no order among calls there', wholeFrom(0, 999)),
  }),
  ['texts', 'images', 'inputs'],
);

const fewerBits = hint('vectors of fewer bits are made by Cohere alone', json);
const elseCounted = hint('only tokens of texts are counted there', whole);
export const cohereReply = object({
  id: required(kept(text)),
  response_type: implied(word(['embeddings_by_type', 'embeddings_floats'])),
  embeddings: required(
    to(
      'vectors',
      object({
        float: to('vectors', list(list(number(-1, 1)))),
        base64: to('vectors', list(text)),
        ...Object.fromEntries(['int8', 'uint8', 'binary', 'ubinary'].map((kind) => [kind, fewerBits])),
      }),
    ),
  ),
  // The texts that were sent.
  texts: implied(list(text)),
  images: hint('no other format tells of the images that it was sent', json),
  meta: to(
    'usage',
    object({
      api_version: kept(json),
      billed_units: to(
        'usage',
        object({
          input_tokens: to('usage.input', whole),
          ...Object.fromEntries(['images', 'image_tokens', 'output_tokens', 'search_units', 'classifications', 'pages'].map((unit) => [unit, elseCounted])),
        }),
      ),
      tokens: hint('what is billed is counted there', json),
      cached_tokens: elseCounted,
      warnings: hint('warnings have no place', list(text)),
    }),
  ),
});

const requests = 'serialization/resources/v2/client/requests/V2EmbedRequest.d.ts#V2EmbedRequest.Raw';
const replies = 'serialization/types/EmbedByTypeResponse.d.ts#EmbedByTypeResponse.Raw';

/** https://docs.cohere.com/reference/embed */
export const cohereEmbeddings: EmbeddingFormat = {
  verdicts: { official: { package: 'cohere-ai', request: [requests], reply: [replies] }, request: shape, reply: cohereReply },
  front: {
    check(top) {
      if (!top.has('texts') && !top.has('inputs') && !top.has('images')) throw wrongType('texts', 'given: a non-empty array of texts');
    },
    accept,
    isAsked: () => true,
  },
  back: { prepare, relay: (top, model) => relayTo(path, top, model), usage: (piece) => countIn(piece, 'input_tokens') },
};

/** Of tasks that share a word the first is the one that is read. */
const tasks: readonly (readonly [EmbedTask, string])[] = [
  ['document', 'search_document'],
  ['query', 'search_query'],
  ['classification', 'classification'],
  ['clustering', 'clustering'],
  ['question', 'search_query'],
  ['fact', 'search_query'],
  ['code', 'search_query'],
];
const encodings = ['float', 'base64'] as const;
type Encoding = (typeof encodings)[number];

function accept(body: JsonText, context: Context): AcceptedEmbedding {
  const root = cursorAt(body);
  objectAt(root);
  const word = optionalAt(root, 'input_type', stringAt);
  const task = tasks.find(([, name]) => name === word)?.[0];
  const texts = isGivenAt(root, 'texts') ? textInputs(fieldOf(root, 'texts')) : [];
  const request: EmbedRequest = defined({
    inputs: texts,
    task,
    dimensions: optionalAt(root, 'output_dimension', numberAt),
    truncate: truncationOf(optionalAt(root, 'truncate', stringAt)),
    names: { task: 'input_type', dimensions: 'output_dimension', truncate: 'truncate' },
    ext: extrasIn(root, shape, dialect, word !== undefined && task === undefined ? ['input_type'] : []) ?? [],
  });
  const kinds = encodingsOf(root, context);
  if (texts.length === 0) {
    const given = isGivenAt(root, 'images') ? 'images' : 'inputs';
    context.ledger.refuse(given, onlyTexts, 'Send texts');
    // Without its input there is no vector: even a lenient call is refused.
    throw wrongType(given, 'texts for this target');
  }
  const words = texts.map((input) => (input.kind === 'text' ? input.text : ''));
  return { request, reply: (reply) => encodeReply(reply, kinds, words, context) };
}

function truncationOf(word: string | undefined): EmbedRequest['truncate'] {
  if (word === undefined) return undefined;
  const found = (['start', 'end', 'none'] as const).find((known) => known === word.toLowerCase());
  if (found === undefined) throw wrongType('truncate', '"NONE", "START" or "END"');
  return found;
}

/** Vectors of fewer bits are made by Cohere alone. */
function encodingsOf(root: Cursor, { ledger }: Context): readonly Encoding[] {
  const asked = optionalAt(root, 'embedding_types', (field) => itemsOf(field).map((item) => ({ word: stringAt(item), at: item.path }))) ?? [];
  const kinds = asked.flatMap(({ word, at }) => {
    const encoding = encodings.find((name) => name === word);
    if (encoding === undefined) ledger.refuse(at, `vectors of the type ${word.slice(0, 20)} are not made there`, 'Ask for "float" or "base64"');
    return encoding === undefined ? [] : [encoding];
  });
  return kinds.length === 0 ? ['float'] : kinds;
}

function encodeReply({ vectors, model, usage }: CountedReply, kinds: readonly Encoding[], texts: readonly string[], context: Context): string {
  loseModel(model, context);
  const all = kinds.map((kind) => [kind, kind === 'float' ? vectors : vectors.map(toBase64)] as const);
  return JSON.stringify({
    id: context.newId(''),
    embeddings: Object.fromEntries(all),
    texts,
    response_type: 'embeddings_by_type',
    meta: { api_version: { version: '2' }, billed_units: { input_tokens: usage.input } },
  });
}

function prepare(request: EmbedRequest, context: Context): PreparedEmbedding {
  const { ledger, target } = context;
  accountForExtras(request.ext, dialect, ledger);
  account.endUser(request, context);
  const own = request.ext.filter((extra) => extra.dialect === dialect && extra.key !== 'input_type').map((extra) => [extra.key, extra.raw] as const);
  const body = printObject([['model', printString(target.model)], ...cohereBody(request, context), ...own]);
  return { path, body, reply: (value) => cohereVectors(value, context) };
}

/** What a request has wherever Cohere's models are hosted. */
export function cohereBody(request: EmbedRequest, context: Context): readonly Entry[] {
  return [
    ['texts', printArray(textsOf(request, context).map(printString))],
    ['input_type', printString(inputType(request, context))],
    ['embedding_types', '["float"]'],
    ['output_dimension', printOptional(request.dimensions)],
    ['truncate', printOptional(request.truncate?.toUpperCase())],
  ];
}

/** It is required: without a word of the caller's the texts are taken for what is searched. */
function inputType({ task, names }: EmbedRequest, { ledger }: Context): string {
  const word = tasks.find(([name]) => name === task)?.[1];
  if (word === undefined) {
    const why = task === undefined ? 'a purpose is required there' : `there is no word for "${task}"`;
    ledger.note('changed', names['task'] ?? 'input_type', `${why}: search_document is sent`);
  } else if (task === 'question' || task === 'fact' || task === 'code') ledger.note('changed', names['task'] ?? 'input_type', `sent as ${word}`);
  return word ?? 'search_document';
}

export function cohereVectors(value: unknown, context: Context): EmbedReply {
  const { target } = context;
  if (!isObject(value)) throw noVectors(target.provider);
  const { embeddings, meta } = value;
  const found: unknown = isObject(embeddings) ? (embeddings['float'] ?? embeddings['base64']) : embeddings;
  if (!Array.isArray(found)) throw noVectors(target.provider);
  // An older answer has its vectors bare.
  loseRest(isObject(embeddings) ? value : { ...value, embeddings: null }, cohereReply, context);
  const vectors: Vector[] = found.map((item: unknown) => readVector(item, target.provider));
  const billed = isObject(meta) ? meta['billed_units'] : undefined;
  const tokens = isObject(billed) ? billed['input_tokens'] : undefined;
  return { vectors, ...(typeof tokens === 'number' ? { usage: { input: tokens, output: 0 } } : {}) };
}
