import { defined } from '../../core/defined.ts';
import type { RawJson, Usage } from '../../core/ir.ts';
import { isObject } from '../../core/json-text.ts';
import type { Lost } from './reading.ts';
import type { WireAnswer, WireChoice, WireUsage } from './wire.ts';

/** The usage object, wherever the provider put it. */
export function usageOf(answer: WireAnswer, choice: WireChoice | undefined): unknown {
  if (isObject(answer.usage)) return answer.usage;
  if (isObject(answer.x_groq) && isObject(answer.x_groq['usage'])) return answer.x_groq['usage'];
  return choice?.usage;
}

const mostTokens = 1e9;

/** Usage in disjoint buckets; undefined when the provider gave no number that can be believed. Nothing is invented, nothing negative. */
export function decodeUsage(given: unknown, raw: () => RawJson | undefined, lost: Lost): Usage | undefined {
  if (!isObject(given)) return undefined;
  const count = (value: unknown, path: string): number | undefined => {
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= mostTokens) return value;
    lost(`usage.${path}`, 'the number cannot be believed');
    return undefined;
  };
  const usage: WireUsage = given;
  const prompt = count(usage.prompt_tokens, 'prompt_tokens');
  const completion = count(usage.completion_tokens, 'completion_tokens');
  if (prompt === undefined && completion === undefined) return undefined;
  const input = isObject(usage.prompt_tokens_details) ? usage.prompt_tokens_details : {};
  const output = isObject(usage.completion_tokens_details) ? usage.completion_tokens_details : {};
  const cacheRead = count(input['cached_tokens'] ?? usage.prompt_cache_hit_tokens ?? usage.cached_tokens, 'prompt_tokens_details.cached_tokens');
  const cacheWrite = count(input['cache_write_tokens'] ?? input['cache_creation_input_tokens'], 'prompt_tokens_details.cache_write_tokens');
  const inputAudio = count(input['audio_tokens'], 'prompt_tokens_details.audio_tokens');
  const reasoning = count(output['reasoning_tokens'], 'completion_tokens_details.reasoning_tokens');
  const outputAudio = count(output['audio_tokens'], 'completion_tokens_details.audio_tokens');
  // xAI counts thinking beside the completion, not in it: the total tells.
  const isBeside = (reasoning ?? 0) > 0 && usage.total_tokens === (prompt ?? 0) + (completion ?? 0) + (reasoning ?? 0);
  return defined({
    input: rest(prompt, [cacheRead, cacheWrite, inputAudio], 'prompt_tokens', lost),
    cacheRead,
    cacheWrite,
    inputAudio,
    output: rest(completion, [isBeside ? 0 : reasoning, outputAudio], 'completion_tokens', lost),
    reasoning,
    outputAudio,
    raw: raw(),
  });
}

/** What is left of a total after its parts. */
function rest(total: number | undefined, parts: readonly (number | undefined)[], path: string, lost: Lost): number {
  if (total === undefined) lost(`usage.${path}`, 'the provider gave no number that can be believed');
  const left = parts.reduce<number>((sum, part) => sum - (part ?? 0), total ?? 0);
  if (left < 0 && total !== undefined) lost(`usage.${path}`, 'its parts are more than the whole');
  return Math.max(0, left);
}
