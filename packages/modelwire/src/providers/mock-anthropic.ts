import type { GatewayError } from '../core/errors.ts';
import { isObject, type JsonObject } from '../core/json-text.ts';
import { base64Bytes, hashHex, jsonTokens, mediaTokens, messageTokens, wordTokens } from './mock-count.ts';
import { checkAnthropicRequest } from './mock-anthropic-check.ts';
import { piecesOf } from './mock-script.ts';
import { signatureOf } from './mock-signature.ts';
import {
  type MockBlock,
  type MockMedia,
  type MockReply,
  type MockResult,
  type MockStop,
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

/** Anthropic's messages format: what a script needs of the request, and the answer spelled whole and in events. */
export const mockAnthropic: MockWire = {
  check: checkAnthropicRequest,
  view: viewOf,
  whole: wholeOf,
  events: eventsOf,
  ...sseWire,
  terminator: event({ type: 'message_stop' }),
  error: errorOf,
  errorEvent: (error, requestId) => `event: error\ndata: ${errorOf(error, requestId)}\n\n`,
  count: (view) => JSON.stringify({ input_tokens: view.inputTokens }),
  requestIdHeader: 'request-id',
  headers: { 'anthropic-ratelimit-requests-limit': '1000', 'anthropic-ratelimit-requests-remaining': '999' },
};

function viewOf(body: JsonObject, text: string): MockView {
  const messages = objectsAt(body, 'messages');
  const users = messages.filter((message) => message['role'] === 'user');
  const format = objectAt(objectAt(body, 'output_config'), 'format');
  return {
    model: textAt(body, 'model'),
    text,
    stream: body['stream'] === true,
    lastUserText: ownTexts(users.at(-1) ?? {}).join('\n'),
    userTexts: users.flatMap(ownTexts),
    media: messages.flatMap((message) => mediaIn(objectsAt(message, 'content'))),
    tools: objectsAt(body, 'tools')
      .filter((tool) => 'input_schema' in tool && isLoaded(tool, messages))
      .map((tool) => ({ name: textAt(tool, 'name'), schema: tool['input_schema'], kind: 'function' })),
    toolChoice: choiceOf(objectAt(body, 'tool_choice')),
    parallel: objectAt(body, 'tool_choice')['disable_parallel_tool_use'] !== true,
    results: resultsOf(messages, objectsAt(messages.at(-1) ?? {}, 'content')),
    everyResult: resultsOf(
      messages,
      messages.flatMap((message) => objectsAt(message, 'content')),
    ),
    schema: format['type'] === 'json_schema' ? format['schema'] : undefined,
    thinking: objectAt(body, 'thinking')['type'] !== 'disabled',
    maxTokens: numberAt(body, 'max_tokens'),
    stop: textsAt(body, 'stop_sequences'),
    choices: 1,
    inputTokens: countInput(messages, body),
  };
}

function ownTexts(message: JsonObject): readonly string[] {
  if (typeof message['content'] === 'string') return [message['content']];
  return objectsAt(message, 'content').flatMap((block) => (block['type'] === 'text' ? [textAt(block, 'text')] : []));
}

function choiceOf(choice: JsonObject): MockToolChoice {
  if (choice['type'] === 'tool') return { mode: 'named', name: textAt(choice, 'name') };
  if (choice['type'] === 'any') return { mode: 'required' };
  return { mode: choice['type'] === 'none' ? 'none' : 'auto' };
}

function mediaIn(blocks: readonly JsonObject[]): readonly MockMedia[] {
  return blocks.flatMap((block): readonly MockMedia[] => {
    if (block['type'] === 'tool_result') return mediaIn(objectsAt(block, 'content'));
    if (block['type'] !== 'image' && block['type'] !== 'document') return [];
    const source = objectAt(block, 'source');
    const named = { kind: block['type'], name: textAt(block, 'title') } as const;
    if (source['type'] === 'base64') return [{ ...named, mediaType: textAt(source, 'media_type'), bytes: base64Bytes(textAt(source, 'data')) }];
    if (source['type'] === 'text') return [{ ...named, mediaType: 'text/plain', bytes: new TextEncoder().encode(textAt(source, 'data')).length }];
    return [{ ...named, mediaType: '', url: textAt(source, 'url') || textAt(source, 'file_id') }];
  });
}

/** The model sees a deferred tool once a reference to it has come back from a search. */
function isLoaded(tool: JsonObject, messages: readonly JsonObject[]): boolean {
  if (tool['defer_loading'] !== true) return true;
  const found = messages.flatMap((message) => objectsAt(message, 'content')).flatMap((block) => objectsAt(block, 'content'));
  return found.some((block) => block['type'] === 'tool_reference' && block['tool_name'] === tool['name']);
}

/** What `said` holds of results; the names of their calls are in the messages. */
function resultsOf(messages: readonly JsonObject[], said: readonly JsonObject[]): readonly MockResult[] {
  const blocks = messages.flatMap((message) => objectsAt(message, 'content'));
  const names = new Map(blocks.filter((block) => block['type'] === 'tool_use').map((call) => [textAt(call, 'id'), textAt(call, 'name')] as const));
  return said
    .filter((block) => block['type'] === 'tool_result')
    .map((block) => ({ name: names.get(textAt(block, 'tool_use_id')) ?? '', text: toldIn(block).join('\n'), isError: block['is_error'] === true }));
}

/** What a result says: its text, and that of the search results in it. */
function toldIn(result: JsonObject): readonly string[] {
  if (typeof result['content'] === 'string') return [result['content']];
  return objectsAt(result, 'content').flatMap((block) => (block['type'] === 'search_result' ? ownTexts(block) : ownTexts({ content: [block] })));
}

function countInput(messages: readonly JsonObject[], body: JsonObject): number {
  const system = typeof body['system'] === 'string' ? [body['system']] : objectsAt(body, 'system').map((block) => textAt(block, 'text'));
  let tokens = system.reduce((sum, text) => sum + messageTokens + wordTokens(text), 0);
  for (const message of messages) {
    const blocks = objectsAt(message, 'content');
    const spoken = ownTexts(message);
    // A message of tool results alone is as many messages as it has results: what OpenAI's format makes of it.
    const results = blocks.filter((block) => block['type'] === 'tool_result');
    const own = results.length === 0 || results.length < blocks.length ? 1 : 0;
    tokens += (own + results.length) * messageTokens + wordTokens(spoken.join(' ')) + mediaIn(blocks).length * mediaTokens;
    tokens += blocks.reduce((sum, block) => sum + blockTokens(block), 0);
  }
  for (const tool of objectsAt(body, 'tools')) tokens += 1 + wordTokens(textAt(tool, 'description')) + jsonTokens(JSON.stringify(tool['input_schema'] ?? ''));
  return tokens;
}

function blockTokens(block: JsonObject): number {
  if (block['type'] === 'thinking') return wordTokens(textAt(block, 'thinking'));
  if (block['type'] === 'tool_use') return 1 + jsonTokens(JSON.stringify(block['input'] ?? ''));
  return block['type'] === 'tool_result' ? wordTokens(ownTexts(block).join(' ')) : 0;
}

function messageOf(view: MockView, rest: JsonObject): JsonObject {
  return { id: messageId(view), type: 'message', role: 'assistant', model: view.model, ...rest };
}

function messageId(view: MockView): string {
  return `msg_01${hashHex(view.text, 22)}`;
}

function wholeOf(reply: MockReply, view: MockView): string {
  const content = reply.blocks.filter((block) => block.type !== 'refusal').map((block, index) => blockOf(block, view, index));
  return JSON.stringify(messageOf(view, { content, container: null, diagnostics: null, ...stopOf(reply.stop, reply.blocks), usage: usageOf(reply.usage) }));
}

function blockOf(block: MockBlock, view: MockView, index: number): JsonObject {
  switch (block.type) {
    case 'thinking':
      return { type: 'thinking', thinking: block.text, signature: signatureOf(block.text) };
    case 'call':
      return {
        type: 'tool_use',
        id: `toolu_01${hashHex(`${index} ${view.text}`, 22)}`,
        name: block.name,
        input: inputOf(block.arguments),
        caller: { type: 'direct' },
      };
    case 'text':
    case 'refusal':
      return { type: 'text', text: block.text, citations: null };
  }
}

function inputOf(written: string): JsonObject {
  const value: unknown = JSON.parse(written);
  return isObject(value) ? value : {};
}

function stopOf(stop: MockStop, blocks: readonly MockBlock[]): JsonObject {
  const refusal = blocks.find((block) => block.type === 'refusal');
  const words = { end: 'end_turn', length: 'max_tokens', calls: 'tool_use', refusal: 'refusal', stop: 'stop_sequence' } as const;
  return {
    stop_reason: words[stop.reason],
    stop_sequence: stop.reason === 'stop' ? stop.text : null,
    stop_details: refusal === undefined ? null : { type: 'refusal', category: 'general_harms', explanation: refusal.text },
  };
}

function usageOf(usage: MockUsage): JsonObject {
  return {
    input_tokens: usage.input,
    cache_creation_input_tokens: usage.cacheWrite,
    cache_read_input_tokens: usage.cacheRead,
    cache_creation: { ephemeral_5m_input_tokens: usage.cacheWrite, ephemeral_1h_input_tokens: 0 },
    output_tokens: usage.output,
    output_tokens_details: { thinking_tokens: usage.thinking },
    server_tool_use: null,
    service_tier: 'standard',
    inference_geo: null,
    speed: 'standard',
  };
}

function event(data: JsonObject): string {
  return `event: ${String(data['type'])}\ndata: ${JSON.stringify(data)}\n\n`;
}

function eventsOf(reply: MockReply, view: MockView): readonly string[] {
  const unfinished = { container: null, content: [], diagnostics: null, stop_reason: null, stop_sequence: null, stop_details: null };
  const started = messageOf(view, { ...unfinished, usage: { ...usageOf(reply.usage), output_tokens: 1, output_tokens_details: null } });
  const blocks = reply.blocks.filter((block) => block.type !== 'refusal').flatMap((block, index) => blockEvents(block, view, index));
  const { input_tokens, cache_creation_input_tokens, cache_read_input_tokens, output_tokens, output_tokens_details, server_tool_use } = usageOf(reply.usage);
  return [
    event({ type: 'message_start', message: started }),
    ...blocks.slice(0, 1),
    event({ type: 'ping' }),
    ...blocks.slice(1),
    event({
      type: 'message_delta',
      delta: { ...stopOf(reply.stop, reply.blocks), container: null },
      usage: { input_tokens, cache_creation_input_tokens, cache_read_input_tokens, output_tokens, output_tokens_details, server_tool_use },
    }),
  ];
}

function blockEvents(block: MockBlock, view: MockView, index: number): readonly string[] {
  return [
    event({ type: 'content_block_start', index, content_block: emptied(blockOf(block, view, index)) }),
    ...deltasOf(block).map((delta) => event({ type: 'content_block_delta', index, delta })),
    event({ type: 'content_block_stop', index }),
  ];
}

function emptied(block: JsonObject): JsonObject {
  if (block['type'] === 'thinking') return { ...block, thinking: '', signature: '' };
  return block['type'] === 'tool_use' ? { ...block, input: {} } : { ...block, text: '' };
}

function deltasOf(block: MockBlock): readonly JsonObject[] {
  switch (block.type) {
    case 'thinking':
      return [
        ...piecesOf(block.text).map((thinking) => ({ type: 'thinking_delta', thinking })),
        { type: 'signature_delta', signature: signatureOf(block.text) },
      ];
    case 'call':
      return ['', ...(block.arguments === '{}' ? [] : piecesOf(block.arguments))].map((partial_json) => ({ type: 'input_json_delta', partial_json }));
    case 'text':
    case 'refusal':
      return piecesOf(block.text).map((text) => ({ type: 'text_delta', text }));
  }
}

const types: { readonly [status: number]: string } = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  409: 'conflict_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

function errorOf(error: GatewayError, requestId: string): string {
  const type = types[error.status] ?? (error.status >= 500 ? 'api_error' : 'invalid_request_error');
  const details = error.details?.['error_code'] === undefined ? {} : { details: error.details };
  return JSON.stringify({ type: 'error', error: { type, message: error.message, ...details }, request_id: requestId });
}
