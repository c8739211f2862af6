import { isObject, type JsonObject } from '../core/json-text.ts';
import { hashHex, jsonTokens, mediaTokens, messageTokens, wordTokens } from './mock-count.ts';
import { errorOf, fromUrl } from './mock-openai.ts';
import { checkResponsesRequest } from './mock-responses-check.ts';
import { piecesOf } from './mock-script.ts';
import { encryptedThought } from './mock-signature.ts';
import {
  type MockBlock,
  type MockMedia,
  type MockReply,
  type MockResult,
  type MockTool,
  type MockToolChoice,
  type MockUsage,
  type MockView,
  numberAt,
  objectAt,
  objectsAt,
  textAt,
} from './mock-view.ts';
import { mockCreated, type MockWire } from './mock-wire.ts';

/** OpenAI's Responses format: what a script needs of the request, and the answer spelled whole and in events. */
export const mockResponses: MockWire = {
  check: checkResponsesRequest,
  view: viewOf,
  whole: (reply, view) => JSON.stringify(responseOf(view, ending(reply))),
  events: eventsOf,
  // The last event is the answer itself.
  terminator: '',
  error: errorOf,
  // The live service puts the error one level deeper than the types say.
  errorEvent: (error) => `event: error\ndata: {"type":"error","sequence_number":0,${errorOf(error).slice(1)}\n\n`,
  count: () => undefined,
  requestIdHeader: 'x-request-id',
  headers: { 'x-ratelimit-limit-requests': '1000', 'x-ratelimit-remaining-requests': '999' },
};

/** The items of the input; a string is a message of the user's. */
function itemsOf(body: JsonObject): readonly JsonObject[] {
  return typeof body['input'] === 'string' ? [{ type: 'message', role: 'user', content: body['input'] }] : objectsAt(body, 'input');
}

function typeOf(item: JsonObject): string {
  return textAt(item, 'type') || 'message';
}

function viewOf(body: JsonObject, text: string): MockView {
  const items = itemsOf(body);
  const tools = objectsAt(body, 'tools').flatMap(toolsIn);
  const users = items.filter((item) => item['role'] === 'user');
  const format = objectAt(objectAt(body, 'text'), 'format');
  return {
    model: textAt(body, 'model'),
    text,
    stream: body['stream'] === true,
    lastUserText: textsOf(users.at(-1) ?? {}).join('\n'),
    media: items.flatMap(mediaOf),
    tools: allowedTools(body, tools),
    toolChoice: choiceOf(body),
    parallel: body['parallel_tool_calls'] !== false,
    results: resultsOf(items),
    schema: format['type'] === 'json_schema' ? format['schema'] : undefined,
    thinking: objectAt(body, 'reasoning')['effort'] !== 'none',
    maxTokens: numberAt(body, 'max_output_tokens'),
    stop: [],
    choices: 1,
    inputTokens: countInput(items, body),
  };
}

/** The parts of a message's content or of a tool's output. */
function partsOf(item: JsonObject): readonly JsonObject[] {
  const key = 'output' in item ? 'output' : 'content';
  return typeof item[key] === 'string' ? [{ type: 'input_text', text: item[key] }] : objectsAt(item, key);
}

function textsOf(item: JsonObject): readonly string[] {
  return partsOf(item).flatMap((part) => (part['type'] === 'reasoning_text' ? [] : [textAt(part, 'text') + textAt(part, 'refusal')]));
}

/** A namespace holds several functions. */
function toolsIn(tool: JsonObject): readonly MockTool[] {
  if (tool['type'] === 'namespace') return objectsAt(tool, 'tools').flatMap(toolsIn);
  if (tool['type'] !== 'function' && tool['type'] !== 'custom') return [];
  return [{ name: textAt(tool, 'name'), schema: tool['parameters'] ?? undefined, kind: tool['type'] }];
}

function allowedTools(body: JsonObject, tools: readonly MockTool[]): readonly MockTool[] {
  const choice = objectAt(body, 'tool_choice');
  if (choice['type'] !== 'allowed_tools') return tools;
  const names = objectsAt(choice, 'tools').map((tool) => textAt(tool, 'name'));
  return tools.filter((tool) => names.includes(tool.name));
}

function choiceOf(body: JsonObject): MockToolChoice {
  const choice = body['tool_choice'];
  if (choice === 'none' || choice === 'required') return { mode: choice };
  const named = objectAt(body, 'tool_choice');
  if (named['type'] === 'allowed_tools') return { mode: named['mode'] === 'required' ? 'required' : 'auto' };
  return named['type'] === 'function' || named['type'] === 'custom' ? { mode: 'named', name: textAt(named, 'name') } : { mode: 'auto' };
}

