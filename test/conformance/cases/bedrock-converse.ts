import { pdf, png, weather, type RequestCase, type ReplyCase } from './case.ts';

function bedrock(name: string, body: object): RequestCase {
  return { front: 'bedrock-converse', name, body: JSON.stringify({ messages: [{ role: 'user', content: [{ text: 'hi' }] }], ...body }) };
}

const bedrockCall = (toolUseId: string, city: string) => ({ toolUse: { toolUseId, name: 'weather', input: { city } } });

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

export const bedrockConverseRequests: readonly RequestCase[] = [
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
];

export const bedrockConverseReplies: readonly ReplyCase[] = [
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
