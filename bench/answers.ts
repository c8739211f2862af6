/** What the mock upstream says, made once at its start: whole answers of about 1 KB and streams of 104 events in each dialect. */

/** Events of one stream, the terminator included; one fewer from openai-chat when the usage was not asked for. */
export const streamEvents = 104;

const created = 1_790_000_000;
const words = ['The', ' relay', ' passes', ' bytes', ' as', ' they', ' come', ',', ' and', ' reads', ' them', ' on', ' the', ' side', '.'];
const paragraph = `${words.join('')} `.repeat(9).trim();

function word(index: number): string {
  return words[index % words.length] ?? '';
}

export function openaiWhole(): string {
  return JSON.stringify({
    id: 'chatcmpl-CbenchBenchBenchBenchBench',
    object: 'chat.completion',
    created,
    model: 'gpt-bench-2026-09-01',
    choices: [{ index: 0, message: { role: 'assistant', content: paragraph, refusal: null, annotations: [] }, logprobs: null, finish_reason: 'stop' }],
    usage: {
      prompt_tokens: 220,
      completion_tokens: 110,
      total_tokens: 330,
      prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
    },
    service_tier: 'default',
    system_fingerprint: 'fp_bench0bench0',
  });
}

export function anthropicWhole(): string {
  return JSON.stringify({
    model: 'claude-bench-20260901',
    id: 'msg_01BenchBenchBenchBenchBench',
    type: 'message',
    role: 'assistant',
    content: [{ type: 'text', text: paragraph }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: {
      input_tokens: 220,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
      output_tokens: 110,
      service_tier: 'standard',
    },
  });
}

export function openaiEvents(withUsage: boolean): readonly string[] {
  const head = {
    id: 'chatcmpl-CbenchBenchBenchBenchBench',
    object: 'chat.completion.chunk',
    created,
    model: 'gpt-bench-2026-09-01',
    service_tier: 'default',
    system_fingerprint: 'fp_bench0bench0',
  };
  const usageField = withUsage ? { usage: null } : {};
  let padded = 0;
  // Of another length each time, as OpenAI's.
  const obfuscation = (): string => 'x4KqZ9aLmPw7Rt'.slice(0, 1 + ((padded += 5) % 14));
  const chunk = (delta: object, finish: string | null): string =>
    `data: ${JSON.stringify({ ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }], ...usageField, obfuscation: obfuscation() })}\n\n`;
  const usage = {
    prompt_tokens: 220,
    completion_tokens: 100,
    total_tokens: 320,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0 },
  };
  return [
    chunk({ role: 'assistant', content: '', refusal: null }, null),
    ...Array.from({ length: 100 }, (_, index) => chunk({ content: word(index) }, null)),
    chunk({}, 'stop'),
    ...(withUsage ? [`data: ${JSON.stringify({ ...head, choices: [], usage })}\n\n`] : []),
    'data: [DONE]\n\n',
  ];
}

export function anthropicEvents(): readonly string[] {
  const event = (data: { readonly type: string; readonly [field: string]: unknown }): string => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
  const usage = { input_tokens: 220, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 1, service_tier: 'standard' };
  return [
    event({
      type: 'message_start',
      message: {
        model: 'claude-bench-20260901',
        id: 'msg_01BenchBenchBenchBenchBench',
        type: 'message',
        role: 'assistant',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage,
      },
    }),
    event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
    event({ type: 'ping' }),
    ...Array.from({ length: 98 }, (_, index) => event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: word(index) } })),
    event({ type: 'content_block_stop', index: 0 }),
    event({ type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { ...usage, output_tokens: 100 } }),
    event({ type: 'message_stop' }),
  ];
}