function mediaOf(item: JsonObject): readonly MockMedia[] {
  return partsOf(item).flatMap((part): MockMedia[] => {
    if (part['type'] === 'input_image') return [fromUrl('image', textAt(part, 'image_url') || textAt(part, 'file_id'))];
    if (part['type'] !== 'input_file') return [];
    const source = textAt(part, 'file_data') || textAt(part, 'file_url') || textAt(part, 'file_id');
    return [{ ...fromUrl('document', source), name: textAt(part, 'filename') }];
  });
}

function isOutput(item: JsonObject): boolean {
  return typeOf(item).endsWith('_call_output');
}

/** The tool results that the conversation ends with. */
function resultsOf(items: readonly JsonObject[]): readonly MockResult[] {
  const names = new Map(items.filter((item) => 'name' in item).map((item) => [textAt(item, 'call_id'), textAt(item, 'name')] as const));
  const lastOther = items.findLastIndex((item) => !isOutput(item) && item['role'] !== 'user');
  return items
    .slice(lastOther + 1)
    .filter(isOutput)
    .map((item) => ({ name: names.get(textAt(item, 'call_id')) ?? '', text: textsOf(item).join('\n'), isError: false }));
}

function countInput(items: readonly JsonObject[], body: JsonObject): number {
  const instructions = textAt(body, 'instructions');
  let tokens = instructions === '' ? 0 : messageTokens + wordTokens(instructions);
  for (const item of items) tokens += itemTokens(item);
  for (const tool of objectsAt(body, 'tools')) tokens += 1 + wordTokens(textAt(tool, 'description')) + jsonTokens(JSON.stringify(tool['parameters'] ?? ''));
  return tokens;
}

function itemTokens(item: JsonObject): number {
  const type = typeOf(item);
  if (type === 'reasoning')
    return wordTokens(
      objectsAt(item, 'summary')
        .map((part) => textAt(part, 'text'))
        .join(' '),
    );
  if (type === 'function_call' || type === 'custom_tool_call') return 1 + jsonTokens(textAt(item, 'arguments') || textAt(item, 'input'));
  return messageTokens + wordTokens(textsOf(item).join(' ')) + mediaOf(item).length * mediaTokens;
}

/** How an answer ends, and the items that it has. */
type Ending = { readonly status: string; readonly reply: MockReply };

function ending(reply: MockReply): Ending {
  return { status: reply.stop.reason === 'length' ? 'incomplete' : 'completed', reply };
}

function bodyOf(view: MockView): JsonObject {
  const value: unknown = JSON.parse(view.text);
  return isObject(value) ? value : {};
}

/** The response; without an ending, as it begins. */
function responseOf(view: MockView, end?: Ending): JsonObject {
  const body = bodyOf(view);
  const given = (key: string, usual: unknown): JsonObject => ({ [key]: body[key] ?? usual });
  return {
    id: `resp_${hashHex(view.text, 24)}`,
    object: 'response',
    created_at: mockCreated,
    status: end?.status ?? 'in_progress',
    ...given('background', false),
    completed_at: end?.status === 'completed' ? mockCreated : null,
    error: null,
    incomplete_details: end?.status === 'incomplete' ? { reason: 'max_output_tokens' } : null,
    ...given('instructions', null),
    ...given('max_output_tokens', null),
    max_tool_calls: null,
    model: view.model,
    output: end === undefined ? [] : itemsIn(end, view),
    ...given('parallel_tool_calls', true),
    previous_response_id: null,
    prompt_cache_key: null,
    reasoning: { effort: null, summary: null, ...objectAt(body, 'reasoning') },
    safety_identifier: null,
    service_tier: 'default',
    ...given('temperature', 1),
    text: { format: { type: 'text' }, verbosity: 'medium', ...objectAt(body, 'text') },
    ...given('tool_choice', 'auto'),
    tools: objectsAt(body, 'tools').map((tool) => (tool['type'] === 'function' ? { parameters: null, strict: true, ...tool } : tool)),
    top_logprobs: 0,
    ...given('top_p', 1),
    truncation: 'disabled',
    ...(end === undefined ? {} : { usage: usageOf(end.reply.usage) }),
    ...given('metadata', {}),
    access_programs: null,
  };
}

function usageOf(usage: MockUsage): JsonObject {
  const input = usage.input + usage.cacheRead + usage.cacheWrite;
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: usage.cacheRead, cache_write_tokens: usage.cacheWrite },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: usage.thinking },
    total_tokens: input + usage.output,
  };
}

function itemsIn({ status, reply }: Ending, view: MockView): readonly JsonObject[] {
  const { blocks } = reply;
  return blocks.map((block, index) => itemOf(block, index, index === blocks.length - 1 ? status : 'completed', view));
}

function idOf(prefix: string, index: number, view: MockView): string {
  return `${prefix}_${hashHex(`${prefix} ${index} ${view.text}`, 24)}`;
}

