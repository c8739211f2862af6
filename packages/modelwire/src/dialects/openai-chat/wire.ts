import { extrasIn } from '../../core/extras.ts';
import type { CacheMark, Extra, RawJson } from '../../core/ir.ts';
import { type Cursor, fieldOf, rawOf, valueAt } from '../../core/json-cursor.ts';
import { isObject } from '../../core/json-text.ts';
import type { Entry } from '../../core/json-print.ts';
import type { Quirks } from '../../core/target.ts';
import type { Shape } from '../../core/verdicts.ts';

/** How OpenAI's chat-completions JSON looks where we read or write it, and what it holds that the IR has no name for. */
export const dialect = 'openai-chat';

export const chatPath = '/chat/completions';

/** A provider's answer: read with tolerance, so every field is unknown until looked at. */
export type WireAnswer = {
  readonly id?: unknown;
  readonly model?: unknown;
  readonly created?: unknown;
  readonly choices?: unknown;
  readonly usage?: unknown;
  readonly service_tier?: unknown;
  readonly system_fingerprint?: unknown;
  readonly error?: unknown;
  readonly x_groq?: unknown;
};

export type WireChoice = {
  readonly index?: unknown;
  readonly delta?: unknown;
  readonly message?: unknown;
  readonly finish_reason?: unknown;
  readonly usage?: unknown;
  /** vLLM and SGLang: the stop string that ended the answer. */
  readonly stop_reason?: unknown;
  readonly matched_stop?: unknown;
};

/** `message` of a whole answer and `delta` of a chunk: the same fields. */
export type WireMessage = {
  readonly content?: unknown;
  readonly refusal?: unknown;
  readonly reasoning_content?: unknown;
  readonly reasoning?: unknown;
  readonly reasoning_details?: unknown;
  readonly annotations?: unknown;
  readonly tool_calls?: unknown;
  readonly function_call?: unknown;
  readonly audio?: unknown;
};

/** Fields of a delta or message that hold a piece of the answer. */
export const contentFields: readonly (keyof WireMessage)[] = [
  'content',
  'tool_calls',
  'reasoning_content',
  'reasoning',
  'refusal',
  'function_call',
  'reasoning_details',
  'audio',
];

/** Whether a delta brings a piece of the answer. */
export function hasContent(delta: unknown): boolean {
  return isObject(delta) && contentFields.some((key) => isFilled(delta[key]));
}

export function isFilled(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== '' && (typeof value === 'string' || isObject(value));
}

export type WireToolCall = {
  readonly index?: unknown;
  readonly id?: unknown;
  readonly type?: unknown;
  readonly function?: unknown;
  readonly custom?: unknown;
  readonly extra_content?: unknown;
};

export type WireUsage = {
  readonly prompt_tokens?: unknown;
  readonly completion_tokens?: unknown;
  readonly total_tokens?: unknown;
  readonly prompt_tokens_details?: unknown;
  readonly completion_tokens_details?: unknown;
  /** DeepSeek. */
  readonly prompt_cache_hit_tokens?: unknown;
  /** Kimi. */
  readonly cached_tokens?: unknown;
};

/** Fields that steer thinking in the vendors' own spelling. They are understood and, for their own kind of target, sent as they came. */
export const thinkingFields: readonly string[] = ['thinking', 'enable_thinking', 'thinking_budget', 'reasoning'];

/** Which of the vendors' thinking fields the target takes as they came. */
export function nativeThinking(quirks: Quirks): readonly string[] {
  switch (quirks.reasoningSwitch ?? 'unset') {
    case 'unset':
      return thinkingFields;
    case 'thinking_type':
      return ['thinking'];
    case 'enable_thinking':
      return ['enable_thinking', 'thinking_budget'];
    case 'reasoning_effort':
    case 'none':
      return [];
  }
}

/** Names of tools. */
export function nameLimitOf({ toolNames }: Quirks): { readonly pattern: RegExp; readonly max: number } {
  return toolNames === 'letterFirst' ? letterFirst : nameLimit;
}

const nameLimit = { pattern: /^[a-zA-Z0-9_-]{1,64}$/, max: 64 };
const letterFirst = { pattern: /^[a-zA-Z_][a-zA-Z0-9_-]{2,63}$/, max: 64 };

/** Our own extras that stood directly below `parent`, as entries to print. Extras of the same key are printed once, the last wins. */
export function ownEntries(extras: readonly Extra[] | undefined, parent: string): Entry[] {
  if (extras === undefined || extras.length === 0) return [];
  const entries = new Map<string, RawJson>();
  for (const extra of extras) {
    if (extra.dialect === dialect && stoodBelow(extra, parent)) entries.set(extra.key, extra.raw);
  }
  return [...entries];
}

function stoodBelow(extra: Extra, parent: string): boolean {
  const end = extra.path.length - Math.min(extra.key.length, 80);
  // A key too long for a path ends in an ellipsis there.
  const at = extra.key.length > 80 ? end - 1 : end;
  return parent === '' ? at === 0 : extra.path.slice(0, at) === `${parent}.`;
}

export function extraOf(field: Cursor, key: string, loss: Extra['loss'], reason?: string): Extra {
  return { dialect, path: field.path, key, raw: rawOf(field), loss, ...(reason === undefined ? {} : { reason }) };
}

/** The fields of an object that the IR has no name for: undefined when there are none. */
export function extrasOf(cursor: Cursor, shape: Shape): Extra[] | undefined {
  return extrasIn(cursor, shape, dialect);
}

/** Both spellings of a cache mark: OpenAI's, and the one that gateways and OpenRouter took over from Anthropic. */
const cacheFields: readonly string[] = ['prompt_cache_breakpoint', 'cache_control'];

/** A cache mark and the extras that stand beside it. The mark's own spelling is kept, for targets of this dialect. */
export function marksOf(cursor: Cursor, shape: Shape): { cache?: CacheMark; ext?: readonly Extra[] } {
  const ext = extrasOf(cursor, shape);
  // A mark is an extra too.
  if (ext === undefined) return {};
  const key = cacheFields.find((name) => isObject(valueAt(cursor, name)));
  return { ...(key === undefined ? {} : { cache: cacheMark(fieldOf(cursor, key)) }), ext };
}

/** Notes name it as the caller did. */
function cacheMark({ value, path }: Cursor): CacheMark {
  const ttl = isObject(value) ? value['ttl'] : undefined;
  return { at: path, ...(typeof ttl === 'string' ? { ttl } : {}) };
}

/** The mark goes to targets of this dialect in its own spelling. */
export function hasOwnMark(ext: readonly Extra[] | undefined): boolean {
  return ext?.some((extra) => extra.dialect === dialect && cacheFields.includes(extra.key)) === true;
}

/** Both lists; undefined when there is nothing in either. */
export function joined(a: readonly Extra[] | undefined, b: readonly Extra[] | undefined): readonly Extra[] | undefined {
  return a === undefined ? b : b === undefined ? a : [...a, ...b];
}

export const terminator = 'data: [DONE]\n\n';
