import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DialectName } from '../../packages/modelwire/src/core/ir.ts';
import { tell, type Told } from '../support/conversations.ts';
import { callPair, plainAnswers } from '../support/pair-call.ts';

/**
 * What some formats have and others have not: one row a feature, one cell a back. `=` sent as it was meant, `~` sent changed, `E` done
 * in another way, `X` kept for the answer or said by another field, `D` dropped with a note, `!` refused by name before anything is
 * sent. The text must stand in what is sent, and for `D` and `X` must not.
 */
type Cell = readonly [verdict: '=' | '~' | 'E' | 'X' | 'D' | '!', text: string];
type Row = {
  readonly name: string;
  readonly front: DialectName;
  readonly body: string;
  /** Where notes and refusals stand. */
  readonly path: string;
  readonly cells: { readonly [back in DialectName]?: Cell };
};

const verbs: { readonly [verdict in Cell[0]]: readonly string[] } = {
  '=': [],
  '~': ['changed'],
  E: ['emulated'],
  X: ['carried'],
  D: ['dropped'],
  '!': [],
};

const asked: Told = { turns: [{ user: 'hi' }] };
const weather = { name: 'weather', schema: { type: 'object' } };
const more = (front: DialectName, fields: object, told: Told = asked): string => tell(front, { ...told, more: fields });
const withTools = (front: DialectName, fields: object): string =>
  more(front, fields, { ...asked, tools: [weather, { name: 'other', schema: { type: 'object' } }] });
const claude = (content: readonly object[], fields: object = {}): string =>
  JSON.stringify({ model: 'm', max_tokens: 1000, messages: [{ role: 'user', content }], ...fields });
const claudeResult = (result: object): string =>
  JSON.stringify({
    model: 'm',
    max_tokens: 1000,
    tools: [{ name: 'w', input_schema: { type: 'object' } }],
    messages: [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'w', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', ...result }] },
    ],
  });
const part = (content: object): string => JSON.stringify({ model: 'm', messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }, content] }] });
const googlePart = (content: object): string => JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'hi' }, content] }] });

const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const hour = { cache_control: { type: 'ephemeral', ttl: '1h' } };
const cachePoint = '{"cachePoint":{"type":"default","ttl":"1h"}}';
const automatic: Row['cells'] = {
  'openai-chat': ['D', 'cache'],
  'openai-responses': ['D', 'cache'],
  gemini: ['D', 'cache'],
  cohere: ['D', 'cache'],
  ollama: ['D', 'cache'],
};
const everyOther = (front: DialectName, cell: Cell): Row['cells'] =>
  Object.fromEntries((Object.keys(plainAnswers) as DialectName[]).filter((name) => name !== front).map((name) => [name, cell]));

