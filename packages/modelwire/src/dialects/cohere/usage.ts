import type { Context } from '../../core/dialect.ts';
import type { RawJson, Usage } from '../../core/ir.ts';
import { printObject, printOptional } from '../../core/json-print.ts';
import { isObject, type JsonObject } from '../../core/json-text.ts';
import { isOwn } from './wire.ts';

type Lost = Context['ledger']['lost'];

const mostTokens = 1e12;

/** Usage in disjoint buckets; undefined when the provider gave no number that can be believed. What is billed stands in `raw`. */
export function decodeUsage(value: unknown, lost: Lost): Usage | undefined {
  if (!isObject(value)) return undefined;
  const count = (object: JsonObject, key: string, path: string): number | undefined => {
    const number = object[key];
    if (number === undefined || number === null) return undefined;
    if (typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= mostTokens) return number;
    lost(`usage.${path}`, 'the number cannot be believed');
    return undefined;
  };
  // The tokens that were read and written; a server that does not tell them may tell those that are billed.
  const place = isObject(value['tokens']) ? 'tokens' : 'billed_units';
  const tokens = isObject(value[place]) ? value[place] : {};
  const input = count(tokens, 'input_tokens', `${place}.input_tokens`);
  const output = count(tokens, 'output_tokens', `${place}.output_tokens`);
  if (input === undefined && output === undefined) return undefined;
  const cacheRead = count(value, 'cached_tokens', 'cached_tokens');
  if ((cacheRead ?? 0) > (input ?? 0)) lost(`usage.${place}.input_tokens`, 'its parts are more than the whole');
  return {
    input: Math.max(0, (input ?? 0) - (cacheRead ?? 0)),
    ...(cacheRead === undefined ? {} : { cacheRead }),
    output: output ?? 0,
    raw: JSON.stringify(value),
  };
}

/** The usage in Cohere's counts: the provider's own object where it is of this format. */
export function printUsage(usage: Usage, context: Context): RawJson {
  if (isOwn(context) && usage.raw !== undefined) return usage.raw;
  const { input, cacheRead = 0, cacheWrite = 0, inputAudio = 0, toolPrompt = 0, output, reasoning = 0, outputAudio = 0 } = usage;
  loseParts(usage, context);
  const counts = printObject([
    ['input_tokens', String(input + cacheRead + cacheWrite + inputAudio + toolPrompt)],
    ['output_tokens', String(output + reasoning + outputAudio)],
  ]);
  // Others bill what they read and write.
  return printObject([
    ['billed_units', counts],
    ['tokens', counts],
    ['cached_tokens', printOptional(usage.cacheRead)],
  ]);
}

const uncounted = ['cacheWrite', 'inputAudio', 'toolPrompt', 'reasoning', 'outputAudio'] as const;

function loseParts(usage: Usage, { ledger }: Context): void {
  for (const part of uncounted) if ((usage[part] ?? 0) > 0) ledger.lost(`usage.${part}`, 'it is counted with the rest');
  if (Object.values(usage.cacheWriteTtl ?? {}).some((tokens) => tokens > 0)) ledger.lost('usage.cacheWriteTtl', 'how long what was cached lives has no place');
}
