import type { GatewayError } from '../core/errors.ts';
import { isObject, type JsonObject } from '../core/json-text.ts';
import { checkCohereRequest } from './mock-cohere-check.ts';
import { base64Bytes, hashHex, jsonTokens, mediaTokens, messageTokens, wordTokens } from './mock-count.ts';
import { piecesOf } from './mock-script.ts';
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

/** Cohere's chat (v2): what a script needs of the request, and the answer spelled whole and in events. */
export const mockCohere: MockWire = {
  ...sseWire,
  check: checkCohereRequest,
  view: viewOf,
  whole: wholeOf,
  events: eventsOf,
  terminator: 'data: [DONE]\n\n',
  error: errorOf,
  errorEvent: (error) => eventOf('message-end', { delta: { error: error.message, finish_reason: 'ERROR' } }),
  count: () => undefined,
  requestIdHeader: 'x-debug-trace-id',
  headers: {},
};

function viewOf(body: JsonObject, text: string): MockView {
  const messages = objectsAt(body, 'messages');
  const users = messages.filter((message) => message['role'] === 'user');
  const format = objectAt(body, 'response_format');
  return {
    model: textAt(body, 'model'),
    text,
    stream: body['stream'] === true,
    lastUserText: textsIn(users.at(-1) ?? {}).join('\n'),
    userTexts: users.flatMap(textsIn),
    media: messages.flatMap(mediaOf),
    tools: objectsAt(body, 'tools').map(toolOf),
    toolChoice: choiceOf(body['tool_choice']),
    parallel: true,
    results: resultsOf(
      messages,
      messages.findLastIndex((message) => message['role'] === 'assistant'),
    ),
    everyResult: resultsOf(messages, -1),
    schema: format['type'] === 'json_object' ? (format['json_schema'] ?? format['schema']) : undefined,
    thinking: objectAt(body, 'thinking')['type'] !== 'disabled',
    maxTokens: numberAt(body, 'max_tokens'),
    stop: textsAt(body, 'stop_sequences'),
    choices: 1,
    inputTokens: countInput(messages, body),
  };
}

/** What a message says: thinking is not said. */
function textsIn(message: JsonObject): readonly string[] {
  if (typeof message['content'] === 'string') return [message['content']];
  return objectsAt(message, 'content').flatMap((part) => {
    if (part['type'] === 'document') return [documentText(objectAt(part, 'document'))];
    return typeof part['text'] === 'string' ? [part['text']] : [];
  });
}

function documentText(document: JsonObject): string {
  const { data } = document;
  const words = isObject(data) ? (data['text'] ?? data['snippet'] ?? data) : data;
  return typeof words === 'string' ? words : JSON.stringify(words);
}

function mediaOf(message: JsonObject): readonly MockMedia[] {
  return objectsAt(message, 'content').flatMap((part): MockMedia[] => {
    if (part['type'] !== 'image_url') return [];
    const url = textAt(objectAt(part, 'image_url'), 'url');
    const data = /^data:([^;,]+);base64,(.*)$/s.exec(url);
    return [{ kind: 'image', ...(data === null ? { mediaType: '', url } : { mediaType: data[1] ?? '', bytes: base64Bytes(data[2] ?? '') }) }];
  });
}

function toolOf(tool: JsonObject): MockTool {
  const made = objectAt(tool, 'function');
  return { name: textAt(made, 'name'), schema: made['parameters'], kind: 'function' };
}

function choiceOf(choice: unknown): MockToolChoice {
  return { mode: choice === 'REQUIRED' ? 'required' : choice === 'NONE' ? 'none' : 'auto' };
}

/** The tool messages that the conversation ends with; a user message with media may follow them, where a translation had to put it. */
function resultsOf(messages: readonly JsonObject[], after: number): readonly MockResult[] {
  const names = new Map(messages.flatMap((message) => objectsAt(message, 'tool_calls').map((call) => [textAt(call, 'id'), toolOf(call).name] as const)));
  return messages
    .slice(after + 1)
    .filter((message) => message['role'] === 'tool')
    .map((message) => ({ name: names.get(textAt(message, 'tool_call_id')) ?? '', text: textsIn(message).join('\n'), isError: false }));
}

