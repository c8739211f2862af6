/**
 * How each provider's answer to one question really looks over openai-chat: thinking, then a tool call, in its own oddities. Written by
 * hand from the providers' documents. The question is the weather in Paris, the answer a call of `weather` with {"city":"巴黎"}.
 */
export type ProviderShape = {
  /** The catalogue's entries that answer so. */
  readonly names: readonly string[];
  /** Instead of the default model of the first. */
  readonly model?: string;
  /** The stream: the data of each event; a string stands as it is, framing included. */
  readonly stream: readonly (object | string)[];
  readonly whole: object;
  /** The text before the call; none when absent. */
  readonly says?: string;
  /** `false`: the provider shows no thinking. */
  readonly thinks?: false;
  /** The call's id. */
  readonly id: string;
  /** What the answer cost, in disjoint buckets. */
  readonly usage: Buckets;
  /** The field that brings thinking back: of the message with the call, and of a message of text. Absent: it must not go back. */
  readonly returns?: { readonly call: string; readonly text?: string };
  /** What stands for thinking that is not there. */
  readonly placeholder?: string;
};

export type Buckets = { readonly input: number; readonly output: number; readonly cacheRead?: number; readonly reasoning?: number };

export const thought = '用户想知道巴黎的天气，要用工具。';
export const city = '{"city":"巴黎"}';
export const thoughtPieces = ['用户想知道', '巴黎的天气，', '要用工具。'];

export const done = 'data: [DONE]\n\n';
/** No provider's usage is like another's, but these numbers are the same in all: 120 in (100 of them cached), 50 out (30 of them thought). */
export const counts = { prompt_tokens: 120, completion_tokens: 50, total_tokens: 170 };
export const cached = { prompt_tokens_details: { cached_tokens: 100 } };
export const reasoned = { completion_tokens_details: { reasoning_tokens: 30 } };
export const allBuckets = { input: 20, cacheRead: 100, output: 20, reasoning: 30 };

export const entire = (id: string, more: object = {}): object => ({ id, type: 'function', function: { name: 'weather', arguments: city }, ...more });

/** Chunks of one answer: what they have in common, then a choice. */
export function chunks(head: object, choice: object = {}) {
  return (delta: object, more: object = {}, top: object = {}): object => ({ ...head, choices: [{ index: 0, delta, ...choice, ...more }], ...top });
}

export function answer(head: object, message: object, more: object = {}, choice: object = {}): object {
  return {
    ...head,
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: 'tool_calls', ...choice }],
    ...more,
  };
}

export type Plain = {
  readonly id: string;
  readonly head?: object;
  readonly choice?: object;
  readonly usage?: object;
  readonly alone?: boolean;
  readonly field?: string;
};

/** The ordinary shape of vLLM and its kin, with one oddity or the other. `alone`: usage comes in a chunk of its own. */
export function plain({
  id,
  head: more = {},
  choice = { logprobs: null, finish_reason: null },
  usage = { ...counts, ...cached, ...reasoned },
  alone = true,
  field = 'reasoning_content',
}: Plain): Pick<ProviderShape, 'stream' | 'whole' | 'id'> {
  const head = { id: 'chatcmpl-0a1b2c3d4e5f', object: 'chat.completion.chunk', created: 1_793_000_008, model: 'a-model', ...more };
  const chunk = chunks(head, choice);
  return {
    stream: [
      chunk({ role: 'assistant', content: '' }),
      ...(field === '' ? [] : thoughtPieces.map((text) => chunk({ [field]: text }))),
      chunk({ tool_calls: [{ index: 0, id, type: 'function', function: { name: 'weather', arguments: '' } }] }),
      ...['{"city": ', '"巴黎"}'].map((text) => chunk({ tool_calls: [{ index: 0, function: { arguments: text } }] })),
      chunk({ content: '' }, { finish_reason: 'tool_calls' }, alone ? {} : { usage }),
      ...(alone ? [{ ...head, choices: [], usage }] : []),
      done,
    ],
    whole: answer(
      head,
      {
        content: null,
        ...(field === '' ? {} : { [field]: thought }),
        tool_calls: [{ id, type: 'function', function: { name: 'weather', arguments: '{"city": "巴黎"}' } }],
      },
      { usage },
    ),
    id,
  };
}
