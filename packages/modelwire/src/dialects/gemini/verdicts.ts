import type { StopReason } from '../../core/ir.ts';
import { isObject } from '../../core/json-text.ts';
import {
  asBytes,
  bytes,
  beside,
  choosing,
  contract,
  demand,
  type Field,
  type Fields,
  flag,
  hint,
  id,
  implied,
  isFalse,
  json,
  jsonLike,
  kept,
  list,
  lost,
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

/** What becomes of every field of Google's generateContent: see core/verdicts.ts. */

/** Google's words for why an answer ended. Those that mean a failure of the answer are in `failedReasons`. */
export const finishReasons: ReadonlyMap<string, StopReason> = new Map<string, StopReason>([
  ['STOP', 'end'],
  ['MAX_TOKENS', 'length'],
  ['SAFETY', 'filter'],
  ['RECITATION', 'filter'],
  ['LANGUAGE', 'filter'],
  ['BLOCKLIST', 'filter'],
  ['PROHIBITED_CONTENT', 'filter'],
  ['SPII', 'filter'],
  ['IMAGE_SAFETY', 'filter'],
  ['IMAGE_PROHIBITED_CONTENT', 'filter'],
  ['IMAGE_RECITATION', 'filter'],
  ['MODEL_ARMOR', 'filter'],
  ['CONTINUATION', 'pause'],
]);

/** The answer broke off: nobody may take what there is of it for an answer. */
export const failedReasons: ReadonlySet<string> = new Set([
  'MALFORMED_FUNCTION_CALL',
  'UNEXPECTED_TOOL_CALL',
  'TOO_MANY_TOOL_CALLS',
  'MISSING_THOUGHT_SIGNATURE',
  'MALFORMED_RESPONSE',
]);

/** Ended early, and nobody is told why. */
const unexplained: readonly string[] = ['FINISH_REASON_UNSPECIFIED', 'OTHER', 'IMAGE_OTHER', 'NO_IMAGE', 'ESCALATION', 'PUP_LIMITED_DISABLED'];

export const thinkingLevels = ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH', 'XHIGH'] as const;
export const serviceTiers: readonly string[] = ['standard', 'flex', 'priority'];
export const callModes: readonly string[] = ['MODE_UNSPECIFIED', 'AUTO', 'ANY', 'NONE', 'VALIDATED'];

const isEmpty = (value: unknown): boolean => isObject(value) && Object.keys(value).length === 0;
/** How many stop strings Google takes. */
export const mostStops = 5;

const isNoList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

/** What a part may hold besides its data. */
const besides: Fields = {
  mediaProcessing: hint('how media are processed is Google’s', json),
  mediaResolution: hint(
    'the resolution of media cannot be chosen',
    jsonLike((mark) => ({ level: mark })),
  ),
  partMetadata: hint('metadata of a part has no place', json),
  speechMetadata: hint('metadata of speech has no place', json),
  thoughtSignature: to('signature', text),
  videoMetadata: hint(
    'how a video is cut cannot be said',
    jsonLike((mark) => ({ startOffset: mark })),
  ),
};
const thought = { thought: required(to('reasoning', flag)) };

const mediaTypes = word(['image/png', 'image/jpeg']);
export const blob = object({ data: required(to('data', bytes)), mimeType: required(to('mediaType', mediaTypes)), displayName: to('filename', text) });
export const fileData = object({
  fileUri: required(
    to(
      'source',
      textLike((mark) => `https://example.com/${mark}`),
    ),
  ),
  mimeType: to('mediaType', mediaTypes),
  displayName: to('filename', text),
});
const callFields: Fields = {
  id: to('id', id('call')),
  name: required(to('name', id('function'))),
  args: to('arguments', json),
};
export const functionCall = object({
  ...callFields,
  partialArgs: demand('a call in pieces is known to Google alone', json, isNoList),
  willContinue: demand('a call in pieces is known to Google alone', flag, isFalse),
});
/** Media stand beside the response. */
const responsePart = choosing(
  object({
    inlineData: to('image', blob),
    fileData: to('image', fileData),
    mediaProcessing: hint('how media are processed is Google’s', json),
  }),
  ['inlineData', 'fileData'],
);
export const functionResponse = object({
  id: to('callId', reference('call')),
  name: to('callId', reference('function')),
  response: to('toolResult', json),
  parts: to('toolResult', list(responsePart)),
  scheduling: hint('when a result is told is Google’s matter', word(['SILENT', 'WHEN_IDLE', 'INTERRUPT'])),
  willContinue: demand('a result in several pieces is known to Google alone', flag, isFalse),
});

/** Parts that only Google understands: they are kept whole. */
export const opaqueParts = ['executableCode', 'codeExecutionResult', 'toolCall', 'toolResponse', 'audioTranscription'] as const;

const words = { text: to('text', text) };
const opaqueData: Fields = Object.fromEntries(opaqueParts.map((kind): [string, Field] => [kind, to('opaque', json)]));
const said: Fields = { ...words, inlineData: to('image', blob), fileData: to('image', fileData), ...opaqueData };
const called = { functionCall: to('toolCall', functionCall) };
const answered = { functionResponse: to('toolResult', functionResponse) };
const part = (data: Fields, more: Fields = {}): Shape => choosing(object({ ...besides, ...more, ...data }), Object.keys(data));

/** What may stand in a part, whichever data it holds. */
export const anyPart = part({ ...said, ...called, ...answered }, { thought: to('reasoning', flag) });
const textPart = part(words);
const thoughtPart = part(words, thought);

const contentOf = (role: Field, parts: Value): Shape => object({ role, parts: to('blocks', parts) });
export const content = contentOf(implied(word(['user', 'model'])), list(anyPart));
const contents = list(content, [
  contentOf(tag('user'), list(anyPart, [part(said)])),
  contentOf(tag('model'), list(anyPart, [thoughtPart, part(said)])),
  contentOf(tag('model'), list(anyPart, [part(called)])),
  contentOf(tag('user'), list(anyPart, [part(answered)])),
]);
export const systemContent = contentOf(implied(text), list(textPart));

const schema = jsonLike((mark) => ({ type: 'object', description: mark }));

export const declaration = choosing(
  object({
    name: required(to('name', id('tool'))),
    description: to('description', text),
    parameters: to('schema', schema),
    parametersJsonSchema: to('schema', schema),
    behavior: hint(
      'whether a call blocks is Google’s matter',
      word(['BLOCKING', 'NON_BLOCKING'], 'NON_BLOCKING'),
      (value) => value === 'BLOCKING' || value === 'UNSPECIFIED',
    ),
    response: hint('the schema of a result has no place', json),
    responseJsonSchema: hint('the schema of a result has no place', json),
  }),
  ['parameters', 'parametersJsonSchema'],
);
/** Tools that Google runs: each is kept whole. */
export const serverTools = [
  'retrieval',
  'googleMaps',
  'mcpServers',
  'codeExecution',
  'computerUse',
  'enterpriseWebSearch',
  'exaAiSearch',
  'googleSearch',
  'googleSearchRetrieval',
  'parallelAiSearch',
  'urlContext',
  'fileSearch',
] as const;
export const tool = object({
  functionDeclarations: to('tools', list(declaration)),
  ...Object.fromEntries(serverTools.map((name): [string, Field] => [name, to('serverTool', json)])),
});

export const callingConfig = object({
  mode: to('toolChoice', word(callModes, 'ANY'), (value) => value !== 'VALIDATED'),
  allowedFunctionNames: to('toolChoice', list(reference('tool'))),
  streamFunctionCallArguments: hint('arguments come whole in a translated answer', flag, isFalse),
});
export const toolConfig = object({
  functionCallingConfig: to('toolChoice', callingConfig),
  retrievalConfig: hint('a place for retrieval is known to Google alone', json),
  includeServerSideToolInvocations: hint('tools of the provider are run by Google', flag, isFalse),
});

export const thinkingConfig = choosing(
  object({
    includeThoughts: to('reasoning.display', flag),
    thinkingBudget: to('reasoning.budget', wholeFrom(1024, 2000)),
    thinkingLevel: to('reasoning.effort', word(['THINKING_LEVEL_UNSPECIFIED', ...thinkingLevels], 'LOW')),
  }),
  ['thinkingBudget', 'thinkingLevel'],
);

const noLogprobs = 'log probabilities are not given there';
const onlyText = 'only text can be asked for there';

const config: Fields = {
  candidateCount: demand('one answer is given to a call', wholeFrom(2, 8), (value) => value === 1),
  stopSequences: to('stop', list(text)),
  maxOutputTokens: to('maxTokens', wholeFrom(2048, 8000)),
  temperature: to('temperature', number(0, 2)),
  topP: to('topP', number(0, 1)),
  topK: to('topK', wholeFrom(1, 500)),
  seed: to('seed', wholeFrom(0, 1e9)),
  presencePenalty: to('presencePenalty', number(-2, 2)),
  frequencyPenalty: to('frequencyPenalty', number(-2, 2)),
  responseMimeType: contract(to('responseFormat', word(['text/plain', 'application/json', 'text/x.enum'], 'application/json'))),
  responseSchema: contract(to('responseFormat', schema)),
  responseJsonSchema: contract(to('responseFormat', schema)),
  responseFormat: demand('formats of an answer in this spelling are Google’s', json, isNoList),
  thinkingConfig: to('reasoning', thinkingConfig),
  responseLogprobs: demand(noLogprobs, flag, isFalse),
  logprobs: demand(noLogprobs, wholeFrom(1, 20), (value) => value === 0),
  responseModalities: demand(onlyText, list(word(['TEXT', 'IMAGE', 'AUDIO', 'VIDEO'], 'IMAGE')), isTextAlone),
  speechConfig: demand('speech cannot be asked for there', json, isEmpty),
  // The clients know it as one of the request's.
  imageConfig: vendor(hint('images cannot be asked for there', json, isEmpty)),
  mediaResolution: hint('the resolution of media cannot be chosen', word(['MEDIA_RESOLUTION_LOW', 'MEDIA_RESOLUTION_HIGH'])),
  audioTimestamp: hint('the time of what is said in audio is not told', flag, isFalse),
  audioTranscriptionConfig: demand('transcripts are made by Google', json, isEmpty),
  enableAffectiveDialog: hint('an affective dialog is Google’s', flag, isFalse),
  enableEnhancedCivicAnswers: hint('civic answers are Google’s', flag, isFalse),
  modelSelectionConfig: hint('models are selected by Google', json, isEmpty),
  modelConfig: vendor(hint('models are selected by Google', json, isEmpty)),
  routingConfig: hint('models are selected by Google', json, isEmpty),
  translationConfig: demand('translations of speech are made by Google', json, isEmpty),
};
export const generationConfig = choosing(object(config), ['responseSchema', 'responseJsonSchema']);

function isTextAlone(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string' && item.toUpperCase() === 'TEXT');
}

/** A setting that filters nothing asks for nothing. */
function filtersNothing(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => isObject(item) && (item['threshold'] === 'BLOCK_NONE' || item['threshold'] === 'OFF'));
}

