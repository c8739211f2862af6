import { defined } from '../core/defined.ts';
import type { Context, TopLevelEdit } from '../core/dialect.ts';
import type {
  AcceptedEmbedding,
  CountedReply,
  EmbeddingFormat,
  EmbedInput,
  EmbedReply,
  EmbedRequest,
  EmbedTask,
  PreparedEmbedding,
  RelayedEmbedding,
} from '../core/embedding.ts';
import { GatewayError } from '../core/errors.ts';
import { extrasIn } from '../core/extras.ts';
import type { Extra, RawJson } from '../core/ir.ts';
import { childPath, type Cursor, cursorAt, fieldOf, isGivenAt, itemsOf, numberAt, objectAt, stringAt, valueAt, wrongType } from '../core/json-cursor.ts';
import { printArray, printObject, printOptional, printString } from '../core/json-print.ts';
import { isObject, type JsonText } from '../core/json-text.ts';
import { accountForExtras } from '../core/notes.ts';
import type { TopLevel } from '../core/top-level.ts';
import {
  choosing,
  type Fields,
  flag,
  hint,
  implied,
  json,
  jsonLike,
  list,
  number,
  object,
  required,
  type Shape,
  text,
  to,
  vendor,
  whole,
  wholeFrom,
  word,
} from '../core/verdicts.ts';
import { account } from './accounting.ts';
import { countIn } from './relaying.ts';
import { textsOf } from './inputs.ts';
import { loseModel, loseRest } from './losses.ts';
import { noVectors, readVector } from './vectors.ts';

const dialect = 'gemini';

const tasks: ReadonlyMap<EmbedTask, string> = new Map<EmbedTask, string>([
  ['query', 'RETRIEVAL_QUERY'],
  ['document', 'RETRIEVAL_DOCUMENT'],
  ['similarity', 'SEMANTIC_SIMILARITY'],
  ['classification', 'CLASSIFICATION'],
  ['clustering', 'CLUSTERING'],
  ['question', 'QUESTION_ANSWERING'],
  ['fact', 'FACT_VERIFICATION'],
  ['code', 'CODE_RETRIEVAL_QUERY'],
]);

const usageWords: readonly string[] = [
  'promptTokensDetails',
  'cachedContentTokenCount',
  'cacheTokensDetails',
  'responseTokenCount',
  'responseTokensDetails',
  'thoughtsTokenCount',
  'toolUsePromptTokenCount',
  'toolUsePromptTokensDetails',
  'trafficType',
  'serviceTier',
];

/** Google takes both spellings of a name. */
const spellings: ReadonlyMap<string, string> = new Map([
  ['task_type', 'taskType'],
  ['output_dimensionality', 'outputDimensionality'],
  ['auto_truncate', 'autoTruncate'],
]);
const asked: Fields = {
  taskType: to('task', word(['CLUSTERING', ...tasks.values(), 'TASK_TYPE_UNSPECIFIED'])),
  outputDimensionality: to('dimensions', wholeFrom(1, 1e5)),
  autoTruncate: to('truncate', flag),
  title: hint('a title of a text has no place', text),
  mimeType: hint('only text is embedded there', text),
  documentOcr: hint('only text is embedded there', flag),
  audioTrackExtraction: hint('only text is embedded there', flag),
};
const one = object({
  // The URL names it too.
  model: implied(text),
  content: required(
    to(
      'inputs',
      jsonLike((mark) => ({ parts: [{ text: mark }] })),
    ),
  ),
  ...asked,
});
const requests = object({ requests: required(to('inputs', list(one))) });

const counted = hint('only tokens of texts are counted there', json);
const vector = object({ values: required(to('vector', list(number(-1, 1)))), statistics: counted });
const reply = choosing(
  object({
    embeddings: to('vectors', list(vector)),
    // Where one was asked for.
    embedding: vendor(to('vectors', vector)),
    metadata: counted,
    truncated: hint('that a text was cut has no place', flag),
    usageMetadata: to(
      'usage',
      object({
        promptTokenCount: to('usage.input', whole),
        totalTokenCount: implied(whole),
        ...Object.fromEntries(usageWords.map((key) => [key, counted])),
      }),
    ),
    sdkHttpResponse: implied(json),
  }),
  ['embeddings', 'embedding'],
);

const types = 'dist/genai.d.ts';
const inClient = implied(json);
/** What Google's client makes requests of. */
const clientConfig = object({ ...asked, taskType: to('task', text), httpOptions: inClient, abortSignal: inClient });