const rows: readonly Row[] = [
  { name: 'no temperature', front: 'openai-chat', path: 'temperature', body: more('openai-chat', {}), cells: everyOther('openai-chat', ['X', 'temperature']) },
  {
    name: 'a temperature of null, which is none',
    front: 'openai-chat',
    path: 'temperature',
    body: more('openai-chat', { temperature: null }),
    cells: everyOther('openai-chat', ['X', 'temperature']),
  },
  {
    name: 'a temperature of 0',
    front: 'openai-chat',
    path: 'temperature',
    body: more('openai-chat', { temperature: 0 }),
    cells: everyOther('openai-chat', ['=', '"temperature":0']),
  },
  {
    name: 'a temperature above 1',
    front: 'openai-chat',
    path: 'temperature',
    body: more('openai-chat', { temperature: 1.5 }),
    cells: {
      'openai-responses': ['=', '"temperature":1.5'],
      gemini: ['=', '"temperature":1.5'],
      ollama: ['=', '"temperature":1.5'],
      'anthropic-messages': ['!', 'at most 1'],
      cohere: ['!', 'at most 1'],
      'bedrock-converse': ['!', 'at most 1'],
    },
  },
  { name: 'two answers', front: 'openai-chat', path: 'n', body: more('openai-chat', { n: 2 }), cells: everyOther('openai-chat', ['!', 'one answer']) },
  { name: 'one answer', front: 'openai-chat', path: 'n', body: more('openai-chat', { n: 1 }), cells: everyOther('openai-chat', ['X', '"n":']) },
  {
    name: 'two candidates',
    front: 'gemini',
    path: 'generationConfig.candidateCount',
    body: more('gemini', { generationConfig: { candidateCount: 2 } }),
    cells: everyOther('gemini', ['!', 'one answer']),
  },
  {
    name: 'log probabilities',
    front: 'openai-chat',
    path: 'logprobs',
    body: more('openai-chat', { logprobs: true }),
    cells: { ...everyOther('openai-chat', ['!', 'log probabilities']), 'openai-responses': ['=', 'message.output_text.logprobs'] },
  },
  {
    name: 'no log probabilities',
    front: 'openai-chat',
    path: 'logprobs',
    body: more('openai-chat', { logprobs: false }),
    cells: everyOther('openai-chat', ['X', 'logprobs']),
  },
  {
    name: 'token biases',
    front: 'openai-chat',
    path: 'logit_bias',
    body: more('openai-chat', { logit_bias: { 5: 1 } }),
    cells: everyOther('openai-chat', ['!', 'tokenizer']),
  },
  ...(Object.keys(plainAnswers) as DialectName[]).map((front): Row => ({
    name: 'a field that nobody knows',
    front,
    path: 'x_new',
    body: more(front, { x_new: { deep: [1] } }),
    cells: everyOther(front, ['D', 'x_new']),
  })),
  {
    name: 'a cached system text',
    front: 'anthropic-messages',
    path: 'system[0].cache_control',
    body: claude([{ type: 'text', text: 'hi' }], { system: [{ type: 'text', text: 'S', ...hour }] }),
    cells: { ...automatic, 'bedrock-converse': ['=', `"system":[{"text":"S"},${cachePoint}]`] },
  },
  {
    name: 'a cached tool',
    front: 'anthropic-messages',
    path: 'tools[0].cache_control',
    body: claude([{ type: 'text', text: 'hi' }], { tools: [{ name: 'w', input_schema: { type: 'object' }, ...hour }] }),
    cells: { ...automatic, 'bedrock-converse': ['=', `}}},${cachePoint}]`] },
  },
  {
    name: 'a cached image',
    front: 'anthropic-messages',
    path: 'messages[0].content[0].cache_control',
    body: claude([{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: png }, ...hour }]),
    cells: { ...automatic, 'bedrock-converse': ['=', `"bytes":"${png}"}}},${cachePoint}]`] },
  },
  {
    name: 'a cached result',
    front: 'anthropic-messages',
    path: 'messages[2].content[0].cache_control',
    body: claudeResult({ content: 'x', ...hour }),
    cells: { ...automatic, 'bedrock-converse': ['=', `[{"text":"x"}]}},${cachePoint}]`] },
  },
  {
    name: 'a conversation cached as a whole',
    front: 'anthropic-messages',
    path: 'cache_control',
    body: claude([{ type: 'text', text: 'hi' }], hour),
    cells: { ...automatic, 'bedrock-converse': ['E', `{"text":"hi"},${cachePoint}`] },
  },
  {
    name: 'a cache point of an hour',
    front: 'bedrock-converse',
    path: 'messages[0].content[1].cachePoint',
    body: JSON.stringify({ messages: [{ role: 'user', content: [{ text: 'hi' }, { cachePoint: { type: 'default', ttl: '1h' } }] }] }),
    cells: { ...automatic, 'anthropic-messages': ['=', '"cache_control":{"type":"ephemeral","ttl":"1h"}'] },
  },
  {
    name: 'a cache breakpoint of half a day',
    front: 'openai-chat',
    path: 'messages[0].content[1].prompt_cache_breakpoint',
    body: part({ type: 'text', text: 'x', prompt_cache_breakpoint: { mode: 'explicit', ttl: '12h' } }),
    cells: {
      ...everyOther('openai-chat', ['D', 'cache_breakpoint']),
      'anthropic-messages': ['~', '"cache_control":{"type":"ephemeral","ttl":"1h"}'],
      'bedrock-converse': ['~', cachePoint],
    },
  },
  {
    name: 'a PDF',
    front: 'anthropic-messages',
    path: 'messages[0].content[0]',
    body: claude([{ type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0xLjQK' } }]),
    cells: {
      'openai-chat': ['~', 'data:application/pdf;base64,JVBERi0xLjQK'],
      'openai-responses': ['~', 'data:application/pdf;base64,JVBERi0xLjQK'],
      gemini: ['=', '"inlineData":{"mimeType":"application/pdf","data":"JVBERi0xLjQK"}'],
      'bedrock-converse': ['~', '"document":{"format":"pdf","name":"document","source":{"bytes":"JVBERi0xLjQK"}}'],
      cohere: ['!', 'text only'],
      ollama: ['!', 'no documents'],
    },
  },
  {
    name: 'a PDF by its address',
    front: 'anthropic-messages',
    path: 'messages[0].content[0]',
    body: claude([{ type: 'document', source: { type: 'url', url: 'https://example.com/a.pdf' } }]),
    cells: {
      'openai-chat': ['!', 'by its address'],
      'openai-responses': ['=', '"file_url":"https://example.com/a.pdf"'],
      gemini: ['=', '"fileUri":"https://example.com/a.pdf"'],
      'bedrock-converse': ['!', 'by its address'],
      cohere: ['!', 'text only'],
      ollama: ['!', 'no documents'],
    },
  },
  {
    name: 'audio',
    front: 'openai-chat',
    path: 'messages[0].content[1]',
    body: part({ type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } }),
    cells: {
      ...everyOther('openai-chat', ['!', 'audio']),
      gemini: ['=', '"inlineData":{"mimeType":"audio/wav","data":"AAAA"}'],
      'bedrock-converse': ['=', '"audio":{"format":"wav","source":{"bytes":"AAAA"}}'],
    },
  },
  {
    name: 'video',
    front: 'gemini',
    path: 'contents[0].parts[1]',
    body: googlePart({ inlineData: { mimeType: 'video/mp4', data: 'AAAA' } }),
    cells: everyOther('gemini', ['!', 'video']),
  },
  {
    name: 'an uploaded file of another account',
    front: 'openai-chat',
    path: 'messages[0].content[1]',
    body: part({ type: 'file', file: { file_id: 'file-1' } }),
    cells: { ...everyOther('openai-chat', ['!', 'another provider']), cohere: ['!', 'text only'], ollama: ['!', 'no documents'] },
  },
  {
    name: 'an image in a result',
    front: 'anthropic-messages',
    path: 'messages[2].content[0]',
    body: claudeResult({ content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } }] }),
    cells: {
      'openai-chat': [
        'E',
        `"role":"user","content":[{"type":"text","text":"[tool result media for t1]"},{"type":"image_url","image_url":{"url":"data:image/png;base64,${png}"`,
      ],
      'openai-responses': ['=', `"output":[{"type":"input_image","image_url":"data:image/png;base64,${png}"`],
      gemini: ['=', `"parts":[{"inlineData":{"mimeType":"image/png","data":"${png}"}}]`],
      cohere: ['E', `"[tool result media for t1]"},{"type":"image_url","image_url":{"url":"data:image/png;base64,${png}"`],
      ollama: ['E', `"content":"[tool result media for t1]","images":["${png}"]`],
      'bedrock-converse': ['=', `"toolResult":{"toolUseId":"t1","content":[{"image":{"format":"png","source":{"bytes":"${png}"}}}]}`],
    },
  },
  {
    name: 'a result that is an error',
    front: 'anthropic-messages',
    path: 'messages[2].content[0].is_error',
    body: claudeResult({ content: 'no such city', is_error: true }),
    cells: {
      ...everyOther('anthropic-messages', ['E', '"{\\"error\\":\\"no such city\\"}"']),
      gemini: ['=', '"response":{"error":"no such city"}'],
      'bedrock-converse': ['=', '"status":"error"'],
    },
  },
  {
    name: 'stop strings',
    front: 'anthropic-messages',
    path: 'stop_sequences',
    body: claude([{ type: 'text', text: 'hi' }], { stop_sequences: ['a', 'b', 'c', 'd', 'e'] }),
    cells: {
      'openai-chat': ['E', '"stop":["a","b","c","d"]'],
      'openai-responses': ['E', '"input"'],
      gemini: ['=', '"stopSequences":["a","b","c","d","e"]'],
      cohere: ['=', '"stop_sequences":["a","b","c","d","e"]'],
      ollama: ['=', '"stop":["a","b","c","d","e"]'],
      'bedrock-converse': ['=', '"stopSequences":["a","b","c","d","e"]'],
    },
  },
  {
    name: 'the choice of one tool',
    front: 'openai-chat',
    path: 'tool_choice',
    body: withTools('openai-chat', { tool_choice: { type: 'function', function: { name: 'weather' } } }),
    cells: {
      'openai-responses': ['=', '"tool_choice":{"type":"function","name":"weather"}'],
      'anthropic-messages': ['=', '"tool_choice":{"type":"tool","name":"weather"}'],
      gemini: ['=', '{"mode":"ANY","allowedFunctionNames":["weather"]}'],
      cohere: ['E', '"tool_choice":"REQUIRED"'],
      // On Ollama the answer must be the arguments: forced-call.test.ts.
      'bedrock-converse': ['=', '"toolChoice":{"tool":{"name":"weather"}}'],
    },
  },
  {
    name: 'that no tool is called',
    front: 'openai-chat',
    path: 'tool_choice',
    body: withTools('openai-chat', { tool_choice: 'none' }),
    cells: {
      'openai-responses': ['=', '"tool_choice":"none"'],
      'anthropic-messages': ['=', '"tool_choice":{"type":"none"}'],
      gemini: ['=', '"mode":"NONE"'],
      cohere: ['=', '"tool_choice":"NONE"'],
      ollama: ['E', '"messages"'],
      'bedrock-converse': ['E', '"messages"'],
    },
  },
  {
    name: 'that calls come one by one',
    front: 'openai-chat',
    path: 'parallel_tool_calls',
    body: withTools('openai-chat', { parallel_tool_calls: false }),
    cells: {
      ...everyOther('openai-chat', ['D', 'parallel']),
      'openai-responses': ['=', '"parallel_tool_calls":false'],
      'anthropic-messages': ['=', '"tool_choice":{"type":"auto","disable_parallel_tool_use":true}'],
    },
  },
  {
    name: 'a tool of free text in a grammar',
    front: 'openai-chat',
    path: 'tools[0]',
    body: more('openai-chat', {
      tools: [{ type: 'custom', custom: { name: 'sh', format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'start: "a"' } } } }],
    }),
    cells: {
      ...everyOther('openai-chat', ['E', 'lark grammar:\\nstart: \\"a\\"']),
      'openai-responses': ['=', '"format":{"type":"grammar","syntax":"lark","definition":"start: \\"a\\""}'],
    },
  },
  {
    name: 'a tool that the provider runs',
    front: 'anthropic-messages',
    path: 'tools[0]',
    body: claude([{ type: 'text', text: 'hi' }], { tools: [{ type: 'web_search_20260318', name: 'web_search' }] }),
    cells: everyOther('anthropic-messages', ['!', 'tools[0]']),
  },
  {
    name: 'citations of a document',
    front: 'anthropic-messages',
    path: 'messages[0].content[0].citations',
    body: claude([
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'x' }, citations: { enabled: true } },
      { type: 'text', text: 'q' },
    ]),
    cells: {
      ...everyOther('anthropic-messages', ['D', 'citations']),
      cohere: ['=', '"documents":[{"data":{"text":"x"}}]'],
      'bedrock-converse': ['=', '"citations":{"enabled":true}'],
    },
  },
  {
    name: 'top_k',
    front: 'anthropic-messages',
    path: 'top_k',
    body: claude([{ type: 'text', text: 'hi' }], { top_k: 5 }),
    cells: {
      'openai-chat': ['D', 'top_k'],
      'openai-responses': ['D', 'top_k'],
      gemini: ['=', '"topK":5'],
      cohere: ['=', '"k":5'],
      ollama: ['=', '"top_k":5'],
      'bedrock-converse': ['~', '"additionalModelRequestFields":{"top_k":5}'],
    },
  },
  {
    name: 'a conversation that the provider keeps',
    front: 'openai-responses',
    path: 'previous_response_id',
    body: more('openai-responses', { previous_response_id: 'resp_1' }),
    cells: everyOther('openai-responses', ['!', 'previous_response_id']),
  },
  {
    name: 'a system message in the middle',
    front: 'openai-chat',
    path: 'messages[2]',
    body: more('openai-chat', {}, { turns: [{ user: 'one' }, { assistant: 'two' }, { system: 'three' }, { user: 'four' }] }),
    cells: {
      'openai-responses': ['=', '"role":"system","content":"three"'],
      cohere: ['=', '{"role":"system","content":"three"}'],
      ollama: ['=', '{"role":"system","content":"three"}'],
      'anthropic-messages': ['E', '<system>\\nthree\\n</system>'],
      gemini: ['E', '<system>\\nthree\\n</system>'],
      'bedrock-converse': ['E', '<system>\\nthree\\n</system>'],
    },
  },
  {
    name: 'a system message of which nothing is left',
    front: 'bedrock-converse',
    path: 'messages[2].content[0]',
    body: JSON.stringify({
      messages: [
        { role: 'user', content: [{ text: 'hi' }] },
        { role: 'assistant', content: [{ text: 'yes' }] },
        { role: 'system', content: [{ toolAddition: { tool: { name: 'w' } } }] },
        { role: 'user', content: [{ text: 'go' }] },
      ],
    }),
    cells: everyOther('bedrock-converse', ['D', '"content":[]']),
  },
  {
    name: 'how much is said',
    front: 'openai-chat',
    path: 'verbosity',
    body: more('openai-chat', { verbosity: 'low' }),
    cells: { ...everyOther('openai-chat', ['D', 'verbosity']), 'openai-responses': ['=', '"text":{"verbosity":"low"}'] },
  },
  {
    name: 'a key for caching',
    front: 'openai-chat',
    path: 'prompt_cache_key',
    body: more('openai-chat', { prompt_cache_key: 'k' }),
    cells: { ...everyOther('openai-chat', ['D', 'prompt_cache_key']), 'openai-responses': ['=', '"prompt_cache_key":"k"'] },
  },
  {
    name: 'thinking of which only the signature is left',
    front: 'anthropic-messages',
    path: 'messages[1].content[0]',
    body: thoughtBy([{ type: 'thinking', thinking: '', signature: 'c2ln' }]),
    cells: everyOther('anthropic-messages', ['D', 'c2ln']),
  },
  {
    name: 'thinking that is kept secret',
    front: 'anthropic-messages',
    path: 'messages[1].content[0]',
    body: thoughtBy([{ type: 'redacted_thinking', data: 'c2Vj' }]),
    cells: everyOther('anthropic-messages', ['D', 'c2Vj']),
  },
];

