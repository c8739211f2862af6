import { defined } from '../../core/defined.ts';
import type { Context } from '../../core/dialect.ts';
import type { RawJson, Usage } from '../../core/ir.ts';
import { type Entry, printObject, printString } from '../../core/json-print.ts';
import { isObject, type JsonObject, type JsonText, parseJsonText } from '../../core/json-text.ts';
import { serviceTiers } from './verdicts-reply.ts';
import { isOwn } from './wire.ts';

type Lost = Context['ledger']['lost'];

const mostTokens = 1e12;

/** Usage in disjoint buckets; undefined when the provider gave no number that can be believed. Nothing is invented, nothing negative. */
export function decodeUsage(value: unknown, lost: Lost): Usage | undefined {
  if (!isObject(value)) return undefined;
  const count = (object: JsonObject, key: string): number | undefined => {
    const number = object[key];
    if (number === undefined || number === null) return undefined;
    if (typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= mostTokens) return number;
    lost(`usage.${key}`, 'the number cannot be believed');
    return undefined;
  };
  const rest = (total: number | undefined, parts: readonly (number | undefined)[], key: string): number => {
    if (total === undefined) lost(`usage.${key}`, 'the provider gave no number that can be believed');
    const left = parts.reduce<number>((sum, part) => sum - (part ?? 0), total ?? 0);
    if (left < 0 && total !== undefined) lost(`usage.${key}`, 'its parts are more than the whole');
    return Math.max(0, left);
  };
  const input = count(value, 'input_tokens');
  const output = count(value, 'output_tokens');
  if (input === undefined && output === undefined) return undefined;
  const inputs = isObject(value['input_tokens_details']) ? value['input_tokens_details'] : {};
  const outputs = isObject(value['output_tokens_details']) ? value['output_tokens_details'] : {};
  const cacheRead = count(inputs, 'cached_tokens');
  const cacheWrite = count(inputs, 'cache_write_tokens');
  const reasoning = count(outputs, 'reasoning_tokens');
  return defined({
    input: rest(input, [cacheRead, cacheWrite], 'input_tokens'),
    cacheRead,
    cacheWrite,
    cacheWriteTtl: ttlsOf(inputs['cache_write_tokens_details'], count),
    output: rest(output, [reasoning], 'output_tokens'),
    reasoning,
    raw: JSON.stringify(value),
  });
}

function ttlsOf(value: unknown, count: (object: JsonObject, key: string) => number | undefined): Usage['cacheWriteTtl'] {
  if (!isObject(value)) return undefined;
  const short = count(value, 'ttl_30m_tokens');
  const long = count(value, 'ttl_12h_tokens');
  return short === undefined || long === undefined ? undefined : { '30m': short, '12h': long };
}

/** With every key that the official type requires; a count that nobody gave is none. What only this format counts is kept. */
export function printUsage(usage: Usage, context: Context): RawJson {
  const input = usage.input + (usage.cacheRead ?? 0) + (usage.cacheWrite ?? 0) + (usage.inputAudio ?? 0) + (usage.toolPrompt ?? 0);
  const output = usage.output + (usage.reasoning ?? 0) + (usage.outputAudio ?? 0);
  const own = isOwn(context) && usage.raw !== undefined ? parseJsonText(usage.raw) : undefined;
  if (own === undefined) accountForUsage(usage, context);
  const details: Entry[] = [
    ['cached_tokens', String(usage.cacheRead ?? 0)],
    ['cache_write_tokens', String(usage.cacheWrite ?? 0)],
  ];
  const outputs: Entry[] = [['reasoning_tokens', String(usage.reasoning ?? 0)]];
  const entries: Entry[] = [
    ['input_tokens', String(input)],
    ['input_tokens_details', printObject(withOthers(details, own, ['input_tokens_details']))],
    ['output_tokens', String(output)],
    ['output_tokens_details', printObject(withOthers(outputs, own, ['output_tokens_details']))],
    ['total_tokens', String(input + output)],
  ];
  return printObject(withOthers(entries, own, []));
}

/** The entries, and what else stood at the place. */
function withOthers(entries: readonly Entry[], own: JsonText | undefined, at: readonly string[]): readonly Entry[] {
  const given = at.reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), own?.value);
  const others = isObject(given) ? Object.keys(given).filter((key) => !entries.some(([taken]) => taken === key)) : [];
  return [...entries, ...others.map((key): Entry => [key, own?.raw([...at, key])])];
}

/** Says what of the counts has no place in this format. */
function accountForUsage({ inputAudio, outputAudio, cacheWriteTtl }: Usage, { ledger }: Context): void {
  if ((inputAudio ?? 0) > 0) ledger.lost('usage.inputAudio', 'tokens of audio are not counted apart');
  if ((outputAudio ?? 0) > 0) ledger.lost('usage.outputAudio', 'tokens of audio are not counted apart');
  if (Object.values(cacheWriteTtl ?? {}).some((tokens) => tokens > 0)) ledger.lost('usage.cacheWriteTtl', 'how long what was cached lives has no place');
}

export function tierOf(tier: unknown): { serviceTier?: string } {
  return typeof tier === 'string' && tier !== '' ? { serviceTier: tier } : {};
}

/** Anthropic's `standard` is OpenAI's `default`; what has no equal is left out. */
export function printTier(tier: string | undefined, context: Context): RawJson | undefined {
  if (tier === undefined) return undefined;
  const word = tier === 'standard' ? 'default' : tier;
  if (isOwn(context) || serviceTiers.includes(word)) return printString(word);
  context.ledger.lost('service_tier', `"${tier.slice(0, 40)}" has no equal in this format`);
  return undefined;
}
