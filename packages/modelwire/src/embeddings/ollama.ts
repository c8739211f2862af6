import { defined } from '../core/defined.ts';
import type { Context } from '../core/dialect.ts';
import type { AcceptedEmbedding, CountedReply, EmbeddingFormat, EmbedReply, EmbedRequest, PreparedEmbedding } from '../core/embedding.ts';
import type { Extra } from '../core/ir.ts';
import { type Cursor, cursorAt, fieldOf, isGivenAt, numberAt, objectAt, optionalAt, rawOf, wrongType } from '../core/json-cursor.ts';
import { printArray, printObject, printOptional, printString } from '../core/json-print.ts';
import { isObject, type JsonText } from '../core/json-text.ts';
import { accountForExtras } from '../core/notes.ts';
import { account } from './accounting.ts';
import { countIn, relayTo } from './relaying.ts';
import { textInputs, textsOf } from './inputs.ts';
import { noVectors, readVector } from './vectors.ts';

const dialect = 'ollama';
const path = '/api/embed';
const olderPath = '/api/embeddings';

/** https://docs.ollama.com/api/embed, and the older way with one `prompt`. */
export const ollamaEmbeddings: EmbeddingFormat = {
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

const known: ReadonlySet<string> = new Set(['model', 'input', 'prompt', 'dimensions', 'truncate']);

function accept(body: JsonText, context: Context): AcceptedEmbedding {
  const root = cursorAt(body);
  objectAt(root);
  const older = !isGivenAt(root, 'input');
  const truncates = optionalAt(root, 'truncate', (field) => field.value === true);
  const request: EmbedRequest = defined({
    inputs: textInputs(fieldOf(root, older ? 'prompt' : 'input')),
    dimensions: optionalAt(root, 'dimensions', numberAt),
    truncate: truncates === undefined ? undefined : truncates ? ('end' as const) : ('none' as const),
    names: {},
    ext: extrasIn(root),
  });
  return { request, reply: (reply) => (older ? JSON.stringify({ embedding: reply.vectors[0] }) : encodeReply(reply, context)) };
}

function extrasIn(root: Cursor): Extra[] {
  return Object.entries(objectAt(root)).flatMap(([key, value]): Extra[] =>
    value === null || known.has(key) ? [] : [{ dialect, path: key, key, raw: rawOf(fieldOf(root, key)), loss: 'hint' }],
  );
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

function decodeReply(value: unknown, { target }: Context): EmbedReply {
  const list: unknown = isObject(value) ? value['embeddings'] : undefined;
  if (!isObject(value) || !Array.isArray(list)) throw noVectors(target.provider);
  const tokens = value['prompt_eval_count'];
  return defined({
    vectors: list.map((item: unknown) => readVector(item, target.provider)),
    model: typeof value['model'] === 'string' ? value['model'] : undefined,
    usage: typeof tokens === 'number' ? { input: tokens, output: 0 as const } : undefined,
  });
}
