import type { GatewayError } from '../core/errors.ts';
import { isObject, type JsonObject } from '../core/json-text.ts';
import { checkBedrockRequest } from './mock-bedrock-check.ts';
import { frameMessage } from './mock-bedrock-frame.ts';
import { base64Bytes, hashHex, jsonTokens, mediaTokens, messageTokens, wordTokens } from './mock-count.ts';
import { piecesOf } from './mock-script.ts';
import { signatureOf } from './mock-signature.ts';
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
import { sseWire, type MockWire } from './mock-wire.ts';

/** Bedrock's Converse: what a script needs of the request, and the answer spelled whole and in messages of an event stream. */
export const mockBedrock: MockWire = {
  torn: sseWire.torn,
  check: checkBedrockRequest,
  view: viewOf,
  whole: wholeOf,
  events: eventsOf,
  terminator: '',
  error: (error) => JSON.stringify({ message: error.message }),
  errorEvent: (error) => `exception ${errorName(error).replace(/^./, (first) => first.toLowerCase())} ${JSON.stringify({ message: error.message })}`,
  errorHeaders: (error) => ({ 'x-amzn-errortype': `${errorName(error)}:http://internal.amazon.com/coral/com.amazon.bedrock/` }),
  count: (view) => JSON.stringify({ inputTokens: view.inputTokens }),
  requestIdHeader: 'x-amzn-requestid',
  headers: {},
  streamType: 'application/vnd.amazon.eventstream',
  frame: frameOf,
};

function viewOf(body: JsonObject, text: string): MockView {
  const messages = objectsAt(body, 'messages');
  const config = objectAt(body, 'inferenceConfig');
  const users = messages.filter((message) => message['role'] === 'user');
  const tools = objectAt(body, 'toolConfig');
  return {
    model: textAt(body, 'model'),
    text,
    stream: body['stream'] === true,
    lastUserText: textsOf(users.at(-1) ?? {}).join('\n'),
    userTexts: users.flatMap(textsOf),
    media: messages.flatMap((message) => objectsAt(message, 'content').flatMap(mediaOf)),
    tools: toolsIn(tools),
    toolChoice: choiceOf(objectAt(tools, 'toolChoice')),
    parallel: true,
    results: resultsOf(messages, messages.length - 2),
    everyResult: resultsOf(messages, -1),
    schema: schemaOf(objectAt(objectAt(body, 'outputConfig'), 'textFormat')),
    thinking: objectAt(objectAt(body, 'additionalModelRequestFields'), 'thinking')['type'] !== 'disabled',
    maxTokens: numberAt(config, 'maxTokens'),
    stop: textsAt(config, 'stopSequences'),
    choices: 1,
    inputTokens: countInput(messages, body),
  };
}

function textsOf(message: JsonObject): readonly string[] {
  return objectsAt(message, 'content').flatMap((block) => (typeof block['text'] === 'string' ? [block['text']] : []));
}

function toolsIn(config: JsonObject): readonly MockTool[] {
  return objectsAt(config, 'tools').flatMap((tool): MockTool[] => {
    const spec = tool['toolSpec'];
    return isObject(spec) ? [{ name: textAt(spec, 'name'), schema: objectAt(spec, 'inputSchema')['json'], kind: 'function' }] : [];
  });
}

function choiceOf(choice: JsonObject): MockToolChoice {
  if (isObject(choice['tool'])) return { mode: 'named', name: textAt(choice['tool'], 'name') };
  return { mode: choice['any'] === undefined ? 'auto' : 'required' };
}

function schemaOf(format: JsonObject): unknown {
  const schema = objectAt(objectAt(format, 'structure'), 'jsonSchema')['schema'];
  return typeof schema === 'string' ? JSON.parse(schema) : undefined;
}

const documentTypes: { readonly [format: string]: string } = {
  pdf: 'application/pdf',
  txt: 'text/plain',
  md: 'text/markdown',
  html: 'text/html',
  csv: 'text/csv',
};

