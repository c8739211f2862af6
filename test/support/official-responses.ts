import type { SseFrame } from './official-openai.ts';
import {
  anything,
  boolean,
  count,
  filled,
  isJson,
  type Json,
  list,
  nullable,
  object,
  objectValue,
  oneOf,
  problemsOf,
  type Shape,
  string,
  tagged,
} from './shape.ts';

/** What OpenAI's Responses format allows in answers: read off the types of `openai` 7.57 (resources/responses/responses.d.ts). */

const number: Shape = (value, at, problems) => {
  if (typeof value !== 'number') problems.push(`${at}: expected a number`);
};

const usage = object({
  input_tokens: count,
  input_tokens_details: object(
    { cached_tokens: count, cache_write_tokens: count },
    { cache_write_tokens_details: object({ ttl_30m_tokens: count, ttl_12h_tokens: count }) },
  ),
  output_tokens: count,
  output_tokens_details: object({ reasoning_tokens: count }),
  total_tokens: count,
});

const annotation = tagged('type', {
  url_citation: object({ type: filled, start_index: count, end_index: count, title: string, url: string }),
  file_citation: object({ type: filled, file_id: filled, filename: string, index: count }),
  container_file_citation: object({ type: filled, container_id: filled, file_id: filled, filename: string, start_index: count, end_index: count }),
  file_path: object({ type: filled, file_id: filled, index: count }),
});

const outputText = object({ type: oneOf('output_text'), text: string, annotations: list(annotation) }, { logprobs: list(objectValue) });
const refusal = object({ type: oneOf('refusal'), refusal: string });
const thought = object({ type: oneOf('reasoning_text'), text: string });
const summary = object({ type: oneOf('summary_text'), text: string });
const said = tagged('type', { output_text: outputText, refusal });
const part = tagged('type', { output_text: outputText, refusal, reasoning_text: thought });

const status = oneOf('in_progress', 'completed', 'incomplete');
const caller = nullable(tagged('type', { direct: object({ type: filled }), program: object({ type: filled, caller_id: filled }) }));
const called = { async: boolean, caller, namespace: filled };

/** The items that modelwire makes; those of OpenAI's own tools only pass through. */
const item = tagged('type', {
  message: object(
    { id: filled, type: filled, role: oneOf('assistant'), status, content: list(said) },
    { phase: nullable(oneOf('commentary', 'final_answer')) },
  ),
  reasoning: object({ id: filled, type: filled, summary: list(summary) }, { content: list(thought), encrypted_content: nullable(string), status }),
  function_call: object({ type: filled, call_id: filled, name: filled, arguments: string }, { id: filled, status, ...called }),
  custom_tool_call: object({ type: filled, call_id: filled, name: filled, input: string }, { id: filled, ...called }),
  tool_search_call: object({ id: filled, type: filled, call_id: nullable(filled), execution: oneOf('server', 'client'), status, arguments: objectValue }),
  image_generation_call: object(
    { id: filled, type: filled, status: oneOf('in_progress', 'completed', 'generating', 'failed'), result: nullable(string) },
    { output_format: nullable(oneOf('png', 'webp', 'jpeg', 'gif', 'svg')) },
  ),
  web_search_call: object({ id: filled, type: filled, status: filled, action: objectValue }),
});

const tool: Shape = (value, at, problems) => {
  if (isJson(value) && value['type'] === 'function')
    object(
      { type: filled, name: filled, parameters: nullable(objectValue), strict: nullable(boolean) },
      { description: nullable(string), defer_loading: boolean, async: boolean, output_schema: nullable(objectValue), allowed_callers: nullable(list(string)) },
    )(value, at, problems);
  else tagged('type', { custom: objectValue, namespace: objectValue, web_search: objectValue, tool_search: objectValue })(value, at, problems);
};

const toolChoice: Shape = (value, at, problems) => (isJson(value) ? undefined : oneOf('none', 'auto', 'required')(value, at, problems));

const failureCode = oneOf(
  'server_error',
  'rate_limit_exceeded',
  'invalid_prompt',
  'data_residency_mismatch',
  'bio_policy',
  'misalignment_policy_violation',
  'vector_store_timeout',
  'invalid_image',
);