const requestFields: Fields = {
  contents: required(to('messages', contents)),
  systemInstruction: to('system', systemContent),
  tools: contract(to('tools', list(tool))),
  toolConfig: contract(beside(to('toolChoice', toolConfig), 'tools')),
  generationConfig: to('generationConfig', generationConfig),
  safetySettings: demand(
    'safety settings are obeyed by Google alone',
    jsonLike((mark) => [{ category: mark, threshold: 'BLOCK_LOW_AND_ABOVE' }]),
    filtersNothing,
  ),
  cachedContent: demand('cached content is kept by Google', text),
  labels: hint('labels are kept by Google', json, isEmpty),
  modelArmorConfig: demand('answers are checked by Google’s Model Armor', json, isEmpty),
  serviceTier: to(
    'serviceTier',
    word(['unspecified', ...serviceTiers], 'flex'),
    (value) => value === 'unspecified' || serviceTiers.some((tier) => tier === value),
  ),
  store: hint('answers are stored by Google alone', flag, isFalse),
  continuationToken: demand('a long answer is gone on with by Google', text),
  generationOutputConfig: hint('where answers are put is Google’s', json, isEmpty),
  outputConfig: vendor(hint('where answers are put is Google’s', json, isEmpty)),
  /** The path says it. */
  model: vendor(implied(text)),
};
export const request = object(requestFields);

