import { pdf, png, user, weather, type RequestCase, type ReplyCase } from './case.ts';

function anthropic(name: string, body: object): RequestCase {
  return { front: 'anthropic-messages', name, body: JSON.stringify({ model: 'm', max_tokens: 4096, messages: [user], ...body }) };
}

const anthropicTools = [{ name: 'weather', description: 'Weather of a city', input_schema: weather, cache_control: { type: 'ephemeral', ttl: '1h' } }];

const anthropicCall = (id: string, city: string) => ({ type: 'tool_use', id, name: 'weather', input: { city } });

const usageA = {
  input_tokens: 20,
  output_tokens: 12,
  cache_read_input_tokens: 10,
  cache_creation_input_tokens: 0,
  output_tokens_details: { thinking_tokens: 4 },
};

function messageCase(name: string, content: readonly { start: object; deltas: readonly object[]; whole: object }[], stop: object): ReplyCase {
  const head = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm-2026' };
  const event = (type: string, data: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
  return {
    back: 'anthropic-messages',
    name,
    whole: JSON.stringify({ ...head, content: content.map((block) => block.whole), stop_sequence: null, ...stop, usage: usageA }),
    frames: [
      event('message_start', { message: { ...head, content: [], stop_reason: null, stop_sequence: null, usage: { ...usageA, output_tokens: 1 } } }),
      ...content.flatMap((block, index) => [
        event('content_block_start', { index, content_block: block.start }),
        ...block.deltas.map((delta) => event('content_block_delta', { index, delta })),
        event('content_block_stop', { index }),
      ]),
      event('message_delta', { delta: { stop_sequence: null, ...stop }, usage: usageA }),
      event('message_stop', {}),
    ].join(''),
  };
}

const textBlock = (pieces: readonly string[]) => ({
  start: { type: 'text', text: '' },
  deltas: pieces.map((text) => ({ type: 'text_delta', text })),
  whole: { type: 'text', text: pieces.join('') },
});

const toolBlock = (id: string, pieces: readonly string[]) => ({
  start: { type: 'tool_use', id, name: 'weather', input: {} },
  deltas: pieces.map((partial_json) => ({ type: 'input_json_delta', partial_json })),
  whole: { type: 'tool_use', id, name: 'weather', input: JSON.parse(pieces.join('') || '{}') as unknown },
});

const thinkingBlock = {
  start: { type: 'thinking', thinking: '', signature: '' },
  deltas: [
    { type: 'thinking_delta', thinking: 'I ' },
    { type: 'thinking_delta', thinking: 'think' },
    { type: 'signature_delta', signature: 'c2lnbmF0dXJl' },
  ],
  whole: { type: 'thinking', thinking: 'I think', signature: 'c2lnbmF0dXJl' },
};

const redactedBlock = { start: { type: 'redacted_thinking', data: 'ZGF0YQ==' }, deltas: [], whole: { type: 'redacted_thinking', data: 'ZGF0YQ==' } };

export const anthropicMessagesRequests: readonly RequestCase[] = [
  anthropic('minimal', {}),
  anthropic('parameters', {
    temperature: 0.5,
    top_p: 0.9,
    top_k: 40,
    stop_sequences: ['a', 'b', 'c', 'd', 'e'],
    metadata: { user_id: 'u1' },
    service_tier: 'auto',
    stream: true,
  }),
  anthropic('system-blocks', {
    system: [
      { type: 'text', text: 'A' },
      { type: 'text', text: 'B', cache_control: { type: 'ephemeral', ttl: '1h' } },
    ],
  }),
  anthropic('system-in-messages', { messages: [user, { role: 'assistant', content: 'yes' }, user, { role: 'system', content: 'Be brief.' }] }),
  anthropic('media', {
    messages: [
      {
        role: 'user',
        content: [
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } },
          { type: 'image', source: { type: 'url', url: 'https://example.com/a.jpg' } },
          { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: pdf }, title: 'A' },
          { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'plain' } },
          { type: 'text', text: 'see' },
        ],
      },
    ],
  }),
  anthropic('document-url', { messages: [{ role: 'user', content: [{ type: 'document', source: { type: 'url', url: 'https://example.com/a.pdf' } }] }] }),
  anthropic('search-result', {
    messages: [
      {
        role: 'user',
        content: [
          { type: 'search_result', source: 'https://example.com', title: 'T', content: [{ type: 'text', text: 'found' }] },
          { type: 'text', text: 'so?' },
        ],
      },
    ],
  }),
  anthropic('tools', {
    tools: anthropicTools,
    tool_choice: { type: 'any', disable_parallel_tool_use: true },
    messages: [
      user,
      { role: 'assistant', content: [{ type: 'text', text: 'I look.' }, anthropicCall('toolu_1', 'Paris'), anthropicCall('toolu_2', 'Rome')] },
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            tool_use_id: 'toolu_1',
            content: [
              { type: 'text', text: '18' },
              { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } },
            ],
          },
          { type: 'tool_result', tool_use_id: 'toolu_2', is_error: true, content: 'no such city' },
          { type: 'text', text: 'go on' },
        ],
      },
    ],
  }),
  anthropic('tool-choice-tool', { tools: anthropicTools, tool_choice: { type: 'tool', name: 'weather' } }),
  anthropic('server-tool', { tools: [{ type: 'web_search_20260318', name: 'web_search' }] }),
  anthropic('schema', { output_config: { effort: 'medium', format: { type: 'json_schema', schema: weather } } }),
  anthropic('thinking-budget', { max_tokens: 10_000, thinking: { type: 'enabled', budget_tokens: 5000 } }),
  anthropic('thinking-adaptive', { thinking: { type: 'adaptive' }, output_config: { effort: 'max' } }),
  anthropic('thinking-history', {
    messages: [
      user,
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'because', signature: 'mw1.lab.c2ln' },
          { type: 'redacted_thinking', data: 'mw1.lab.ZGF0YQ==' },
          { type: 'text', text: 'A' },
        ],
      },
      user,
    ],
  }),
  anthropic('thinking-foreign', {
    messages: [
      user,
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'because', signature: 'mw1.elsewhere.c2ln' },
          { type: 'text', text: 'A' },
        ],
      },
      user,
    ],
  }),
  anthropic('cache-everywhere', {
    cache_control: { type: 'ephemeral' },
    tools: anthropicTools,
    messages: [{ role: 'user', content: [{ type: 'text', text: 'hi', cache_control: { type: 'ephemeral', ttl: '5m' } }] }],
  }),
  anthropic('hints', { context_management: { edits: [{ type: 'clear_thinking_20251015' }] }, diagnostics: { previous_message_id: null }, made_up_field: [1] }),
  anthropic('demand-geo', { inference_geo: 'eu' }),
  anthropic('thread', { thread: { type: 'create' } }),
  anthropic('consecutive-users', { messages: [user, { role: 'user', content: 'there' }] }),
  anthropic('prefill', { messages: [user, { role: 'assistant', content: 'The answer is' }] }),
];

export const anthropicMessagesReplies: readonly ReplyCase[] = [
  messageCase('text', [textBlock(['Hé', 'llo 😀', ' world'])], { stop_reason: 'end_turn' }),
  messageCase('length', [textBlock(['Once upon'])], { stop_reason: 'max_tokens' }),
  messageCase('stop-sequence', [textBlock(['A'])], { stop_reason: 'stop_sequence', stop_sequence: 'B' }),
  messageCase('refusal', [textBlock(['I cannot.'])], { stop_reason: 'refusal' }),
  messageCase('context-full', [textBlock(['A'])], { stop_reason: 'model_context_window_exceeded' }),
  messageCase(
    'thinking-tools',
    [thinkingBlock, redactedBlock, textBlock(['I look.']), toolBlock('toolu_1', ['{"ci', 'ty":"Paris"}']), toolBlock('toolu_2', []), textBlock(['Done?'])],
    { stop_reason: 'tool_use' },
  ),
];
