import type { DialectName } from '../../packages/modelwire/src/core/ir.ts';
import { responsesRequests } from './responses-requests.ts';

/** One request of a front, to be sent to every back: what goes out is a golden file. */
export type RequestCase = { readonly front: DialectName; readonly name: string; readonly body: string };

const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const pdf = 'JVBERi0xLjQKJSVFT0YK';
const weather = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const user = { role: 'user', content: 'hi' };

function openai(name: string, body: object): RequestCase {
  return { front: 'openai-chat', name, body: JSON.stringify({ model: 'm', messages: [user], ...body }) };
}

function anthropic(name: string, body: object): RequestCase {
  return { front: 'anthropic-messages', name, body: JSON.stringify({ model: 'm', max_tokens: 4096, messages: [user], ...body }) };
}

function gemini(name: string, body: object): RequestCase {
  return { front: 'gemini', name, body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'hi' }] }], ...body }) };
}

function cohere(name: string, body: object): RequestCase {
  return { front: 'cohere', name, body: JSON.stringify({ model: 'm', messages: [user], ...body }) };
}

function ollama(name: string, body: object): RequestCase {
  return { front: 'ollama', name, body: JSON.stringify({ model: 'm', messages: [user], stream: false, ...body }) };
}

function bedrock(name: string, body: object): RequestCase {
  return { front: 'bedrock-converse', name, body: JSON.stringify({ messages: [{ role: 'user', content: [{ text: 'hi' }] }], ...body }) };
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
const anthropicTools = [{ name: 'weather', description: 'Weather of a city', input_schema: weather, cache_control: { type: 'ephemeral', ttl: '1h' } }];
const cohereTools = [{ type: 'function', function: { name: 'weather', description: 'Weather of a city', parameters: weather } }];
const cohereCall = (id: string) => ({ id, type: 'function', function: { name: 'weather', arguments: '{"city":"Paris"}' } });
/** The id of a call with the thinking of another format's provider in it. */
const bundledId = (origin: string) => `mw1.${origin}.${btoa(JSON.stringify([{ text: 'Two and two.', signature: 'c2ln' }]))}.toolu_1`;
const anthropicCall = (id: string, city: string) => ({ type: 'tool_use', id, name: 'weather', input: { city } });

const ollamaTools = [{ type: 'function', function: { name: 'weather', description: 'Weather of a city', parameters: weather } }];
const ollamaTurn = (called: (n: number) => object, answered: (n: number) => object) => [
  { role: 'user', content: 'Weather in Paris and Rome?' },
  {
    role: 'assistant',
    content: 'I look.',
    tool_calls: ['Paris', 'Rome'].map((city, n) => ({ ...called(n), function: { name: 'weather', arguments: { city } } })),
  },
  ...['18', '21'].map((content, n) => ({ role: 'tool', content, tool_name: 'weather', ...answered(n) })),
  { role: 'user', content: 'And now?' },
];
/** A call of the provider "lab", with the thinking that led to it. */
const sealedId = `mw1.lab.${btoa(JSON.stringify([{ text: 'I think', signature: 'c2lnbmF0dXJl' }]))}.toolu_1`;

const bedrockCall = (toolUseId: string, city: string) => ({ toolUse: { toolUseId, name: 'weather', input: { city } } });

export const requestCases: readonly RequestCase[] = [
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

  gemini('minimal', {}),
  gemini('parameters', {
    generationConfig: {
      maxOutputTokens: 4096,
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      seed: 7,
      presencePenalty: 0.1,
      frequencyPenalty: -0.1,
      stopSequences: ['a', 'b', 'c', 'd', 'e'],
      candidateCount: 1,
      responseModalities: ['TEXT'],
    },
    serviceTier: 'flex',
  }),
  gemini('system', { systemInstruction: { parts: [{ text: 'A' }, { text: 'B' }] } }),
  gemini('media', {
    contents: [
      {
        role: 'user',
        parts: [
          { inlineData: { mimeType: 'image/png', data: png } },
          { fileData: { mimeType: 'image/jpeg', fileUri: 'https://example.com/a.jpg' } },
          { inlineData: { mimeType: 'application/pdf', data: pdf, displayName: 'a.pdf' } },
          { text: 'see' },
        ],
      },
    ],
  }),
  gemini('audio', { contents: [{ role: 'user', parts: [{ inlineData: { mimeType: 'audio/wav', data: 'AAAA' } }] }] }),
  gemini('video', {
    contents: [{ role: 'user', parts: [{ fileData: { mimeType: 'video/mp4', fileUri: 'https://example.com/a.mp4' }, videoMetadata: { fps: 1 } }] }],
  }),
  gemini('file', {
    contents: [{ role: 'user', parts: [{ fileData: { fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/abc', mimeType: 'image/png' } }] }],
  }),
  gemini('tools', {
    tools: [{ functionDeclarations: [{ name: 'weather', description: 'Weather of a city', parametersJsonSchema: weather }] }],
    toolConfig: { functionCallingConfig: { mode: 'ANY' } },
    contents: [
      { role: 'user', parts: [{ text: 'Weather in Paris and Rome?' }] },
      {
        role: 'model',
        parts: [
          { text: 'I look.' },
          { functionCall: { id: 'call_1', name: 'weather', args: { city: 'Paris' } }, thoughtSignature: 'c2lnbmF0dXJl' },
          { functionCall: { id: 'call_2', name: 'weather', args: { city: 'Rome' } } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: 'call_1', name: 'weather', response: { output: '18' }, parts: [{ inlineData: { mimeType: 'image/png', data: png } }] } },
          { functionResponse: { id: 'call_2', name: 'weather', response: { error: 'no such city' } } },
        ],
      },
    ],
  }),
  gemini('calls-without-ids', {
    contents: [
      { role: 'user', parts: [{ text: 'hi' }] },
      {
        role: 'model',
        parts: [
          { functionCall: { name: 'weather', args: { city: 'Paris' } } },
          { functionCall: { name: 'time', args: {} } },
          { functionCall: { name: 'weather', args: {} } },
        ],
      },
      {
        role: 'function',
        parts: [
          { functionResponse: { name: 'time', response: { now: 12 } } },
          { functionResponse: { name: 'weather', response: { output: '18' } } },
          { functionResponse: { name: 'weather', response: { output: { c: 21 } } } },
        ],
      },
    ],
  }),
  gemini('openapi-schema', {
    tools: [
      {
        functionDeclarations: [
          {
            name: 'weather',
            parameters: {
              type: 'OBJECT',
              properties: {
                city: { type: 'STRING', nullable: true },
                kind: { type: 'STRING', format: 'enum', enum: ['a', 'b'] },
                days: { type: 'ARRAY', items: { type: 'INTEGER' }, maxItems: '7' },
              },
              propertyOrdering: ['city', 'kind', 'days'],
              required: ['city'],
            },
          },
        ],
      },
    ],
  }),
  gemini('tool-choice-named', {
    tools: [{ functionDeclarations: [{ name: 'weather' }, { name: 'a.dotted:name' }] }],
    toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['weather'] } },
  }),
  gemini('tool-choice-validated', {
    tools: [{ functionDeclarations: [{ name: 'weather' }] }],
    toolConfig: { functionCallingConfig: { mode: 'VALIDATED' } },
  }),
  gemini('tool-choice-none', { tools: [{ functionDeclarations: [{ name: 'weather' }] }], toolConfig: { functionCallingConfig: { mode: 'NONE' } } }),
  gemini('server-tool', { tools: [{ googleSearch: {} }] }),
  gemini('code-execution-history', {
    contents: [
      { role: 'user', parts: [{ text: 'hi' }] },
      { role: 'model', parts: [{ executableCode: { language: 'PYTHON', code: 'print(1)' } }, { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1' } }] },
      { role: 'user', parts: [{ text: 'and?' }] },
    ],
  }),
  gemini('schema', { generationConfig: { responseMimeType: 'application/json', responseJsonSchema: weather } }),
  gemini('schema-openapi', {
    generationConfig: { responseMimeType: 'application/json', responseSchema: { type: 'ARRAY', items: { type: 'STRING' }, minItems: '1' } },
  }),
  gemini('json', { generationConfig: { responseMimeType: 'application/json' } }),
  gemini('enum', { generationConfig: { responseMimeType: 'text/x.enum', responseSchema: { type: 'STRING', enum: ['a', 'b'] } } }),
  gemini('thinking-budget', { generationConfig: { maxOutputTokens: 10_000, thinkingConfig: { thinkingBudget: 5000, includeThoughts: true } } }),
  gemini('thinking-level', { generationConfig: { thinkingConfig: { thinkingLevel: 'HIGH' } } }),
  gemini('thinking-off', { generationConfig: { thinkingConfig: { thinkingBudget: 0 } } }),
  gemini('thinking-history', {
    contents: [
      { role: 'user', parts: [{ text: 'hi' }] },
      { role: 'model', parts: [{ text: 'because', thought: true }] },
      { role: 'model', parts: [{ text: 'I ' }] },
      {
        role: 'model',
        parts: [
          { text: 'look.' },
          {
            functionCall: { id: 'call_1', name: 'weather', args: { city: 'Paris' } },
            thoughtSignature: btoa('mw1.lab.[{"text":"because","signature":"c2ln"},{"redacted":"ZGF0YQ=="}]'),
          },
        ],
      },
      { role: 'user', parts: [{ functionResponse: { id: 'call_1', name: 'weather', response: { output: '18' } } }] },
    ],
  }),
  gemini('signature-foreign', {
    contents: [
      { role: 'user', parts: [{ text: 'hi' }] },
      { role: 'model', parts: [{ text: 'A' }, { text: '', thoughtSignature: btoa('mw1.elsewhere.[{"text":"because","signature":"c2ln"}]') }] },
      { role: 'user', parts: [{ text: 'so?' }] },
    ],
  }),
  gemini('snake-case', {
    system_instruction: { parts: { text: 'A' } },
    tools: { function_declarations: { name: 'weather', parameters_json_schema: weather } },
    tool_config: { function_calling_config: { mode: 'AUTO' } },
    generation_config: { max_output_tokens: '100', stop_sequences: ['a'], thinking_config: { thinking_budget: 2048, include_thoughts: true } },
  }),
  gemini('hints', {
    labels: { team: 'a' },
    store: true,
    madeUpField: { deep: [1, 2] },
    generationConfig: { mediaResolution: 'MEDIA_RESOLUTION_LOW', madeUp: 1 },
  }),
  gemini('demand-safety', { safetySettings: [{ category: 'HARM_CATEGORY_HATE_SPEECH', threshold: 'BLOCK_LOW_AND_ABOVE' }] }),
  gemini('safety-off', { safetySettings: [{ category: 'HARM_CATEGORY_HATE_SPEECH', threshold: 'OFF' }] }),
  gemini('demand-cached-content', { cachedContent: 'cachedContents/abc' }),
  gemini('demand-candidates', { generationConfig: { candidateCount: 2 } }),
  gemini('demand-logprobs', { generationConfig: { responseLogprobs: true, logprobs: 2 } }),
  gemini('demand-image', { generationConfig: { responseModalities: ['TEXT', 'IMAGE'] } }),
  gemini('orphan-result', { contents: [{ role: 'user', parts: [{ functionResponse: { id: 'call_9', name: 'weather', response: {} } }] }] }),
  gemini('unknown-role', { contents: [{ role: 'wizard', parts: [{ text: 'x' }] }] }),

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
  ollama('minimal', {}),
  ollama('parameters', {
    options: { num_predict: 100, temperature: 0, top_p: 0.5, top_k: 40, stop: ['a', 'b'], seed: 7, frequency_penalty: 0.1, presence_penalty: -0.1 },
  }),
  ollama('hints', { keep_alive: '5m', truncate: true, shift: false, options: { num_predict: -1, num_ctx: 8192, min_p: 0.1, repeat_penalty: 1.1, num_gpu: 1 } }),
  ollama('demand-logprobs', { logprobs: true, top_logprobs: 2 }),
  ollama('system-anywhere', {
    messages: [{ role: 'system', content: 'A' }, user, { role: 'assistant', content: 'x' }, { role: 'system', content: 'B' }, user],
  }),
  ollama('images', { messages: [{ role: 'user', content: 'What is it?', images: [png, png] }] }),
  ollama('image-address', { messages: [{ role: 'user', content: 'What is it?', images: ['https://example.com/a.png'] }] }),
  ollama('tools', {
    tools: ollamaTools,
    messages: ollamaTurn(
      (n) => ({ id: `call_${n}` }),
      (n) => ({ tool_call_id: `call_${n}` }),
    ),
  }),
  ollama('ids-missing', {
    tools: ollamaTools,
    messages: ollamaTurn(
      () => ({}),
      () => ({}),
    ),
  }),
  ollama('tool-without-parameters', { tools: [{ type: 'function', function: { name: 'now' } }] }),
  ollama('orphan-result', { messages: [user, { role: 'tool', content: 'x', tool_name: 'weather' }] }),
  ollama('unknown-role', { messages: [{ role: 'critic', content: 'x' }] }),
  ollama('json', { format: 'json' }),
  ollama('schema', { format: weather }),
  ollama('think', { think: true, options: { num_predict: 4096 } }),
  ollama('think-off', { think: false }),
  ollama('think-level', { think: 'high', options: { num_predict: 4096 } }),
  ollama('thinking-history', {
    messages: [user, { role: 'assistant', content: 'Four.', thinking: 'Two and two.' }, user],
  }),
  ollama('thinking-sealed', {
    tools: ollamaTools,
    messages: [
      user,
      { role: 'assistant', content: '', thinking: 'I think', tool_calls: [{ id: sealedId, function: { name: 'weather', arguments: { city: 'Paris' } } }] },
      { role: 'tool', content: '18', tool_name: 'weather' },
    ],
  }),
  ollama('no-messages', { messages: [], keep_alive: 0 }),
  bedrock('minimal', {}),
  bedrock('parameters', {
    inferenceConfig: { maxTokens: 2000, temperature: 0, topP: 0.5, stopSequences: ['a'] },
    additionalModelRequestFields: { top_k: 40 },
    serviceTier: { type: 'flex' },
    requestMetadata: { team: 'a' },
    performanceConfig: { latency: 'optimized' },
    additionalModelResponseFieldPaths: ['/stop_sequence'],
  }),
  bedrock('cache-points', {
    system: [{ text: 'A' }, { cachePoint: { type: 'default', ttl: '1h' } }],
    messages: [{ role: 'user', content: [{ text: 'hi' }, { cachePoint: { type: 'default' } }, { text: 'there' }] }],
    toolConfig: { tools: [{ toolSpec: { name: 'weather', inputSchema: { json: weather } } }, { cachePoint: { type: 'default' } }] },
  }),
  bedrock('tools', {
    toolConfig: { tools: [{ toolSpec: { name: 'weather', description: 'Weather of a city', inputSchema: { json: weather } } }] },
    messages: [
      { role: 'user', content: [{ text: 'Weather?' }] },
      { role: 'assistant', content: [{ text: 'I look.' }, bedrockCall('t1', 'Paris'), bedrockCall('t2', 'Rome')] },
      {
        role: 'user',
        content: [
          { toolResult: { toolUseId: 't2', content: [{ text: 'no such city' }], status: 'error' } },
          { toolResult: { toolUseId: 't1', content: [{ json: { n: 18 } }, { image: { format: 'png', source: { bytes: png } } }] } },
        ],
      },
    ],
  }),
  bedrock('tool-choice', {
    toolConfig: { tools: [{ toolSpec: { name: 'weather', inputSchema: { json: weather } } }], toolChoice: { tool: { name: 'weather' } } },
  }),
  bedrock('thinking-history', {
    additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 2000 } },
    inferenceConfig: { maxTokens: 8000 },
    messages: [
      { role: 'user', content: [{ text: 'hi' }] },
      {
        role: 'assistant',
        content: [
          { reasoningContent: { reasoningText: { text: 'I think.', signature: 'c2ln' } } },
          { reasoningContent: { redactedContent: 'c2VjcmV0' } },
          { text: 'Hello.' },
        ],
      },
      { role: 'user', content: [{ text: 'more' }] },
    ],
  }),
  bedrock('media', {
    messages: [
      {
        role: 'user',
        content: [
          { image: { format: 'jpeg', source: { bytes: png } } },
          { document: { format: 'pdf', name: 'My paper', source: { bytes: pdf }, context: 'A paper', citations: { enabled: true } } },
          { document: { format: 'md', name: 'Notes', source: { text: '# Notes' } } },
          { text: 'See?' },
        ],
      },
    ],
  }),
  bedrock('s3', { messages: [{ role: 'user', content: [{ image: { format: 'png', source: { s3Location: { uri: 's3://bucket/a.png' } } } }] }] }),
  bedrock('schema', {
    outputConfig: { effort: 'low', textFormat: { type: 'json_schema', structure: { jsonSchema: { schema: JSON.stringify(weather), name: 'weather' } } } },
  }),
  bedrock('guardrail', { guardrailConfig: { guardrailIdentifier: 'g', guardrailVersion: '1' } }),
  bedrock('guarded-text', { messages: [{ role: 'user', content: [{ guardContent: { text: { text: 'hi' } } }] }] }),
  bedrock('video', { messages: [{ role: 'user', content: [{ video: { format: 'mp4', source: { bytes: 'AAAA' } } }] }] }),
  bedrock('prompt-variables', { promptVariables: { city: { text: 'Rome' } } }),
  bedrock('model-field', { additionalModelRequestFields: { reasoning_config: { type: 'enabled' } } }),
  bedrock('server-tool', { toolConfig: { tools: [{ systemTool: { name: 'nova_grounding' } }] } }),
  bedrock('later-system', {
    system: [{ text: 'A' }],
    messages: [
      { role: 'user', content: [{ text: 'hi' }] },
      { role: 'system', content: [{ text: 'B' }] },
      { role: 'user', content: [{ text: 'go' }] },
    ],
  }),
  bedrock('unknown-role', { messages: [{ role: 'tool', content: [{ text: 'hi' }] }] }),
  openai('history-without-tools', { messages: openaiTurn }),
  openai('tool-choice-none-history', { tools: openaiTools, tool_choice: 'none', messages: openaiTurn }),
  ...responsesRequests,
];

/** One answer of a back, whole and as a stream, to be given to every front. */
export type ReplyCase = { readonly back: DialectName; readonly name: string; readonly whole: string; readonly frames: string };

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

const usageG = {
  promptTokenCount: 30,
  cachedContentTokenCount: 10,
  candidatesTokenCount: 8,
  thoughtsTokenCount: 4,
  toolUsePromptTokenCount: 3,
  totalTokenCount: 45,
  promptTokensDetails: [
    { modality: 'TEXT', tokenCount: 25 },
    { modality: 'AUDIO', tokenCount: 5 },
  ],
};

/** `chunks` are the parts of each chunk but the last, which brings the finish reason with an empty text. */
function geminiCase(name: string, parts: readonly object[], chunks: readonly (readonly object[])[], end: object = { finishReason: 'STOP' }): ReplyCase {
  const head = { modelVersion: 'm-2026', responseId: 'resp-1' };
  const chunk = (given: readonly object[], more: object, usage: object) =>
    `data: ${JSON.stringify({ candidates: [{ content: { parts: given, role: 'model' }, ...more, index: 0 }], usageMetadata: usage, ...head })}\r\n\r\n`;
  return {
    back: 'gemini',
    name,
    whole: JSON.stringify({ candidates: [{ content: { parts, role: 'model' }, ...end, index: 0 }], usageMetadata: usageG, ...head }),
    frames: [...chunks.map((given) => chunk(given, {}, { promptTokenCount: 30, totalTokenCount: 30 })), chunk([{ text: '' }], end, usageG)].join(''),
  };
}

const geminiCall = (city: string, more: object = {}) => ({ functionCall: { id: `id-${city}`, name: 'weather', args: { city }, ...more } });

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

const endO = { total_duration: 5e9, load_duration: 1e6, prompt_eval_count: 26, prompt_eval_duration: 1e8, eval_count: 12, eval_duration: 4e9 };

/** `lines` are the messages of each line but the last, which is done. */
function ollamaCase(name: string, message: object, lines: readonly object[], end: object = { done_reason: 'stop', ...endO }): ReplyCase {
  const line = (said: object, done: object, second: number) =>
    JSON.stringify({ model: 'm:8b', created_at: `2026-11-01T00:00:0${second}Z`, message: { role: 'assistant', content: '', ...said }, ...done });
  const last = { done: true, ...end };
  return {
    back: 'ollama',
    name,
    whole: line(message, last, lines.length),
    frames: [...lines.map((said, index) => line(said, { done: false }, index)), line({}, last, lines.length)].map((text) => `${text}\n`).join(''),
  };
}

const ollamaCall = (city: string, more: object = {}) => ({ ...more, function: { name: 'weather', arguments: { city } } });
const said = (text: string): object => ({ text });

/** A stream is made of deltas; a number, or what is `at` one, begins the block of that index. Events are padded, as Bedrock's are. */
function bedrockCase(name: string, content: readonly object[], steps: readonly (object | number)[], stopReason = 'end_turn'): ReplyCase {
  const metadata = {
    usage: {
      inputTokens: 30,
      outputTokens: 12,
      totalTokens: 57,
      cacheReadInputTokens: 10,
      cacheWriteInputTokens: 5,
      cacheDetails: [{ ttl: '1h', inputTokens: 5 }],
    },
    metrics: { latencyMs: 420 },
  };
  let contentBlockIndex = 0;
  const begin = (index: number): object[] => {
    const stop = { contentBlockStop: { contentBlockIndex } };
    contentBlockIndex = index;
    return [stop];
  };
  const events = steps.flatMap((step): object[] => {
    if (typeof step === 'number') return begin(step);
    const { at, ...start } = step as { readonly at?: number };
    if (at === undefined) return [{ contentBlockDelta: { contentBlockIndex, delta: step, p: 'abcdefghij'.slice(0, JSON.stringify(step).length % 10) } }];
    return [...begin(at), { contentBlockStart: { contentBlockIndex: at, start } }];
  });
  const all = [
    { messageStart: { role: 'assistant', p: 'abc' } },
    ...events,
    { contentBlockStop: { contentBlockIndex } },
    { messageStop: { stopReason } },
    { metadata },
  ];
  return {
    back: 'bedrock-converse',
    name,
    whole: JSON.stringify({ output: { message: { role: 'assistant', content } }, stopReason, ...metadata }),
    frames: all.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''),
  };
}

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

const citation = {
  start: 4,
  end: 8,
  text: 'moon',
  sources: [{ type: 'document', id: 'd1', document: { id: 'd1', title: 'Tides', url: 'https://example.com/tides', text: 'The moon pulls.' } }],
  type: 'TEXT_CONTENT',
};

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

export const replyCases: readonly ReplyCase[] = [
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
  geminiCase('text', [{ text: 'Héllo 😀 world' }], [[{ text: 'Hé' }], [{ text: 'llo 😀' }, { text: ' world' }]]),
  geminiCase('length', [{ text: 'Once upon' }], [[{ text: 'Once upon' }]], { finishReason: 'MAX_TOKENS' }),
  geminiCase('safety', [], [], { finishReason: 'SAFETY', finishMessage: 'Not this.', safetyRatings: [{ category: 'X', probability: 'HIGH', blocked: true }] }),
  geminiCase('other', [{ text: 'Half' }], [[{ text: 'Half' }]], { finishReason: 'OTHER' }),
  geminiCase(
    'thinking-tools',
    [
      { text: 'I think', thought: true },
      { text: 'I look.' },
      { ...geminiCall('Paris'), thoughtSignature: 'c2lnbmF0dXJl' },
      geminiCall('Rome'),
      { functionCall: { name: 'weather' } },
      { text: 'Done?' },
    ],
    [
      [{ text: 'I ', thought: true }],
      [{ text: 'think', thought: true }, { text: 'I ' }],
      [{ text: 'look.' }, { ...geminiCall('Paris'), thoughtSignature: 'c2lnbmF0dXJl' }, geminiCall('Rome')],
      [{ functionCall: { name: 'weather' } }],
      [{ text: 'Done?' }],
    ],
  ),
  geminiCase('signed-text', [{ text: 'Four.', thoughtSignature: 'dGV4dA==' }], [[{ text: 'Four.' }], [{ text: '', thoughtSignature: 'dGV4dA==' }]]),
  geminiCase('grounded', [{ text: 'It rains.' }], [[{ text: 'It ' }], [{ text: 'rains.' }]], {
    finishReason: 'STOP',
    groundingMetadata: {
      webSearchQueries: ['weather'],
      groundingChunks: [{ web: { uri: 'https://example.com/a', title: 'A' } }],
      groundingSupports: [{ segment: { endIndex: 9, text: 'It rains.' }, groundingChunkIndices: [0] }],
    },
  }),
  geminiCase(
    'code-execution',
    [{ executableCode: { language: 'PYTHON', code: 'print(1)' } }, { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1' } }, { text: 'One.' }],
    [[{ executableCode: { language: 'PYTHON', code: 'print(1)' } }], [{ codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1' } }], [{ text: 'One.' }]],
  ),
  geminiCase(
    'image',
    [{ text: 'Here.' }, { inlineData: { mimeType: 'image/png', data: png } }],
    [[{ text: 'Here.' }], [{ inlineData: { mimeType: 'image/png', data: png } }]],
  ),
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
  ollamaCase('text', { content: 'Héllo 😀 world' }, [{ content: 'Hé' }, { content: 'llo 😀' }, { content: ' world' }]),
  ollamaCase('length', { content: 'Once upon' }, [{ content: 'Once upon' }], { done_reason: 'length', ...endO }),
  ollamaCase('uncounted', { content: 'Four.' }, [{ content: 'Four.' }], { eval_count: 2 }),
  ollamaCase(
    'thinking-tools',
    { content: 'I look.', thinking: 'I think', tool_calls: [ollamaCall('Paris', { id: 'call_a' }), ollamaCall('Rome'), { function: { name: 'weather' } }] },
    [
      { thinking: 'I ' },
      { thinking: 'think' },
      { content: 'I look.' },
      { tool_calls: [ollamaCall('Paris', { id: 'call_a' }), ollamaCall('Rome')] },
      { tool_calls: [{ function: { name: 'weather' } }] },
    ],
  ),
  bedrockCase('text', [{ text: 'Héllo 😀 world' }], [said('Hé'), said('llo 😀'), said(' world')]),
  bedrockCase('length', [{ text: 'Once upon' }], [said('Once upon')], 'max_tokens'),
  bedrockCase('stop-sequence', [{ text: 'one' }], [said('one')], 'stop_sequence'),
  bedrockCase('context-full', [{ text: 'one' }], [said('one')], 'model_context_window_exceeded'),
  bedrockCase('guardrail', [{ text: 'Blocked.' }], [said('Blocked.')], 'guardrail_intervened'),
  bedrockCase(
    'thinking-tools',
    [
      { reasoningContent: { reasoningText: { text: 'I think', signature: 'c2lnbmF0dXJl' } } },
      { reasoningContent: { redactedContent: 'c2VjcmV0' } },
      { text: 'I look.' },
      bedrockCall('tooluse_1', 'Paris'),
      { toolUse: { toolUseId: 'tooluse_2', name: 'weather', input: {} } },
    ],
    [
      { reasoningContent: { text: 'I ' } },
      { reasoningContent: { text: 'think' } },
      { reasoningContent: { signature: 'c2lnbmF0dXJl' } },
      1,
      { reasoningContent: { redactedContent: 'c2VjcmV0' } },
      2,
      said('I '),
      said('look.'),
      { toolUse: { toolUseId: 'tooluse_1', name: 'weather' }, at: 3 },
      { toolUse: { input: '{"city":' } },
      { toolUse: { input: '"Paris"}' } },
      { toolUse: { toolUseId: 'tooluse_2', name: 'weather' }, at: 4 },
    ],
    'tool_use',
  ),
  bedrockCase(
    'citations',
    [
      {
        citationsContent: {
          content: [{ text: 'It rains.' }],
          citations: [{ title: 'A', location: { documentChar: { documentIndex: 0, start: 0, end: 9 } } }],
        },
      },
    ],
    [said('It '), said('rains.'), { citation: { title: 'A', location: { documentChar: { documentIndex: 0, start: 0, end: 9 } } } }],
  ),
  bedrockCase(
    'image',
    [{ text: 'Here.' }, { image: { format: 'png', source: { bytes: png } } }],
    [said('Here.'), { image: { format: 'png' }, at: 1 }, { image: { source: { bytes: png } } }],
  ),
];
