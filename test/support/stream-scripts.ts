import type { DialectName } from '../../packages/modelwire/src/core/ir.ts';
import { sseToEventStream } from '../../packages/modelwire/src/framing/aws-events.ts';
import type { Scripted } from './pair-call.ts';

/** What a provider streams: texts in pieces, and calls with their arguments in pieces, in any order. */
export type Told = { readonly text: readonly string[] } | { readonly call: string; readonly name?: string; readonly args: readonly string[] };
/** Events of a format, each as its data; `finish`, `usage` and `end` apart, so that a test may leave them out or move them. */
export type Script = {
  readonly said: readonly object[];
  readonly finish: readonly object[];
  readonly usage: readonly object[];
  readonly end: readonly (object | string)[];
};

const isCall = (told: Told): told is Exclude<Told, { readonly text: readonly string[] }> => 'call' in told;
const called = (told: readonly Told[]): boolean => told.some(isCall);

export const scripts: { readonly [name in DialectName]: (told: readonly Told[]) => Script } = {
  'openai-chat'(told) {
    const chunk = (delta: object, finish: string | null = null, more: object = {}) => ({
      id: 'c',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'm',
      choices: [{ index: 0, delta, finish_reason: finish }],
      ...more,
    });
    let index = -1;
    const said = told.flatMap((one) => {
      if (!isCall(one)) return one.text.map((content) => chunk({ content }));
      index++;
      const { call, name = 'weather', args } = one;
      const begun = { index, id: call, type: 'function', function: { name, arguments: '' } };
      return [begun, ...args.map((piece) => ({ index: begun.index, function: { arguments: piece } }))].map((piece) => chunk({ tool_calls: [piece] }));
    });
    return {
      said: [chunk({ role: 'assistant', content: '' }), ...said],
      finish: [chunk({}, called(told) ? 'tool_calls' : 'stop')],
      usage: [{ ...chunk({}), choices: [], usage: { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 } }],
      end: ['[DONE]'],
    };
  },
  'openai-responses'(told) {
    const items = told.map((one, at) =>
      isCall(one)
        ? { type: 'function_call', id: `fc_${at}`, call_id: one.call, name: one.name ?? 'weather', arguments: one.args.join(''), status: 'completed' }
        : {
            type: 'message',
            id: `msg_${at}`,
            role: 'assistant',
            status: 'completed',
            content: [{ type: 'output_text', text: one.text.join(''), annotations: [], logprobs: [] }],
          },
    );
    const head = { id: 'resp_1', object: 'response', created_at: 1, model: 'm', error: null, incomplete_details: null };
    const usage = {
      input_tokens: 5,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 7,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 12,
    };
    const said = told.flatMap((one, at): object[] => {
      const item = items[at];
      const place = { output_index: at, item_id: item?.id };
      const done = { type: 'response.output_item.done', output_index: at, item };
      if (isCall(one))
        return [
          { type: 'response.output_item.added', output_index: at, item: { ...item, arguments: '', status: 'in_progress' } },
          ...one.args.map((delta) => ({ type: 'response.function_call_arguments.delta', ...place, delta })),
          { type: 'response.function_call_arguments.done', ...place, arguments: one.args.join('') },
          done,
        ];
      const part = { type: 'output_text', text: '', annotations: [], logprobs: [] };
      return [
        { type: 'response.output_item.added', output_index: at, item: { ...item, content: [], status: 'in_progress' } },
        { type: 'response.content_part.added', ...place, content_index: 0, part },
        ...one.text.map((delta) => ({ type: 'response.output_text.delta', ...place, content_index: 0, delta, logprobs: [] })),
        { type: 'response.output_text.done', ...place, content_index: 0, text: one.text.join(''), logprobs: [] },
        { type: 'response.content_part.done', ...place, content_index: 0, part: { ...part, text: one.text.join('') } },
        done,
      ];
    });
    return {
      said: [{ type: 'response.created', response: { ...head, status: 'in_progress', output: [], usage: null } }, ...said],
      finish: [{ type: 'response.completed', response: { ...head, status: 'completed', output: items, usage } }],
      usage: [],
      end: [],
    };
  },
  'anthropic-messages'(told) {
    const said = told.flatMap((one, index): object[] => [
      {
        type: 'content_block_start',
        index,
        content_block: isCall(one) ? { type: 'tool_use', id: one.call, name: one.name ?? 'weather', input: {} } : { type: 'text', text: '' },
      },
      ...(isCall(one) ? one.args : one.text).map((piece) => ({
        type: 'content_block_delta',
        index,
        delta: isCall(one) ? { type: 'input_json_delta', partial_json: piece } : { type: 'text_delta', text: piece },
      })),
      { type: 'content_block_stop', index },
    ]);
    const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [], stop_reason: null, stop_sequence: null };
    return {
      said: [{ type: 'message_start', message: { ...message, usage: { input_tokens: 5, output_tokens: 1 } } }, ...said],
      finish: [{ type: 'message_delta', delta: { stop_reason: called(told) ? 'tool_use' : 'end_turn', stop_sequence: null }, usage: { output_tokens: 7 } }],
      usage: [],
      end: [{ type: 'message_stop' }],
    };
  },
  gemini(told) {
    const chunk = (parts: readonly object[], more: object = {}) => ({ candidates: [{ content: { role: 'model', parts }, index: 0, ...more }] });
    const said = told.flatMap((one) =>
      isCall(one)
        ? [chunk([{ functionCall: { id: one.call, name: one.name ?? 'weather', args: JSON.parse(one.args.join('')) as unknown } }])]
        : one.text.map((text) => chunk([{ text }])),
    );
    const usageMetadata = { promptTokenCount: 5, candidatesTokenCount: 7, totalTokenCount: 12 };
    return { said, finish: [{ ...chunk([], { finishReason: 'STOP' }), usageMetadata }], usage: [], end: [] };
  },
  cohere(told) {
    let call = 0;
    let content = 0;
    const said = told.flatMap((one): object[] => {
      if (isCall(one)) {
        const index = call++;
        const begun = { id: one.call, type: 'function', function: { name: one.name ?? 'weather', arguments: '' } };
        return [
          { type: 'tool-call-start', index, delta: { message: { tool_calls: begun } } },
          ...one.args.map((piece) => ({ type: 'tool-call-delta', index, delta: { message: { tool_calls: { function: { arguments: piece } } } } })),
          { type: 'tool-call-end', index },
        ];
      }
      const index = content++;
      return [
        { type: 'content-start', index, delta: { message: { content: { type: 'text', text: '' } } } },
        ...one.text.map((text) => ({ type: 'content-delta', index, delta: { message: { content: { text } } } })),
        { type: 'content-end', index },
      ];
    });
    return {
      said: [{ type: 'message-start', id: 'c', delta: { message: { role: 'assistant' } } }, ...said],
      finish: [
        {
          type: 'message-end',
          delta: { finish_reason: called(told) ? 'TOOL_CALL' : 'COMPLETE', usage: { tokens: { input_tokens: 5, output_tokens: 7 } } },
        },
      ],
      usage: [],
      end: [],
    };
  },
  ollama(told) {
    const line = (message: object, more: object = { done: false }) => ({
      model: 'm',
      created_at: '2026-11-01T00:00:00Z',
      message: { role: 'assistant', content: '', ...message },
      ...more,
    });
    const said = told.flatMap((one) =>
      isCall(one)
        ? [line({ tool_calls: [{ id: one.call, function: { name: one.name ?? 'weather', arguments: JSON.parse(one.args.join('')) as unknown } }] })]
        : one.text.map((content) => line({ content })),
    );
    return { said, finish: [line({}, { done: true, done_reason: 'stop', prompt_eval_count: 5, eval_count: 7 })], usage: [], end: [] };
  },
  'bedrock-converse'(told) {
    const said = told.flatMap((one, contentBlockIndex): object[] => [
      ...(isCall(one) ? [{ contentBlockStart: { contentBlockIndex, start: { toolUse: { toolUseId: one.call, name: one.name ?? 'weather' } } } }] : []),
      ...(isCall(one) ? one.args : one.text).map((piece) => ({
        contentBlockDelta: { contentBlockIndex, delta: isCall(one) ? { toolUse: { input: piece } } : { text: piece } },
      })),
      { contentBlockStop: { contentBlockIndex } },
    ]);
    return {
      said: [{ messageStart: { role: 'assistant' } }, ...said],
      finish: [{ messageStop: { stopReason: called(told) ? 'tool_use' : 'end_turn' } }],
      usage: [{ metadata: { usage: { inputTokens: 5, outputTokens: 7, totalTokens: 12 }, metrics: { latencyMs: 1 } } }],
      end: [],
    };
  },
};

