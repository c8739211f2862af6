import type { DialectName } from '../../packages/modelwire/src/core/ir.ts';
import { isObject, type JsonObject } from '../../packages/modelwire/src/core/json-text.ts';

/** The events with which each format would have streamed a whole answer; `cut` says where a text comes apart. */
export type StreamOf = (reply: JsonObject, cut: (text: string) => readonly string[]) => readonly Frame[];
export type Frame = { readonly event: string; readonly data: string };

/** The formats whose streams are made here from whole answers, and whose conversations are carried: the later ones are still to come. */
export type Carried = Exclude<DialectName, 'cohere' | 'ollama' | 'bedrock-converse'>;
export const carried: readonly Carried[] = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'];

export const streamsOf: { readonly [name in Carried]: StreamOf } = {
  'openai-chat': openaiStream,
  'openai-responses': responsesStream,
  'anthropic-messages': anthropicStream,
  gemini: geminiStream,
};

function objects(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function frame(value: unknown, event = ''): Frame {
  return { event, data: JSON.stringify(value) };
}

/** Fields of text come in pieces, all others in one; calls one after the other. */
function openaiStream({ choices, usage, ...head }: JsonObject, cut: (text: string) => readonly string[]): readonly Frame[] {
  const chunk = (more: object): Frame => frame({ ...head, object: 'chat.completion.chunk', ...more });
  const delta = (value: object): Frame => chunk({ choices: [{ index: 0, delta: value, finish_reason: null }] });
  const [choice = {}] = objects(choices);
  const { message, ...rest } = choice;
  const { tool_calls: calls, function_call: called, content, annotations, role, ...fields } = isObject(message) ? message : {};
  const inPieces = (key: string, value: unknown): readonly Frame[] =>
    typeof value === 'string' ? cut(value).map((piece) => delta({ [key]: piece })) : value === undefined ? [] : [delta({ [key]: value })];
  return [
    delta({ role: role ?? 'assistant', content: '' }),
    // Thinking comes first, then what is said, then what is called.
    ...Object.entries(fields).flatMap(([key, value]) => (key.startsWith('reasoning') ? inPieces(key, value) : [])),
    ...inPieces('content', content),
    ...(annotations === undefined ? [] : [delta({ annotations })]),
    ...Object.entries(fields).flatMap(([key, value]) => (key.startsWith('reasoning') ? [] : inPieces(key, value))),
    ...objects(calls).flatMap((call, index) => callDeltas(call, index, cut).map((value) => delta({ tool_calls: [value] }))),
    ...inPieces('function_call', called),
    chunk({ choices: [{ ...rest, index: 0, delta: {} }] }),
    ...(usage === undefined ? [] : [chunk({ choices: [], usage })]),
    { event: '', data: '[DONE]' },
  ];
}

function callDeltas(call: JsonObject, index: number, cut: (text: string) => readonly string[]): readonly object[] {
  const kind = isObject(call['custom']) ? 'custom' : 'function';
  const inner = isObject(call[kind]) ? call[kind] : {};
  const key = kind === 'custom' ? 'input' : 'arguments';
  const text = typeof inner[key] === 'string' ? inner[key] : '';
  return [{ ...call, index, [kind]: { ...inner, [key]: '' } }, ...cut(text).map((piece) => ({ index, [kind]: { [key]: piece } }))];
}

/** What `content_block_start` shows of a block, and the deltas that bring the rest. */
function anthropicBlock(block: JsonObject, cut: (text: string) => readonly string[]): { readonly start: JsonObject; readonly deltas: readonly object[] } {
  const { type, text, thinking, signature, citations, input } = block;
  if (type === 'text')
    return {
      start: { ...block, text: '', citations: null },
      deltas: [
        ...cut(String(text)).map((piece) => ({ type: 'text_delta', text: piece })),
        ...objects(citations).map((citation) => ({ type: 'citations_delta', citation })),
      ],
    };
  if (type === 'thinking')
    return {
      start: { ...block, thinking: '', signature: '' },
      deltas: [...cut(String(thinking)).map((piece) => ({ type: 'thinking_delta', thinking: piece })), { type: 'signature_delta', signature }],
    };
  if (type === 'tool_use' && input !== undefined)
    return { start: { ...block, input: {} }, deltas: cut(JSON.stringify(input)).map((piece) => ({ type: 'input_json_delta', partial_json: piece })) };
  return { start: block, deltas: [] };
}

function anthropicStream(reply: JsonObject, cut: (text: string) => readonly string[]): readonly Frame[] {
  const { content, stop_reason, stop_sequence, stop_details, container, context_management, input_transformations, usage, ...head } = reply;
  const event = (value: { readonly type: string }): Frame => frame(value, value.type);
  const ended = Object.entries({ stop_reason, stop_sequence, stop_details, container }).filter(([, value]) => value !== undefined);
  const told = Object.entries({ context_management, input_transformations }).filter(([, value]) => value !== undefined);
  const opening = { ...head, content: [], stop_reason: null, stop_sequence: null, usage };
  return [
    event({ type: 'message_start', ...{ message: opening } }),
    ...objects(content).flatMap((block, index) => {
      const { start, deltas } = anthropicBlock(block, cut);
      const at = (type: string, more: object): Frame => event({ type, ...{ index, ...more } });
      return [
        at('content_block_start', { content_block: start }),
        ...deltas.map((delta) => at('content_block_delta', { delta })),
        at('content_block_stop', {}),
      ];
    }),
    event({ type: 'message_delta', ...{ delta: Object.fromEntries(ended), usage, ...Object.fromEntries(told) } }),
    event({ type: 'message_stop' }),
  ];
}

/** A chunk a part, texts in pieces; what the answer says besides with the last. */
function geminiStream(reply: JsonObject, cut: (text: string) => readonly string[]): readonly Frame[] {
  const { candidates, ...rest } = reply;
  const [candidate] = objects(candidates);
  if (candidate === undefined) return [frame(reply)];
  const { content, index: _index, ...end } = candidate;
  const parts = objects(isObject(content) ? content['parts'] : undefined).flatMap((part) => partPieces(part, cut));
  const role = isObject(content) ? content['role'] : undefined;
  const chunk = (part: unknown): Frame => frame({ candidates: [{ index: 0, content: { role, parts: [part] } }], modelVersion: rest['modelVersion'] });
  return [...parts.map(chunk), frame({ ...rest, candidates: [{ index: 0, ...end }] })];
}

/** A signature and what else a text bears comes with its last piece. */
function partPieces(part: JsonObject, cut: (text: string) => readonly string[]): readonly JsonObject[] {
  const { text, ...rest } = part;
  if (typeof text !== 'string' || Object.keys(part).some((key) => key !== 'text' && key !== 'thought' && key !== 'thoughtSignature')) return [part];
  const pieces = cut(text);
  const thought = rest['thought'] === undefined ? {} : { thought: rest['thought'] };
  return pieces.map((piece, index) => (index === pieces.length - 1 ? { ...rest, text: piece } : { ...thought, text: piece }));
}

/** Fields of an item that come in pieces, and the events that bring them. */
const pieceOf: { readonly [key: string]: string } = { arguments: 'function_call_arguments', input: 'custom_tool_call_input' };
const partOf: { readonly [type: string]: readonly [event: string, key: string] } = {
  output_text: ['output_text', 'text'],
  refusal: ['refusal', 'refusal'],
  summary_text: ['reasoning_summary_text', 'text'],
};

/** Item after item, each with its parts in pieces; the last event holds the whole answer. */
function responsesStream(reply: JsonObject, cut: (text: string) => readonly string[]): readonly Frame[] {
  const events: Frame[] = [];
  const put = (type: string, more: object): void => void events.push(frame({ type, sequence_number: events.length, ...more }, type));
  const opening = { ...reply, status: 'in_progress', output: [], usage: null };
  put('response.created', { response: opening });
  put('response.in_progress', { response: opening });
  for (const [output_index, item] of objects(reply['output']).entries()) {
    const { content, summary, ...rest } = item;
    const written = Object.keys(pieceOf).find((key) => typeof item[key] === 'string') ?? '';
    const empty = { ...(content === undefined ? {} : { content: [] }), ...(summary === undefined ? {} : { summary: [] }) };
    put('response.output_item.added', { output_index, item: { ...rest, ...empty, ...(written === '' ? {} : { [written]: '' }) } });
    const at = { output_index, item_id: item['id'] };
    if (written !== '') for (const delta of cut(String(item[written]))) put(`response.${pieceOf[written]}.delta`, { ...at, delta });
    for (const [index, part] of objects(content).entries()) putPart(part, { ...at, content_index: index }, { kind: 'content_part', put, cut });
    for (const [index, part] of objects(summary).entries()) putPart(part, { ...at, summary_index: index }, { kind: 'reasoning_summary_part', put, cut });
    put('response.output_item.done', { output_index, item });
  }
  const status = reply['status'] ?? 'completed';
  put(status === 'completed' || status === 'incomplete' ? `response.${status}` : 'response.failed', { response: reply });
  return events;
}

type Parts = { readonly kind: string; put(type: string, more: object): void; cut(text: string): readonly string[] };

function putPart(part: JsonObject, at: object, { kind, put, cut }: Parts): void {
  const [event, key] = partOf[String(part['type'])] ?? [];
  if (event === undefined || key === undefined) return;
  put(`response.${kind}.added`, { ...at, part: { ...part, [key]: '' } });
  for (const delta of cut(String(part[key]))) put(`response.${event}.delta`, { ...at, delta });
  put(`response.${event}.done`, { ...at, [key]: part[key] });
  put(`response.${kind}.done`, { ...at, part });
}
