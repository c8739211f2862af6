import { hasJsonField, hasJsonKey, indexOfBytes } from '../../core/bytes.ts';
import type { RelayRules, Sighting, Tap, TopLevelEdit } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import { openaiIdRule } from '../../core/fit.ts';
import type { Usage } from '../../core/ir.ts';
import { type Entry, printObject } from '../../core/json-print.ts';
import { isObject, parseJsonText } from '../../core/json-text.ts';
import type { Quirks } from '../../core/target.ts';
import type { TopLevel } from '../../core/top-level.ts';
import { failureInside } from './errors.ts';
import { contentFields, hasContent, nameLimitOf, nativeThinking, type WireAnswer, type WireChoice, thinkingFields, terminator } from './wire.ts';
import { isContract } from './contract.ts';
import { decodeUsage, usageOf } from './usage.ts';

export const relayRules: RelayRules = {
  edits(top, { quirks, wantUsage }) {
    if (needsTranslation(top, quirks)) return undefined;
    const limit = limitEdits(top, quirks);
    return [...limit, ...seedEdits(top, quirks), ...refusedEdits(top, quirks, limit), ...usageEdits(top, quirks, wantUsage)];
  },
  tap: createTap,
  terminator,
  whole(value, _text, target) {
    const failure = failureInside(value, target);
    if (failure !== undefined) throw failure;
    const answer: WireAnswer = isObject(value) ? value : {};
    const choice: unknown = Array.isArray(answer.choices) ? answer.choices[0] : undefined;
    if (!isObject(choice) || !isObject(choice['message']))
      throw new GatewayError('upstream_invalid_response', `${target.provider}: the answer has no choices`, {
        hint: 'Check that the base URL is that of a chat completions API',
      });
    const usage = usageOf(answer, choice);
    const finish = choice['finish_reason'];
    return {
      usage: decodeUsage(usage, nothing, nothing),
      finish: typeof finish === 'string' ? finish : undefined,
    };
  },
};

/** Nobody writes the usage of a relayed answer again, nor hears what could not be read. */
const nothing = (): undefined => undefined;

const isSet = (top: TopLevel, key: string): boolean => top.has(key) && top.value(key) !== null;

/** What only a translation can put right: a value that the target cannot take, deep in the body or in its contract, or state under our seal. */
function needsTranslation(top: TopLevel, quirks: Quirks): boolean {
  return (
    top.sealed ||
    !top.fits({ names: nameLimitOf(quirks).pattern, ...(quirks.toolCallIds === 'max40' ? { ids: openaiIdRule.pattern } : {}) }) ||
    needsMessages(top.bytes, quirks) ||
    needsParts(top.bytes, quirks) ||
    needsThinking(top, quirks) ||
    needsFields(top, quirks) ||
    (quirks.refuses ?? []).some((key) => isSet(top, key) && (key === 'stop' || isContract(key, top.value(key))))
  );
}

/** Where a word means something else than it is looked for, a translation does no harm. */
function needsMessages(bytes: Uint8Array, quirks: Quirks): boolean {
  if (quirks.developerRole === false && indexOfBytes(bytes, '"developer"') !== -1) return true;
  if (quirks.systemAnywhere === false && hasTwice(bytes, '"system"')) return true;
  if (quirks.toolCallIds === 'alnum9' && hasJsonKey(bytes, 'tool_calls')) return true;
  return needsThoughts(bytes, quirks);
}

/** Thinking of earlier turns that is refused, that the target calls otherwise, or that is missing. */
function needsThoughts(bytes: Uint8Array, quirks: Quirks): boolean {
  const refused = quirks.reasoningHistory === 'never';
  if (refused && hasJsonKey(bytes, 'reasoning_details')) return true;
  // Whose thinking is plain text has no opaque state: it is somebody else's.
  if (quirks.reasoningHistory !== undefined && hasJsonKey(bytes, 'reasoning_details') && (hasJsonKey(bytes, 'signature') || hasJsonKey(bytes, 'data')))
    return true;
  if ((refused || quirks.reasoningField === 'reasoning') && hasJsonKey(bytes, 'reasoning_content')) return true;
  if ((refused || quirks.reasoningField === 'reasoning_content') && hasJsonField(bytes, 'reasoning', '"')) return true;
  return quirks.reasoningPlaceholder !== undefined && hasJsonKey(bytes, 'tool_calls') && lacksThoughts(bytes, quirks);
}

