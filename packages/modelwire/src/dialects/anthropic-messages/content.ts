import type { Context } from '../../core/dialect.ts';
import type { Block, CacheMark, DocumentBlock, Extra, MediaSource, Message, TextBlock } from '../../core/ir.ts';
import { booleanAt, childPath, type Cursor, isGivenAt, optionalAt, rawOf, wrongType } from '../../core/json-cursor.ts';
import { isObject } from '../../core/json-text.ts';
import { joinRuns } from '../../core/runs.ts';
import { isToolCall } from '../../core/tool-pairs.ts';
import { shapeOf } from '../../core/verdicts.ts';
import { blocks, citeShape, messages, sources } from './verdicts.ts';
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

/** The top-level system text as one message; an empty one is none. */
export function decodeSystem(root: Cursor, foreign: Context | undefined): { readonly system: readonly Message[]; readonly ext: readonly Extra[] } {
  const value = valueOf(root, 'system');
  if (value === undefined || value === null) return { system: [], ext: [] };
  if (value === '' || (Array.isArray(value) && value.length === 0)) return { system: [], ext: [harmless(root, 'system')] };
  const { blocks: given, ext } = decodeContent(root, 'system', undefined);
  const blocks = foreign === undefined ? given : given.filter((block) => !isBilling(block, foreign));
  if (blocks.length === 0) return { system: [], ext };
  return { system: [{ role: 'system', at: 'system', blocks, ext: [spelling('system', 'topLevel'), ...ext] }], ext: [] };
}

/** Claude Code's first line tells Anthropic whom to bill. Elsewhere it is no instruction, and as it changes it spoils the provider's prompt cache. */
function isBilling(block: Block, { ledger }: Context): boolean {
  const isOne = block.type === 'text' && block.text.startsWith('x-anthropic-billing-header:');
  if (isOne) ledger.drop(block.at ?? 'system', 'the line about billing is for Anthropic alone');
  return isOne;
}

export function decodeMessage(cursor: Cursor, foreign: Context | undefined): Message {
  const role = valueOf(cursor, 'role');
  if (role !== 'user' && role !== 'assistant' && role !== 'system') throw wrongType(childPath(cursor.path, 'role'), '"user", "assistant" or "system"');
  if (role !== 'system' && !isGivenAt(cursor, 'content')) missing(cursor, 'content');
  const { blocks, ext } = decodeContent(cursor, 'content', foreign);
  return { role, blocks, at: cursor.path, ext: [...ext, ...extrasOf(cursor, shapeOf(messages, role))] };
}

/** Consecutive assistant messages are one turn here. Elsewhere the results must follow right after the message that has the calls. */
export function mergeCalls(messages: readonly Message[]): Message[] {
  let calls = false;
  if (!messages.some((message) => message.blocks.some(isToolCall))) return [...messages];
  const continues = (last: Message, message: Message): boolean => {
    const both = message.role === 'assistant' && last.role === 'assistant';
    calls = (both && calls) || last.blocks.some(isToolCall);
    return both && calls;
  };
  return joinRuns(messages, continues).map((run) => {
    const [first] = run;
    return run.length === 1 ? first : { ...first, blocks: run.flatMap((message) => message.blocks), ext: run.flatMap((message) => message.ext ?? []) };
  });
}

/** Content is a string (one text block), an array of blocks, or absent. */
function decodeContent(cursor: Cursor, key: string, foreign: Context | undefined): { readonly blocks: readonly Block[]; readonly ext: readonly Extra[] } {
  const value = valueOf(cursor, key);
  if (value === undefined || value === null) return { blocks: [], ext: [spelling(cursor.path, 'absent')] };
  if (typeof value === 'string') return { blocks: [{ type: 'text', text: value, at: childPath(cursor.path, key) }], ext: [spelling(cursor.path, 'string')] };
  return { blocks: (childrenOf(cursor, key) ?? []).map((item) => decodeBlock(item, foreign)), ext: [] };
}

function decodeBlock(cursor: Cursor, foreign: Context | undefined): Block {
  switch (valueOf(cursor, 'type')) {
    case 'text':
      return decodeText(cursor);
    case 'image':
      return decodeImage(cursor);
    case 'document':
      return decodeDocument(cursor);
    case 'search_result':
      return decodeSearchResult(cursor);
    case 'thinking':
      return decodeThinkingBlock(cursor);
    case 'redacted_thinking':
      return { type: 'reasoning', text: '', redacted: textOf(cursor, 'data'), ...marked(cursor) };
    case 'tool_use':
      return decodeToolCall(cursor);
    case 'tool_result':
      return decodeToolResult(cursor, foreign);
    case 'tool_reference':
      return foreign === undefined ? decodeOpaque(cursor) : referenceText(cursor, foreign);
    default:
      return decodeOpaque(cursor);
  }
}

type Marked = { readonly at: string; readonly cache?: CacheMark; readonly ext?: readonly Extra[] };

/** What every block carries: its place, its cache mark, and the fields without a name. */
function marked(cursor: Cursor, more: readonly Extra[] = []): Marked {
  const { cache, ext } = decodeCache(cursor);
  const all = [...extrasOf(cursor, shapeOf(blocks, textOf(cursor, 'type'))), ...ext, ...more];
  return { at: cursor.path, ...(cache === undefined ? {} : { cache }), ...(all.length === 0 ? {} : { ext: all }) };
}

function decodeText(cursor: Cursor): TextBlock {
  const citations = valueOf(cursor, 'citations');
  const given = citations !== undefined && citations !== null;
  return {
    type: 'text',
    text: textOf(cursor, 'text'),
    ...(given ? { citations: rawField(cursor, 'citations') } : {}),
    ...marked(cursor),
  };
}

