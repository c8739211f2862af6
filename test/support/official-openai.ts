import { count, filled, isJson, type Json, list, nullable, object, objectValue, oneOf, problemsOf, type Shape, string, tagged } from './shape.ts';

/**
 * What OpenAI's chat format allows in answers: read off the types of `openai` 7.57 (resources/chat/completions/completions.d.ts and
 * resources/completions.d.ts), with modelwire's two documented additions, `reasoning_content` and `reasoning_details`.
 */
const reasoningDetail = tagged('type', {
  'reasoning.text': object({ type: filled, text: string }, { signature: nullable(string), format: nullable(string), id: nullable(string), index: count }),
  'reasoning.summary': object({ type: filled, summary: string }, { format: nullable(string), id: nullable(string), index: count }),
  'reasoning.encrypted': object({ type: filled, data: string }, { format: nullable(string), id: nullable(string), index: count }),
});
const reasoning = { reasoning_content: string, reasoning_details: list(reasoningDetail) };

const logprobs = object({ content: nullable(list(objectValue)), refusal: nullable(list(objectValue)) });
const finishReason = oneOf('stop', 'length', 'tool_calls', 'content_filter', 'function_call');
const serviceTier = nullable(oneOf('auto', 'default', 'flex', 'scale', 'priority', 'fast'));

const usage = object(
  { completion_tokens: count, prompt_tokens: count, total_tokens: count },
  {
    completion_tokens_details: object(
      {},
      { accepted_prediction_tokens: count, audio_tokens: count, reasoning_tokens: count, rejected_prediction_tokens: count, text_tokens: count },
    ),
    // The newest Python library parses strictly and wants both counts.
    prompt_tokens_details: object({ cached_tokens: count }, { cache_write_tokens: count, audio_tokens: count, image_tokens: count, text_tokens: count }),
  },
);

const toolCall = tagged('type', {
  function: object({ id: filled, type: filled, function: object({ name: filled, arguments: string }) }),
  custom: object({ id: filled, type: filled, custom: object({ name: filled, input: string }) }),
});

const annotation = object({ type: oneOf('url_citation'), url_citation: object({ end_index: count, start_index: count, title: string, url: string }) });

const message = object(
  { role: oneOf('assistant'), content: nullable(string), refusal: nullable(string) },
  { ...reasoning, annotations: list(annotation), audio: nullable(objectValue), tool_calls: list(toolCall) },
);

const completion = object(
  {
    id: filled,
    object: oneOf('chat.completion'),
    created: count,
    model: filled,
    choices: list(object({ index: count, message, finish_reason: finishReason, logprobs: nullable(logprobs) })),
  },
  { usage, service_tier: serviceTier, system_fingerprint: string, metadata: nullable(objectValue), moderation: nullable(objectValue) },
);

const deltaCall = object(
  { index: count },
  {
    id: filled,
    type: oneOf('function', 'custom'),
    function: object({}, { name: filled, arguments: string }),
    custom: object({}, { name: filled, input: string }),
  },
);

const delta = object({}, { ...reasoning, role: oneOf('assistant'), content: nullable(string), refusal: nullable(string), tool_calls: list(deltaCall) });

const chunk = object(
  {
    id: filled,
    object: oneOf('chat.completion.chunk'),
    created: count,
    model: filled,
    choices: list(object({ index: count, delta, finish_reason: nullable(finishReason) }, { logprobs: nullable(logprobs) })),
  },
  { usage: nullable(usage), service_tier: serviceTier, system_fingerprint: string, obfuscation: string, moderation: nullable(objectValue) },
);

const errorObject = object({ message: filled, type: filled, param: nullable(string), code: nullable(string) });
const errorBody = object({ error: errorObject });

/** The gateway's lists tell more than the official card does. */
const model = object(
  { id: filled, object: oneOf('model'), created: count, owned_by: filled },
  {
    shutdown_date: nullable(string),
    context_length: count,
    max_model_len: count,
    context_window: count,
    max_output_tokens: count,
    pricing: objectValue,
    capabilities: objectValue,
  },
);
const models = object({ object: oneOf('list'), data: list(model) });

export const openaiShapes = { completion, chunk, error: errorBody, models, model } as const satisfies { readonly [name: string]: Shape };

/** What is wrong with a whole answer: its shape, and what must agree within it. */
export function completionProblems(value: unknown): string[] {
  const problems = problemsOf(completion, value);
  if (problems.length > 0 || !isJson(value) || !Array.isArray(value['choices'])) return problems;
  for (const choice of value['choices'].filter(isJson)) {
    const said = choice['message'];
    const calls = isJson(said) && Array.isArray(said['tool_calls']) ? said['tool_calls'] : undefined;
    if (calls?.length === 0) problems.push('message.tool_calls: an empty list');
    checkFinish(calls !== undefined, choice['finish_reason'], problems);
    for (const call of (calls ?? []).filter(isJson)) checkArguments(call['function'], problems);
  }
  checkSum(value['usage'], problems);
  return problems;
}

function checkFinish(called: boolean, finish: unknown, problems: string[]): void {
  if (called && finish !== 'tool_calls' && finish !== 'length' && finish !== 'stop') problems.push(`finish_reason ${String(finish)} with tool calls`);
  if (!called && finish === 'tool_calls') problems.push('finish_reason tool_calls without a tool call');
}