/** Whether a message of the assistant stands without the thinking that must go back. A message reaches from one `role` to the next. */
function lacksThoughts(bytes: Uint8Array, quirks: Quirks): boolean {
  for (let from = indexOfBytes(bytes, '"role"'); from !== -1;) {
    const next = indexOfBytes(bytes, '"role"', from + 1);
    const message = bytes.subarray(from, next === -1 ? bytes.length : next);
    const isMeant = hasJsonKey(message, 'tool_calls') || (quirks.reasoningHistory === 'always' && indexOfBytes(message, '"assistant"') !== -1);
    if (isMeant && !hasThought(message, quirks)) return true;
    from = next;
  }
  return false;
}

/** An empty one counts where an empty one is what stands for a missing one. */
function hasThought(message: Uint8Array, { reasoningField = 'reasoning_content', reasoningPlaceholder }: Quirks): boolean {
  if (!hasJsonField(message, reasoningField, '"')) return false;
  return reasoningPlaceholder === '' || !/^\s*:\s*""/.test(latin1After(message, `"${reasoningField}"`));
}

function latin1After(bytes: Uint8Array, needle: string): string {
  const end = indexOfBytes(bytes, needle) + needle.length;
  return String.fromCharCode(...bytes.subarray(end, end + 16));
}

function hasTwice(bytes: Uint8Array, needle: string): boolean {
  const first = indexOfBytes(bytes, needle);
  return first !== -1 && indexOfBytes(bytes, needle, first + 1) !== -1;
}

function needsParts(bytes: Uint8Array, quirks: Quirks): boolean {
  if (quirks.contentParts === false && hasJsonField(bytes, 'content', '[')) return true;
  if (quirks.images === false && hasJsonKey(bytes, 'image_url')) return true;
  if (quirks.imageUrls === false && hasJsonKey(bytes, 'image_url') && indexOfBytes(bytes, '"http') !== -1) return true;
  return quirks.documents === false && (hasJsonKey(bytes, 'file_data') || hasJsonKey(bytes, 'file_id'));
}

function needsThinking(top: TopLevel, quirks: Quirks): boolean {
  if (quirks.reasoningSwitch === undefined) return false;
  if (quirks.reasoningSwitch !== 'reasoning_effort' && isSet(top, 'reasoning_effort')) return true;
  return thinkingFields.some((key) => isSet(top, key) && !nativeThinking(quirks).includes(key));
}

/** Calls and results of earlier turns. */
const historyKeys: readonly string[] = ['tool_calls', 'tool_call_id', 'function_call'];

function needsFields(top: TopLevel, quirks: Quirks): boolean {
  if (quirks.tools === false && (isSet(top, 'tools') || isSet(top, 'functions') || historyKeys.some((key) => hasJsonKey(top.bytes, key)))) return true;
  const temperature = top.value('temperature');
  if (quirks.temperatureMax !== undefined && typeof temperature === 'number' && temperature > quirks.temperatureMax) return true;
  const stop = top.value('stop');
  if (quirks.stopMax !== undefined && Array.isArray(stop) && stop.length > quirks.stopMax) return true;
  const choice = top.value('tool_choice');
  if (quirks.forcedToolChoice === false && isSet(top, 'tool_choice') && choice !== 'auto' && choice !== 'none') return true;
  if (quirks.structuredOutput === 'none') return isSet(top, 'response_format');
  return quirks.structuredOutput === 'json' && isSet(top, 'response_format') && hasJsonKey(top.bytes, 'json_schema');
}

/** The output limit under the name that the target takes. */
function limitEdits(top: TopLevel, quirks: Quirks): TopLevelEdit[] {
  const field = quirks.maxTokensField;
  const other = field === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
  if (field === undefined || !top.has(other)) return [];
  return [top.has(field) ? { kind: 'remove', key: other, reason: `${field} says the same` } : { kind: 'rename', key: other, to: field }];
}

function seedEdits(top: TopLevel, { seedField }: Quirks): TopLevelEdit[] {
  return seedField === undefined || !top.has('seed') || top.has(seedField) ? [] : [{ kind: 'rename', key: 'seed', to: seedField }];
}

function refusedEdits(top: TopLevel, quirks: Quirks, done: readonly TopLevelEdit[]): TopLevelEdit[] {
  const isLeft = (key: string): boolean =>
    top.has(key) && !done.some((edit) => edit.key === key) && !(key === 'stream_options' && quirks.streamUsage === false);
  return (quirks.refuses ?? []).filter(isLeft).map((key) => ({ kind: 'remove', key, reason: 'the provider refuses the field' }));
}

