import type { GatewayError } from '../core/errors.ts';
import { isObject, type JsonObject } from '../core/json-text.ts';
import { base64Bytes, hashHex, jsonTokens, mediaTokens, messageTokens, wordTokens } from './mock-count.ts';
import { checkOllamaPrompt, checkOllamaRequest } from './mock-ollama-check.ts';
import { piecesOf } from './mock-script.ts';
import {
  type MockBlock,
  type MockMedia,
  type MockReply,
  type MockResult,
  type MockUsage,
  type MockView,
  numberAt,
  objectAt,
  objectsAt,
  textAt,
  textsAt,
} from './mock-view.ts';
import { mockCreated, type MockWire } from './mock-wire.ts';

/** Ollama's `/api/chat`: what a script needs of the request, and the answer spelled whole and in lines. `/api/generate` is one turn of it. */
export const mockOllama: MockWire = {
  check(body, rules) {
    if (isPrompt(body)) checkOllamaPrompt(body);
    else checkOllamaRequest(body, rules);
  },
  view: (body, text) => viewOf(isPrompt(body) ? { ...body, messages: [{ role: 'user', content: body['prompt'], images: body['images'] ?? [] }] } : body, text),
  whole: (reply, view) => lastLine(view, messageOf(reply), reply),
  events: eventsOf,
  streamType: 'application/x-ndjson',
  torn: '{"torn": "in the midd\n',
  terminator: '',
  error: errorOf,
  errorEvent: (error) => `${errorOf(error)}\n`,
  count: () => undefined,
  requestIdHeader: 'x-request-id',
  headers: {},
};

/** A single prompt, not a conversation. */
function isPrompt(body: JsonObject): boolean {
  return body['prompt'] !== undefined;
}

/** Where what is said stands in the answer. */
function saidIn(view: MockView, message: JsonObject): JsonObject {
  const asked: unknown = JSON.parse(view.text);
  if (!isObject(asked) || !isPrompt(asked)) return { message };
  const { content, thinking } = message;
  return { response: content, ...(thinking === undefined ? {} : { thinking }) };
}

function viewOf(body: JsonObject, text: string): MockView {
  const messages = objectsAt(body, 'messages');
  const options = objectAt(body, 'options');
  return {
    model: textAt(body, 'model'),
    text,
    stream: body['stream'] !== false,
    lastUserText: textAt(messages.findLast((message) => message['role'] === 'user') ?? {}, 'content'),
    userTexts: messages.flatMap((message) => (message['role'] === 'user' ? [textAt(message, 'content')] : [])),
    media: messages.flatMap(mediaOf),
    tools: objectsAt(body, 'tools').map((tool) => {
      const inner = objectAt(tool, 'function');
      return { name: textAt(inner, 'name'), schema: inner['parameters'], kind: 'function' };
    }),
    toolChoice: { mode: 'auto' },
    parallel: true,
    results: resultsOf(
      messages,
      messages.findLastIndex((message) => message['role'] === 'assistant'),
    ),
    everyResult: resultsOf(messages, -1),
    schema: isObject(body['format']) ? body['format'] : undefined,
    thinking: body['think'] !== false,
    maxTokens: limitOf(numberAt(options, 'num_predict')),
    stop: textsAt(options, 'stop'),
    choices: 1,
    inputTokens: countInput(messages, body),
  };
}

/** A negative limit is none. */
function limitOf(limit: number | undefined): number | undefined {
  return limit === undefined || limit < 0 ? undefined : limit;
}

function mediaOf(message: JsonObject): readonly MockMedia[] {
  return textsAt(message, 'images').map((data) => ({ kind: 'image', mediaType: typeOfBytes(data), bytes: base64Bytes(data) }));
}

function typeOfBytes(data: string): string {
  if (data.startsWith('iVBORw0KGgo')) return 'image/png';
  return data.startsWith('/9j/') ? 'image/jpeg' : '';
}

/** The tool messages that the conversation ends with; a user message with media may follow them, where a translation had to put it. */
function resultsOf(messages: readonly JsonObject[], after: number): readonly MockResult[] {
  return messages
    .slice(after + 1)
    .filter((message) => message['role'] === 'tool')
    .map((message) => ({ name: textAt(message, 'tool_name'), text: textAt(message, 'content'), isError: false }));
}

function countInput(messages: readonly JsonObject[], body: JsonObject): number {
  let tokens = 0;
  for (const message of messages) {
    tokens += messageTokens + wordTokens(textAt(message, 'content')) + wordTokens(textAt(message, 'thinking')) + mediaOf(message).length * mediaTokens;
    for (const call of objectsAt(message, 'tool_calls')) tokens += 1 + jsonTokens(JSON.stringify(objectAt(call, 'function')['arguments'] ?? ''));
  }
  for (const tool of objectsAt(body, 'tools')) {
    const inner = objectAt(tool, 'function');
    tokens += 1 + wordTokens(textAt(inner, 'description')) + jsonTokens(JSON.stringify(inner['parameters'] ?? ''));
  }
  return tokens;
}

function callOf(block: MockBlock & { type: 'call' }, index: number): JsonObject {
  const id = `call_${hashHex(`${index} ${block.name} ${block.arguments}`, 8)}`;
  return { id, function: { index, name: block.name, arguments: JSON.parse(block.arguments) as unknown } };
}

function callsIn({ blocks }: MockReply): readonly JsonObject[] {
  return blocks.filter((block) => block.type === 'call').map(callOf);
}

function messageOf(reply: MockReply): JsonObject {
  const said = (...types: readonly MockBlock['type'][]): string =>
    reply.blocks.map((block) => (types.includes(block.type) && 'text' in block ? block.text : '')).join('');
  const thinking = said('thinking');
  const calls = callsIn(reply);
  return {
    role: 'assistant',
    content: said('text', 'refusal'),
    ...(thinking === '' ? {} : { thinking }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

function headOf(view: MockView): JsonObject {
  return { model: view.model, created_at: new Date(mockCreated * 1000).toISOString() };
}

function countsOf(usage: MockUsage): JsonObject {
  return {
    total_duration: 4_000_000,
    load_duration: 1_000_000,
    prompt_eval_count: usage.input + usage.cacheRead + usage.cacheWrite,
    prompt_eval_duration: 1_000_000,
    eval_count: usage.output,
    eval_duration: 2_000_000,
  };
}

/** As Go writes it: what some readers take for the end of a line is escaped. */
function jsonLine(value: JsonObject): string {
  return JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}

function lastLine(view: MockView, message: JsonObject, { stop, usage }: MockReply): string {
  return JSON.stringify({
    ...headOf(view),
    ...saidIn(view, message),
    done: true,
    done_reason: stop.reason === 'length' ? 'length' : 'stop',
    ...countsOf(usage),
  });
}

/** Text and thinking come in pieces, each call whole in a line of its own. */
function eventsOf(reply: MockReply, view: MockView): readonly string[] {
  const line = (said: JsonObject): string => `${jsonLine({ ...headOf(view), ...saidIn(view, { role: 'assistant', content: '', ...said }), done: false })}\n`;
  const calls = callsIn(reply);
  let next = 0;
  const lines = reply.blocks.flatMap((block): string[] => {
    if (block.type === 'call') return [line({ tool_calls: calls.slice(next, ++next) })];
    const key = block.type === 'thinking' ? 'thinking' : 'content';
    return piecesOf(block.text).map((piece) => line({ [key]: piece }));
  });
  return [...lines, `${lastLine(view, { role: 'assistant', content: '' }, reply)}\n`];
}

function errorOf(error: GatewayError): string {
  return JSON.stringify({ error: error.message });
}
