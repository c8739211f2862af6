import { allBuckets, answer, cached, chunks, counts, done, entire, plain, reasoned, thought, thoughtPieces, type ProviderShape } from './shape.ts';

const groqHead = {
  id: 'chatcmpl-b1f0c9d8',
  object: 'chat.completion.chunk',
  created: 1_793_000_010,
  model: 'openai/gpt-oss-120b',
  system_fingerprint: 'fp_3d587a02fb',
};
const groqUsage = {
  queue_time: 0.04,
  prompt_tokens: 120,
  prompt_time: 0.01,
  completion_tokens: 50,
  completion_time: 0.1,
  total_tokens: 170,
  total_time: 0.11,
  ...cached,
  ...reasoned,
};
const groqChunk = chunks(groqHead, { logprobs: null, finish_reason: null });

/** `reasoning` with a channel; usage under x_groq, when it is not asked for. */
const groq: ProviderShape = {
  names: ['groq'],
  stream: [
    groqChunk({ role: 'assistant', content: null }, {}, { x_groq: { id: 'req_01k' } }),
    ...thoughtPieces.map((text) => groqChunk({ reasoning: text, channel: 'analysis' })),
    groqChunk({ tool_calls: [entire('fc_4a5b6c7d', { index: 0 })] }),
    groqChunk({}, { finish_reason: 'tool_calls' }, { x_groq: { id: 'req_01k', usage: groqUsage } }),
    done,
  ],
  whole: answer(groqHead, { reasoning: thought, tool_calls: [entire('fc_4a5b6c7d')] }, { usage: groqUsage, usage_breakdown: null, x_groq: { id: 'req_01k' } }),
  id: 'fc_4a5b6c7d',
  usage: allBuckets,
  returns: { call: 'reasoning' },
};

const mistralHead = { id: 'e5cc70bb28c444948073e77776eb30ef', object: 'chat.completion.chunk', created: 1_793_000_011, model: 'magistral-medium-latest' };
const mistralChunk = chunks(mistralHead, { finish_reason: null });
const thinkingPart = (text: string): object => ({ content: [{ type: 'thinking', thinking: [{ type: 'text', text }] }] });

/** Thinking as a part of the content; ids of nine letters; usage unasked on the last chunk. */
const mistral: ProviderShape = {
  names: ['mistral'],
  stream: [
    mistralChunk({ role: 'assistant', content: '' }),
    ...thoughtPieces.map((text) => mistralChunk(thinkingPart(text))),
    mistralChunk(
      { content: '', tool_calls: [{ id: 'D681PevKs', function: { name: 'weather', arguments: '{"city": "巴黎"}' }, index: 0 }] },
      { finish_reason: 'tool_calls' },
      { usage: counts },
    ),
    done,
  ],
  whole: answer(
    mistralHead,
    { ...thinkingPart(thought), tool_calls: [{ id: 'D681PevKs', function: { name: 'weather', arguments: '{"city": "巴黎"}' } }], prefix: false },
    { usage: counts },
  ),
  id: 'D681PevKs',
  usage: { input: 120, output: 50 },
};

const routerHead = { id: 'gen-1793000012-x', provider: 'Fireworks', model: 'z-ai/glm-5.3', object: 'chat.completion.chunk', created: 1_793_000_012 };
const routerUsage = { ...counts, cost: 0.00012, is_byok: false, ...cached, ...reasoned };
const routerChunk = chunks(routerHead, { finish_reason: null, native_finish_reason: null, logprobs: null });
const detail = (text: string): object => ({ type: 'reasoning.text', text, format: 'unknown', index: 0 });
const comment = ': OPENROUTER PROCESSING\n\n';

/** Comments while it waits; the thinking twice, plain and as details; usage in a chunk whose choice is empty. */
const openrouter: ProviderShape = {
  names: ['openrouter'],
  stream: [
    comment,
    comment,
    ...thoughtPieces.map((text) => routerChunk({ role: 'assistant', content: '', reasoning: text, reasoning_details: [detail(text)] })),
    routerChunk({ role: 'assistant', content: null, tool_calls: [entire('call_0r1s2t3u', { index: 0 })] }),
    routerChunk({ role: 'assistant', content: '' }, { finish_reason: 'tool_calls', native_finish_reason: 'tool_calls' }),
    routerChunk({ role: 'assistant', content: '' }, {}, { usage: routerUsage }),
    done,
  ],
  whole: answer(
    routerHead,
    { content: '', refusal: null, reasoning: thought, reasoning_details: [detail(thought)], tool_calls: [entire('call_0r1s2t3u', { index: 0 })] },
    { usage: routerUsage },
    { native_finish_reason: 'tool_calls' },
  ),
  id: 'call_0r1s2t3u',
  usage: allBuckets,
};

const geminiHead = { id: 'bJ4xaeH1K6', object: 'chat.completion.chunk', created: 1_793_000_013, model: 'gemini-3.8-flash' };
const geminiCall = entire('function-call-1234567890', { extra_content: { google: { thought_signature: 'c2lnbmF0dXJl' } } });

/** Calls come whole with a signature beside; finish reason `stop` all the same; usage on every chunk. */
const google: ProviderShape = {
  names: ['google'],
  stream: [
    chunks(geminiHead)({ role: 'assistant', tool_calls: [{ ...geminiCall, index: 0 }] }, {}, { usage: counts }),
    chunks(geminiHead)({ role: 'assistant' }, { finish_reason: 'stop' }, { usage: counts }),
    done,
  ],
  whole: answer(geminiHead, { tool_calls: [geminiCall] }, { usage: counts }, { finish_reason: 'stop' }),
  thinks: false,
  id: 'function-call-1234567890',
  usage: { input: 120, output: 50 },
};

export const westernShapes: readonly ProviderShape[] = [
  groq,
  mistral,
  openrouter,
  google,
  /** Thinking is counted beside the completion, not in it. */
  {
    names: ['xai'],
    ...plain({
      id: 'call_48392017',
      usage: {
        prompt_tokens: 120,
        completion_tokens: 20,
        total_tokens: 170,
        prompt_tokens_details: { text_tokens: 120, audio_tokens: 0, image_tokens: 0, cached_tokens: 100 },
        ...reasoned,
        num_sources_used: 0,
      },
    }),
    usage: allBuckets,
  },
  /** Every choice has a text of its own. */
  {
    names: ['together'],
    ...plain({
      id: 'call_qv6x',
      choice: { text: '', logprobs: null, finish_reason: null, seed: null },
      usage: { ...counts, cached_tokens: 100 },
      field: 'reasoning',
    }),
    usage: { input: 20, cacheRead: 100, output: 50 },
  },
  { names: ['fireworks'], ...plain({ id: 'call_fW1a2b3c', usage: { ...counts, ...cached }, alone: false }), usage: { input: 20, cacheRead: 100, output: 50 } },
];
