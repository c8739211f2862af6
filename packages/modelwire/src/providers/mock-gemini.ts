import type { GatewayError } from '../core/errors.ts';
import { isObject, type JsonObject } from '../core/json-text.ts';
import { base64Bytes, hashHex, jsonTokens, mediaTokens, messageTokens, wordTokens } from './mock-count.ts';
import { checkGeminiRequest } from './mock-gemini-check.ts';
import { inCamelCase } from './mock-gemini-names.ts';
import { piecesOf } from './mock-script.ts';
import { callSignatureOf, thoughtSignatureOf } from './mock-signature.ts';
import {
  type MockBlock,
  type MockMedia,
  type MockReply,
  type MockResult,
  type MockStop,
  type MockTool,
  type MockToolChoice,
  type MockUsage,
  type MockView,
  numberAt,
  objectAt,
  objectsAt,
  textAt,
  textsAt,
} from './mock-view.ts';
import { type MockWire, sseWire } from './mock-wire.ts';

/** Google's generateContent: what a script needs of the request, and the answer spelled whole and in chunks. */
export const mockGemini: MockWire = {
  check: (body, rules) => checkGeminiRequest(inCamelCase(body), rules),
  view: (body, text) => viewOf(inCamelCase(body), text),
  whole: wholeOf,
  events: eventsOf,
  ...sseWire,
  terminator: '',
  error: errorOf,
  errorEvent: (error) => `data: ${errorOf(error)}\n\n`,
  count: (view) => JSON.stringify({ totalTokens: view.inputTokens, promptTokensDetails: [{ modality: 'TEXT', tokenCount: view.inputTokens }] }),
  requestIdHeader: 'x-request-id',
  headers: {},
};

function viewOf(body: JsonObject, text: string): MockView {
  const contents = objectsAt(body, 'contents');
  const config = objectAt(body, 'generationConfig');
  const calling = objectAt(objectAt(body, 'toolConfig'), 'functionCallingConfig');
  const users = contents.filter((content) => content['role'] !== 'model');
  return {
    model: textAt(body, 'model'),
    text,
    stream: body['stream'] === true,
    lastUserText: textsOf(users.at(-1) ?? {}).join('\n'),
    userTexts: users.flatMap(textsOf),
    media: contents.flatMap((content) => objectsAt(content, 'parts').flatMap(mediaOf)),
    tools: allowed(toolsIn(body), calling),
    toolChoice: choiceOf(calling),
    parallel: true,
    results: resultsOf(contents.slice(-1)),
    everyResult: resultsOf(contents),
    schema: config['responseMimeType'] === 'application/json' ? (config['responseJsonSchema'] ?? config['responseSchema']) : undefined,
    thinking: objectAt(config, 'thinkingConfig')['thinkingBudget'] !== 0,
    maxTokens: numberAt(config, 'maxOutputTokens'),
    stop: textsAt(config, 'stopSequences'),
    choices: numberAt(config, 'candidateCount') ?? 1,
    inputTokens: countInput(contents, body),
  };
}

/** Text that was said: thoughts are not. */
function textsOf(content: JsonObject): readonly string[] {
  return objectsAt(content, 'parts').flatMap((part) => (typeof part['text'] === 'string' && part['thought'] !== true ? [part['text']] : []));
}

function toolsIn(body: JsonObject): readonly MockTool[] {
  return objectsAt(body, 'tools')
    .flatMap((tool) => objectsAt(tool, 'functionDeclarations'))
    .map((tool) => ({ name: textAt(tool, 'name'), schema: tool['parametersJsonSchema'] ?? tool['parameters'], kind: 'function' }));
}

function allowed(tools: readonly MockTool[], calling: JsonObject): readonly MockTool[] {
  const names = textsAt(calling, 'allowedFunctionNames');
  return names.length === 0 ? tools : tools.filter((tool) => names.includes(tool.name));
}