/** Google's clients take the fields of `generationConfig` beside those of the request, and some things that they do themselves. */
const { contents: _contents, generationConfig: _config, ...flatFields } = requestFields;
const { responseFormat: _format, enableAffectiveDialog: _dialog, translationConfig: _translation, ...flatConfig } = config;
const inClient = implied(json);
const clientConfig = object({
  ...flatConfig,
  ...flatFields,
  // Taken in more forms than the wire has.
  responseSchema: inClient,
  systemInstruction: inClient,
  tools: inClient,
  httpOptions: inClient,
  abortSignal: inClient,
  automaticFunctionCalling: inClient,
  automaticContinuation: inClient,
});

// Answers.

const tokens = wholeFrom(0, 1e4);
const manyTokens = wholeFrom(1e5, 1e6);
const byModality = jsonLike(() => [{ modality: 'AUDIO', tokenCount: 7 }]);

export const usage = object({
  promptTokenCount: to('usage.input', manyTokens),
  cachedContentTokenCount: to('usage.cacheRead', tokens),
  candidatesTokenCount: to('usage.output', manyTokens),
  thoughtsTokenCount: to('usage.reasoning', tokens),
  toolUsePromptTokenCount: to('usage.toolPrompt', tokens),
  totalTokenCount: implied(manyTokens),
  promptTokensDetails: to('usage.inputAudio', byModality),
  cacheTokensDetails: kept(json),
  candidatesTokensDetails: to('usage.outputAudio', byModality),
  toolUsePromptTokensDetails: kept(json),
  trafficType: kept(text),
  serviceTier: vendor(to('serviceTier', word(serviceTiers, 'flex'))),
  initialPromptTokenCount: kept(tokens),
});

