import { defined } from '../../core/defined.ts';
import type { Context } from '../../core/dialect.ts';
import type { RawJson, Usage } from '../../core/ir.ts';
import { type Entry, printArray, printObject, printOptional, printString } from '../../core/json-print.ts';
import { isObject } from '../../core/json-text.ts';
import { cacheTtls, serviceTiers } from './verdicts.ts';
import { isOwn } from './wire.ts';

type Lost = Context['ledger']['lost'];

const mostTokens = 1e12;

/** Usage in disjoint buckets; undefined when the provider gave no number that can be believed. */
export function decodeUsage(value: unknown, lost: Lost): Usage | undefined {
  if (!isObject(value)) return undefined;
  const count = (key: string): number | undefined => {
    const number = value[key];
    if (number === undefined || number === null) return undefined;
    if (typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= mostTokens) return number;
    lost(`usage.${key}`, 'the number cannot be believed');
    return undefined;
  };
  const input = count('inputTokens');
  const output = count('outputTokens');
  if (input === undefined && output === undefined) return undefined;
  const cacheRead = count('cacheReadInputTokens');
  const cacheWrite = count('cacheWriteInputTokens');
  const cached = (cacheRead ?? 0) + (cacheWrite ?? 0);
  // Some models count what was cached with the input, which the total tells.
  const isWithin = cached > 0 && count('totalTokens') === (input ?? 0) + (output ?? 0) && (input ?? 0) >= cached;
  return defined({
    input: (input ?? 0) - (isWithin ? cached : 0),
    cacheRead,
    cacheWrite,
    cacheWriteTtl: ttlsOf(value['cacheDetails']),
    output: output ?? 0,
    raw: JSON.stringify(value),
  });
}

function ttlsOf(details: unknown): Usage['cacheWriteTtl'] {
  if (!Array.isArray(details) || details.length === 0) return undefined;
  const ttls: Record<string, number> = {};
  for (const item of details.filter(isObject)) {
    const { ttl, inputTokens } = item;
    if (typeof ttl === 'string' && cacheTtls.includes(ttl) && typeof inputTokens === 'number') ttls[ttl] = (ttls[ttl] ?? 0) + inputTokens;
  }
  return ttls;
}

export function tierOf(tier: unknown): { serviceTier?: string } {
  return isObject(tier) && typeof tier['type'] === 'string' ? { serviceTier: tier['type'] } : {};
}

/** The usage in Bedrock's counts: the provider's own object where it is of this format. */
export function printUsage(usage: Usage | undefined, context: Context): RawJson | undefined {
  if (usage === undefined) return undefined;
  if (isOwn(context) && usage.raw !== undefined) return usage.raw;
  loseParts(usage, context);
  const { input, inputAudio = 0, toolPrompt = 0, cacheRead, cacheWrite, output, reasoning = 0, outputAudio = 0 } = usage;
  const inputTokens = input + inputAudio + toolPrompt;
  const outputTokens = output + reasoning + outputAudio;
  const entries: Entry[] = [
    ['inputTokens', String(inputTokens)],
    ['outputTokens', String(outputTokens)],
    ['totalTokens', String(inputTokens + outputTokens + (cacheRead ?? 0) + (cacheWrite ?? 0))],
    ['cacheReadInputTokens', printOptional(cacheRead)],
    ['cacheWriteInputTokens', printOptional(cacheWrite)],
    ['cacheDetails', printTtls(usage)],
  ];
  return printObject(entries);
}

function loseParts({ inputAudio, toolPrompt, reasoning, outputAudio }: Usage, { ledger }: Context): void {
  const parts = { inputAudio, toolPrompt, reasoning, outputAudio };
  for (const [name, tokens = 0] of Object.entries(parts)) if (tokens > 0) ledger.lost(`usage.${name}`, 'these tokens are not counted apart');
}

function printTtls({ cacheWriteTtl }: Usage): RawJson | undefined {
  const all = Object.entries(cacheWriteTtl ?? {}).filter(([, tokens]) => tokens > 0);
  if (all.length === 0) return undefined;
  return printArray(
    all.map(([ttl, tokens]) =>
      printObject([
        ['ttl', printString(ttl === '5m' ? ttl : '1h')],
        ['inputTokens', String(tokens)],
      ]),
    ),
  );
}

/** The tier that served the answer. */
export function printTier(tier: string | undefined, { ledger }: Context): RawJson | undefined {
  const shown = tier === 'standard' ? 'default' : tier;
  if (shown === undefined || serviceTiers.includes(shown)) return shown === undefined ? undefined : printObject([['type', printString(shown)]]);
  ledger.lost('serviceTier', `there is no service tier "${shown.slice(0, 40)}"`);
  return undefined;
}