function mediaOf(block: JsonObject): readonly MockMedia[] {
  const { image, document, audio, toolResult } = block;
  if (isObject(toolResult)) return objectsAt(toolResult, 'content').flatMap(mediaOf);
  const [kind, inner] = isObject(image) ? (['image', image] as const) : isObject(document) ? (['document', document] as const) : (['audio', audio] as const);
  if (!isObject(inner)) return [];
  const format = textAt(inner, 'format');
  const source = objectAt(inner, 'source');
  const mediaType = kind === 'document' ? (documentTypes[format] ?? `application/${format}`) : `${kind}/${format}`;
  const where = typeof source['bytes'] === 'string' ? { bytes: base64Bytes(source['bytes']) } : { url: textAt(objectAt(source, 's3Location'), 'uri') };
  return [{ kind, mediaType, ...where, ...(kind === 'document' ? { name: textAt(inner, 'name') } : {}) }];
}

function resultsOf(messages: readonly JsonObject[], after: number): readonly MockResult[] {
  const calls = new Map<string, string>();
  for (const message of messages) {
    for (const block of objectsAt(message, 'content'))
      if (isObject(block['toolUse'])) calls.set(textAt(block['toolUse'], 'toolUseId'), textAt(block['toolUse'], 'name'));
  }
  const blocks = messages.slice(Math.max(0, after + 1)).flatMap((message) => objectsAt(message, 'content'));
  return blocks.flatMap((block) => {
    const result = block['toolResult'];
    if (!isObject(result)) return [];
    return [{ name: calls.get(textAt(result, 'toolUseId')) ?? '', text: resultText(result), isError: result['status'] === 'error' }];
  });
}

function resultText(result: JsonObject): string {
  return objectsAt(result, 'content')
    .flatMap((item) => (typeof item['text'] === 'string' ? [item['text']] : item['json'] === undefined ? [] : [JSON.stringify(item['json'])]))
    .join('\n');
}

function countInput(messages: readonly JsonObject[], body: JsonObject): number {
  let tokens = objectsAt(body, 'system').reduce((sum, block) => sum + (typeof block['text'] === 'string' ? messageTokens + wordTokens(block['text']) : 0), 0);
  for (const message of messages) {
    const blocks = objectsAt(message, 'content');
    // A message of tool results alone is as many messages as it has results: what OpenAI's format makes of it.
    const results = blocks.filter((block) => isObject(block['toolResult']));
    const own = results.length === 0 || results.length < blocks.length ? 1 : 0;
    tokens += (own + results.length) * messageTokens + blocks.reduce((sum, block) => sum + blockTokens(block), 0);
  }
  for (const tool of toolsIn(objectAt(body, 'toolConfig'))) tokens += 1 + jsonTokens(JSON.stringify(tool.schema ?? ''));
  for (const tool of objectsAt(objectAt(body, 'toolConfig'), 'tools')) tokens += wordTokens(textAt(objectAt(tool, 'toolSpec'), 'description'));
  return tokens;
}

function blockTokens(block: JsonObject): number {
  const { toolUse, toolResult } = block;
  const media = mediaOf(block).length * mediaTokens;
  if (isObject(toolUse)) return 1 + jsonTokens(JSON.stringify(toolUse['input'] ?? ''));
  if (isObject(toolResult)) return media + wordTokens(resultText(toolResult));
  const thought = textAt(objectAt(objectAt(block, 'reasoningContent'), 'reasoningText'), 'text');
  return media + wordTokens(textAt(block, 'text')) + wordTokens(thought);
}

function blockOf(block: MockBlock, view: MockView, index: number): JsonObject {
  switch (block.type) {
    case 'thinking':
      return { reasoningContent: { reasoningText: { text: block.text, signature: signatureOf(block.text) } } };
    case 'call':
      return { toolUse: { ...startOf(block, view, index), input: JSON.parse(block.arguments) } };
    case 'text':
    case 'refusal':
      return { text: block.text };
  }
}

function startOf(block: MockBlock & { type: 'call' }, view: MockView, index: number): JsonObject {
  return { toolUseId: `tooluse_${hashHex(`${index} ${view.text}`, 22)}`, name: block.name };
}

