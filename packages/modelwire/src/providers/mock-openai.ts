import type { GatewayError } from '../core/errors.ts';
import type { JsonObject } from '../core/json-text.ts';
import { base64Bytes, hashHex, jsonTokens, mediaTokens, messageTokens, wordTokens } from './mock-count.ts';
import { checkOpenaiRequest } from './mock-openai-check.ts';
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
import { mockCreated, type MockWire } from './mock-wire.ts';

/** OpenAI's chat format: what a script needs of the request, and the answer spelled whole and in chunks. */
export const mockOpenai: MockWire = {
  check: checkOpenaiRequest,
  view: viewOf,
  whole: wholeOf,
  events: eventsOf,
  terminator: 'data: [DONE]\n\n',
  error: errorOf,
  errorEvent: (error) => `data: ${errorOf(error)}\n\n`,
  count: () => undefined,
  requestIdHeader: 'x-request-id',
  headers: { 'x-ratelimit-limit-requests': '1000', 'x-ratelimit-remaining-requests': '999' },
};

function viewOf(body: JsonObject, text: string): MockView {
  const messages = objectsAt(body, 'messages');
  const tools = objectsAt(body, 'tools').map(toolOf);
  const users = messages.filter((message) => message['role'] === 'user');
  const format = objectAt(body, 'response_format');
  return {
    model: textAt(body, 'model'),
    text,
    stream: body['stream'] === true,
    lastUserText: textParts(users.at(-1) ?? {}).join('\n'),
    media: messages.flatMap(mediaOf),
    tools: allowedTools(body, tools),
    toolChoice: choiceOf(body['tool_choice'], objectAt(body, 'tool_choice')),
    parallel: body['parallel_tool_calls'] !== false,
    results: resultsOf(messages),
    schema: format['type'] === 'json_schema' ? objectAt(format, 'json_schema')['schema'] : undefined,
    thinking: body['reasoning_effort'] !== 'none' && objectAt(body, 'thinking')['type'] !== 'disabled' && body['enable_thinking'] !== false,
    maxTokens: numberAt(body, 'max_completion_tokens') ?? numberAt(body, 'max_tokens'),
    stop: textsAt(body, 'stop'),
    choices: numberAt(body, 'n') ?? 1,
    inputTokens: countInput(messages, body),
  };
}

function textParts(message: JsonObject): readonly string[] {
  return typeof message['content'] === 'string'
    ? [message['content']]
    : objectsAt(message, 'content').map((part) => textAt(part, 'text') + textAt(part, 'refusal'));
}

function toolOf(tool: JsonObject): MockTool {
  const kind = tool['type'] === 'custom' ? 'custom' : 'function';
  const inner = objectAt(tool, kind);
  return { name: textAt(inner, 'name'), schema: inner['parameters'], kind };
}

function allowedTools(body: JsonObject, tools: readonly MockTool[]): readonly MockTool[] {
  const choice = objectAt(body, 'tool_choice');
  if (choice['type'] !== 'allowed_tools') return tools;
  const names = objectsAt(objectAt(choice, 'allowed_tools'), 'tools').map((tool) => toolOf(tool).name);
  return tools.filter((tool) => names.includes(tool.name));
}

function choiceOf(choice: unknown, named: JsonObject): MockToolChoice {
  if (choice === 'none' || choice === 'required') return { mode: choice };
  if (named['type'] === 'allowed_tools') return { mode: objectAt(named, 'allowed_tools')['mode'] === 'required' ? 'required' : 'auto' };
  return named['type'] === 'function' || named['type'] === 'custom' ? { mode: 'named', name: toolOf(named).name } : { mode: 'auto' };
}

