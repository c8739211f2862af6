import { pdf, png, type RequestCase, weather } from './case.ts';

const said = (text: string) => ({ type: 'message', role: 'user', content: [{ type: 'input_text', text }] });
const tools = [{ type: 'function', name: 'weather', description: 'Weather of a city', parameters: weather, strict: true }];
const call = (id: string, city: string, more: object = {}) => ({
  type: 'function_call',
  call_id: id,
  name: 'weather',
  arguments: JSON.stringify({ city }),
  ...more,
});
const result = (id: string, output: unknown) => ({ type: 'function_call_output', call_id: id, output });
/** What a coding agent sends: names of many kinds, tools that only one provider can run, and the items of its last answer. */
const agentTools = [
  {
    type: 'function',
    name: 'exec_command',
    description: 'Runs a command',
    strict: false,
    parameters: { type: 'object', properties: { cmd: { type: 'string' } } },
  },
  {
    type: 'namespace',
    name: 'mcp__files__',
    description: 'Files of the project',
    tools: [
      { type: 'function', name: 'read', description: 'Reads a file', strict: false, parameters: { type: 'object', properties: { path: { type: 'string' } } } },
      { type: 'function', name: 'list', strict: false, parameters: { type: 'object', properties: {} } },
    ],
  },
  {
    type: 'custom',
    name: 'apply_patch',
    description: 'Edits files',
    format: { type: 'grammar', syntax: 'lark', definition: 'start: begin_patch hunk end_patch' },
  },
  { type: 'web_search', external_web_access: false },
  { type: 'tool_search', execution: 'client', description: 'Finds tools', parameters: { type: 'object', properties: { query: { type: 'string' } } } },
];

function responses(name: string, body: object): RequestCase {
  return { front: 'openai-responses', name, body: JSON.stringify({ model: 'm', input: [{ type: 'message', role: 'user', content: 'hi' }], ...body }) };
}

