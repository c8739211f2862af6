import type { SseFrame } from './official-openai.ts';
import {
  anything,
  boolean,
  count,
  filled,
  isJson,
  isObjectText,
  type Json,
  list,
  matching,
  object,
  objectValue,
  oneOf,
  problemsOf,
  type Shape,
  string,
  tagged,
} from './shape.ts';

/** What Cohere's chat (v2) allows in answers: read off the types of `cohere-ai` 8.1 (serialization/, the raw types). */
const part = tagged('type', { text: object({ type: oneOf('text'), text: string }), thinking: object({ type: oneOf('thinking'), thinking: string }) });
const call = object({ id: filled, type: oneOf('function'), function: object({ name: filled, arguments: string }) });
const source = tagged('type', {
  document: object({ type: oneOf('document'), id: filled, document: objectValue }),
  tool: object({ type: oneOf('tool'), id: filled, tool_output: objectValue }),
});
const citation = object(
  { start: count, end: count, text: string, sources: list(source) },
  { content_index: count, type: oneOf('TEXT_CONTENT', 'THINKING_CONTENT', 'PLAN') },
);
const tokens = object({ input_tokens: count, output_tokens: count });
const usage = object({ billed_units: tokens, tokens }, { cached_tokens: count });
const finishReason = oneOf('COMPLETE', 'STOP_SEQUENCE', 'MAX_TOKENS', 'TOOL_CALL', 'ERROR', 'TIMEOUT');

const response = object(
  {
    id: filled,
    finish_reason: finishReason,
    message: object({ role: oneOf('assistant') }, { content: list(part), tool_plan: filled, tool_calls: list(call), citations: list(citation) }),
  },
  { usage, logprobs: list(anything) },
);

const within = (fields: { readonly [key: string]: Shape }): Shape => object({ message: object(fields) });
const event = tagged('type', {
  'message-start': object({ type: anything, id: filled, delta: within({ role: oneOf('assistant') }) }),
  'content-start': object({ type: anything, index: count, delta: within({ content: part }) }),
  'content-delta': object({
    type: anything,
    index: count,
    delta: within({
      content: (value, at, problems) => object(isJson(value) && 'thinking' in value ? { thinking: filled } : { text: filled })(value, at, problems),
    }),
  }),
  'content-end': object({ type: anything, index: count }),
  'tool-plan-delta': object({ type: anything, delta: within({ tool_plan: filled }) }),
  'tool-call-start': object({ type: anything, index: count, delta: within({ tool_calls: call }) }),
  'tool-call-delta': object({ type: anything, index: count, delta: within({ tool_calls: object({ function: object({ arguments: filled }) }) }) }),
  'tool-call-end': object({ type: anything, index: count }),
  'citation-start': object({ type: anything, index: count, delta: within({ citations: citation }) }),
  'citation-end': object({ type: anything, index: count }),
  'message-end': object({ type: anything, delta: object({ finish_reason: finishReason }, { usage, error: filled }) }, { id: filled }),
});

/** The stable code and the field at fault are ours. */
const errorBody = object({ message: filled }, { id: filled, code: matching(/^[a-z_]+$/, 'a code'), param: filled });

const model = object(
  { name: filled, endpoints: list(oneOf('chat')), finetuned: boolean },
  { is_deprecated: boolean, context_length: count, features: list(filled) },
);
const models = object({ models: list(model) }, { next_page_token: filled });

export const cohereShapes = { response, event, error: errorBody, models, model } as const satisfies { readonly [name: string]: Shape };

/** What is wrong with a whole answer: its shape, and what must agree within it. */
export function chatProblems(value: unknown): string[] {
  const problems = problemsOf(response, value);
  if (problems.length > 0 || !isJson(value) || !isJson(value['message'])) return problems;
  const { content, tool_calls: calls } = value['message'];
  const isSilent = (Array.isArray(content) ? content : []).length === 0 && (Array.isArray(calls) ? calls : []).length === 0;
  if (isSilent) problems.push('a message without content and without calls');
  if ((value['finish_reason'] === 'TOOL_CALL') !== Array.isArray(calls) && value['finish_reason'] !== 'MAX_TOKENS')
    problems.push('finish_reason and tool_calls disagree');
  return problems;
}

