import { defined } from '../../core/defined.ts';
import type { Context } from '../../core/dialect.ts';
import { efforts } from '../../core/effort.ts';
import type { ChatRequest, Effort, Extra, Names, ReasoningRequest, ResponseFormat, ServerTool, Tool, ToolChoice } from '../../core/ir.ts';
import { isObject, type JsonText } from '../../core/json-text.ts';
import { booleanAt, childPath, type Cursor, cursorAt, numberAt, objectAt, optionalAt, rawOf, wrongType } from '../../core/json-cursor.ts';
import { refuseThread } from './check.ts';
import { decodeMessage, decodeSystem, mergeCalls } from './content.ts';
import { choiceShape, configShape, formatShape, metadataShape, modes, request as requestShape, thinkingShape, toolShape } from './verdicts.ts';
import {
  childOf,
  childrenOf,
  decodeCache,
  dialect,
  emptyObject,
  extrasOf,
  harmless,
  missing,
  optionalText,
  rawField,
  spelling,
  textOf,
  valueOf,
} from './wire.ts';

/** The caller's own spelling of what the IR names differently, for notes and errors. */
const names = {
  messages: 'messages',
  system: 'system',
  maxTokens: 'max_tokens',
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
  stop: 'stop_sequences',
  tools: 'tools',
  toolChoice: 'tool_choice',
  parallelToolCalls: 'tool_choice.disable_parallel_tool_use',
  responseFormat: 'output_config.format',
  reasoning: 'thinking',
  effort: 'output_config.effort',
  budget: 'thinking.budget_tokens',
  endUser: 'metadata.user_id',
  serviceTier: 'service_tier',
  cache: 'cache_control',
  stream: 'stream',
} as const;

/** Thinking may be asked for by its effort alone, and the format in an older place. */
function namesIn(root: Cursor): Names {
  const config = childOf(root, 'output_config');
  const isOlder = childOf(root, 'output_format') !== undefined && (config === undefined || childOf(config, 'format') === undefined);
  return {
    ...names,
    ...(childOf(root, 'thinking') === undefined ? { reasoning: names.effort } : {}),
    ...(isOlder ? { responseFormat: 'output_format' } : {}),
  };
}

/** What one field of the request became: a part of the IR request, and extras. */
type Part = { readonly fields: Partial<ChatRequest>; readonly ext: readonly Extra[]; readonly unread?: readonly string[] };

/** Of a field that is not there. */
const nothing: Part = { fields: {}, ext: [] };

export function decodeRequest(json: JsonText, context: Context): ChatRequest {
  const root = cursorAt(json);
  objectAt(root);
  refuseThread(valueOf(root, 'thread'), context);
  const foreign = context.back !== dialect;
  const parts = [
    decodeTools(root, foreign ? context : undefined),
    decodeToolChoice(root),
    decodeThinking(root),
    decodeFormat(root),
    decodeEndUser(root),
    decodeRequestCache(root),
  ];
  const { system, ext: systemExt } = decodeSystem(root, foreign ? context : undefined);
  const messages = (childrenOf(root, 'messages') ?? missing(root, 'messages')).map((cursor) => decodeMessage(cursor, foreign ? context : undefined));
  const { fields, ext, unread } = joinParts(parts);
  return {
    ...fields,
    ...decodeSampling(root),
    model: textOf(root, 'model'),
    messages: [...system, ...(foreign ? mergeCalls(messages) : messages)],
    stream: optionalAt(root, 'stream', booleanAt) ?? false,
    streamUsage: true,
    names: namesIn(root),
    ext: [spelling('', 'request'), ...ext, ...systemExt, ...streamSpelling(root), ...extrasOf(root, requestShape, unread)],
  };
}

/** Thinking is asked for in two places, everything else in one. */
function joinParts(parts: readonly Part[]): { readonly fields: Partial<ChatRequest>; readonly ext: readonly Extra[]; readonly unread: readonly string[] } {
  const ext: Extra[] = [];
  const unread: string[] = [];
  const fields: Partial<ChatRequest> = {};
  let reasoning: ReasoningRequest | undefined;
  for (const part of parts) {
    if (part === nothing) continue;
    Object.assign(fields, part.fields);
    if (part.fields.reasoning !== undefined) reasoning = { ...reasoning, ...part.fields.reasoning };
    ext.push(...part.ext);
    if (part.unread !== undefined) unread.push(...part.unread);
  }
  return { fields: reasoning === undefined ? fields : { ...fields, reasoning }, ext, unread };
}