function choiceOf(calling: JsonObject): MockToolChoice {
  const [only, second] = textsAt(calling, 'allowedFunctionNames');
  if (calling['mode'] === 'ANY') return only !== undefined && second === undefined ? { mode: 'named', name: only } : { mode: 'required' };
  return { mode: calling['mode'] === 'NONE' ? 'none' : 'auto' };
}

function mediaOf(part: JsonObject): readonly MockMedia[] {
  if (isObject(part['functionResponse'])) return objectsAt(part['functionResponse'], 'parts').flatMap(mediaOf);
  const { inlineData, fileData } = part;
  const data = isObject(inlineData) ? inlineData : isObject(fileData) ? fileData : undefined;
  if (data === undefined) return [];
  const mediaType = textAt(data, 'mimeType');
  const family = mediaType.split('/')[0];
  const kind = family === 'image' || family === 'audio' ? family : 'document';
  const where = isObject(inlineData) ? { bytes: base64Bytes(textAt(data, 'data')) } : { url: textAt(data, 'fileUri') };
  return [{ kind, mediaType, ...where }];
}

function resultsOf(contents: readonly JsonObject[]): readonly MockResult[] {
  return contents
    .flatMap((content) => objectsAt(content, 'parts'))
    .flatMap((part) => {
      const { functionResponse } = part;
      if (!isObject(functionResponse)) return [];
      const response = objectAt(functionResponse, 'response');
      const isError = response['error'] !== undefined;
      const said = response['error'] ?? response['output'] ?? response;
      return [{ name: textAt(functionResponse, 'name'), text: typeof said === 'string' ? said : JSON.stringify(said), isError }];
    });
}

function countInput(contents: readonly JsonObject[], body: JsonObject): number {
  const system = objectsAt(objectAt(body, 'systemInstruction'), 'parts');
  let tokens = system.reduce((sum, part) => sum + messageTokens + wordTokens(textAt(part, 'text')), 0);
  for (const content of contents) {
    const parts = objectsAt(content, 'parts');
    // A content of tool results alone is as many messages as it has results: what OpenAI's format makes of it.
    const results = parts.filter((part) => isObject(part['functionResponse']));
    const own = results.length === 0 || results.length < parts.length ? 1 : 0;
    tokens += (own + results.length) * messageTokens + parts.reduce((sum, part) => sum + partTokens(part), 0);
  }
  const declared = objectsAt(body, 'tools').flatMap((tool) => objectsAt(tool, 'functionDeclarations'));
  for (const tool of declared)
    tokens += 1 + wordTokens(textAt(tool, 'description')) + jsonTokens(JSON.stringify(tool['parametersJsonSchema'] ?? tool['parameters'] ?? ''));
  return tokens;
}

function partTokens(part: JsonObject): number {
  const { functionCall, functionResponse } = part;
  const media = mediaOf(part).length * mediaTokens;
  if (isObject(functionCall)) return 1 + jsonTokens(JSON.stringify(functionCall['args'] ?? ''));
  if (!isObject(functionResponse)) return media + wordTokens(textAt(part, 'text'));
  const response = objectAt(functionResponse, 'response');
  const said = response['error'] ?? response['output'] ?? response;
  return media + wordTokens(typeof said === 'string' ? said : JSON.stringify(said));
}

/** Google gives thoughts only to those who ask. */
function showsThoughts(body: JsonObject): boolean {
  return objectAt(objectAt(inCamelCase(body), 'generationConfig'), 'thinkingConfig')['includeThoughts'] === true;
}

/** The parts of an answer. The first call, else the last text, bears the signature of the thinking before it. */
function partsOf(reply: MockReply, shown: boolean): readonly JsonObject[] {
  const thinks = reply.blocks.some((block) => block.type === 'thinking');
  const signed = thinks ? (reply.blocks.find((block) => block.type === 'call') ?? reply.blocks.findLast((block) => block.type === 'text')) : undefined;
  return reply.blocks.flatMap((block, index): readonly JsonObject[] => {
    switch (block.type) {
      case 'thinking':
        return shown ? [{ text: block.text, thought: true }] : [];
      case 'text':
        return [{ text: block.text, ...(block === signed ? { thoughtSignature: thoughtSignatureOf(block.text) } : {}) }];
      case 'refusal':
        return [];
      case 'call':
        return [callPart(block, index, block === signed)];
    }
  });
}