/** Which part of an answer is open. */
type Open = { readonly kind: string; readonly index: unknown };

/** What is wrong with a stream that ended well: each event's shape, and the order that Cohere documents. */
export function chatStreamProblems(frames: readonly SseFrame[]): string[] {
  const problems: string[] = [];
  const counts: Record<string, number> = { content: 0, 'tool-call': 0, citation: 0 };
  let open: Open | undefined;
  let over = false;
  const last = frames.at(-1);
  if (last?.data !== '[DONE]') problems.push('no [DONE] at the end');
  frames.slice(0, last?.data === '[DONE]' ? -1 : undefined).forEach((frame, at) => {
    const value: unknown = JSON.parse(frame.data);
    problems.push(...problemsOf(event, value, `event ${at}`));
    if (!isJson(value)) return;
    const type = String(value['type']);
    if (frame.event !== type) problems.push(`event ${at}: is named ${frame.event} and says ${type}`);
    if ((at === 0) !== (type === 'message-start')) problems.push(`event ${at}: ${type} out of place`);
    if (over) problems.push(`event ${at}: comes after message-end`);
    over ||= type === 'message-end';
    open = step(value, type, { open, counts, say: (what) => problems.push(`event ${at}: ${what}`) });
  });
  if (!over) problems.push('no message-end');
  if (open !== undefined) problems.push(`a ${open.kind} is open at the end`);
  return [...problems, ...callProblems(frames)];
}

/** The arguments of every call are one JSON object, and the reason says whether there are calls, unless the answer broke off. */
function callProblems(frames: readonly SseFrame[]): string[] {
  const problems: string[] = [];
  const calls: string[] = [];
  let reason: unknown;
  for (const { data } of frames) {
    const value: unknown = data === '[DONE]' ? {} : JSON.parse(data);
    if (!isJson(value)) continue;
    const delta = isJson(value['delta']) ? value['delta'] : {};
    if (value['type'] === 'message-end') reason = delta['finish_reason'];
    if (value['type'] === 'tool-call-start') calls.push('');
    if (value['type'] === 'tool-call-delta') calls.push(String(calls.pop()) + argumentsIn(delta));
  }
  if (reason === 'MAX_TOKENS' || reason === 'ERROR') return problems;
  if ((reason === 'TOOL_CALL') !== calls.length > 0) problems.push(`finish_reason ${String(reason)}, ${calls.length} calls`);
  for (const text of calls) if (!isObjectText(text)) problems.push(`the arguments of a call are not JSON: ${text}`);
  return problems;
}

function argumentsIn(delta: Json): string {
  const message = isJson(delta['message']) ? delta['message'] : {};
  const call = isJson(message['tool_calls']) ? message['tool_calls'] : {};
  return isJson(call['function']) ? String(call['function']['arguments']) : '';
}

type Stepping = { readonly open: Open | undefined; readonly counts: Record<string, number>; say(what: string): void };

/** A citation may come while its text is open; contents and calls, one after the other, each counted from 0. */
function step(value: Json, type: string, { open, counts, say }: Stepping): Open | undefined {
  const [, kind = '', verb = ''] = /^(content|tool-call|citation)-(start|delta|end)$/.exec(type) ?? [];
  if (kind === 'citation') {
    if (verb === 'start' && value['index'] !== counts[kind]) say(`index ${String(value['index'])} of a citation, not ${counts[kind]}`);
    if (verb === 'end') counts[kind] = (counts[kind] ?? 0) + 1;
    return open;
  }
  if (verb === 'start') {
    if (open !== undefined) say(`${type} while a ${open.kind} is open`);
    if (value['index'] !== counts[kind]) say(`index ${String(value['index'])}, not ${counts[kind]}`);
    counts[kind] = (counts[kind] ?? 0) + 1;
    return { kind, index: value['index'] };
  }
  if (verb === '') {
    if (open !== undefined && type !== 'message-start') say(`${type} while a ${open.kind} is open`);
    return open;
  }
  if (open?.kind !== kind || open.index !== value['index']) say(`${type} of what is not open`);
  return verb === 'end' ? undefined : open;
}
