import {
  anything,
  count,
  filled,
  isJson,
  type Json,
  list,
  matching,
  nullable,
  object,
  objectValue,
  oneOf,
  problemsOf,
  type Shape,
  string,
  tagged,
} from './shape.ts';
import type { SseFrame } from './official-openai.ts';

/** What Anthropic's messages format allows in answers: read off the types of `@anthropic-ai/sdk` 1.12 (resources/messages/messages.d.ts). */
const serverToolUse = object({ web_fetch_requests: count, web_search_requests: count });
const outputDetails = object({ thinking_tokens: count });

const usage = object({
  cache_creation: nullable(object({ ephemeral_1h_input_tokens: count, ephemeral_5m_input_tokens: count })),
  cache_creation_input_tokens: nullable(count),
  cache_read_input_tokens: nullable(count),
  inference_geo: nullable(string),
  input_tokens: count,
  output_tokens: count,
  output_tokens_details: nullable(outputDetails),
  server_tool_use: nullable(serverToolUse),
  service_tier: nullable(oneOf('standard', 'priority', 'batch')),
  speed: nullable(oneOf('standard', 'fast')),
});

const deltaUsage = object({
  cache_creation_input_tokens: nullable(count),
  cache_read_input_tokens: nullable(count),
  input_tokens: nullable(count),
  output_tokens: count,
  output_tokens_details: nullable(outputDetails),
  server_tool_use: nullable(serverToolUse),
});

const caller = tagged('type', {
  direct: object({ type: filled }),
  code_execution_20250825: object({ type: filled, tool_id: filled }),
  code_execution_20260120: object({ type: filled, tool_id: filled }),
});
const toolUseId = matching(/^[a-zA-Z0-9_-]+$/, 'an id of letters, digits, _ and -');

/** The blocks that modelwire makes; those of Anthropic's own tools only pass through. */
const block = tagged('type', {
  text: object({ type: filled, text: string, citations: nullable(list(objectValue)) }),
  thinking: object({ type: filled, thinking: string, signature: string }),
  redacted_thinking: object({ type: filled, data: string }),
  tool_use: object({ type: filled, id: toolUseId, name: filled, input: objectValue, caller }, { toolset_name: nullable(string) }),
  server_tool_use: object({ type: filled, id: toolUseId, name: filled, input: objectValue, caller }),
  web_search_tool_result: object({ type: filled, tool_use_id: toolUseId, content: anything, caller }),
  web_fetch_tool_result: object({ type: filled, tool_use_id: toolUseId, content: anything, caller }),
  container_upload: object({ type: filled, file_id: filled }),
});

const stopReason = oneOf('end_turn', 'max_tokens', 'stop_sequence', 'tool_use', 'pause_turn', 'refusal', 'model_context_window_exceeded');
const stopDetails = object({
  type: oneOf('refusal'),
  category: nullable(oneOf('cyber', 'bio', 'frontier_llm', 'reasoning_extraction', 'general_harms')),
  explanation: nullable(string),
});
const container = object({ id: filled, expires_at: filled, skills: nullable(list(objectValue)) });

const message = object({
  id: filled,
  type: oneOf('message'),
  role: oneOf('assistant'),
  model: filled,
  container: nullable(container),
  content: list(block),
  diagnostics: nullable(object({ cache_miss_reason: nullable(objectValue) })),
  stop_details: nullable(stopDetails),
  stop_reason: nullable(stopReason),
  stop_sequence: nullable(string),
  usage,
});

const delta = tagged('type', {
  text_delta: object({ type: filled, text: string }),
  input_json_delta: object({ type: filled, partial_json: string }),
  citations_delta: object({ type: filled, citation: objectValue }),
  thinking_delta: object({ type: filled, thinking: string }),
  signature_delta: object({ type: filled, signature: string }),
});