/** `stream: false` is the default written out. */
function streamSpelling(root: Cursor): Extra[] {
  return valueOf(root, 'stream') === false ? [harmless(root, 'stream')] : [];
}

function decodeSampling(root: Cursor): Partial<ChatRequest> {
  return defined({
    maxTokens: optionalAt(root, 'max_tokens', numberAt),
    temperature: optionalAt(root, 'temperature', numberAt),
    topP: optionalAt(root, 'top_p', numberAt),
    topK: optionalAt(root, 'top_k', numberAt),
    serviceTier: optionalText(root, 'service_tier'),
    stop: decodeStop(root),
  });
}

function decodeStop(root: Cursor): readonly string[] | undefined {
  const value = valueOf(root, 'stop_sequences');
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) throw wrongType('stop_sequences', 'an array of strings');
  return value;
}

function decodeRequestCache(root: Cursor): Part {
  const { cache, ext } = decodeCache(root);
  if (cache === undefined) return nothing;
  return { fields: { cache }, ext };
}

function decodeEndUser(root: Cursor): Part {
  const metadata = childOf(root, 'metadata');
  if (metadata === undefined) return nothing;
  const endUser = optionalText(metadata, 'user_id');
  const ext = [...extrasOf(metadata, metadataShape), ...emptyObject(root, 'metadata')];
  return { fields: endUser === undefined ? {} : { endUser }, ext };
}

function isMode(value: unknown): value is NonNullable<ReasoningRequest['mode']> {
  return modes.some((mode) => mode === value);
}

/** A kind of thinking that we do not know stays an extra as a whole. */
function decodeThinking(root: Cursor): Part {
  const thinking = childOf(root, 'thinking');
  const mode = thinking === undefined ? undefined : valueOf(thinking, 'type');
  if (thinking === undefined) return nothing;
  if (!isMode(mode)) return { ...nothing, unread: ['thinking'] };
  const budget = optionalAt(thinking, 'budget_tokens', numberAt);
  const display = optionalText(thinking, 'display');
  const reasoning = { mode, ...(budget === undefined ? {} : { budget }), ...(display === undefined ? {} : { display }) };
  return { fields: { reasoning }, ext: extrasOf(thinking, thinkingShape) };
}

function isEffort(value: unknown): value is Effort {
  return efforts.some((effort) => effort === value);
}

/** Effort and output format stand in one object; the format also has an older place of its own. */
function decodeFormat(root: Cursor): Part {
  const config = childOf(root, 'output_config');
  const older = childOf(root, 'output_format');
  if (config === undefined && older === undefined) return nothing;
  const effort = config === undefined ? undefined : valueOf(config, 'effort');
  const format = config === undefined ? undefined : childOf(config, 'format');
  const known = format !== undefined && isSchemaFormat(format);
  const unread = [...(isEffort(effort) ? [] : ['effort']), ...(known ? [] : ['format'])];
  return {
    fields: { ...(isEffort(effort) ? { reasoning: { effort } } : {}), ...responseFormat(known ? format : older) },
    ext: [
      ...(config === undefined ? [] : [...extrasOf(config, configShape, unread), ...emptyObject(root, 'output_config')]),
      ...(known ? extrasOf(format, formatShape) : []),
      ...(older === undefined ? [] : olderFormat(root, older, known)),
    ],
  };
}

/** The older place goes back as it came, unless the newer one says otherwise. */
function olderFormat(root: Cursor, older: Cursor, isOverruled: boolean): Extra[] {
  const whole = harmless(root, 'output_format');
  if (!isSchemaFormat(older)) return [{ ...whole, loss: 'demand' }];
  return isOverruled ? [{ ...whole, loss: 'hint', reason: 'output_config.format says the same and wins' }] : [whole, ...extrasOf(older, formatShape)];
}

function isSchemaFormat(cursor: Cursor): boolean {
  return valueOf(cursor, 'type') === 'json_schema' && isObject(valueOf(cursor, 'schema'));
}