/** https://ai.google.dev/api/embeddings */
export const geminiEmbeddings: EmbeddingFormat = {
  verdicts: {
    official: {
      package: '@google/genai',
      request: [],
      reply: [`${types}#EmbedContentResponse`],
      pieces: [[`${types}#EmbedContentConfig`, clientConfig]],
    },
    request: requests,
    reply,
  },
  front: {
    check(top) {
      if (!top.has('content') && !top.has('requests')) throw wrongType('content', 'given (or requests, for several)');
    },
    accept,
    isAsked: () => true,
  },
  back: { prepare, relay, usage: (piece) => countIn(piece, 'promptTokenCount') },
};

function accept(body: JsonText, context: Context): AcceptedEmbedding {
  const root = cursorAt(body);
  objectAt(root);
  const list = isGivenAt(root, 'requests') ? itemsOf(fieldOf(root, 'requests')) : undefined;
  if (list?.length === 0) throw wrongType('requests', 'a non-empty array');
  const parts = (list ?? [root]).map((item) => readOne(item, context));
  const [first] = parts;
  const shared = <K extends 'task' | 'dimensions' | 'truncate'>(key: K) => {
    const other = parts.find((part) => part[key] !== first?.[key]);
    if (other === undefined) return first?.[key];
    throw new GatewayError('unsupported_parameter', `${other.at}: its ${key} is not that of the first request, and other providers take one for all`, {
      param: other.at,
      hint: 'Send requests that differ in it in calls of their own',
    });
  };
  const request: EmbedRequest = defined({
    inputs: parts.map((part) => part.input),
    task: shared('task'),
    dimensions: shared('dimensions'),
    truncate: shared('truncate'),
    names: namesIn(first?.at ?? ''),
    ext: [...(list === undefined ? [] : restOf(root, requests)), ...parts.flatMap((part) => part.ext)],
  });
  return { request, reply: (found) => (list === undefined ? encodeOne(found, context) : encodeMany(found, context)) };
}

const namesIn = (at: string): EmbedRequest['names'] => ({
  task: childPath(at, 'taskType'),
  dimensions: childPath(at, 'outputDimensionality'),
  truncate: childPath(at, 'autoTruncate'),
});

type One = Pick<EmbedRequest, 'task' | 'dimensions' | 'truncate' | 'ext'> & { readonly input: EmbedInput; readonly at: string };

function readOne(item: Cursor, context: Context): One {
  const at = (name: string): Cursor => {
    const key = Object.keys(objectAt(item)).find((given) => (spellings.get(given) ?? given) === name) ?? name;
    return fieldOf(item, key);
  };
  const given = <T>(name: string, read: (field: Cursor) => T): T | undefined =>
    at(name).value === undefined || at(name).value === null ? undefined : read(at(name));
  const word = given('taskType', stringAt);
  const task = [...tasks].find(([, name]) => name === word)?.[0];
  const truncates = given('autoTruncate', (field) => field.value === true);
  const unread: readonly string[] = word !== undefined && task === undefined && word !== 'TASK_TYPE_UNSPECIFIED' ? ['taskType'] : [];
  return defined({
    input: inputOf(fieldOf(item, 'content'), context),
    at: item.path,
    task,
    dimensions: given('outputDimensionality', numberOrText),
    truncate: truncates === undefined ? undefined : truncates ? ('end' as const) : ('none' as const),
    ext: restOf(item, one, unread),
  });
}

function numberOrText(field: Cursor): number {
  const value = typeof field.value === 'string' && /^\d{1,6}$/.test(field.value) ? Number(field.value) : numberAt(field);
  if (!Number.isInteger(value) || value <= 0) throw wrongType(field.path, 'a positive integer');
  return value;
}

/** In either spelling. */
function restOf(item: Cursor, shape: Shape, unread: readonly string[] = []): readonly Extra[] {
  const isRead = ({ key }: Extra): boolean => {
    const name = spellings.get(key) ?? key;
    return name !== key && shape.known.has(name) && !unread.includes(name);
  };
  return (extrasIn(item, shape, dialect, unread) ?? []).filter((extra) => !isRead(extra));
}

/** The text of a content: its parts in a row. What else a part may hold only Google's own models can embed. */
function inputOf(content: Cursor, { ledger }: Context): EmbedInput {
  if (content.value === undefined) throw wrongType(content.path, 'given');
  if (typeof content.value === 'string') return { kind: 'text', text: content.value, at: content.path };
  const parts = fieldOf(content, 'parts');
  const items = isObject(parts.value) ? [parts] : itemsOf(parts);
  const texts = items.map((part) => {
    if (typeof valueAt(part, 'text') === 'string') return stringAt(fieldOf(part, 'text'));
    ledger.refuse(part.path, 'only text is embedded there', 'Send text, or choose a model of Google');
    return '';
  });
  if (texts.length === 0) throw wrongType(parts.path, 'a non-empty array');
  return { kind: 'text', text: texts.join(''), at: content.path };
}

