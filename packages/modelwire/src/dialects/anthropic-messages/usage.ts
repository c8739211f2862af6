import { defined } from '../../core/defined.ts';
import type { Context } from '../../core/dialect.ts';
import type { RawJson, Usage } from '../../core/ir.ts';
import { type Entry, printObject, printOptional } from '../../core/json-print.ts';
import { isObject, type JsonObject } from '../../core/json-text.ts';
import { serviceTiers } from './verdicts.ts';
import { isOwn } from './wire.ts';

type Lost = Context['ledger']['lost'];

const mostTokens = 1e12;

/** Usage in disjoint buckets; undefined when the provider gave no number that can be believed. */
export function decodeUsage(value: unknown, lost: Lost): Usage | undefined {
  if (!isObject(value)) return undefined;
  const count = (object: JsonObject, key: string): number | undefined => {
    const number = object[key];
    if (number === undefined || number === null) return undefined;
    if (typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= mostTokens) return number;
    lost(`usage.${key}`, 'the number cannot be believed');
    return undefined;
  };
  const input = count(value, 'input_tokens');
  const output = count(value, 'output_tokens');
  if (input === undefined && output === undefined) return undefined;
  const cacheRead = count(value, 'cache_read_input_tokens');
  const cacheWrite = count(value, 'cache_creation_input_tokens');
  const thinking = isObject(value['output_tokens_details']) ? count(value['output_tokens_details'], 'thinking_tokens') : undefined;
  const reasoning = thinking === undefined || thinking > (output ?? 0) ? undefined : thinking;
  return defined({
    input: input ?? 0,
    cacheRead,
    cacheWrite,
    cacheWriteTtl: ttlsOf(value['cache_creation']),
    output: (output ?? 0) - (reasoning ?? 0),
    reasoning,
    raw: JSON.stringify(value),
  });
}

function ttlsOf(value: unknown): Usage['cacheWriteTtl'] {
  if (!isObject(value)) return undefined;
  const { ephemeral_5m_input_tokens: short, ephemeral_1h_input_tokens: long } = value;
  return typeof short === 'number' && typeof long === 'number' ? { '5m': short, '1h': long } : undefined;
}

export function tierOf(usage: unknown): { serviceTier?: string } {
  return isObject(usage) && typeof usage['service_tier'] === 'string' ? { serviceTier: usage['service_tier'] } : {};
}

/** Audio is counted with the rest: how much of it there was has no place. */
function loseAudio(usage: Usage | undefined, { ledger }: Context): void {
  if ((usage?.inputAudio ?? 0) > 0) ledger.lost('usage.inputAudio', 'tokens of audio are not counted apart');
  if ((usage?.outputAudio ?? 0) > 0) ledger.lost('usage.outputAudio', 'tokens of audio are not counted apart');
}

/** The counts that a whole answer's usage and a stream's last usage share. */
export function usageEntries(usage: Usage | undefined, context: Context): Entry[] {
  loseAudio(usage, context);
  const { input = 0, inputAudio = 0, toolPrompt = 0, cacheWrite, cacheRead, output = 0, reasoning, outputAudio = 0 }: Partial<Usage> = usage ?? {};
  return [
    ['input_tokens', String(input + inputAudio + toolPrompt)],
    ['cache_creation_input_tokens', String(cacheWrite ?? null)],
    ['cache_read_input_tokens', String(cacheRead ?? null)],
    ['output_tokens', String(output + (reasoning ?? 0) + outputAudio)],
    ['output_tokens_details', reasoning === undefined ? 'null' : `{"thinking_tokens":${reasoning}}`],
    ['server_tool_use', rawUsage(usage, context).find(([key]) => key === 'server_tool_use')?.[1] ?? 'null'],
  ];
}

/** The provider's own usage object, where it is of this format. */
export function rawUsage(usage: Usage | undefined, context: Context): Entry[] {
  if (usage?.raw === undefined || !isOwn(context)) return [];
  const value: unknown = JSON.parse(usage.raw);
  return isObject(value) ? Object.entries(value).map(([key, item]) => [key, JSON.stringify(item)]) : [];
}

export function printUsage(usage: Usage | undefined, tier: string | undefined, context: Context): RawJson {
  const raw = rawUsage(usage, context);
  const orNull = (key: string): Entry => [key, raw.find(([name]) => name === key)?.[1] ?? 'null'];
  const entries: Entry[] = [
    ...usageEntries(usage, context),
    ['cache_creation', printTtls(usage, context)],
    orNull('inference_geo'),
    ['service_tier', printTier(tier, context)],
    orNull('speed'),
  ];
  return printObject(raw.length === 0 ? entries : [...entries, ...raw.filter(([key]) => !entries.some(([taken]) => taken === key))]);
}

/** The tier that served the answer; one of another format has a name here only when it is the usual one. */
function printTier(tier: string | undefined, { ledger }: Context): RawJson {
  const shown = tier === 'default' ? 'standard' : tier;
  if (shown === undefined || serviceTiers.includes(shown)) return printOptional(shown) ?? 'null';
  ledger.lost('service_tier', `there is no service tier "${shown.slice(0, 40)}"`);
  return 'null';
}

function printTtls(usage: Usage | undefined, context: Context): RawJson {
  const ttls = usage?.cacheWriteTtl;
  if (ttls === undefined) return 'null';
  if (ttls['5m'] === undefined && ttls['1h'] === undefined) {
    loseTtls(usage, context);
    return 'null';
  }
  const short = ttls['5m'] ?? 0;
  const all = Object.values(ttls).reduce((sum, tokens) => sum + tokens, 0);
  return printObject([
    ['ephemeral_5m_input_tokens', JSON.stringify(short)],
    ['ephemeral_1h_input_tokens', JSON.stringify(all - short)],
  ]);
}

/** How long what another format's provider cached lives: its times are not Anthropic's. */
export function loseTtls(usage: Usage | undefined, { ledger }: Context): void {
  if (Object.values(usage?.cacheWriteTtl ?? {}).some((tokens) => tokens > 0)) ledger.lost('usage.cacheWriteTtl', 'how long what was cached lives has no place');
}
