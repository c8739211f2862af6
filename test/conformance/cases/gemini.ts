import { pdf, png, weather, type RequestCase, type ReplyCase } from './case.ts';

function gemini(name: string, body: object): RequestCase {
  return { front: 'gemini', name, body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'hi' }] }], ...body }) };
}

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

export const geminiRequests: readonly RequestCase[] = [
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
];

export const geminiReplies: readonly ReplyCase[] = [
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
];
