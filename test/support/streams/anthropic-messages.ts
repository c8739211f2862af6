import type { JsonObject } from '../../../packages/modelwire/src/core/json-text.ts';
import { between, changing, type Cut, type Frame, frame, missing, nameless, objectIn, objects, type Streaming, valueOf, without } from './frames.ts';

/** What `content_block_start` shows of a block, and the deltas that bring the rest. */
function blockOf(block: JsonObject, cut: Cut): { readonly start: JsonObject; readonly deltas: readonly object[] } {
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

function make(reply: JsonObject, cut: Cut): readonly Frame[] {
  const { content, stop_reason, stop_sequence, stop_details, container, context_management, input_transformations, usage, ...head } = reply;
  const event = (value: { readonly type: string }, lane?: string): Frame => frame(value, value.type, lane);
  const ended = Object.entries({ stop_reason, stop_sequence, stop_details, container }).filter(([, value]) => value !== undefined);
  const told = Object.entries({ context_management, input_transformations }).filter(([, value]) => value !== undefined);
  const opening = { ...head, content: [], stop_reason: null, stop_sequence: null, usage };
  return [
    event({ type: 'message_start', ...{ message: opening } }),
    ...objects(content).flatMap((block, index) => {
      const { start, deltas } = blockOf(block, cut);
      const lane = block['type'] === 'tool_use' ? String(index) : undefined;
      const at = (type: string, more: object): Frame => event({ type, ...{ index, ...more } }, lane);
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

const typeOf = (given: Frame): string => String(valueOf(given)['type']);

/** The counts come at the end alone, as servers do that only look like Anthropic's. */
const lateUsage = changing((value, given) =>
  typeOf(given) === 'message_start' ? { ...value, message: { ...objectIn(value, 'message'), usage: { input_tokens: 0, output_tokens: 0 } } } : value,
);

export const anthropicMessages: Streaming = {
  make,
  isEnd: (given) => typeOf(given) === 'message_delta' && typeof objectIn(valueOf(given), 'delta')['stop_reason'] === 'string',
  oddities: {
    'no names': nameless,
    'pings between': between({ event: 'ping', data: '{"type":"ping"}' }),
    'usage at the end alone': lateUsage,
    'no usage at the beginning': changing((value, given) =>
      typeOf(given) === 'message_start' ? { ...value, message: without(objectIn(value, 'message'), 'usage') } : value,
    ),
    'no ends of blocks': missing((given) => typeOf(given) === 'content_block_stop'),
    'no message_stop': missing((given) => typeOf(given) === 'message_stop'),
    'a [DONE] at the end': (frames) => [...frames, { event: '', data: '[DONE]' }],
    'an empty piece before each': (frames) =>
      frames.flatMap((given) => {
        const value = valueOf(given);
        const delta = objectIn(value, 'delta');
        return delta['type'] === 'text_delta' ? [frame({ ...value, delta: { ...delta, text: '' } }, given.event), given] : [given];
      }),
    'more after the end': (frames) => [...frames, frame({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'late' } })],
  },
};