function thoughtBy(thinking: readonly object[]): string {
  return JSON.stringify({
    model: 'm',
    max_tokens: 1000,
    messages: [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: [...thinking, { type: 'text', text: 'a' }] },
      { role: 'user', content: 'go' },
    ],
  });
}

for (const { name, front, body, path, cells } of rows) {
  describe(`${name}, from ${front}`, () => {
    for (const [back, cell] of Object.entries(cells) as [DialectName, Cell][]) {
      const [verdict, text] = cell;
      test(`to ${back}: ${verdict}`, async () => {
        const outcome = await callPair({ front, back, body, answer: plainAnswers[back] });
        if (verdict === '!') {
          assert.equal(outcome.sent.length, 0);
          assert.equal(outcome.error?.status, 400);
          assert.equal(outcome.error.param, path);
          assert.ok(outcome.error.message.includes(text), outcome.error.message);
          return;
        }
        assert.equal(outcome.error, undefined, outcome.error?.message);
        const [sent = ''] = outcome.sent;
        const isGone = verdict === 'D' || verdict === 'X';
        assert.equal(sent.includes(text), !isGone, sent);
        const notes = outcome.notes.filter((note) => note.endsWith(` ${path}`)).map((note) => note.slice(0, note.indexOf(' ')));
        assert.deepEqual(verdict === 'X' ? [] : notes, verbs[verdict === 'X' ? '=' : verdict]);
        if (verdict === '=')
          assert.deepEqual(
            outcome.notes.filter((note) => note.startsWith('dropped')),
            [],
          );
      });
    }
  });
}
