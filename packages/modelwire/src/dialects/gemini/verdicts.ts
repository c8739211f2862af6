import type { StopReason } from '../../core/ir.ts';
import { isObject } from '../../core/json-text.ts';
import {
  contract,
  demand,
  either,
  type Field,
  type Fields,
  flag,
  hint,
  implied,
  isFalse,
  json,
  jsonLike,
  kept,
  list,
  number,
  object,
  required,
  type Shape,
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
export const callModes: readonly string[] = ['AUTO', 'ANY', 'NONE', 'VALIDATED'];

const isEmpty = (value: unknown): boolean => isObject(value) && Object.keys(value).length === 0;
/** How many stop strings Google takes. */
export const mostStops = 5;

const isNoList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

/** What a part may hold besides its data. */
const besides: Fields = {
  mediaProcessing: hint('how media are processed is Google’s', json),
  mediaResolution: hint(
    'the resolution of media cannot be chosen',
    jsonLike(() => ({ level: 'MEDIA_RESOLUTION_LOW' })),
  ),
  partMetadata: hint('metadata of a part has no place', json),
  speechMetadata: hint('metadata of speech has no place', json),
  thought: implied(flag),
  thoughtSignature: to('signature', text),
  videoMetadata: hint(
    'how a video is cut cannot be said',
    jsonLike(() => ({ fps: 1 })),
  ),
};
const part = (fields: Fields): Shape => object({ ...besides, ...fields });

export const blob = object({ data: required(to('data', text)), mimeType: required(to('mediaType', text)), displayName: to('filename', text) });
export const fileData = object({
  fileUri: required(
    to(
      'source',
      textLike((mark) => `https://example.com/${mark}.png`),
    ),
  ),
  mimeType: to('mediaType', text),
  displayName: to('filename', text),
});
export const functionCall = object({
  id: to('id', text),
  name: required(to('name', text)),
  args: to('arguments', json),
  partialArgs: to('arguments', json),
  willContinue: implied(flag),
});
/** Media stand beside the response. */
const responsePart = either(
  object({ inlineData: required(to('image', blob)), mediaProcessing: hint('how media are processed is Google’s', json) }),
  object({ fileData: required(to('image', fileData)), mediaProcessing: hint('how media are processed is Google’s', json) }),
);
export const functionResponse = object({
  id: to('callId', text),
  name: to('callId', text),
  response: to('toolResult', json),
  parts: to('toolResult', list(responsePart)),
  scheduling: hint('when a result is told is Google’s matter', word(['SILENT', 'WHEN_IDLE', 'INTERRUPT'])),
  willContinue: demand('a result in several pieces is known to Google alone', flag, isFalse),
});

/** Parts that only Google understands: they are kept whole. */
export const opaqueParts = ['executableCode', 'codeExecutionResult', 'toolCall', 'toolResponse', 'audioTranscription'] as const;

const textPart = part({ text: required(to('text', text)) });
const parts = [
  textPart,
  part({ inlineData: required(to('image', blob)) }),
  part({ fileData: required(to('image', fileData)) }),
  part({ functionCall: required(to('toolCall', functionCall)) }),
  part({ functionResponse: required(to('toolResult', functionResponse)) }),
  ...opaqueParts.map((kind) => part({ [kind]: required(to('opaque', json)) })),
];
/** What may stand in a part, whichever data it holds. */
export const anyPart: Shape = object(Object.assign({}, ...parts.map((shape) => Object.fromEntries(shape.fields))));
const partValue: Value = either(...parts);

export const content = object({ role: implied(word(['user', 'model', 'function'])), parts: to('blocks', list(partValue)) });
export const systemContent = object({ role: implied(text), parts: to('blocks', list(textPart)) });

export const declaration = object({
  name: required(to('name', text)),
  description: to('description', text),
  parameters: to('schema', json),
  parametersJsonSchema: to('schema', json),
  behavior: hint('whether a call blocks is Google’s matter', word(['BLOCKING', 'NON_BLOCKING']), (value) => value === 'BLOCKING' || value === 'UNSPECIFIED'),
  response: hint('the schema of a result has no place', json),
  responseJsonSchema: hint('the schema of a result has no place', json),
});
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
  mode: to('toolChoice', word(callModes), (value) => value !== 'VALIDATED'),
  allowedFunctionNames: to('toolChoice', list(text)),
  streamFunctionCallArguments: hint('arguments come whole in a translated answer', flag, isFalse),
});
export const toolConfig = object({
  functionCallingConfig: to('toolChoice', callingConfig),
  retrievalConfig: hint('a place for retrieval is known to Google alone', json),
  includeServerSideToolInvocations: hint('tools of the provider are run by Google', flag, isFalse),
});

export const thinkingConfig = object({
  includeThoughts: to('reasoning.display', flag),
  thinkingBudget: to('reasoning.budget', wholeFrom(1024, 2000)),
  thinkingLevel: to('reasoning.effort', word(thinkingLevels, 'LOW')),
});

const noLogprobs = 'log probabilities are not given there';
const onlyText = 'only text can be asked for there';

