import { png, user, weather, type RequestCase, type ReplyCase } from './case.ts';

function cohere(name: string, body: object): RequestCase {
  return { front: 'cohere', name, body: JSON.stringify({ model: 'm', messages: [user], ...body }) };
}

const cohereTools = [{ type: 'function', function: { name: 'weather', description: 'Weather of a city', parameters: weather } }];

const cohereCall = (id: string) => ({ id, type: 'function', function: { name: 'weather', arguments: '{"city":"Paris"}' } });

/** The id of a call with the thinking of another format's provider in it. */
const bundledId = (origin: string) => `mw1.${origin}.${btoa(JSON.stringify([{ text: 'Two and two.', signature: 'c2ln' }]))}.toolu_1`;

const usageH = { billed_units: { input_tokens: 12, output_tokens: 8 }, tokens: { input_tokens: 30, output_tokens: 9 }, cached_tokens: 10 };

/** `events` are what comes between the start of the message and its end. */
function cohereCase(
  name: string,
  message: object,
  events: readonly (readonly [type: string, index: number | undefined, message?: object])[],
  finish: string,
): ReplyCase {
  const frame = (type: string, more: object): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;
  const id = 'c14c80c3-18eb-4519-9460-6c92edd8cfb4';
  return {
    back: 'cohere',
    name,
    whole: JSON.stringify({ id, message: { role: 'assistant', ...message }, finish_reason: finish, usage: usageH }),
    frames: [
      frame('message-start', { id, delta: { message: { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] } } }),
      ...events.map(([type, index, inner]) =>
        frame(type, { ...(index === undefined ? {} : { index }), ...(inner === undefined ? {} : { delta: { message: inner } }) }),
      ),
      frame('message-end', { delta: { finish_reason: finish, usage: usageH } }),
      'data: [DONE]\n\n',
    ].join(''),
  };
}

const citation = {
  start: 4,
  end: 8,
  text: 'moon',
  sources: [{ type: 'document', id: 'd1', document: { id: 'd1', title: 'Tides', url: 'https://example.com/tides', text: 'The moon pulls.' } }],
  type: 'TEXT_CONTENT',
};