/** The requests of a caller of openai-responses. */
export const responsesRequests: readonly RequestCase[] = [
  responses('minimal', { input: 'hi' }),
  responses('parameters', {
    instructions: 'Be brief',
    max_output_tokens: 100,
    temperature: 0,
    top_p: 0.5,
    user: 'u1',
    service_tier: 'auto',
    stream: true,
    stream_options: { include_obfuscation: false },
    parallel_tool_calls: true,
  }),
  responses('instructions', {
    instructions: 'A',
    input: [{ role: 'developer', content: 'B' }, said('hi'), { type: 'message', role: 'system', content: [{ type: 'input_text', text: 'C' }] }, said('go on')],
  }),
  responses('tools', {
    tools,
    tool_choice: 'auto',
    parallel_tool_calls: false,
    input: [
      said('Weather in Paris and Rome?'),
      {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        status: 'completed',
        phase: 'commentary',
        content: [{ type: 'output_text', text: 'I look.', annotations: [], logprobs: [] }],
      },
      call('call_1', 'Paris', { id: 'fc_1', status: 'completed', arguments: '{"city": "Paris", "n": 9007199254740993}' }),
      call('call_2', 'Rome'),
      result('call_1', '18'),
      result('call_2', [{ type: 'input_text', text: '21' }]),
      said('And now?'),
    ],
  }),
  responses('tool-choice-function', { tools, tool_choice: { type: 'function', name: 'weather' } }),
  responses('tool-choice-allowed', {
    tools: [...tools, { type: 'custom', name: 'note' }],
    tool_choice: { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'weather' }] },
  }),
  responses('tool-choice-hosted', { tools: [...tools, { type: 'web_search_preview' }], tool_choice: { type: 'web_search_preview' } }),
  responses('hosted-alone', { tools: [{ type: 'web_search', search_context_size: 'low' }] }),
  responses('agent', {
    instructions: 'You are a coding agent',
    input: [
      { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'Work in /repo' }] },
      said('Fix the test'),
      { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAAAABopaque' },
      { type: 'function_call', name: 'read', namespace: 'mcp__files__', call_id: 'call_1', arguments: '{"path":"a.ts"}' },
      { type: 'function_call_output', call_id: 'call_1', output: 'const a = 1;' },
      { type: 'custom_tool_call', status: 'completed', call_id: 'call_2', name: 'apply_patch', input: '*** Begin Patch\n*** End Patch\n' },
      { type: 'custom_tool_call_output', call_id: 'call_2', output: 'Done' },
      said('Thanks, now the docs'),
    ],
    tools: agentTools,
    tool_choice: 'auto',
    parallel_tool_calls: false,
    reasoning: { effort: 'medium', summary: 'auto' },
    store: false,
    stream: true,
    include: ['reasoning.encrypted_content'],
    prompt_cache_key: '0199a2e4',
    text: { verbosity: 'low' },
    client_metadata: { originator: 'codex_cli_rs' },
  }),
  responses('media', {
    input: [
      {
        type: 'message',
        role: 'user',
        content: [
          { type: 'input_image', image_url: 'https://example.com/a.png', detail: 'low' },
          { type: 'input_image', image_url: `data:image/png;base64,${png}`, detail: 'auto' },
          { type: 'input_file', filename: 'a.pdf', file_data: `data:application/pdf;base64,${pdf}` },
          { type: 'input_text', text: 'What is this?', prompt_cache_breakpoint: { mode: 'explicit' } },
        ],
      },
    ],
  }),
  responses('file-url', { input: [{ role: 'user', content: [{ type: 'input_file', file_url: 'https://example.com/a.pdf' }] }] }),
  responses('file-id', { input: [{ role: 'user', content: [{ type: 'input_image', file_id: 'file-1', detail: 'auto' }] }] }),
  responses('result-image', {
    tools,
    input: [
      said('Look'),
      call('call_1', 'Paris'),
      result('call_1', [
        { type: 'input_text', text: 'the map' },
        { type: 'input_image', image_url: `data:image/png;base64,${png}` },
      ]),
    ],
  }),
  responses('schema', { text: { format: { type: 'json_schema', name: 'city', description: 'A city', schema: weather, strict: true } } }),
  responses('json', { text: { format: { type: 'json_object' } } }),
  responses('reasoning', { reasoning: { effort: 'high', summary: 'detailed' }, max_output_tokens: 8000 }),
  responses('thinking-history', {
    input: [
      said('Weather?'),
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'I think' }], encrypted_content: 'mw1.lab.s.c2lnbmF0dXJl' },
      { type: 'reasoning', summary: [], encrypted_content: 'mw1.lab.r.ZGF0YQ==' },
      call('call_1', 'Paris'),
      result('call_1', '18'),
    ],
    tools,
  }),
  responses('thinking-foreign', {
    input: [
      said('Weather?'),
      { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'I think' }], encrypted_content: 'gAAAAABopaque' },
      { type: 'reasoning', summary: [], encrypted_content: 'mw1.other.s.c2ln' },
      { type: 'message', role: 'assistant', content: 'Sunny' },
      said('Sure?'),
    ],
  }),
  responses('search-history', {
    input: [
      said('News?'),
      { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'news' } },
      {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        status: 'completed',
        content: [
          {
            type: 'output_text',
            text: 'None.',
            annotations: [{ type: 'url_citation', start_index: 0, end_index: 5, title: 'News', url: 'https://example.com' }],
          },
        ],
      },
      said('Really?'),
    ],
  }),
  responses('tool-search', {
    input: [
      said('Read it'),
      { type: 'tool_search_call', call_id: 'call_1', execution: 'client', status: 'completed', arguments: { query: 'read files', limit: 5 } },
      { type: 'tool_search_output', call_id: 'call_1', execution: 'client', status: 'completed', tools: agentTools.filter(({ type }) => type === 'namespace') },
      { type: 'additional_tools', role: 'developer', tools },
      said('Go on'),
    ],
    tools: agentTools.filter(({ type }) => type === 'tool_search'),
  }),
  responses('demand-compaction', { input: [{ type: 'compaction', id: 'cmp_1', encrypted_content: 'opaque' }, said('Go on')] }),
  responses('demand-previous', { previous_response_id: 'resp_1' }),
  responses('demand-background', { background: true }),
  responses('demand-truncation', { truncation: 'auto' }),
  responses('demand-part-logprobs', { include: ['message.output_text.logprobs'], top_logprobs: 2 }),
  responses('hints', {
    store: true,
    metadata: { a: 'b' },
    prompt_cache_key: 'k',
    prompt_cache_retention: '24h',
    text: { verbosity: 'high' },
    user: 'u',
    safety_identifier: 's',
    reasoning: { context: 'all_turns' },
    include: ['web_search_call.action.sources'],
    x_new: 1,
  }),
  responses('orphan-result', { input: [said('hi'), result('call_9', 'x')] }),
  responses('unknown-role', { input: [{ role: 'wizard', content: 'x' }] }),
  responses('unknown-item', { input: [said('hi'), { type: 'telepathy', thought: 'x' }] }),
  responses('refusal-item', {
    input: [said('Do it'), { type: 'message', role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] }, said('Please')],
  }),
];