function itemOf(block: MockBlock, index: number, status: string, view: MockView): JsonObject {
  switch (block.type) {
    case 'thinking':
      return { id: idOf('rs', index, view), type: 'reasoning', summary: summaryOf(block.text, view), ...secretOf(block.text, view) };
    case 'text':
      return messageOf({ type: 'output_text', annotations: [], logprobs: [], text: block.text }, index, status, view);
    case 'refusal':
      return messageOf({ type: 'refusal', refusal: block.text }, index, status, view);
    case 'call': {
      const called = { call_id: idOf('call', index, view), name: block.name };
      if (block.kind === 'custom') return { id: idOf('ctc', index, view), type: 'custom_tool_call', input: block.arguments, ...called };
      return { id: idOf('fc', index, view), type: 'function_call', status, arguments: block.arguments, ...called };
    }
  }
}

function messageOf(part: JsonObject, index: number, status: string, view: MockView): JsonObject {
  return { id: idOf('msg', index, view), type: 'message', status, content: [part], role: 'assistant' };
}

/** A summary is given to those who ask for one, in a part for each sentence. */
function summaryOf(thinking: string, view: MockView): readonly JsonObject[] {
  const asked = objectAt(bodyOf(view), 'reasoning')['summary'];
  return typeof asked === 'string' ? sentencesOf(thinking).map((text) => ({ type: 'summary_text', text })) : [];
}

function sentencesOf(text: string): readonly string[] {
  return text.split(/(?<=\.) /);
}

/** So is what must come back where nothing is stored. */
function secretOf(thinking: string, view: MockView): JsonObject {
  const { include } = bodyOf(view);
  return Array.isArray(include) && include.includes('reasoning.encrypted_content') ? { encrypted_content: encryptedThought(thinking) } : {};
}

function eventsOf(reply: MockReply, view: MockView): readonly string[] {
  const events: string[] = [];
  const say = (type: string, fields: JsonObject): void =>
    void events.push(`event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: events.length, ...fields })}\n\n`);
  const end = ending(reply);
  say('response.created', { response: responseOf(view) });
  say('response.in_progress', { response: responseOf(view) });
  for (const [output_index, item] of itemsIn(end, view).entries()) {
    const place = { item_id: item['id'], output_index };
    say('response.output_item.added', { output_index, item: begun(item) });
    for (const [type, fields] of eventsIn(item)) say(`response.${type}`, { ...place, ...fields });
    say('response.output_item.done', { output_index, item });
  }
  say(`response.${end.status}`, { response: responseOf(view, end) });
  return events;
}

/** An item as it begins: what it holds comes later. */
function begun(item: JsonObject): JsonObject {
  const { encrypted_content: _secret, ...rest } = item;
  const empty: JsonObject = { content: [], summary: [], arguments: '', input: '', status: 'in_progress' };
  return Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, Object.hasOwn(empty, key) ? empty[key] : value]));
}

type Event = readonly [type: string, fields: JsonObject];

function eventsIn(item: JsonObject): readonly Event[] {
  switch (item['type']) {
    case 'function_call':
      return [...deltas('function_call_arguments.delta', textAt(item, 'arguments'), {}), ['function_call_arguments.done', { arguments: item['arguments'] }]];
    case 'custom_tool_call':
      return [...deltas('custom_tool_call_input.delta', textAt(item, 'input'), {}), ['custom_tool_call_input.done', { input: item['input'] }]];
    case 'reasoning':
      return objectsAt(item, 'summary').flatMap(summaryEvents);
    default:
      return objectsAt(item, 'content').flatMap(partEvents);
  }
}

function deltas(type: string, text: string, fields: JsonObject): readonly Event[] {
  return piecesOf(text).map((delta) => [type, { ...fields, delta }] as const);
}

function summaryEvents(part: JsonObject, summary_index: number): readonly Event[] {
  const place = { summary_index };
  const { text } = part;
  return [
    ['reasoning_summary_part.added', { ...place, part: { ...part, text: '' } }],
    ...deltas('reasoning_summary_text.delta', textAt(part, 'text'), place),
    ['reasoning_summary_text.done', { ...place, text }],
    ['reasoning_summary_part.done', { ...place, part }],
  ];
}

function partEvents(part: JsonObject, content_index: number): readonly Event[] {
  const key = part['type'] === 'refusal' ? 'refusal' : 'text';
  const name = key === 'text' ? 'output_text' : 'refusal';
  const place = { content_index, ...(key === 'text' ? { logprobs: [] } : {}) };
  return [
    ['content_part.added', { content_index, part: { ...part, [key]: '' } }],
    ...deltas(`${name}.delta`, textAt(part, key), place),
    [`${name}.done`, { ...place, [key]: part[key] }],
    ['content_part.done', { content_index, part }],
  ];
}