const response = object(
  {
    id: filled,
    object: oneOf('response'),
    created_at: count,
    access_programs: nullable(objectValue),
    error: nullable(object({ code: failureCode, message: filled })),
    incomplete_details: nullable(object({}, { reason: oneOf('max_output_tokens', 'content_filter', 'max_messages', 'steered') })),
    instructions: nullable(anything),
    metadata: nullable(objectValue),
    model: filled,
    output: list(item),
    parallel_tool_calls: boolean,
    temperature: nullable(number),
    tool_choice: toolChoice,
    tools: list(tool),
    top_p: nullable(number),
    status: oneOf('completed', 'failed', 'in_progress', 'incomplete', 'queued', 'cancelled'),
  },
  {
    background: nullable(boolean),
    completed_at: nullable(count),
    conversation: nullable(object({ id: filled })),
    max_output_tokens: nullable(count),
    max_tool_calls: nullable(count),
    moderation: nullable(objectValue),
    previous_response_id: nullable(string),
    prompt_cache_key: nullable(string),
    prompt_cache_retention: nullable(oneOf('in_memory', '24h')),
    reasoning: nullable(objectValue),
    safety_identifier: nullable(string),
    service_tier: nullable(oneOf('auto', 'default', 'flex', 'scale', 'priority', 'fast', 'ultrafast')),
    text: objectValue,
    top_logprobs: nullable(count),
    truncation: nullable(oneOf('auto', 'disabled')),
    usage,
    user: string,
  },
);

const numbered = { type: filled, sequence_number: count };
const ofResponse = object({ ...numbered, response });
const placed = { ...numbered, item_id: filled, output_index: count };
const inContent = { ...placed, content_index: count };
const inSummary = { ...placed, summary_index: count };

/** The type has the fields at its top; the live service has them in `error`, which is what the official Python library looks at. */
const errorEvent = object(
  { ...numbered, code: nullable(string), message: filled, param: nullable(string) },
  { error: object({ message: filled, type: filled, param: nullable(string), code: nullable(string) }) },
);

const event = tagged('type', {
  'response.created': ofResponse,
  'response.in_progress': ofResponse,
  'response.completed': ofResponse,
  'response.incomplete': ofResponse,
  'response.failed': ofResponse,
  error: errorEvent,
  'response.output_item.added': object({ ...numbered, output_index: count, item }),
  'response.output_item.done': object({ ...numbered, output_index: count, item }),
  'response.content_part.added': object({ ...inContent, part }),
  'response.content_part.done': object({ ...inContent, part }),
  'response.output_text.delta': object({ ...inContent, delta: filled, logprobs: list(objectValue) }),
  'response.output_text.done': object({ ...inContent, text: string, logprobs: list(objectValue) }),
  'response.output_text.annotation.added': object({ ...inContent, annotation_index: count, annotation }),
  'response.refusal.delta': object({ ...inContent, delta: filled }),
  'response.refusal.done': object({ ...inContent, refusal: string }),
  'response.reasoning_text.delta': object({ ...inContent, delta: filled }),
  'response.reasoning_text.done': object({ ...inContent, text: string }),
  'response.reasoning_summary_part.added': object({ ...inSummary, part: summary }),
  'response.reasoning_summary_part.done': object({ ...inSummary, part: summary }),
  'response.reasoning_summary_text.delta': object({ ...inSummary, delta: filled }),
  'response.reasoning_summary_text.done': object({ ...inSummary, text: string }),
  'response.function_call_arguments.delta': object({ ...placed, delta: filled }),
  'response.function_call_arguments.done': object({ ...placed, arguments: string }),
  'response.custom_tool_call_input.delta': object({ ...placed, delta: filled }),
  'response.custom_tool_call_input.done': object({ ...placed, input: string }),
});

export const responsesShapes = { response, event, errorEvent } as const satisfies { readonly [name: string]: Shape };

