import type { StopReason } from '../../core/ir.ts';
import { efforts } from '../../core/effort.ts';
import { isObject } from '../../core/json-text.ts';
import {
  asBytes,
  bytes,
  choosing,
  contract,
  demand,
  type Field,
  type Fields,
  flag,
  hint,
  id,
  implied,
  json,
  jsonLike,
  kept,
  list,
  number,
  object,
  reference,
  required,
  type Shape,
  tag,
  text,
  textLike,
  to,
  type Value,
  type VerdictTable,
  vendor,
  wholeFrom,
  word,
} from '../../core/verdicts.ts';
import { audioFormats, documentFormats, imageFormats } from './formats.ts';

/** What becomes of every field of Bedrock's Converse: see core/verdicts.ts. */

export const stopReasons: ReadonlyMap<string, StopReason> = new Map<string, StopReason>([
  ['end_turn', 'end'],
  ['tool_use', 'toolCalls'],
  ['max_tokens', 'length'],
  ['stop_sequence', 'stopString'],
  ['guardrail_intervened', 'filter'],
  ['content_filtered', 'filter'],
  ['model_context_window_exceeded', 'contextFull'],
]);

/** The answer broke off: nobody may take what there is of it for an answer. */
export const failedReasons: ReadonlySet<string> = new Set(['malformed_model_output', 'malformed_tool_use']);

export const serviceTiers: readonly string[] = ['default', 'priority', 'flex', 'reserved'];
export const cacheTtls: readonly string[] = ['5m', '1h'];

const isEmpty = (value: unknown): boolean => isObject(value) && Object.keys(value).length === 0;
const isNoList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

/** An object with one of its fields, which says what it is. */
function oneField(fields: Fields): Shape {
  const each = Object.entries(fields).map(([key, field]) => [key, required(field)] as const);
  return choosing(object(Object.fromEntries(each)), Object.keys(fields));
}

// What blocks are made of.

export const s3Location = object({
  uri: required(
    to(
      'source',
      textLike((mark) => `s3://bucket/${mark}`),
    ),
  ),
  bucketOwner: kept(text),
});
export const mediaSource = oneField({ bytes: to('data', bytes), s3Location: to('source', s3Location) });
const failure = hint(
  'only callers of bedrock-converse can be shown why it is missing',
  jsonLike((mark) => ({ message: mark })),
);
export const image = object({ format: required(to('mediaType', word(imageFormats))), source: required(to('source', mediaSource)), error: failure });
export const audio = object({ format: required(to('format', word(audioFormats))), source: required(to('data', mediaSource)), error: failure });

export const textPiece = object({ text: required(to('text', text)) });
const documentSources: Fields = {
  bytes: to('data', bytes),
  s3Location: to('source', s3Location),
  text: to('text', text),
  content: to('blocks', list(textPiece)),
};
export const documentSource = oneField(documentSources);
export const citing = object({ enabled: required(to('cite', flag)) });
const documentFields = (source: Shape, format: Field): Shape =>
  object({ format, name: required(to('filename', text)), source: required(to('source', source)), context: to('context', text), citations: to('cite', citing) });
export const document = documentFields(documentSource, to('mediaType', word(documentFormats)));

export const searchResult = object({
  source: required(to('source', text)),
  title: required(to('title', text)),
  content: required(to('content', list(textPiece))),
  citations: to('cite', citing),
});

export const reasoningText = object({ text: required(to('text', text)), signature: to('signature', text) });
export const reasoning = oneField({ reasoningText: to('reasoning', reasoningText), redactedContent: to('redacted', bytes) });

export const toolUse = object({
  toolUseId: required(to('id', id('call'))),
  name: required(to('name', id('function'))),
  input: required(to('arguments', json)),
  /** Given with a call that Bedrock answers itself: such a block is kept whole. */
  type: to('opaque', word(['server_tool_use'])),
});

const citation = json;
export const citations = object({
  content: to('text', list(textPiece)),
  citations: to('citations', list(citation)),
});

export const cachePoint = object({ type: tag('default'), ttl: to('cache', word(cacheTtls)) });

const onlyVideos = 'videos are taken by bedrock-converse alone';
const onlyGuards = 'what a guardrail must look at is known to bedrock-converse alone';

