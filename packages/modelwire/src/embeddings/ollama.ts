import { defined } from '../core/defined.ts';
import type { Context } from '../core/dialect.ts';
import type { AcceptedEmbedding, CountedReply, EmbeddingFormat, EmbedReply, EmbedRequest, PreparedEmbedding } from '../core/embedding.ts';
import { extrasIn } from '../core/extras.ts';
import { cursorAt, fieldOf, isGivenAt, numberAt, objectAt, optionalAt, wrongType } from '../core/json-cursor.ts';
import { printArray, printObject, printOptional, printString } from '../core/json-print.ts';
import { isObject, type JsonText } from '../core/json-text.ts';
import { accountForExtras } from '../core/notes.ts';
import { either, type Fields, flag, hint, implied, jsonLike, list, number, object, required, text, to, whole, wholeFrom } from '../core/verdicts.ts';
import { account } from './accounting.ts';
import { countIn, relayTo } from './relaying.ts';
import { textInputs, textsOf } from './inputs.ts';
import { loseRest } from './losses.ts';
import { noVectors, readVector } from './vectors.ts';

const dialect = 'ollama';
const path = '/api/embed';
const olderPath = '/api/embeddings';

const onServer = 'how the model is run is its server’s matter';
const running: Fields = {
  keep_alive: hint('how long a model stays loaded is its server’s matter', either(text, whole)),
  options: hint(
    onServer,
    jsonLike((mark) => ({ note: mark })),
  ),
};
const request = object({
  model: required(implied(text)),
  input: required(to('inputs', either(text, list(text)))),
  dimensions: to('dimensions', wholeFrom(1, 1e5)),
  truncate: to('truncate', flag),
  ...running,
});
const olderRequest = object({ model: required(implied(text)), prompt: required(to('inputs', text)), ...running });

const times = hint('how long it took is not told', whole);
const reply = object({
  model: to('model', text),
  embeddings: required(to('vectors', list(list(number(-1, 1))))),
  total_duration: times,
  load_duration: times,
  prompt_eval_count: to('usage.input', whole),
});
/** Of the older way, in which nobody is asked. */
const olderReply = object({ embedding: required(to('vectors', list(number(-1, 1)))) });

const types = 'dist/browser.d.ts';

/** https://docs.ollama.com/api/embed, and the older way with one `prompt`. */
export const ollamaEmbeddings: EmbeddingFormat = {
  verdicts: {
    official: {
      package: 'ollama',
      request: [`${types}#EmbedRequest`],
      reply: [`${types}#EmbedResponse`],
      pieces: [
        [`${types}#EmbeddingsRequest`, olderRequest],
        [`${types}#EmbeddingsResponse`, olderReply],
      ],
    },
    request,
    reply,
  },
  front: {
    check(top) {
      if (!top.has('input') && !top.has('prompt')) throw wrongType('input', 'given: a text or an array of texts');
    },
    accept,
    isAsked: () => true,
  },
  back: {
    prepare,
    relay: (top, model) => relayTo(top.has('input') ? path : olderPath, top, model),
    usage: (piece) => countIn(piece, 'prompt_eval_count'),
  },
};

function accept(body: JsonText, context: Context): AcceptedEmbedding {
  const root = cursorAt(body);
  objectAt(root);
  const older = !isGivenAt(root, 'input');
  const truncates = optionalAt(root, 'truncate', (field) => field.value === true);
  const asked: EmbedRequest = defined({
    inputs: textInputs(fieldOf(root, older ? 'prompt' : 'input')),
    dimensions: optionalAt(root, 'dimensions', numberAt),
    truncate: truncates === undefined ? undefined : truncates ? ('end' as const) : ('none' as const),
    names: {},
    ext: extrasIn(root, older ? olderRequest : request, dialect) ?? [],
  });
  return { request: asked, reply: (found) => (older ? JSON.stringify({ embedding: found.vectors[0] }) : encodeReply(found, context)) };
}

function encodeReply({ vectors, model, usage: { input } }: CountedReply, { target }: Context): string {
  return JSON.stringify({ model: model ?? target.model, embeddings: vectors, prompt_eval_count: input });
}

function prepare(request: EmbedRequest, context: Context): PreparedEmbedding {
  const { ledger, target } = context;
  accountForExtras(request.ext, dialect, ledger);
  account.task(request, context);
  account.endUser(request, context);
  if (request.truncate === 'start') ledger.drop(request.names['truncate'] ?? 'truncate', 'only the end of a text can be left out there');
  const own = request.ext.filter((extra) => extra.dialect === dialect).map((extra) => [extra.key, extra.raw] as const);
  const body = printObject([
    ['model', printString(target.model)],
    ['input', printArray(textsOf(request, context).map(printString))],
    ['dimensions', printOptional(request.dimensions)],
    ['truncate', request.truncate === undefined || request.truncate === 'start' ? undefined : String(request.truncate === 'end')],
    ...own,
  ]);
  return { path, body, reply: (value) => decodeReply(value, context) };
}

function decodeReply(value: unknown, context: Context): EmbedReply {
  const { target } = context;
  const list: unknown = isObject(value) ? value['embeddings'] : undefined;
  if (!isObject(value) || !Array.isArray(list)) throw noVectors(target.provider);
  loseRest(value, reply, context);
  const tokens = value['prompt_eval_count'];
  return defined({
    vectors: list.map((item: unknown) => readVector(item, target.provider)),
    model: typeof value['model'] === 'string' ? value['model'] : undefined,
    usage: typeof tokens === 'number' ? { input: tokens, output: 0 as const } : undefined,
  });
}
