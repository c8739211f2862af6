import { defined } from '../../core/defined.ts';
import type { Block, Extra, ReasoningBlock } from '../../core/ir.ts';
import { type Cursor, fieldOf, isGiven, itemsOf, objectAt, optionalAt, rawOf, stringAt, textAt, valueAt } from '../../core/json-cursor.ts';
import { isObject } from '../../core/json-text.ts';
import { accountForExtras } from '../../core/notes.ts';
import { decodePart, placeOf, type Reading } from './parts.ts';
import { uncoverState } from './signature.ts';
import {
  customCall,
  customOutput,
  functionCall,
  functionOutput,
  inputItems,
  messageShape,
  moreTools,
  reasoning,
  searchCall,
  searchOutput,
} from './verdicts-items.ts';
import { dialect, extrasOf, isOwn, mark, spelled } from './wire.ts';

/**
 * The blocks of one item. An item of an answer is read with the same words: what is wrong with it is thrown as `invalid_request`, which the
 * caller of this turns into an error of the provider's.
 */
export function itemBlocks(item: Cursor, reading: Reading): Block[] {
  objectAt(item);
  switch (typeOf(item)) {
    case 'message':
      return decodeMessage(item, reading);
    case 'reasoning':
      return decodeReasoning(item, reading);
    case 'function_call':
      return [decodeCall(item, reading, 'function')];
    case 'custom_tool_call':
      return [decodeCall(item, reading, 'custom')];
    case 'function_call_output':
    case 'custom_tool_call_output':
      return [decodeResult(item, reading)];
    case 'tool_search_call':
    case 'tool_search_output':
    case 'additional_tools':
      return reading.search === undefined ? [decodeOther(item, reading)] : decodeSearch(item, reading, reading.search);
    default:
      return [decodeOther(item, reading)];
  }
}

/** Messages and references to items may come without a type. */
export function typeOf(item: Cursor): string {
  const type = fieldOf(item, 'type');
  if (isGiven(type)) return stringAt(type);
  return isGiven(fieldOf(item, 'role')) ? 'message' : 'item_reference';
}

/** A model's message. Its first block has what the item has besides, and says where the item begins. */
function decodeMessage(item: Cursor, reading: Reading): Block[] {
  const { ext, blocks } = messageParts(item, reading);
  const [first, ...others] = blocks;
  return first === undefined ? [] : [{ ...first, ext: first.ext === undefined ? ext : [...ext, ...first.ext] }, ...others];
}

/** What a message item has besides, and its content. An empty one is an empty text. */
export function messageParts(item: Cursor, reading: Reading): { readonly ext: readonly Extra[]; readonly blocks: readonly Block[] } {
  const { base } = placeOf(item, reading, 'output.message');
  const ext = [mark(base, 'item'), ...extrasOf(item, messageShape, base), ...ownSpelling(item, ['type'], base, reading)];
  const content = fieldOf(item, 'content');
  if (typeof content.value === 'string') ext.push(mark(base, 'string'));
  const blocks = decodeContent(content, reading);
  if (blocks.length > 0) return { ext, blocks };
  ext.push(mark(base, 'empty'));
  return { ext, blocks: [{ type: 'text', text: '', ...atOf(content, reading) }] };
}

/** A string, or a list of parts. */
function decodeContent(content: Cursor, reading: Reading): Block[] {
  if (typeof content.value === 'string') return [{ type: 'text', text: content.value, ...atOf(content, reading) }];
  return itemsOf(content).map((part) => decodePart(part, reading));
}

function atOf(cursor: Cursor, { where }: Reading): { readonly at?: string } {
  return where === 'input' ? { at: cursor.path } : {};
}

/** Fields that are understood go to their own dialect as they came. */
function ownSpelling(item: Cursor, keys: readonly string[], base: string, { context }: Reading): Extra[] {
  return isOwn(context) ? keys.flatMap((key) => spelled(item, key, base)) : [];
}

function extOf(ext: readonly Extra[]): { readonly ext?: readonly Extra[] } {
  return ext.length === 0 ? {} : { ext };
}

/** What is shown of the thinking is its summary or, where there is none, the thinking itself. */
function decodeReasoning(item: Cursor, reading: Reading): Block[] {
  const { base, at } = placeOf(item, reading, 'output.reasoning');
  const summary = textsOf(item, 'summary');
  const content = textsOf(item, 'content');
  const text = (summary.length > 0 ? summary : content).join(partBreak);
  const state = decodeState(item, reading);
  if (text === '' && state.signature === undefined && state.redacted === undefined && !isOwn(reading.context)) return [];
  const ext = [...extrasOf(item, reasoning, base), ...ownSpelling(item, ['summary'], base, reading), ...besides(item, base, summary.length > 0)];
  return [defined({ type: 'reasoning' as const, text, ...state, at, ...extOf(ext) })];
}

/** Between the parts of a summary, which are paragraphs of their own. */
export const partBreak = '\n\n';

