import type { Context } from '../../core/dialect.ts';
import type { RawJson, Usage } from '../../core/ir.ts';
import { type Entry, printObject, printOptional, printString } from '../../core/json-print.ts';
import { isObject, type JsonObject } from '../../core/json-text.ts';
import { serviceTiers } from './verdicts.ts';
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
    lost(`usageMetadata.${key}`, 'the number cannot be believed');
    return undefined;
  };
  const prompt = count('promptTokenCount');
  const candidates = count('candidatesTokenCount');
  const reasoning = count('thoughtsTokenCount');
  if (prompt === undefined && candidates === undefined && reasoning === undefined) return undefined;
  const cacheRead = count('cachedContentTokenCount');
  const toolPrompt = count('toolUsePromptTokenCount');
  // Audio that was read from the cache is counted there.
  const inputAudio = audioIn(value['promptTokensDetails'], audioIn(value['cacheTokensDetails']));
  const outputAudio = audioIn(value['candidatesTokensDetails']);
  const rest = (total: number | undefined, parts: readonly (number | undefined)[], key: string): number => {
    const left = parts.reduce<number>((sum, part) => sum - (part ?? 0), total ?? 0);
    if (left < 0) lost(`usageMetadata.${key}`, 'its parts are more than the whole');
    return Math.max(0, left);
  };
  return {
    input: rest(prompt, [cacheRead, inputAudio], 'promptTokenCount'),
    ...(cacheRead === undefined ? {} : { cacheRead }),
    ...(inputAudio === undefined ? {} : { inputAudio }),
    ...(toolPrompt === undefined ? {} : { toolPrompt }),
    output: rest(candidates, [outputAudio], 'candidatesTokenCount'),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(outputAudio === undefined ? {} : { outputAudio }),
    raw: JSON.stringify(value),
  };
}

/** The tokens of audio in a list by modality, less those that another count has; undefined when there are none. */
function audioIn(details: unknown, counted = 0): number | undefined {
  if (!Array.isArray(details)) return undefined;
  const audio = details.filter(isObject).find((item) => item['modality'] === 'AUDIO')?.['tokenCount'];
  return typeof audio === 'number' && Number.isInteger(audio) && audio > counted ? audio - counted : undefined;
}

/** Counts are cumulative: what a later chunk says wins, and what it leaves out still holds. */
export function withUsage(known: JsonObject, more: unknown): JsonObject {
  if (!isObject(more)) return known;
  const said = Object.values(more).includes(null) ? Object.fromEntries(Object.entries(more).filter(([, value]) => value !== null)) : more;
  return { ...known, ...said };
}

export function tierOf(usage: unknown): { serviceTier?: string } {
  return isObject(usage) && typeof usage['serviceTier'] === 'string' ? { serviceTier: usage['serviceTier'] } : {};
}

/** The usage in Google's counts: the provider's own object where it is of this format. */
export function printUsage(usage: Usage, tier: string | undefined, context: Context): RawJson {
  if (isOwn(context) && usage.raw !== undefined) return usage.raw;
  const prompt = usage.input + (usage.cacheRead ?? 0) + (usage.cacheWrite ?? 0) + (usage.inputAudio ?? 0);
  const candidates = usage.output + (usage.outputAudio ?? 0);
  loseWrites(usage, context);
  const total = prompt + candidates + (usage.reasoning ?? 0) + (usage.toolPrompt ?? 0);
  const entries: Entry[] = [
    ['promptTokenCount', String(prompt)],
    ['cachedContentTokenCount', printOptional(usage.cacheRead)],
    ['candidatesTokenCount', String(candidates)],
    ['thoughtsTokenCount', printOptional(usage.reasoning)],
    ['toolUsePromptTokenCount', printOptional(usage.toolPrompt)],
    ['totalTokenCount', String(total)],
    ['promptTokensDetails', printDetails(usage.inputAudio, prompt)],
    ['candidatesTokensDetails', printDetails(usage.outputAudio, candidates)],
    ['serviceTier', printTier(tier, context)],
  ];
  return printObject(entries);
}

function printDetails(audio: number | undefined, all: number): RawJson | undefined {
  return audio === undefined ? undefined : `[{"modality":"TEXT","tokenCount":${all - audio}},{"modality":"AUDIO","tokenCount":${audio}}]`;
}

function loseWrites({ cacheWrite, cacheWriteTtl }: Usage, { ledger }: Context): void {
  if ((cacheWrite ?? 0) > 0) ledger.lost('usage.cacheWrite', 'what was written to the cache is not counted apart');
  if (Object.values(cacheWriteTtl ?? {}).some((tokens) => tokens > 0)) ledger.lost('usage.cacheWriteTtl', 'how long what was cached lives has no place');
}

/** What is known of the usage where nothing was counted. */
export function printTierAlone(tier: string | undefined, context: Context): RawJson | undefined {
  const shown = printTier(tier, context);
  return shown === undefined ? undefined : printObject([['serviceTier', shown]]);
}

/** The tier that served the answer; one of another format has a name here only when it is the usual one. */
function printTier(tier: string | undefined, { ledger }: Context): RawJson | undefined {
  const shown = tier === 'default' ? 'standard' : tier;
  if (shown === undefined || serviceTiers.includes(shown)) return shown === undefined ? undefined : printString(shown);
  ledger.lost('usageMetadata.serviceTier', `there is no service tier "${shown.slice(0, 40)}"`);
  return undefined;
}