export const eventsOf = ({ said, finish, usage, end }: Script): readonly (object | string)[] => [...said, ...finish, ...usage, ...end];

/** The events in the format's own framing. */
export function streamed(back: DialectName, events: readonly (object | string)[]): Scripted {
  if (back === 'ollama') return { type: 'application/x-ndjson', chunks: events.map((event) => `${JSON.stringify(event)}\n`) };
  const frames = events.map((event) => {
    return `${nameOf(event)}data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`;
  });
  return back === 'bedrock-converse' ? { type: 'application/vnd.amazon.eventstream', chunks: binary(frames) } : { chunks: frames };
}

/** What a message of AWS calls an exception is one by its headers. */
function nameOf(event: object | string): string {
  if (typeof event === 'string') return '';
  if (Object.keys(event).some((key) => key.endsWith('Exception'))) return 'event: error\n';
  return 'type' in event && typeof event.type === 'string' ? `event: ${event.type}\n` : '';
}

function binary(frames: readonly string[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  const encoder = sseToEventStream();
  for (const frame of frames) encoder.push(frame, (chunk) => chunks.push(chunk));
  return chunks;
}

/** How each format says in the middle of a stream that there is too much to do. */
export const busyEvents: { readonly [name in DialectName]: readonly object[] } = {
  'openai-chat': [{ error: { message: 'busy', type: 'server_error', code: 'overloaded' } }],
  'openai-responses': [{ type: 'error', code: 'server_is_overloaded', message: 'busy', param: null }],
  'anthropic-messages': [{ type: 'error', error: { type: 'overloaded_error', message: 'busy' } }],
  gemini: [{ error: { code: 503, message: 'busy', status: 'UNAVAILABLE' } }],
  cohere: [{ type: 'message-end', delta: { finish_reason: 'ERROR', error: 'busy' } }],
  ollama: [{ error: 'busy' }],
  'bedrock-converse': [{ serviceUnavailableException: { message: 'busy' } }],
};