function callPart(block: MockBlock & { type: 'call' }, index: number, signed: boolean): JsonObject {
  const args: unknown = JSON.parse(block.arguments);
  const signature = signed ? { thoughtSignature: callSignatureOf(block.name, args) } : {};
  return { functionCall: { id: hashHex(`${index} ${block.name} ${block.arguments}`, 8), name: block.name, args }, ...signature };
}

const reasons: { readonly [reason in MockStop['reason']]: string } = { end: 'STOP', stop: 'STOP', calls: 'STOP', length: 'MAX_TOKENS', refusal: 'SAFETY' };

function endOf(reply: MockReply): JsonObject {
  const refusal = reply.blocks.find((block) => block.type === 'refusal');
  return { finishReason: reasons[reply.stop.reason], ...(refusal === undefined ? {} : { finishMessage: refusal.text }) };
}

function usageOf(usage: MockUsage): JsonObject {
  const prompt = usage.input + usage.cacheRead + usage.cacheWrite;
  return {
    promptTokenCount: prompt,
    ...(usage.cacheRead === 0 ? {} : { cachedContentTokenCount: usage.cacheRead }),
    candidatesTokenCount: usage.output - usage.thinking,
    ...(usage.thinking === 0 ? {} : { thoughtsTokenCount: usage.thinking }),
    totalTokenCount: prompt + usage.output,
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: prompt }],
  };
}

function headOf(view: MockView): JsonObject {
  return { modelVersion: view.model, responseId: hashHex(view.text, 22) };
}

function wholeOf(reply: MockReply, view: MockView): string {
  const parts = partsOf(reply, showsThoughts(bodyOf(view)));
  const content = { ...(parts.length === 0 ? {} : { parts }), role: 'model' };
  const candidates = Array.from({ length: view.choices }, (_, index) => ({ content, ...endOf(reply), index }));
  return JSON.stringify({ candidates, usageMetadata: usageOf(reply.usage), ...headOf(view) });
}

function bodyOf(view: MockView): JsonObject {
  const value: unknown = JSON.parse(view.text);
  return isObject(value) ? value : {};
}

function eventsOf(reply: MockReply, view: MockView, body: JsonObject): readonly string[] {
  const { promptTokenCount, promptTokensDetails } = usageOf(reply.usage);
  const started = { promptTokenCount, totalTokenCount: promptTokenCount, promptTokensDetails };
  const chunk = (parts: readonly JsonObject[], index: number, more: JsonObject, usageMetadata: JsonObject): string =>
    `data: ${JSON.stringify({ candidates: [{ content: { parts, role: 'model' }, ...more, index }], usageMetadata, ...headOf(view) })}\n\n`;
  const pieces = partsOf(reply, showsThoughts(body)).flatMap(piecesOfPart);
  return Array.from({ length: view.choices }, (_, index) => index).flatMap((index) => [
    ...pieces.map((part) => chunk([part], index, {}, started)),
    chunk([{ text: '' }], index, endOf(reply), usageOf(reply.usage)),
  ]);
}

/** Text streams; its signature comes last, with no text. Everything else comes whole. */
function piecesOfPart(part: JsonObject): readonly JsonObject[] {
  const { text, thoughtSignature, ...rest } = part;
  if (typeof text !== 'string') return [part];
  const pieces = piecesOf(text).map((piece) => ({ text: piece, ...rest }));
  return thoughtSignature === undefined ? pieces : [...pieces, { text: '', thoughtSignature }];
}

const words: { readonly [status: number]: string } = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ABORTED',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

function errorOf(error: GatewayError): string {
  const status = words[error.status] ?? (error.status >= 500 ? 'INTERNAL' : 'INVALID_ARGUMENT');
  const wait = error.status === 429 ? { details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '1s' }] } : {};
  return JSON.stringify({ error: { code: error.status, message: error.message, status, ...wait } });
}
