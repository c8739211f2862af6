import type { Context } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import type { CacheMark, Extra, RawJson } from '../../core/ir.ts';
import {
  childPath,
  countUnnamed,
  type Cursor,
  fieldOf,
  itemsOf,
  objectAt,
  optionalAt,
  rawOf,
  stringAt,
  textAt,
  valueAt,
  wrongType,
} from '../../core/json-cursor.ts';
import { type Entry, printObject, printOptional } from '../../core/json-print.ts';
import { isObject } from '../../core/json-text.ts';

/** How Anthropic's messages JSON is read and what it holds that the IR has no name for. */
export const dialect = 'anthropic-messages';

/** The version whose field set we write. Both 2023-06-01 and 2026-10-21 are read. */
export const apiVersion = '2023-06-01';

export const messagesPath = '/v1/messages';
export const countPath = '/v1/messages/count_tokens';

/** What a field without a name in the IR costs when the target cannot take it. A field without a verdict is a hint. */
export type Verdicts = { readonly [key: string]: { readonly loss: 'hint' | 'demand'; readonly reason: string } };

const hint = (reason: string): { loss: 'hint'; reason: string } => ({ loss: 'hint', reason });
const demand = (reason: string): { loss: 'demand'; reason: string } => ({ loss: 'demand', reason });

/** Top-level request fields that the IR lacks. */
export const requestVerdicts: Verdicts = {
  betas: hint('betas are a header of this dialect alone'),
  billing_policy: hint('it names accounts at Anthropic'),
  compaction: demand('the answer would be a summary that only Anthropic makes'),
  container: demand('a code-execution container lives at Anthropic'),
  context_management: hint('edits of the context are made by Anthropic'),
  diagnostics: hint('cache diagnostics are made by Anthropic'),
  fallback_credit_token: hint('it is credit at Anthropic'),
  fallbacks: hint('fallback models are run by Anthropic'),
  inference_geo: demand('where inference runs is a promise that only Anthropic can keep'),
  mcp_servers: demand('MCP servers are called by Anthropic'),
  speed: hint('no other provider has this speed mode'),
  thread: demand('a message thread is kept by Anthropic'),
  user_profile_id: hint('user profiles are kept by Anthropic'),
  workspace_id: hint('workspaces exist at Anthropic'),
};

export const toolVerdicts: Verdicts = {
  allowed_callers: hint('calls from code are made by Anthropic'),
  defer_loading: hint('tools are loaded late by Anthropic alone'),
  eager_input_streaming: hint('how finely arguments stream is the provider’s matter'),
  input_examples: hint('there is no place for examples of a tool’s input'),
};

export const blockVerdicts: Verdicts = {
  caller: hint('which party called a tool has no place'),
  citations: hint('citations have no place'),
  toolset_name: hint('toolsets are Anthropic’s'),
  transformations: hint('image transformations are Anthropic’s'),
};

export const messageVerdicts: Verdicts = {
  clear_at: hint('when a system message is cleared has no place'),
  output_config: hint('an effort within the conversation has no place'),
};

/** The object under a key; undefined when absent or null. */
export function childOf(cursor: Cursor, key: string): Cursor | undefined {
  return optionalAt(cursor, key, checkedObject);
}

/** The objects of the array under a key; undefined when absent or null. */
export function childrenOf(cursor: Cursor, key: string): Cursor[] | undefined {
  return optionalAt(cursor, key, itemsOf)?.map(checkedObject);
}

function checkedObject(cursor: Cursor): Cursor {
  objectAt(cursor);
  return cursor;
}

/** The value under a key, unread. */
export const valueOf = valueAt;

export function rawField(cursor: Cursor, key: string): RawJson {
  return rawOf(fieldOf(cursor, key));
}

export const textOf = textAt;

export function optionalText(cursor: Cursor, key: string): string | undefined {
  return optionalAt(cursor, key, stringAt);
}

