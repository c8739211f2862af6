import { type ReplyCase } from './case.ts';

const usageR = {
  input_tokens: 30,
  input_tokens_details: { cached_tokens: 10, cache_write_tokens: 5 },
  output_tokens: 12,
  output_tokens_details: { reasoning_tokens: 4 },
  total_tokens: 42,
};

/** An item, the events between its beginning and its end (without place or number), and how it begins. */
type ResponsesItem = { readonly item: object; readonly begun: object; readonly events: readonly (readonly [type: string, fields: object])[] };

function responsesCase(name: string, items: readonly ResponsesItem[], end: object = { status: 'completed', incomplete_details: null }): ReplyCase {
  const head = { id: 'resp_1', object: 'response', created_at: 1_700_000_000, model: 'm-2026', error: null, parallel_tool_calls: true, tools: [] };
  const whole = { ...head, ...end, output: items.map(({ item }) => item), usage: usageR, service_tier: 'default' };
  let number = 0;
  const event = (type: string, data: object) => `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: number++, ...data })}\n\n`;
  const opening = { ...head, status: 'in_progress', incomplete_details: null, output: [], usage: null };
  return {
    back: 'openai-responses',
    name,
    whole: JSON.stringify(whole),
    frames: [
      event('response.created', { response: opening }),
      event('response.in_progress', { response: opening }),
      ...items.flatMap(({ item, begun, events }, index) => [
        event('response.output_item.added', { output_index: index, item: { ...item, ...begun } }),
        ...events.map(([type, fields]) => event(`response.${type}`, { item_id: 'id' in item ? item.id : '', output_index: index, ...fields })),
        event('response.output_item.done', { output_index: index, item }),
      ]),
      event(`response.${'status' in end ? String(end.status) : 'completed'}`, { response: whole }),
    ].join(''),
  };
}

const begunMessage = { status: 'in_progress', content: [] };

function responsesMessage(
  id: string,
  pieces: readonly string[],
  more: { readonly annotations?: readonly object[]; readonly item?: object } = {},
): ResponsesItem {
  const part = { type: 'output_text', annotations: more.annotations ?? [], logprobs: [], text: pieces.join('') };
  const place = { content_index: 0 };
  return {
    item: { id, type: 'message', status: 'completed', content: [part], role: 'assistant', ...more.item },
    begun: begunMessage,
    events: [
      ['content_part.added', { ...place, part: { ...part, annotations: [], text: '' } }],
      ...pieces.map((delta) => ['output_text.delta', { ...place, delta, logprobs: [], obfuscation: 'x'.repeat(delta.length) }] as const),
      ...part.annotations.map((annotation, at) => ['output_text.annotation.added', { ...place, annotation_index: at, annotation }] as const),
      ['output_text.done', { ...place, text: part.text, logprobs: [] }],
      ['content_part.done', { ...place, part }],
    ],
  };
}

function responsesRefusal(pieces: readonly string[]): ResponsesItem {
  const place = { content_index: 0 };
  const part = { type: 'refusal', refusal: pieces.join('') };
  return {
    item: { id: 'msg_1', type: 'message', status: 'completed', content: [part], role: 'assistant' },
    begun: begunMessage,
    events: [
      ['content_part.added', { ...place, part: { type: 'refusal', refusal: '' } }],
      ...pieces.map((delta) => ['refusal.delta', { ...place, delta }] as const),
      ['refusal.done', { ...place, refusal: part.refusal }],
      ['content_part.done', { ...place, part }],
    ],
  };
}

function responsesThinking(id: string, summaries: readonly (readonly string[])[], encrypted: string): ResponsesItem {
  const parts = summaries.map((pieces) => ({ type: 'summary_text', text: pieces.join('') }));
  return {
    item: { id, type: 'reasoning', encrypted_content: encrypted, summary: parts },
    begun: { encrypted_content: 'begun', summary: [] },
    events: summaries.flatMap((pieces, index) => {
      const place = { summary_index: index };
      const text = pieces.join('');
      return [
        ['reasoning_summary_part.added', { ...place, part: { type: 'summary_text', text: '' } }],
        ...pieces.map((delta) => ['reasoning_summary_text.delta', { ...place, delta }] as const),
        ['reasoning_summary_text.done', { ...place, text }],
        ['reasoning_summary_part.done', { ...place, part: { type: 'summary_text', text } }],
      ] as const;
    }),
  };
}

function responsesCall(id: string, pieces: readonly string[]): ResponsesItem {
  const text = pieces.join('');
  return {
    item: { id: `fc_${id}`, type: 'function_call', status: 'completed', arguments: text, call_id: `call_${id}`, name: 'weather' },
    begun: { status: 'in_progress', arguments: '' },
    events: [...pieces.map((delta) => ['function_call_arguments.delta', { delta }] as const), ['function_call_arguments.done', { arguments: text }]],
  };
}

const responsesSearch: ResponsesItem = {
  item: { id: 'ws_1', type: 'web_search_call', status: 'completed', action: { type: 'search', query: 'rain' } },
  begun: { status: 'in_progress' },
  events: [
    ['web_search_call.in_progress', {}],
    ['web_search_call.searching', {}],
    ['web_search_call.completed', {}],
  ],
};

export const openaiResponsesReplies: readonly ReplyCase[] = [
  responsesCase('text', [responsesMessage('msg_1', ['Hé', 'llo 😀', ' world'])]),
  responsesCase('length', [responsesMessage('msg_1', ['Once upon'], { item: { status: 'incomplete' } })], {
    status: 'incomplete',
    incomplete_details: { reason: 'max_output_tokens' },
  }),
  responsesCase('filter', [responsesMessage('msg_1', ['Half'], { item: { status: 'incomplete' } })], {
    status: 'incomplete',
    incomplete_details: { reason: 'content_filter' },
  }),
  responsesCase('refusal', [responsesRefusal(['I ', 'cannot.'])]),
  responsesCase('thinking-tools', [
    responsesThinking('rs_1', [['**One**', ' I think'], ['**Two** so']], 'gAAAA1'),
    responsesMessage('msg_1', ['I look.'], { item: { phase: 'commentary' } }),
    responsesCall('1', ['{"ci', 'ty":"Paris"}']),
    responsesThinking('rs_2', [], 'gAAAA2'),
    responsesCall('2', ['{}']),
  ]),
  responsesCase('web-search', [
    responsesSearch,
    responsesMessage('msg_1', ['It ', 'rains.'], {
      annotations: [{ type: 'url_citation', start_index: 3, end_index: 8, title: 'A', url: 'https://example.com/a' }],
    }),
    responsesMessage('msg_2', ['Really.'], { item: { phase: 'final_answer' } }),
  ]),
];