function responseFormat(cursor: Cursor | undefined): { responseFormat?: ResponseFormat } {
  return cursor !== undefined && isSchemaFormat(cursor) ? { responseFormat: { type: 'schema', schema: rawField(cursor, 'schema') } } : {};
}

function decodeToolChoice(root: Cursor): Part {
  const choice = childOf(root, 'tool_choice');
  if (choice === undefined) return nothing;
  const off = optionalAt(choice, 'disable_parallel_tool_use', booleanAt);
  return {
    fields: { toolChoice: toToolChoice(choice), ...(off === undefined ? {} : { parallelToolCalls: !off }) },
    ext: extrasOf(choice, choiceShape),
  };
}

function toToolChoice(cursor: Cursor): ToolChoice {
  const type = valueOf(cursor, 'type');
  switch (type) {
    case 'auto':
    case 'none':
      return { type };
    case 'any':
      return { type: 'required' };
    case 'tool':
      return { type: 'tool', name: textOf(cursor, 'name'), kind: 'function' };
    default:
      throw wrongType(childPath(cursor.path, 'type'), '"auto", "any", "tool" or "none"');
  }
}

/**
 * `foreign` is given when the tools go to a dialect without late loading: there a deferred tool is sent once the history names it, as
 * Anthropic itself would show it to the model, and a mere placeholder never.
 */
function decodeTools(root: Cursor, foreign: Context | undefined): Part {
  const cursors = childrenOf(root, 'tools');
  if (cursors === undefined) return nothing;
  const shown = foreign === undefined || cursors.some(searchesTools) ? cursors : shownTools(cursors, root, foreign);
  // An empty list is not an absent one, but means the same.
  if (cursors.length === 0) return { fields: {}, ext: [harmless(root, 'tools')] };
  return { fields: shown.length === 0 ? {} : { tools: shown.map(decodeTool) }, ext: [] };
}

/** A search that Anthropic runs: without it nothing would name a deferred tool. */
function searchesTools(cursor: Cursor): boolean {
  const type = valueOf(cursor, 'type');
  return typeof type === 'string' && type.startsWith('tool_search_tool');
}

function shownTools(cursors: readonly Cursor[], root: Cursor, { ledger }: Context): Cursor[] {
  const named = namedTools(valueOf(root, 'messages'), new Set());
  return cursors.filter((cursor) => {
    const name = valueOf(cursor, 'name');
    if (valueOf(cursor, 'defer_loading') !== true || typeof name !== 'string' || named.has(name)) return true;
    const placeholder = name === 'DeferredToolPlaceholder';
    ledger.note(
      'emulated',
      cursor.path,
      placeholder ? 'a placeholder for tools that are loaded late is no tool' : 'a deferred tool is sent once a tool_reference names it',
    );
    return false;
  });
}

/** The tools that the history refers to or has called. */
function namedTools(value: unknown, names: Set<string>): ReadonlySet<string> {
  if (Array.isArray(value)) for (const item of value) namedTools(item, names);
  else if (isObject(value)) {
    const name = value['type'] === 'tool_reference' ? (value['tool_name'] ?? value['name']) : value['type'] === 'tool_use' ? value['name'] : undefined;
    if (typeof name === 'string') names.add(name);
    for (const key of ['content', 'tool']) namedTools(value[key], names);
  }
  return names;
}

function decodeTool(cursor: Cursor): Tool | ServerTool {
  const type = valueOf(cursor, 'type');
  if (typeof type === 'string' && type !== 'custom') {
    return { kind: 'server', dialect, name: optionalText(cursor, 'name') ?? type, raw: rawOf(cursor), at: cursor.path };
  }
  const description = optionalText(cursor, 'description');
  const strict = optionalAt(cursor, 'strict', booleanAt);
  const schema = childOf(cursor, 'input_schema');
  const { cache, ext } = decodeCache(cursor);
  return {
    kind: 'function',
    name: textOf(cursor, 'name'),
    at: cursor.path,
    ...(description === undefined ? {} : { description }),
    ...(schema === undefined ? {} : { schema: rawField(cursor, 'input_schema') }),
    ...(strict === undefined ? {} : { strict }),
    ...(cache === undefined ? {} : { cache }),
    ext: [...extrasOf(cursor, toolShape), ...ext],
  };
}