export const generationConfig = object({
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
  responseSchema: contract(to('responseFormat', json)),
  responseJsonSchema: contract(to('responseFormat', json)),
  responseFormat: demand('formats of an answer in this spelling are Google’s', json, isNoList),
  thinkingConfig: to('reasoning', thinkingConfig),
  responseLogprobs: demand(noLogprobs, flag, isFalse),
  logprobs: demand(noLogprobs, wholeFrom(1, 20), (value) => value === 0),
  responseModalities: demand(onlyText, list(word(['TEXT', 'IMAGE', 'AUDIO', 'VIDEO'], 'IMAGE')), isTextAlone),
  speechConfig: demand('speech cannot be asked for there', json, isEmpty),
  imageConfig: hint('images cannot be asked for there', json, isEmpty),
  mediaResolution: hint('the resolution of media cannot be chosen', word(['MEDIA_RESOLUTION_LOW', 'MEDIA_RESOLUTION_HIGH'])),
  audioTimestamp: hint('the time of what is said in audio is not told', flag, isFalse),
  audioTranscriptionConfig: demand('transcripts are made by Google', json, isEmpty),
  enableAffectiveDialog: hint('an affective dialog is Google’s', flag, isFalse),
  enableEnhancedCivicAnswers: hint('civic answers are Google’s', flag, isFalse),
  modelSelectionConfig: hint('models are selected by Google', json, isEmpty),
  modelConfig: vendor(hint('models are selected by Google', json, isEmpty)),
  routingConfig: hint('models are selected by Google', json, isEmpty),
  translationConfig: demand('translations of speech are made by Google', json, isEmpty),
});

function isTextAlone(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string' && item.toUpperCase() === 'TEXT');
}

/** A setting that filters nothing asks for nothing. */
function filtersNothing(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => isObject(item) && (item['threshold'] === 'BLOCK_NONE' || item['threshold'] === 'OFF'));
}

export const request = object({
  contents: required(to('messages', list(content))),
  systemInstruction: to('system', systemContent),
  tools: contract(to('tools', list(tool))),
  toolConfig: contract(to('toolChoice', toolConfig)),
  generationConfig: to('generationConfig', generationConfig),
  safetySettings: demand(
    'safety settings are obeyed by Google alone',
    list(
      object({
        category: kept(word(['HARM_CATEGORY_HATE_SPEECH'])),
        threshold: kept(word(['BLOCK_LOW_AND_ABOVE'])),
        method: kept(word(['SEVERITY', 'PROBABILITY'])),
      }),
    ),
    filtersNothing,
  ),
  cachedContent: demand('cached content is kept by Google', text),
  labels: hint('labels are kept by Google', json, isEmpty),
  modelArmorConfig: demand('answers are checked by Google’s Model Armor', json, isEmpty),
  serviceTier: to('serviceTier', word(serviceTiers, 'flex'), (value) => value === 'unspecified' || serviceTiers.some((tier) => tier === value)),
  store: hint('answers are stored by Google alone', flag, isFalse),
  continuationToken: demand('a long answer is gone on with by Google', text),
  generationOutputConfig: vendor(hint('where answers are put is Google’s', json, isEmpty)),
  outputConfig: vendor(hint('where answers are put is Google’s', json, isEmpty)),
  /** The path says it. */
  model: vendor(implied(text)),
});

// Answers.

const tokens = wholeFrom(0, 1e6);
const counted = (name: string): Field => to(`usage.${name}`, tokens);
const byModality = to(
  'usage.raw',
  jsonLike(() => [{ modality: 'TEXT', tokenCount: 1 }]),
);

export const usage = object({
  promptTokenCount: counted('input'),
  cachedContentTokenCount: counted('cacheRead'),
  candidatesTokenCount: counted('output'),
  thoughtsTokenCount: counted('reasoning'),
  toolUsePromptTokenCount: counted('toolPrompt'),
  totalTokenCount: implied(tokens),
  promptTokensDetails: byModality,
  cacheTokensDetails: byModality,
  candidatesTokensDetails: byModality,
  toolUsePromptTokensDetails: byModality,
  trafficType: to('usage.raw', text),
  serviceTier: vendor(to('serviceTier', word(serviceTiers, 'flex'))),
  initialPromptTokenCount: to('usage.raw', tokens),
});

const onlyGoogle = 'only callers of gemini can be shown it';

export const candidate = object({
  content: to('blocks', content),
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

export const reply = object({
  candidates: to('blocks', list(candidate)),
  promptFeedback: to('finish', promptFeedback),
  usageMetadata: to('usage', usage),
  modelVersion: to('model', text),
  responseId: to('id', text),
  createTime: kept(text),
  modelStatus: kept(json),
  sdkHttpResponse: vendor(implied(json)),
  automaticFunctionCallingHistory: vendor(implied(json)),
});

export const verdicts: VerdictTable = {
  official: {
    package: '@google/genai',
    request: ['dist/genai.d.ts#GenerateContentConfig', 'dist/genai.d.ts#GenerateContentParameters'],
    reply: ['dist/genai.d.ts#GenerateContentResponse'],
    event: ['dist/genai.d.ts#GenerateContentResponse'],
  },
  request,
  reply,
  event: reply,
};