const words: { readonly [reason in MockStop['reason']]: string } = {
  end: 'end_turn',
  stop: 'stop_sequence',
  calls: 'tool_use',
  length: 'max_tokens',
  refusal: 'content_filtered',
};

function usageOf(usage: MockUsage): JsonObject {
  const cached = usage.cacheRead + usage.cacheWrite;
  return {
    inputTokens: usage.input,
    outputTokens: usage.output,
    totalTokens: usage.input + usage.output + cached,
    ...(cached === 0
      ? {}
      : { cacheReadInputTokens: usage.cacheRead, cacheWriteInputTokens: usage.cacheWrite, cacheDetails: [{ ttl: '5m', inputTokens: usage.cacheWrite }] }),
  };
}

const metrics = { latencyMs: 42 };

function wholeOf(reply: MockReply, view: MockView): string {
  const content = reply.blocks.map((block, index) => blockOf(block, view, index));
  return JSON.stringify({ output: { message: { role: 'assistant', content } }, stopReason: words[reply.stop.reason], usage: usageOf(reply.usage), metrics });
}

/** `NAME PAYLOAD`, or `exception NAME PAYLOAD`: what `frameOf` makes messages of. */
function event(name: string, payload: JsonObject): string {
  return `${name} ${JSON.stringify(payload)}`;
}

function eventsOf(reply: MockReply, view: MockView): readonly string[] {
  return [
    event('messageStart', { role: 'assistant', p: 'abcdefg' }),
    ...reply.blocks.flatMap((block, index) => blockEvents(block, view, index)),
    event('messageStop', { stopReason: words[reply.stop.reason], p: 'abcd' }),
    event('metadata', { usage: usageOf(reply.usage), metrics, p: 'ab' }),
  ];
}

/** Text and thinking have no start. Each event is padded, so that its length says nothing. */
function blockEvents(block: MockBlock, view: MockView, contentBlockIndex: number): readonly string[] {
  const start =
    block.type === 'call' ? [event('contentBlockStart', { contentBlockIndex, start: { toolUse: startOf(block, view, contentBlockIndex) }, p: 'abc' })] : [];
  const deltas = deltasOf(block).map((delta, index) =>
    event('contentBlockDelta', { contentBlockIndex, delta, p: 'abcdefghijklmnop'.slice(0, (index * 7) % 16) }),
  );
  return [...start, ...deltas, event('contentBlockStop', { contentBlockIndex, p: 'abcdefghij' })];
}

function deltasOf(block: MockBlock): readonly JsonObject[] {
  switch (block.type) {
    case 'thinking':
      return [...piecesOf(block.text).map((text) => ({ reasoningContent: { text } })), { reasoningContent: { signature: signatureOf(block.text) } }];
    case 'call':
      return piecesOf(block.arguments).map((input) => ({ toolUse: { input } }));
    case 'text':
    case 'refusal':
      return piecesOf(block.text).map((text) => ({ text }));
  }
}

/** What is none of ours is what a broken provider sends: it goes as it is. */
function frameOf(text: string): Uint8Array {
  const [, type, name = '', payload = ''] = /^(exception )?(\w+) (\{.*\})$/s.exec(text) ?? [];
  if (name === '') return new TextEncoder().encode(text);
  const kind = type === undefined ? 'event' : 'exception';
  return frameMessage(
    [
      [`:${kind}-type`, name],
      [':content-type', 'application/json'],
      [':message-type', kind],
    ],
    payload,
  );
}

const names: { readonly [status: number]: string } = {
  401: 'UnrecognizedClientException',
  403: 'AccessDeniedException',
  404: 'ResourceNotFoundException',
  408: 'ModelTimeoutException',
  424: 'ModelErrorException',
  429: 'ThrottlingException',
  503: 'ServiceUnavailableException',
};

function errorName({ status }: GatewayError): string {
  return names[status] ?? (status >= 500 ? 'InternalServerException' : 'ValidationException');
}