const event = tagged('type', {
  message_start: object({ type: filled, message }),
  content_block_start: object({ type: filled, index: count, content_block: block }),
  content_block_delta: object({ type: filled, index: count, delta }),
  content_block_stop: object({ type: filled, index: count }),
  message_delta: object({
    type: filled,
    delta: object({ container: nullable(container), stop_details: nullable(stopDetails), stop_reason: nullable(stopReason), stop_sequence: nullable(string) }),
    usage: deltaUsage,
  }),
  message_stop: object({ type: filled }),
  ping: object({ type: filled }),
});

const errorType = oneOf(
  'invalid_request_error',
  'authentication_error',
  'billing_error',
  'permission_error',
  'not_found_error',
  'conflict_error',
  'request_too_large',
  'rate_limit_error',
  'api_error',
  'timeout_error',
  'overloaded_error',
);
const errorBody = object({
  type: oneOf('error'),
  error: object({ type: errorType, message: filled }, { details: nullable(objectValue) }),
  request_id: nullable(filled),
});

const model = object({
  type: oneOf('model'),
  id: filled,
  display_name: filled,
  created_at: matching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/, 'a date and time'),
  capabilities: nullable(objectValue),
  deprecated_at: nullable(string),
  lifecycle: oneOf('active', 'deprecated', 'retired'),
  line: nullable(string),
  max_input_tokens: nullable(count),
  max_tokens: nullable(count),
  retires_at: nullable(string),
});
const models = object({ data: list(model), has_more: oneOf(true, false), first_id: nullable(filled), last_id: nullable(filled) });
const tokens = object({ input_tokens: count });

export const anthropicShapes = { message, event, error: errorBody, models, model, tokens } as const satisfies { readonly [name: string]: Shape };

/** What is wrong with a whole answer: its shape, and what must agree within it. */
export function messageProblems(value: unknown): string[] {
  const problems = problemsOf(message, value);
  if (problems.length > 0 || !isJson(value) || !Array.isArray(value['content'])) return problems;
  if (value['stop_reason'] === null) problems.push('stop_reason: null in a finished answer');
  checkStop(
    value['content'].filter(isJson).map((item) => item['type']),
    value,
    problems,
  );
  return problems;
}

function checkStop(types: readonly unknown[], stop: Json, problems: string[]): void {
  const called = types.includes('tool_use');
  const reason = stop['stop_reason'];
  if (called && reason !== 'tool_use' && reason !== 'max_tokens') problems.push(`stop_reason ${String(reason)} with tool use`);
  if (!called && reason === 'tool_use') problems.push('stop_reason tool_use without tool use');
  if ((reason === 'stop_sequence') !== (typeof stop['stop_sequence'] === 'string')) problems.push('stop_reason and stop_sequence do not agree');
}

type Open = { readonly index: number; readonly type: unknown; json: string; signatures: number };
type State = {
  phase: 'before' | 'blocks' | 'delta' | 'stopped';
  next: number;
  open: Open | undefined;
  stop: Json | undefined;
  input: number;
  readonly types: unknown[];
  readonly problems: string[];
};

/** What is wrong with a stream that ended well: each event's name and shape, their order, and what must agree between them. */
export function messageStreamProblems(frames: readonly SseFrame[]): string[] {
  const state: State = { phase: 'before', next: 0, open: undefined, stop: undefined, input: 0, types: [], problems: [] };
  frames.forEach((frame, index) => {
    const value: unknown = JSON.parse(frame.data);
    const at = `event ${index}`;
    state.problems.push(...problemsOf(event, value, at));
    if (!isJson(value)) return;
    if (frame.event !== value['type']) state.problems.push(`${at}: is named "${frame.event}" and holds ${String(value['type'])}`);
    follow(value, at, state);
  });
  if (state.phase !== 'stopped') state.problems.push('no message_stop at the end');
  if (state.stop !== undefined) checkStop(state.types, state.stop, state.problems);
  return state.problems;
}