function mediaOf(message: JsonObject): readonly MockMedia[] {
  return objectsAt(message, 'content').flatMap((part): MockMedia[] => {
    if (part['type'] === 'image_url') return [fromUrl('image', textAt(objectAt(part, 'image_url'), 'url'))];
    if (part['type'] === 'input_audio') {
      const audio = objectAt(part, 'input_audio');
      return [{ kind: 'audio', mediaType: textAt(audio, 'format'), bytes: base64Bytes(textAt(audio, 'data')) }];
    }
    if (part['type'] !== 'file') return [];
    const file = objectAt(part, 'file');
    return [{ ...fromUrl('document', textAt(file, 'file_data') || textAt(file, 'file_id')), name: textAt(file, 'filename') }];
  });
}

export function fromUrl(kind: MockMedia['kind'], url: string): MockMedia {
  const data = /^data:([^;,]+);base64,(.*)$/s.exec(url);
  return data === null ? { kind, mediaType: '', url } : { kind, mediaType: data[1] ?? '', bytes: base64Bytes(data[2] ?? '') };
}

/** The tool messages that the conversation ends with; a user message with media may follow them, where a translation had to put it. */
function resultsOf(messages: readonly JsonObject[]): readonly MockResult[] {
  const names = new Map(messages.flatMap((message) => objectsAt(message, 'tool_calls').map((call) => [textAt(call, 'id'), toolOf(call).name] as const)));
  const lastOther = messages.findLastIndex((message) => message['role'] === 'assistant');
  return messages
    .slice(lastOther + 1)
    .filter((message) => message['role'] === 'tool')
    .map((message) => ({ name: names.get(textAt(message, 'tool_call_id')) ?? '', text: textParts(message).join('\n'), isError: false }));
}

function countInput(messages: readonly JsonObject[], body: JsonObject): number {
  let tokens = 0;
  for (const message of messages) {
    tokens +=
      messageTokens + wordTokens(textParts(message).join(' ')) + wordTokens(textAt(message, 'reasoning_content')) + mediaOf(message).length * mediaTokens;
    for (const call of objectsAt(message, 'tool_calls')) tokens += 1 + jsonTokens(writtenOf(call));
  }
  for (const tool of objectsAt(body, 'tools')) {
    const inner = objectAt(tool, tool['type'] === 'custom' ? 'custom' : 'function');
    tokens += 1 + wordTokens(textAt(inner, 'description')) + jsonTokens(JSON.stringify(inner['parameters'] ?? ''));
  }
  return tokens;
}

function writtenOf(call: JsonObject): string {
  return textAt(objectAt(call, 'function'), 'arguments') || textAt(objectAt(call, 'custom'), 'input');
}

type Spoken = { readonly thinking: string; readonly text: string | null; readonly refusal: string | null; readonly calls: readonly Call[] };
type Call = Extract<MockBlock, { type: 'call' }>;

function spokenOf(reply: MockReply): Spoken {
  const joined = (type: 'thinking' | 'text' | 'refusal'): string => reply.blocks.map((block) => (block.type === type ? block.text : '')).join('');
  const calls = reply.blocks.filter((block) => block.type === 'call');
  const text = joined('text');
  const refusal = joined('refusal');
  return {
    thinking: joined('thinking'),
    text: text === '' && (calls.length > 0 || refusal !== '') ? null : text,
    refusal: refusal === '' ? null : refusal,
    calls,
  };
}

function head(view: MockView, object: string): JsonObject {
  return { id: `chatcmpl-${hashHex(view.text, 24)}`, object, created: mockCreated, model: view.model, service_tier: 'default', system_fingerprint: 'fp_mock' };
}

function wholeOf(reply: MockReply, view: MockView): string {
  const spoken = spokenOf(reply);
  const choice = (index: number): JsonObject => ({
    index,
    message: {
      role: 'assistant',
      content: spoken.text,
      refusal: spoken.refusal,
      annotations: [],
      ...(spoken.thinking === '' ? {} : { reasoning_content: spoken.thinking }),
      ...(spoken.calls.length === 0
        ? {}
        : { tool_calls: spoken.calls.map((call, at) => ({ id: callId(view, at), type: call.kind, ...written(call, call.arguments) })) }),
    },
    logprobs: null,
    finish_reason: finishOf(reply.stop),
  });
  const choices = Array.from({ length: view.choices }, (_, index) => choice(index));
  return JSON.stringify({ ...head(view, 'chat.completion'), choices, usage: usageOf(reply.usage, view.choices) });
}