const resultKinds: Fields = {
  text: to('text', text),
  json: to('text', json),
  image: to('image', image),
  document: to('document', document),
  searchResult: to('searchResult', searchResult),
  video: demand(onlyVideos, json),
};
export const resultContent = oneField(resultKinds);
const resultSamples = oneField({ text: to('text', text), json: to('text', json), image: to('image', image) });

const toolResultOf = (content: Value): Shape =>
  object({
    toolUseId: required(to('callId', reference('call'))),
    content: required(to('toolResult', content)),
    status: to('isError', word(['error', 'success'])),
    /** Given with a result that Bedrock made itself: such a block is kept whole. */
    type: to('opaque', text),
  });
export const toolResult = toolResultOf(list(resultContent));

const said: Fields = { text: to('text', text), image: to('image', image), document: to('document', document), audio: to('audio', audio) };
/** What only Bedrock understands: kept whole. */
const opaqueKinds: Fields = {
  video: demand(onlyVideos, json),
  guardContent: demand(onlyGuards, json),
  toolAddition: hint('the tool is in the list anyway', json),
  toolRemoval: hint('tools cannot be taken away in the middle', json),
};
const thought: Fields = { reasoningContent: to('reasoning', reasoning) };
const called: Fields = { toolUse: to('toolCall', toolUse) };
const answered: Fields = { toolResult: to('toolResult', toolResult) };
const found: Fields = { searchResult: to('searchResult', searchResult), citationsContent: to('text', citations) };
const cached: Fields = { cachePoint: to('cache', cachePoint) };

/** What a block of content can be. */
export const block = oneField({ ...said, ...found, ...thought, ...called, ...answered, ...cached, ...opaqueKinds });
/** What the loss of a block costs that is kept whole. */
export function opaqueLoss(kind: string): 'hint' | 'demand' {
  const field = opaqueKinds[kind];
  return field?.becomes === 'extra' && field.loss === 'hint' ? 'hint' : 'demand';
}

const plainUse = object(without(toolUse, 'type'));
const plainResult = toolResultOf(list(resultSamples, [oneField({ text: to('text', text) }), resultSamples]));
const shownResult = object(without(plainResult, 'type'));
const plainDocument = documentFields(oneField({ bytes: to('data', bytes) }), to('mediaType', word(['pdf'])));
const wordsDocument = object(without(documentFields(oneField({ text: to('text', text), content: to('blocks', list(textPiece)) }), kept(text)), 'format'));

function without({ fields }: Shape, key: string): Fields {
  return Object.fromEntries([...fields].filter(([name]) => name !== key));
}

export const message = object({ role: required(implied(word(['user', 'assistant', 'system']))), content: required(to('blocks', list(block))) });
const messageOf = (role: string, ...blocks: readonly Fields[]): Shape =>
  object({
    role: tag(role),
    content: required(
      to(
        'blocks',
        list(
          block,
          blocks.map((fields) => oneField(fields)),
        ),
      ),
    ),
  });
const messages = list(message, [
  messageOf(
    'user',
    { text: to('text', text) },
    cached,
    { image: to('image', image) },
    { document: to('document', plainDocument) },
    { document: to('document', wordsDocument) },
    { document: to('document', document) },
    { audio: to('audio', audio) },
    { searchResult: to('searchResult', searchResult) },
    opaqueKinds,
  ),
  messageOf('assistant', { citationsContent: to('text', citations) }, { text: to('text', text) }),
  messageOf('user', { text: to('text', text) }),
  messageOf('assistant', thought, { text: to('text', text) }, { toolUse: to('toolCall', plainUse) }, { toolUse: to('toolCall', plainUse) }),
  messageOf('user', { toolResult: to('toolResult', shownResult) }, { toolResult: to('toolResult', shownResult) }, cached),
]);

const systemKinds: Fields = { text: to('text', text), cachePoint: to('cache', cachePoint), guardContent: demand(onlyGuards, json) };
export const systemBlock = oneField(systemKinds);