function follow(value: Json, at: string, state: State): void {
  const { problems } = state;
  if (state.phase === 'stopped') problems.push(`${at}: comes after message_stop`);
  switch (value['type']) {
    case 'message_start':
      return followStart(value, at, state);
    case 'content_block_start':
      return followOpen(value, at, state);
    case 'content_block_delta':
      return followDelta(value, at, state);
    case 'content_block_stop':
      return followClose(value, at, state);
    case 'message_delta':
      return followEnd(value, at, state);
    case 'message_stop':
      if (state.phase !== 'delta') problems.push(`${at}: message_stop without a message_delta before it`);
      state.phase = 'stopped';
      return;
    default:
      if (state.phase === 'before') problems.push(`${at}: comes before message_start`);
  }
}

function followStart(value: Json, at: string, state: State): void {
  if (state.phase !== 'before') state.problems.push(`${at}: a second message_start`);
  state.phase = 'blocks';
  const started = isJson(value['message']) ? value['message'] : {};
  if (Array.isArray(started['content']) && started['content'].length > 0) state.problems.push(`${at}: message_start with content`);
  if (started['stop_reason'] !== null) state.problems.push(`${at}: message_start with a stop reason`);
  state.input = isJson(started['usage']) ? Number(started['usage']['input_tokens']) : 0;
}

function followOpen(value: Json, at: string, state: State): void {
  const { problems } = state;
  if (state.phase !== 'blocks') problems.push(`${at}: a block outside of the message`);
  if (state.open !== undefined) problems.push(`${at}: a block begins while block ${state.open.index} is open`);
  if (value['index'] !== state.next) problems.push(`${at}: block ${String(value['index'])} where ${state.next} should begin`);
  const begun = isJson(value['content_block']) ? value['content_block'] : {};
  if (begun['type'] === 'text' && begun['text'] !== '') problems.push(`${at}: a text block begins with text`);
  if (begun['type'] === 'thinking' && begun['thinking'] !== '') problems.push(`${at}: a thinking block begins with text`);
  if (begun['type'] === 'tool_use' && JSON.stringify(begun['input']) !== '{}') problems.push(`${at}: a tool_use block begins with input`);
  state.open = { index: state.next, type: begun['type'], json: '', signatures: 0 };
  state.types.push(begun['type']);
  state.next++;
}

const deltaTypes: { readonly [type: string]: readonly string[] } = {
  text: ['text_delta', 'citations_delta'],
  thinking: ['thinking_delta', 'signature_delta'],
  tool_use: ['input_json_delta'],
  server_tool_use: ['input_json_delta'],
};

function followDelta(value: Json, at: string, { open, problems }: State): void {
  const change = isJson(value['delta']) ? value['delta'] : {};
  if (open === undefined || open.index !== value['index']) {
    problems.push(`${at}: a delta for block ${String(value['index'])}, which is not open`);
    return;
  }
  const type = String(change['type']);
  if (deltaTypes[String(open.type)]?.includes(type) !== true) problems.push(`${at}: ${type} in a ${String(open.type)} block`);
  if (open.signatures > 0) problems.push(`${at}: a delta after the signature`);
  if (type === 'signature_delta') open.signatures++;
  if (type === 'input_json_delta') open.json += String(change['partial_json']);
}

function followClose(value: Json, at: string, state: State): void {
  const { open, problems } = state;
  state.open = undefined;
  if (open === undefined || open.index !== value['index']) {
    problems.push(`${at}: block ${String(value['index'])} ends, which is not open`);
    return;
  }
  if (open.type === 'thinking' && open.signatures !== 1) problems.push(`${at}: a thinking block with ${open.signatures} signatures`);
  if (open.type !== 'tool_use' || open.json === '') return;
  try {
    if (!isJson(JSON.parse(open.json))) problems.push(`${at}: the input is not an object: ${open.json}`);
  } catch {
    problems.push(`${at}: the input is not JSON: ${open.json}`);
  }
}

function followEnd(value: Json, at: string, state: State): void {
  const { problems } = state;
  if (state.open !== undefined) problems.push(`${at}: message_delta while block ${state.open.index} is open`);
  if (state.phase !== 'blocks') problems.push(`${at}: message_delta outside of the message`);
  state.phase = 'delta';
  state.stop = isJson(value['delta']) ? value['delta'] : {};
  if (state.stop['stop_reason'] === null) problems.push(`${at}: no stop reason`);
}