function callId(view: MockView, index: number): string {
  return `call_${hashHex(`${index} ${view.text}`, 24)}`;
}

function written(call: Call, text: string): JsonObject {
  return call.kind === 'custom' ? { custom: { name: call.name, input: text } } : { function: { name: call.name, arguments: text } };
}

function finishOf(stop: MockStop): string {
  if (stop.reason === 'length') return 'length';
  return stop.reason === 'calls' ? 'tool_calls' : 'stop';
}

function usageOf(usage: MockUsage, choices: number): JsonObject {
  const prompt = usage.input + usage.cacheRead + usage.cacheWrite;
  const completion = usage.output * choices;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: usage.cacheRead, cache_write_tokens: usage.cacheWrite, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: usage.thinking * choices, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
  };
}

function eventsOf(reply: MockReply, view: MockView, body: JsonObject): readonly string[] {
  const withUsage = objectAt(body, 'stream_options')['include_usage'] === true;
  const top = head(view, 'chat.completion.chunk');
  const chunk = (choices: readonly JsonObject[], usage: JsonObject | null): string =>
    `data: ${JSON.stringify({ ...top, choices, ...(withUsage ? { usage } : {}) })}\n\n`;
  const events: string[] = [];
  for (let index = 0; index < view.choices; index++) {
    const say = (delta: JsonObject, finish: string | null = null): void =>
      void events.push(chunk([{ index, delta, logprobs: null, finish_reason: finish }], null));
    const spoken = spokenOf(reply);
    say({ role: 'assistant', content: spoken.calls.length > 0 ? null : '', refusal: null });
    for (const delta of deltasOf(spoken, view)) say(delta);
    say({}, finishOf(reply.stop));
  }
  if (withUsage) events.push(chunk([], usageOf(reply.usage, view.choices)));
  return events;
}

function deltasOf(spoken: Spoken, view: MockView): readonly JsonObject[] {
  return [
    ...piecesOf(spoken.thinking).map((reasoning_content) => ({ reasoning_content })),
    ...piecesOf(spoken.text ?? '').map((content) => ({ content })),
    ...piecesOf(spoken.refusal ?? '').map((refusal) => ({ refusal })),
    ...callDeltas(spoken.calls, view),
  ];
}

/** All calls begin, then their arguments come piece by piece in turn: the order that a translation must put straight. */
function callDeltas(calls: readonly Call[], view: MockView): readonly JsonObject[] {
  const starts = calls.map((call, index) => ({ tool_calls: [{ index, id: callId(view, index), type: call.kind, ...written(call, '') }] }));
  const pieces = calls.map((call) => piecesOf(call.arguments));
  const longest = Math.max(0, ...pieces.map((list) => list.length));
  const turns = Array.from({ length: longest }, (_, turn) =>
    calls.flatMap((call, index) => {
      const piece = pieces[index]?.[turn];
      if (piece === undefined) return [];
      return [{ tool_calls: [{ index, ...(call.kind === 'custom' ? { custom: { input: piece } } : { function: { arguments: piece } }) }] }];
    }),
  );
  return [...starts, ...turns.flat()];
}

/** OpenAI's type for a status. */
function typeOf(status: number): string {
  if (status === 401) return 'authentication_error';
  if (status === 403) return 'permission_error';
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}

const codes: { readonly [status: number]: string } = { 401: 'invalid_api_key', 402: 'insufficient_quota', 404: 'model_not_found', 429: 'rate_limit_exceeded' };

export function errorOf(error: GatewayError): string {
  const given = error.details?.['code'];
  const code = given === undefined ? (codes[error.status] ?? null) : given;
  return JSON.stringify({ error: { message: error.message, type: typeOf(error.status), param: error.param ?? null, code } });
}