/** Usage is asked for where somebody needs it, beside what the caller asks. */
function usageEdits(top: TopLevel, quirks: Quirks, wantUsage: boolean): TopLevelEdit[] {
  if (quirks.streamUsage === false)
    return top.has('stream_options') ? [{ kind: 'remove', key: 'stream_options', reason: 'the provider refuses the field' }] : [];
  const options = top.value('stream_options');
  const isAsked = isObject(options) && options['include_usage'] === true;
  const isUnread = options === undefined && top.has('stream_options');
  if (!wantUsage || top.value('stream') !== true || isAsked || isUnread || quirks.refuses?.includes('stream_options') === true) return [];
  const json = isObject(options) ? parseJsonText(top.raw('stream_options') ?? '{}') : undefined;
  const kept = Object.keys(isObject(options) ? options : {}).filter((key) => key !== 'include_usage');
  return [{ kind: 'set', key: 'stream_options', raw: printObject([...kept.map((key): Entry => [key, json?.raw([key])]), ['include_usage', 'true']]) }];
}

/** What a key of a chunk tells. */
type Told = 'content' | 'finish' | 'usage' | 'error' | 'choices' | 'index';

/** The keys that are looked at, by the last character of their name: a chunk is read in one pass, from colon to colon. */
const watched: ReadonlyMap<number, readonly (readonly [quoted: string, told: Told])[]> = byLastCharacter([
  ...contentFields.map((name) => [name, 'content'] as const),
  ['finish_reason', 'finish'],
  ['usage', 'usage'],
  ['error', 'error'],
  ['choices', 'choices'],
  ['index', 'index'],
]);

function byLastCharacter(keys: readonly (readonly [name: string, told: Told])[]): Map<number, [string, Told][]> {
  const rows = new Map<number, [string, Told][]>();
  for (const [name, told] of keys) {
    const last = name.charCodeAt(name.length - 1);
    rows.set(last, [...(rows.get(last) ?? []), [`"${name}`, told]]);
  }
  return rows;
}

const nothingSeen: Sighting = { content: false, finish: false, terminal: false, error: false, withhold: false };

/** Looks at a relayed stream by its text; only the last event that holds usage is read, and only when it is asked for. */
function createTap(options: { readonly withholdUsage: boolean }): Tap {
  const finishes = createFinishes();
  let usageData: unknown;
  let readFrom: unknown;
  let usage: Usage | undefined;
  return {
    see(text, data) {
      if (isTerminator(text)) return { ...nothingSeen, terminal: true };
      const seen = look(text);
      finishes.see(seen, data);
      if (seen.usage) usageData = data();
      const isError = seen.error && (seen.finish === 'error' || seen.choices !== 'some');
      return {
        content: seen.content,
        finish: seen.finish !== undefined,
        terminal: false,
        error: isError || text.startsWith('event: error') || (seen.choices !== 'some' && seen.choices !== 'empty' && isBareError(text)),
        withhold: options.withholdUsage && seen.usage && seen.choices === 'empty',
      };
    },
    usage() {
      if (usageData === readFrom) return usage;
      readFrom = usageData;
      usage = readUsage(usageData);
      return usage;
    },
    finish: finishes.last,
  };
}

/** The finish reason of the last choice to end, once every choice has ended. */
type Finishes = { see(chunk: Chunk, data: () => unknown): void; last(): string | undefined };

const mostChoices = 128;

/** Which choices of a stream have ended. One that goes on after its finish reason has not. */
function createFinishes(): Finishes {
  const open = new Set<number>();
  let count = 0;
  let last: string | undefined;
  const see = (index: number, content: boolean, finish: string | undefined): void => {
    const isNew = index >= count;
    for (; count <= index; count++) open.add(count);
    if (finish !== undefined) {
      open.delete(index);
      last = finish;
    } else if (content || isNew) open.add(index);
  };
  return {
    see(chunk, data) {
      // An index other than 0 is another choice's or a tool call's: only such a chunk is parsed.
      const answer = chunk.isIndexed ? answerOf(data()) : undefined;
      if (Array.isArray(answer?.choices)) {
        for (const choice of answer.choices.filter(isObject)) {
          const { index, delta, finish_reason: finish }: WireChoice = choice;
          const known = typeof index === 'number' && Number.isInteger(index) && index >= 0 && index < mostChoices ? index : 0;
          see(known, hasContent(delta), typeof finish === 'string' && finish !== '' ? finish : undefined);
        }
      } else if (chunk.choices === 'some' || chunk.content || chunk.finish !== undefined) see(0, chunk.content, chunk.finish);
    },
    last: () => (open.size === 0 ? last : undefined),
  };
}