const schema = jsonLike((mark) => ({ type: 'object', properties: {}, description: mark }));
export const inputSchema = object({ json: to('schema', schema) });
export const toolSpec = object({
  name: required(to('name', id('tool'))),
  description: to('description', text),
  inputSchema: required(to('schema', inputSchema)),
  strict: to('strict', flag),
});
const toolKinds: Fields = {
  toolSpec: to('tools', toolSpec),
  systemTool: to('serverTool', json),
  cachePoint: to('cache', cachePoint),
};
export const tool = oneField(toolKinds);
export const namedTool = object({ name: required(to('toolChoice', reference('tool'))) });
const empty: Value = vendor(object({}));
export const toolChoice = oneField({ auto: to('toolChoice', empty), any: to('toolChoice', empty), tool: to('toolChoice', namedTool) });
export const toolConfig = object({
  tools: required(
    to('tools', list(tool, [oneField({ toolSpec: to('tools', toolSpec) }), oneField(cached), oneField({ toolSpec: to('tools', toolSpec) }), tool])),
  ),
  toolChoice: to('toolChoice', toolChoice),
});

export const inferenceConfig = object({
  maxTokens: to('maxTokens', wholeFrom(2048, 8000)),
  temperature: to('temperature', number(0, 1)),
  topP: to('topP', number(0, 1)),
  stopSequences: to('stop', list(text)),
});

/** Of what models have besides, the fields of Claude's format that every format has a word for. */
export const thinking = vendor(
  object({
    type: required(to('reasoning.mode', word(['enabled', 'disabled', 'adaptive'], 'enabled'))),
    budget_tokens: to('reasoning.budget', wholeFrom(1024, 2000)),
    display: to('reasoning.display', word(['summarized', 'omitted'])),
  }),
);
export const modelFields = vendor(
  object({
    top_k: to('topK', wholeFrom(1, 500)),
    thinking: to('reasoning', thinking),
    anthropic_beta: hint('features of Anthropic’s API are switched on there alone', list(text), isNoList),
  }),
);

export const jsonSchema = object({
  schema: required(
    to(
      'schema',
      textLike((mark) => JSON.stringify({ type: 'object', description: mark })),
    ),
  ),
  name: to('schemaName', text),
  description: to('schemaDescription', text),
});
export const formatStructure = object({ jsonSchema: required(to('responseFormat', jsonSchema)) });
export const textFormat = object({ type: tag('json_schema'), structure: required(to('responseFormat', formatStructure)) });
export const outputConfig = object({
  textFormat: to('responseFormat', textFormat),
  effort: to('reasoning.effort', word(efforts, 'low')),
});

export const serviceTier = object({ type: required(to('serviceTier', word(serviceTiers, 'flex'))) });

export const request = object({
  /** The path says it. */
  modelId: implied(text),
  messages: required(to('messages', messages)),
  system: to('system', list(systemBlock, [oneField({ text: to('text', text) }), oneField(cached), systemBlock])),
  inferenceConfig: to('inferenceConfig', inferenceConfig),
  toolConfig: contract(to('toolConfig', toolConfig)),
  guardrailConfig: demand('guardrails are kept by Bedrock', json, isEmpty),
  additionalModelRequestFields: to('additionalModelRequestFields', modelFields),
  promptVariables: demand('prompts with variables are kept by Bedrock', json, isEmpty),
  additionalModelResponseFieldPaths: hint('more fields of an answer cannot be asked for', list(text), isNoList),
  requestMetadata: hint('metadata is kept by Bedrock', json, isEmpty),
  performanceConfig: hint(
    'how fast a model answers cannot be chosen',
    jsonLike((mark) => ({ latency: mark })),
    (value) => isEmpty(value) || (isObject(value) && value['latency'] === 'standard'),
  ),
  serviceTier: to('serviceTier', serviceTier),
  outputConfig: contract(to('responseFormat', outputConfig)),
});

// Answers.

const onlyBedrock = 'only callers of bedrock-converse can be shown it';

const tokens = wholeFrom(0, 1e4);
export const usage = object({
  inputTokens: to('usage.input', wholeFrom(1e5, 1e6)),
  outputTokens: to('usage.output', wholeFrom(1e5, 1e6)),
  totalTokens: implied(wholeFrom(1e5, 1e6)),
  cacheReadInputTokens: to('usage.cacheRead', tokens),
  cacheWriteInputTokens: to('usage.cacheWrite', tokens),
  cacheDetails: to(
    'usage.cacheWriteTtl',
    jsonLike(() => [{ ttl: '1h', inputTokens: 7 }]),
  ),
});