/** What is wrong with a whole answer: its shape, and what must agree within it. */
export function responseObjectProblems(value: unknown): string[] {
  const problems = problemsOf(response, value);
  if (problems.length > 0 || !isJson(value)) return problems;
  checkStatus(value, problems);
  checkItems(value, problems);
  const { usage: counts } = value;
  if (isJson(counts) && Number(counts['input_tokens']) + Number(counts['output_tokens']) !== counts['total_tokens'])
    problems.push('usage: total_tokens is not the sum');
  return problems;
}

function checkStatus({ status: word, incomplete_details: details, error, completed_at: at }: Json, problems: string[]): void {
  if ((word === 'incomplete') !== (details !== null)) problems.push(`status ${String(word)} with incomplete_details ${JSON.stringify(details)}`);
  if ((word === 'failed') !== (error !== null)) problems.push(`status ${String(word)} with error ${JSON.stringify(error)}`);
  if (word === 'completed' && typeof at !== 'number') problems.push('completed at no time');
}

function checkItems({ output, status: word }: Json, problems: string[]): void {
  const items = Array.isArray(output) ? output.filter(isJson) : [];
  const ids = items.map((one) => one['id']);
  if (new Set(ids).size !== ids.length) problems.push('two items have the same id');
  for (const one of items) {
    if (word === 'completed' && one['status'] !== undefined && one['status'] !== 'completed')
      problems.push(`a completed response has an item that is ${String(one['status'])}`);
    if (one['type'] === 'function_call' && word === 'completed') checkArguments(one, problems);
  }
}

function checkArguments(call: Json, problems: string[]): void {
  try {
    JSON.parse(String(call['arguments']));
  } catch {
    problems.push(`the arguments of ${String(call['name'])} are not JSON: ${String(call['arguments'])}`);
  }
}

/** `failed`: the stream is meant to break. */
export type StreamOptions = { readonly failed?: boolean };

type OpenPart = { readonly kind: string; text: string; done: boolean };
type OpenItem = { readonly index: number; readonly item: Json; readonly parts: Map<string, OpenPart>; text: string };
type State = { readonly problems: string[]; head?: string; open?: OpenItem; readonly done: Json[]; ended: string };

const endings = new Set(['response.completed', 'response.incomplete', 'response.failed']);

/** What is wrong with a stream: each event's shape, their numbers, their order, and what must agree between them. */
export function responsesStreamProblems(frames: readonly SseFrame[], options: StreamOptions = {}): string[] {
  const state: State = { problems: [], done: [], ended: '' };
  const { problems } = state;
  frames.forEach((frame, number) => {
    const value: unknown = JSON.parse(frame.data);
    problems.push(...problemsOf(event, value, `event ${number}`));
    if (!isJson(value)) return;
    if (value['sequence_number'] !== number) problems.push(`event ${number}: its number is ${String(value['sequence_number'])}`);
    if (frame.event !== value['type']) problems.push(`event ${number}: named "${frame.event}" and of type ${String(value['type'])}`);
    follow(value, number, state);
  });
  const wanted = options.failed === true ? ['response.failed'] : ['response.completed', 'response.incomplete'];
  if (!wanted.includes(state.ended)) problems.push(`the stream ends with ${state.ended || 'no terminal event'}`);
  return problems;
}

function follow(value: Json, number: number, state: State): void {
  const { problems } = state;
  const type = String(value['type']);
  const say = (what: string): void => void problems.push(`event ${number} (${type}): ${what}`);
  if (state.ended !== '' && type !== 'response.failed') say('after the end');
  if (number < 2 && type !== ['response.created', 'response.in_progress'][number] && type !== 'error')
    say('where response.created and response.in_progress belong');
  if (isJson(value['response'])) followResponse(value['response'], type, state, say);
  else if (type === 'error') state.ended = 'error';
  else if (type === 'response.output_item.added') beginItem(value, state, say);
  else if (type === 'response.output_item.done') endItem(value, state, say);
  else followPart(value, type.replace('response.', ''), state, say);
}

type Say = (what: string) => void;