/** Errors of providers that put a code other than 0 where the choices should be: Spark `code`, MiniMax `status_code`. */
function isBareError(text: string): boolean {
  return hasFailingCode(text, '"status_code"') || (hasFailingCode(text, '"code"') && fieldAt(text, '"message"') !== -1);
}

/** A number that is not 0. */
function hasFailingCode(text: string, key: string): boolean {
  const at = fieldAt(text, key);
  const first = at === -1 ? 0 : text.charCodeAt(at);
  return first === 45 || isDigit(first);
}

/** From 1 to 9. */
function isDigit(code: number): boolean {
  return code >= 49 && code <= 57;
}

function isTerminator(text: string): boolean {
  return text.length < 64 && /^data: ?\[DONE\]/m.test(text);
}

/** Index of the value of a key; -1 when there is none. In a JSON string quotes are escaped, so no key is found there. */
function fieldAt(text: string, key: string): number {
  for (let at = text.indexOf(key); at !== -1; at = text.indexOf(key, at + 1)) {
    const colon = skipSpace(text, at + key.length);
    if (text.charCodeAt(colon) === 58 && text.charCodeAt(at - 1) !== 92) return skipSpace(text, colon + 1);
  }
  return -1;
}

function skipSpace(text: string, at: number): number {
  let i = at;
  while (text.charCodeAt(i) <= 32) i++;
  return i;
}

function isFilled(text: string, at: number): boolean {
  const first = text.charCodeAt(at);
  if (first === 34) return text.charCodeAt(at + 1) !== 34;
  if (first === 91) return text.charCodeAt(skipSpace(text, at + 1)) !== 93;
  return first === 123;
}

/** What stands in a chunk. `choices` is undefined when there is no such key, `none` when it is no list. */
type Chunk = {
  content: boolean;
  finish: string | undefined;
  usage: boolean;
  error: boolean;
  choices: 'some' | 'empty' | 'none' | undefined;
  isIndexed: boolean;
};

/** One pass over the keys. A colon after an unescaped quote ends a key; within a JSON string every quote is escaped. */
function look(text: string): Chunk {
  const chunk: Chunk = { content: false, finish: undefined, usage: false, error: false, choices: undefined, isIndexed: false };
  for (let colon = text.indexOf(':'); colon !== -1; colon = text.indexOf(':', colon + 1)) {
    let end = colon - 1;
    while (text.charCodeAt(end) <= 32) end--;
    if (text.charCodeAt(end) !== 34) continue;
    const rows = watched.get(text.charCodeAt(end - 1));
    if (rows === undefined) continue;
    for (const [quoted, told] of rows) {
      const start = end - quoted.length;
      if (text.startsWith(quoted, start) && text.charCodeAt(start - 1) !== 92) note(chunk, told, text, skipSpace(text, colon + 1));
    }
  }
  return chunk;
}

function note(chunk: Chunk, told: Told, text: string, at: number): void {
  if (told === 'content') chunk.content ||= isFilled(text, at);
  else if (told === 'finish') chunk.finish = stringAt(text, at) ?? chunk.finish;
  else if (told === 'usage') chunk.usage ||= text.charCodeAt(at) === 123;
  else if (told === 'error') chunk.error ||= isFilled(text, at);
  else if (told === 'index') chunk.isIndexed ||= isDigit(text.charCodeAt(at));
  else if (text.charCodeAt(at) !== 91) chunk.choices ??= 'none';
  else chunk.choices = isFilled(text, at) ? 'some' : 'empty';
}

/** The string that begins there; undefined for anything else and for an empty one. */
function stringAt(text: string, at: number): string | undefined {
  const end = text.charCodeAt(at) === 34 ? text.indexOf('"', at + 1) : -1;
  return end > at + 1 ? text.slice(at + 1, end) : undefined;
}

function readUsage(data: unknown): Usage | undefined {
  const answer = answerOf(data) ?? {};
  const choice: unknown = Array.isArray(answer.choices) ? answer.choices[0] : undefined;
  return decodeUsage(usageOf(answer, isObject(choice) ? choice : undefined), nothing, nothing);
}

function answerOf(data: unknown): WireAnswer | undefined {
  return isObject(data) ? data : undefined;
}