function countInput(messages: readonly JsonObject[], body: JsonObject): number {
  let tokens = 0;
  for (const message of messages) {
    const thoughts = objectsAt(message, 'content').map((part) => textAt(part, 'thinking'));
    tokens += messageTokens + mediaOf(message).length * mediaTokens;
    tokens += [...textsIn(message), ...thoughts, textAt(message, 'tool_plan')].reduce((sum, text) => sum + wordTokens(text), 0);
    for (const call of objectsAt(message, 'tool_calls')) tokens += 1 + jsonTokens(textAt(objectAt(call, 'function'), 'arguments'));
  }
  for (const tool of objectsAt(body, 'tools')) {
    const made = objectAt(tool, 'function');
    tokens += 1 + wordTokens(textAt(made, 'description')) + jsonTokens(JSON.stringify(made['parameters'] ?? ''));
  }
  const documents: readonly unknown[] = Array.isArray(body['documents']) ? body['documents'] : [];
  return documents.reduce<number>((sum, document) => sum + messageTokens + jsonTokens(JSON.stringify(document)), tokens);
}

type Call = Extract<MockBlock, { type: 'call' }>;

/** The model says what it is about to do before it calls. */
function planOf(calls: readonly Call[]): string {
  return calls.length === 0 ? '' : `I will use ${calls.map(({ name }) => name).join(' and ')}.`;
}

function callsOf(reply: MockReply): readonly Call[] {
  return reply.blocks.filter((block) => block.type === 'call');
}

/** A refusal is text here. */
function partsOf(reply: MockReply): readonly { readonly kind: 'text' | 'thinking'; readonly text: string }[] {
  return reply.blocks.flatMap((block) =>
    block.type === 'call' ? [] : [{ kind: block.type === 'thinking' ? ('thinking' as const) : ('text' as const), text: block.text }],
  );
}

/** A model that thinks has no plan besides. */
function planIn(reply: MockReply): string {
  return reply.blocks.some((block) => block.type === 'thinking') ? '' : planOf(callsOf(reply));
}

function callOf(call: Call, index: number, view: MockView, written: string): JsonObject {
  return { id: `${call.name}_${hashHex(`${index} ${view.text}`, 12)}`, type: 'function', function: { name: call.name, arguments: written } };
}

function idOf(view: MockView): string {
  const hex = hashHex(view.text, 32);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

const reasons: { readonly [reason in MockStop['reason']]: string } = {
  end: 'COMPLETE',
  stop: 'STOP_SEQUENCE',
  length: 'MAX_TOKENS',
  calls: 'TOOL_CALL',
  refusal: 'COMPLETE',
};

function usageOf({ input, cacheRead, cacheWrite, output }: MockUsage): JsonObject {
  const counts = { input_tokens: input + cacheRead + cacheWrite, output_tokens: output };
  return { billed_units: counts, tokens: counts, ...(cacheRead === 0 ? {} : { cached_tokens: cacheRead }) };
}

function wholeOf(reply: MockReply, view: MockView): string {
  const calls = callsOf(reply);
  const content = partsOf(reply).map(({ kind, text }) => ({ type: kind, [kind]: text }));
  const plan = planIn(reply);
  return JSON.stringify({
    id: idOf(view),
    message: {
      role: 'assistant',
      ...(content.length === 0 ? {} : { content }),
      ...(plan === '' ? {} : { tool_plan: plan }),
      ...(calls.length === 0 ? {} : { tool_calls: calls.map((call, index) => callOf(call, index, view, call.arguments)) }),
    },
    finish_reason: reasons[reply.stop.reason],
    usage: usageOf(reply.usage),
  });
}

function eventOf(type: string, more: JsonObject): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;
}

function eventsOf(reply: MockReply, view: MockView): readonly string[] {
  const said = (message: JsonObject): JsonObject => ({ delta: { message } });
  const id = idOf(view);
  return [
    eventOf('message-start', { id, ...said({ role: 'assistant' }) }),
    ...partsOf(reply).flatMap(({ kind, text }, index) => [
      eventOf('content-start', { index, ...said({ content: { type: kind, [kind]: '' } }) }),
      ...piecesOf(text).map((piece) => eventOf('content-delta', { index, ...said({ content: { [kind]: piece } }) })),
      eventOf('content-end', { index }),
    ]),
    ...piecesOf(planIn(reply)).map((piece) => eventOf('tool-plan-delta', said({ tool_plan: piece }))),
    ...callsOf(reply).flatMap((call, index) => [
      eventOf('tool-call-start', { index, ...said({ tool_calls: callOf(call, index, view, '') }) }),
      ...piecesOf(call.arguments).map((piece) => eventOf('tool-call-delta', { index, ...said({ tool_calls: { function: { arguments: piece } } }) })),
      eventOf('tool-call-end', { index }),
    ]),
    eventOf('message-end', { id, delta: { finish_reason: reasons[reply.stop.reason], usage: usageOf(reply.usage) } }),
  ];
}

function errorOf(error: GatewayError, requestId: string): string {
  return JSON.stringify({ id: requestId, message: error.message });
}