/** Not every format has a place for them in an answer. */
const answerWhole: Fields = {
  image: to(
    'content.image',
    jsonLike((mark) => ({ format: 'png', source: { bytes: asBytes(mark) } })),
  ),
  ...Object.fromEntries(Object.keys(opaqueKinds).map((kind): [string, Field] => [kind, to(`content.${kind}`, json)])),
};
const answerBlock = list(block, [
  oneField(thought),
  oneField({ citationsContent: to('text', citations) }),
  oneField({ text: to('text', text) }),
  oneField(answerWhole),
  oneField({ toolUse: to('toolCall', plainUse) }),
  oneField({ toolUse: to('toolCall', plainUse) }),
]);
const answerMessage = object({ role: implied(word(['assistant', 'user', 'system'])), content: to('blocks', answerBlock) });

const besides: Fields = {
  metrics: kept(jsonLike(() => ({ latencyMs: 7 }))),
  trace: hint(onlyBedrock, json, isEmpty),
  performanceConfig: kept(json),
  serviceTier: to('serviceTier', serviceTier),
};
const modelAnswer = hint(onlyBedrock, json, isEmpty);
const stopReason = required(to('finish', word([...stopReasons.keys(), ...failedReasons], 'max_tokens')));

export const reply = object({
  output: required(to('blocks', object({ message: required(to('blocks', answerMessage)) }))),
  stopReason,
  usage: to('usage', usage),
  additionalModelResponseFields: modelAnswer,
  ...besides,
});

const index = implied(wholeFrom(0, 0));
const startKinds: Fields = {
  toolUse: to('toolCall', object({ toolUseId: required(to('id', text)), name: required(to('name', text)), type: to('opaque', word(['server_tool_use'])) })),
  toolResult: to('opaque', object({ toolUseId: required(to('opaque', text)), type: to('opaque', text), status: to('opaque', word(['error', 'success'])) })),
  image: to('image', object({ format: required(to('mediaType', word(imageFormats))) })),
};
const deltaKinds: Fields = {
  text: to('text', text),
  toolUse: to('arguments', object({ input: required(to('arguments', text)) })),
  toolResult: to('opaque', list(oneField({ text: to('opaque', text), json: to('opaque', json) }))),
  reasoningContent: to('reasoning', oneField({ text: to('text', text), redactedContent: to('redacted', bytes), signature: to('signature', text) })),
  citation: to('citations', citation),
  image: to('image', object({ source: to('source', mediaSource), error: failure })),
};
const exception = implied(json);

export const event = oneField({
  messageStart: to('start', object({ role: implied(word(['assistant', 'user', 'system'])) })),
  contentBlockStart: to('open', object({ start: required(to('open', oneField(startKinds))), contentBlockIndex: index })),
  contentBlockDelta: to('delta', object({ delta: required(to('delta', oneField(deltaKinds))), contentBlockIndex: index })),
  contentBlockStop: to('close', object({ contentBlockIndex: index })),
  messageStop: to('finish', object({ stopReason, additionalModelResponseFields: modelAnswer })),
  metadata: to('usage', object({ usage: to('usage', usage), ...besides })),
  internalServerException: exception,
  modelStreamErrorException: exception,
  validationException: exception,
  throttlingException: exception,
  serviceUnavailableException: exception,
});

const types = 'dist-types/models/models_0.d.ts';

export const verdicts: VerdictTable = {
  official: {
    package: '@aws-sdk/client-bedrock-runtime',
    request: [`${types}#ConverseRequest`, `${types}#ConverseStreamRequest`],
    reply: [`${types}#ConverseResponse`],
    event: [`${types}#ConverseStreamOutput`],
    pieces: [
      [`${types}#ContentBlock`, block],
      [`${types}#ToolResultContentBlock`, resultContent],
      [`${types}#DocumentSource`, documentSource],
    ],
  },
  request,
  reply,
  event,
};