function followResponse(given: Json, type: string, state: State, say: Say): void {
  const head = JSON.stringify([given['id'], given['created_at'], given['model'], given['object']]);
  state.head ??= head;
  if (state.head !== head) say('id, created_at or model differ from the first');
  const status = { 'response.created': 'in_progress', 'response.in_progress': 'in_progress' }[type] ?? type.replace('response.', '');
  if (given['status'] !== status) say(`its status is ${String(given['status'])}`);
  if (!endings.has(type)) return;
  if (type !== 'response.failed' && state.ended !== '') say('a second end');
  if (type === 'response.failed' && state.ended !== 'error') say('no error event before it');
  state.ended = type;
  if (type === 'response.failed') return;
  if (state.open !== undefined) say('an item is still open');
  if (JSON.stringify(given['output']) !== JSON.stringify(state.done)) say('its output is not that of the stream');
  for (const problem of responseObjectProblems(given)) say(problem);
}

function beginItem(value: Json, state: State, say: Say): void {
  if (state.open !== undefined) say('the item before it is still open');
  if (value['output_index'] !== state.done.length) say(`output_index ${String(value['output_index'])} instead of ${state.done.length}`);
  const begun = isJson(value['item']) ? value['item'] : {};
  for (const key of ['content', 'summary']) if (Array.isArray(begun[key]) && begun[key].length > 0) say(`${key} before its parts`);
  if (typeof begun['arguments'] === 'string' && begun['arguments'] !== '') say('arguments before their deltas');
  state.open = { index: state.done.length, item: begun, parts: new Map(), text: '' };
}

function endItem(value: Json, state: State, say: Say): void {
  const { open } = state;
  const item = isJson(value['item']) ? value['item'] : {};
  if (open === undefined) return say('no item is open');
  delete state.open;
  if (value['output_index'] !== open.index) say(`output_index ${String(value['output_index'])} instead of ${open.index}`);
  for (const key of ['id', 'type', 'call_id', 'name', 'role']) if (item[key] !== open.item[key]) say(`${key} differs from where the item began`);
  for (const [key, part] of open.parts) if (!part.done) say(`part ${key} is not done`);
  for (const key of ['arguments', 'input'])
    if (typeof item[key] === 'string' && item[key] !== open.text) say(`${key} are not what was streamed: ${JSON.stringify(open.text)}`);
  checkParts(item, 'content', open, say);
  checkParts(item, 'summary', open, say);
  state.done.push(item);
}

function checkParts(item: Json, key: 'content' | 'summary', open: OpenItem, say: Say): void {
  const parts = Array.isArray(item[key]) ? item[key].filter(isJson) : [];
  const begun = [...open.parts].filter(([name]) => name.startsWith(key));
  if (parts.length !== begun.length) say(`${parts.length} parts of ${key}, ${begun.length} in the stream`);
  for (const [at, part] of parts.entries()) {
    const text = String(part['text'] ?? part['refusal']);
    const streamed = open.parts.get(`${key} ${at}`);
    if (streamed !== undefined && streamed.text !== text) say(`${key} ${at} is not what was streamed: ${JSON.stringify(streamed.text)}`);
  }
}

function followPart(value: Json, name: string, { open }: State, say: Say): void {
  if (open === undefined) return say('no item is open');
  if (value['item_id'] !== open.item['id'] || value['output_index'] !== open.index) say('of another item than the one that is open');
  if (/^(?:function_call_arguments|custom_tool_call_input)\./.test(name)) {
    if (name.endsWith('.delta')) open.text += String(value['delta']);
    else if (open.text !== String(value['arguments'] ?? value['input'])) say('is not what was streamed');
    return;
  }
  const key = typeof value['summary_index'] === 'number' ? `summary ${value['summary_index']}` : `content ${String(value['content_index'])}`;
  const part = open.parts.get(key);
  if (name.endsWith('part.added')) {
    if (part !== undefined) say('the part has begun before');
    if ([...open.parts.values()].some((other) => !other.done)) say('the part before it is not done');
    open.parts.set(key, { kind: isJson(value['part']) ? String(value['part']['type']) : '', text: '', done: false });
  } else if (part === undefined || part.done) say('no such part is open');
  else if (name.endsWith('.delta')) part.text += String(value['delta']);
  else if (name.endsWith('part.done')) part.done = true;
  else if (name.endsWith('.done') && part.text !== String(value['text'] ?? value['refusal'])) say('is not what was streamed');
}
