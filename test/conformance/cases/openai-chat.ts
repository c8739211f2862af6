import { pdf, png, user, weather, type RequestCase, type ReplyCase } from './case.ts';

function openai(name: string, body: object): RequestCase {
  return { front: 'openai-chat', name, body: JSON.stringify({ model: 'm', messages: [user], ...body }) };
}

const openaiTools = [{ type: 'function', function: { name: 'weather', description: 'Weather of a city', parameters: weather, strict: true } }];

const openaiTurn = [
  { role: 'user', content: 'Weather in Paris and Rome?' },
  {
    role: 'assistant',
    content: 'I look.',
    tool_calls: [
      { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city": "Paris", "n": 9007199254740993}' } },
      { id: 'call_2', type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"}' } },
    ],
  },
  { role: 'tool', tool_call_id: 'call_1', content: '18' },
  { role: 'tool', tool_call_id: 'call_2', content: [{ type: 'text', text: '21' }] },
  { role: 'user', content: 'And now?' },
];

const usageC = {
  prompt_tokens: 30,
  completion_tokens: 12,
  total_tokens: 42,
  prompt_tokens_details: { cached_tokens: 10 },
  completion_tokens_details: { reasoning_tokens: 4 },
};

function chatCase(name: string, message: object, finish: string, deltas: readonly object[]): ReplyCase {
  const head = { id: 'chatcmpl-1', created: 1_700_000_000, model: 'm-2026' };
  const chunk = (choices: object[], extra: object = {}) => `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices, ...extra })}\n\n`;
  return {
    back: 'openai-chat',
    name,
    whole: JSON.stringify({
      ...head,
      object: 'chat.completion',
      choices: [{ index: 0, message: { role: 'assistant', refusal: null, ...message }, logprobs: null, finish_reason: finish }],
      usage: usageC,
    }),
    frames: [
      chunk([{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }]),
      ...deltas.map((delta) => chunk([{ index: 0, delta, finish_reason: null }])),
      chunk([{ index: 0, delta: {}, finish_reason: finish }]),
      chunk([], { usage: usageC }),
      'data: [DONE]\n\n',
    ].join(''),
  };
}

const call = (index: number, id: string | undefined, args: string) => ({
  index,
  ...(id === undefined ? {} : { id, type: 'function' }),
  function: { ...(id === undefined ? {} : { name: 'weather' }), arguments: args },
});

export const openaiChatRequests: readonly RequestCase[] = [
  openai('minimal', {}),
  openai('parameters', {
    max_completion_tokens: 100,
    temperature: 0,
    top_p: 0.5,
    stop: ['a', 'b'],
    seed: 7,
    frequency_penalty: 0.1,
    presence_penalty: -0.1,
    user: 'u1',
    service_tier: 'auto',
    stream: true,
    stream_options: { include_usage: true },
  }),
  openai('system-anywhere', {
    messages: [
      { role: 'system', content: 'A' },
      { role: 'developer', content: 'B' },
      user,
      { role: 'assistant', content: 'yes' },
      { role: 'system', content: 'C' },
      user,
    ],
  }),
  openai('media', {
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'see' },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${png}`, detail: 'low' } },
          { type: 'image_url', image_url: { url: 'https://example.com/a.jpg' } },
          { type: 'file', file: { file_data: `data:application/pdf;base64,${pdf}`, filename: 'a.pdf' } },
        ],
      },
    ],
  }),
  openai('tools', { tools: openaiTools, tool_choice: 'required', parallel_tool_calls: false, messages: openaiTurn }),
  openai('tool-choice-named', {
    tools: [...openaiTools, { type: 'function', function: { name: 'a.very long näme' } }],
    tool_choice: { type: 'function', function: { name: 'weather' } },
  }),
  openai('tool-choice-none', { tools: openaiTools, tool_choice: 'none' }),
  openai('tool-choice-allowed', {
    tools: [...openaiTools, { type: 'function', function: { name: 'other' } }],
    tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'weather' } }] } },
  }),
  openai('custom-tool', { tools: [{ type: 'custom', custom: { name: 'shell', description: 'Runs it' } }] }),
  openai('schema', {
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'city', description: 'A city', strict: true, schema: { ...weather, additionalProperties: false } },
    },
  }),
  openai('json', { response_format: { type: 'json_object' } }),
  openai('reasoning', { reasoning_effort: 'high', max_completion_tokens: 10_000 }),
  openai('reasoning-off', { reasoning_effort: 'none' }),
  openai('reasoning-history', {
    messages: [
      user,
      {
        role: 'assistant',
        content: 'A',
        reasoning_content: 'because',
        reasoning_details: [{ type: 'reasoning.text', text: 'because', signature: 'mw1.lab.c2ln', format: 'modelwire', index: 0 }],
      },
      user,
    ],
  }),
  openai('refusal-history', { messages: [user, { role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] }, user] }),
  openai('hints', {
    metadata: { a: 'b' },
    store: true,
    verbosity: 'low',
    prompt_cache_key: 'k',
    prediction: { type: 'content', content: 'x' },
    made_up_field: { deep: [1, 2] },
  }),
  openai('demand-n', { n: 2 }),
  openai('demand-logprobs', { logprobs: true, top_logprobs: 2 }),
  openai('demand-audio', { messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } }] }] }),
  openai('orphan-result', { messages: [user, { role: 'tool', tool_call_id: 'call_9', content: 'x' }] }),
  openai('broken-arguments', {
    messages: [
      user,
      { role: 'assistant', tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city": ' } }] },
      { role: 'tool', tool_call_id: 'call_1', content: 'x' },
    ],
  }),
  openai('unknown-role', { messages: [{ role: 'wizard', content: 'x' }] }),

  openai('history-without-tools', { messages: openaiTurn }),
  openai('tool-choice-none-history', { tools: openaiTools, tool_choice: 'none', messages: openaiTurn }),
];

export const openaiChatReplies: readonly ReplyCase[] = [
  chatCase('text', { content: 'Héllo 😀 world' }, 'stop', [{ content: 'Hé' }, { content: 'llo 😀' }, { content: ' world' }]),
  chatCase('length', { content: 'Once upon' }, 'length', [{ content: 'Once upon' }]),
  chatCase('filter', { content: null, refusal: 'I cannot.' }, 'stop', [{ refusal: 'I ' }, { refusal: 'cannot.' }]),
  chatCase(
    'tools-interleaved',
    {
      content: null,
      tool_calls: [
        { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Paris"}' } },
        { id: 'call_2', type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"}' } },
      ],
    },
    'tool_calls',
    [
      { tool_calls: [call(0, 'call_1', '')] },
      { tool_calls: [call(0, undefined, '{"ci')] },
      { tool_calls: [call(1, 'call_2', '{"city":')] },
      { tool_calls: [call(0, undefined, 'ty":"Paris"}')] },
      { tool_calls: [call(1, undefined, '"Rome"}')] },
    ],
  ),
  chatCase(
    'text-and-tool',
    { content: 'I look.', tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{}' } }] },
    'tool_calls',
    [{ content: 'I look.' }, { tool_calls: [call(0, 'call_1', '{}')] }],
  ),
  chatCase('reasoning', { content: 'Four.', reasoning_content: 'Two and two.' }, 'stop', [
    { reasoning_content: 'Two and' },
    { reasoning_content: ' two.' },
    { content: 'Four.' },
  ]),
];
