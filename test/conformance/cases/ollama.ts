import { png, user, weather, type RequestCase, type ReplyCase } from './case.ts';

function ollama(name: string, body: object): RequestCase {
  return { front: 'ollama', name, body: JSON.stringify({ model: 'm', messages: [user], stream: false, ...body }) };
}

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

export const ollamaRequests: readonly RequestCase[] = [
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
];

export const ollamaReplies: readonly ReplyCase[] = [
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
];