function encodeOne({ vectors: [values = []], model, usage: { input } }: CountedReply, context: Context): string {
  loseModel(model, context);
  return JSON.stringify({ embedding: { values }, usageMetadata: { promptTokenCount: input, totalTokenCount: input } });
}

function encodeMany({ vectors, model, usage: { input } }: CountedReply, context: Context): string {
  loseModel(model, context);
  return JSON.stringify({ embeddings: vectors.map((values) => ({ values })), usageMetadata: { promptTokenCount: input, totalTokenCount: input } });
}

const nameOf = (model: string): string => (/^(?:models|tunedModels)\//.test(model) ? model : `models/${model}`);
const pathOf = (model: string, method: string): string => `/v1beta/${nameOf(model).split('/').map(encodeURIComponent).join('/')}:${method}`;

function prepare(request: EmbedRequest, context: Context): PreparedEmbedding {
  const { ledger, target } = context;
  accountForExtras(request.ext, dialect, ledger);
  account.endUser(request, context);
  if (request.dimensions !== undefined)
    ledger.note(
      'changed',
      request.names['dimensions'] ?? 'dimensions',
      'vectors that are cut short may not have unit length there: divide them by their length',
    );
  const requests = textsOf(request, context).map((text, index) =>
    printObject([
      ['model', printString(nameOf(target.model))],
      ['content', printObject([['parts', printArray([printObject([['text', printString(text)]])])]])],
      ['taskType', printOptional(request.task === undefined ? undefined : tasks.get(request.task))],
      ['outputDimensionality', printOptional(request.dimensions)],
      ['autoTruncate', truncation(request, context)],
      ...ownEntries(request, index),
    ]),
  );
  return {
    path: pathOf(target.model, 'batchEmbedContents'),
    body: printObject([['requests', printArray(requests)], ...(isBatch(request) ? rootEntries(request) : [])]),
    reply: (value) => decodeReply(value, context),
  };
}

function truncation({ truncate, names }: EmbedRequest, { ledger }: Context): RawJson | undefined {
  if (truncate === 'start') ledger.drop(names['truncate'] ?? 'truncate', 'only the end of a text can be left out there');
  return truncate === undefined || truncate === 'start' ? undefined : String(truncate === 'end');
}

/** Whether several were asked for in one request of Google's own format: what stands at its root is none of the first. */
function isBatch({ names }: EmbedRequest): boolean {
  return names['task']?.startsWith('requests[') === true;
}

function rootEntries({ ext }: EmbedRequest): (readonly [string, RawJson])[] {
  return ext.filter((extra) => extra.dialect === dialect && extra.path === extra.key).map((extra) => [extra.key, extra.raw] as const);
}

/** What Google's own callers send besides, each in its request. */
function ownEntries(request: EmbedRequest, index: number): (readonly [string, RawJson])[] {
  if (index === 0 && !isBatch(request)) return rootEntries(request);
  return request.ext
    .filter((extra) => extra.dialect === dialect && extra.path.startsWith(`requests[${index}].`))
    .map((extra) => [extra.key, extra.raw] as const);
}

function decodeReply(value: unknown, context: Context): EmbedReply {
  const { target } = context;
  if (!isObject(value)) throw noVectors(target.provider);
  loseRest(value, reply, context);
  const { embedding, embeddings } = value;
  const items: readonly unknown[] = Array.isArray(embeddings) ? embeddings : [embedding];
  const vectors = items.map((item) => readVector(isObject(item) ? item['values'] : undefined, target.provider));
  const counts = value['usageMetadata'];
  const tokens = isObject(counts) ? counts['promptTokenCount'] : undefined;
  return { vectors, ...(typeof tokens === 'number' ? { usage: { input: tokens, output: 0 } } : {}) };
}

/** Each request of several names the model again: there a relay edits nothing. */
function relay(top: TopLevel, model: string): RelayedEmbedding | undefined {
  const name = nameOf(model);
  if (!top.has('requests')) {
    const edits: readonly TopLevelEdit[] = !top.has('model') || top.value('model') === name ? [] : [{ kind: 'set', key: 'model', raw: JSON.stringify(name) }];
    return { path: pathOf(model, 'embedContent'), edits };
  }
  return namesOnly(top.raw('requests') ?? '', name) ? { path: pathOf(model, 'batchEmbedContents'), edits: [] } : undefined;
}

function namesOnly(raw: RawJson, name: string): boolean {
  try {
    const list: unknown = JSON.parse(raw);
    return Array.isArray(list) && list.every((item) => isObject(item) && item['model'] === name);
  } catch {
    // The translation says what is wrong with it.
    return false;
  }
}