const onlyGoogle = 'only callers of gemini can be shown it';

/** What stands beside the data of an answer's part. */
const answerBesides: Fields = {
  mediaProcessing: lost('a translated answer has no place for it', json),
  mediaResolution: lost('a translated answer has no place for it', json),
  partMetadata: lost('a translated answer has no place for it', json),
  speechMetadata: lost('a translated answer has no place for it', json),
  videoMetadata: lost('a translated answer has no place for it', json),
};
export const answerCall = choosing(
  object({
    ...callFields,
    partialArgs: to(
      'arguments',
      jsonLike((mark) => [{ jsonPath: '$.note', stringValue: mark }]),
    ),
    willContinue: implied({ ...flag, sample: false }),
  }),
  ['args', 'partialArgs'],
);
const image = jsonLike((mark) => ({ mimeType: 'image/png', data: asBytes(mark) }));
const answerData: Fields = { ...words, inlineData: to('content.image', image) };
const answerCalled = { functionCall: to('toolCall', answerCall) };
const answerOpaque: Fields = Object.fromEntries(
  [...opaqueParts, 'fileData', 'functionResponse'].map((kind): [string, Field] => [kind, to(`content.${kind}`, json)]),
);
const signature = { thoughtSignature: to('signature', text) };
/** The signature of what is neither thinking nor a call. */
const otherSignature = { thoughtSignature: hint('only callers of gemini can send the signature of a text back', text) };
const answerPartOf = (data: Fields, more: Fields): Shape => choosing(object({ ...answerBesides, ...more, ...data }), Object.keys(data));

/** What a part of an answer may hold. */
export const answerPart = answerPartOf({ ...answerData, ...answerCalled, ...answerOpaque }, { thought: to('reasoning', flag), ...signature });
const answerParts = list(answerPart, [
  answerPartOf(words, { ...thought, ...signature }),
  answerPartOf(answerData, otherSignature),
  // Kept whole.
  choosing(object(answerOpaque), Object.keys(answerOpaque)),
  answerPartOf(answerCalled, signature),
]);
const answerContent = contentOf(implied(word(['model'])), answerParts);

export const candidate = object({
  content: to('blocks', answerContent),
  finishReason: to('finish', word([...finishReasons.keys(), ...failedReasons, ...unexplained])),
  finishMessage: to('finish.explanation', text),
  index: implied(wholeFrom(0, 0)),
  safetyRatings: kept(json),
  avgLogprobs: kept(number(-10, 0)),
  tokenCount: kept(tokens),
  citationMetadata: hint(onlyGoogle, json, isEmpty),
  groundingMetadata: hint(onlyGoogle, json, isEmpty),
  urlContextMetadata: hint(onlyGoogle, json, isEmpty),
  logprobsResult: hint(onlyGoogle, json, isEmpty),
  continuationToken: hint(onlyGoogle, text),
});

export const promptFeedback = object({
  blockReason: to('finish', text),
  blockReasonMessage: to('finish.explanation', text),
  safetyRatings: kept(json),
});

export const reply = choosing(
  object({
    candidates: to('blocks', list(candidate)),
    promptFeedback: to('finish', promptFeedback),
    usageMetadata: to('usage', usage),
    modelVersion: to('model', text),
    // An answer has an id of its own in every format.
    responseId: implied(text),
    createTime: kept(text),
    modelStatus: kept(json),
    sdkHttpResponse: vendor(implied(json)),
    automaticFunctionCallingHistory: vendor(implied(json)),
  }),
  ['candidates', 'promptFeedback'],
);

const types = 'dist/genai.d.ts';

export const verdicts: VerdictTable = {
  official: {
    package: '@google/genai',
    request: [],
    reply: [`${types}#GenerateContentResponse`],
    event: [`${types}#GenerateContentResponse`],
    pieces: [
      [`${types}#GenerateContentConfig`, clientConfig],
      [`${types}#GenerationConfig`, generationConfig],
      [`${types}#Content`, content],
      [`${types}#Tool`, tool],
      [`${types}#ToolConfig`, toolConfig],
    ],
  },
  request,
  reply,
  event: reply,
};
