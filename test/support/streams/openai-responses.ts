import type { JsonObject } from '../../../packages/modelwire/src/core/json-text.ts';
import { changing, type Cut, type Frame, frame, missing, nameless, objects, type Streaming, valueOf, without } from './frames.ts';

/** Fields of an item that come in pieces, and the events that bring them. */
const pieceOf: { readonly [key: string]: string } = { arguments: 'function_call_arguments', input: 'custom_tool_call_input' };
const partOf: { readonly [type: string]: readonly [event: string, key: string] } = {
  output_text: ['output_text', 'text'],
  refusal: ['refusal', 'refusal'],
  summary_text: ['reasoning_summary_text', 'text'],
};

/** Item after item, each with its parts in pieces; the last event holds the whole answer. */
function make(reply: JsonObject, cut: Cut): readonly Frame[] {
  const events: Frame[] = [];
  const put = (type: string, more: object, lane?: string): void => void events.push(frame({ type, sequence_number: events.length, ...more }, type, lane));
  const opening = { ...reply, status: 'in_progress', output: [], usage: null };
  put('response.created', { response: opening });
  put('response.in_progress', { response: opening });
  for (const [output_index, item] of objects(reply['output']).entries()) {
    const { content, summary, ...rest } = item;
    const written = Object.keys(pieceOf).find((key) => typeof item[key] === 'string') ?? '';
    const empty = { ...(content === undefined ? {} : { content: [] }), ...(summary === undefined ? {} : { summary: [] }) };
    const lane = written === '' ? undefined : String(output_index);
    put('response.output_item.added', { output_index, item: { ...rest, ...empty, ...(written === '' ? {} : { [written]: '' }) } }, lane);
    const at = { output_index, item_id: item['id'] };
    if (written !== '') for (const delta of cut(String(item[written]))) put(`response.${pieceOf[written]}.delta`, { ...at, delta }, lane);
    for (const [index, part] of objects(content).entries()) putPart(part, { ...at, content_index: index }, { kind: 'content_part', put, cut });
    for (const [index, part] of objects(summary).entries()) putPart(part, { ...at, summary_index: index }, { kind: 'reasoning_summary_part', put, cut });
    put('response.output_item.done', { output_index, item }, lane);
  }
  put(endType(reply['status']), { response: reply });
  return events;
}

function endType(status: unknown = 'completed'): string {
  return status === 'completed' || status === 'incomplete' ? `response.${status}` : 'response.failed';
}

type Parts = { readonly kind: string; put(type: string, more: object): void; cut: Cut };

function putPart(part: JsonObject, at: object, { kind, put, cut }: Parts): void {
  const [event, key] = partOf[String(part['type'])] ?? [];
  if (event === undefined || key === undefined) return;
  put(`response.${kind}.added`, { ...at, part: { ...part, [key]: '' } });
  for (const delta of cut(String(part[key]))) put(`response.${event}.delta`, { ...at, delta });
  put(`response.${event}.done`, { ...at, [key]: part[key] });
  put(`response.${kind}.done`, { ...at, part });
}

const isDelta = (given: Frame): boolean => String(valueOf(given)['type']).endsWith('.delta');
const isBegin = (given: Frame): boolean => /\.(?:added|in_progress)$/.test(String(valueOf(given)['type']));

export const openaiResponses: Streaming = {
  make,
  isEnd: (given) => /^response\.(?:completed|incomplete|failed)$/.test(String(valueOf(given)['type'])),
  oddities: {
    'no names': nameless,
    'no numbers': changing((value) => without(value, 'sequence_number')),
    'jumping numbers': changing((value, _given, index) => ({ ...value, sequence_number: index * 7 })),
    'a [DONE] at the end': (frames) => [...frames, { event: '', data: '[DONE]' }],
    'no pieces, only what is whole': missing(isDelta),
    'pieces with padding': changing((value, given, index) => (isDelta(given) ? { ...value, obfuscation: 'x'.repeat(index % 9) } : value)),
    'no beginnings of parts': missing((given, value) => isBegin(given) && !String(value['type']).endsWith('output_item.added')),
    'pieces without the id of their item': changing((value) => without(value, 'item_id')),
    'more after the end': (frames) => [...frames, frame({ type: 'response.output_text.delta', output_index: 9, content_index: 0, delta: 'late' })],
  },
};
