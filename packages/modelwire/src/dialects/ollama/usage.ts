import type { Context } from '../../core/dialect.ts';
import type { Usage } from '../../core/ir.ts';
import type { Entry } from '../../core/json-print.ts';
import type { JsonObject } from '../../core/json-text.ts';

type Ledger = Pick<Context['ledger'], 'lost' | 'note'>;

const mostTokens = 1e12;

/** Usage in disjoint buckets; undefined when the provider gave no number that can be believed. */
export function decodeUsage(answer: JsonObject, ledger: Ledger): Usage | undefined {
  const count = (key: string): number | undefined => {
    const number = answer[key];
    if (number === undefined || number === null) return undefined;
    if (typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= mostTokens) return number;
    ledger.lost(key, 'the number cannot be believed');
    return undefined;
  };
  const input = count('prompt_eval_count');
  const output = count('eval_count');
  if (input === undefined && output === undefined) return undefined;
  // A count of nothing is left out: the prompt was still in memory, or the answer is empty.
  if (input === undefined) ledger.note('changed', 'prompt_eval_count', 'the prompt was not counted, which is told as 0 tokens');
  return { input: input ?? 0, output: output ?? 0 };
}

/** The two counts that Ollama has. What others count apart is within them. */
export function usageEntries(usage: Usage | undefined, { ledger }: Context): { readonly input: Entry[]; readonly output: Entry[] } {
  if (usage === undefined) return { input: [], output: [] };
  const { input, cacheRead, cacheWrite, cacheWriteTtl, inputAudio, toolPrompt, output, reasoning, outputAudio } = usage;
  const apart: readonly (readonly [name: string, tokens: number | undefined, what: string])[] = [
    ['usage.cacheRead', cacheRead, 'what was read from the cache'],
    ['usage.cacheWrite', cacheWrite, 'what was written to the cache'],
    ['usage.inputAudio', inputAudio, 'audio'],
    ['usage.toolPrompt', toolPrompt, 'what tools gave the model to read'],
    ['usage.reasoning', reasoning, 'thinking'],
    ['usage.outputAudio', outputAudio, 'audio'],
  ];
  for (const [name, tokens, what] of apart) if ((tokens ?? 0) > 0) ledger.lost(name, `${what} is not counted apart`);
  if (Object.values(cacheWriteTtl ?? {}).some((tokens) => tokens > 0)) ledger.lost('usage.cacheWriteTtl', 'how long what was cached lives has no place');
  const read = input + (cacheRead ?? 0) + (cacheWrite ?? 0) + (inputAudio ?? 0) + (toolPrompt ?? 0);
  const written = output + (reasoning ?? 0) + (outputAudio ?? 0);
  return { input: [['prompt_eval_count', String(read)]], output: [['eval_count', String(written)]] };
}