function textsOf(item: Cursor, key: string): string[] {
  return (optionalAt(item, key, itemsOf) ?? []).map((part) => textAt(part, 'text'));
}

/** The thinking itself beside its summary. */
function besides(item: Cursor, base: string, summarized: boolean): Extra[] {
  const content = spelled(item, 'content', base);
  return summarized && textsOf(item, 'content').length > 0
    ? content.map((extra) => ({ ...extra, loss: 'hint', reason: 'of thinking and its summary, the summary is kept' }))
    : content;
}

/** What is not under our seal was made by OpenAI, or by who speaks its format: nobody else is shown it. */
function decodeState(item: Cursor, { where, context }: Reading): Pick<ReasoningBlock, 'signature' | 'redacted'> {
  const content = optionalAt(item, 'encrypted_content', stringAt);
  if (content === undefined) return {};
  if (where === 'output' || isOwn(context)) return { signature: content };
  const state = uncoverState(content);
  if (state !== undefined) return state;
  if (content !== '') context.ledger.drop(`${item.path}.encrypted_content`, 'reasoning of another origin is withheld');
  return {};
}

function decodeCall(item: Cursor, reading: Reading, kind: 'function' | 'custom'): Block {
  const { base, at } = placeOf(item, reading, `output.${typeOf(item)}`);
  const isFunction = kind === 'function';
  const name = reading.toolName(textAt(item, 'name'), optionalAt(item, 'namespace', stringAt));
  const ext = [...extrasOf(item, isFunction ? functionCall : customCall, base), ...ownSpelling(item, ['namespace'], base, reading)];
  return defined({
    type: 'toolCall' as const,
    kind,
    id: textAt(item, 'call_id'),
    name,
    arguments: textAt(item, isFunction ? 'arguments' : 'input'),
    at,
    ...extOf(ext),
  });
}

/** A result that answers no call by its id is one that only this format can place. */
function decodeResult(item: Cursor, reading: Reading): Block {
  const callId = optionalAt(item, 'call_id', stringAt);
  if (callId === undefined || reading.where === 'output') return decodeOther(item, reading);
  const isFunction = typeOf(item) === 'function_call_output';
  const ext = [...extrasOf(item, isFunction ? functionOutput : customOutput, item.path), ...ownSpelling(item, ['type'], item.path, reading)];
  const output = fieldOf(item, 'output');
  if (typeof output.value === 'string') ext.push(mark(item.path, 'string'));
  const content = decodeContent(output, reading);
  return { type: 'toolResult', callId, content, at: item.path, ...extOf(ext) };
}

/** The caller's search is a call with a result; of any other, the tools that it found are in the list of tools. */
function decodeSearch(item: Cursor, reading: Reading, name: string): Block[] {
  const { ledger } = reading.context;
  const type = typeOf(item);
  const id = valueAt(item, 'execution') === 'server' ? undefined : optionalAt(item, 'call_id', stringAt);
  const at = item.path;
  if (type === 'tool_search_call') {
    const ext = extOf(extrasOf(item, searchCall));
    if (id !== undefined) return [{ type: 'toolCall', kind: 'function', id, name, arguments: searchArguments(item), at, ...ext }];
    ledger.note('carried', at, 'the tools that the provider found are sent in the list of tools');
    return [];
  }
  ledger.note('emulated', at, 'its tools are sent in the list of tools');
  accountForExtras(extrasOf(item, type === 'additional_tools' ? moreTools : searchOutput), reading.context.back, ledger);
  if (id === undefined || type === 'additional_tools') return [];
  const found = itemsOf(fieldOf(item, 'tools')).flatMap((tool) => foundNames(tool, reading));
  const text = found.length === 0 ? 'No tools were found.' : `These tools can be called now: ${found.join(', ')}`;
  return [{ type: 'toolResult', callId: id, content: [{ type: 'text', text, at }], at }];
}

function searchArguments(item: Cursor): string {
  const given = fieldOf(item, 'arguments');
  return typeof given.value === 'string' ? given.value : rawOf(given);
}

function foundNames(tool: Cursor, { toolName }: Reading): string[] {
  const name = optionalAt(tool, 'name', stringAt);
  if (name === undefined) return [];
  const inner = optionalAt(tool, 'tools', (field) => field.value);
  return Array.isArray(inner) ? inner.flatMap((one: unknown) => (isObject(one) ? [toolName(String(one['name']), name)] : [])) : [toolName(name, undefined)];
}

/** What only this format understands, whole. A kind that nobody has heard of may hold anything. */
function decodeOther(item: Cursor, { where }: Reading): Block {
  const kind = typeOf(item);
  const loss = where === 'output' ? 'hint' : (inputItems.of.get(kind)?.opaque?.loss ?? 'demand');
  return { type: 'opaque', dialect, kind, raw: rawOf(item), loss, ...(where === 'input' ? { at: item.path } : {}) };
}
