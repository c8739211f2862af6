import { boolean, count, filled, isJson, type Json, list, matching, object, objectValue, oneOf, problemsOf, type Shape, string } from './shape.ts';
import type { SseFrame } from './official-openai.ts';

/** What Google's generateContent allows in answers: read off the types of `@google/genai` 3.3 (dist/genai.d.ts). */
const base64 = matching(/^(?:[A-Za-z0-9+/_-]{4})*(?:[A-Za-z0-9+/_-]{2,3}=*)?$/, 'base64');
const blob = object({ data: base64, mimeType: filled }, { displayName: string });
const functionCall = object({ name: filled }, { id: filled, args: objectValue });

const part = object(
  {},
  {
    text: string,
    thought: oneOf(true),
    thoughtSignature: base64,
    inlineData: blob,
    functionCall,
    executableCode: object({}, { code: string, language: filled, id: filled }),
    codeExecutionResult: object({}, { outcome: filled, output: string, id: filled }),
    toolCall: objectValue,
    toolResponse: objectValue,
  },
);
const content = object({ role: oneOf('model') }, { parts: list(part) });

const finishReason = oneOf(
  'STOP',
  'MAX_TOKENS',
  'SAFETY',
  'RECITATION',
  'LANGUAGE',
  'OTHER',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'IMAGE_SAFETY',
  'MODEL_ARMOR',
  'CONTINUATION',
);
const candidate = object(
  { content, index: count },
  {
    finishReason,
    finishMessage: string,
    safetyRatings: list(objectValue),
    citationMetadata: objectValue,
    groundingMetadata: objectValue,
    urlContextMetadata: objectValue,
    avgLogprobs: () => undefined,
    logprobsResult: objectValue,
    tokenCount: count,
  },
);

const modalities = list(object({ modality: filled, tokenCount: count }));
const usage = object(
  {},
  {
    promptTokenCount: count,
    cachedContentTokenCount: count,
    candidatesTokenCount: count,
    thoughtsTokenCount: count,
    toolUsePromptTokenCount: count,
    totalTokenCount: count,
    promptTokensDetails: modalities,
    cacheTokensDetails: modalities,
    candidatesTokensDetails: modalities,
    toolUsePromptTokensDetails: modalities,
    trafficType: filled,
    serviceTier: oneOf('standard', 'flex', 'priority'),
  },
);

const response = object(
  { modelVersion: filled, responseId: filled },
  { candidates: list(candidate), usageMetadata: usage, createTime: filled, promptFeedback: object({}, { blockReason: filled, blockReasonMessage: string }) },
);

const status = oneOf(
  'INVALID_ARGUMENT',
  'UNAUTHENTICATED',
  'PERMISSION_DENIED',
  'NOT_FOUND',
  'ABORTED',
  'RESOURCE_EXHAUSTED',
  'CANCELLED',
  'INTERNAL',
  'UNIMPLEMENTED',
  'UNAVAILABLE',
  'DEADLINE_EXCEEDED',
);
const errorBody = object({ error: object({ code: count, message: filled, status }, { details: list(objectValue) }) });

const model = object(
  { name: matching(/^models\/./, 'a name under models/'), version: filled, displayName: filled, supportedGenerationMethods: list(filled) },
  { description: string, inputTokenLimit: count, outputTokenLimit: count, thinking: boolean },
);
const models = object({ models: list(model) }, { nextPageToken: filled });
const tokens = object({ totalTokens: count }, { cachedContentTokenCount: count, promptTokensDetails: modalities });

export const geminiShapes = { response, error: errorBody, models, model, tokens } as const satisfies { readonly [name: string]: Shape };

/** What is wrong with a whole answer: its shape, and what must agree within it. */
export function responseProblems(value: unknown): string[] {
  const problems = problemsOf(response, value);
  if (problems.length > 0 || !isJson(value)) return problems;
  for (const item of candidatesOf(value)) {
    if (item['finishReason'] === undefined) problems.push('a candidate without a finish reason');
    for (const one of partsOf(item)) checkPart(one, problems);
  }
  checkSum(value['usageMetadata'], problems);
  return problems;
}

function candidatesOf(value: Json): Json[] {
  return Array.isArray(value['candidates']) ? value['candidates'].filter(isJson) : [];
}

function partsOf(item: Json): Json[] {
  const said = item['content'];
  return isJson(said) && Array.isArray(said['parts']) ? said['parts'].filter(isJson) : [];
}

const dataKeys = ['text', 'inlineData', 'functionCall', 'executableCode', 'codeExecutionResult', 'toolCall', 'toolResponse'];

function checkPart(one: Json, problems: string[]): void {
  const data = dataKeys.filter((key) => one[key] !== undefined);
  if (data.length !== 1) problems.push(`a part with ${data.length === 0 ? 'no data' : data.join(' and ')}`);
}

function checkSum(value: unknown, problems: string[]): void {
  if (!isJson(value)) return;
  const sum = ['promptTokenCount', 'candidatesTokenCount', 'thoughtsTokenCount', 'toolUsePromptTokenCount'].reduce(
    (all, key) => all + Number(value[key] ?? 0),
    0,
  );
  if (sum !== (value['totalTokenCount'] ?? 0)) problems.push(`usageMetadata: totalTokenCount is not the sum, ${sum}`);
}

/** What is wrong with a stream that ended well: each chunk's shape, and a finish reason with the last of each candidate alone. */
export function responseStreamProblems(frames: readonly SseFrame[]): string[] {
  const problems: string[] = [];
  const finished = new Set<unknown>();
  const begun = new Set<unknown>();
  let counted: unknown;
  frames.forEach((frame, index) => {
    if (frame.event !== '') problems.push(`event ${index}: has a name, ${frame.event}`);
    const value: unknown = JSON.parse(frame.data);
    problems.push(...problemsOf(response, value, `event ${index}`));
    if (!isJson(value)) return;
    counted = value['usageMetadata'] ?? counted;
    for (const item of candidatesOf(value)) {
      begun.add(item['index']);
      if (finished.has(item['index'])) problems.push(`event ${index}: comes after the finish reason`);
      if (item['finishReason'] !== undefined) finished.add(item['index']);
      for (const one of partsOf(item)) checkPart(one, problems);
    }
  });
  if (begun.size === 0 || finished.size !== begun.size) problems.push('no finish reason at the end');
  if (counted === undefined) problems.push('no usage');
  else checkSum(counted, problems);
  return problems;
}