/** Every field that is not `mapped`, and every null, as source text with its verdict. */
export function extrasOf(cursor: Cursor, mapped: readonly string[], verdicts: Verdicts = {}): Extra[] {
  const object = objectAt(cursor);
  const isKept = (key: string): boolean => object[key] === null || !mapped.includes(key);
  const keys = Object.keys(object);
  if (!keys.some(isKept)) return [];
  countUnnamed(cursor, (key) => mapped.includes(key));
  return keys.filter(isKept).map((key) => (object[key] === null ? harmless(cursor, key) : { ...harmless(cursor, key), ...verdictOf(verdicts, key) }));
}

function verdictOf(verdicts: Verdicts, key: string): Pick<Extra, 'loss' | 'reason'> {
  return (Object.hasOwn(verdicts, key) ? verdicts[key] : undefined) ?? { loss: 'hint' };
}

/** A field whose value means the default: kept for a faithful return, never missed elsewhere. */
export function harmless(cursor: Cursor, key: string): Extra {
  return { dialect, path: childPath(cursor.path, key), key, raw: rawField(cursor, key), loss: 'nothing' };
}

/**
 * How a value was spelled where two spellings mean the same (a string for one text block, an absent content): only this dialect's
 * back reads it. A mark has no source text, so it is never printed.
 */
export function spelling(at: string, key: Spelling): Extra {
  return { dialect, path: at, key, raw: '', loss: 'nothing' };
}

type Spelling = 'string' | 'absent' | 'topLevel' | 'request';

export function isSpelled(extras: readonly Extra[] | undefined, key: Spelling): boolean {
  return extras?.some((extra) => extra.dialect === dialect && extra.raw === '' && extra.key === key) === true;
}

/** Our own extras that stand directly at `at`, ready to print. */
export function ownEntries(extras: readonly Extra[] | undefined, at: string): Entry[] {
  if (extras === undefined || extras.length === 0) return [];
  const own = extras.filter((extra) => extra.dialect === dialect && extra.raw !== '' && extra.path === childPath(at, extra.key));
  return own.map((extra) => [extra.key, extra.raw] as const);
}

/** An object of the entries and of our own extras at `at`, where no entry has the same key. */
export function printWithExtras(entries: readonly Entry[], extras: readonly Extra[] | undefined, at: string): RawJson {
  const own = ownEntries(extras, at).filter(([key]) => !entries.some(([taken, raw]) => taken === key && raw !== undefined));
  return printObject(own.length === 0 ? entries : [...entries, ...own]);
}

/** The cache mark of a block, tool or request, and what its object holds besides. */
export function decodeCache(cursor: Cursor): { readonly cache?: CacheMark; readonly ext: readonly Extra[] } {
  const control = childOf(cursor, 'cache_control');
  if (control === undefined) return { ext: [] };
  if (valueOf(control, 'type') !== 'ephemeral') throw wrongType(childPath(control.path, 'type'), '"ephemeral"');
  const ttl = optionalText(control, 'ttl');
  return { cache: ttl === undefined ? {} : { ttl }, ext: extrasOf(control, ['type', 'ttl']) };
}

export function printCache(cache: CacheMark, extras: readonly Extra[] | undefined, at: string): RawJson {
  const entries: Entry[] = [
    ['type', '"ephemeral"'],
    ['ttl', printOptional(cache.ttl)],
  ];
  return printWithExtras(entries, extras, childPath(at, 'cache_control'));
}

/** One named event. The framing belongs to the format: every event of it has a name. */
export function encodeSse(event: string, data: RawJson): string {
  return `event: ${event}\ndata: ${data}\n\n`;
}

export function missing(cursor: Cursor, key: string): never {
  throw new GatewayError('invalid_request', `${childPath(cursor.path, key)} is required`, { param: childPath(cursor.path, key) });
}

/** An object that may hold nothing: kept as it is, so that it comes back as it was. */
export function emptyObject(cursor: Cursor, key: string): Extra[] {
  const value = valueOf(cursor, key);
  return isObject(value) && Object.keys(value).length === 0 ? [harmless(cursor, key)] : [];
}

/** Whether the answer came in this dialect, so that its own fields may go out again. */
export function isOwn(context: Context): boolean {
  return context.back === dialect;
}