export const cohereRequests: readonly RequestCase[] = [
  cohere('minimal', {}),
  cohere('parameters', {
    max_tokens: 100,
    temperature: 0,
    p: 0.5,
    k: 40,
    stop_sequences: ['a', 'b'],
    seed: 7,
    frequency_penalty: 0.1,
    presence_penalty: 0.2,
    stream: true,
  }),
  cohere('no-top-k', { k: 0 }),
  cohere('system-anywhere', { messages: [{ role: 'system', content: 'A' }, user, { role: 'system', content: [{ type: 'text', text: 'B' }] }, user] }),
  cohere('images', {
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'See?' },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${png}`, detail: 'low' } },
          { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
        ],
      },
    ],
  }),
  cohere('documents', {
    documents: [
      'plain text',
      { id: 'd1', data: { title: 'Tides', snippet: 'The moon pulls.', url: 'https://example.com/tides' } },
      { data: { text: 'x', n: 1 } },
    ],
  }),
  cohere('documents-uncited', { documents: [{ id: 'd1', data: { text: 'The moon pulls.' } }], citation_options: { mode: 'OFF' } }),
  cohere('documents-among-turns', {
    messages: [user, { role: 'assistant', content: 'Yes?' }, { role: 'user', content: 'Why tides?' }],
    documents: [{ id: 'd1', data: { text: 'The moon pulls.' } }],
  }),
  cohere('tools', {
    tools: cohereTools,
    strict_tools: true,
    messages: [
      { role: 'user', content: 'Weather in Paris and Rome?' },
      {
        role: 'assistant',
        tool_plan: 'I look.',
        tool_calls: [
          { id: 'weather_1', type: 'function', function: { name: 'weather', arguments: '{"city": "Paris", "n": 9007199254740993}' } },
          { id: 'weather_2', type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'weather_1', content: [{ type: 'document', document: { id: 'r1', data: { degrees: 18, sky: 'clear' } } }] },
      { role: 'tool', tool_call_id: 'weather_2', content: '21' },
      { role: 'user', content: 'And now?' },
    ],
  }),
  cohere('tool-choice-required', { tools: cohereTools, tool_choice: 'REQUIRED' }),
  cohere('tool-choice-none', { tools: cohereTools, tool_choice: 'NONE' }),
  cohere('schema', { response_format: { type: 'json_object', json_schema: weather } }),
  cohere('json', { response_format: { type: 'json_object' } }),
  cohere('text-format', { response_format: { type: 'text' } }),
  cohere('thinking-budget', { max_tokens: 10_000, thinking: { type: 'enabled', token_budget: 5000 } }),
  cohere('thinking-off', { thinking: { type: 'disabled' } }),
  cohere('thinking-history', {
    messages: [
      user,
      { role: 'assistant', content: [{ type: 'thinking', thinking: 'Two and two.' }], tool_calls: [cohereCall('weather_1')] },
      { role: 'tool', tool_call_id: 'weather_1', content: '18' },
    ],
  }),
  cohere('thinking-of-others', {
    messages: [
      user,
      { role: 'assistant', content: [{ type: 'thinking', thinking: 'Two and two.' }], tool_calls: [cohereCall(bundledId('lab'))] },
      { role: 'tool', tool_call_id: bundledId('lab'), content: '18' },
    ],
  }),
  cohere('thinking-foreign', {
    messages: [
      user,
      { role: 'assistant', tool_calls: [cohereCall(bundledId('elsewhere'))] },
      { role: 'tool', tool_call_id: bundledId('elsewhere'), content: '18' },
    ],
  }),
  cohere('citations-in-history', {
    messages: [
      user,
      { role: 'assistant', content: 'The moon.', citations: [{ start: 4, end: 8, text: 'moon', sources: [{ type: 'document', id: 'd1' }] }] },
      user,
    ],
  }),
  cohere('hints', { priority: 5, citation_options: { mode: 'FAST' }, x_new: 1 }),
  cohere('demand-safety', { safety_mode: 'STRICT' }),
  cohere('safety-off', { safety_mode: 'OFF' }),
  cohere('demand-logprobs', { logprobs: true }),
  cohere('orphan-result', { messages: [user, { role: 'tool', tool_call_id: 'weather_9', content: '18' }] }),
  cohere('broken-arguments', {
    messages: [
      user,
      { role: 'assistant', tool_calls: [{ id: 'weather_1', type: 'function', function: { name: 'weather', arguments: '{"city":' } }] },
      { role: 'tool', tool_call_id: 'weather_1', content: '18' },
    ],
  }),
  cohere('unknown-role', { messages: [{ role: 'wizard', content: 'x' }] }),
  cohere('tool-of-another-type', { tools: [{ type: 'web_search' }] }),
];

export const cohereReplies: readonly ReplyCase[] = [
  cohereCase(
    'text',
    { content: [{ type: 'text', text: 'Héllo 😀 world' }] },
    [
      ['content-start', 0, { content: { type: 'text', text: '' } }],
      ['content-delta', 0, { content: { text: 'Hé' } }],
      ['content-delta', 0, { content: { text: 'llo 😀' } }],
      ['content-delta', 0, { content: { text: ' world' } }],
      ['content-end', 0],
    ],
    'COMPLETE',
  ),
  cohereCase(
    'length',
    { content: [{ type: 'text', text: 'Once upon' }] },
    [
      ['content-start', 0, { content: { type: 'text', text: '' } }],
      ['content-delta', 0, { content: { text: 'Once upon' } }],
      ['content-end', 0],
    ],
    'MAX_TOKENS',
  ),
  cohereCase(
    'stop-sequence',
    { content: [{ type: 'text', text: 'A' }] },
    [
      ['content-start', 0, { content: { type: 'text', text: 'A' } }],
      ['content-end', 0],
    ],
    'STOP_SEQUENCE',
  ),
  cohereCase(
    'thinking',
    {
      content: [
        { type: 'thinking', thinking: 'Two and two.' },
        { type: 'text', text: 'Four.' },
      ],
    },
    [
      ['content-start', 0, { content: { type: 'thinking', thinking: '' } }],
      ['content-delta', 0, { content: { thinking: 'Two and' } }],
      ['content-delta', 0, { content: { thinking: ' two.' } }],
      ['content-end', 0],
      ['content-start', 1, { content: { type: 'text', text: '' } }],
      ['content-delta', 1, { content: { text: 'Four.' } }],
      ['content-end', 1],
    ],
    'COMPLETE',
  ),
  cohereCase(
    'plan-and-tools',
    { tool_plan: 'I look.', tool_calls: [cohereCall('weather_a'), { id: 'weather_b', type: 'function', function: { name: 'weather', arguments: 'null' } }] },
    [
      ['tool-plan-delta', undefined, { tool_plan: 'I ' }],
      ['tool-plan-delta', undefined, { tool_plan: 'look.' }],
      ['tool-call-start', 0, { tool_calls: { id: 'weather_a', type: 'function', function: { name: 'weather', arguments: '' } } }],
      ['tool-call-delta', 0, { tool_calls: { function: { arguments: '{"ci' } } }],
      ['tool-call-delta', 0, { tool_calls: { function: { arguments: 'ty":"Paris"}' } } }],
      ['tool-call-end', 0],
      ['tool-call-start', 1, { tool_calls: { id: 'weather_b', type: 'function', function: { name: 'weather', arguments: '' } } }],
      ['tool-call-end', 1],
    ],
    'TOOL_CALL',
  ),
  cohereCase(
    'thinking-tools',
    { content: [{ type: 'thinking', thinking: 'I think' }], tool_calls: [cohereCall('weather_a')] },
    [
      ['content-start', 0, { content: { type: 'thinking', thinking: '' } }],
      ['content-delta', 0, { content: { thinking: 'I think' } }],
      ['content-end', 0],
      ['tool-call-start', 0, { tool_calls: { id: 'weather_a', type: 'function', function: { name: 'weather', arguments: '' } } }],
      ['tool-call-delta', 0, { tool_calls: { function: { arguments: '{"city":"Paris"}' } } }],
      ['tool-call-end', 0],
    ],
    'TOOL_CALL',
  ),
  cohereCase(
    'citations',
    { content: [{ type: 'text', text: 'The moon pulls.' }], citations: [citation] },
    [
      ['content-start', 0, { content: { type: 'text', text: '' } }],
      ['content-delta', 0, { content: { text: 'The moon' } }],
      ['citation-start', 0, { citations: citation }],
      ['citation-end', 0],
      ['content-delta', 0, { content: { text: ' pulls.' } }],
      ['content-end', 0],
    ],
    'COMPLETE',
  ),
];