function checkArguments(called: unknown, problems: string[]): void {
  if (!isJson(called)) return;
  try {
    JSON.parse(String(called['arguments']));
  } catch {
    problems.push(`the arguments of ${String(called['name'])} are not JSON: ${String(called['arguments'])}`);
  }
}

function checkSum(value: unknown, problems: string[]): void {
  if (!isJson(value)) return;
  if (Number(value['prompt_tokens']) + Number(value['completion_tokens']) !== value['total_tokens']) problems.push('usage: total_tokens is not the sum');
}

export type SseFrame = { readonly event: string; readonly data: string };

/** What is wrong with a stream that ended well: each chunk's shape, their order, and what must agree between them. */
export function chunkStreamProblems(frames: readonly SseFrame[], options: { readonly includeUsage: boolean }): string[] {
  const problems: string[] = [];
  const state: StreamState = { choices: new Map(), usages: 0, problems };
  frames.forEach((frame, index) => {
    if (frame.event !== '') problems.push(`event ${index}: has a name, ${frame.event}`);
    if (frame.data === '[DONE]') {
      if (index !== frames.length - 1) problems.push(`event ${index}: [DONE] is not the last`);
      return;
    }
    const value: unknown = JSON.parse(frame.data);
    problems.push(...problemsOf(chunk, value, `event ${index}`));
    if (isJson(value)) followChunk(value, index, state, options.includeUsage);
  });
  if (frames.at(-1)?.data !== '[DONE]') problems.push('no [DONE] at the end');
  if (options.includeUsage && state.usages !== 1) problems.push(`${state.usages} usage chunks instead of one`);
  for (const [index, choice] of state.choices) closeChoice(index, choice, problems);
  if (state.choices.size === 0) problems.push('no choice at all');
  return problems;
}

type Choice = { started: boolean; finish: unknown; readonly calls: Map<number, { readonly name: string; text: string }> };
type StreamState = { readonly choices: Map<number, Choice>; usages: number; head?: string; readonly problems: string[] };

function followChunk(value: Json, index: number, state: StreamState, includeUsage: boolean): void {
  const { problems } = state;
  const head = JSON.stringify([value['id'], value['created'], value['model'], value['object']]);
  state.head ??= head;
  if (head !== state.head) problems.push(`event ${index}: id, created, model or object differ from the first chunk's`);
  if (state.usages > 0) problems.push(`event ${index}: a chunk after the usage chunk`);
  const choices = Array.isArray(value['choices']) ? value['choices'].filter(isJson) : [];
  if (isJson(value['usage'])) {
    state.usages++;
    checkSum(value['usage'], problems);
    if (!includeUsage) problems.push(`event ${index}: usage that was not asked for`);
    if (choices.length > 0) problems.push(`event ${index}: usage in a chunk with choices`);
  } else if (choices.length === 0) problems.push(`event ${index}: no choices and no usage`);
  for (const choice of choices) followChoice(choice, index, state);
}

function followChoice(choice: Json, index: number, { choices, problems }: StreamState): void {
  const at = Number(choice['index']);
  const known = choices.get(at) ?? { started: false, finish: null, calls: new Map() };
  choices.set(at, known);
  const said = isJson(choice['delta']) ? choice['delta'] : {};
  if (!known.started && said['role'] !== 'assistant') problems.push(`event ${index}: the first delta of choice ${at} has no role`);
  if (known.started && 'role' in said) problems.push(`event ${index}: the role comes again`);
  if (known.finish !== null) problems.push(`event ${index}: a delta after the finish reason of choice ${at}`);
  known.started = true;
  known.finish = choice['finish_reason'];
  const calls = Array.isArray(said['tool_calls']) ? said['tool_calls'].filter(isJson) : [];
  for (const call of calls) followCall(call, index, known, problems);
}

function followCall(call: Json, index: number, choice: Choice, problems: string[]): void {
  const at = Number(call['index']);
  const part = isJson(call['function']) ? call['function'] : isJson(call['custom']) ? call['custom'] : {};
  const piece = String(part['arguments'] ?? part['input'] ?? '');
  const known = choice.calls.get(at);
  if (known !== undefined) {
    if ('id' in call || 'name' in part) problems.push(`event ${index}: the id or name of call ${at} comes again`);
    known.text += piece;
    return;
  }
  if (at !== choice.calls.size) problems.push(`event ${index}: call ${at} begins before call ${choice.calls.size}`);
  if (typeof call['id'] !== 'string' || typeof call['type'] !== 'string' || typeof part['name'] !== 'string')
    problems.push(`event ${index}: call ${at} begins without id, type or name`);
  choice.calls.set(at, { name: String(part['name']), text: piece });
}

function closeChoice(index: number, choice: Choice, problems: string[]): void {
  if (choice.finish === null) problems.push(`choice ${index}: no finish reason`);
  checkFinish(choice.calls.size > 0, choice.finish, problems);
  for (const call of choice.calls.values()) checkArguments({ name: call.name, arguments: call.text }, problems);
}
