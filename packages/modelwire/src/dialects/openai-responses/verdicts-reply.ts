import {
  type Field,
  type Fields,
  flag,
  hint,
  implied,
  json,
  jsonLike,
  kept,
  list,
  object,
  required,
  tag,
  text,
  textLike,
  to,
  type Value,
  vendor,
  whole,
  wholeFrom,
  word,
} from '../../core/verdicts.ts';
import { outputItems } from './verdicts-items.ts';

/** What becomes of every field of an answer: see core/verdicts.ts. */

export const serviceTiers: readonly string[] = ['auto', 'default', 'flex', 'scale', 'priority', 'fast', 'ultrafast'];

const tokens = wholeFrom(0, 9999);
const total = wholeFrom(100_000, 1e6);
const counted = (name: string, value: Value = tokens): Field => required(to(`usage.${name}`, value));

export const usage = object({
  input_tokens: counted('input', total),
  input_tokens_details: required(
    to(
      'usage',
      object({
        cached_tokens: counted('cacheRead'),
        cache_write_tokens: counted('cacheWrite'),
        cache_write_tokens_details: to('usage', object({ ttl_30m_tokens: counted('cacheWriteTtl'), ttl_12h_tokens: counted('cacheWriteTtl') })),
      }),
    ),
  ),
  output_tokens: counted('output', total),
  output_tokens_details: required(to('usage', object({ reasoning_tokens: counted('reasoning') }))),
  total_tokens: required(implied(total)),
});

/** What the answer says again of its question: it goes back to its own dialect as it came, and is news to nobody. */
const asked: Fields = {
  background: kept(flag),
  conversation: kept(json),
  image: kept(json),
  instructions: required(kept(json)),
  max_output_tokens: kept(whole),
  max_tool_calls: kept(whole),
  metadata: required(kept(json)),
  parallel_tool_calls: required(kept(flag)),
  previous_response_id: kept(text),
  prompt: kept(json),
  prompt_cache_key: kept(text),
  prompt_cache_options: kept(json),
  prompt_cache_retention: kept(word(['in_memory', '24h'])),
  reasoning: kept(json),
  safety_identifier: kept(text),
  temperature: required(kept(whole)),
  text: kept(json),
  tool_choice: required(kept(json)),
  tools: required(kept(list(json))),
  top_logprobs: kept(tokens),
  top_p: required(kept(whole)),
  truncation: kept(word(['auto', 'disabled'])),
  user: kept(text),
  frequency_penalty: vendor(kept(whole)),
  presence_penalty: vendor(kept(whole)),
  store: vendor(kept(flag)),
};

/** Nothing failed: a null. */
const none = jsonLike(() => null);

export const incomplete = object({ reason: to('finish', word(['max_output_tokens', 'content_filter', 'max_messages', 'steered'])) });

export const reply = object({
  // An answer has an id and a time of its own in every format.
  id: required(implied(textLike((mark) => `resp_${mark}`))),
  object: tag('response'),
  created_at: required(implied(whole)),
  completed_at: kept(whole),
  status: to('finish', word(['completed', 'incomplete', 'failed', 'cancelled', 'queued', 'in_progress'], 'incomplete')),
  error: required(implied(none)),
  incomplete_details: required(to('finish', incomplete)),
  model: required(to('model', text)),
  output: required(to('blocks', list(outputItems))),
  // The official library puts it there itself.
  output_text: implied(text),
  service_tier: to('serviceTier', word(serviceTiers, 'flex')),
  usage: to('usage', usage),
  access_programs: required(kept(json)),
  input_transformations: hint(undefined, list(json)),
  moderation: hint(undefined, json),
  prompt_cache_diagnostics: hint(undefined, json),
  tool_usage: hint(undefined, json),
  billing: vendor(kept(json)),
  ...asked,
});