/** A source in one of the three spellings that images and documents share; undefined when it is none of them. */
function decodeSource(cursor: Cursor): { readonly source: MediaSource; readonly ext: readonly Extra[] } | undefined {
  switch (valueOf(cursor, 'type')) {
    case 'base64':
      return {
        source: { kind: 'base64', mediaType: textOf(cursor, 'media_type'), data: textOf(cursor, 'data') },
        ext: extrasOf(cursor, shapeOf(sources, 'base64')),
      };
    case 'url':
      return { source: { kind: 'url', url: textOf(cursor, 'url') }, ext: extrasOf(cursor, shapeOf(sources, 'url')) };
    case 'file':
      return { source: { kind: 'file', id: textOf(cursor, 'file_id'), dialect }, ext: extrasOf(cursor, shapeOf(sources, 'file')) };
    default:
      return undefined;
  }
}

function sourceOf(cursor: Cursor): Cursor {
  return childOf(cursor, 'source') ?? missing(cursor, 'source');
}

function decodeImage(cursor: Cursor): Block {
  const decoded = decodeSource(sourceOf(cursor));
  return decoded === undefined ? decodeOpaque(cursor) : { type: 'image', source: decoded.source, ...marked(cursor, decoded.ext) };
}

function decodeDocument(cursor: Cursor): Block {
  const decoded = decodeDocumentSource(sourceOf(cursor));
  if (decoded === undefined) return decodeOpaque(cursor);
  const title = optionalText(cursor, 'title');
  const context = optionalText(cursor, 'context');
  const { cite, ext } = decodeCite(cursor);
  return {
    type: 'document',
    source: decoded.source,
    ...(title === undefined ? {} : { title }),
    ...(context === undefined ? {} : { context }),
    ...(cite === undefined ? {} : { cite }),
    ...marked(cursor, [...decoded.ext, ...ext]),
  };
}

function decodeDocumentSource(cursor: Cursor): { readonly source: DocumentBlock['source']; readonly ext: readonly Extra[] } | undefined {
  switch (valueOf(cursor, 'type')) {
    case 'text':
      return { source: { kind: 'text', text: textOf(cursor, 'data') }, ext: extrasOf(cursor, shapeOf(sources, 'text')) };
    case 'content': {
      const { blocks, ext } = decodeContent(cursor, 'content', undefined);
      return { source: { kind: 'blocks', blocks }, ext: [...ext, ...extrasOf(cursor, shapeOf(sources, 'content'))] };
    }
    default:
      return decodeSource(cursor);
  }
}

/** `citations: {enabled}` of documents and search results. */
function decodeCite(cursor: Cursor): { readonly cite?: boolean; readonly ext: readonly Extra[] } {
  const config = childOf(cursor, 'citations');
  if (config === undefined) return { ext: [] };
  const cite = optionalAt(config, 'enabled', booleanAt);
  return { ...(cite === undefined ? {} : { cite }), ext: [...extrasOf(config, citeShape), ...emptyObject(cursor, 'citations')] };
}

function decodeSearchResult(cursor: Cursor): Block {
  const content = (childrenOf(cursor, 'content') ?? missing(cursor, 'content')).map(decodeText);
  const { cite, ext } = decodeCite(cursor);
  return {
    type: 'searchResult',
    title: textOf(cursor, 'title'),
    source: textOf(cursor, 'source'),
    content,
    ...(cite === undefined ? {} : { cite }),
    ...marked(cursor, ext),
  };
}

function decodeThinkingBlock(cursor: Cursor): Block {
  const signature = optionalText(cursor, 'signature');
  return {
    type: 'reasoning',
    text: optionalText(cursor, 'thinking') ?? '',
    ...(signature === undefined ? {} : { signature }),
    ...marked(cursor),
  };
}

function decodeToolCall(cursor: Cursor): Block {
  if (childOf(cursor, 'input') === undefined) missing(cursor, 'input');
  return {
    type: 'toolCall',
    kind: 'function',
    id: textOf(cursor, 'id'),
    name: textOf(cursor, 'name'),
    arguments: rawField(cursor, 'input'),
    ...marked(cursor),
  };
}

function decodeToolResult(cursor: Cursor, foreign: Context | undefined): Block {
  const isError = optionalAt(cursor, 'is_error', booleanAt);
  const { blocks, ext } = decodeContent(cursor, 'content', foreign);
  return {
    type: 'toolResult',
    callId: textOf(cursor, 'tool_use_id'),
    content: blocks,
    ...(isError === undefined ? {} : { isError }),
    ...marked(cursor, ext),
  };
}

/** The tool is in the list from now on; a model elsewhere must still be told what its search found. */
function referenceText(cursor: Cursor, { ledger }: Context): Block {
  const name = textOf(cursor, 'tool_name');
  ledger.note('emulated', cursor.path, 'a tool_reference is sent as text, and its tool in the list');
  return { type: 'text', text: `The tool ${name} is available now.`, at: cursor.path };
}

/** What only Anthropic understands; a kind that the table does not have is part of the conversation. */
function decodeOpaque(cursor: Cursor): Block {
  const kind = textOf(cursor, 'type');
  return {
    type: 'opaque',
    dialect,
    kind,
    raw: rawOf(cursor),
    loss: showsLate(kind, cursor) ? 'hint' : (blocks.of.get(kind)?.opaque?.loss ?? 'demand'),
    at: cursor.path,
  };
}

/** A change of the tools in the middle of a conversation that only says when a tool of the list is shown. */
function showsLate(kind: string, cursor: Cursor): boolean {
  const tool = valueOf(cursor, 'tool');
  return (kind === 'tool_addition' || kind === 'tool_removal') && isObject(tool) && tool['type'] === 'tool_reference';
}
